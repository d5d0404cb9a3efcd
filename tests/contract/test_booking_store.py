"""What every booking store promises: the same tests on the fake and on DynamoDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest

from chalicelib.booking.capacity import Change, Lane
from chalicelib.booking.model import Appointment, AppointmentState, ConsentAnswer, Hold, RowChanges, StoredRequest
from chalicelib.consent.model import ConsentState
from chalicelib.shared.errors import Outrun
from chalicelib.shared.phone import PhoneNumber
from tests.fakes_booking import FakeBookings

if TYPE_CHECKING:
    from chalicelib.booking.ports import BookingStore
    from chalicelib.consent.service import ConsentStore

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
_NUMBERS = count(1)


@pytest.fixture(params=["fake", "dynamodb"])
def store(request: pytest.FixtureRequest) -> BookingStore:
    if request.param == "fake":
        return FakeBookings()
    request.getfixturevalue("embedded")
    from chalicelib.adapters.dynamodb_booking import DynamoDbBookings

    return DynamoDbBookings()


@pytest.fixture
def consents(store: BookingStore) -> ConsentStore:
    if isinstance(store, FakeBookings):
        return store
    from chalicelib.adapters.dynamodb_consents import DynamoDbConsents

    return DynamoDbConsents()


@pytest.fixture
def m() -> str:
    return f"contract{next(_NUMBERS)}"


def an_appointment(m: str, number: int = 1, **changes) -> Appointment:
    facts = {
        "id": f"01JD000000000000000000000{number}",
        "municipality": m,
        "code": f"CODE3{number}",
        "office": "raadhuset",
        "desk_group": "counter",
        "reasons": ("passport",),
        "start": NINE,
        "end": NINE + timedelta(minutes=10),
        "language": "da",
        "booked_at": NOW,
        "consent": ConsentAnswer(granted=True, text_version="2026-1"),
        "phone": PhoneNumber("+4520123456"),
        "name": "Åse",
        "confirm_at": NOW,
    }
    return Appointment(**{**facts, **changes})


def taking(appointment: Appointment | Hold, *ticks: str, until: int | None = None, fresh: bool = True) -> RowChanges:
    lane = Lane(appointment.id, until)
    return RowChanges(appointment.row, tuple(Change(tick, 0, None, lane, fresh=fresh) for tick in ticks))


def add(store: BookingStore, appointment: Appointment, *ticks: str, key: str = "key", fresh: bool = True, hold=None):
    request = StoredRequest("hash", appointment.id, appointment.code, appointment.start, appointment.end, "1")
    store.add(
        appointment,
        taking(appointment, *ticks, fresh=fresh),
        key=key,
        request=request,
        token_hash=f"hash-{appointment.municipality}-{appointment.id}",
        phone_hash="p" * 40,
        hold=hold,
    )
    return request


def test_what_was_added_is_found_every_way(store, consents, m):
    appointment = an_appointment(m)
    request = add(store, appointment, "09:00", "09:05")
    assert store.appointment(m, appointment.id) == appointment
    assert store.appointment_by_code(m, "CODE31") == appointment
    assert store.linked(f"hash-{m}-{appointment.id}", NOW) == (m, appointment.id)
    assert store.request(m, "key", NOW) == request
    assert store.lanes(appointment.row) == {"09:00": {0: Lane(appointment.id)}, "09:05": {0: Lane(appointment.id)}}
    record = consents.current(m, appointment.id)
    assert record is not None
    assert (record.state, record.text_version, record.phone_hash) == (ConsentState.GRANTED, "2026-1", "p" * 40)


def test_what_is_not_there_is_none(store, m):
    assert store.appointment(m, "x") is None
    assert store.appointment_by_code(m, "x") is None
    assert store.linked("x", NOW) is None
    assert store.request(m, "x", NOW) is None
    assert store.hold(m, "x") is None
    assert store.lanes(an_appointment(m).row) == {}
    assert not store.is_checked_in(an_appointment(m))


def test_another_municipality_finds_nothing(store, m):
    appointment = an_appointment(m)
    add(store, appointment, "09:00")
    assert store.appointment(m + "x", appointment.id) is None
    assert store.appointment_by_code(m + "x", "CODE31") is None
    assert store.request(m + "x", "key", NOW) is None
    assert store.lanes(replace(appointment, municipality=m + "x").row) == {}


def test_a_lane_that_is_owned_is_not_taken_and_nothing_else_is_written(store, consents, m):
    add(store, an_appointment(m), "09:05")
    second = an_appointment(m, 2)
    with pytest.raises(Outrun):
        add(store, second, "09:00", "09:05", key="other")
    assert store.appointment(m, second.id) is None
    assert store.request(m, "other", NOW) is None
    assert consents.current(m, second.id) is None
    assert "09:00" not in store.lanes(second.row)


def test_a_tick_that_has_come_to_be_is_not_written_over(store, m):
    add(store, an_appointment(m), "09:00")
    with pytest.raises(Outrun):
        add(store, an_appointment(m, 2), "09:00", key="other")


def test_a_second_lane_of_the_same_tick_is_free(store, m):
    first, second = an_appointment(m), an_appointment(m, 2)
    add(store, first, "09:00")
    request = StoredRequest("hash", second.id, second.code, second.start, second.end, "1")
    change = Change("09:00", 1, None, Lane(second.id))
    arguments = {"key": "k2", "request": request, "token_hash": "t2" + m, "phone_hash": None, "hold": None}
    store.add(second, RowChanges(second.row, (change,)), **arguments)
    assert store.lanes(first.row) == {"09:00": {0: Lane(first.id), 1: Lane(second.id)}}


def test_the_same_key_or_code_is_never_written_twice(store, m):
    add(store, an_appointment(m), "09:00")
    with pytest.raises(Outrun):
        add(store, an_appointment(m, 2), "09:05")
    with pytest.raises(Outrun):
        add(store, an_appointment(m, 2, code="CODE31"), "09:05", key="other")


def test_a_key_is_free_again_after_a_day(store, m):
    add(store, an_appointment(m), "09:00")
    assert store.request(m, "key", NOW + timedelta(hours=24)) is None
    add(store, an_appointment(m, 2, booked_at=NOW + timedelta(hours=24)), "09:05")
    stored = store.request(m, "key", NOW + timedelta(hours=25))
    assert stored is not None
    assert stored.appointment == an_appointment(m, 2).id


def a_hold(m: str, number: int = 1, **changes) -> Hold:
    expires = NOW + timedelta(minutes=10)
    end = NINE + timedelta(minutes=10)
    hold = Hold(f"01JDH0LD000000000000000{number}", m, "raadhuset", "counter", NINE, end, expires)
    return replace(hold, **changes)


def test_a_hold_takes_ends_and_is_replaced(store, m):
    hold = a_hold(m)
    until = int(hold.expires_at.timestamp())
    store.add_hold(hold, taking(hold, "09:00", until=until), None, NOW)
    assert store.hold(m, hold.id) == hold
    assert store.lanes(hold.row) == {"09:00": {0: Lane(hold.id, until)}}
    second = a_hold(m, 2)
    passed = Change("09:00", 0, hold.id, Lane(second.id, until))
    store.add_hold(second, RowChanges(hold.row, (passed,)), hold, NOW)
    assert store.hold(m, hold.id) is None
    store.end_hold(second, RowChanges(hold.row, (Change("09:00", 0, second.id, None),)), NOW)
    assert store.lanes(hold.row) == {"09:00": {}}
    assert store.hold(m, second.id) is None


def test_an_expired_lane_is_taken_and_its_late_owner_can_t_release_it(store, m):
    hold = a_hold(m)
    until = int(hold.expires_at.timestamp())
    store.add_hold(hold, taking(hold, "09:00", until=until), None, NOW)
    early = an_appointment(m, booked_at=NOW + timedelta(minutes=10, seconds=-1))
    with pytest.raises(Outrun):
        add(store, early, "09:00", fresh=False)
    late = replace(early, booked_at=NOW + timedelta(minutes=10))
    add(store, late, "09:00", fresh=False)
    with pytest.raises(Outrun):
        store.end_hold(hold, RowChanges(hold.row, (Change("09:00", 0, hold.id, None),)), NOW)
    assert store.lanes(hold.row) == {"09:00": {0: Lane(late.id)}}


def test_lanes_that_must_be_free_too_are_looked_at(store, m):
    first, second = an_appointment(m), an_appointment(m, 2)
    add(store, first, "09:00")
    change = Change("09:00", 1, None, Lane(second.id), also_free=(0,))
    hold = a_hold(m)
    with pytest.raises(Outrun):
        store.add_hold(hold, RowChanges(hold.row, (change,)), None, NOW)


def test_a_move_is_one_step_with_a_new_confirmation(store, m):
    before = an_appointment(m)
    add(store, before, "09:00", "09:05")
    later = NOW + timedelta(minutes=1)
    moved = {"start": NINE + timedelta(minutes=5), "end": NINE + timedelta(minutes=15)}
    after = replace(before, **moved, version=2, confirm_at=later)
    changes = (Change("09:10", 0, None, Lane(before.id), fresh=True), Change("09:00", 0, before.id, None))
    store.move(before, after, [RowChanges(before.row, changes)], token_hash=f"hash-{m}-{before.id}", now=later)
    assert store.appointment(m, before.id) == after
    assert store.lanes(before.row) == {"09:00": {}, "09:05": {0: Lane(before.id)}, "09:10": {0: Lane(before.id)}}
    assert not store.claim_confirmation(m, before.id, NOW)
    assert store.claim_confirmation(m, before.id, later)
    with pytest.raises(Outrun):
        store.move(before, after, [], token_hash=f"hash-{m}-{before.id}", now=later)


@pytest.mark.requirement("SK-02")
def test_cancelling_withdraws_the_consent_in_the_same_step(store, consents, m):
    before = an_appointment(m)
    add(store, before, "09:00")
    gone = {"state": AppointmentState.CANCELLED, "phone": None, "name": None, "confirm_at": None}
    after = replace(before, **gone, version=2)
    store.cancel(before, after, RowChanges(before.row, (Change("09:00", 0, before.id, None),)), NOW)
    assert store.appointment(m, before.id) == after
    assert store.lanes(before.row) == {"09:00": {}}
    record = consents.current(m, before.id)
    assert record is not None
    assert record.state is ConsentState.WITHDRAWN
    assert not store.claim_confirmation(m, before.id, NOW)
    with pytest.raises(Outrun):
        store.cancel(before, after, RowChanges(before.row, ()), NOW)


def test_a_confirmation_is_claimed_once_and_only_restored_for_what_still_stands(store, m):
    appointment = an_appointment(m)
    add(store, appointment, "09:00")
    assert store.claim_confirmation(m, appointment.id, NOW)
    assert not store.claim_confirmation(m, appointment.id, NOW)
    store.restore_confirmation(appointment)
    assert store.claim_confirmation(m, appointment.id, NOW)
    store.restore_confirmation(replace(appointment, version=7))
    assert not store.claim_confirmation(m, appointment.id, NOW)


@pytest.mark.requirement("SK-02")
def test_a_consent_changes_only_from_the_state_that_was_read(store, consents, m):
    add(store, an_appointment(m), "09:00")
    before = consents.current(m, an_appointment(m).id)
    assert before is not None
    withdrawn = replace(before, state=ConsentState.WITHDRAWN, at=NOW + timedelta(minutes=1))
    consents.change(before, withdrawn)
    assert consents.current(m, before.contact_id) == withdrawn
    with pytest.raises(Outrun):
        consents.change(before, withdrawn)
    consents.opt_out(m, "h" * 40, origin="web", at=NOW)
    consents.opt_out(m, "h" * 40, origin="web", at=NOW)
