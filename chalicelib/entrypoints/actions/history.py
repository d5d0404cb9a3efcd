"""An action's history in words: who (a pseudonym), when, which field from what to what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from chalicelib.actions.model import Baseline, Guard, Place, Span
from chalicelib.reporting.periods import period_between
from chalicelib.web.formats import month_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from chalicelib.actions.model import Change, File
    from chalicelib.entrypoints.actions.desk import Desk

_WHO: Final = 4


@dataclass(frozen=True, slots=True)
class Step:
    """One version: when, by whom, and each field that it changed."""

    version: int
    at: datetime
    who: str
    changes: tuple[tuple[str, str, str], ...]


def history_of(desk: Desk, file: File) -> list[Step]:
    """The newest first."""
    return [
        Step(
            entry.version,
            entry.at,
            f"{desk.words.role(entry.role)} {entry.by[:_WHO]}",
            tuple(_changed(desk, change) for change in entry.changes),
        )
        for entry in reversed(file.history)
    ]


def finding_name(desk: Desk, baseline: Baseline) -> str:
    """A finding in a few words, without its number."""
    place = baseline.place
    month = month_name(period_between(baseline.span.first, baseline.span.last).id, desk.page.language)
    return f"{desk.question(place.question)}, {desk.name(place.dimension, place.value)}, {month}"


def limit_name(desk: Desk, guard: Guard) -> str:
    """A limit in a few words."""
    place = guard.place
    question = f"{desk.question(place.question)}, {desk.name(place.dimension, place.value)}"
    return desk.words.limit(place.measure, guard.limit, question)


def _changed(desk: Desk, change: Change) -> tuple[str, str, str]:
    before, after = (_said(desk, change.field, value) for value in (change.before, change.after))
    return desk.words.field(change.field), before, after


def _said(desk: Desk, field: str, value: Any) -> str:
    if value in (None, "", False):
        return ""
    known: dict[str, Callable[[Any], str]] = {
        "status": desk.words.status,
        "channel": lambda channel: desk.name("channel", channel),
        "department": desk.department,
        "started": lambda day: desk.words.day(date.fromisoformat(day)),
        "on_trend": lambda _: desk.words.yes(),
        "baseline": lambda each: finding_name(desk, Baseline(Place(**each["place"]), Span(**each["span"]))),
        "guard": lambda each: limit_name(desk, Guard(Place(**each["place"]), each["limit"])),
        "conclusions": lambda each: str(each[-1]["text"]),
        "public": lambda each: f"{desk.page.text(each['said'])} / {desk.page.text(each['did'])}",
    }
    return known.get(field, str)(value)
