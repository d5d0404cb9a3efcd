"""When phones and other channels without a desk are answered, and whether a contact began outside those hours. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING, Any

from chalicelib.municipalities.hours import is_closed
from chalicelib.shared.clock import to_local

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from chalicelib.municipalities.model import Municipality


@dataclass(frozen=True, slots=True)
class AnsweringHours:
    """One row: a channel is answered on these weekdays from `opens` to `closes`.

    `reasons` limits the row to some enquiry reasons, which then go by their own rows alone (GE-07); empty: all others.
    `valid_from` and `valid_to` are inclusive; None means without end.
    """

    channel: str
    weekdays: frozenset[int]
    opens: time
    closes: time
    reasons: frozenset[str] = frozenset()
    valid_from: date | None = None
    valid_to: date | None = None

    def in_force(self, day: date) -> bool:
        """True if the row counts on that day, whatever its weekday."""
        return (self.valid_from is None or day >= self.valid_from) and (self.valid_to is None or day <= self.valid_to)

    def answers(self, begun: datetime) -> bool:
        """True if a contact that began at that local time was answered in it."""
        return begun.isoweekday() in self.weekdays and self.opens <= begun.time() < self.closes


def outside_hours(municipality: Municipality, channel: str, reason: str, begun_at: datetime) -> bool | None:
    """True if nobody answers then; None where the municipality's file has no hours of that channel and day.

    On closing days and public holidays nobody answers.
    """
    begun = to_local(begun_at)
    rows = [row for row in municipality.answering if row.channel == str(channel) and row.in_force(begun.date())]
    own = [row for row in rows if reason in row.reasons]
    counting = own or [row for row in rows if not row.reasons]
    if not counting:
        return None
    return is_closed(municipality, begun.date()) or not any(row.answers(begun) for row in counting)


def answering_from(items: Iterable[Mapping[str, Any]]) -> tuple[AnsweringHours, ...]:
    """The rows of a validated document."""
    return tuple(
        AnsweringHours(
            channel=item["channel"],
            weekdays=frozenset(item["weekdays"]),
            opens=time.fromisoformat(item["opens"]),
            closes=time.fromisoformat(item["closes"]),
            reasons=frozenset(item.get("reasons") or ()),
            valid_from=_day(item.get("valid_from")),
            valid_to=_day(item.get("valid_to")),
        )
        for item in items
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
