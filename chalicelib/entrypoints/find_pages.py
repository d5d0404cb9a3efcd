"""Find my appointment: code and phone number, both, in a form's body and never in an address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.http import form, html, page_for, pages, parameter, see_other
from chalicelib.entrypoints.phones import phone_of
from chalicelib.shared.errors import InvalidInput, NotFound
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import Response

    from chalicelib.shared.phone import PhoneNumber

find_pages = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]
_LONGEST: Final = 40
# The same sentence whichever of the two is wrong: the page is no way to find out what is booked.
_NOT_FOUND: Final = "Vi kan ikke finde en tid med den kode og det mobilnummer. Tjek begge dele, og prøv igen."
_NO_CODE: Final = "Skriv koden fra din bekræftelse."
_NO_PHONE: Final = "Skriv det mobilnummer, du bestilte med."
_BAD_PHONE: Final = "Tjek mobilnummeret. Skriv det som 20 12 34 56, eller med landekode som +46 70 123 45 67."


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
    typed = {name: sent.get(name, "")[:_LONGEST] for name in ("code", "phone")}
    phone, errors = _checked(typed)
    if phone is None or errors:
        return _page(typed, errors)
    try:
        appointment = bootstrap.finding().find(municipality.id, typed["code"], phone)
    except NotFound:
        return _page(typed, {"form": _NOT_FOUND})
    return see_other(page_for(request, municipality).at("appointments", bootstrap.booking().token_of(appointment)))


def _checked(typed: Mapping[str, str]) -> tuple[PhoneNumber | None, dict[str, str]]:
    """The number, and what is missing or can't be what it should be; nothing here depends on what is booked."""
    errors = {} if typed["code"] else {"code": _NO_CODE}
    if not typed["phone"]:
        return None, {**errors, "phone": _NO_PHONE}
    try:
        return phone_of(typed["phone"]), errors
    except InvalidInput:
        return None, {**errors, "phone": _BAD_PHONE}


def _page(typed: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    request = find_pages.current_request
    municipality = bootstrap.municipalities().get(parameter(request, "municipality"))
    page = page_for(request, municipality)
    told = {name: gettext(page.language, message) for name, message in errors.items()}
    page = page_for(request, municipality, errors=told)
    return html("booking/find.html", page, status=InvalidInput.status if told else 200, typed=typed)
