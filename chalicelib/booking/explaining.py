"""Why a time can't be booked, for staff whom a citizen asks. Pure; agrees with the engine, because it asks it first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from chalicelib.booking.capacity import COOLING, UNTOUCHED, Lane, Room
from chalicelib.booking.lanes import plan
from chalicelib.booking.model import Booker
from chalicelib.booking.opening import ALL, Access, acute_released, day_ticks
from chalicelib.booking.rules import earliest_start, last_day, wanted_ticks
from chalicelib.municipalities.hours import opening_of
from chalicelib.shared.clock import local_date, local_day_bounds, to_local
from chalicelib.shared.errors import NotBookable
from chalicelib.shared.holidays import public_holidays

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    from chalicelib.booking.capacity import Seen, Tick, TickState
    from chalicelib.booking.rules import Errand
    from chalicelib.municipalities.model import DayException, Municipality, OpeningPeriod
    from chalicelib.shared.languages import Text


class Why(StrEnum):
    """What stands in the way, in the order in which it is told."""

    PASSED = "passed"
    TOO_SOON = "too_soon"
    TOO_FAR = "too_far"
    HOLIDAY = "holiday"
    CLOSING_DAY = "closing_day"
    CLOSED_BY_STAFF = "closed_by_staff"
    NO_HOURS = "no_hours"
    OFF_GRID = "off_grid"
    OUTSIDE = "outside"
    OTHER_REASONS = "other_reasons"
    STAFF_PLACES = "staff_places"
    ACUTE_PLACES = "acute_places"
    WALK_IN_PLACES = "walk_in_places"
    LOWERED = "lowered"
    COOLING = "cooling"
    HELD = "held"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing in the way: from when, how long where that is known, and the note of whoever changed the hours."""

    why: Why
    at: datetime
    until: datetime | None = None
    note: Text | None = None


def explain(
    municipality: Municipality, wish: Errand, start: datetime, now: datetime, seen: Seen
) -> tuple[Obstacle, ...]:
    """What keeps the errand from being booked at `start`; nothing if it can be booked. `seen` are the lanes of its day.

    A bookable time has no obstacle and every other has at least one, whatever the hours and the lanes are.
    """
    try:
        ticks = wanted_ticks(municipality, wish, start, now)
    except NotBookable:
        return _told([*_calendar(municipality, wish, start, now), *_hours(municipality, wish, start, now)])
    second = int(now.timestamp())
    if plan(ticks, seen, mine=None, after=Lane(""), now=second, staff=wish.is_staff) is not None:
        return ()
    return _told(list(_taken(_Day(municipality, wish, local_date(start), now), ticks, seen)))


def _told(obstacles: list[Obstacle]) -> tuple[Obstacle, ...]:
    """Each reason once, at its first moment, in the order of telling."""
    order = list(Why)
    first: dict[Why, Obstacle] = {}
    for obstacle in obstacles:
        first.setdefault(obstacle.why, obstacle)
    return tuple(sorted(first.values(), key=lambda obstacle: order.index(obstacle.why)))


def exception_of(municipality: Municipality, wish: Errand, day: date) -> DayException | None:
    """The exception that takes the place of the series on a day."""
    office = municipality.office(wish.office.id)
    return next((entry for entry in reversed(office.exceptions) if entry.covers(day, wish.group.id)), None)


def _calendar(municipality: Municipality, wish: Errand, start: datetime, now: datetime) -> Iterator[Obstacle]:
    day = local_date(start)
    earliest = earliest_start(municipality, now, wish.booker)
    if start < now:
        yield Obstacle(Why.PASSED, start)
    elif start < earliest:
        yield Obstacle(Why.TOO_SOON, start, earliest)
    if day > last_day(municipality, now):
        yield Obstacle(Why.TOO_FAR, start)
    if day in public_holidays(day.year):
        yield Obstacle(Why.HOLIDAY, start, note={"da": public_holidays(day.year)[day]})
    elif day in municipality.closing_days:
        yield Obstacle(Why.CLOSING_DAY, start)


