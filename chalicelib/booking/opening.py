"""When desks are open: the ticks of a day from the opening-hours series, closing days and Danish public holidays.

Pure. Opening hours are what the sign on the door says: a tick is open when the clock on the wall shows a time inside
them. So both clock changes come out right: the hour that spring skips sells nothing, the one that autumn repeats
is sold twice (I10).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from chalicelib.booking.capacity import Tick
from chalicelib.shared.clock import local_day_bounds, to_local
from chalicelib.shared.holidays import public_holidays

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chalicelib.municipalities.model import DeskGroup, Municipality, OpeningPeriod

_ONE_DAY: Final = timedelta(days=1)
_MINUTES_OF_DAY: Final = 24 * 60


def day_ticks(municipality: Municipality, group: DeskGroup, day: date) -> tuple[Tick, ...]:
    """The open ticks of a desk group on a local day, in order.

    A tick is open when all of it lies inside an opening period. Where periods overlap the largest number of desks
    counts, never the sum: a series that was written down twice must not sell places that do not exist.
    """
    if is_closed(municipality, day):
        return ()
    covering = tuple(period for period in group.opening if period.covers(day))
    return _ticks(covering, len(group.desks), municipality.booking.tick_minutes, day) if covering else ()


@lru_cache(maxsize=512)
def _ticks(covering: tuple[OpeningPeriod, ...], desks: int, step: int, day: date) -> tuple[Tick, ...]:
    """Kept, because every look at a week asks for the same few days again."""
    spans = [(opens, closes, min(n, desks)) for opens, closes, n in _spans(covering)]
    length = timedelta(minutes=step)
    ticks = []
    for minute, start, repeated in _wall_grid(day, step):
        capacity = max((n for opens, closes, n in spans if opens <= minute and minute + step <= closes), default=0)
        if capacity > 0:
            ticks.append(Tick(_key(minute, repeated=repeated), start, start + length, capacity))
    return tuple(ticks)


def opening_hours(municipality: Municipality, groups: Sequence[DeskGroup], day: date) -> list[tuple[time, time]]:
    """From when to when at least one of the groups is open on a day, merged; empty when closed."""
    if is_closed(municipality, day):
        return []
    merged: list[tuple[int, int]] = []
    covering = [period for group in groups for period in group.opening if period.covers(day)]
    for opens, closes, _ in sorted(_spans(covering)):
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], closes))
        else:
            merged.append((opens, closes))
    return [(_wall(opens), _wall(closes)) for opens, closes in merged]


def is_closed(municipality: Municipality, day: date) -> bool:
    """True on the municipality's closing days and on Danish public holidays."""
    return day in municipality.closing_days or day in public_holidays(day.year)


def _spans(covering: Sequence[OpeningPeriod]) -> list[tuple[int, int, int]]:
    """Minutes since midnight on the wall clock, and desks. Closing at 00:00 means the end of the day."""
    return [(_minutes(p.opens), _minutes(p.closes) or _MINUTES_OF_DAY, p.desks) for p in covering]


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
