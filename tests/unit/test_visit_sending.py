"""Sending on to another group or office, priorities, notes and the limits of a no-show, on fakes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.adapters.visits.visit_contacts import contact_of
from chalicelib.shared.errors import InvalidInput, NotFound, WrongState
from chalicelib.visits.desk import no_show_from
from chalicelib.visits.model import Action, ConsentFacts, Origin, PriorityReason, State, Visit, WaitingFrom
from chalicelib.visits.queue import Why, next_turn
from chalicelib.visits.reception import WalkIn
from tests.builders import MONDAY, FixedClock, a_municipality, a_municipality_document
from tests.fakes.visits import PHONE, YES, InMemoryVisits, Stumbling, a_booking, a_visit, a_visit_service

if TYPE_CHECKING:
    from chalicelib.visits.service import VisitService


def two_offices(**waiting: Any) -> Any:
    """The town hall, and a library that serves passports only."""
    document = a_municipality_document()
    hall = document["offices"][0]
    [group] = hall["desk_groups"]
    library = {**hall, "id": "nordby", "desk_groups": [{**group, "reasons": ["passport"]}]}
    return a_municipality(offices=[hall, library], **({"waiting": waiting} if waiting else {}))


TOWN = two_offices()
OFFICE, LIBRARY = "raadhuset", "nordby"


@pytest.fixture
def store() -> InMemoryVisits:
    return InMemoryVisits()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


def walk_in(**changes: Any) -> WalkIn:
    facts = {"reasons": ("passport",), "origin": Origin.DESK, "language": "da", "consent": ConsentFacts()}
    return WalkIn(**{**facts, **changes})


def called(service: VisitService, town: Any = TOWN, **changes: Any) -> Visit:
    service.walk_in(town, OFFICE, walk_in(**changes))
    visit = service.call_next(town, OFFICE, "1")
    assert visit
    return visit


# To another office


def test_a_moved_visit_is_one_contact_and_has_waited_since_the_first_arrival(store, clock):
    service = a_visit_service(store, clock=clock)
    left = called(service, consent=YES, phone=PHONE)
    clock.advance(minutes=10)
    there = service.forward_to_office(TOWN, left.id, LIBRARY, note="mangler foto", by="anna")
    assert (there.office, there.state, there.ulid) == (LIBRARY, State.FORWARDED, left.ulid)
    assert (there.arrived_at, there.came_from, there.note, there.transfers) == (MONDAY, OFFICE, "mangler foto", 1)
    assert there.phone == PHONE
    gone = service.get(TOWN, left.id)
    assert (gone.state, gone.phone, gone.note) == (State.MOVED, None, None)
    assert store.audit == [(left.ulid, Action.MOVE, "anna")]
    for change in (service.undo, service.complete, service.park, service.start):
        with pytest.raises(WrongState):
            change(TOWN, left.id)
    again = service.call_next(TOWN, LIBRARY, "1")
    assert again
    assert again.id == there.id
    service.start(TOWN, there.id)
    done = service.complete(TOWN, there.id)
    assert list(store.contacts) == [left.ulid]
    assert contact_of(done).office == LIBRARY
    assert contact_of(done).transfers == 1


def test_a_visit_that_is_sent_back_takes_the_place_of_what_it_left(store):
    service = a_visit_service(store)
    left = called(service)
    there = service.forward_to_office(TOWN, left.id, LIBRARY)
    with pytest.raises(WrongState):
        service.undo(TOWN, there.id)
    service.call_next(TOWN, LIBRARY, "1")
    back = service.forward_to_office(TOWN, there.id, OFFICE)
    assert (back.id, back.state, back.ticket) == (left.id, State.FORWARDED, "A002")
    assert service.get(TOWN, there.id).state is State.MOVED
    assert [visit.id for visit in service.queue(TOWN, OFFICE).in_state(State.FORWARDED)] == [left.id]


@pytest.mark.parametrize("failures", [["before"], ["after"], ["busy"], ["busy", "after"]])
def test_a_lost_answer_moves_nobody_twice(store, failures):
    service = a_visit_service(store)
    left = called(service)
    service.store = Stumbling(store, *failures)
    there = service.forward_to_office(TOWN, left.id, LIBRARY)
    assert there.state is State.FORWARDED
    assert len(service.queue(TOWN, LIBRARY).visits) == 1


@pytest.mark.parametrize(
    ("office", "group", "field"),
    [(OFFICE, None, "office"), ("nowhere", None, "office"), (LIBRARY, "no-such", "desk_group")],
)
def test_a_visit_can_not_be_sent_nowhere(store, office, group, field):
    service = a_visit_service(store)
    visit = called(service)
    with pytest.raises(InvalidInput) as caught:
        service.forward_to_office(TOWN, visit.id, office, group=group)
    assert list(caught.value.fields) == [field]


def test_an_office_that_does_not_serve_the_errand_needs_a_named_group(store):
    service = a_visit_service(store)
    visit = called(service, reasons=("licence",))
    with pytest.raises(InvalidInput):
        service.forward_to_office(TOWN, visit.id, LIBRARY)
    assert service.forward_to_office(TOWN, visit.id, LIBRARY, group="counter").office == LIBRARY


# Priorities


def test_whom_staff_let_go_first_goes_before_a_reached_appointment_and_it_says_why(store, clock):
    booking = a_booking(start=MONDAY)
    service = a_visit_service(store, booking, clock=clock)
    service.check_in(TOWN, OFFICE, booking.code)
    late = service.walk_in(TOWN, OFFICE, walk_in()).visit
    clock.advance(minutes=5)
    first = service.prioritise(TOWN, late.id, "frail", by="anna")
    turn = next_turn(service.queue(TOWN, OFFICE).visits, first.desk_group, clock.now())
    assert turn
    assert (turn.visit.id, turn.why, turn.since) == (late.id, Why.PRIORITY, clock.now())
    assert first.priority is PriorityReason.FRAIL
    assert store.audit[-1] == (late.ulid, Action.PRIORITISE, "anna")
    with pytest.raises(WrongState):
        service.prioritise(TOWN, late.id, "child")
    assert service.undo(TOWN, late.id).priority is None


def test_a_priority_ends_with_the_call_and_is_there_again_when_that_is_undone(store):
    service = a_visit_service(store)
    visit = service.walk_in(TOWN, OFFICE, walk_in(priority="deadline")).visit
    assert visit.priority is PriorityReason.DEADLINE
    service.call_next(TOWN, OFFICE, "1")
    assert service.get(TOWN, visit.id).priority is None
    assert service.undo(TOWN, visit.id).priority is PriorityReason.DEADLINE


@pytest.mark.parametrize("reason", ["", "friend", "FRAIL"])
def test_a_priority_has_a_reason_of_the_list(store, reason):
    service = a_visit_service(store)
    visit = service.walk_in(TOWN, OFFICE, walk_in()).visit
    with pytest.raises(InvalidInput):
        service.prioritise(TOWN, visit.id, reason)


# Notes


def test_a_note_is_kept_replaced_removed_and_gone_with_the_visit(store):
    service = a_visit_service(store)
    visit = called(service, note="har ventet ude")
    assert visit.note == "har ventet ude"
    assert service.note(TOWN, visit.id, " mangler  foto ").note == "mangler foto"
    assert service.note(TOWN, visit.id, "mangler foto") == service.get(TOWN, visit.id)
    assert service.note(TOWN, visit.id, "").note is None
    service.note(TOWN, visit.id, "mangler foto")
    service.start(TOWN, visit.id)
    assert service.complete(TOWN, visit.id).note is None
    with pytest.raises(WrongState):
        service.note(TOWN, visit.id, "for sent")


@pytest.mark.parametrize("text", ["cpr 010190-1234", "20 12 34 56", "a@b.dk", "x" * 201])
def test_a_note_that_names_somebody_is_refused_and_not_repeated(store, text):
    service = a_visit_service(store)
    visit = called(service)
    with pytest.raises(InvalidInput) as caught:
        service.note(TOWN, visit.id, text)
    assert text not in str(caught.value.fields)
    with pytest.raises(InvalidInput):
        service.walk_in(TOWN, OFFICE, walk_in(note=text))


def test_a_note_written_on_an_old_page_changes_nothing(store):
    service = a_visit_service(store)
    visit = called(service)
    with pytest.raises(WrongState):
        service.note(TOWN, visit.id, "mangler foto", seen=visit.version - 1)


# No-show


def test_nobody_is_a_no_show_before_the_calls_and_the_time_that_the_municipality_gives(store, clock):
    town = two_offices(no_show_calls=2, no_show_seconds=180)
    service = a_visit_service(store, clock=clock)
    visit = called(service, town)
    assert no_show_from(town, visit) is None
    clock.advance(minutes=5)
    with pytest.raises(WrongState):
        service.no_show(town, visit.id)
    again = service.recall(town, visit.id)
    assert no_show_from(town, again) == MONDAY + timedelta(seconds=180)
    assert service.no_show(town, visit.id).state is State.NO_SHOW
    assert service.undo(town, visit.id).state is State.CALLED


def test_calls_at_the_desk_before_do_not_count_at_the_next(store, clock):
    town = two_offices(no_show_calls=2)
    service = a_visit_service(store, clock=clock)
    visit = called(service, town)
    service.recall(town, visit.id)
    there = service.forward_to_office(town, visit.id, LIBRARY)
    service.call_next(town, LIBRARY, "1")
    with pytest.raises(WrongState):
        service.no_show(town, there.id)


# From when waiting is measured


@pytest.mark.requirement("GL-64")
@pytest.mark.parametrize(
    ("at", "booked", "expected"),
    [
        (Origin.KIOSK, -20, WaitingFrom.CHECK_IN),
        (Origin.DESK, -20, WaitingFrom.BOOKED_TIME),
        (Origin.DESK, 20, WaitingFrom.STAFF_CHECK_IN),
    ],
)
def test_the_measure_of_waiting_is_named(store, clock, at, booked, expected):
    booking = a_booking(start=MONDAY + timedelta(minutes=booked))
    service = a_visit_service(store, booking, clock=clock)
    visit = service.check_in(TOWN, OFFICE, booking.code, at=at).visit
    assert visit.waiting_from is expected
    clock.advance(minutes=10)
    service.call_next(TOWN, OFFICE, "1")
    service.start(TOWN, visit.id)
    contact = contact_of(service.complete(TOWN, visit.id))
    assert contact.waiting_from == expected
    assert contact.waiting_seconds == (1800 if expected is WaitingFrom.BOOKED_TIME else 600)
    assert contact.checked_in_at == at


@pytest.mark.requirement("GL-64")
def test_who_was_there_unseen_keeps_the_place_of_the_booked_time(store, clock):
    unseen, punctual = a_booking(start=MONDAY - timedelta(minutes=20)), a_booking(code="D4VXCP", start=MONDAY)
    service = a_visit_service(store, unseen, punctual, clock=clock)
    service.check_in(TOWN, OFFICE, punctual.code)
    clock.advance(minutes=5)
    service.check_in_booked(TOWN, OFFICE, unseen.id, by="anna")
    assert store.audit == [(unseen.id, Action.CHECK_IN, "anna")]
    visit = service.call_next(TOWN, OFFICE, "1")
    assert visit
    assert visit.ulid == unseen.id


@pytest.mark.requirement("FR-01", "GE-23")
def test_the_kiosk_gives_no_ticket_for_what_must_be_booked_but_staff_may(store):
    document = a_municipality_document()
    office = {**document["offices"][0], "mandatory_booking": [{"from_day": "2026-01-01", "reasons": ["passport"]}]}
    town = a_municipality(offices=[office])
    service = a_visit_service(store)
    with pytest.raises(InvalidInput):
        service.walk_in(town, OFFICE, walk_in(origin=Origin.KIOSK))
    assert service.walk_in(town, OFFICE, walk_in()).visit.ticket == "A001"


def test_a_visit_elsewhere_is_not_found(store):
    service = a_visit_service(store)
    visit = a_visit()
    with pytest.raises(NotFound):
        service.prioritise(TOWN, visit.id, "frail")
