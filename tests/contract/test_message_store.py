"""What every store of pending messages promises: the same tests on the fake and on DynamoDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.booking.model import AppointmentState, ConsentAnswer
from chalicelib.booking.planned import MessageKind, PlannedMessage, work_of
from chalicelib.consent.service import ConsentService
from chalicelib.municipalities.model import REMINDER_SMS
from chalicelib.shared.errors import Outrun
from chalicelib.shared.work import WorkItem, WorkKind
from tests.builders import KEYS, FixedClock
from tests.contract.test_booking_store import NINE, NOW, add, an_appointment
from tests.fakes.booking import FakeBookings

if TYPE_CHECKING:
    from chalicelib.booking.ports import BookingStore
    from chalicelib.consent.service import ConsentStore
    from chalicelib.shared.work import PendingWork

CONFIRMATION = PlannedMessage(MessageKind.CONFIRMATION, NOW)
REMINDER = PlannedMessage(MessageKind.REMINDER, NOW + timedelta(hours=1))
OFFER = PlannedMessage(MessageKind.EARLIER_TIME, NOW + timedelta(minutes=1), NOW + timedelta(hours=5))
LATER = NOW + timedelta(days=30)
_NUMBERS = count(1)


class Stores:
    """A store of bookings, the messages in it, and the work that it leaves."""

    def __init__(self, bookings: BookingStore, messages: Any, work: PendingWork, consents: ConsentStore) -> None:
        self.bookings = bookings
        self.consents = consents
        self.messages = messages
        self.work = work

    def withdraw(self, m: str, contact_id: str) -> None:
        """The consent to be reminded is taken back."""
        service = ConsentService(store=self.consents, keys=lambda: KEYS, clock=FixedClock)
        service.withdraw(m, contact_id, scope=REMINDER_SMS)

    def pending(self, m: str) -> list[tuple[WorkKind, str]]:
        """What is left to say; that a booking's facts land is another matter."""
        due = self.work.due(m, LATER)
        return [(item.kind, item.subject) for item in due if item.kind is not WorkKind.LAND_BOOKING]


