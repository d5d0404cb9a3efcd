"""Booking: the use cases of a citizen's appointment (design 4.1).

Every attempt reads the ticks and decides by `lanes.plan`; the store writes the plan in one transaction or not at
all. Whoever was outrun reads again and decides anew, so `slot_taken` is only ever said of what a read has shown; and
whoever lost an answer finds what was done by the request's key or by the record's own id, so nothing is done twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.booking.availability import Availability
from chalicelib.booking.changes import AppointmentChanges
from chalicelib.booking.holding import PlaceHolding
from chalicelib.booking.message_texts import EXAMPLE, EXAMPLE_CODE, invitation_text
from chalicelib.booking.model import Appointment, Booked, Booker, BookingRequest, Hold
from chalicelib.booking.phone_limit import PhonePlaces
from chalicelib.booking.placing import AppointmentPlacing, appointment_token
from chalicelib.booking.rules import Party, errand
from chalicelib.municipalities.model import Meeting
from chalicelib.shared.errors import NotFound
from chalicelib.shared.hashing import is_token, token_hash
from chalicelib.shared.identifiers import normalise_booking_code
from chalicelib.shared.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from chalicelib.booking.availability import LeadTime
    from chalicelib.booking.capacity import Slot
    from chalicelib.booking.message_ports import MessageTexts
    from chalicelib.booking.ports import BookingStore
    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.hashing import Keys


class BookingService:
    """Times, holds and appointments."""

    def __init__(
        self,
        *,
        store: BookingStore,
        keys: Callable[[], Keys],
        clock: Callable[[], Clock],
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
        phones = PhonePlaces(store, keys)
        self._holding = PlaceHolding(store, self._availability, clock, self._retry)
        self._placing = AppointmentPlacing(
            store=store,
            availability=self._availability,
            phones=phones,
            keys=keys,
            clock=clock,
            retry=self._retry,
        )
        self._changes = AppointmentChanges(
            store=store, availability=self._availability, phones=phones, clock=clock, retry=self._retry
        )

    # Looking

    def slots(
        self,
        municipality: Municipality,
        office: str,
        reasons: Sequence[str],
        first: date,
        last: date,
        *,
        persons: int = 1,
        meeting: Meeting = Meeting.IN_PERSON,
        booker: Booker = Booker.WEB,
    ) -> list[Slot]:
        """Times of the days from `first` to `last` that can be booked now, in order; see `Availability`.

        Raises:
            InvalidInput, NotBookable: as for an `errand`.
        """
        wish = errand(municipality, office, reasons, Party(persons, meeting, booker))
        return self._availability.slots(municipality, wish, first, last)

    def first_free(
        self,
        municipality: Municipality,
        office: str,
        reasons: Sequence[str],
        *,
        after: date | None = None,
        persons: int = 1,
        meeting: Meeting = Meeting.IN_PERSON,
        booker: Booker = Booker.WEB,
    ) -> Slot | None:
        """The first time that can be booked, on the day `after` or later; see `Availability`."""
        wish = errand(municipality, office, reasons, Party(persons, meeting, booker))
        return self._availability.first_free(municipality, wish, after=after)

    def lead_time(self, municipality: Municipality, office: str, reasons: Sequence[str]) -> LeadTime:
        """Days until a citizen gets a time: the first free one, and the third next available (SK-25)."""
        return self._availability.lead_time(municipality, errand(municipality, office, reasons))

    def third_next_available(self, municipality: Municipality, office: str, reason: str) -> int | None:
        """Days until the third next available time of an enquiry reason; None if the horizon has no three."""
        return self.lead_time(municipality, office, [reason]).third_days

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
        """The secret of the appointment's link; the same each time, also after the keys were rotated."""
        return appointment_token(self._keys(), appointment.municipality, appointment.id, appointment.link_version)

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
        persons: int = 1,
        meeting: Meeting = Meeting.IN_PERSON,
        booker: Booker = Booker.WEB,
    ) -> Hold:
        """A place that nobody else gets until the hold expires. `instead_of` is a hold of the same citizen that ends.

        Raises:
            InvalidInput, NotBookable, SlotTaken, Busy: as `book` does.
        """
        wish = errand(municipality, office, reasons, Party(persons, meeting, booker))
        return self._holding.hold(municipality, wish, start, instead_of)

    def extend_hold(self, municipality: Municipality, hold_id: str) -> Hold:
        """The hold, for another full span from now on (WCAG 2.2.1); up to ten times.

        Raises:
            NotFound: there is no such hold, or it has expired: then the place may be free still, so hold it anew.
            WrongState: it has been extended as often as it can be.
        """
        return self._holding.extend(municipality, hold_id)

    def held(self, municipality: Municipality, hold_id: str) -> Hold | None:
        """A hold that has not run out."""
        hold = self._store.hold(municipality.id, hold_id)
        return hold if hold and hold.expires_at > self._clock().now() else None

    def release(self, municipality: Municipality, hold_id: str) -> None:
        """The held place is free again, at once.

        Raises:
            NotFound: there is no such hold.
        """
        self._holding.release(municipality, hold_id)

    # Booking

    def book(self, municipality: Municipality, request: BookingRequest, idempotency_key: str) -> Booked:
        """The appointment, booked once however often the request arrives with the same key within 24 hours (I1).

        Granted or refused, each consent is on record with the wording that was asked (SK-02).

        Raises:
            InvalidInput: a field is wrong. NotBookable: passed, closed or too far ahead.
            KeyReused: the key was used for another request.
            SlotTaken: a read has shown that no place is left.
            Busy, Ambiguous: try again with the same key.
        """
        return self._placing.book(municipality, request, idempotency_key)

    # Changing

    def move(
        self, municipality: Municipality, appointment: Appointment, start: datetime, *, booker: Booker = Booker.WEB
    ) -> Appointment:
        """The appointment at another time, everything else kept; the old time is free. See `AppointmentChanges`."""
        hashed = token_hash(self.token_of(appointment))
        return self._changes.move(municipality, appointment, start, token_hash=hashed, booker=booker)

    def cancel(self, municipality: Municipality, appointment: Appointment, *, by_office: bool = False) -> Appointment:
        """The appointment, cancelled; its time is free and its consents withdrawn. See `AppointmentChanges`."""
        return self._changes.cancel(municipality, appointment, by_office=by_office)

    # Telling

    def invitation_preview(self, municipality: Municipality, language: str, *, code: str = EXAMPLE_CODE) -> str:
        """The survey message as it will arrive, with an example of a link (SK-02: shown before consent is asked)."""
        return invitation_text(self._texts, municipality, language, code=code, link=f"{self._public_url}/s/{EXAMPLE}")

    def link_of(self, appointment: Appointment) -> str:
        """The address of an appointment's own page; the same each time."""
        return self.link(appointment.municipality, self.token_of(appointment))
