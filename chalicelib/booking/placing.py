"""Placing an appointment: once for each Idempotency-Key, however often and however concurrently it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.booking import requests
from chalicelib.booking.capacity import Lane
from chalicelib.booking.model import Appointment, Booked
from chalicelib.booking.rules import check_consent, errand, may_text, wanted_ticks
from chalicelib.shared.errors import SlotTaken
from chalicelib.shared.hashing import link_token, phone_hash, token_hash
from chalicelib.shared.identifiers import AppointmentId, new_booking_code, new_ulid

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from chalicelib.booking.availability import Availability
    from chalicelib.booking.capacity import Tick
    from chalicelib.booking.model import BookingRequest
    from chalicelib.booking.ports import BookingStore
    from chalicelib.booking.rules import Errand
    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.hashing import Keys
    from chalicelib.shared.retry import Retry


def appointment_token(keys: Keys, municipality: str, appointment: str) -> str:
    """The secret of an appointment's link; the same each time."""
    return link_token(keys, "appointment", f"{municipality}|{appointment}")


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
        store: BookingStore,
        availability: Availability,
        keys: Callable[[], Keys],
        clock: Callable[[], Clock],
        retry: Retry,
    ) -> None:
        self._store = store
        self._availability = availability
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
        check_consent(wish.municipality, wish.request.consent)
        now = self._clock().now().replace(microsecond=0)
        place = errand(wish.municipality, wish.request.office, wish.request.reasons)
        ticks = wanted_ticks(wish.municipality, place, wish.request.start, now)
        appointment = _appointment(wish, place, ticks, now)
        hold = self._availability.hold_in(appointment.row, wish.request.hold_id)
        mine = hold.id if hold else None
        try:
            changes = self._availability.taking(appointment.row, ticks, after=Lane(wish.id), mine=mine, now=now)
        except SlotTaken:
            # A twin of this very request may have taken the place: its record came with the lanes just read.
            if done := self._replayed(wish):
                return done
            raise
        booked = requests.answer_of(appointment, appointment_token(self._keys(), wish.municipality.id, wish.id))
        phone = appointment.phone
        self._store.add(
            appointment,
            changes,
            key=wish.key,
            request=requests.record(booked, wish.fingerprint, self._keys().link_version),
            token_hash=token_hash(booked.token),
            phone_hash=phone_hash(self._keys(), wish.municipality.id, phone) if phone else None,
            hold=hold,
        )
        return booked


def _appointment(wish: _Wish, place: Errand, ticks: Sequence[Tick], now: datetime) -> Appointment:
    request = wish.request
    return Appointment(
        id=wish.id,
        municipality=wish.municipality.id,
        code=new_booking_code(),
        office=place.office.id,
        desk_group=place.group.id,
        reasons=tuple(reason.id for reason in place.reasons),
        start=ticks[0].start,
        end=ticks[-1].end,
        language=request.language,
        booked_at=now,
        consent=request.consent,
        phone=request.phone,
        email=request.email,
        name=request.name,
        confirm_at=now if request.phone and may_text(wish.municipality, request.phone) else None,
    )
