"""What is free, by opening hours and by what others have taken: reading for citizens, planning for the service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Final

from chalicelib.booking.capacity import Lane, Slot, free_slots
from chalicelib.booking.lanes import plan, release
from chalicelib.booking.model import RowChanges
from chalicelib.booking.rules import Errand, earliest_start, last_day
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

AT_ONCE: Final = 14
"""Days that are read side by side: a fortnight takes no longer than its slowest query."""
_FIRST_LOOK: Final = 3
_THIRD: Final = 3


@dataclass(frozen=True, slots=True)
class LeadTime:
    """How soon citizens get a time (SK-25): the first that is free, and the third next one, in days from today.

    The third next is the usual measure, because a first time that has just been cancelled says little.
    """

    first: Slot | None
    first_days: int | None
    third: Slot | None
    third_days: int | None


class Availability:
    """Free times and the changes that take or release them."""

    def __init__(self, store: BookingStore, clock: Callable[[], Clock]) -> None:
        self._store = store
        self._clock = clock

    def slots(self, municipality: Municipality, wish: Errand, first: date, last: date) -> list[Slot]:
        """Times of the days from `first` to `last` that can be booked now, in order; one query for each open day."""
        return list(self._slots(municipality, wish, first, last, AT_ONCE))

    def first_free(self, municipality: Municipality, wish: Errand, *, after: date | None = None) -> Slot | None:
        """The first time that can be booked, on the day `after` or later; None within the whole horizon."""
        return next(self._from(municipality, wish, after), None)

    def lead_time(self, municipality: Municipality, wish: Errand) -> LeadTime:
        """Days until the first and the third next free place; two places at one time are two."""
        today = local_date(self._clock().now())
        places = (slot for slot in self._from(municipality, wish, today) for _ in range(slot.free))
        found = list(islice(places, _THIRD))
        first, third = found[0] if found else None, found[-1] if len(found) == _THIRD else None
        days = [(local_date(slot.start) - today).days if slot else None for slot in (first, third)]
        return LeadTime(first, days[0], third, days[1])

    def _from(self, municipality: Municipality, wish: Errand, first: date | None) -> Iterator[Slot]:
        now = self._clock().now()
        return self._slots(municipality, wish, first or local_date(now), last_day(municipality, now), _FIRST_LOOK)

    def _slots(self, municipality: Municipality, wish: Errand, first: date, last: date, at_once: int) -> Iterator[Slot]:
        """Few days are read at first where the first time is all that is asked for, then as many as can be at once."""
        now = self._clock().now()
        days = self._open_days(municipality, wish, first, min(last, last_day(municipality, now)), now)
        while chunk := list(islice(days, at_once)):
            seen = self._store.lanes_of([wish.row(municipality, day) for day, _ in chunk])
            for (_, ticks), state in zip(chunk, seen, strict=True):
                yield from free_slots(
                    ticks, state, wish.minutes, int(now.timestamp()), buffer=wish.buffer, staff=wish.is_staff
                )
            at_once = AT_ONCE

    def _open_days(
        self, municipality: Municipality, wish: Errand, first: date, last: date, now: datetime
    ) -> Iterator[tuple[date, Sequence[Tick]]]:
        """Days with the ticks that can still be booked; times are packed from the first of them on."""
        earliest = earliest_start(municipality, now, wish.booker)
        day = max(first, local_date(now))
        while day <= last:
            ticks = wish.ticks(municipality, day, now)
            if ticks and ticks[0].start < earliest:
                ticks = tuple(tick for tick in ticks if tick.start >= earliest)
            if any(tick.limit for tick in ticks):
                yield day, ticks
            day += timedelta(days=1)

    def taking(
        self,
        row: DayRow,
        ticks: Sequence[Tick],
        *,
        after: Lane,
        now: datetime,
        mine: str | None = None,
        staff: bool = False,
        cool_until: datetime | None = None,
    ) -> RowChanges:
        """What takes a lane of every tick of one row for `after`, and gives back what else `mine` has there.

        Raises:
            SlotTaken: proven by the read just made.
        """
        changes = plan(
            ticks,
            self._store.lanes(row),
            mine=mine,
            after=after,
            now=int(now.timestamp()),
            staff=staff,
            cool_until=_seconds(cool_until),
        )
        if changes is None:
            raise SlotTaken
        return RowChanges(row, tuple(changes))

    def releasing(self, row: DayRow, owner: str, now: datetime, cool_until: datetime | None = None) -> RowChanges:
        """What releases every lane of a row that `owner` has."""
        changes = release(self._store.lanes(row), owner, int(now.timestamp()), _seconds(cool_until))
        return RowChanges(row, tuple(changes))

    def hold_in(self, row: DayRow, hold_id: str | None) -> Hold | None:
        """The hold, if it is one of this row; any other takes its own course and expires."""
        hold = self._store.hold(row.municipality, hold_id) if hold_id else None
        return hold if hold and hold.row == row else None


def cool_until(municipality: Municipality, now: datetime) -> datetime | None:
    """Until when a time that is given back now is not offered again; None: at once."""
    minutes = municipality.booking.cooldown_minutes
    return now + timedelta(minutes=minutes) if minutes else None


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())
