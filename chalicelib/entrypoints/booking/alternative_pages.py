"""Taking another way than an appointment: counted, then on to where the municipality's file says, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.booking.alternatives import Reaction, offers
from chalicelib.entrypoints.booking.views import booking_page
from chalicelib.entrypoints.http import html, pages, parameter, query, see_other
from chalicelib.municipalities.model import Channel
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import Busy, NotFound
from chalicelib.telemetry import logger

if TYPE_CHECKING:
    from chalice.app import Response

    from chalicelib.municipalities.model import Alternative, EnquiryReason, Municipality

booking_alternative_pages = Blueprint(__name__)

_IN_LIST = "list"


@booking_alternative_pages.route("/{municipality}/alternatives/{reason}/{number}", methods=["GET"])
@pages(lambda: booking_alternative_pages.current_request)
def take_alternative() -> Response:
    """Counts the choice (FR-12), then shows the number to call or leads to the self-service page.

    The address names the alternative by its number in the file and holds no target: nobody can make it lead elsewhere.
    Whoever took it straight from the list of reasons was offered it there.
    """
    request = booking_alternative_pages.current_request
    municipality = bootstrap.municipalities().get(parameter(request, "municipality"))
    reason, alternative = _found(municipality, parameter(request, "reason"), parameter(request, "number"))
    _count(municipality, reason, was_in_list=query(request, "from") == _IN_LIST)
    if alternative.target.startswith("https://"):
        return see_other(alternative.target)
    page = booking_page(request, municipality)
    is_phone = alternative.channel is Channel.PHONE
    return html("booking/alternative.html", page, reason=reason, alternative=alternative, is_phone=is_phone)


def _found(municipality: Municipality, reason_id: str, number: str) -> tuple[EnquiryReason, Alternative]:
    reason = municipality.reason(reason_id)
    offered = offers(reason)
    if not (number.isascii() and number.isdigit()) or int(number) >= len(offered):
        raise NotFound
    return reason, offered[int(number)]


def _count(municipality: Municipality, reason: EnquiryReason, *, was_in_list: bool) -> None:
    day = local_date(bootstrap.clock().now())
    reactions = [Reaction.OFFERED, Reaction.ACCEPTED] if was_in_list else [Reaction.ACCEPTED]
    try:
        for reaction in reactions:
            bootstrap.alternative_counts().add(municipality.id, day, [reason.id], reaction)
    except Busy:  # a count that fails keeps nobody from getting on
        logger.warning("a choice of another way was not counted")
