"""Which lanes a booking takes, passes on and gives back. Pure; `capacity.py` says when there is a place.

Lanes are exclusive, and everybody is within the limit that held when they booked; so whatever happens at the same
moment, no tick has more owners than its capacity (I1). Whoever was outrun reads again and plans anew.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.booking.capacity import COOLING, UNTOUCHED, Change, Edit, Lane, Room

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.booking.capacity import Tick, TickState


def plan(
    wanted: Sequence[Tick],
    seen: Mapping[str, TickState],
    *,
    mine: str | None,
    after: Lane,
    now: int,
    staff: bool = False,
    cool_until: int | None = None,
) -> list[Change] | None:
    """The changes after which `after` owns one lane of every wanted tick and `mine` owns nothing else; None: no place.

    `mine` is an owner that is taken over (a hold that is booked, an appointment that moves). Where it has a tick
    already, its lane passes on or simply stays, so a move over overlapping times is at most one change per tick.
    What is given back cools down until `cool_until`.
    """
    own = {key: entry for key, state in seen.items() if (entry := lane_of(mine, state, now))}
    changes = []
    for tick in wanted:
        state = seen.get(tick.key)
        if tick.key in own:
            number, lane = own.pop(tick.key)
            kept = replace(after, within=lane.within)
            if lane != kept:
                changes.append(_edited(tick.key, state, Edit(number, lane, kept)))
        elif change := _take(tick, state, after, now, staff=staff):
            changes.append(change)
        else:
            return None
    return changes + [_given_back(key, seen[key], *entry, cool_until) for key, entry in own.items()]


def release(seen: Mapping[str, TickState], owner: str, now: int, cool_until: int | None = None) -> list[Change]:
    """The changes after which `owner` owns nothing in the ticks read."""
    return plan((), seen, mine=owner, after=Lane(owner), now=now, cool_until=cool_until) or []


def lane_of(owner: str | None, state: TickState, now: int) -> tuple[int, Lane] | None:
    """The lane that somebody has in a tick, if its time is not up."""
    owned = ((n, lane) for n, lane in state.lanes.items() if lane.owner == owner and not lane.is_free(now))
    return next(owned, None)


def _given_back(key: str, state: TickState, number: int, lane: Lane, cool_until: int | None) -> Change:
    cooling = None if cool_until is None else Lane(COOLING, cool_until, lane.within)
    return _edited(key, state, Edit(number, lane, cooling))


def _edited(key: str, state: TickState | None, *edits: Edit) -> Change:
    return Change(key, edits, cap=(state or UNTOUCHED).cap, fresh=state is None)


def _take(tick: Tick, state: TickState | None, after: Lane, now: int, *, staff: bool) -> Change | None:
    """Takes one place of a tick, if there is one."""
    known = state or UNTOUCHED
    room = Room.of(tick, known, now, staff=staff)
    if not room.free:
        return None
    newcomer = replace(after, within=room.limit)
    way = _way(tick, room, known, after.owner)
    owners = [newcomer, *(room.taken[number] for number in way[:-1])]
    edits = [Edit(number, _before(known, number, now), owner) for number, owner in zip(way, owners, strict=True)]
    # Exclusive lanes alone keep a tick within its capacity, unless the capacity was lowered below a lane in use: then
    # the tick is taken only in exactly the state that was read.
    strays = any(number >= room.capacity for number in room.taken)
    others = [n for n in range(room.capacity) if n not in room.taken and n not in way] if strays else []
    return replace(_edited(tick.key, state, *edits), unchanged=tuple((n, _before(known, n, now)) for n in others))


def _before(state: TickState, number: int, now: int) -> Lane | None:
    lane = state.lanes.get(number)
    return None if lane is None or lane.is_free(now) else lane


def _way(tick: Tick, room: Room, state: TickState, owner: str) -> list[int]:
    """The lane for the newcomer; if it is taken, the lane its owner passes to, and so on, to one that is free.

    Spread by owner, so that those who book at the same moment rarely want the same lane; lanes that only the newcomer
    can use come first, times that cool down last.
    """
    free = [number for number in range(room.limit) if number not in room.taken]
    if free:
        cooling = {number for number, lane in state.lanes.items() if lane.owner == COOLING}
        worth = {number: (number in cooling, number < tick.floor) for number in free}
        best = [number for number in free if worth[number] == min(worth.values())]
        return [best[zlib.crc32(f"{owner}{tick.key}".encode()) % len(best)]]
    ways = [[number] for number in range(room.limit)]
    reached = set(range(room.limit))
    for way in ways:
        for number in range(min(room.capacity, room.limit_of(way[-1]))):
            if number not in room.taken:
                return [*way, number]
            if number not in reached:
                reached.add(number)
                ways.append([*way, number])
    raise AssertionError  # `Room.free` has shown that there is one
