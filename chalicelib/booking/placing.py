"""Placing an appointment: once for each Idempotency-Key, however often and however concurrently it is asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chalicelib.booking import requests
from chalicelib.booking.capacity import Lane
from chalicelib.booking.messages import after_booking
from chalicelib.booking.model import Appointment, Booked, Booker
from chalicelib.booking.rules import (
    Party,
    check_consents,
    check_reachable,
    errand,
    is_reminded,
    told_end,
    wanted_ticks,
)
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import SlotTaken, TooManyRequests
from chalicelib.shared.hashing import link_token, phone_hash, token_hash
from chalicelib.shared.identifiers import AppointmentId, new_booking_code, new_ulid

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from chalicelib.booking.availability import Availability
    from chalicelib.booking.capacity import Tick
    from chalicelib.booking.model import BookingRequest, Hold, RowChanges
    from chalicelib.booking.phone_limit import PhonePlaces
    from chalicelib.booking.ports import BookingStore
    from chalicelib.booking.rules import Errand
    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.hashing import Keys
    from chalicelib.shared.retry import Retry


def appointment_token(keys: Keys, municipality: str, appointment: str, version: str) -> str:
    """The secret of an appointment's link, made with the key of that version; so it is the same each time."""
    return link_token(keys, "appointment", f"{municipality}|{appointment}", version=version)


@dataclass(frozen=True, slots=True)
class _Wish:
    """One request on its way: the same id in every attempt, so that no two attempts can both take lanes."""

    municipality: Municipality
    request: BookingRequest
    key: str
    fingerprint: str
    id: AppointmentId


class AppointmentPlacing:
    """Books."""

    def __init__(
        self,
        *,
        store: BookingStore,
        availability: Availability,
        phones: PhonePlaces,
        keys: Callable[[], Keys],
        clock: Callable[[], Clock],
        retry: Retry,
    ) -> None:
        self._store = store
        self._availability = availability
        self._phones = phones
        self._keys = keys
        self._clock = clock
        self._retry = retry

    def book(self, municipality: Municipality, request: BookingRequest, idempotency_key: str) -> Booked:
        """See `BookingService.book`."""
        requests.check_key(idempotency_key)
        fingerprint = requests.fingerprint(self._keys(), municipality.id, request)
        new_id = AppointmentId(new_ulid(self._clock().now()))
        wish = _Wish(municipality, request, idempotency_key, fingerprint, new_id)
        return self._retry.run(lambda: self._replayed(wish) or self._attempt(wish))

    def _replayed(self, wish: _Wish) -> Booked | None:
        stored = self._store.request(wish.municipality.id, wish.key, self._clock().now())
        return requests.replay(stored, wish.fingerprint, self._keys(), wish.municipality.id) if stored else None

    def _attempt(self, wish: _Wish) -> Booked:
        check_consents(wish.municipality, wish.request)
        now = self._clock().now().replace(microsecond=0)
        request = wish.request
        party = Party(request.persons, request.meeting, request.origin.booker)
        place = errand(wish.municipality, request.office, request.reasons, party)
        check_reachable(request)
        hold = self._availability.hold_in(place.row(wish.municipality, local_date(request.start)), request.hold_id)
        ticks = wanted_ticks(wish.municipality, place, request.start, now, hold)
        appointment = _appointment(wish, place, ticks, now, self._keys().link_version)
        try:
            changes = self._taking(wish.municipality, appointment, ticks, hold)
        except (SlotTaken, TooManyRequests):
            # A twin of this very request may have taken the place: its record came with the lanes just read.
            if done := self._replayed(wish):
                return done
            raise
        token = appointment_token(self._keys(), wish.municipality.id, wish.id, appointment.link_version)
        booked = requests.answer_of(appointment, token)
        phone = appointment.phone
        self._store.add(
            appointment,
            changes,
            key=wish.key,
            request=requests.record(booked, wish.fingerprint, appointment.link_version),
            token_hash=token_hash(booked.token),
            phone_hash=phone_hash(self._keys(), wish.municipality.id, phone) if phone else None,
            hold=hold,
        )
        return booked

    def _taking(
        self, municipality: Municipality, appointment: Appointment, ticks: Sequence[Tick], hold: Hold | None
    ) -> tuple[RowChanges, ...]:
        """A lane of every tick, and a place among the phone number's appointments."""
        now = appointment.booked_at
        taken = self._availability.taking(
            appointment.row,
            ticks,
            after=Lane(appointment.id),
            mine=hold.id if hold else None,
            now=now,
            staff=appointment.origin.booker is Booker.STAFF,
        )
        return (taken, *self._phones.taking(municipality, appointment, now))


def _appointment(wish: _Wish, place: Errand, ticks: Sequence[Tick], now: datetime, link_version: str) -> Appointment:
    request = wish.request
    appointment = Appointment(
        id=wish.id,
        municipality=wish.municipality.id,
        code=new_booking_code(),
        office=place.office.id,
        desk_group=place.group.id,
        reasons=tuple(reason.id for reason in place.reasons),
        start=ticks[0].start,
        end=told_end(place, ticks),
        desk_until=ticks[-1].end,
        language=request.language,
        booked_at=now,
        consent=request.consent,
        phone=request.phone,
        email=request.email,
        name=request.name,
        persons=request.persons,
        meeting=request.meeting,
        origin=request.origin,
        want_earlier=request.want_earlier,
        reminder=is_reminded(wish.municipality, request),
        reminder_consent=request.reminder_consent,
        alternatives_seen=request.alternatives_seen,
        link_version=link_version,
    )
    return replace(appointment, messages=after_booking(wish.municipality, appointment, now))
