"""Capacity as lanes of ticks: what is open, what is free, and which lanes a booking takes (design 4.1, I1, I10).

Pure. A day of a desk group is a row of ticks of 5 or 10 minutes; a tick has as many lanes as desks take appointments.
Whoever wants a place takes one lane of every tick of the duration. A lane is free when nobody owns it or when its
owner's `until` has passed, so an expired hold never blocks, even if no clean-up ever runs. The ticks are the only
truth: what an owner has is read from them, so a release can't drift away from what was taken.

A lane is not a desk. Which lane of a tick is taken does not matter, because intervals that never overlap more than
n times can always be served by n desks; so a booking fits whenever each of its ticks has a free lane.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

MAX_TICKS: Final = 80
"""Ticks of one booking: together with its other records they fit into one DynamoDB transaction of 100 items."""
MAX_CHANGES: Final = 90
"""Lanes taken and released by one move; a move has eight other records."""


@dataclass(frozen=True, slots=True)
class Tick:
    """One open tick. `key` sorts by time within the day, also through the hour that the autumn change repeats."""

    key: str
    start: datetime
    end: datetime
    capacity: int


@dataclass(frozen=True, slots=True)
class Lane:
    """Who owns a lane, and until when (epoch seconds); None: confirmed, for good."""

    owner: str
    until: int | None = None

    def is_free(self, now: int) -> bool:
        """True once a hold has expired."""
        return self.until is not None and self.until <= now


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that can be booked; `free` is how many could book it now."""

    start: datetime
    end: datetime
    free: int


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one lane of one tick; a plan never holds two changes for the same tick.

    `before` is the owner that the lane must still have; None: it must be absent or expired. `after` None releases it.
    Lanes in `also_free` must still be absent or expired as well. `fresh`: the tick has no record yet.
    """

    tick: str
    lane: int
    before: str | None
    after: Lane | None
    also_free: tuple[int, ...] = ()
    fresh: bool = False


Seen = dict[str, dict[int, Lane]]
"""The lanes of the ticks that have a record, as read."""


def ticks_from(ticks: Sequence[Tick], start: datetime, minutes: int) -> tuple[Tick, ...]:
    """The ticks that a booking from `start` takes; none if it doesn't begin on a tick or isn't open all the way."""
    first = next((index for index, tick in enumerate(ticks) if tick.start == start), len(ticks))
    return tuple(_run(ticks, first, minutes))


def _run(ticks: Sequence[Tick], first: int, minutes: int) -> Sequence[Tick]:
    """The consecutive ticks from index `first` that make up `minutes`, or nothing."""
    if first >= len(ticks) or minutes <= 0:
        return ()
    length = (ticks[first].end - ticks[first].start).total_seconds() / 60
    count = -int(-minutes // length)
    run = ticks[first : first + count]
    whole = len(run) == count <= MAX_TICKS and (run[-1].end - run[0].start).total_seconds() == count * length * 60
    return run if whole else ()


def free_places(tick: Tick, lanes: Mapping[int, Lane], now: int) -> int:
    """How many more could take the tick. Owners above a lowered capacity still count."""
    return max(0, tick.capacity - sum(not lane.is_free(now) for lane in lanes.values()))


def free_slots(ticks: Sequence[Tick], seen: Mapping[str, Mapping[int, Lane]], minutes: int, now: int) -> list[Slot]:
    """Times that can all be booked side by side: the earliest fit, then the next one after its end.

    For times of one length that packs as many into the free ticks as fit at all, so no place is lost to a grid.
    """
    slots, index = [], 0
    while index < len(ticks):
        run = _run(ticks, index, minutes)
        free = min((free_places(tick, seen.get(tick.key, {}), now) for tick in run), default=0)
        if free:
            slots.append(Slot(run[0].start, run[-1].end, free))
        index += len(run) if free else 1
    return slots


def plan(
    wanted: Sequence[Tick],
    seen: Mapping[str, Mapping[int, Lane]],
    *,
    mine: str | None,
    after: Lane,
    now: int,
) -> list[Change] | None:
    """The changes after which `after` owns one lane of every wanted tick and `mine` owns nothing else; None: no place.

    `mine` is an owner that is taken over (a hold that is booked, an appointment that moves). Where it has a tick
    already, its lane passes on or simply stays, so a move over overlapping times is at most one change per tick.
    """
    own = {key: entry for key, lanes in seen.items() if (entry := _lane_of(mine, lanes, now))}
    changes = []
    for tick in wanted:
        if tick.key in own:
            number, lane = own.pop(tick.key)
            if lane != after:
                changes.append(Change(tick.key, number, before=lane.owner, after=after))
        elif change := _take(tick, seen.get(tick.key), after, now):
            changes.append(change)
        else:
            return None
    return changes + [Change(key, number, before=lane.owner, after=None) for key, (number, lane) in own.items()]


def release(seen: Mapping[str, Mapping[int, Lane]], owner: str, now: int) -> list[Change]:
    """The changes after which `owner` owns nothing in the ticks read."""
    return plan((), seen, mine=owner, after=Lane(owner), now=now) or []


def _lane_of(owner: str | None, lanes: Mapping[int, Lane], now: int) -> tuple[int, Lane] | None:
    return next(((n, lane) for n, lane in lanes.items() if lane.owner == owner and not lane.is_free(now)), None)


def _take(tick: Tick, lanes: Mapping[int, Lane] | None, after: Lane, now: int) -> Change | None:
    """Takes one free lane; spread by owner, so that those who book at the same moment rarely want the same one."""
    known = lanes or {}
    free = [n for n in range(tick.capacity) if n not in known or known[n].is_free(now)]
    if not free or not free_places(tick, known, now):
        return None
    number = free[zlib.crc32(f"{after.owner}{tick.key}".encode()) % len(free)]
    # Exclusive lanes alone keep a tick within its capacity, unless the capacity was lowered below a lane in use: then
    # the tick is taken only in exactly the state that was read.
    strays = any(n >= tick.capacity and not lane.is_free(now) for n, lane in known.items())
    others = tuple(n for n in free if n != number) if strays else ()
    return Change(tick.key, number, before=None, after=after, also_free=others, fresh=lanes is None)
