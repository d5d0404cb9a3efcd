"""Capacity as lanes of ticks: what a lane is, and how many places are left (design 4.1, ADR 17, I1).

Pure. A day of a desk group is a row of ticks of 5 or 10 minutes; a tick has as many lanes as desks take appointments.
Whoever wants a place takes one lane of every tick of the duration. A lane is free when nobody owns it or when its
owner's `until` has passed, so an expired hold never blocks, even if no clean-up ever runs. The ticks are the only
truth: what an owner has is read from them, so a release can't drift away from what was taken.

A lane is not a desk. Which lane of a tick is taken does not matter, because intervals that never overlap more than
n times can always be served by n desks; so a booking fits whenever each of its ticks has a place.

Not everybody may use every desk: some are for staff to book, some for one enquiry reason. Whoever may use n desks has
lanes 0 to n-1 only, a prefix. So a tick has a place for somebody with limit n exactly if its owners and the new one
can be put into lanes so that each is within its own limit: for every k from n up to the capacity, fewer than k owners
have a limit of at most k. `chalicelib/booking/lanes.py` takes it, passing others to higher lanes where that is needed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

MAX_TICKS: Final = 80
"""Ticks of one booking: together with its other records they fit into one DynamoDB transaction of 100 items."""
MAX_CHANGES: Final = 82
"""Ticks changed by one move; its other records, 18 at most, need the rest of the transaction (ADR 29)."""
COOLING: Final = "cooling"
"""Who owns the lane of a cancelled time until it is offered again. Staff may take it at once."""


@dataclass(frozen=True, slots=True)
class Tick:
    """One open tick. `key` sorts by time within the day, also through the hour that the autumn change repeats.

    `capacity` lanes can be booked at all; the one who asks may use the first `limit`, and leaves the first `floor` to
    those who may use no others, as long as there is a choice.
    """

    key: str
    start: datetime
    end: datetime
    capacity: int
    limit: int
    floor: int = 0


@dataclass(frozen=True, slots=True)
class Lane:
    """Who owns a lane, and until when (epoch seconds); None: confirmed, for good. It may use the first `within`."""

    owner: str
    until: int | None = None
    within: int | None = None

    def is_free(self, now: int) -> bool:
        """True once a hold has expired."""
        return self.until is not None and self.until <= now


@dataclass(frozen=True, slots=True)
class TickState:
    """A tick's record as read. `cap` bounds its capacity, whatever a configuration says that is a minute old."""

    lanes: Mapping[int, Lane] = field(default_factory=dict)
    cap: int | None = None


Seen = dict[str, TickState]
"""The ticks that have a record, as read."""
UNTOUCHED: Final = TickState()


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that can be booked; `free` is how many could book it now. The citizen is told `end`."""

    start: datetime
    end: datetime
    free: int


@dataclass(frozen=True, slots=True)
class Edit:
    """What happens to one lane. It must still be `before` (None: absent or expired); `after` None releases it."""

    lane: int
    before: Lane | None
    after: Lane | None


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one tick; a plan never holds two changes for the same one.

    Lanes in `unchanged` and the cap must still be as they were read. `fresh`: the tick has no record yet.
    """

    tick: str
    edits: tuple[Edit, ...]
    unchanged: tuple[tuple[int, Lane | None], ...] = ()
    cap: int | None = None
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """One tick for somebody who asks: its capacity and the lanes that are in the way."""

    capacity: int
    limit: int
    taken: Mapping[int, Lane]

    @classmethod
    def of(cls, tick: Tick, state: TickState, now: int, *, staff: bool = False) -> Room:
        """The room as it is now; times that cool down are in the way of citizens only."""
        most = tick.capacity if state.cap is None else min(tick.capacity, state.cap)
        taken = {
            number: lane
            for number, lane in state.lanes.items()
            if not lane.is_free(now) and not (staff and lane.owner == COOLING)
        }
        return cls(most, min(tick.limit, most), taken)

    @property
    def free(self) -> int:
        """How many more could take the tick with this limit. Owners above a lowered capacity still count."""
        if self.limit <= 0:
            return 0
        limits = [self.limit_of(number) for number in self.taken]
        inner = [k - sum(limit <= k for limit in limits) for k in range(self.limit, self.capacity)]
        return max(0, min([self.capacity - len(limits), *inner]))

    def limit_of(self, number: int) -> int:
        """How far the owner of a lane could be passed; one that doesn't say so stays where it is."""
        within = self.taken[number].within
        return number + 1 if within is None else within


def free_places(tick: Tick, state: TickState, now: int, *, staff: bool = False) -> int:
    """How many more could take the tick."""
    return Room.of(tick, state, now, staff=staff).free


def ticks_from(ticks: Sequence[Tick], start: datetime, minutes: int, buffer: int = 0) -> tuple[Tick, ...]:
    """The ticks that a booking from `start` takes; none if it doesn't begin on a tick or isn't open all the way.

    A buffer takes the ticks after it that are open for anything; after closing time nothing has to be kept free.
    """
    first = next((index for index, tick in enumerate(ticks) if tick.start == start), len(ticks))
    run = _run(ticks, first, minutes)
    return (*run, *_buffer(ticks, first + len(run), buffer)) if run else ()


def _run(ticks: Sequence[Tick], first: int, minutes: int) -> Sequence[Tick]:
    """The consecutive ticks from index `first` that make up `minutes`, or nothing."""
    if first >= len(ticks) or minutes <= 0:
        return ()
    count = ticks_in(minutes, ticks[first])
    run = ticks[first : first + count]
    whole = len(run) == count <= MAX_TICKS and run[-1].end - run[0].start == count * (run[0].end - run[0].start)
    return run if whole and all(tick.limit > 0 for tick in run) else ()


def _buffer(ticks: Sequence[Tick], index: int, minutes: int) -> list[Tick]:
    if not minutes:
        return []
    last = ticks[index - 1]
    until = last.end + ticks_in(minutes, last) * (last.end - last.start)
    after = [tick for tick in ticks[index : index + ticks_in(minutes, last)] if tick.end <= until]
    return [tick if tick.limit else replace(tick, limit=tick.capacity) for tick in after]


def ticks_in(minutes: int, tick: Tick) -> int:
    """How many ticks of that length cover so many minutes."""
    return -int(-minutes // ((tick.end - tick.start).total_seconds() / 60))


def free_slots(
    ticks: Sequence[Tick],
    seen: Mapping[str, TickState],
    minutes: int,
    now: int,
    *,
    buffer: int = 0,
    staff: bool = False,
) -> list[Slot]:
    """Times that can all be booked side by side: the earliest fit, then the next one after its end.

    For times of one length that packs as many into the free ticks as fit at all, so no place is lost to a grid.
    """
    places = [free_places(tick, seen.get(tick.key, UNTOUCHED), now, staff=staff) for tick in ticks]
    slots, index = [], 0
    while index < len(ticks):
        run = _run(ticks, index, minutes)
        after = _buffer(ticks, index + len(run), buffer) if run else []
        free = min(places[index : index + len(run)], default=0)
        if after and free:
            free = min(free, *(free_places(t, seen.get(t.key, UNTOUCHED), now, staff=staff) for t in after))
        if free:
            slots.append(Slot(run[0].start, run[-1].end, free))
        index += len(run) + len(after) if free else 1
    return slots
