"""Fakes of planning's ports: an office's day in memory, exceptions, configurations that follow them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.booking.asking import Asking
from chalicelib.booking.model import Booked, BookingRequest, ConsentAnswer
from chalicelib.booking.planned import MessageKind, PlannedMessage
from chalicelib.booking.planning import DayPlanning
from chalicelib.municipalities.exceptions import StaffException, with_exceptions
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import Conflict, NotFound
from chalicelib.shared.phone import PhoneNumber
from chalicelib.shared.retry import Retry
from tests.builders import FixedClock, a_municipality
from tests.fakes.booking import FakeBookings, a_booking_service

if TYPE_CHECKING:
    from datetime import date, datetime

    from chalicelib.booking.model import Appointment, RowChanges
    from chalicelib.municipalities.model import Municipality


class FakePlanning(FakeBookings):
    """`PlanningStore` on the fake bookings, so that booking and planning see the same lanes."""

    def booked(self, municipality: str, office: str, day: date) -> list[Appointment]:
        found = [
            each
            for each in self.appointments.values()
            if (each.municipality, each.office, local_date(each.start)) == (municipality, office, day)
        ]
        return sorted((each for each in found if not each.is_cancelled), key=lambda each: (each.start, each.id))

    def keep(self, changes: RowChanges, now: datetime) -> None:
        with self._lock:
            self._apply([changes], now)


class FakeExceptions:
    """`StaffExceptions` in memory."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], StaffException] = {}

    def of(self, municipality: str) -> list[StaffException]:
        return [row for (owner, _), row in sorted(self.rows.items()) if owner == municipality]

    def add(self, municipality: str, exception: StaffException) -> None:
        if (municipality, exception.id) in self.rows:
            raise Conflict
        self.rows[municipality, exception.id] = exception

    def remove(self, municipality: str, before: StaffException, after: StaffException) -> None:
        known = self.rows.get((municipality, before.id))
        if known is None or known.version != before.version:
            raise Conflict
        self.rows[municipality, before.id] = after


class FakeConfigurations:
    """`Municipalities` that keeps what it has read until it is told to forget it, as the real one does for a minute."""

    def __init__(self, exceptions: FakeExceptions, *known: Municipality) -> None:
        self.files = {each.id: each for each in known or (a_municipality(),)}
        self._exceptions = exceptions
        self._read: dict[str, Municipality] = {}

    def get(self, municipality: str) -> Municipality:
        if municipality not in self.files:
            raise NotFound
        if municipality not in self._read:
            self._read[municipality] = with_exceptions(self.files[municipality], self._exceptions.of(municipality))
        return self._read[municipality]

    def forget(self, municipality: str) -> None:
        self._read.pop(municipality, None)

    def directory(self) -> tuple[()]:
        return ()


class FakeProposals:
    """Plans the message as the real one does, and counts what was sent."""

    def __init__(self, store: FakePlanning, clock: FixedClock) -> None:
        self._store, self._clock = store, clock
        self.sent: list[str] = []

    def propose(self, municipality: Municipality, appointment: Appointment, start: datetime) -> Appointment:
        before = self._store.appointments[municipality.id, appointment.id]
        message = PlannedMessage(MessageKind.CLOSED, self._clock.now(), start)
        after = replace(before, messages=(*before.messages, message), version=before.version + 1)
        self._store.appointments[municipality.id, appointment.id] = after
        return after

    def withdraw_proposal(self, appointment: Appointment) -> Appointment:
        before = self._store.appointments[appointment.municipality, appointment.id]
        others = tuple(known for known in before.messages if known.kind is not MessageKind.CLOSED)
        after = replace(before, messages=others, version=before.version + 1)
        self._store.appointments[appointment.municipality, appointment.id] = after
        return after

    def send_now(self, municipality: Municipality, appointment_id: str) -> int:
        self.sent.append(appointment_id)
        return 1


@dataclass
class PlanningWorld:
    """Booking, planning and asking on one store and one clock."""

    file: Municipality = field(default_factory=a_municipality)
    clock: FixedClock = field(default_factory=FixedClock)
    quiet_for: timedelta = timedelta()

    def __post_init__(self) -> None:
        retry = Retry(sleep=lambda _: None)
        self.store, self.exceptions = FakePlanning(), FakeExceptions()
        self.municipalities = FakeConfigurations(self.exceptions, self.file)
        self.booking = a_booking_service(self.store, clock=self.clock)
        self.messages = FakeProposals(self.store, self.clock)
        self.planning = DayPlanning(
            municipalities=lambda: self.municipalities,
            exceptions=self.exceptions,
            store=self.store,
            clock=lambda: self.clock,
            retry=retry,
        )
        self.asking = Asking(
            store=self.store,
            messages=lambda: self.messages,
            moves=lambda: self.booking,
            quiet_hours=lambda moment, _: moment + self.quiet_for,
            clock=lambda: self.clock,
            retry=retry,
        )
        self._keys = 0

    @property
    def municipality(self) -> Municipality:
        """As staff have changed it, read anew."""
        self.municipalities.forget(self.file.id)
        return self.municipalities.get(self.file.id)

    def book(self, start: datetime, *, phone: str | None = "+4520123456", reason: str = "passport") -> Booked:
        self._keys += 1
        request = BookingRequest(
            office="raadhuset",
            reasons=(reason,),
            start=start,
            language="da",
            consent=ConsentAnswer(granted=False, text_version="2026-1"),
            phone=PhoneNumber(phone) if phone else None,
        )
        return self.booking.book(self.municipality, request, f"key-{self._keys}")

    def appointment(self, booked: Booked) -> Appointment:
        return self.store.appointments[self.file.id, booked.id]
