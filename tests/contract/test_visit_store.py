"""The visit and contact stores: the same promises, kept by the fake and by DynamoDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.adapters.booking.appointment_rows import appointment_key, appointment_row
from chalicelib.adapters.booking.dynamodb_booking import DynamoDbBookings
from chalicelib.adapters.citizens.dynamodb_contacts import DynamoDbContacts
from chalicelib.adapters.dynamodb_work import DynamoDbPendingWork
from chalicelib.adapters.tables import AppointmentItem, ConsentItem, ContactItem, VisitItem, bound
from chalicelib.adapters.visits.dynamodb_visit_appointments import DynamoDbVisitAppointments
from chalicelib.adapters.visits.dynamodb_visits import DynamoDbVisits
from chalicelib.booking.model import Appointment, ConsentAnswer
from chalicelib.contacts.document import from_document
from chalicelib.shared.errors import Outrun
from chalicelib.shared.identifiers import AppointmentId, DeskGroupId, DeskId, OfficeId, ReasonId, new_ulid
from chalicelib.shared.work import WorkItem, WorkKind
from chalicelib.visits.desk import work_of
from chalicelib.visits.model import Action, parse_visit_id
from chalicelib.visits.ports import Request
from tests.builders import KEYS, MONDAY, FixedClock, a_contact
from tests.fakes.visits import PHONE, InMemoryAppointments, InMemoryContacts, InMemoryVisits, a_booking, a_visit

if TYPE_CHECKING:
    from chalicelib.visits.model import Visit

_TOWNS = iter(range(10_000))
DAY = MONDAY.date()


@pytest.fixture
def town() -> str:
    return f"visittown{next(_TOWNS)}"


@pytest.fixture(params=["fake", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Any:
    if request.param == "fake":
        return InMemoryVisits()
    request.getfixturevalue("embedded")
    return DynamoDbVisits(lambda: KEYS)


def found(store: Any, visit: Visit) -> Visit | None:
    return store.find(visit.municipality, parse_visit_id(visit.id))


def called(visit: Visit, *, step: str = "c", desk: str = "1") -> Visit:
    return visit.after(Action.CALL, at=MONDAY + timedelta(minutes=3), step_id=step, desk=DeskId(desk))


def test_a_visit_comes_back_as_it_was_stored(store: Any, town: str):
    visit = a_visit(municipality=town)
    assert found(store, visit) is None
    store.add(visit)
    assert found(store, visit) == visit
    assert list(store.of_day(town, "raadhuset", DAY)) == [visit]
    assert list(store.of_day(town, "raadhuset", DAY + timedelta(days=1))) == []
    assert list(store.of_day(town, "biblioteket", DAY)) == []


def test_a_visit_is_added_once(store: Any, town: str):
    visit = a_visit(municipality=town)
    store.add(visit)
    with pytest.raises(Outrun):
        store.add(replace(visit, ticket="A099"))
    assert found(store, visit) == visit


def test_a_request_is_answered_once_and_not_listed_as_a_visit(store: Any, town: str):
    request = Request("walk-in", "key", "fingerprint")
    first, second = a_visit(municipality=town), a_visit(municipality=town)
    store.next_number(town, "raadhuset", DAY)
    store.add(first, request=request)
    with pytest.raises(Outrun):
        store.add(second, request=request)
    answered = store.answered(town, "raadhuset", DAY, request)
    assert (answered.fingerprint, answered.ulid) == ("fingerprint", first.ulid)
    assert store.answered(town, "raadhuset", DAY, replace(request, scope="call")) is None
    assert list(store.of_day(town, "raadhuset", DAY)) == [first]


def test_numbers_are_counted_per_office_and_day(store: Any, town: str):
    assert [store.next_number(town, "raadhuset", DAY) for _ in range(3)] == [1, 2, 3]
    assert store.next_number(town, "biblioteket", DAY) == 1
    assert store.next_number(town, "raadhuset", DAY + timedelta(days=1)) == 1


def test_only_what_was_read_is_replaced(store: Any, town: str):
    visit = a_visit(municipality=town)
    store.add(visit)
    store.replace(visit, called(visit, desk="1"))
    with pytest.raises(Outrun):
        store.replace(visit, called(visit, desk="2"))
    now = found(store, visit)
    assert now
    assert now.desk == "1"


def test_a_completion_takes_place_once(store: Any, town: str):
    visit = a_visit(municipality=town)
    store.add(visit)
    serving = called(visit).after(Action.START, at=MONDAY + timedelta(minutes=4), step_id="s")
    store.replace(visit, serving)
    done = replace(serving.after(Action.COMPLETE, at=MONDAY + timedelta(minutes=9), step_id="d"), phone=None)
    work = work_of(done, PHONE)
    store.complete(serving, done, work)
    with pytest.raises(Outrun):
        store.complete(serving, done, work)
    assert found(store, visit) == done


def test_a_booked_visit_needs_the_appointment_as_it_was_read(store: Any, town: str):
    booking = a_booking()
    visit = a_visit(municipality=town, ulid=booking.id, booked_start=booking.start, code=booking.code)
    if isinstance(store, InMemoryVisits):
        store.appointments = InMemoryAppointments(booking, municipality=town)
    else:
        appointment_row(an_appointment(town, booking.id)).save()
    with pytest.raises(Outrun):
        store.add_booked(visit, replace(booking, version=7))
    store.add_booked(visit, booking)
    assert found(store, visit) == visit


# What only the tables can show


def an_appointment(town: str, appointment: str) -> Appointment:
    return Appointment(
        id=AppointmentId(appointment),
        municipality=town,
        code="K7MQ4P",
        office=OfficeId("raadhuset"),
        desk_group=DeskGroupId("counter"),
        reasons=(ReasonId("passport"),),
        start=MONDAY + timedelta(minutes=30),
        end=MONDAY + timedelta(minutes=40),
        language="da",
        booked_at=MONDAY - timedelta(days=7),
        consent=ConsentAnswer(granted=True, text_version="2026-1"),
        phone=PHONE,
        email="a@b.example",
    )


def completed(town: str, ulid: str) -> tuple[DynamoDbVisits, Visit, Visit]:
    store = DynamoDbVisits(lambda: KEYS)
    visit = a_visit(municipality=town, ulid=ulid, booked_start=MONDAY + timedelta(minutes=30), code="K7MQ4P")
    store.add(visit)
    serving = called(visit).after(Action.START, at=MONDAY + timedelta(minutes=4), step_id="s")
    store.replace(visit, serving)
    done = replace(serving.after(Action.COMPLETE, at=MONDAY + timedelta(minutes=9), step_id="d"), phone=None)
    store.complete(serving, done, work_of(done, PHONE))
    return store, serving, done


@pytest.mark.requirement("SK-05")
@pytest.mark.parametrize("erased", [False, True], ids=["appointment kept", "appointment erased meanwhile"])
def test_completion_moves_the_phone_into_the_decision_and_nowhere_else(embedded: object, town: str, erased: bool):
    ulid = new_ulid(MONDAY)
    if not erased:
        appointment_row(an_appointment(town, ulid)).save()
    _, _, done = completed(town, ulid)

    row = bound(ContactItem).get(f"{town}#contact#{ulid}", "contact")
    assert from_document(row.document).id == ulid
    assert "20123456" not in str(row.attribute_values)
    [visit_row] = [item for item in bound(VisitItem).query(f"{town}#raadhuset#2026-11-23") if item.sk == ulid]
    assert visit_row.phone is None
    work = DynamoDbPendingWork()
    assert done.ended_at
    decide = work.find(town, WorkKind.DECIDE, ulid, done.ended_at)
    assert decide
    assert decide.payload == {"phone": PHONE.reveal(), "language": "da", "code": "K7MQ4P"}
    assert work.find(town, WorkKind.LAND_CONTACT, ulid, done.ended_at)
    if not erased:
        appointment = bound(AppointmentItem).get(*appointment_key(town, ulid))
        assert (appointment.phone, appointment.email) == (None, None)


def test_a_completion_that_is_refused_writes_no_work(embedded: object, town: str):
    store, serving, done = completed(town, new_ulid(MONDAY))
    later = replace(done, trail=(*done.trail[:-1], replace(done.trail[-1], at=MONDAY + timedelta(minutes=20))))
    with pytest.raises(Outrun):
        store.complete(serving, later, work_of(later, PHONE))
    due = list(DynamoDbPendingWork().due(town, MONDAY + timedelta(hours=1)))
    assert len(due) == 2


@pytest.mark.requirement("SK-02", "SK-01")
def test_a_walk_ins_answer_stands_in_the_consents_with_its_ledger(embedded: object, town: str):
    visit = a_visit(municipality=town)
    DynamoDbVisits(lambda: KEYS).add(visit)
    rows = list(bound(ConsentItem).query(f"{town}#consent#{visit.ulid}"))
    assert [row.sk for row in rows] == ["survey_sms", "survey_sms#2026-11-23T09:00:00Z#granted"]
    assert {row.state for row in rows} == {"granted"}
    assert rows[0].document["origin"] == "kiosk"
    assert "20123456" not in str([row.document for row in rows])


def test_appointments_are_read_as_bookings(embedded: object, town: str):
    appointment = an_appointment(town, new_ulid(MONDAY))
    appointment_row(appointment).save()
    model = bound(AppointmentItem)
    model(f"{town}#code#K7MQ4P", "code", document={"appointment": appointment.id}).save()
    model(f"{town}#raadhuset#2026-11-23", f"2026-11-23T09:30:00Z#{appointment.id}", document={}).save()
    appointments = DynamoDbVisitAppointments(DynamoDbBookings())
    booking = appointments.by_code(town, "K7MQ4P")
    assert booking == appointments.by_id(town, appointment.id)
    assert booking
    assert (booking.start, booking.phone, booking.consent.granted) == (appointment.start, PHONE, True)
    assert [entry.appointment for entry in appointments.times_of_day(town, "raadhuset", DAY)] == [appointment.id]
    assert appointments.by_code(town, "NO") is None


# Reported contacts


@pytest.fixture(params=["fake", "dynamodb"])
def contacts(request: pytest.FixtureRequest) -> Any:
    if request.param == "fake":
        return InMemoryContacts()
    request.getfixturevalue("embedded")
    return DynamoDbContacts(lambda: KEYS, FixedClock)


def test_a_reported_contact_is_added_once(contacts: Any, town: str):
    contact = a_contact(municipality=town)
    work = (WorkItem(town, WorkKind.DECIDE, contact.id, contact.ended_at, {"phone": PHONE.reveal()}),)
    assert contacts.add(contact, work, PHONE) is True
    assert contacts.add(contact, work, PHONE) is False
    if isinstance(contacts, DynamoDbContacts):
        assert bound(ConsentItem).get(f"{town}#consent#{contact.id}", "survey_sms").state == "granted"
        assert DynamoDbPendingWork().find(town, WorkKind.DECIDE, contact.id, contact.ended_at) == work[0]


def test_due_work_comes_oldest_first_and_not_before_its_second(embedded: object, town: str):
    contacts = DynamoDbContacts(lambda: KEYS, FixedClock)
    moments = [MONDAY + timedelta(seconds=n) for n in (3, 1, 2, 60)]
    for number, at in enumerate(moments):
        contact = a_contact(municipality=town, id=f"contact{number}", ended_at=at)
        contacts.add(contact, (WorkItem(town, WorkKind.LAND_CONTACT, contact.id, at),), None)
    work = DynamoDbPendingWork()
    due = list(work.due(town, MONDAY + timedelta(seconds=3)))
    assert [item.due_at for item in due] == sorted(moments)[:3]
    assert list(work.due(town, MONDAY)) == []
    assert list(work.due(town, MONDAY + timedelta(hours=1), kind=WorkKind.DECIDE)) == []
    assert list(work.due("elsewhere", MONDAY + timedelta(hours=1))) == []
