"""Why a time can't be booked: each reason by itself, and agreement with the engine whatever the hours and lanes are."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.booking.capacity import COOLING, Lane, TickState
from chalicelib.booking.explaining import Why, explain
from chalicelib.booking.lanes import plan
from chalicelib.booking.model import Booker
from chalicelib.booking.rules import Party, errand, wanted_ticks
from chalicelib.shared.errors import NotBookable
from tests.builders import MONDAY, a_municipality, a_municipality_document
from tests.unit.test_planning import TUESDAY, at

_DOCUMENT = a_municipality_document()
_WEB, _STAFF = Party(booker=Booker.WEB), Party(booker=Booker.STAFF)


def town(*opening, exceptions=(), **booking):
    group = {"id": "counter", "desks": ["1", "2"], "reasons": ["passport", "licence"]}
    group["opening"] = list(opening) or _DOCUMENT["offices"][0]["desk_groups"][0]["opening"]
    office = {**_DOCUMENT["offices"][0], "desk_groups": [group], "exceptions": list(exceptions)}
    return a_municipality(offices=[office], booking={**_DOCUMENT["booking"], **booking})


def row(opens="09:00", closes="15:00", desks=2, **more):
    return {"weekdays": [1, 2, 3, 4, 5], "opens": opens, "closes": closes, "desks": desks, **more}


def why(municipality, start, *, party=_WEB, seen=None, reason="passport", now=MONDAY):
    wish = errand(municipality, "raadhuset", [reason], party)
    return [each.why for each in explain(municipality, wish, start, now, seen or {})]


def full(key="09:00", owners=("a", "b"), until=None):
    return {key: TickState({n: Lane(owner, until) for n, owner in enumerate(owners)})}


SECOND = int(MONDAY.timestamp())


@pytest.mark.parametrize(
    ("municipality", "start", "expected"),
    [
        (town(), at(9), []),
        (town(), MONDAY - timedelta(hours=1), [Why.PASSED]),
        (town(lead_minutes=120), MONDAY + timedelta(hours=1), [Why.TOO_SOON]),
        (town(horizon_days=7), at(9, day=TUESDAY + timedelta(days=7)), [Why.TOO_FAR]),
        (town(horizon_days=300), at(9, day=date(2027, 3, 26)), [Why.HOLIDAY]),
        (town(), at(9, day=date(2026, 12, 24)), [Why.CLOSING_DAY]),
        (town(), at(9, day=TUESDAY + timedelta(days=4)), [Why.NO_HOURS]),
        (town(exceptions=[{"first": "2026-11-24", "last": "2026-11-24"}]), at(9), [Why.CLOSED_BY_STAFF]),
        (town(), at(8), [Why.OUTSIDE]),
        (town(), at(14, 55), [Why.OUTSIDE]),
        (town(), at(9, 3), [Why.OFF_GRID]),
        (town(row(reasons=["licence"])), at(9), [Why.OTHER_REASONS]),
        (town(row(web=0)), at(9), [Why.STAFF_PLACES]),
        (town(row(acute=2)), at(9), [Why.ACUTE_PLACES]),
        (town(row(walk_in=2)), at(9), [Why.WALK_IN_PLACES]),
    ],
)
def test_each_rule_of_the_hours_is_named(municipality, start, expected):
    assert why(municipality, start) == expected


@pytest.mark.parametrize(
    ("municipality", "seen", "expected"),
    [
        (town(), full(), [Why.TAKEN]),
        (town(), full(until=SECOND + 60), [Why.HELD]),
        (town(), full(owners=("a", COOLING), until=SECOND + 60), [Why.HELD]),
        (town(), {"09:00": TickState({0: Lane("a"), 1: Lane(COOLING, SECOND + 60)})}, [Why.COOLING]),
        (town(), {"09:00": TickState({}, cap=0)}, [Why.LOWERED]),
        (town(row(web=1)), full(owners=("a",)), [Why.STAFF_PLACES]),
        (town(row(acute=1)), full(owners=("a",)), [Why.ACUTE_PLACES]),
        (town(row(desks=1), row(reasons=["licence"])), full(owners=("a",)), [Why.OTHER_REASONS]),
        (town(), full(until=SECOND), []),
    ],
)
def test_each_rule_of_the_lanes_is_named(municipality, seen, expected):
    assert why(municipality, at(9), seen=seen) == expected


def test_how_long_and_whose_note_is_told():
    note = {"da": "Kursus", "en": "Training"}
    closed = town(exceptions=[{"first": "2026-11-24", "last": "2026-11-24", "note": note}])
    wish = errand(closed, "raadhuset", ["passport"], _WEB)
    [obstacle] = explain(closed, wish, at(9), MONDAY, {})
    assert obstacle.note == note
    open_day = town()
    wish = errand(open_day, "raadhuset", ["passport"], _WEB)
    [obstacle] = explain(open_day, wish, at(9), MONDAY, full(until=SECOND + 600))
    assert obstacle.until == MONDAY + timedelta(seconds=600)


_HOURS = st.builds(
    lambda opens, length, desks, walk_in, acute, web, reasons: row(
        time(opens // 60, opens % 60).isoformat("minutes"),
        time((opens + length) // 60, (opens + length) % 60).isoformat("minutes"),
        desks,
        walk_in=min(walk_in, desks),
        acute=min(acute, desks - min(walk_in, desks)),
        web=web if web is None else min(web, desks - min(walk_in, desks)),
        reasons=reasons,
    ),
    st.integers(8 * 12, 11 * 12).map(lambda ticks: ticks * 5),
    st.integers(1, 30).map(lambda ticks: ticks * 5),
    st.integers(0, 2),
    st.integers(0, 2),
    st.integers(0, 2),
    st.none() | st.integers(0, 2),
    st.sampled_from([[], ["passport"], ["licence"]]),
)
_LANES = st.dictionaries(
    st.integers(8 * 12, 13 * 12).map(lambda tick: f"{tick // 12:02d}:{tick % 12 * 5:02d}"),
    st.builds(
        TickState,
        st.dictionaries(
            st.integers(0, 1),
            st.builds(
                Lane,
                st.sampled_from(["a", "b", COOLING]),
                st.none() | st.integers(-600, 600).map(lambda ahead: SECOND + ahead),
                st.none() | st.integers(1, 2),
            ),
        ),
        st.none() | st.integers(0, 2),
    ),
    max_size=12,
)
_CLOSED = {"first": "2026-11-24", "last": "2026-11-24"}


@given(
    hours=st.lists(_HOURS, min_size=1, max_size=3),
    exceptions=st.sampled_from(
        [[], [_CLOSED], [{**_CLOSED, "opening": [{"opens": "09:00", "closes": "10:00", "desks": 1}]}]]
    ),
    lanes=_LANES,
    party=st.sampled_from([_WEB, _STAFF]),
    reason=st.sampled_from(["passport", "licence"]),
    start=st.integers(-60 * 24, 60 * 60).map(lambda minutes: MONDAY + timedelta(minutes=minutes)),
    lead=st.sampled_from([0, 60, 24 * 60]),
)
def test_it_agrees_with_the_engine(hours, exceptions, lanes, party, reason, start, lead):
    municipality = town(*hours, exceptions=exceptions, lead_minutes=lead)
    wish = errand(municipality, "raadhuset", [reason], party)
    obstacles = explain(municipality, wish, start, MONDAY, lanes)
    try:
        ticks = wanted_ticks(municipality, wish, start, MONDAY)
    except NotBookable:
        bookable = False
    else:
        bookable = plan(ticks, lanes, mine=None, after=Lane("me"), now=SECOND, staff=wish.is_staff) is not None
    assert bookable == (obstacles == ())


@given(st.integers(0, 25 * 12 - 1))
def test_it_agrees_through_the_night_that_is_an_hour_longer(ticks):
    night = datetime(2026, 10, 24, 22, 0, tzinfo=UTC) + timedelta(minutes=5 * ticks)
    municipality = town({**row("01:00", "04:00"), "weekdays": [7]})
    wish = errand(municipality, "raadhuset", ["passport"], _WEB)
    now = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
    try:
        bookable = bool(wanted_ticks(municipality, wish, night, now))
    except NotBookable:
        bookable = False
    assert bookable == (explain(municipality, wish, night, now, {}) == ())
