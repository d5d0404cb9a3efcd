"""Find my appointment: code and phone number, or code and e-mail, in a form's body and never in an address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.booking.callers import Purpose
from chalicelib.entrypoints.booking.guard import allow
from chalicelib.entrypoints.booking.input import LONGEST_EMAIL, email_address
from chalicelib.entrypoints.booking.views import booking_page
from chalicelib.entrypoints.http import form, html, pages, parameter, see_other
from chalicelib.entrypoints.phones import phone_of
from chalicelib.shared.errors import InvalidInput, NotFound, TooManyRequests
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import Response

find_pages = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]
_LONGEST: Final = {"code": 40, "contact": LONGEST_EMAIL}
# The same sentence whichever of the two is wrong: the page is no way to find out what is booked.
_NOT_FOUND: Final = "Vi kan ikke finde en tid med de oplysninger. Tjek både koden og nummeret eller e-mailen."
_NO_CODE: Final = "Skriv koden fra din bekræftelse."
_NO_CONTACT: Final = "Skriv det mobilnummer eller den e-mail, du bestilte med."
_BAD_PHONE: Final = "Tjek mobilnummeret. Skriv det som 20 12 34 56, eller med landekode som +46 70 123 45 67."
_BAD_EMAIL: Final = "Tjek e-mailadressen. Skriv den som navn@eksempel.dk."
_MANY: Final = "Der er kommet mange forsøg på kort tid. Vent en time, eller ring til os. Din tid er der stadig."


@find_pages.route("/{municipality}/find", methods=["GET"])
@pages(lambda: find_pages.current_request)
def find_page() -> Response:
    """The form."""
    return _page({}, {})


@find_pages.route("/{municipality}/find", methods=["POST"], content_types=_FORM)
@pages(lambda: find_pages.current_request)
def find_appointment() -> Response:
    """To the appointment's own page, if both are right."""
    request = find_pages.current_request
    municipality = bootstrap.municipalities().get(parameter(request, "municipality"))
    sent = form(request)
    typed = {name: sent.get(name, "")[:longest] for name, longest in _LONGEST.items()}
    contact, errors = _checked(typed)
    if contact is None or errors:
        return _page(typed, errors)
    try:
        allow(request, municipality, Purpose.FIND)
        appointment = bootstrap.finding().find(municipality.id, typed["code"], **contact)
    except NotFound:
        return _page(typed, {"form": _NOT_FOUND})
    except TooManyRequests as error:
        return _page(typed, {"form": _MANY}, status=error.status)
    return see_other(booking_page(request, municipality).at("appointments", bootstrap.booking().token_of(appointment)))


def _checked(typed: Mapping[str, str]) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """What it was booked with, and what is missing or can't be right; nothing here depends on what is booked."""
    errors = {} if typed["code"] else {"code": _NO_CODE}
    contact = typed["contact"]
    if not contact:
        return None, {**errors, "contact": _NO_CONTACT}
    try:
        return ({"email": email_address(contact)} if "@" in contact else {"phone": phone_of(contact)}), errors
    except InvalidInput:
        return None, {**errors, "contact": _BAD_EMAIL if "@" in contact else _BAD_PHONE}


def _page(typed: Mapping[str, str], errors: Mapping[str, str], *, status: int = InvalidInput.status) -> Response:
    request = find_pages.current_request
    municipality = bootstrap.municipalities().get(parameter(request, "municipality"))
    page = booking_page(request, municipality)
    told = {name: gettext(page.language, message) for name, message in errors.items()}
    page = booking_page(request, municipality, errors=told)
    return html("booking/find.html", page, status=status if told else 200, typed=typed)
