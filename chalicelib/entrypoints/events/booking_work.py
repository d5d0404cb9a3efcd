"""What follows a booking, a move or a cancellation: its message, tried at once, and by the sweep where that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import bootstrap
from chalicelib.telemetry import logger

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.booking.model import Appointment
    from chalicelib.municipalities.model import DayException, Municipality


def move_for_citizen(municipality: Municipality, appointment: Appointment, start: datetime) -> Appointment:
    """The appointment at the time that its citizen chose; a place that was kept for them elsewhere is free again."""
    moved = bootstrap.booking().move(municipality, appointment, start)
    bootstrap.proposals().let_go(municipality, appointment)
    confirm_at_once(municipality, moved.id)
    return moved


def cancel_for_citizen(municipality: Municipality, appointment: Appointment) -> Appointment:
    """The appointment, cancelled by its citizen; a place that was kept for them elsewhere is free again."""
    cancelled = bootstrap.booking().cancel(municipality, appointment)
    bootstrap.proposals().let_go(municipality, appointment)
    return cancelled


def confirm_at_once(municipality: Municipality, appointment_id: str) -> None:
    """Send the messages that are due; whatever goes wrong with it, the appointment stands and the caller is told so."""
    try:
        bootstrap.messages().send_now(municipality, appointment_id)
    except Exception:  # noqa: BLE001 - the edge between a booking that has happened and a message that has not
        logger.exception("a message about an appointment was not sent")


def tell_who_waits(municipality: Municipality, office: str, hours: DayException, *, taken_back: bool = False) -> None:
    """Other hours, or the usual ones again, may open times: whoever waits for an earlier one is told, one by one."""
    if hours.opening or taken_back:
        for group in municipality.office(office).desk_groups:
            bootstrap.earlier_times().opened(municipality, office, group.id, hours.first, hours.last)
