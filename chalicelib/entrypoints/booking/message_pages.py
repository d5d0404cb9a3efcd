"""What the messages around an appointment link to: answering a proposed time, and "this isn't me".

Looking changes nothing, as phones and mail programs open links by themselves; only a button does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.booking.messages import open_proposal
from chalicelib.booking.model import Booker
from chalicelib.entrypoints.booking.views import start_from, start_text, when
from chalicelib.entrypoints.events.booking_work import confirm_at_once
from chalicelib.entrypoints.http import form, html, page_for, pages, parameter, see_other
from chalicelib.entrypoints.rights.withdrawing import states, withdraw
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import NotBookable, NotFound, SlotTaken

if TYPE_CHECKING:
    from chalice.app import Request, Response

    from chalicelib.booking.messages import Proposal
    from chalicelib.booking.model import Appointment
    from chalicelib.municipalities.model import Municipality

message_pages = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]
_PATH: Final = "/{municipality}/appointments/{token}"


@message_pages.route(f"{_PATH}/offer", methods=["GET"])
@pages(lambda: message_pages.current_request)
def proposed_time() -> Response:
    """The time that was proposed last, beside the one that the citizen has."""
    return _offer_page(*_opened())


@message_pages.route(f"{_PATH}/offer", methods=["POST"], content_types=_FORM)
@pages(lambda: message_pages.current_request)
def take_proposed_time() -> Response:
    """One tap: the appointment moves, if the time is still free. Who was told of an earlier one waits no longer."""
    request, municipality, appointment = _opened()
    start, proposal = start_from(form(request).get("start", "")), _proposal(appointment)
    is_by_office = proposal is not None and proposal.by_office and proposal.start == start
    booker = Booker.STAFF if is_by_office else Booker.WEB
    try:
        moved = bootstrap.booking().move(municipality, appointment, start, booker=booker)
    except (SlotTaken, NotBookable) as error:
        return _offer_page(request, municipality, appointment, status=error.status)
    if not is_by_office:
        moved = bootstrap.messages().stop_earlier(moved)
    confirm_at_once(municipality, moved.id)
    return _to(request, municipality, done="moved")


@message_pages.route(f"{_PATH}/offer/stop", methods=["POST"], content_types=_FORM)
@pages(lambda: message_pages.current_request)
def want_no_earlier_time() -> Response:
    """No more messages about earlier times; the appointment stays as it is."""
    request, municipality, appointment = _opened()
    bootstrap.messages().stop_earlier(appointment)
    return _to(request, municipality, "offer")


@message_pages.route(f"{_PATH}/not-me", methods=["GET"])
@pages(lambda: message_pages.current_request)
def not_me_question() -> Response:
    """Asks once, or says that it is done. Shows nothing about the citizen whose appointment it is."""
    request, municipality, appointment = _opened()
    return html(
        "messages/not_me.html",
        page_for(request, municipality, language=appointment.language),
        token=parameter(request, "token"),
        is_done=appointment.phone is None and appointment.email is None,
    )


@message_pages.route(f"{_PATH}/not-me", methods=["POST"], content_types=_FORM)
@pages(lambda: message_pages.current_request)
def not_me() -> Response:
    """The number and the address are gone, and nothing more is sent to them; twice is once."""
    request, municipality, appointment = _opened()
    bootstrap.messages().not_me(appointment)
    for scope in states(municipality.id, appointment.id):
        withdraw(municipality.id, appointment.id, scope, origin="web")
    return _to(request, municipality, "not-me")


def _offer_page(request: Request, municipality: Municipality, appointment: Appointment, status: int = 200) -> Response:
    page = page_for(request, municipality, language=appointment.language)
    proposal = _proposal(appointment)
    by_office = proposal is not None and proposal.by_office
    kept_until = bootstrap.proposals().kept(municipality, appointment) if by_office else None
    return html(
        "messages/offer.html",
        page,
        status=status,
        token=parameter(request, "token"),
        appointment=appointment,
        office=municipality.office(appointment.office),
        proposal=proposal,
        start=start_text(proposal.start) if proposal else "",
        is_free=proposal is not None and (kept_until is not None or _is_free(municipality, appointment, proposal)),
        kept_until=kept_until,
        when=lambda moment: when(moment, page.language),
    )


def _is_free(municipality: Municipality, appointment: Appointment, proposal: Proposal) -> bool:
    """As it stands now; whoever is quicker may still get it."""
    day = local_date(proposal.start)
    free = bootstrap.booking().slots(
        municipality,
        appointment.office,
        appointment.reasons,
        day,
        day,
        persons=appointment.persons,
        meeting=appointment.meeting,
        booker=Booker.STAFF if proposal.by_office else Booker.WEB,
    )
    return any(slot.start == proposal.start for slot in free)


def _proposal(appointment: Appointment) -> Proposal | None:
    return open_proposal(appointment, bootstrap.clock().now())


def _to(request: Request, municipality: Municipality, *parts: str, done: str | None = None) -> Response:
    page = page_for(request, municipality)
    return see_other(page.at("appointments", parameter(request, "token"), *parts, done=done))


def _opened() -> tuple[Request, Municipality, Appointment]:
    request = message_pages.current_request
    municipality = bootstrap.municipalities().get(parameter(request, "municipality"))
    appointment = bootstrap.booking().find_by_token(parameter(request, "token"))
    if appointment.municipality != municipality.id:
        raise NotFound
    return request, municipality, appointment
