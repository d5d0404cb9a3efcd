"""The message when it is nearly somebody's turn: asked for at kiosk and phone, sent after each call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalicelib import bootstrap
from chalicelib.entrypoints.phones import phone_of
from chalicelib.telemetry import logger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.municipalities.model import Municipality
    from chalicelib.visits.model import Visit

BAD_NUMBER: Final = "Tjek mobilnummeret. Vi kan kun sende til danske numre og de lande, kommunen har valgt."


def wish(municipality: Municipality, visit: Visit, fields: Mapping[str, str]) -> None:
    """What a citizen pressed: a wish, with a number or with the one that is known, or its withdrawal.

    Raises:
        InvalidInput: no number that a message can be sent to.
        WrongState: too late for it.
    """
    if fields.get("wish") == "no":
        bootstrap.nearly().take_back(visit)
        return
    number = fields.get("nearly_phone", "")
    bootstrap.nearly().ask(municipality, visit, phone_of(number) if number else None)
    tell_who_is_near(municipality, visit.office)


def tell_who_is_near(municipality: Municipality, office: str) -> None:
    """Send what is due at an office; whatever goes wrong with it, what led here has happened, and the sweep follows."""
    try:
        bootstrap.nearly().tell(municipality, office)
    except Exception:  # noqa: BLE001 - the edge between a call that has happened and a message that has not
        logger.exception("messages to those who are nearly next were not sent")


def sweep_nearly(municipality_id: str) -> None:
    """What no call led to: queues that moved by themselves, and numbers whose visit or day is over."""
    municipality = bootstrap.municipalities().get(municipality_id)
    for office in municipality.offices:
        bootstrap.nearly().tell(municipality, office.id)
