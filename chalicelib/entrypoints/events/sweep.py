"""Every minute: do what is due and what a stream or a queue lost. What fails never stops the others."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from chalicelib import bootstrap
from chalicelib.entrypoints.events.closing_work import close_days
from chalicelib.entrypoints.events.dispatch_metrics import count, count_invitation, count_reminder
from chalicelib.entrypoints.events.erasing_work import erase_asked
from chalicelib.entrypoints.events.nearly_work import sweep_nearly
from chalicelib.shared.work import WorkItem, WorkKind
from chalicelib.telemetry import logger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from chalicelib.dispatch.model import Invitation

GRACE: Final = timedelta(seconds=60)
"""What a stream or queue does within seconds is left to it; the sweep looks for what is older."""

OVERDUE: Final = timedelta(minutes=15)

MOST_PER_SWEEP: Final = 500
"""Items of one municipality and kind in one sweep: what a minute can do, so that hints never pile up in the queue."""

_COUNTED: Final = ("decide", "send", "settle", "land", "overdue", "failed")
_SENDS: Final = frozenset({WorkKind.SEND, WorkKind.SEND_REMINDER})
_SETTLES: Final = frozenset({WorkKind.SETTLE, WorkKind.SETTLE_REMINDER})


def on_sweep() -> dict[str, Any]:
    """The sweep of all municipalities; how much of each kind was found."""
    now, totals = bootstrap.clock().now(), dict.fromkeys(_COUNTED, 0)
    for entry in bootstrap.municipalities().directory():
        for name, number in sweep_municipality(entry.id, now).items():
            totals[name] += number
    count("SweepOverdue", totals["overdue"])
    count("SweepFailed", totals["failed"])
    return totals


def sweep_municipality(municipality: str, now: datetime, *, grace: timedelta = GRACE) -> dict[str, int]:
    """Dispatch, landing and appointments' messages of one municipality; how much was found, overdue and failed."""
    found = dict.fromkeys(_COUNTED, 0)
    parts = (
        lambda: found.update(sweep_dispatch(municipality, now, grace=grace)),
        lambda: found.update(land=bootstrap.landing().sweep(municipality, now)),
        partial(_offer_earlier_times, municipality, now),
        partial(_send_messages, municipality, now),
        partial(erase_asked, municipality, now),
        partial(sweep_nearly, municipality),
        partial(close_days, municipality),
    )
    failed = sum(not _done(part, municipality=municipality) for part in parts)
    return {**found, "failed": found["failed"] + failed}


def sweep_dispatch(municipality: str, now: datetime, *, grace: timedelta = GRACE) -> dict[str, int]:
    """Decisions, sends and settlements of one municipality that are due; how many of each and failed.

    `overdue` counts pending work of every kind, so that one alarm sees whatever is stuck.
    """
    waiting = list(bootstrap.pending_work().due(municipality, now))
    decisions = _first(item for item in waiting if item.kind is WorkKind.DECIDE and item.due_at <= now - grace)
    reminders = _first(item for item in waiting if item.kind is WorkKind.ASK_AGAIN)
    sends = _first(item for item in waiting if item.kind in _SENDS)
    settlements = _first(item for item in waiting if item.kind in _SETTLES)
    dispatch, failed = bootstrap.dispatch(), 0
    for item in decisions:
        failed += not _done(partial(_counted, dispatch.redo_decision, item), contact=item.subject)
    for item in reminders:
        failed += not _done(partial(_ask_again, item), contact=item.subject)
    for item in settlements:
        failed += not _done(partial(_counted, dispatch.settle, item), contact=item.subject)
    if sends:
        failed += not _done(partial(dispatch.enqueue, sends), municipality=municipality)
    return {
        "decide": len(decisions) + len(reminders),
        "send": len(sends),
        "settle": len(settlements),
        "overdue": sum(item.due_at <= now - OVERDUE for item in waiting),
        "failed": failed,
    }


def _offer_earlier_times(municipality: str, now: datetime) -> None:
    bootstrap.earlier_times().offer_due(bootstrap.municipalities().get(municipality), now)


def _send_messages(municipality: str, now: datetime) -> None:
    bootstrap.messages().send_due(bootstrap.municipalities().get(municipality), now)


def _counted(redo: Callable[[WorkItem], Invitation | None], item: WorkItem) -> None:
    count_invitation(redo(item))


def _ask_again(item: WorkItem) -> None:
    count_reminder(bootstrap.dispatch().decide_reminder(item))


def _first(items: Iterable[WorkItem]) -> list[WorkItem]:
    return list(islice(items, MOST_PER_SWEEP))


def _done(task: Callable[[], Any], **ids: str) -> bool:
    try:
        task()
    except Exception:  # noqa: BLE001 - the edge of one task among many: logged, counted, tried again in a minute
        logger.exception("a part of the sweep failed", extra=ids)
        return False
    return True
