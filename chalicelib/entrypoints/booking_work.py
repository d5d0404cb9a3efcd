"""What follows a booking: the confirmation, tried at once, and by the sweep where that did not come to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import bootstrap
from chalicelib.telemetry import logger

if TYPE_CHECKING:
    from chalicelib.municipalities.model import Municipality


def confirm_at_once(municipality: Municipality, appointment_id: str) -> None:
    """Send the pending confirmation; whatever goes wrong with it, the appointment stands and the caller is told so."""
    try:
        bootstrap.booking().send_confirmation(municipality, appointment_id)
    except Exception:  # noqa: BLE001 - the edge between a booking that has happened and a message that has not
        logger.exception("a confirmation was not sent")
