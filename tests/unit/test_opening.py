"""When desks are open: series, exceptions, splits, holidays, and both clock changes (I10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.booking.capacity import ticks_from
from chalicelib.booking.model import Booker
from chalicelib.booking.opening import Access, acute_released, day_ticks, opening_hours
from chalicelib.municipalities.hours import is_closed
from chalicelib.municipalities.model import DayException, DeskGroup, Municipality, Office, OpeningPeriod
from chalicelib.shared.clock import COPENHAGEN, to_local
from tests.builders import a_municipality

if TYPE_CHECKING:
    from chalicelib.booking.capacity import Tick

FIVE = timedelta(minutes=5)
TUESDAY = date(2026, 11, 24)
M = a_municipality()


def a_group(*periods: OpeningPeriod, desks: int = 3) -> DeskGroup:
    return DeskGroup(id="g", desks=tuple(str(n) for n in range(desks)), reasons=frozenset(), opening=periods)


def open_from(opens: str, closes: str, desks: int = 1, **more: Any) -> OpeningPeriod:
    every_day = frozenset(range(1, 8))
    return OpeningPeriod(every_day, time.fromisoformat(opens), time.fromisoformat(closes), desks, **more)


def an_office(*groups: DeskGroup, exceptions: tuple[DayException, ...] = ()) -> Office:
    return replace(M.offices[0], desk_groups=groups, exceptions=exceptions)


def ticks_of(group: DeskGroup, day: date = TUESDAY, *, in_: Municipality = M, **more: Any) -> tuple[Tick, ...]:
    return day_ticks(in_, an_office(group), group, day, **more)


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
    found = ticks_of(a_group(open_from("01:00", "05:00")), day)
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
    assert len(ticks_of(a_group(open_from(opens, closes)), day)) == count


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
    found = {tick.start: tick.capacity for tick in ticks_of(a_group(*periods), day, in_=municipality)}
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
    assert len(ticks_of(group, date(2026, 7, 15))) == 36
    found = ticks_of(group, date(2026, 8, 3))
    assert (len(found), {tick.capacity for tick in found}) == (72, {2})
    assert ticks_of(group, date(2026, 6, 30)) == ()


def test_there_are_never_more_lanes_than_desks():
    group = a_group(open_from("09:00", "10:00", 9), desks=2)
    assert {tick.capacity for tick in ticks_of(group, date(2026, 11, 24))} == {2}


@pytest.mark.parametrize("day", [
    date(2026, 1, 1), date(2026, 4, 2), date(2026, 4, 6), date(2026, 5, 14), date(2026, 5, 25), date(2026, 12, 25),
])  # fmt: skip
def test_danish_public_holidays_are_closed(day):
    assert is_closed(a_municipality(), day)
    assert ticks_of(a_group(open_from("09:00", "15:00")), day) == ()


def test_the_municipality_s_own_closing_days_are_closed():
    assert is_closed(a_municipality(), date(2026, 12, 24))
    assert not is_closed(a_municipality(), date(2026, 12, 23))


def test_hours_on_the_door_are_merged_over_desk_groups():
    groups = [a_group(open_from("09:00", "12:00")), a_group(open_from("11:00", "15:00"), open_from("16:00", "18:00"))]
    day = date(2026, 11, 24)
    assert opening_hours(a_municipality(), an_office(*groups), day) == [(time(9), time(15)), (time(16), time(18))]
    assert opening_hours(a_municipality(), an_office(*groups), date(2026, 12, 24)) == []


def limits(found: tuple[Tick, ...]) -> dict[str, tuple[int, int]]:
    return {f"{to_local(each.start):%H:%M}": (each.capacity, each.limit) for each in found}


def test_walk_in_desks_are_never_booked_and_citizens_get_their_share():
    group = a_group(open_from("09:00", "09:05", 4, walk_in=1, web=2), desks=4)
    assert limits(ticks_of(group)) == {"09:00": (3, 3)}
    assert limits(ticks_of(group, access=Access(booker=Booker.WEB))) == {"09:00": (3, 2)}
    assert ticks_of(a_group(open_from("09:00", "10:00", 1, walk_in=1))) == ()


@pytest.mark.parametrize(("now", "released"), [
    ("2026-11-23T23:59:59+01:00", False), ("2026-11-24T00:00:00+01:00", False), ("2026-11-24T07:59:59+01:00", False),
    ("2026-11-24T08:00:00+01:00", True), ("2026-11-24T23:59:59+01:00", True), ("2026-11-25T08:00:00+01:00", False),
])  # fmt: skip
def test_acute_places_are_released_on_the_day_itself(now, released):
    m = replace(M, booking=replace(M.booking, acute_from=time(8)))
    assert acute_released(m, TUESDAY, datetime.fromisoformat(now).astimezone(UTC)) is released
    group = a_group(open_from("09:00", "09:05", 3, acute=2))
    for booker in Booker:
        access = Access(booker=booker, acute=released)
        assert limits(ticks_of(group, access=access)) == {"09:00": (3, 3 if released else 1)}


@pytest.mark.requirement("GE-07", "GE-23", "GE-24")
def test_enquiry_reasons_have_hours_and_desks_of_their_own():
    group = a_group(
        open_from("09:00", "09:10", 3, reasons=frozenset({"licence"})),
        open_from("09:05", "09:15", 1, reasons=frozenset({"passport"})),
    )
    assert limits(ticks_of(group)) == {"09:00": (3, 3), "09:05": (3, 3), "09:10": (1, 1)}
    passport = limits(ticks_of(group, access=Access(("passport",))))
    assert passport == {"09:00": (3, 0), "09:05": (3, 1), "09:10": (1, 1)}
    both = limits(ticks_of(group, access=Access(("passport", "licence"))))
    assert both == {"09:00": (3, 0), "09:05": (3, 1), "09:10": (1, 0)}, "the one with the fewest desks counts"


def test_those_with_more_desks_leave_the_others_theirs():
    found = ticks_of(a_group(open_from("09:00", "09:05", 4, web=2, acute=1), desks=4))
    assert [(each.limit, each.floor) for each in found] == [(4, 3)]


def test_the_last_exception_takes_the_place_of_the_series():
    group = a_group(open_from("09:00", "12:00"))
    late = DayException(TUESDAY, TUESDAY, (open_from("12:00", "12:10", 2),))
    shut = DayException(TUESDAY - timedelta(days=1), TUESDAY + timedelta(days=1))
    elsewhere = DayException(TUESDAY, TUESDAY, groups=frozenset({"another"}))

    def on(day: date, *special: DayException) -> tuple[Tick, ...]:
        return day_ticks(M, an_office(group, exceptions=special), group, day)

    assert shown(on(TUESDAY, shut, late)) == ["12:00", "12:05"]
    assert on(TUESDAY, late, shut) == ()
    assert len(on(TUESDAY, elsewhere)) == 36
    assert len(on(TUESDAY + timedelta(days=2), shut)) == 36
    office = an_office(group, exceptions=(shut, late))
    assert opening_hours(M, office, TUESDAY) == [(time(12), time(12, 10))]
    assert opening_hours(M, office, TUESDAY + timedelta(days=1)) == []


def test_an_exception_opens_no_holiday():
    group, christmas = a_group(open_from("09:00", "12:00")), date(2026, 12, 25)
    special = DayException(christmas, christmas, (open_from("09:00", "12:00"),))
    assert day_ticks(M, an_office(group, exceptions=(special,)), group, christmas) == ()


@pytest.mark.parametrize(("day", "ticks"), [
    (date(2028, 2, 28), 12), (date(2028, 2, 29), 12), (date(2028, 3, 1), 12), (date(2027, 2, 28), 12),
    (date(2026, 12, 31), 12), (date(2027, 1, 1), 0), (date(2027, 1, 2), 12),
    (date(2027, 3, 25), 0), (date(2027, 3, 26), 0), (date(2027, 3, 28), 0), (date(2027, 3, 29), 0),  # Easter 2027
    (date(2028, 4, 13), 0), (date(2028, 4, 17), 0), (date(2028, 4, 18), 12),  # Easter 2028, three weeks later
    (date(2027, 5, 6), 0), (date(2027, 5, 17), 0), (date(2028, 5, 25), 0), (date(2028, 6, 5), 0),
    (date(2026, 5, 1), 12), (date(2024, 4, 26), 12),  # store bededag is a holiday no more
])  # fmt: skip
def test_leap_days_year_ends_and_holidays_that_move(day, ticks):
    assert len(ticks_of(a_group(open_from("09:00", "10:00")), day)) == ticks


def test_a_series_ends_and_begins_at_midnight_of_the_year():
    old = open_from("09:00", "10:00", 1, valid_to=date(2026, 12, 31))
    new = open_from("09:00", "11:00", 1, valid_from=date(2027, 1, 1))
    group = a_group(old, new)
    assert [len(ticks_of(group, date(2026, 12, 31))), len(ticks_of(group, date(2027, 1, 2)))] == [12, 24]
