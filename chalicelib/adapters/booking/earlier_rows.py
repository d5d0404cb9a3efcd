"""Who waits for an earlier time: a row per appointment in the order of booking, kept in step by its transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.adapters.tables import OperationItem, bound
from chalicelib.shared.clock import utc_text

if TYPE_CHECKING:
    from chalicelib.adapters.transactions import Steps
    from chalicelib.booking.model import Appointment


def waiting_pk(municipality: str, office: str, group: str) -> str:
    """The partition of those who wait at the same desks."""
    return f"{municipality}#earlier#{office}#{group}"


def waiting_key(appointment: Appointment) -> tuple[str, str]:
    """The place of an appointment among them: who booked longest ago comes first."""
    pk = waiting_pk(appointment.municipality, appointment.office, appointment.desk_group)
    return pk, f"{utc_text(appointment.booked_at)}#{appointment.id}"


def swap_waiting(steps: Steps, before: Appointment | None, after: Appointment) -> None:
    """Who is moved, cancelled or no longer wants it does not wait at the old place."""
    old = waiting_key(before) if before and _waits(before) else None
    new = waiting_key(after) if _waits(after) else None
    if old and old != new:
        steps.delete("old waiting", bound(OperationItem)(*old))
    if new:
        document = {"appointment": after.id, "start": utc_text(after.start)}
        expires = int(after.start.timestamp())
        steps.put("waiting", bound(OperationItem)(*new, document=document, expires_at=expires))


def _waits(appointment: Appointment) -> bool:
    return appointment.want_earlier and not appointment.is_cancelled
