"""Finding one's appointment again by code and phone number or e-mail. Both are needed, neither can be tried out.

Whatever is wrong, the answer is the same; and each code can be tried a few times an hour only, whoever tries.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.shared.errors import NotFound, TooManyRequests
from chalicelib.shared.identifiers import CODE_LENGTH, normalise_booking_code

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from chalicelib.booking.model import Appointment
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.phone import PhoneNumber

ATTEMPTS_AN_HOUR: Final = 10


class CodeBook(Protocol):
    """The part of the booking store that is needed here."""

    def appointment_by_code(self, municipality: str, code: str) -> Appointment | None:
        """An appointment by its booking code."""
        ...


class FindAttempts(Protocol):
    """Counts how often a code was tried."""

    def count(self, municipality: str, code: str, hour: datetime) -> int:
        """Counts one attempt, atomically, and answers how many there were within that hour, this one included."""
        ...


class AppointmentFinding:
    """The use case of the page "Find min tid"."""

    def __init__(self, *, codes: CodeBook, attempts: FindAttempts, clock: Callable[[], Clock]) -> None:
        self._codes = codes
        self._attempts = attempts
        self._clock = clock

    def find(
        self, municipality: str, code: str, phone: PhoneNumber | None = None, *, email: str | None = None
    ) -> Appointment:
        """The appointment with that code, if it was booked with that phone number, or with that e-mail address.

        Raises:
            NotFound: there is none; also if it has neither, or not any more.
            TooManyRequests: the code has been tried too often within this hour, rightly or wrongly.
        """
        wanted = normalise_booking_code(code)
        if len(wanted) != CODE_LENGTH or not (wanted.isascii() and wanted.isalnum()):
            raise NotFound
        hour = self._clock().now().replace(minute=0, second=0, microsecond=0)
        if self._attempts.count(municipality, wanted, hour) > ATTEMPTS_AN_HOUR:
            raise TooManyRequests
        appointment = self._codes.appointment_by_code(municipality, wanted)
        if appointment is None or not _is_its(appointment, phone, email):
            raise NotFound
        return appointment


def _is_its(appointment: Appointment, phone: PhoneNumber | None, email: str | None) -> bool:
    """True if it was booked with that number or address; who says neither has nothing to compare."""
    if phone is not None:
        booked_with = appointment.phone.reveal() if appointment.phone else ""
        return hmac.compare_digest(booked_with, phone.reveal())
    given, known = (email or "").casefold().encode(), (appointment.email or "").casefold().encode()
    return bool(known) and hmac.compare_digest(known, given)
