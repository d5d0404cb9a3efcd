"""Planned against booked capacity: minutes of desks by day, edge hours apart, enquiry reasons by day."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from chalicelib.booking.capacity import COOLING, Lane, TickState
from chalicelib.booking.plan_view import PlanView
from chalicelib.booking.workload import day_load
from chalicelib.municipalities.offices import DayException, OpeningPeriod
from tests.builders import MONDAY, a_municipality
from tests.fakes.planning import PlanningWorld
from tests.unit.test_explaining import row, town
from tests.unit.test_planning import TUESDAY, at

SECOND = int(MONDAY.timestamp())


def load(municipality, seen=None):
    office = municipality.office("raadhuset")
    return day_load(municipality, (office, office.desk_groups[0]), TUESDAY, seen or {}, MONDAY)


def test_an_empty_day_is_all_free():
    whole = load(town()).whole
    assert (whole.planned, whole.walk_in, whole.booked, whole.held, whole.free) == (720, 0, 0, 0, 720)
    assert whole.booked_share == 0


def test_what_is_kept_for_citizens_without_a_time_is_planned_and_cannot_be_booked():
    whole = load(town(row(walk_in=1))).whole
    assert (whole.planned, whole.walk_in, whole.bookable, whole.free) == (720, 360, 360, 360)
    all_walk_in = load(town(row(walk_in=2))).whole
    assert (all_walk_in.planned, all_walk_in.bookable, all_walk_in.free, all_walk_in.booked_share) == (720, 0, 0, None)


def test_booked_held_expired_and_cooling_lanes_are_told_apart():
    seen = {
        "09:00": TickState({0: Lane("a"), 1: Lane("b", SECOND + 60)}),
        "09:05": TickState({0: Lane("c", SECOND - 1), 1: Lane(COOLING, SECOND + 60)}),
        "09:10": TickState({0: Lane("d")}, cap=1),
    }
    whole = load(town(), seen).whole
    assert (whole.booked, whole.held) == (10, 5)
    assert whole.free == 720 - 10 - 10, "two lanes of 9:00, and of 9:10 the booked one and the capped one"


@pytest.mark.requirement("FR-08")
def test_edge_hours_are_counted_apart():
    municipality = town(row("08:00", "17:00"))
    seen = {"08:00": TickState({0: Lane("a")}), "12:00": TickState({0: Lane("b")}), "16:55": TickState({0: Lane("c")})}
    edge = load(municipality, seen).edge
    assert (edge.planned, edge.booked) == (2 * 120, 10), "8 to 9 and 16 to 17 at two desks"


def test_a_closed_day_still_shows_what_is_booked_on_it():
    municipality = town(exceptions=[{"first": "2026-11-24", "last": "2026-11-24"}])
    whole = load(municipality, {"10:00": TickState({0: Lane("a")}, cap=0)}).whole
    assert (whole.planned, whole.booked, whole.free, whole.booked_share) == (0, 5, 0, None)


@pytest.mark.requirement("FR-16", "FR-11")
def test_a_week_adds_up_to_what_was_booked():
    world = PlanningWorld(a_municipality())
    world.book(at(9))
    world.book(at(9))
    world.book(at(10), reason="licence")
    view = PlanView(store=world.store, clock=lambda: world.clock)
    week = view.week(world.municipality, "raadhuset", TUESDAY - timedelta(days=1))
    assert [day for day, _ in week.days] == [TUESDAY + timedelta(days=number) for number in range(-1, 6)]
    [tuesday] = [loads for day, loads in week.days if day == TUESDAY]
    assert sum(each.whole.booked for each in tuesday) == 40
    reasons = week.reasons[TUESDAY]
    assert {name: (each.appointments, each.minutes, each.assisted) for name, each in reasons.items()} == {
        "passport": (2, 20, 0),
        "licence": (1, 20, 0),
    }


def test_other_hours_count_instead_of_the_series():
    special = OpeningPeriod(frozenset(range(1, 8)), time(10), time(11), 1)
    world = PlanningWorld()
    world.planning.change("fjordby", "raadhuset", DayException(TUESDAY, TUESDAY, (special,)), by="leader")
    assert load(world.municipality).whole.planned == 60
