"""What every booking store promises: the same tests on the fake and on DynamoDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest

from chalicelib.booking.capacity import MAX_CHANGES, MAX_TICKS, Change, Edit, Lane, TickState
from chalicelib.booking.model import (
    Appointment,
    AppointmentState,
    ConsentAnswer,
    Hold,
    PhoneRow,
    RowChanges,
    StoredRequest,
)
from chalicelib.booking.planned import MessageKind, PlannedMessage
from chalicelib.consent.model import ConsentState
from chalicelib.municipalities.model import REMINDER_SMS, SURVEY_SMS
from chalicelib.shared.errors import Outrun
from chalicelib.shared.phone import PhoneNumber
from chalicelib.shared.work import WorkItem, WorkKind
from tests.fakes.booking import FakeBookings

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
    from chalicelib.adapters.booking.dynamodb_booking import DynamoDbBookings

    return DynamoDbBookings()


@pytest.fixture
def consents(store: BookingStore) -> ConsentStore:
    if isinstance(store, FakeBookings):
        return store
    from chalicelib.adapters.citizens.dynamodb_consents import DynamoDbConsents

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
        "messages": (PlannedMessage(MessageKind.CONFIRMATION, NOW),),
    }
    return Appointment(**{**facts, **changes})


def taking(appointment: Appointment | Hold, *ticks: str, until: int | None = None, fresh: bool = True) -> RowChanges:
    lane = Lane(appointment.id, until)
    return RowChanges(appointment.row, tuple(Change(tick, (Edit(0, None, lane),), fresh=fresh) for tick in ticks))


def freed(tick: str, lane: Lane) -> Change:
    return Change(tick, (Edit(0, lane, None),))


def add(store: BookingStore, appointment: Appointment, *ticks: str, key: str = "key", fresh: bool = True, hold=None):
    request = StoredRequest("hash", appointment.id, appointment.code, appointment.start, appointment.end, "1")
    store.add(
        appointment,
        [taking(appointment, *ticks, fresh=fresh)],
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
    assert store.lanes(appointment.row) == {tick: TickState({0: Lane(appointment.id)}) for tick in ("09:00", "09:05")}
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
    change = Change("09:00", (Edit(1, None, Lane(second.id, within=2)),))
    arguments = {"key": "k2", "request": request, "token_hash": "t2" + m, "phone_hash": None, "hold": None}
    store.add(second, [RowChanges(second.row, (change,))], **arguments)
    assert store.lanes(first.row) == {"09:00": TickState({0: Lane(first.id), 1: Lane(second.id, within=2)})}


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
    assert store.lanes(hold.row) == {"09:00": TickState({0: Lane(hold.id, until)})}
    second = a_hold(m, 2)
    passed = Change("09:00", (Edit(0, Lane(hold.id, until), Lane(second.id, until)),))
    store.add_hold(second, RowChanges(hold.row, (passed,)), hold, NOW)
    assert store.hold(m, hold.id) is None
    store.end_hold(second, RowChanges(hold.row, (freed("09:00", Lane(second.id, until)),)), NOW)
    assert store.lanes(hold.row) == {"09:00": TickState({})}
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
        store.end_hold(hold, RowChanges(hold.row, (freed("09:00", Lane(hold.id, until)),)), NOW)
    assert store.lanes(hold.row) == {"09:00": TickState({0: Lane(late.id)})}


def test_lanes_that_must_be_free_too_are_looked_at(store, m):
    first, second = an_appointment(m), an_appointment(m, 2)
    add(store, first, "09:00")
    change = Change("09:00", (Edit(1, None, Lane(second.id)),), unchanged=((0, None),))
    hold = a_hold(m)
    with pytest.raises(Outrun):
        store.add_hold(hold, RowChanges(hold.row, (change,)), None, NOW)


def test_an_extended_hold_keeps_its_lanes_longer_and_only_as_it_was_read(store, m):
    hold = a_hold(m)
    until = int(hold.expires_at.timestamp())
    store.add_hold(hold, taking(hold, "09:00", until=until), None, NOW)
    after = replace(hold, expires_at=hold.expires_at + timedelta(minutes=5), extended=1)
    longer = Change("09:00", (Edit(0, Lane(hold.id, until), Lane(hold.id, until + 300)),))
    store.extend_hold(hold, after, RowChanges(hold.row, (longer,)), NOW)
    assert store.hold(m, hold.id) == after
    assert store.lanes(hold.row) == {"09:00": TickState({0: Lane(hold.id, until + 300)})}
    with pytest.raises(Outrun):
        store.extend_hold(hold, after, RowChanges(hold.row, (longer,)), NOW)
    with pytest.raises(Outrun):
        add(store, an_appointment(m, booked_at=hold.expires_at), "09:00", fresh=False)


def test_a_lane_passes_on_and_another_takes_its_place_in_one_step(store, m):
    first, second = an_appointment(m), an_appointment(m, 2)
    add(store, first, "09:00")
    shifted = (Edit(0, Lane(first.id), Lane(second.id, within=1)), Edit(1, None, Lane(first.id)))
    request = StoredRequest("hash", second.id, second.code, second.start, second.end, "1")
    arguments = {"key": "k2", "request": request, "token_hash": "t2" + m, "phone_hash": None, "hold": None}
    store.add(second, [RowChanges(second.row, (Change("09:00", shifted),))], **arguments)
    assert store.lanes(first.row) == {"09:00": TickState({0: Lane(second.id, within=1), 1: Lane(first.id)})}


def test_a_cap_is_set_and_follows_and_whoever_has_not_read_it_is_outrun(store, m):
    first, row = an_appointment(m), an_appointment(m).row
    add(store, first, "09:00")
    store.set_caps(row, {"09:00": 1, "09:05": 0})
    assert store.lanes(row) == {"09:00": TickState({0: Lane(first.id)}, 1), "09:05": TickState({}, 0)}
    with pytest.raises(Outrun):
        add(store, an_appointment(m, 2), "09:05", key="k2")
    hold = a_hold(m)
    unread = Change("09:00", (Edit(1, None, Lane(hold.id, 1)),))
    with pytest.raises(Outrun):
        store.add_hold(hold, RowChanges(row, (unread,)), None, NOW)
    store.add_hold(hold, RowChanges(row, (replace(unread, cap=1),)), None, NOW)
    store.set_caps(row, {"09:00": 3, "09:05": 2})
    assert store.lanes(row)["09:00"] == TickState({0: Lane(first.id), 1: Lane(hold.id, 1)}, 3)
    assert store.lanes(row)["09:05"] == TickState({}, 2)


def test_many_caps_are_set_whatever_a_transaction_holds(store, m):
    row = an_appointment(m).row
    store.set_caps(row, {f"{n // 12:02d}:{n % 12 * 5:02d}": 0 for n in range(200)})
    assert len(store.lanes(row)) == 200


def test_several_days_are_read_side_by_side_in_the_order_asked(store, m):
    first, row = an_appointment(m), an_appointment(m).row
    add(store, first, "09:00")
    rows = [replace(row, day=row.day + timedelta(days=n)) for n in range(-3, 3)]
    assert [bool(seen) for seen in store.lanes_of(rows)] == [False, False, False, True, False, False]
    assert store.lanes_of(rows[3:4]) == [store.lanes(row)]
    assert store.lanes_of([]) == []


def test_a_phone_number_has_places_of_its_own(store, m):
    row, now = PhoneRow(m, "p" * 40, NOW + timedelta(days=62)), int(NOW.timestamp())
    first, second = an_appointment(m), an_appointment(m, 2)
    place = Change("open", (Edit(0, None, Lane(first.id, now + 60)),), fresh=True)
    request = StoredRequest("hash", first.id, first.code, first.start, first.end, "1")
    arguments = {"key": "k", "request": request, "token_hash": "t" + m, "phone_hash": "p" * 40, "hold": None}
    store.add(first, [taking(first, "09:00"), RowChanges(row, (place,))], **arguments)
    assert store.lanes(row) == {"open": TickState({0: Lane(first.id, now + 60)})}
    assert store.lanes(replace(row, phone_hash="q" * 40)) == {}
    with pytest.raises(Outrun):
        store.add(second, [taking(second, "09:05"), RowChanges(row, (place,))], **{**arguments, "key": "k2"})
    gone = Change("open", (Edit(0, Lane(first.id, now + 60), None),))
    after = replace(first, state=AppointmentState.CANCELLED, phone=None, name=None, messages=(), version=2)
    store.cancel(first, after, [RowChanges(row, (gone,))], NOW)
    assert store.lanes(row) == {"open": TickState({})}


def test_a_move_is_one_step(store, m):
    before = an_appointment(m)
    add(store, before, "09:00", "09:05")
    later = NOW + timedelta(minutes=1)
    moved = {"start": NINE + timedelta(minutes=5), "end": NINE + timedelta(minutes=15)}
    after = replace(before, **moved, version=2)
    changes = (Change("09:10", (Edit(0, None, Lane(before.id)),), fresh=True), freed("09:00", Lane(before.id)))
    store.move(before, after, [RowChanges(before.row, changes)], token_hash=f"hash-{m}-{before.id}", now=later)
    assert store.appointment(m, before.id) == after
    assert store.lanes(before.row) == {
        "09:00": TickState({}),
        "09:05": TickState({0: Lane(before.id)}),
        "09:10": TickState({0: Lane(before.id)}),
    }
    with pytest.raises(Outrun):
        store.move(before, after, [], token_hash=f"hash-{m}-{before.id}", now=later)


@pytest.mark.requirement("SK-02")
def test_cancelling_withdraws_the_consent_in_the_same_step(store, consents, m):
    before = an_appointment(m)
    add(store, before, "09:00")
    gone = {"state": AppointmentState.CANCELLED, "phone": None, "name": None, "messages": ()}
    after = replace(before, **gone, version=2)
    store.cancel(before, after, [RowChanges(before.row, (freed("09:00", Lane(before.id)),))], NOW)
    assert store.appointment(m, before.id) == after
    assert store.lanes(before.row) == {"09:00": TickState({})}
    record = consents.current(m, before.id)
    assert record is not None
    assert record.state is ConsentState.WITHDRAWN
    with pytest.raises(Outrun):
        store.cancel(before, after, [RowChanges(before.row, ())], NOW)


NO, YES = ConsentAnswer(granted=False, text_version="2026-1"), ConsentAnswer(granted=True, text_version="r-1")


@pytest.mark.requirement("SK-02")
def test_each_question_has_its_own_answer_and_both_end_with_the_appointment(store, consents, m):
    before = an_appointment(m, consent=NO, reminder_consent=YES)
    add(store, before, "09:00")
    assert store.appointment(m, before.id) == before
    survey, reminder = consents.current(m, before.id), consents.current(m, before.id, REMINDER_SMS)
    assert (survey.scope, survey.state, survey.text_version) == (SURVEY_SMS, ConsentState.REFUSED, "2026-1")
    assert (reminder.scope, reminder.state, reminder.text_version) == (REMINDER_SMS, ConsentState.GRANTED, "r-1")
    assert (reminder.origin, reminder.language, reminder.at) == ("web", "da", NOW)
    assert reminder.phone_hash == "p" * 40
    after = replace(before, state=AppointmentState.CANCELLED, phone=None, name=None, messages=(), version=2)
    store.cancel(before, after, [RowChanges(before.row, (freed("09:00", Lane(before.id)),))], NOW)
    assert consents.current(m, before.id).state is ConsentState.REFUSED
    assert consents.current(m, before.id, REMINDER_SMS).state is ConsentState.WITHDRAWN


@pytest.mark.requirement("SK-02")
def test_a_question_that_was_not_asked_leaves_nothing(store, consents, m):
    before = an_appointment(m, reminder_consent=replace(YES, granted=False, offered=False))
    add(store, before, "09:00")
    assert consents.current(m, before.id, REMINDER_SMS) is None


def many(ticks: int) -> tuple[str, ...]:
    return tuple(f"{n // 12:02d}:{n % 12 * 5:02d}" for n in range(ticks))


def a_full_one(m: str) -> Appointment:
    """Everything that an appointment can bring into a transaction beside its ticks."""
    kinds = (MessageKind.CONFIRMATION, MessageKind.REMINDER, MessageKind.CLOSED, MessageKind.EARLIER_TIME)
    messages = tuple(PlannedMessage(kind, NOW + timedelta(minutes=n), NINE) for n, kind in enumerate(kinds))
    answers = {"consent": replace(YES, text_version="2026-1"), "reminder_consent": YES}
    return an_appointment(m, **answers, messages=messages, want_earlier=True)


def test_the_longest_booking_with_all_that_it_brings_fits_into_one_transaction_and_so_does_its_end(store, m):
    before, hold, now = a_full_one(m), a_hold(m), int(NOW.timestamp())
    place = RowChanges(
        PhoneRow(m, "p" * 40, NOW), (Change("open", (Edit(0, None, Lane(before.id, now)),), fresh=True),)
    )
    request = StoredRequest("hash", before.id, before.code, before.start, before.end, "1")
    arguments = {"key": "k", "request": request, "token_hash": "t" + m, "phone_hash": "p" * 40, "hold": hold}
    store.add(before, [taking(before, *many(MAX_TICKS)), place], **arguments)
    assert len(store.lanes(before.row)) == MAX_TICKS
    gone = {"state": AppointmentState.CANCELLED, "phone": None, "name": None, "want_earlier": False}
    told = (PlannedMessage(MessageKind.CANCELLED, NOW),)
    released = RowChanges(before.row, tuple(freed(tick, Lane(before.id)) for tick in many(MAX_TICKS)))
    back = RowChanges(place.row, (Change("open", (Edit(0, Lane(before.id, now), None),)),))
    freed_time = WorkItem(m, WorkKind.FREED, "01JD0FREED", NOW, {})
    store.cancel(before, replace(before, **gone, messages=told, version=2), [released, back], NOW, [freed_time])
    assert not any(state.lanes for state in store.lanes(before.row).values())


def test_the_longest_move_fits_into_one_transaction(store, m):
    before, now, mine = a_full_one(m), int(NOW.timestamp()), many(41)
    place = RowChanges(
        PhoneRow(m, "p" * 40, NOW), (Change("open", (Edit(0, None, Lane(before.id, now)),), fresh=True),)
    )
    request = StoredRequest("hash", before.id, before.code, before.start, before.end, "1")
    arguments = {"key": "k", "request": request, "token_hash": "t" + m, "phone_hash": "p" * 40, "hold": None}
    store.add(before, [taking(before, *mine), place], **arguments)
    there = {"start": NINE + timedelta(days=1), "end": NINE + timedelta(days=1, hours=4), "desk_group": "other"}
    told = tuple(PlannedMessage(kind, NOW + timedelta(days=1)) for kind in (MessageKind.MOVED, MessageKind.REMINDER))
    after = replace(before, **there, messages=told, version=2)
    left = RowChanges(before.row, tuple(freed(tick, Lane(before.id)) for tick in mine))
    longer = RowChanges(place.row, (Change("open", (Edit(0, Lane(before.id, now), Lane(before.id, now + 9)),)),))
    rows = [taking(after, *mine), left]
    assert sum(len(row.changes) for row in rows) == MAX_CHANGES
    freed_time = WorkItem(m, WorkKind.FREED, "01JD0FREED", NOW, {})
    store.move(before, after, [*rows, longer], token_hash="t" + m, now=NOW, begins=[freed_time])
    assert store.appointment(m, before.id) == after


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
