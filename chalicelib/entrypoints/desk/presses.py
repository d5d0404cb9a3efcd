"""What each button of the desk page does: one press, one call, and what to tell the employee afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from chalicelib import bootstrap
from chalicelib.entrypoints.events.nearly_work import tell_who_is_near
from chalicelib.shared.clock import at_local, local_date
from chalicelib.shared.errors import InvalidInput
from chalicelib.shared.languages import DEFAULT_LANGUAGE, as_language
from chalicelib.visits.desk import no_show_from
from chalicelib.visits.model import Action, ConsentFacts, Origin
from chalicelib.visits.notices import Level, NewNotice, NoticeKind
from chalicelib.visits.reception import WalkIn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from chalicelib.municipalities.model import Municipality


@dataclass(frozen=True, slots=True)
class Press:
    """A press of a button: the form around it, and who pressed. `by` goes into the audit."""

    municipality: Municipality
    fields: Mapping[str, Sequence[str]]
    by: str

    def one(self, name: str) -> str:
        """A field; empty if it was not sent."""
        return (self.fields.get(name) or [""])[-1]

    @property
    def office(self) -> str:
        """Where."""
        return self.one("office")

    @property
    def desk(self) -> str:
        """At which desk."""
        return self.one("desk")

    @property
    def visit(self) -> str:
        """Whose."""
        return self.one("visit")

    @property
    def key(self) -> str | None:
        """The same for a form that is sent twice."""
        return self.one("request") or None

    @property
    def seen(self) -> int | None:
        """The version of the visit that the page showed."""
        text = self.one("seen")
        return int(text) if text.isascii() and text.isdecimal() else None


def do(press: Press) -> str | None:
    """Do what the button says; answers what to tell, if anything.

    Raises:
        InvalidInput: no such button, or a field that can't be.
        Conflict: the page was out of date; nothing was changed.
    """
    action = _ACTIONS.get(press.one("action"))
    if action is None:
        raise InvalidInput(fields={"action": "unknown"})
    return action(press)


def _call(press: Press) -> str | None:
    called = bootstrap.visits().call_next(
        press.municipality, press.office, press.desk, idempotency_key=press.key, by=press.by
    )
    tell_who_is_near(press.municipality, press.office)
    return None if called else "empty"


def _check_in(press: Press) -> str:
    bootstrap.visits().check_in_booked(press.municipality, press.office, press.one("appointment"), by=press.by)
    return "checked_in"


def _start(press: Press) -> None:
    bootstrap.visits().start(press.municipality, press.visit, seen=press.seen, by=press.by)


def _complete(press: Press) -> None:
    reasons = press.fields.get("reasons", ())
    bootstrap.visits().complete(press.municipality, press.visit, reasons=reasons, seen=press.seen, by=press.by)


def _no_show(press: Press) -> str | None:
    """Too early is said as such: it is no conflict with a colleague."""
    visits = bootstrap.visits()
    visit = visits.get(press.municipality, press.visit)
    possible = no_show_from(press.municipality, visit)
    if possible is None or visits.now() < possible:
        return "too_early"
    visits.no_show(press.municipality, press.visit, seen=press.seen, by=press.by)
    return None


def _park(press: Press) -> None:
    bootstrap.visits().park(press.municipality, press.visit, seen=press.seen, by=press.by)


def _recall(press: Press) -> None:
    visits = bootstrap.visits()
    visits.recall(press.municipality, press.visit, desk=press.desk, seen=press.seen, by=press.by)


def _undo(press: Press) -> None:
    bootstrap.visits().undo(press.municipality, press.visit, seen=press.seen, by=press.by)


def _forward(press: Press) -> str:
    """`group:…` is another desk group here, `office:…` another office."""
    where, _, target = press.one("target").partition(":")
    visits, note = bootstrap.visits(), press.one("note")
    if where == "office":
        visits.forward_to_office(press.municipality, press.visit, target, note=note, seen=press.seen, by=press.by)
    else:
        visits.forward(press.municipality, press.visit, target, note=note, seen=press.seen, by=press.by)
    return "forwarded"


def _priority(press: Press) -> str:
    visits = bootstrap.visits()
    visits.prioritise(press.municipality, press.visit, press.one("reason"), seen=press.seen, by=press.by)
    return "first"


def _note(press: Press) -> str:
    bootstrap.visits().note(press.municipality, press.visit, press.one("note"), seen=press.seen)
    return "noted"


def _walk_in(press: Press) -> str:
    """A ticket in the name of nobody: the survey question is asked at the kiosk, where citizens answer themselves."""
    walk_in = WalkIn(
        reasons=tuple(press.fields.get("reasons", ())),
        origin=Origin.DESK,
        language=as_language(press.one("language")) or DEFAULT_LANGUAGE,
        consent=ConsentFacts(),
        priority=press.one("reason") or None,
        note=press.one("note"),
    )
    bootstrap.visits().walk_in(press.municipality, press.office, walk_in, idempotency_key=press.key, by=press.by)
    return "walked_in"


def _alarm(press: Press) -> str:
    bootstrap.office_day().raise_alarm(press.municipality, press.office, press.desk, by=press.by)
    return "alarm"


def _answer_alarm(press: Press) -> None:
    alarm = press.one("alarm")
    bootstrap.office_day().answer_alarm(press.municipality, press.office, alarm, press.desk, by=press.by)


def _at_door(press: Press) -> str:
    bootstrap.office_day().count_at_door(
        press.municipality, press.office, press.one("reason"), idempotency_key=press.key
    )
    return "at_door"


def _not_at_door(press: Press) -> None:
    bootstrap.office_day().uncount_at_door(press.municipality, press.office, press.one("reason"))


def _post_notice(press: Press) -> str:
    """An outage is told to citizens, a change to colleagues; it began some minutes ago, and ends today or by hand."""
    now = bootstrap.visits().now()
    kind = NoticeKind.OUTAGE if press.one("kind") == NoticeKind.OUTAGE else NoticeKind.CHANGE
    new = NewNotice(
        kind=kind,
        level=Level.WARNING if press.one("level") == Level.WARNING else Level.INFO,
        text={language: press.one(f"text_{language}") for language in ("da", "en")},
        event_at=now - timedelta(minutes=_minutes(press.one("minutes_ago"))),
        ends=_later_today(now, press.one("until")),
        offices=() if press.one("everywhere") else (press.office,),
        reasons=tuple(press.fields.get("reasons", ())),
    )
    bootstrap.notices().post(press.municipality, new, idempotency_key=press.key)
    return "posted"


def _end_notice(press: Press) -> str:
    bootstrap.notices().end(press.municipality, press.one("notice"))
    return "ended"


def _minutes(text: str) -> int:
    if text and not (text.isascii() and text.isdecimal() and len(text) < len("99999")):
        raise InvalidInput(fields={"event_at": "whole minutes"})
    return int(text or 0)


def _later_today(now: datetime, text: str) -> datetime | None:
    """The moment of a local time such as 14:30."""
    if not text:
        return None
    try:
        hour, minute = (int(part) for part in text.replace(".", ":").split(":"))
        moment = at_local(local_date(now), now.time().replace(hour=hour, minute=minute, second=0, microsecond=0))
    except ValueError as error:
        raise InvalidInput(fields={"ends": "a time such as 14:30"}) from error
    if moment is None or moment <= now:
        raise InvalidInput(fields={"ends": "later today"})
    return moment


_ACTIONS: Final[Mapping[str, Callable[[Press], str | None]]] = {
    Action.CALL: _call,
    Action.CHECK_IN: _check_in,
    Action.START: _start,
    Action.COMPLETE: _complete,
    Action.NO_SHOW: _no_show,
    Action.PARK: _park,
    Action.RECALL: _recall,
    Action.UNDO: _undo,
    Action.FORWARD: _forward,
    Action.PRIORITISE: _priority,
    "note": _note,
    "walk-in": _walk_in,
    "alarm": _alarm,
    "alarm-answer": _answer_alarm,
    "door": _at_door,
    "door-undo": _not_at_door,
    "notice": _post_notice,
    "notice-end": _end_notice,
}
