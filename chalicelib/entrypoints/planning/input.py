"""What staff send to change hours, from a form or as JSON, made into values."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, Any, Final

from chalicelib.entrypoints.auth import Role
from chalicelib.municipalities.offices import DayException, OpeningPeriod
from chalicelib.shared.errors import InvalidInput
from chalicelib.shared.identifiers import DeskGroupId, ReasonId
from chalicelib.shared.languages import COMPLETE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.entrypoints.auth import Staff
    from chalicelib.shared.languages import Text

LONGEST_NOTE: Final = 200
_MOST_PERIODS: Final = 12
_MOST_DESKS: Final = 60
_EVERY_DAY: Final = frozenset(range(1, 8))


def exception_from_body(body: Mapping[str, Any]) -> DayException:
    """The exception of a JSON body.

    Raises:
        InvalidInput: with the field that is wrong.
    """
    first = day_field(body.get("first"), "first")
    opening = body.get("opening") or []
    if not isinstance(opening, list) or len(opening) > _MOST_PERIODS:
        raise InvalidInput(fields={"opening": f"a list of at most {_MOST_PERIODS} periods; empty: closed"})
    return DayException(
        first=first,
        last=day_field(body["last"], "last") if body.get("last") else first,
        opening=tuple(_period(entry) for entry in opening),
        groups=frozenset(DeskGroupId(name) for name in _texts(body.get("groups"), "groups")),
        note=note_from(body.get("note")),
    )


def note_from(value: Any) -> Text | None:
    """A note in Danish and English, or none. What stands in one language alone stands in both."""
    if not value:
        return None
    if not isinstance(value, dict):
        raise InvalidInput(fields={"note": "give it as {da, en}"})
    texts = {language.value: str(value.get(language.value) or "").strip() for language in COMPLETE}
    given = [text for text in texts.values() if text]
    if any(len(text) > LONGEST_NOTE for text in given):
        raise InvalidInput(fields={"note": f"at most {LONGEST_NOTE} characters"})
    return {name: text or given[0] for name, text in texts.items()} if given else None


def day_field(value: Any, field: str) -> date:
    """An ISO date."""
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise InvalidInput(fields={field: "give a date such as 2026-11-23"}) from error
    if not date.min.year < day.year < date.max.year:
        raise InvalidInput(fields={field: "no day can be counted on from there"})
    return day


def time_field(value: Any, field: str) -> time:
    """A local time of day, to the minute."""
    try:
        return time.fromisoformat(value).replace(second=0, microsecond=0, tzinfo=None)
    except (TypeError, ValueError) as error:
        raise InvalidInput(fields={field: "give a time such as 09:30"}) from error


def role_of(staff: Staff) -> str:
    """The role under which somebody changes something: that is what is kept, never who it was."""
    return (Role.LEADER if Role.LEADER in staff.roles else Role.ADMIN).value


def _period(entry: Any) -> OpeningPeriod:
    if not isinstance(entry, dict):
        raise InvalidInput(fields={"opening": "a list of {opens, closes, desks}"})
    return OpeningPeriod(
        weekdays=_EVERY_DAY,
        opens=time_field(entry.get("opens"), "opening"),
        closes=time_field(entry.get("closes"), "opening"),
        desks=_number(entry.get("desks"), "desks"),
        reasons=frozenset(ReasonId(name) for name in _texts(entry.get("reasons"), "reasons")),
        web=_number(entry["web"], "web") if entry.get("web") is not None else None,
        walk_in=_number(entry.get("walk_in", 0), "walk_in"),
        acute=_number(entry.get("acute", 0), "acute"),
    )


def _number(value: Any, field: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_DESKS:
        raise InvalidInput(fields={field: f"a number of desks up to {_MOST_DESKS}"})
    return value


def _texts(value: Any, field: str) -> list[str]:
    if not value:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidInput(fields={field: "give a list of ids"})
    return value