def _hours(municipality: Municipality, wish: Errand, start: datetime, now: datetime) -> Iterator[Obstacle]:
    """Which of the ticks that the errand needs are not open, or not for it."""
    day = local_date(start)
    if day in public_holidays(day.year) or day in municipality.closing_days:
        return
    exception = exception_of(municipality, wish, day)
    note = exception.note if exception else None
    periods = opening_of(municipality, wish.office, wish.group, day)
    if not periods:
        yield Obstacle(Why.CLOSED_BY_STAFF if exception else Why.NO_HOURS, start, note=note)
        return
    step = timedelta(minutes=municipality.booking.tick_minutes)
    if (start - local_day_bounds(day)[0]) % step:
        yield Obstacle(Why.OFF_GRID, start)
        return
    ours = _Day(municipality, wish, day, now)
    for number in range(-(-timedelta(minutes=wish.minutes) // step)):
        if obstacle := ours.shut(start + number * step, periods):
            yield replace(obstacle, note=note)


def _taken(day: _Day, ticks: tuple[Tick, ...], seen: Seen) -> Iterator[Obstacle]:
    for tick in ticks:
        state = seen.get(tick.key, UNTOUCHED)
        if not day.is_free(tick, state):
            yield from day.full(tick, state)


class _Day:
    """One day of the errand's desk group, as different people may use it."""

    def __init__(self, municipality: Municipality, wish: Errand, day: date, now: datetime) -> None:
        self._municipality, self._wish, self._day, self._now = municipality, wish, day, now
        self._second = int(now.timestamp())
        released = acute_released(municipality, day, now)
        reasons = tuple(reason.id for reason in wish.reasons)
        self._open = self._ticks(ALL)
        self._staffs = self._ticks(Access(reasons, Booker.STAFF, released))
        self._acutes = self._ticks(Access(reasons, wish.booker, acute=True))
        self._others = self._ticks(Access((), wish.booker, released))
        self._both = self._ticks(Access(reasons, Booker.STAFF, acute=True))
        self._mine = self._ticks(Access(reasons, wish.booker, released))

    def _ticks(self, access: Access) -> Mapping[datetime, Tick]:
        ticks = day_ticks(self._municipality, self._wish.office, self._wish.group, self._day, access)
        return {tick.start: tick for tick in ticks}

    def shut(self, moment: datetime, periods: tuple[OpeningPeriod, ...]) -> Obstacle | None:
        """What keeps the tick that begins then from being open for the errand; None if it is."""
        if moment not in self._open:
            is_walk_in = any(p.opens <= to_local(moment).time() < p.closes and p.walk_in for p in periods)
            return Obstacle(Why.WALK_IN_PLACES if is_walk_in else Why.OUTSIDE, moment)
        if self._mine[moment].limit > 0:
            return None
        if self._both[moment].limit == 0:
            return Obstacle(Why.OTHER_REASONS, moment)
        if self._acutes[moment].limit == 0:
            return Obstacle(Why.STAFF_PLACES, moment)
        return Obstacle(Why.ACUTE_PLACES, moment)

    def is_free(self, tick: Tick, state: TickState, *, now: int | None = None, staff: bool | None = None) -> bool:
        """True if the tick has a place for the errand, or would have one then or for staff."""
        second = self._second if now is None else now
        room = Room.of(tick, state, second, staff=self._wish.is_staff if staff is None else staff)
        return room.free > 0

    def full(self, tick: Tick, state: TickState) -> Iterator[Obstacle]:
        """Why a tick has no place: what would have to be different, one by one."""
        before = self._second
        known = len(state.lanes)
        if state.cap is not None and self.is_free(tick, replace(state, cap=None)):
            yield Obstacle(Why.LOWERED, tick.start)
        elif until := self._freed_at(tick, state):
            owners = {lane.owner for lane in state.lanes.values() if lane.until == until}
            why = Why.COOLING if owners == {COOLING} else Why.HELD
            yield Obstacle(why, tick.start, self._now + timedelta(seconds=until - before))
        elif self.is_free(self._staffs[tick.start], state, staff=True):
            yield Obstacle(Why.STAFF_PLACES, tick.start)
        elif self.is_free(self._acutes[tick.start], state):
            yield Obstacle(Why.ACUTE_PLACES, tick.start)
        elif self.is_free(self._others[tick.start], state):
            yield Obstacle(Why.OTHER_REASONS, tick.start)
        elif known:
            yield Obstacle(Why.TAKEN, tick.start)
        else:
            yield Obstacle(Why.LOWERED, tick.start)

    def _freed_at(self, tick: Tick, state: TickState) -> int | None:
        """When enough holds have expired for a place to be free, if nobody books what they hold."""
        ends = sorted({lane.until for lane in state.lanes.values() if lane.until and lane.until > self._second})
        return next((end for end in ends if self.is_free(tick, state, now=end)), None)
