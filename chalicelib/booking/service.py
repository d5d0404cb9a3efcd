"""Booking: the use cases of a citizen's appointment (design 4.1).

Every attempt reads the ticks and decides by `capacity.plan`; the store writes the plan in one transaction or not at
all. Whoever was outrun reads again and decides anew, so `slot_taken` is only ever said of what a read has shown; and
whoever lost an answer finds what was done by the request's key or by the record's own id, so nothing is done twice.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.booking.availability import Availability
from chalicelib.booking.capacity import Lane, Slot
from chalicelib.booking.changes import AppointmentChanges
from chalicelib.booking.confirmation import EXAMPLE, EXAMPLE_CODE, Confirmations, invitation_text
from chalicelib.booking.model import Appointment, Booked, BookingRequest, Hold
from chalicelib.booking.placing import AppointmentPlacing, appointment_token
from chalicelib.booking.rules import errand, wanted_ticks
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import NotFound
from chalicelib.shared.hashing import is_token, token_hash
from chalicelib.shared.identifiers import HoldId, new_ulid, normalise_booking_code
from chalicelib.shared.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from chalicelib.booking.ports import BookingStore, ConfirmationSender, MessageTexts
    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.hashing import Keys
    from chalicelib.shared.work import PendingWork


class BookingService:
    """Times, holds and appointments."""

    def __init__(
        self,
        *,
        store: BookingStore,
        work: PendingWork,
        keys: Callable[[], Keys],
        clock: Callable[[], Clock],
        sender: Callable[[], ConfirmationSender],
        texts: MessageTexts,
        public_url: str,
        retry: Retry | None = None,
    ) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._public_url = public_url
        self._texts = texts
        self._retry = retry or Retry()
        self._availability = Availability(store, clock)
        self._placing = AppointmentPlacing(store, self._availability, keys, clock, self._retry)
        self._changes = AppointmentChanges(store, self._availability, clock, self._retry)
        self._confirmations = Confirmations(store, work, sender, texts)

    # Looking

    def slots(
        self, municipality: Municipality, office: str, reasons: Sequence[str], first: date, last: date
    ) -> list[Slot]:
        """Times of the days from `first` to `last` that can be booked now, in order; see `Availability`."""
        return self._availability.slots(municipality, office, reasons, first, last)

    def first_free(
        self, municipality: Municipality, office: str, reasons: Sequence[str], *, after: date | None = None
    ) -> Slot | None:
        """The first time that can be booked, on the day `after` or later; see `Availability`."""
        return self._availability.first_free(municipality, office, reasons, after=after)

    def find_by_token(self, token: str) -> Appointment:
        """The appointment that a link opens.

        Raises:
            NotFound: no such link, or it has expired.
        """
        found = self._store.linked(token_hash(token), self._clock().now()) if is_token(token) else None
        appointment = self._store.appointment(*found) if found else None
        if appointment is None:
            raise NotFound
        return appointment

    def find_by_code(self, municipality: str, code: str) -> Appointment:
        """The appointment with a booking code, however it was typed.

        Raises:
            NotFound: this municipality has none with that code.
        """
        appointment = self._store.appointment_by_code(municipality, normalise_booking_code(code))
        if appointment is None:
            raise NotFound
        return appointment

    def is_checked_in(self, appointment: Appointment) -> bool:
        """True once the citizen has checked in at the office."""
        return self._store.is_checked_in(appointment)

    def token_of(self, appointment: Appointment) -> str:
        """The secret of the appointment's link; the same each time."""
        return appointment_token(self._keys(), appointment.municipality, appointment.id)

    def link(self, municipality: str, token: str) -> str:
        """The address of an appointment's own page."""
        return f"{self._public_url}/{municipality}/appointments/{token}"

    # Holding

    def hold(
        self,
        municipality: Municipality,
        office: str,
        reasons: Sequence[str],
        start: datetime,
        *,
        instead_of: str | None = None,
    ) -> Hold:
        """A place that nobody else gets until the hold expires. `instead_of` is a hold of the same citizen that ends.

        Raises:
            InvalidInput, NotBookable, SlotTaken, Busy: as `book` does.
        """
        wish = errand(municipality, office, reasons)
        hold_id = HoldId(new_ulid(self._clock().now()))

        def attempt() -> Hold:
            if done := self._store.hold(municipality.id, hold_id):
                return done
            now = self._clock().now().replace(microsecond=0)
            ticks = wanted_ticks(municipality, wish, start, now)
            expires = now + timedelta(minutes=municipality.booking.hold_minutes)
            row = wish.row(municipality, local_date(start))
            before = self._availability.hold_in(row, instead_of)
            lane = Lane(hold_id, int(expires.timestamp()))
            changes = self._availability.taking(row, ticks, after=lane, mine=before.id if before else None, now=now)
            hold = Hold(hold_id, municipality.id, row.office, row.group, start, ticks[-1].end, expires)
            self._store.add_hold(hold, changes, before, now)
            return hold

        return self._retry.run(attempt)

    def release(self, municipality: Municipality, hold_id: str) -> None:
        """The held place is free again.

        Raises:
            NotFound: there is no such hold.
        """
        if self._store.hold(municipality.id, hold_id) is None:
            raise NotFound

        def attempt() -> None:
            if hold := self._store.hold(municipality.id, hold_id):
                now = self._clock().now()
                self._store.end_hold(hold, self._availability.releasing(hold.row, hold.id, now), now)

        self._retry.run(attempt)

    # Booking

    def book(self, municipality: Municipality, request: BookingRequest, idempotency_key: str) -> Booked:
        """The appointment, booked once however often the request arrives with the same key within 24 hours (I1).

        Granted or refused, the consent is on record with the wording that was asked (SK-02).

        Raises:
            InvalidInput: a field is wrong. NotBookable: passed, closed or too far ahead.
            KeyReused: the key was used for another request.
            SlotTaken: a read has shown that no place is left.
            Busy, Ambiguous: try again with the same key.
        """
        return self._placing.book(municipality, request, idempotency_key)

    # Changing

    def move(self, municipality: Municipality, appointment: Appointment, start: datetime) -> Appointment:
        """The appointment at another time, everything else kept; the old time is free. See `AppointmentChanges`."""
        hashed = token_hash(self.token_of(appointment))
        return self._changes.move(municipality, appointment, start, token_hash=hashed)

    def cancel(self, municipality: Municipality, appointment: Appointment) -> Appointment:
        """The appointment, cancelled; its time is free and its consent withdrawn. See `AppointmentChanges`."""
        return self._changes.cancel(municipality, appointment)

    # Confirming

    def send_confirmation(self, municipality: Municipality, appointment_id: str) -> bool:
        """Send the pending confirmation, if it still is pending: at most once, whoever calls and however often.

        False where there was nothing to send, or it could not leave and stays pending for the sweep.
        """
        appointment = self._store.appointment(municipality.id, appointment_id)
        if appointment is None:
            return False
        return self._confirmations.send(municipality, appointment, self._link_of(appointment), self._clock().now())

    def send_due_confirmations(self, municipality: Municipality, now: datetime) -> int:
        """Send the confirmations that the requests which booked did not send. How many were handed over."""
        return self._confirmations.send_due(municipality, now, self._link_of)

    def invitation_preview(self, municipality: Municipality, language: str, *, code: str = EXAMPLE_CODE) -> str:
        """The survey message as it will arrive, with an example of a link (SK-02: shown before consent is asked)."""
        return invitation_text(self._texts, municipality, language, code=code, link=f"{self._public_url}/s/{EXAMPLE}")

    def _link_of(self, appointment: Appointment) -> str:
        return self.link(appointment.municipality, self.token_of(appointment))
