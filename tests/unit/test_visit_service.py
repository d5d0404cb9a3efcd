"""Check-in, queue and desk on fakes: double presses, lost answers, lost races."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.adapters.visits.visit_contacts import contact_of
from chalicelib.shared.errors import (
    Ambiguous,
    Busy,
    InvalidInput,
    KeyReused,
    NotFound,
    WrongDay,
    WrongOffice,
    WrongState,
)
from chalicelib.shared.work import WorkKind
from chalicelib.visits.model import ConsentFacts, Origin, State
from chalicelib.visits.reception import WalkIn
from tests.builders import MONDAY, FixedClock, a_municipality, a_municipality_document
from tests.fakes.visits import NO, PHONE, YES, InMemoryVisits, Stumbling, a_booking, a_visit, a_visit_service

FJORDBY = a_municipality()
OFFICE = "raadhuset"


def walk_in(**changes):
    facts = {"reasons": ("passport",), "origin": Origin.KIOSK, "language": "da", "consent": ConsentFacts()}
    return WalkIn(**{**facts, **changes})


@pytest.fixture
def store():
    return InMemoryVisits()


@pytest.fixture
def clock():
    return FixedClock()


def in_service(service, *, consent=YES, phone=PHONE):
    place = service.walk_in(FJORDBY, OFFICE, walk_in(consent=consent, phone=phone))
    visit = service.call_next(FJORDBY, OFFICE, "1")
    assert visit.id == place.visit.id
    return service.start(FJORDBY, visit.id)


# Checking in


def test_checking_in_twice_gives_the_same_visit_and_ticket(store):
    booking = a_booking()
    service = a_visit_service(store, booking)
    first = service.check_in(FJORDBY, OFFICE, " k7m-q4p ")
    second = service.check_in(FJORDBY, OFFICE, "K7MQ4P")
    assert first.visit == second.visit
    assert first.visit.ulid == booking.id
    assert (first.visit.ticket, first.visit.state) == ("A001", State.WAITING)
    assert first.visit.id == f"20261123.raadhuset.{booking.id}"


@pytest.mark.requirement("SK-01")
def test_the_appointments_consent_language_and_origin_come_along(store):
    service = a_visit_service(store, a_booking(consent=NO, language="en"))
    visit = service.check_in(FJORDBY, OFFICE, "K7MQ4P", at=Origin.DESK).visit
    assert (visit.consent, visit.language, visit.origin, visit.checked_in_at) == (NO, "en", Origin.WEB, Origin.DESK)
    assert store.consents == {}, "asked and answered when it was booked"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"start": MONDAY + timedelta(days=1)}, WrongDay),
        ({"start": MONDAY - timedelta(days=1)}, WrongDay),
        ({"office": "biblioteket"}, WrongOffice),
        ({"cancelled": True}, WrongState),
    ],
)
def test_a_code_for_another_day_or_office_is_refused_with_the_reason(store, changes, error):
    with pytest.raises(error):
        a_visit_service(store, a_booking(**changes)).check_in(FJORDBY, OFFICE, "K7MQ4P")
    assert store.visits == {}


def test_an_unknown_code_is_not_found(store):
    with pytest.raises(NotFound):
        a_visit_service(store).check_in(FJORDBY, OFFICE, "K7MQ4P")


def test_an_appointment_that_moves_during_the_check_in_is_read_again(store):
    booking = a_booking()
    service = a_visit_service(store, booking)
    moved = replace(booking, start=MONDAY + timedelta(days=1), version=2)
    old = store.add_booked

    def moving(visit, seen, *, by):
        service.appointments.bookings[booking.id] = moved
        old(visit, seen, by=by)

    store.add_booked = moving
    with pytest.raises(WrongDay):
        service.check_in(FJORDBY, OFFICE, "K7MQ4P")
    assert store.visits == {}


@pytest.mark.requirement("GL-64")
def test_who_did_not_notice_the_kiosk_is_shown_and_checked_in_by_staff(store, clock):
    here, missing = a_booking(), a_booking(code="D4VXCP", start=MONDAY + timedelta(minutes=5))
    later = a_booking(code="F4VXCP", start=MONDAY + timedelta(minutes=50))
    service = a_visit_service(store, here, missing, later, clock=clock)
    service.check_in(FJORDBY, OFFICE, here.code)
    clock.advance(minutes=40)
    assert service.queue(FJORDBY, OFFICE).not_checked_in == (missing,)
    visit = service.check_in_booked(FJORDBY, OFFICE, missing.id).visit
    assert visit.checked_in_at is Origin.DESK
    assert service.queue(FJORDBY, OFFICE).not_checked_in == ()


# Walking in


@pytest.mark.requirement("GL-67")
def test_a_double_press_makes_one_ticket_and_another_citizen_the_next(store):
    service = a_visit_service(store)
    first = service.walk_in(FJORDBY, OFFICE, walk_in(), idempotency_key="press-1")
    again = service.walk_in(FJORDBY, OFFICE, walk_in(), idempotency_key="press-1")
    other = service.walk_in(FJORDBY, OFFICE, walk_in(), idempotency_key="press-2")
    assert first.visit == again.visit
    assert (first.visit.ticket, other.visit.ticket) == ("A001", "A002")
    assert other.people_ahead == 1
    with pytest.raises(KeyReused):
        service.walk_in(FJORDBY, OFFICE, walk_in(reasons=("licence",)), idempotency_key="press-1")


@pytest.mark.requirement("SK-02")
@pytest.mark.parametrize(("consent", "recorded"), [(YES, "granted"), (NO, "refused"), (ConsentFacts(), None)])
def test_yes_and_no_are_recorded_and_not_asked_is_neither(store, consent, recorded):
    visit = a_visit_service(store).walk_in(FJORDBY, OFFICE, walk_in(consent=consent, phone=PHONE)).visit
    assert store.consents.get(visit.ulid) == recorded
    assert visit.phone == (PHONE if consent.granted else None), "a number without a yes is not kept"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reasons": ()}, "reasons"),
        ({"reasons": ("wedding",)}, "reasons"),
        ({"consent": YES}, "phone"),
        ({"consent": replace(YES, text_version="2020-1"), "phone": PHONE}, "survey_consent"),
    ],
)
def test_what_is_wrong_with_a_walk_in_is_named(store, changes, field):
    with pytest.raises(InvalidInput) as caught:
        a_visit_service(store).walk_in(FJORDBY, OFFICE, walk_in(**changes))
    assert set(caught.value.fields) == {field}
    assert store.visits == {}


@pytest.mark.parametrize("failures", [["before"], ["after"], ["busy"], ["busy", "after"]])
def test_a_lost_answer_makes_no_second_ticket(store, failures):
    service = a_visit_service(Stumbling(store, *failures))
    place = service.walk_in(FJORDBY, OFFICE, walk_in(), idempotency_key="press-1")
    assert [visit.id for visit in store.visits.values()] == [place.visit.id]


# At the desk


def test_nobody_waits_nobody_is_called(store):
    assert a_visit_service(store).call_next(FJORDBY, OFFICE, "1") is None


def test_an_unknown_desk_or_office_is_said(store):
    service = a_visit_service(store)
    with pytest.raises(InvalidInput):
        service.call_next(FJORDBY, OFFICE, "99")
    with pytest.raises(NotFound):
        service.call_next(FJORDBY, "nowhere", "1")


def test_who_loses_the_race_for_the_next_takes_the_one_after(store):
    service = a_visit_service(store)
    first = service.walk_in(FJORDBY, OFFICE, walk_in()).visit
    second = service.walk_in(FJORDBY, OFFICE, walk_in()).visit
    old = store.replace

    def outrun(before, after, *, request=None, by=None):
        store.replace = old
        assert service.call_next(FJORDBY, OFFICE, "2").id == first.id  # another desk, a moment earlier
        old(before, after, request=request, by=by)

    store.replace = outrun
    assert service.call_next(FJORDBY, OFFICE, "1").id == second.id


@pytest.mark.parametrize("failures", [["before"], ["after"], ["busy"]])
def test_a_lost_answer_to_a_call_calls_nobody_else(store, failures):
    service = a_visit_service(store)
    first = service.walk_in(FJORDBY, OFFICE, walk_in()).visit
    service.walk_in(FJORDBY, OFFICE, walk_in())
    service.store = Stumbling(store, *failures)
    assert service.call_next(FJORDBY, OFFICE, "1").id == first.id
    assert [v.state for v in store.visits.values()].count(State.CALLED) == 1


def test_pressing_call_twice_on_one_page_calls_one(store):
    service = a_visit_service(store)
    for _ in range(2):
        service.walk_in(FJORDBY, OFFICE, walk_in())
    called = [service.call_next(FJORDBY, OFFICE, "1", idempotency_key="page-1") for _ in range(2)]
    assert called[0] == called[1]


def test_a_page_that_is_out_of_date_changes_nothing(store):
    service = a_visit_service(store)
    visit = in_service(service)
    with pytest.raises(WrongState):
        service.park(FJORDBY, visit.id, seen=visit.version - 1)
    assert service.get(FJORDBY, visit.id) == visit


def test_contention_without_end_is_busy_and_changes_nothing(store):
    visit = in_service(a_visit_service(store))
    service = a_visit_service(Stumbling(store, *["busy"] * 50))
    with pytest.raises(Busy):
        service.park(FJORDBY, visit.id)
    assert store.visits["fjordby", visit.ulid] == visit


def test_the_tickets_letter_is_the_desk_groups_and_forwarding_goes_to_it(store):
    document = a_municipality_document()
    groups = document["offices"][0]["desk_groups"]
    groups[0]["reasons"] = ["passport"]
    groups.append({**groups[0], "id": "drop-in", "desks": ["3"], "reasons": ["licence"]})
    town = a_municipality(offices=document["offices"])
    service = a_visit_service(store)
    assert service.walk_in(town, OFFICE, walk_in(reasons=("licence",))).visit.ticket == "B001"
    visit = service.walk_in(town, OFFICE, walk_in()).visit
    assert visit.ticket == "A002"
    service.call_next(town, OFFICE, "1")
    service.forward(town, visit.id, "drop-in")
    assert service.call_next(town, OFFICE, "1") is None
    assert {service.call_next(town, OFFICE, "3").ticket for _ in range(2)} == {"A002", "B001"}
    with pytest.raises(InvalidInput):
        service.forward(town, visit.id, "nowhere")


# Completing


@pytest.mark.requirement("SK-03")
@pytest.mark.requirement("SK-04")
def test_completing_leaves_one_contact_and_two_pieces_of_work_and_takes_the_phone_away(store, clock):
    service = a_visit_service(store, clock=clock)
    visit = in_service(service)
    clock.advance(minutes=7)
    done = service.complete(FJORDBY, visit.id)
    _, work = store.contacts[visit.ulid]
    assert [item.kind for item in work] == [WorkKind.DECIDE, WorkKind.LAND_CONTACT]
    assert work[0].payload == {"phone": PHONE.reveal(), "language": "da", "code": None}
    assert not work[1].payload
    assert all(item.due_at == done.ended_at == clock.now() for item in work)
    assert done.phone is None
    assert store.visits["fjordby", visit.ulid].phone is None
    assert contact_of(done).service_seconds == 420


def test_without_a_yes_no_number_is_handed_on(store):
    service = a_visit_service(store)
    service.complete(FJORDBY, in_service(service, consent=NO).id)
    [(_, work)] = store.contacts.values()
    assert work[0].payload["phone"] is None


def test_completing_twice_is_refused_and_leaves_one_contact(store):
    service = a_visit_service(store)
    visit = in_service(service)
    service.complete(FJORDBY, visit.id)
    before = dict(store.contacts)
    with pytest.raises(WrongState):
        service.complete(FJORDBY, visit.id)
    assert store.contacts == before


@pytest.mark.parametrize("failures", [[], ["before"], ["after"], ["busy", "before", "after"]])
def test_whatever_fails_while_completing_there_is_one_contact_and_one_set_of_work(store, failures):
    visit = in_service(a_visit_service(store))
    done = a_visit_service(Stumbling(store, *failures)).complete(FJORDBY, visit.id)
    assert done.state is State.COMPLETED
    assert len(store.contacts) == 1
    [(stored, work)] = store.contacts.values()
    assert (stored, len(work)) == (done, 2)


def test_answers_lost_without_end_are_ambiguous_and_repeating_settles_it(store):
    visit = in_service(a_visit_service(store))
    service = a_visit_service(Stumbling(store, *["before"] * 3))
    with pytest.raises(Ambiguous):
        service.complete(FJORDBY, visit.id)
    assert store.contacts == {}
    service.complete(FJORDBY, visit.id)
    assert len(store.contacts) == 1


@pytest.mark.requirement("SK-07")
def test_the_reason_can_be_corrected_when_completing(store):
    service = a_visit_service(store)
    done = service.complete(FJORDBY, in_service(service).id, reasons=["licence", "licence"])
    assert done.reasons == ("licence",)
    with pytest.raises(InvalidInput):
        service.complete(FJORDBY, a_visit().id, reasons=["wedding"])


def test_another_municipality_finds_nothing(store):
    visit = a_visit_service(store).walk_in(FJORDBY, OFFICE, walk_in()).visit
    with pytest.raises(NotFound):
        a_visit_service(store).get(a_municipality(id="sandholm"), visit.id)
