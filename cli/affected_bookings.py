"""Booked times that a new version of a municipality's file leaves outside its hours: told before and after (ADR 18)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.adapters.booking.dynamodb_exceptions import DynamoDbExceptions
from chalicelib.adapters.booking.dynamodb_planning import DynamoDbPlanning
from chalicelib.booking.planning import DayPlanning
from chalicelib.municipalities.exceptions import with_exceptions

if TYPE_CHECKING:
    from chalicelib.municipalities.model import Municipality
    from chalicelib.municipalities.service import Municipalities
    from chalicelib.shared.clock import Clock


class FileChange:
    """One version of a file that takes the place of another, with the days that staff have changed on top of both."""

    def __init__(self, before: Municipality, after: Municipality, store: Municipalities, clock: Clock) -> None:
        exceptions = DynamoDbExceptions()
        made = exceptions.of(before.id)
        self._before, self._after = with_exceptions(before, made), with_exceptions(after, made)
        self._planning = DayPlanning(
            municipalities=lambda: store, exceptions=exceptions, store=DynamoDbPlanning(), clock=lambda: clock
        )

    def affected(self) -> list[str]:
        """A line for each office and day: how many booked times no longer fit, and their ids; no names, no numbers."""
        found = self._planning.unfit(self._before, self._after)
        return [
            f"{office} {day.isoformat()}: {len(lost)} booked times no longer fit: {', '.join(each.id for each in lost)}"
            for office, day, lost in found
        ]

    def follow(self) -> None:
        """Once it is in force: no process that still has the old hours can sell what the new ones close (I1)."""
        self._planning.follow(self._before)
