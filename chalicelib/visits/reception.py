"""Arriving: check-in by code, tickets for walk-ins, and the queue as desks and citizens see it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.municipalities.model import SURVEY_SMS
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
from chalicelib.visits.access import VisitAccess, checked_reasons, new_step_id
from chalicelib.visits.expectation import WaitRange, expected_wait
from chalicelib.visits.model import (
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
from chalicelib.visits.queue import Turn, in_order, people_ahead

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.identifiers import DeskGroupId
    from chalicelib.shared.phone import PhoneNumber


@dataclass(frozen=True, slots=True)
class WalkIn:
    """What a citizen without an appointment says at the kiosk or to staff."""

    reasons: tuple[str, ...]
    origin: Origin
    language: str
    consent: ConsentFacts
    phone: PhoneNumber | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A visit with its place in the queue. `wait` is None when nothing sensible can be said."""

    visit: Visit
    people_ahead: int
    wait: WaitRange | None


@dataclass(frozen=True, slots=True)
class Queue:
    """An office right now. `not_checked_in` are today's booked citizens whose time has passed (GL-64)."""

    now: datetime
    visits: tuple[Visit, ...]
    not_checked_in: tuple[Booking, ...]

    def in_state(self, *states: State) -> tuple[Visit, ...]:
        """The visits in one of the states, by arrival."""
        found = [visit for visit in self.visits if visit.state in states]
        return tuple(sorted(found, key=lambda visit: (visit.arrived_at, visit.id)))

    def waiting(self, group: DeskGroupId) -> tuple[Turn, ...]:
        """Who waits for a desk group, the next one first."""
        return in_order(self.visits, group, self.now)


class Reception(VisitAccess):
    """The use cases of arriving."""

    def check_in(self, municipality: Municipality, office: str, code: str, *, at: Origin = Origin.KIOSK) -> Place:
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
        return self._admit(municipality, office, lambda: self.appointments.by_code(municipality.id, wanted), at)

    def check_in_booked(self, municipality: Municipality, office: str, appointment: str) -> Place:
        """Staff check in a citizen who sat down without noticing the kiosk (GL-64); as `check_in`."""
        parse_visit_id(visit_id_of(self.now(), office, appointment))  # no look-up for what can't be an id
        return self._admit(
            municipality, office, lambda: self.appointments.by_id(municipality.id, appointment), Origin.DESK
        )

    def walk_in(
        self,
        municipality: Municipality,
        office: str,
        walk_in: WalkIn,
        *,
        idempotency_key: str | None = None,
    ) -> Place:
        """A ticket for a citizen without an appointment; the same key gives the same ticket again.

        The phone number is kept only with a yes to the survey: nothing else here needs it.

        Raises:
            NotFound: no such office.
            InvalidInput: reasons that the office does not serve, a yes without a number, another wording version.
            KeyReused: the key was used for another request.
        """
        now = self.now()
        reasons = checked_reasons(municipality, office, walk_in.reasons)
        _check_consent(municipality, walk_in)
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
            )
            self.store.add(new, request=request)
            return new

        return self.place(municipality, self.retry.run(attempt))

    def place(self, municipality: Municipality, visit: Visit) -> Place:
        """Where the visit stands in the queue now."""
        now = self.now()
        visits = self.store.of_day(municipality.id, visit.office, visit.day)
        return Place(visit, people_ahead(visit, visits, now), expected_wait(municipality, visit, visits, now))

    def queue(self, municipality: Municipality, office: str) -> Queue:
        """The office now.

        Raises:
            NotFound: no such office.
        """
        place, now = municipality.office(office), self.now()
        visits = tuple(self.store.of_day(municipality.id, place.id, local_date(now)))
        return Queue(now, visits, self._not_checked_in(municipality, place.id, visits, now))

    def _not_checked_in(
        self,
        municipality: Municipality,
        office: str,
        visits: Sequence[Visit],
        now: datetime,
    ) -> tuple[Booking, ...]:
        here = {visit.ulid for visit in visits}
        times = self.appointments.times_of_day(municipality.id, office, local_date(now))
        missing = [entry for entry in times if entry.start <= now and entry.appointment not in here]
        found = [self.appointments.by_id(municipality.id, entry.appointment) for entry in missing]
        return tuple(booking for booking in found if booking is not None and _still_expected(booking, office, now))

    def _admit(
        self,
        municipality: Municipality,
        office: str,
        read: Callable[[], Booking | None],
        at: Origin,
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
            self.store.add_booked(new, booking)
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
    ) -> Visit:
        place = municipality.office(office)
        group = place.group_for(reasons[0])
        letter = chr(ord("A") + place.desk_groups.index(group))
        number = self.store.next_number(municipality.id, office, local_date(now))
        return Visit(
            id=visit_id_of(now, office, ulid),
            municipality=municipality.id,
            office=place.id,
            desk_group=group.id,
            department=municipality.reason(reasons[0]).department,
            reasons=reasons,
            ticket=f"{letter}{number:03d}",
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
        )

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


def _still_expected(booking: Booking, office: str, now: datetime) -> bool:
    today = local_date(booking.start) == local_date(now)
    return not booking.cancelled and booking.office == office and today and booking.start <= now


def _check_consent(municipality: Municipality, walk_in: WalkIn) -> None:
    if not walk_in.consent.offered:
        return
    if walk_in.consent.text_version != municipality.consent_texts[SURVEY_SMS].version:
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
