"""What visits see of appointments: bookings, read through the store that writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import AppointmentItem, bound
from chalicelib.shared.clock import parse_moment
from chalicelib.visits.model import Booking, ConsentFacts, Origin
from chalicelib.visits.ports import BookedTime

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from chalicelib.booking.model import Appointment


class AppointmentReader(Protocol):
    """The part of the booking store that is needed here."""

    def appointment(self, municipality: str, appointment: str) -> Appointment | None:
        """An appointment by its id."""
        ...

    def appointment_by_code(self, municipality: str, code: str) -> Appointment | None:
        """An appointment by its booking code."""
        ...


class DynamoDbVisitAppointments:
    """`Appointments` on the appointments table."""

    def __init__(self, reader: AppointmentReader) -> None:
        self._reader = reader

    def by_code(self, municipality: str, code: str) -> Booking | None:
        """The appointment with that booking code."""
        return _booking(self._reader.appointment_by_code(municipality, code))

    def by_id(self, municipality: str, appointment: str) -> Booking | None:
        """The appointment with that id."""
        return _booking(self._reader.appointment(municipality, appointment))

    @busy_if_unread
    def times_of_day(self, municipality: str, office: str, day: date) -> Sequence[BookedTime]:
        """The office's day list, by time: one query, whatever the number of appointments."""
        rows = bound(AppointmentItem).query(f"{municipality}#{office}#{day.isoformat()}")
        return [_booked_time(row.sk) for row in rows]


def _booked_time(sort_key: str) -> BookedTime:
    start, _, appointment = sort_key.partition("#")
    return BookedTime(appointment, parse_moment(start))


def _booking(appointment: Appointment | None) -> Booking | None:
    if appointment is None:
        return None
    return Booking(
        id=appointment.id,
        office=appointment.office,
        reasons=appointment.reasons,
        start=appointment.start,
        booked_at=appointment.booked_at,
        code=appointment.code,
        language=appointment.language,
        origin=Origin(str(appointment.origin)),
        cancelled=appointment.is_cancelled,
        consent=ConsentFacts(
            offered=appointment.consent.offered,
            granted=appointment.consent.granted,
            text_version=appointment.consent.text_version,
        ),
        phone=appointment.phone,
        persons=appointment.persons,
        email=appointment.email,
        meeting=appointment.meeting,
        version=appointment.version,
    )
