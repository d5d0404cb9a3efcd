"""What is free, by opening hours and by what others have taken: reading for citizens, planning for the service."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.booking.capacity import Lane, Slot, free_slots, plan, release
from chalicelib.booking.model import RowChanges
from chalicelib.booking.opening import day_ticks
from chalicelib.booking.rules import Errand, earliest_start, errand, last_day
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import SlotTaken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date, datetime

    from chalicelib.booking.capacity import Tick
    from chalicelib.booking.model import DayRow, Hold
    from chalicelib.booking.ports import BookingStore
    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock


class Availability:
    """Free times and the changes that take or release them."""

    def __init__(self, store: BookingStore, clock: Callable[[], Clock]) -> None:
        self._store = store
        self._clock = clock

    def slots(
        self, municipality: Municipality, office: str, reasons: Sequence[str], first: date, last: date
    ) -> list[Slot]:
        """Times of the days from `first` to `last` that can be booked now, in order; one query a day.

        Raises:
            InvalidInput: an unknown office or reason, or reasons that don't go together.
        """
        return list(self._slots(municipality, errand(municipality, office, reasons), first, last))

    def first_free(
        self, municipality: Municipality, office: str, reasons: Sequence[str], *, after: date | None = None
    ) -> Slot | None:
        """The first time that can be booked, on the day `after` or later; None within the whole horizon."""
        now = self._clock().now()
        wish = errand(municipality, office, reasons)
        return next(self._slots(municipality, wish, after or local_date(now), last_day(municipality, now)), None)

    def _slots(self, municipality: Municipality, wish: Errand, first: date, last: date) -> Iterator[Slot]:
        now = self._clock().now()
        earliest = earliest_start(municipality, now)
        day = max(first, local_date(now))
        while day <= min(last, last_day(municipality, now)):
            ticks = day_ticks(municipality, wish.group, day)
            if ticks and ticks[-1].end > earliest:
                seen = self._store.lanes(wish.row(municipality, day))
                slots = free_slots(ticks, seen, wish.minutes, int(now.timestamp()))
                yield from (slot for slot in slots if slot.start >= earliest)
            day += timedelta(days=1)

    def taking(
        self, row: DayRow, ticks: Sequence[Tick], *, after: Lane, mine: str | None = None, now: datetime
    ) -> RowChanges:
        """What takes a lane of every tick of one row for `after`, and releases what else `mine` has there.

        Raises:
            SlotTaken: proven by the read just made.
        """
        changes = plan(ticks, self._store.lanes(row), mine=mine, after=after, now=int(now.timestamp()))
        if changes is None:
            raise SlotTaken
        return RowChanges(row, tuple(changes))

    def releasing(self, row: DayRow, owner: str, now: datetime) -> RowChanges:
        """What releases every lane of a row that `owner` has."""
        return RowChanges(row, tuple(release(self._store.lanes(row), owner, int(now.timestamp()))))

    def hold_in(self, row: DayRow, hold_id: str | None) -> Hold | None:
        """The hold, if it is one of this row; any other takes its own course and expires."""
        hold = self._store.hold(row.municipality, hold_id) if hold_id else None
        return hold if hold and hold.row == row else None