@pytest.fixture(params=["fake", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "fake":
        fake = FakeBookings()
        return Stores(fake, fake, fake, fake)
    request.getfixturevalue("embedded")
    from chalicelib.adapters.booking.dynamodb_booking import DynamoDbBookings
    from chalicelib.adapters.booking.dynamodb_messages import DynamoDbMessages
    from chalicelib.adapters.citizens.dynamodb_consents import DynamoDbConsents
    from chalicelib.adapters.dynamodb_work import DynamoDbPendingWork

    bookings = DynamoDbBookings()
    return Stores(bookings, DynamoDbMessages(bookings), DynamoDbPendingWork(), DynamoDbConsents())


@pytest.fixture
def m() -> str:
    return f"messages{next(_NUMBERS)}"


def test_planned_messages_are_pending_with_the_booking(stores, m):
    appointment = an_appointment(m, messages=(CONFIRMATION, REMINDER), email="borger@example.org")
    add(stores.bookings, appointment, "09:00")
    assert stores.messages.appointment(m, appointment.id) == appointment
    assert stores.pending(m) == [(WorkKind.CONFIRM, appointment.id), (WorkKind.REMIND, appointment.id)]
    assert [item.kind for item in stores.work.due(m, NOW)] == [WorkKind.CONFIRM]


def test_a_message_is_claimed_once_and_only_restored_for_what_still_stands(stores, m):
    appointment = an_appointment(m)
    add(stores.bookings, appointment, "09:00")
    item = work_of(m, appointment.id, CONFIRMATION)
    assert stores.messages.claim(item)
    assert not stores.messages.claim(item)
    stores.messages.restore(item, appointment)
    assert stores.messages.claim(item)
    stores.messages.restore(item, replace(appointment, version=7))
    assert not stores.messages.claim(item)


@pytest.mark.requirement("SK-02")
def test_a_message_that_needs_a_consent_is_claimed_only_while_it_stands(stores, m):
    granted = ConsentAnswer(granted=True, text_version="r-1")
    appointment = an_appointment(m, messages=(REMINDER,), reminder_consent=granted)
    add(stores.bookings, appointment, "09:00")
    item = work_of(m, appointment.id, REMINDER)
    stores.withdraw(m, appointment.id)
    assert not stores.messages.claim(item, consent=REMINDER_SMS)
    assert stores.pending(m) == [(WorkKind.REMIND, appointment.id)], "the work is still there, for who drops it"
    assert stores.messages.claim(item)
    second = an_appointment(m, 2, messages=(REMINDER,), reminder_consent=granted)
    add(stores.bookings, second, "09:05", key="second")
    assert stores.messages.claim(work_of(m, second.id, REMINDER), consent=REMINDER_SMS)
    assert not stores.messages.claim(work_of(m, second.id, REMINDER), consent=REMINDER_SMS)


def test_a_move_plans_anew_and_a_cancellation_drops_what_is_left(stores, m):
    before = an_appointment(m, messages=(CONFIRMATION, REMINDER), want_earlier=True)
    add(stores.bookings, before, "09:00")
    moved = PlannedMessage(MessageKind.MOVED, NOW)
    later = PlannedMessage(MessageKind.REMINDER, NOW + timedelta(days=1))
    after = replace(before, start=NINE + timedelta(days=1), end=NINE + timedelta(days=1, minutes=10), version=2,
                    messages=(moved, later))  # fmt: skip
    freed = WorkItem(m, WorkKind.FREED, "01JD0FREED", NOW, {"office": "raadhuset"})
    stores.bookings.move(before, after, [], token_hash="hash", now=NOW, begins=[freed])
    expected = {(WorkKind.MOVED, before.id), (WorkKind.REMIND, before.id), (WorkKind.FREED, "01JD0FREED")}
    assert set(stores.pending(m)) == expected
    assert [each.start for each in stores.messages.waiting(m, "raadhuset", "counter", NOW)] == [after.start]
    gone = replace(after, state=AppointmentState.CANCELLED, phone=None, messages=(), want_earlier=False, version=3)
    stores.bookings.cancel(after, gone, [], NOW)
    assert stores.pending(m) == [(WorkKind.FREED, "01JD0FREED")]
    assert list(stores.messages.waiting(m, "raadhuset", "counter", NOW)) == []


def test_the_offices_cancellation_knows_whom_to_tell_and_forgets_them_with_the_claim(stores, m):
    before = an_appointment(m, email="borger@example.org")
    add(stores.bookings, before, "09:00")
    told = PlannedMessage(MessageKind.CANCELLED, NOW + timedelta(minutes=1))
    after = replace(
        before, state=AppointmentState.CANCELLED, phone=None, email=None, name=None, messages=(told,), version=2
    )
    stores.bookings.cancel(before, after, [], NOW)
    (item,) = (each for each in stores.work.due(m, LATER) if each.kind is not WorkKind.LAND_BOOKING)
    assert dict(item.payload) == {"phone": "+4520123456", "email": "borger@example.org"}
    assert "+45" not in repr(item)
    assert stores.work.find(m, item.kind, item.subject, item.due_at) == item
    assert stores.messages.claim(item)
    assert stores.pending(m) == []


def test_a_change_leaves_alone_what_may_have_been_sent(stores, m):
    before = an_appointment(m, messages=(CONFIRMATION, REMINDER))
    add(stores.bookings, before, "09:00")
    assert stores.messages.claim(work_of(m, before.id, CONFIRMATION))
    after = replace(before, messages=(*before.messages, OFFER), earlier_offered=(OFFER.about,), version=2)
    stores.messages.update(before, after)
    assert stores.messages.appointment(m, before.id) == after
    assert stores.pending(m) == [(WorkKind.EARLIER, before.id), (WorkKind.REMIND, before.id)]
    with pytest.raises(Outrun):
        stores.messages.update(before, after)
    silent = replace(after, phone=None, messages=(), version=3)
    stores.messages.update(after, silent)
    assert stores.pending(m) == []
    assert stores.messages.appointment(m, before.id).phone is None


def test_who_waits_comes_in_the_order_of_booking_and_only_from_later_on(stores, m):
    second = an_appointment(m, 2, want_earlier=True, booked_at=NOW - timedelta(minutes=1))
    first = an_appointment(m, 1, want_earlier=True, booked_at=NOW - timedelta(minutes=2), start=NINE)
    for number, each in enumerate((second, first, an_appointment(m, 3)), start=1):
        add(stores.bookings, each, f"09:0{number}", key=f"key{number}")
    assert [each.id for each in stores.messages.waiting(m, "raadhuset", "counter", NOW)] == [first.id, second.id]
    assert list(stores.messages.waiting(m, "raadhuset", "counter", NINE)) == []
    assert list(stores.messages.waiting(m, "raadhuset", "other", NOW)) == []
    assert list(stores.messages.waiting(f"{m}x", "raadhuset", "counter", NOW)) == []


def test_a_freed_time_is_offered_by_one_and_the_next_round_begins_with_it(stores, m):
    before = an_appointment(m, want_earlier=True)
    add(stores.bookings, before, "09:00")
    work = WorkItem(m, WorkKind.FREED, "01JD0FREED1", NOW, {"office": "raadhuset"})
    again = replace(work, subject="01JD0FREED2", due_at=NOW + timedelta(minutes=30))
    stores.messages.announce([work])
    after = replace(before, messages=(*before.messages, OFFER), version=2)
    stores.messages.offer(before, after, work, again)
    freed = list(stores.work.due(m, LATER, kind=WorkKind.FREED))
    assert freed == [again]
    with pytest.raises(Outrun):
        stores.messages.offer(after, replace(after, version=3), work, again)
    assert stores.messages.appointment(m, before.id) == after


def test_freed_work_is_postponed_only_while_it_is_to_be_done(stores, m):
    work = WorkItem(m, WorkKind.FREED, "01JD0FREED1", NOW, {"office": "raadhuset"})
    later = replace(work, due_at=NOW + timedelta(hours=9))
    stores.messages.announce([work])
    stores.messages.postpone(work, later)
    assert list(stores.work.due(m, LATER)) == [later]
    stores.messages.postpone(work, replace(later, subject="01JD0FREED2"))
    assert list(stores.work.due(m, LATER)) == [later]
    stores.messages.end(later)
    stores.messages.end(later)
    assert list(stores.work.due(m, LATER)) == []
