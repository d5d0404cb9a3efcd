"""Capacity against a naive oracle: never above it, never refusing a free place, holds that expire by themselves (I1)."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.booking.capacity import MAX_TICKS, Lane, Tick, free_places, free_slots, plan, release, ticks_from
from chalicelib.booking.opening import day_ticks, is_closed, opening_hours
from chalicelib.municipalities.model import DeskGroup, OpeningPeriod
from chalicelib.shared.clock import COPENHAGEN, to_local
from tests.builders import a_municipality
from tests.fakes_booking import holds

if TYPE_CHECKING:
    from chalicelib.booking.capacity import Change, Seen

NOW = 1_000_000
START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
FIVE = timedelta(minutes=5)


def ticks(*capacities: int) -> list[Tick]:
    return [Tick(f"{n:03d}", START + n * FIVE, START + (n + 1) * FIVE, cap) for n, cap in enumerate(capacities)]


def carry_out(seen: Seen, changes: list[Change]) -> None:
    """What the store does, with its conditions."""
    assert len({change.tick for change in changes}) == len(changes), "one change for each tick"
    for change in changes:
        assert holds(change, seen.get(change.tick), NOW)
        lanes = seen.setdefault(change.tick, {})
        if change.after is None:
            del lanes[change.lane]
        else:
            lanes[change.lane] = change.after


steps = st.lists(
    st.tuples(
        st.sampled_from(["book", "book", "hold", "expired", "cancel", "move", "confirm"]),
        st.integers(0, 7),
        st.integers(1, 4),
        st.integers(0, 30),
    ),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(1, 3), min_size=8, max_size=8), steps)
def test_any_history_keeps_within_capacity_and_never_refuses_a_free_place(capacities, history):
    day, seen = ticks(*capacities), {}
    taken: dict[str, set[str]] = {}  # the oracle: owner -> keys of its ticks; expired ones own nothing

    def count(key: str, without: str | None = None) -> int:
        return sum(key in keys for owner, keys in taken.items() if owner != without)

    for number, (what, first, length, whom) in enumerate(history):
        owners = sorted(taken)
        existing = owners[whom % len(owners)] if owners else None
        if what == "cancel":
            if existing:
                carry_out(seen, release(seen, existing, NOW))
                del taken[existing]
            continue
        mine = existing if what in {"move", "confirm"} else None
        owner = mine if what == "move" and mine else f"o{number}"
        until = {"hold": NOW + 600, "expired": NOW}.get(what)
        wanted = ticks_from(day, START + first * FIVE, length * 5)
        fits = bool(wanted) and all(count(tick.key, mine) < tick.capacity for tick in wanted)
        changes = plan(wanted, seen, mine=mine, after=Lane(owner, until), now=NOW) if wanted else None
        assert (changes is not None) == fits
        if changes is None:
            continue
        carry_out(seen, changes)
        taken.pop(mine or "", None)
        if what != "expired":
            taken[owner] = {tick.key for tick in wanted}
        assert all(count(tick.key) <= tick.capacity for tick in day)
        live = Counter(
            (lane.owner, key) for key, lanes in seen.items() for lane in lanes.values() if not lane.is_free(NOW)
        )
        assert live == Counter((who, key) for who, keys in taken.items() for key in keys), "ticks and oracle agree"
    for who in list(taken):
        carry_out(seen, release(seen, who, NOW))
    assert all(lane.is_free(NOW) for lanes in seen.values() for lane in lanes.values()), "nothing leaked"


@given(st.lists(st.integers(0, 3), min_size=1, max_size=20), st.integers(1, 5))
def test_offered_times_can_all_be_booked_side_by_side_and_no_more_would_fit(free, length):
    day = [tick for tick in ticks(*(max(1, n) for n in free)) if free[int(tick.key)]]
    slots = free_slots(day, {}, length * 5, NOW)
    assert all(ticks_from(day, slot.start, length * 5) for slot in slots)
    assert all(a.end <= b.start for a, b in pairwise(slots))
    best = run = 0
    for n in [*free, 0]:
        run = run + 1 if n else 0
        best += run > 0 and run % length == 0
    assert len(slots) == best


def test_a_hold_expires_to_the_second_without_any_clean_up():
    day, seen = ticks(1), {"000": {0: Lane("hold", NOW + 1)}}
    assert plan(day, seen, mine=None, after=Lane("me"), now=NOW) is None
    assert plan(day, seen, mine=None, after=Lane("me"), now=NOW + 1) is not None


def test_a_hold_becomes_an_appointment_in_its_own_lanes():
    seen = {"000": {0: Lane("other"), 1: Lane("hold", NOW + 60)}, "001": {1: Lane("hold", NOW + 60)}}
    changes = plan(ticks(2, 2), seen, mine="hold", after=Lane("me"), now=NOW)
    assert changes is not None
    assert [(c.tick, c.lane, c.before, c.after) for c in changes] == [
        ("000", 1, "hold", Lane("me")),
        ("001", 1, "hold", Lane("me")),
    ]


def test_moving_by_one_tick_changes_only_the_ends():
    seen = {f"00{n}": {0: Lane("me")} for n in range(3)}
    changes = plan(ticks(1, 1, 1, 1)[1:], seen, mine="me", after=Lane("me"), now=NOW)
    assert changes is not None
    assert [(c.tick, c.before, c.after) for c in changes] == [("003", None, Lane("me")), ("000", "me", None)]


def test_a_capacity_lowered_below_a_lane_in_use_counts_it_and_is_taken_only_as_read():
    seen = {"000": {2: Lane("old")}}
    lowered = ticks(2)
    assert free_places(lowered[0], seen["000"], NOW) == 1
    changes = plan(lowered, seen, mine=None, after=Lane("me"), now=NOW)
    assert changes is not None
    (change,) = changes
    assert {change.lane, *change.also_free} == {0, 1}, "a second one in the other lane must lose"
    carry_out(seen, changes)
    assert plan(lowered, seen, mine=None, after=Lane("you"), now=NOW) is None


@pytest.mark.parametrize(("start", "minutes"), [(-5, 5), (2, 5), (35, 10), (0, 0), (0, -5), (0, 45)])
def test_times_off_the_grid_or_not_open_all_the_way_have_no_ticks(start, minutes):
    assert ticks_from(ticks(*[1] * 8), START + timedelta(minutes=start), minutes) == ()


def test_a_booking_has_at_most_80_ticks():
    day = ticks(*[1] * 100)
    assert len(ticks_from(day, START, MAX_TICKS * 5)) == MAX_TICKS
    assert ticks_from(day, START, MAX_TICKS * 5 + 5) == ()


def test_a_duration_between_ticks_takes_the_whole_next_tick():
    assert len(ticks_from(ticks(1, 1, 1), START, 7)) == 2


# Opening hours


def a_group(*periods: OpeningPeriod, desks: int = 3) -> DeskGroup:
    return DeskGroup(id="g", desks=tuple(str(n) for n in range(desks)), reasons=frozenset(), opening=periods)


def open_from(opens: str, closes: str, desks: int = 1, **valid: date) -> OpeningPeriod:
    every_day = frozenset(range(1, 8))
    return OpeningPeriod(every_day, time.fromisoformat(opens), time.fromisoformat(closes), desks, **valid)


def shown(day_of_ticks: tuple[Tick, ...]) -> list[str]:
    return [to_local(tick.start).strftime("%H:%M") for tick in day_of_ticks]


@pytest.mark.parametrize(
    ("day", "count", "first", "last"),
    [
        (date(2026, 10, 24), 12 * 4, "01:00", "04:55"),  # an ordinary day
        (date(2026, 10, 25), 12 * 5, "01:00", "04:55"),  # the hour from 2 to 3 comes twice
        (date(2026, 3, 29), 12 * 3, "01:00", "04:55"),  # the hour from 2 to 3 does not come
    ],
)
def test_clock_changes_sell_the_hours_that_there_are(day, count, first, last):
    found = day_ticks(a_municipality(), a_group(open_from("01:00", "05:00")), day)
    assert (len(found), shown(found)[0], shown(found)[-1]) == (count, first, last)
    keys = [tick.key for tick in found]
    assert keys == sorted(set(keys)), "keys are unique and sort by time"
    assert all(a.end == b.start for a, b in pairwise(found)), "one unbroken run of real time"
    assert ticks_from(found, found[0].start, 5 * count)


@pytest.mark.parametrize(("opens", "closes", "day", "count"), [
    ("02:30", "04:00", date(2026, 3, 29), 12),
    ("02:30", "04:00", date(2026, 10, 25), 12 + 6 + 6),
    ("00:00", "00:00", date(2026, 10, 25), 25 * 12),
    ("00:00", "00:00", date(2026, 3, 29), 23 * 12),
    ("09:03", "09:14", date(2026, 11, 24), 1),
])  # fmt: skip
def test_open_is_what_the_clock_on_the_wall_says(opens, closes, day, count):
    assert len(day_ticks(a_municipality(), a_group(open_from(opens, closes)), day)) == count


@settings(max_examples=60, deadline=None)
@given(
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.lists(st.tuples(st.integers(0, 287), st.integers(1, 288), st.integers(1, 4)), max_size=3),
)
def test_ticks_are_those_of_a_minute_by_minute_oracle(day, spans):
    municipality = a_municipality()
    wall = [(time(a * 5 // 60, a * 5 % 60), b * 5) for a, b, _ in spans]
    periods = [
        OpeningPeriod(frozenset(range(1, 8)), opens, time(closes // 60 % 24, closes % 60), n)
        for (opens, closes), (_, _, n) in zip(wall, spans, strict=True)
    ]
    found = {tick.start: tick.capacity for tick in day_ticks(municipality, a_group(*periods), day)}
    moment = datetime.combine(day, time(), tzinfo=COPENHAGEN).astimezone(UTC)
    expected = {}
    while to_local(moment).date() == day:
        at = to_local(moment).hour * 60 + to_local(moment).minute
        desks = [n for (a, b, n) in spans if a * 5 <= at < b * 5]
        if desks and not is_closed(municipality, day):
            expected[moment] = min(3, max(desks))
        moment += FIVE
    assert found == expected


def test_series_have_seasons_weekdays_and_never_add_up():
    summer = open_from("09:00", "12:00", 1, valid_from=date(2026, 7, 1), valid_to=date(2026, 7, 31))
    winter = open_from("09:00", "15:00", 2, valid_from=date(2026, 8, 1))
    twice = open_from("10:00", "11:00", 2, valid_from=date(2026, 8, 1))
    group = a_group(summer, winter, twice)
    assert len(day_ticks(a_municipality(), group, date(2026, 7, 15))) == 36
    found = day_ticks(a_municipality(), group, date(2026, 8, 3))
    assert (len(found), {tick.capacity for tick in found}) == (72, {2})
    assert day_ticks(a_municipality(), group, date(2026, 6, 30)) == ()


def test_there_are_never_more_lanes_than_desks():
    group = a_group(open_from("09:00", "10:00", 9), desks=2)
    assert {tick.capacity for tick in day_ticks(a_municipality(), group, date(2026, 11, 24))} == {2}


@pytest.mark.parametrize("day", [
    date(2026, 1, 1), date(2026, 4, 2), date(2026, 4, 6), date(2026, 5, 14), date(2026, 5, 25), date(2026, 12, 25),
])  # fmt: skip
def test_danish_public_holidays_are_closed(day):
    assert is_closed(a_municipality(), day)
    assert day_ticks(a_municipality(), a_group(open_from("09:00", "15:00")), day) == ()


def test_the_municipality_s_own_closing_days_are_closed():
    assert is_closed(a_municipality(), date(2026, 12, 24))
    assert not is_closed(a_municipality(), date(2026, 12, 23))


def test_hours_on_the_door_are_merged_over_desk_groups():
    groups = [a_group(open_from("09:00", "12:00")), a_group(open_from("11:00", "15:00"), open_from("16:00", "18:00"))]
    day = date(2026, 11, 24)
    assert opening_hours(a_municipality(), groups, day) == [(time(9), time(15)), (time(16), time(18))]
    assert opening_hours(a_municipality(), groups, date(2026, 12, 24)) == []
