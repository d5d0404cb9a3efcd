"""Lanes against a naive oracle: never above capacity, never refusing a free place, holds that expire by themselves (I1).

The oracle knows no lanes. It knows who has a tick and with what limit, and the rule: a place is free if everybody's
limit could still be kept.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.booking.capacity import (
    COOLING,
    MAX_TICKS,
    Lane,
    Tick,
    TickState,
    free_places,
    free_slots,
    ticks_from,
)
from chalicelib.booking.caps import new_caps
from chalicelib.booking.lanes import plan, release
from tests.fakes.booking import carried_out, holds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.booking.capacity import Change, Seen

NOW = 1_000_000
START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
FIVE = timedelta(minutes=5)


def tick(number: int, capacity: int, limit: int | None = None) -> Tick:
    start = START + number * FIVE
    return Tick(f"{number:03d}", start, start + FIVE, capacity, capacity if limit is None else limit)


def ticks(*capacities: int) -> list[Tick]:
    return [tick(number, capacity) for number, capacity in enumerate(capacities)]


def carry_out(seen: Seen, changes: Iterable[Change]) -> None:
    """What the store does, with its conditions."""
    made = list(changes)
    assert len({change.tick for change in made}) == len(made), "one change for each tick"
    for change in made:
        assert holds(change, seen.get(change.tick), NOW)
        seen[change.tick] = carried_out(change, seen.get(change.tick))


def fits(limits: Iterable[int], capacity: int) -> bool:
    """The rule itself: in the order of their limits, everybody finds a desk within their own limit."""
    ordered = sorted(min(limit, capacity) for limit in limits)
    return all(limit >= place for place, limit in enumerate(ordered, 1))


def how_many(limits: list[int], new: int, capacity: int) -> int:
    return next(n for n in range(capacity + 1) if not fits([*limits, *[new] * (n + 1)], capacity))


steps = st.lists(
    st.tuples(
        st.sampled_from(["book", "book", "hold", "expired", "cancel", "move", "confirm"]),
        st.integers(0, 7),
        st.integers(1, 4),
        st.integers(1, 4),
        st.integers(0, 30),
    ),
    max_size=40,
)


class Desk:
    """Lanes and oracle, side by side. The oracle: owner -> tick -> limit; expired owners own nothing."""

    def __init__(self, capacities: list[int]) -> None:
        self.capacities = capacities
        self.seen: Seen = {}
        self.taken: dict[str, dict[str, int]] = {}

    def limits(self, key: str, without: str | None = None) -> list[int]:
        return [owned[key] for owner, owned in self.taken.items() if owner != without and key in owned]

    def give_back(self, owner: str) -> None:
        carry_out(self.seen, release(self.seen, owner, NOW))
        del self.taken[owner]

    def take(self, day: list[Tick], wanted: tuple[Tick, ...], after: Lane, mine: str | None) -> None:
        own = self.taken.get(mine or "", {})
        free = bool(wanted) and all(
            t.key in own or fits([*self.limits(t.key, mine), t.limit], t.capacity) for t in wanted
        )
        changes = plan(wanted, self.seen, mine=mine, after=after, now=NOW) if wanted else None
        assert (changes is not None) == free
        self.count(day)
        if changes is not None:
            carry_out(self.seen, changes)
            self.taken.pop(mine or "", None)
            if after.until != NOW:
                self.taken[after.owner] = {t.key: own.get(t.key, t.limit) for t in wanted}

    def count(self, day: list[Tick]) -> None:
        for each in day:
            free = free_places(each, self.seen.get(each.key, TickState()), NOW)
            assert free == how_many(self.limits(each.key), each.limit, each.capacity)
            assert fits(self.limits(each.key), each.capacity), "everybody is within the limit they booked with"
        lanes = ((lane, key) for key, state in self.seen.items() for lane in state.lanes.values())
        live = Counter((lane.owner, key) for lane, key in lanes if not lane.is_free(NOW))
        assert live == Counter((who, key) for who, keys in self.taken.items() for key in keys)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=8, max_size=8), steps)
def test_any_history_keeps_within_capacity_and_never_refuses_a_free_place(capacities, history):
    desk = Desk(capacities)
    for number, (what, first, length, limit, whom) in enumerate(history):
        day = [tick(n, capacity, min(limit, capacity)) for n, capacity in enumerate(capacities)]
        owners = sorted(desk.taken)
        existing = owners[whom % len(owners)] if owners else None
        if what == "cancel":
            if existing:
                desk.give_back(existing)
            continue
        mine = existing if what in {"move", "confirm"} else None
        owner = mine if what == "move" and mine else f"o{number}"
        until = {"hold": NOW + 600, "expired": NOW}.get(what)
        desk.take(day, ticks_from(day, START + first * FIVE, length * 5), Lane(owner, until), mine)
        desk.count(day)
    for who in list(desk.taken):
        desk.give_back(who)
    desk.count([])
    assert all(lane.is_free(NOW) for state in desk.seen.values() for lane in state.lanes.values()), "nothing leaked"


@given(st.lists(st.integers(0, 3), min_size=1, max_size=20), st.integers(1, 5), st.integers(0, 2))
def test_offered_times_can_all_be_booked_side_by_side_and_no_more_would_fit(free, length, buffer):
    day = [t for t in ticks(*(max(1, n) for n in free)) if free[int(t.key)]]
    slots = free_slots(day, {}, length * 5, NOW, buffer=buffer * 5)
    assert all(ticks_from(day, slot.start, length * 5, buffer * 5) for slot in slots)
    assert all(a.end <= b.start for a, b in pairwise(slots))
    seen: Seen = {}
    for number, slot in enumerate(slots):
        wanted = ticks_from(day, slot.start, length * 5, buffer * 5)
        changes = plan(wanted, seen, mine=None, after=Lane(f"o{number}"), now=NOW)
        assert changes is not None
        carry_out(seen, changes)
    best = [0] * (len(free) + length + buffer + 1)  # how many fit from here on
    for first in reversed(range(len(free))):
        fits_here = first + length <= len(free) and all(free[first : first + length])
        best[first] = max(best[first + 1], 1 + best[first + length + buffer] if fits_here else 0)
    assert len(slots) == best[0], "a buffer is needed between two, not after the last"


def test_a_hold_expires_to_the_second_without_any_clean_up():
    day, seen = ticks(1), {"000": TickState({0: Lane("hold", NOW + 1)})}
    assert plan(day, seen, mine=None, after=Lane("me"), now=NOW) is None
    assert plan(day, seen, mine=None, after=Lane("me"), now=NOW + 1) is not None


def test_a_hold_becomes_an_appointment_in_its_own_lanes():
    hold = Lane("hold", NOW + 60, 2)
    seen = {"000": TickState({0: Lane("other"), 1: hold}), "001": TickState({1: hold})}
    changes = plan(ticks(2, 2), seen, mine="hold", after=Lane("me"), now=NOW)
    assert changes is not None
    assert [(c.tick, [(e.lane, e.before, e.after) for e in c.edits]) for c in changes] == [
        ("000", [(1, hold, Lane("me", within=2))]),
        ("001", [(1, hold, Lane("me", within=2))]),
    ]


def test_moving_by_one_tick_changes_only_the_ends():
    seen = {f"00{n}": TickState({0: Lane("me", within=1)}) for n in range(3)}
    changes = plan(ticks(1, 1, 1, 1)[1:], seen, mine="me", after=Lane("me"), now=NOW)
    assert changes is not None
    assert [(c.tick, c.edits[0].before, c.edits[0].after) for c in changes] == [
        ("003", None, Lane("me", within=1)),
        ("000", Lane("me", within=1), None),
    ]


def test_somebody_who_may_use_more_desks_is_passed_on_for_somebody_who_may_not():
    seen = {"000": TickState({0: Lane("staff", NOW + 60, 3), 1: Lane("other", None, 2)})}
    assert free_places(tick(0, 3, 1), seen["000"], NOW) == 1
    changes = plan([tick(0, 3, 1)], seen, mine=None, after=Lane("me"), now=NOW)
    assert changes is not None
    carry_out(seen, changes)
    assert seen["000"].lanes == {0: Lane("me", None, 1), 1: Lane("other", None, 2), 2: Lane("staff", NOW + 60, 3)}


def test_a_hold_that_was_extended_meanwhile_is_not_passed_on_with_its_old_end():
    seen = {"000": TickState({0: Lane("staff", NOW + 60, 2)})}
    (change,) = plan([tick(0, 2, 1)], seen, mine=None, after=Lane("me"), now=NOW) or ()
    assert holds(change, seen["000"], NOW)
    assert not holds(change, TickState({0: Lane("staff", NOW + 600, 2)}), NOW)


def test_who_may_use_more_desks_leaves_the_others_alone_while_there_is_a_choice():
    wide = replace(tick(0, 4, 4), floor=2)
    for number in range(20):
        (change,) = plan([wide], {}, mine=None, after=Lane(f"o{number}"), now=NOW) or ()
        assert change.edits[0].lane in {2, 3}


def test_lanes_from_before_limits_were_stored_stay_where_they_are():
    seen = {"000": TickState({0: Lane("old")})}
    assert free_places(tick(0, 2, 1), seen["000"], NOW) == 0
    assert free_places(tick(0, 2, 2), seen["000"], NOW) == 1


def test_a_time_that_cools_down_is_free_for_staff_only():
    day = ticks(1)
    seen: Seen = {"000": TickState({0: Lane("me", None, 1)})}
    carry_out(seen, release(seen, "me", NOW, cool_until=NOW + 60))
    assert seen["000"].lanes == {0: Lane(COOLING, NOW + 60, 1)}
    assert plan(day, seen, mine=None, after=Lane("you"), now=NOW) is None
    assert plan(day, seen, mine=None, after=Lane("you"), now=NOW + 60) is not None
    changes = plan(day, seen, mine=None, after=Lane("staff"), now=NOW, staff=True)
    assert changes is not None
    carry_out(seen, changes)
    assert seen["000"].lanes == {0: Lane("staff", None, 1)}


def test_a_capacity_lowered_below_a_lane_in_use_counts_it_and_is_taken_only_as_read():
    seen = {"000": TickState({2: Lane("old", None, 3)})}
    lowered = ticks(2)
    assert free_places(lowered[0], seen["000"], NOW) == 1
    changes = plan(lowered, seen, mine=None, after=Lane("me"), now=NOW)
    assert changes is not None
    (change,) = changes
    assert {change.edits[0].lane, *(number for number, _ in change.unchanged)} == {0, 1}, "the other lane is watched"
    carry_out(seen, changes)
    assert plan(lowered, seen, mine=None, after=Lane("you"), now=NOW) is None


def test_a_cap_bounds_whoever_has_an_old_configuration():
    capped = TickState({0: Lane("old", None, 3)}, cap=1)
    assert free_places(tick(0, 3), capped, NOW) == 0
    (change,) = plan(ticks(3), {"000": TickState({})}, mine=None, after=Lane("me"), now=NOW) or ()
    assert not holds(change, TickState({}, cap=1), NOW), "it came between reading and writing"


def test_cutting_hours_caps_every_tick_that_lost_places_and_the_caps_follow_when_they_come_back():
    before, after = {"a": 3, "b": 3, "c": 3}, {"a": 3, "b": 1}
    cut = new_caps(before, after, {})
    assert cut == {"b": 1, "c": 0}
    seen = {key: TickState(cap=cap) for key, cap in cut.items()}
    assert new_caps(before, after, seen) == {}, "again changes nothing"
    assert new_caps(after, {"a": 3, "b": 2, "c": 3}, seen) == {"b": 2, "c": 3}
    assert new_caps(after, before, {}) == {}


@pytest.mark.parametrize(("start", "minutes"), [(-5, 5), (2, 5), (35, 10), (0, 0), (0, -5), (0, 45)])
def test_times_off_the_grid_or_not_open_all_the_way_have_no_ticks(start, minutes):
    assert ticks_from(ticks(*[1] * 8), START + timedelta(minutes=start), minutes) == ()


def test_a_buffer_takes_what_is_open_after_it_even_for_other_reasons():
    day = [tick(0, 2), tick(1, 2, 0), tick(3, 2)]
    wanted = ticks_from(day, START, 5, 15)
    assert [(t.key, t.limit) for t in wanted] == [("000", 2), ("001", 2), ("003", 2)]
    assert ticks_from(day, START + FIVE, 5) == (), "the reason itself is not open then"


def test_a_booking_has_at_most_80_ticks():
    day = ticks(*[1] * 100)
    assert len(ticks_from(day, START, MAX_TICKS * 5)) == MAX_TICKS
    assert ticks_from(day, START, MAX_TICKS * 5 + 5) == ()


def test_a_duration_between_ticks_takes_the_whole_next_tick():
    assert len(ticks_from(ticks(1, 1, 1), START, 7)) == 2
