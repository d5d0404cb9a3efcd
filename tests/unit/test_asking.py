"""Citizens whose time can't be kept are asked, never moved: the place kept for them, their answer, no answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.booking.asking import Standing, proposed_instead
from chalicelib.shared.errors import SlotTaken, WrongState
from tests.builders import a_municipality, a_municipality_document
from tests.fakes.planning import PlanningWorld
from tests.unit.test_planning import CLOSED, TUESDAY, at, hours

WEDNESDAY = TUESDAY + timedelta(days=1)


@pytest.fixture
def world() -> PlanningWorld:
    return PlanningWorld()


def closed(world: PlanningWorld):
    return world.planning.change("fjordby", "raadhuset", CLOSED, by="leader").affected


def free_at(world: PlanningWorld, start) -> int:
    slots = world.booking.slots(world.municipality, "raadhuset", ["passport"], WEDNESDAY, WEDNESDAY)
    return next((slot.free for slot in slots if slot.start == start), 0)


def test_who_is_asked_has_a_place_kept_for_two_days_and_nothing_is_moved(world):
    booked = world.book(at(14))
    [case] = world.asking.ask(world.municipality, closed(world))
    proposed = at(9, day=WEDNESDAY)
    assert (case.standing, case.proposed) == (Standing.ASKED, proposed)
    assert case.until == at(14), "no longer than the time that can't be kept is still to come"
    assert world.messages.sent == [booked.id]
    assert world.appointment(booked).start == at(14)
    assert free_at(world, proposed) == 1, "one of the two desks is kept"
    assert world.asking.kept(world.municipality, world.appointment(booked)) == case.until


def test_far_ahead_the_place_is_kept_for_48_hours(world):
    friday = TUESDAY + timedelta(days=10)
    booked = world.book(at(14, day=friday))
    [case] = world.asking.ask(
        world.municipality, world.planning.change("fjordby", "raadhuset", _on(friday), by="leader").affected
    )
    assert case.until == world.clock.now() + timedelta(hours=48)
    world.clock.advance(hours=48)
    [case] = world.asking.cases(
        world.municipality, world.planning.affected(world.municipality, "raadhuset", friday, friday)
    )
    assert (case.standing, case.until) == (Standing.LAPSED, None)
    assert world.appointment(booked).start == at(14, day=friday)


def _on(day):
    from dataclasses import replace

    return replace(CLOSED, first=day, last=day)


def test_yes_is_a_move_to_the_kept_place_even_when_everything_else_is_taken(world):
    booked = world.book(at(14))
    [case] = world.asking.ask(world.municipality, closed(world))
    world.book(case.proposed, phone="+4520000001")
    with pytest.raises(SlotTaken):
        world.book(case.proposed, phone="+4520000002")
    moved = world.asking.accept(world.municipality, world.appointment(booked))
    assert (moved.start, moved.code) == (case.proposed, booked.code)
    assert proposed_instead(moved) is None
    assert (
        world.asking.cases(
            world.municipality, world.planning.affected(world.municipality, "raadhuset", TUESDAY, TUESDAY)
        )
        == []
    )


def test_yes_counts_within_the_cut_off(world):
    policy = {**a_municipality_document()["booking"], "cancel_cutoff_minutes": 48 * 60}
    world = PlanningWorld(a_municipality(booking=policy))
    booked = world.book(at(14))
    [case] = world.asking.ask(world.municipality, closed(world))
    assert world.asking.accept(world.municipality, world.appointment(booked)).start == case.proposed


def test_who_was_asked_moves_and_cancels_whatever_the_cut_off(world):
    policy = {**a_municipality_document()["booking"], "cancel_cutoff_minutes": 48 * 60}
    world = PlanningWorld(a_municipality(booking=policy))
    first, second = world.book(at(14)), world.book(at(14), phone="+4520000001")
    with pytest.raises(WrongState):
        world.booking.cancel(world.municipality, world.appointment(first))
    world.asking.ask(world.municipality, closed(world))
    assert world.booking.cancel(world.municipality, world.appointment(first)).is_cancelled
    other = at(11, day=WEDNESDAY)
    assert world.booking.move(world.municipality, world.appointment(second), other).start == other


def test_without_an_answer_the_place_falls_free_by_itself(world):
    booked = world.book(at(14))
    [case] = world.asking.ask(world.municipality, closed(world))
    world.clock.advance(days=1, hours=5)  # past the time that could not be kept
    assert world.asking.kept(world.municipality, world.appointment(booked)) is None
    with pytest.raises(WrongState):
        world.asking.accept(world.municipality, world.appointment(booked))
    lanes = world.store.lanes(world.appointment(booked).row)
    assert all(lane.until is None or not lane.is_free(0) for state in lanes.values() for lane in state.lanes.values())
    assert case.until <= world.clock.now()


def test_another_choice_lets_the_kept_place_go(world):
    booked = world.book(at(14))
    [case] = world.asking.ask(world.municipality, closed(world))
    asked = world.appointment(booked)
    moved = world.booking.move(world.municipality, asked, at(11, day=TUESDAY + timedelta(days=2)))
    world.asking.let_go(world.municipality, asked)
    assert free_at(world, case.proposed) == 2
    assert world.appointment(booked) == moved
    world.asking.let_go(world.municipality, asked)  # twice is once


def test_a_choice_on_the_proposed_day_keeps_the_chosen_place(world):
    booked = world.book(at(14))
    [case] = world.asking.ask(world.municipality, closed(world))
    asked = world.appointment(booked)
    world.booking.move(world.municipality, asked, at(13, day=WEDNESDAY))
    world.asking.let_go(world.municipality, asked)
    assert free_at(world, case.proposed) == 2
    world.book(at(13, day=WEDNESDAY), phone="+4520000001")
    with pytest.raises(SlotTaken):
        world.book(at(13, day=WEDNESDAY), phone="+4520000002")


def test_nobody_is_asked_twice_and_no_two_get_the_same_place(world):
    for number in range(5):
        world.book(at(14, 10 * (number // 2)), phone=f"+452000000{number}")
    affected = closed(world)
    cases = world.asking.ask(world.municipality, affected)
    again = world.asking.ask(
        world.municipality, world.planning.affected(world.municipality, "raadhuset", TUESDAY, TUESDAY)
    )
    assert len(world.messages.sent) == 5
    assert {case.standing for case in again} == {Standing.ASKED}
    starts = [case.proposed for case in cases]
    assert all(starts.count(start) <= 2 for start in starts), "two desks"
    for case in again:
        world.asking.accept(world.municipality, case.appointment)
    assert world.planning.affected(world.municipality, "raadhuset", TUESDAY, WEDNESDAY) == []


def test_who_left_no_number_is_listed_for_staff(world):
    world.book(at(14), phone=None)
    [case] = world.asking.ask(world.municipality, closed(world))
    assert case.standing is Standing.NO_CONTACT
    assert world.messages.sent == []


def test_when_nothing_is_free_staff_must_call(world):
    policy = {**a_municipality_document()["booking"], "horizon_days": 1}
    world = PlanningWorld(a_municipality(booking=policy))
    world.clock.advance(hours=4)  # Monday is over when the notice is
    world.book(at(14))
    [case] = world.asking.ask(world.municipality, closed(world))
    assert case.standing is Standing.NO_TIME


def test_if_others_are_faster_the_next_place_is_proposed(world):
    world.book(at(14))
    affected = closed(world)
    wanted = affected[0].proposal.start
    for number in range(2):
        world.book(wanted, phone=f"+452000000{number}")
    [case] = world.asking.ask(world.municipality, affected)
    assert case.standing is Standing.ASKED
    assert case.proposed > wanted


def test_the_two_days_begin_when_the_message_may_arrive():
    world = PlanningWorld(quiet_for=timedelta(hours=20))
    friday = TUESDAY + timedelta(days=10)
    world.book(at(14, day=friday))
    affected = world.planning.change("fjordby", "raadhuset", _on(friday), by="leader").affected
    [case] = world.asking.ask(world.municipality, affected)
    assert case.until == world.clock.now() + timedelta(hours=20 + 48)


def test_when_the_day_is_opened_again_nobody_is_asked_any_more(world):
    booked = world.book(at(14))
    made = world.planning.change("fjordby", "raadhuset", CLOSED, by="leader")
    [case] = world.asking.ask(world.municipality, made.affected)
    world.planning.take_back("fjordby", "raadhuset", made.exception.id, by="leader")
    for _ in range(2):  # twice is once
        world.asking.reopened(world.municipality, "raadhuset", TUESDAY, TUESDAY)
    appointment = world.appointment(booked)
    assert (appointment.start, proposed_instead(appointment)) == (at(14), None)
    assert free_at(world, case.proposed) == 2
    with pytest.raises(WrongState):
        world.asking.accept(world.municipality, appointment)


def test_who_still_does_not_fit_is_still_asked(world):
    kept, lost = world.book(at(10)), world.book(at(14))
    made = world.planning.change("fjordby", "raadhuset", CLOSED, by="leader")
    world.asking.ask(world.municipality, made.affected)
    world.clock.advance(seconds=1)
    world.planning.change("fjordby", "raadhuset", hours(9, 12), by="leader")
    world.asking.reopened(world.municipality, "raadhuset", TUESDAY, TUESDAY)
    assert proposed_instead(world.appointment(kept)) is None
    assert proposed_instead(world.appointment(lost)) is not None
