"""Fakes of what the messages around appointments need: the same promises as the real stores, in memory."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from chalicelib.adapters.booking.message_rows import pending_messages
from chalicelib.booking.earlier_times import EarlierTimes
from chalicelib.booking.messaging import AppointmentMessages
from chalicelib.dispatch import sms_text
from chalicelib.dispatch.quiet_hours import next_allowed
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import Outrun
from chalicelib.shared.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from chalicelib.booking.capacity import Slot
    from chalicelib.booking.message_ports import FreeTimes, Letter
    from chalicelib.booking.model import Appointment
    from chalicelib.booking.service import BookingService
    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.phone import PhoneNumber
    from chalicelib.shared.work import WorkItem, WorkKind
    from tests.builders import FixedClock
    from tests.fakes.booking import FakeBookings


class FakeTextMessages:
    """Keeps what was sent; `leaves` False: nothing leaves."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []
        self.leaves = True

    def send(self, *, phone: PhoneNumber, text: str, sender: str) -> bool:
        if self.leaves:
            self.sent.append((phone.reveal(), text, sender))
        return self.leaves


class FakeLetters:
    """Keeps what was posted; `leaves` False: nothing leaves."""

    def __init__(self) -> None:
        self.sent: list[Letter] = []
        self.leaves = True

    def send(self, letter: Letter) -> bool:
        if self.leaves:
            self.sent.append(letter)
        return self.leaves


class FakeMessageRows(ABC):
    """`MessageStore`, `EarlierStore` and `PendingWork` in memory: a part of `FakeBookings`, under its lock."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.appointments: dict[tuple[str, str], Appointment] = {}
        self.work: dict[tuple[str, str, str, datetime], WorkItem] = {}

    @property
    def pending(self) -> set[tuple[str, str]]:
        """Kind and subject of what is pending."""
        return {(str(item.kind), item.subject) for item in self.work.values()}

    # Pending work

    def due(self, municipality: str, now: datetime, *, kind: WorkKind | None = None) -> Iterator[WorkItem]:
        with self._lock:
            mine = [item for item in self.work.values() if item.municipality == municipality and item.due_at <= now]
        found = [item for item in mine if kind in {None, item.kind}]
        return iter(sorted(found, key=lambda item: item.due_at))

    def find(self, municipality: str, kind: WorkKind, subject: str, due_at: datetime) -> WorkItem | None:
        return self.work.get((municipality, str(kind), subject, due_at))

    # Messages

    def claim(self, item: WorkItem, *, consent: str | None = None) -> bool:
        with self._lock:
            if consent is not None and not self.is_granted(item.municipality, item.subject, consent):
                return False
            return self.work.pop(_key(item), None) is not None

    @abstractmethod
    def is_granted(self, municipality: str, contact_id: str, scope: str) -> bool:
        """What the consents say, which are kept beside the messages."""

    def restore(self, item: WorkItem, appointment: Appointment) -> None:
        with self._lock:
            if self.appointments[appointment.municipality, appointment.id].version == appointment.version:
                self.work[_key(item)] = item

    def update(self, before: Appointment, after: Appointment) -> None:
        with self._lock:
            self._update(before, after)

    def _update(self, before: Appointment, after: Appointment) -> None:
        if self.appointments[before.municipality, before.id] != before:
            raise Outrun
        self.appointments[after.municipality, after.id] = after
        self.swap_messages(before, after, anew=False)

    def swap_messages(self, before: Appointment | None, after: Appointment, *, anew: bool = True) -> None:
        ends, begins = pending_messages(before, after, anew=anew)
        for item in ends:
            self.work.pop(_key(item), None)
        self.add_work(begins)

    def add_work(self, items: Sequence[WorkItem]) -> None:
        self.work.update({_key(item): item for item in items})

    # Earlier times

    def waiting(self, municipality: str, office: str, group: str, later_than: datetime) -> Iterator[Appointment]:
        with self._lock:
            waiting = [
                each
                for each in self.appointments.values()
                if each.want_earlier
                and not each.is_cancelled
                and (each.municipality, each.office, each.desk_group) == (municipality, office, group)
                and each.start > later_than
            ]
        return iter(sorted(waiting, key=lambda each: (each.booked_at, each.id)))

    def offer(self, before: Appointment, after: Appointment, done: WorkItem, next_: WorkItem) -> None:
        with self._lock:
            if _key(done) not in self.work:
                raise Outrun
            self._update(before, after)
            del self.work[_key(done)]
            self.add_work([next_])

    def announce(self, items: Sequence[WorkItem]) -> None:
        self.add_work(items)

    def postpone(self, item: WorkItem, later: WorkItem) -> None:
        with self._lock:
            if self.work.pop(_key(item), None):
                self.add_work([later])

    def end(self, item: WorkItem) -> None:
        self.work.pop(_key(item), None)


def _key(item: WorkItem) -> tuple[str, str, str, datetime]:
    return item.municipality, str(item.kind), item.subject, item.due_at


def the_messages(
    store: FakeBookings,
    service: BookingService,
    *,
    clock: FixedClock,
    phones: FakeTextMessages | None = None,
    letters: FakeLetters | None = None,
) -> AppointmentMessages:
    """The messages of a booking service on the same fake store."""
    the_phones, the_letters = phones or FakeTextMessages(), letters or FakeLetters()
    return AppointmentMessages(
        store=store,
        work=store,
        texts=sms_text,
        phones=lambda: the_phones,
        letters=lambda: the_letters,
        link_of=service.link_of,
        quiet_hours=next_allowed,
        clock=lambda: clock,
        retry=Retry(sleep=lambda _: None),
    )


def the_earlier_times(store: FakeBookings, service: BookingService, *, clock: FixedClock) -> EarlierTimes:
    """Earlier times of a booking service on the same fake store."""
    return EarlierTimes(
        store=store, work=store, free_times=free_times_of(service), quiet_hours=next_allowed, clock=lambda: clock
    )


def free_times_of(service: BookingService) -> FreeTimes:
    """What an appointment's citizen could book instead."""

    def free(municipality: Municipality, appointment: Appointment, moment: datetime) -> Sequence[Slot]:
        day = local_date(moment)
        return service.slots(municipality, appointment.office, appointment.reasons, day, day)

    return free
