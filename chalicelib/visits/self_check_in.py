"""Checking in without the code: the last digits of the phone number and the booked time.

Looks at today's appointments of one office alone, and checks in only if exactly one fits. Whatever else is the case
(nobody, two, cancelled, another office) gets the same answer, and each kiosk can be wrong a few times an hour only,
so nobody finds out by trying who is expected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.shared.clock import local_date, to_local
from chalicelib.shared.errors import NotFound, TooManyRequests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime, time

    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock
    from chalicelib.visits.model import Booking
    from chalicelib.visits.ports import Appointments
    from chalicelib.visits.reception import Place

WRONG_AN_HOUR: Final = 20


class KioskAttempts(Protocol):
    """Counts how often a kiosk was told something that fits nobody."""

    def count(self, municipality: str, kiosk: str, hour: datetime) -> int:
        """Counts one attempt, atomically, and answers how many there were within that hour, this one included."""
        ...

    def take_back(self, municipality: str, kiosk: str, hour: datetime) -> None:
        """The attempt was right and does not count."""
        ...


class CheckIn(Protocol):
    """The part of reception that is needed here."""

    def check_in(self, municipality: Municipality, office: str, code: str) -> Place:
        """The visit of a booked citizen."""
        ...


class SelfCheckIn:
    """The use case of the kiosk's "Jeg har ikke min kode"."""

    def __init__(
        self,
        *,
        reception: CheckIn,
        appointments: Appointments,
        attempts: KioskAttempts,
        clock: Callable[[], Clock],
    ) -> None:
        self._reception = reception
        self._appointments = appointments
        self._attempts = attempts
        self._clock = clock

    def by_phone(self, municipality: Municipality, office: str, digits: str, at: time, *, kiosk: str) -> Place:
        """The visit of the one citizen who is expected here today at that time and whose number ends so.

        Raises:
            NotFound: there is none, or more than one; never which of the two.
            TooManyRequests: the kiosk has been wrong too often within this hour.
        """
        now = self._clock().now()
        hour = now.replace(minute=0, second=0, microsecond=0)
        if self._attempts.count(municipality.id, kiosk, hour) > WRONG_AN_HOUR:
            raise TooManyRequests
        fitting = [booking for booking in self._expected(municipality, office, at, now) if _ends(booking, digits)]
        if len(fitting) != 1:
            raise NotFound
        place = self._reception.check_in(municipality, office, fitting[0].code)
        self._attempts.take_back(municipality.id, kiosk, hour)
        return place

    def _expected(self, municipality: Municipality, office: str, at: time, now: datetime) -> Iterator[Booking]:
        """Today's standing appointments at that time; the day's list may still name some that were moved."""
        for entry in self._appointments.times_of_day(municipality.id, municipality.office(office).id, local_date(now)):
            if _clock_time(entry.start) != at:
                continue
            booking = self._appointments.by_id(municipality.id, entry.appointment)
            if booking and not booking.cancelled and (booking.office, booking.start) == (office, entry.start):
                yield booking


def _clock_time(moment: datetime) -> time:
    return to_local(moment).time().replace(second=0, microsecond=0, tzinfo=None)


def _ends(booking: Booking, digits: str) -> bool:
    return booking.phone is not None and booking.phone.reveal().endswith(digits)
