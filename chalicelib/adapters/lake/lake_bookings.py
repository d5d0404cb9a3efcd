"""Appointments on their way into the lake: the work that is pending until their day is over, and what it finds then.

An appointment lands once it is known what became of it (ADR 25), so the work moves with the appointment's day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pynamodb.exceptions import DoesNotExist

from chalicelib.adapters.booking.appointment_rows import appointment_from, appointment_key, day_pk
from chalicelib.adapters.dynamodb_work import pending_item
from chalicelib.adapters.tables import AppointmentItem, VisitItem, bound
from chalicelib.lake.landing import Fact
from chalicelib.shared.clock import local_date, utc_text
from chalicelib.shared.work import WorkItem, WorkKind

if TYPE_CHECKING:
    from chalicelib.adapters.transactions import Steps
    from chalicelib.booking.model import Appointment

_CANCELLED: Final = "cancelled"


def swap_landing(steps: Steps, before: Appointment | None, after: Appointment) -> None:
    """The pending work of `after`, in place of that of `before` if its day was another."""
    if before is not None and before.known_from == after.known_from:
        return
    if before is not None:
        steps.delete("old landing", pending_item(_work(before)))
    steps.put("landing", pending_item(_work(after)))


def booking_fact(municipality: str, appointment: str) -> Fact | None:
    """The appointment with the state that it or its visit has; None when it was deleted.

    Never its phone number, e-mail address or name, which are attributes apart from the document.
    """
    try:
        row = bound(AppointmentItem).get(*appointment_key(municipality, appointment), consistent_read=True)
    except DoesNotExist:
        return None
    found = appointment_from(row)
    document = {
        **row.document,
        "state": _CANCELLED if found.is_cancelled else _visit_state(found),
        "known_from": utc_text(found.known_from),
    }
    return Fact(municipality, appointment, document, found.version)


def _visit_state(appointment: Appointment) -> str | None:
    partition = day_pk(appointment.municipality, appointment.office, local_date(appointment.start))
    try:
        visit = bound(VisitItem).get(partition, str(appointment.id), consistent_read=True)
    except DoesNotExist:
        return None
    return str(visit.state)


def _work(appointment: Appointment) -> WorkItem:
    return WorkItem(appointment.municipality, WorkKind.LAND_BOOKING, appointment.id, appointment.known_from)
