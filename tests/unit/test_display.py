"""The waiting room's screen: which numbers it asks to come, which it shows as called, and what it never shows."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from chalicelib.municipalities.model import Meeting
from chalicelib.shared.errors import NotFound
from chalicelib.shared.identifiers import DeskId
from chalicelib.visits.display import MOST_CALLING, MOST_LATEST, Call, hall_of
from chalicelib.visits.model import Action, Visit
from tests.builders import MONDAY, a_municipality
from tests.fakes.visits import InMemoryVisits, a_visit, a_visit_service

CALL, RECALL, START, PARK, UNDO = Action.CALL, Action.RECALL, Action.START, Action.PARK, Action.UNDO


def went(number: int, *actions: Action, desk: str | None = None, minute: int | None = None) -> Visit:
    """The visit with that number after the actions, the first of them in minute `minute` (else its number)."""
    visit = a_visit(ticket=f"A{number:03d}")
    for step, action in enumerate(actions):
        at = MONDAY + timedelta(minutes=number if minute is None else minute, seconds=step)
        visit = visit.after(action, at=at, step_id=f"{number}-{step}", desk=DeskId(desk or str(number)))
    return visit


def tickets(calls: tuple[Call, ...]) -> list[str]:
    return [call.ticket for call in calls]


def test_who_is_called_stands_first_the_newest_on_top():
    hall = hall_of([went(1, CALL), went(2, CALL, START), went(3, CALL), went(4)], MONDAY)
    assert tickets(hall.calling) == ["A003", "A001"]
    assert tickets(hall.latest) == ["A002"]
    assert hall.waiting == 1


def test_three_are_asked_to_come_and_five_remembered():
    visits = [went(number, CALL) for number in range(1, 6)]
    visits += [went(number, CALL, START) for number in range(10, 16)]
    hall = hall_of(visits, MONDAY)
    assert tickets(hall.calling) == ["A005", "A004", "A003"]
    assert len(hall.calling) == MOST_CALLING
    assert tickets(hall.latest) == ["A015", "A014", "A013", "A012", "A011"]
    assert len(hall.latest) == MOST_LATEST


def test_a_repeated_call_is_news_and_comes_first():
    once = hall_of([went(1, CALL), went(2, CALL)], MONDAY)
    again = hall_of([went(1, CALL, RECALL, minute=9), went(2, CALL)], MONDAY)
    assert tickets(again.calling) == ["A001", "A002"]
    assert {call.id for call in again.calling} - {call.id for call in once.calling} == {"1-1"}


def test_a_desk_asks_for_one_number_at_a_time():
    hall = hall_of([went(1, CALL, desk="7"), went(2, CALL, desk="7")], MONDAY)
    assert tickets(hall.calling) == ["A002"]
    assert tickets(hall.latest) == ["A001"]


def test_nobody_in_the_room_is_asked_to_come_to_a_meeting_by_phone():
    by_phone = replace(went(2, CALL, desk="1"), meeting=Meeting.PHONE)
    waits_by_phone = replace(went(3), meeting=Meeting.VIDEO)
    hall = hall_of([went(1, CALL, desk="1"), by_phone, waits_by_phone], MONDAY)
    assert (hall.calling, hall.waiting) == ((), 0)
    assert tickets(hall.latest) == ["A001"]  # its desk has gone on


@pytest.mark.parametrize("actions", [(CALL, UNDO), (CALL, PARK)], ids=["called by mistake", "parked"])
def test_who_will_be_called_anew_is_not_sent_to_the_old_desk(actions):
    hall = hall_of([went(1, *actions)], MONDAY)
    assert (hall.calling, hall.latest) == ((), ())


def test_calls_of_the_same_second_always_stand_in_the_same_order():
    visits = [went(number, CALL, minute=1) for number in (2, 1, 3)]
    assert tickets(hall_of(visits, MONDAY).calling) == ["A003", "A002", "A001"]
    assert hall_of(visits, MONDAY) == hall_of(visits[::-1], MONDAY)


def test_a_call_holds_nothing_about_the_citizen():
    assert {field.name for field in fields(Call)} == {"id", "ticket", "desk", "at", "is_open"}


def test_the_hall_is_that_of_the_office():
    store = InMemoryVisits()
    store.add(went(1, CALL))
    service = a_visit_service(store)
    assert tickets(service.hall(a_municipality(), "raadhuset").calling) == ["A001"]
    with pytest.raises(NotFound):
        service.hall(a_municipality(), "nowhere")
