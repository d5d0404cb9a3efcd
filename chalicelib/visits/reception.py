"""Arriving: check-in by code, tickets for walk-ins."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chalicelib.municipalities.model import SURVEY_SMS, Meeting
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import (
    InvalidInput,
    KeyReused,
    NotFound,
    WrongDay,
    WrongOffice,
    WrongState,
)
from chalicelib.shared.identifiers import CODE_LENGTH, ReasonId, new_ulid, normalise_booking_code
from chalicelib.visits.access import checked_reasons, new_step_id
from chalicelib.visits.expectation import expected_wait
from chalicelib.visits.model import (
    Action,
    Booking,
    ConsentFacts,
    Origin,
    State,
    Visit,
    checked_in_step,
    parse_visit_id,
    visit_id_of,
)
from chalicelib.visits.ports import Request
from chalicelib.visits.room import Place, Queue, Room
from chalicelib.visits.sending import DeskSending, checked_note, priority_reason

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.phone import PhoneNumber


__all__ = ["Place", "Queue", "Reception", "WalkIn"]


@dataclass(frozen=True, slots=True)
class WalkIn:
    """What a citizen without an appointment says at the kiosk or to staff.

    `priority`, why the citizen goes first, and `note`, for colleagues, are staff's to say.
    """

    reasons: tuple[str, ...]
    origin: Origin
    language: str
    consent: ConsentFacts
    phone: PhoneNumber | None = None
    priority: str | None = None
    note: str | None = None


class Reception(Room, DeskSending):
    """The use cases of arriving."""

    def check_in(
        self,
        municipality: Municipality,
        office: str,
        code: str,
        *,
        at: Origin = Origin.KIOSK,
        by: str | None = None,
    ) -> Place:
        """The visit of a booked citizen, waiting; checking in twice gives the same visit and ticket.

        Any time of the booked day will do: who is early waits with the walk-ins until the booked time is reached.

        Raises:
            NotFound: no appointment has that code, or there is no such office.
            WrongState: the appointment was cancelled.
            WrongOffice, WrongDay: it is elsewhere or on another day.
        """
        wanted = normalise_booking_code(code)
        if len(wanted) != CODE_LENGTH:
            raise NotFound("no appointment has that code")
        return self._admit(municipality, office, lambda: self.appointments.by_code(municipality.id, wanted), at, by)

    def check_in_booked(
        self, municipality: Municipality, office: str, appointment: str, *, by: str | None = None
    ) -> Place:
        """Staff check in a citizen who sat down without noticing the kiosk (GL-64); as `check_in`."""
        parse_visit_id(visit_id_of(self.now(), office, appointment))  # no look-up for what can't be an id
        return self._admit(
            municipality, office, lambda: self.appointments.by_id(municipality.id, appointment), Origin.DESK, by
        )

    def walk_in(
        self,
        municipality: Municipality,
        office: str,
        walk_in: WalkIn,
        *,
        idempotency_key: str | None = None,
        by: str | None = None,
    ) -> Place:
        """A ticket for a citizen without an appointment; the same key gives the same ticket again.

        The phone number is kept only with a yes to the survey: nothing else here needs it.

        Raises:
            NotFound: no such office.
            InvalidInput: reasons that the office does not serve, a yes without a number, another wording version, a
                priority of no known reason, a note that names somebody.
            KeyReused: the key was used for another request.
        """
        now = self.now()
        reasons = checked_reasons(municipality, office, walk_in.reasons)
        _check_consent(municipality, walk_in)
        _check_open_to_walk_ins(municipality, office, reasons, walk_in.origin, local_date(now))
        note, priority = checked_note(walk_in.note), walk_in.priority and priority_reason(walk_in.priority)
        ulid = new_ulid(now)
        request = _request(office, walk_in, idempotency_key)

        def attempt() -> Visit:
            known = self._answered_ulid(municipality, office, request) or ulid
            if visit := self.store.find(municipality.id, parse_visit_id(visit_id_of(now, office, known))):
                return visit
            new = self._new_visit(
                municipality,
                office,
                reasons,
                now,
                ulid=ulid,
                origin=walk_in.origin,
                language=walk_in.language,
                consent=walk_in.consent,
                phone=walk_in.phone if walk_in.consent.granted else None,
                note=note,
            )
            if priority:
                new = new.after(Action.PRIORITISE, at=now, step_id=new_step_id(), detail=priority)
            self.store.add(new, request=request, by=by)
            return new

        return self.place(municipality, self.retry.run(attempt))

    def _admit(
        self,
        municipality: Municipality,
        office: str,
        read: Callable[[], Booking | None],
        at: Origin,
        by: str | None,
    ) -> Place:
        municipality.office(office)
        now = self.now()

        def attempt() -> Visit:
            booking = _admissible(read(), office, now)
            visit_id = visit_id_of(now, office, booking.id)
            if visit := self.store.find(municipality.id, parse_visit_id(visit_id)):
                return visit
            new = self._new_visit(
                municipality,
                office,
                booking.reasons,
                now,
                ulid=booking.id,
                origin=booking.origin,
                language=booking.language,
                consent=booking.consent,
                phone=booking.phone,
                booking=booking,
                checked_in_at=at,
            )
            self.store.add_booked(new, booking, by=by)
            return new

        return self.place(municipality, self.retry.run(attempt))

    def _new_visit(
        self,
        municipality: Municipality,
        office: str,
        reasons: tuple[ReasonId, ...],
        now: datetime,
        *,
        ulid: str,
        origin: Origin,
        language: str,
        consent: ConsentFacts,
        phone: PhoneNumber | None,
        booking: Booking | None = None,
        checked_in_at: Origin | None = None,
        note: str | None = None,
    ) -> Visit:
        place = municipality.office(office)
        group = place.group_for(reasons[0])
        new = Visit(
            id=visit_id_of(now, office, ulid),
            municipality=municipality.id,
            office=place.id,
            desk_group=group.id,
            department=municipality.reason(reasons[0]).department,
            reasons=reasons,
            ticket=self.new_ticket(municipality, place, group),
            language=language,
            origin=origin,
            checked_in_at=checked_in_at or origin,
            state=State.WAITING,
            trail=(checked_in_step(now, new_step_id()),),
            consent=consent,
            booked_start=booking.start if booking else None,
            booked_at=booking.booked_at if booking else None,
            code=booking.code if booking else None,
            phone=phone,
            note=note,
            persons=booking.persons if booking else 1,
            meeting=booking.meeting if booking else Meeting.IN_PERSON,
        )
        visits = [*self.store.of_day(municipality.id, place.id, local_date(now)), new]
        experience = self.experience(municipality, place.id, visits)
        return replace(new, expected=expected_wait(municipality, new, visits, now, experience))

    def _answered_ulid(self, municipality: Municipality, office: str, request: Request | None) -> str | None:
        if request is None:
            return None
        done = self.store.answered(municipality.id, office, local_date(self.now()), request)
        if done is None:
            return None
        if done.fingerprint != request.fingerprint:
            raise KeyReused
        return done.ulid


def _admissible(booking: Booking | None, office: str, now: datetime) -> Booking:
    if booking is None:
        raise NotFound("no appointment has that code")
    if booking.cancelled:
        raise WrongState("the appointment was cancelled")
    if local_date(booking.start) != local_date(now):
        raise WrongDay(fields={"appointment_code": "the appointment is on another day"})
    if booking.office != office:
        raise WrongOffice(fields={"appointment_code": "the appointment is at another office"})
    return booking


def _check_open_to_walk_ins(
    municipality: Municipality, office: str, reasons: tuple[ReasonId, ...], origin: Origin, day: date
) -> None:
    """Staff may take in whom they see fit; at the kiosk nobody gets a ticket for what must be booked (FR-01)."""
    place = municipality.office(office)
    if origin is Origin.KIOSK and any(place.needs_booking(reason, day) for reason in reasons):
        raise InvalidInput(fields={"reasons": "this must be booked; ask staff"})


def _check_consent(municipality: Municipality, walk_in: WalkIn) -> None:
    if not walk_in.consent.offered:
        return
    if not municipality.consent_texts[SURVEY_SMS].knows(walk_in.consent.text_version):
        raise InvalidInput(fields={"survey_consent": "the wording has changed; show the question again"})
    if walk_in.consent.granted and walk_in.phone is None:
        raise InvalidInput(fields={"phone": "a text message needs a phone number"})


def _request(office: str, walk_in: WalkIn, key: str | None) -> Request | None:
    """The fingerprint leaves the phone number out: a hash of a number is as good as the number."""
    if not key:
        return None
    consent = walk_in.consent
    said = (office, walk_in.reasons, walk_in.language, consent.offered, consent.granted, consent.text_version)
    return Request("walk-in", key, hashlib.sha256(repr(said).encode()).hexdigest()[:32])
