"""When desks are open, for what and for whom: the ticks of a day from the opening-hours series and its exceptions.

Pure. Opening hours are what the sign on the door says: a tick is open when the clock on the wall shows a time inside
them. So both clock changes come out right: the hour that spring skips sells nothing, the one that autumn repeats
is sold twice (I10). On closing days and public holidays nothing is open, whatever a series or an exception says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from chalicelib.booking.capacity import Tick
from chalicelib.booking.model import Booker
from chalicelib.municipalities.hours import opening_of
from chalicelib.shared.clock import local_date, local_day_bounds, to_local

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.municipalities.model import DeskGroup, Municipality, Office, OpeningPeriod
    from chalicelib.shared.identifiers import ReasonId

_ONE_DAY: Final = timedelta(days=1)
_MINUTES_OF_DAY: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class Access:
    """For whom ticks are asked: who books, which enquiry reasons (none: any), and whether acute places count yet."""

    reasons: tuple[ReasonId, ...] = ()
    booker: Booker = Booker.STAFF
    acute: bool = True


ALL: Final = Access()
"""Everything that can be booked by anybody at any time."""


def day_ticks(
    municipality: Municipality, office: Office, group: DeskGroup, day: date, access: Access = ALL
) -> tuple[Tick, ...]:
    """The ticks of a desk group on a local day that are open for anything, in order.

    A tick is open when all of it lies inside an opening period. Where periods overlap the largest number of desks
    counts, never the sum: a series that was written down twice must not sell places that do not exist. Its `limit` is
    what `access` allows: of several enquiry reasons the one with the fewest desks counts.
    """
    covering = opening_of(municipality, office, group, day)
    if not covering:
        return ()
    if access.reasons and not any(period.reasons for period in covering):
        access = replace(access, reasons=())
    return _ticks(covering, len(group.desks), municipality.booking.tick_minutes, day, access)


@lru_cache(maxsize=2048)
def _ticks(covering: tuple[OpeningPeriod, ...], desks: int, step: int, day: date, access: Access) -> tuple[Tick, ...]:
    """Kept, because every look at a week asks for the same few days again."""
    spans = [(*_span(period), period) for period in covering]
    length = timedelta(minutes=step)
    ticks = []
    for minute, start, repeated in _wall_grid(day, step):
        inside = tuple(period for opens, closes, period in spans if opens <= minute and minute + step <= closes)
        capacity = max((_places(period, desks) for period in inside), default=0)
        if capacity > 0:
            limit, floor = _limits(inside, desks, access)
            ticks.append(Tick(_key(minute, repeated=repeated), start, start + length, capacity, limit, floor))
    return tuple(ticks)


@lru_cache(maxsize=512)
def _limits(inside: tuple[OpeningPeriod, ...], desks: int, access: Access) -> tuple[int, int]:
    """How many desks may be used, and the largest smaller number that others are limited to."""
    admitting = [
        [period for period in inside if reason is None or not period.reasons or reason in period.reasons]
        for reason in access.reasons or (None,)
    ]
    limit = min(
        max((_bookable(period, desks, access.booker, acute=access.acute) for period in periods), default=0)
        for periods in admitting
    )
    every = {
        _bookable(period, desks, booker, acute=acute)
        for period in inside
        for booker in Booker
        for acute in (True, False)
    }
    return limit, max((number for number in every if number < limit), default=0)


def _places(period: OpeningPeriod, desks: int) -> int:
    """Desks that can be booked at all: no more than there are, without those for citizens who just come."""
    return max(0, min(period.desks, desks) - period.walk_in)


def _bookable(period: OpeningPeriod, desks: int, booker: Booker, *, acute: bool) -> int:
    places = max(0, _places(period, desks) - (0 if acute else period.acute))
    return places if booker is Booker.STAFF or period.web is None else min(places, period.web)


def acute_released(municipality: Municipality, day: date, now: datetime) -> bool:
    """True once the acute places of a day can be booked: on the day itself, from the municipality's hour on."""
    return local_date(now) == day and to_local(now).time() >= municipality.booking.acute_from


def opening_hours(municipality: Municipality, office: Office, day: date) -> list[tuple[time, time]]:
    """From when to when at least one desk group is open on a day, merged; empty when closed."""
    merged: list[tuple[int, int]] = []
    spans = [_span(p) for group in office.desk_groups for p in opening_of(municipality, office, group, day)]
    for opens, closes in sorted(spans):
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], closes))
        else:
            merged.append((opens, closes))
    return [(_wall(opens), _wall(closes)) for opens, closes in merged]


def _span(period: OpeningPeriod) -> tuple[int, int]:
    """Minutes since midnight on the wall clock. Closing at 00:00 means the end of the day."""
    return _minutes(period.opens), _minutes(period.closes) or _MINUTES_OF_DAY


def _wall_grid(day: date, step: int) -> Iterator[tuple[int, datetime, bool]]:
    """Every tick of the day: minutes on the wall clock, the moment, whether that wall time comes a second time."""
    first, end = local_day_bounds(day)
    if end - first == _ONE_DAY:
        for minute in range(0, _MINUTES_OF_DAY, step):
            yield minute, first + timedelta(minutes=minute), False
        return
    for passed in range(0, int((end - first).total_seconds()) // 60, step):
        moment = first + timedelta(minutes=passed)
        local = to_local(moment)
        yield _minutes(local.time()), moment, local.fold == 1


def _minutes(wall: time) -> int:
    return wall.hour * 60 + wall.minute


def _wall(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


def _key(minute: int, *, repeated: bool) -> str:
    """`02:30`, and `02~30` when the autumn change shows that time again: `~` sorts after `:`."""
    return f"{minute // 60:02d}{'~' if repeated else ':'}{minute % 60:02d}"
