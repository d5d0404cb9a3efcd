"""The day's list: everybody who came or should come to an office today, in the order of their time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chalicelib import bootstrap
from chalicelib.municipalities.model import Meeting
from chalicelib.shared.clock import local_date
from chalicelib.visits.days import kind_of

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.municipalities.model import Municipality
    from chalicelib.visits.model import Booking


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: a visit, or an appointment that nobody has checked in for. `kind` is None for one to come.

    `contact` is where a meeting by phone or video finds the citizen; nobody else's is shown.
    """

    at: datetime
    ticket: str | None
    booked: datetime | None
    reasons: tuple[str, ...]
    language: str
    kind: str | None
    is_late: bool = False
    meeting: str = Meeting.IN_PERSON
    contact: str | None = field(default=None, repr=False)


def day_list(municipality: Municipality, office: str) -> tuple[Entry, ...]:
    """The lines of today. Each appointment still to come is read by itself, so the page is opened, never polled."""
    visits, now = bootstrap.visits(), bootstrap.visits().now()
    today = local_date(now)
    known = visits.store.of_day(municipality.id, office, today)
    here = {visit.ulid for visit in known}
    lines = [
        Entry(v.booked_start or v.arrived_at, v.ticket, v.booked_start, v.reasons, v.language, str(kind_of(v)))
        for v in known
    ]
    for entry in visits.appointments.times_of_day(municipality.id, office, today):
        booking = None
        if entry.appointment not in here:
            booking = visits.appointments.by_id(municipality.id, entry.appointment)
        if booking and not booking.cancelled and (booking.office, booking.start) == (office, entry.start):
            lines.append(_expected(booking, is_late=booking.start <= now))
    return tuple(sorted(lines, key=lambda line: (line.at, line.ticket or "")))


def _expected(booking: Booking, *, is_late: bool) -> Entry:
    return Entry(
        booking.start,
        None,
        booking.start,
        booking.reasons,
        booking.language,
        None,
        is_late=is_late,
        meeting=booking.meeting,
        contact=booking.contact,
    )
