"""Did we send this? `/{municipality}/did-we-send`: a citizen holds a text message against what we know.

Only who has the message learns anything: a link carries 83 bits that nobody guesses, and a booking code needs the
number or e-mail that it was booked with. The page always says how our messages can be told from fraud.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.booking.callers import Purpose
from chalicelib.entrypoints.booking_guard import allow
from chalicelib.entrypoints.http import form, html, page_for, pages, parameter
from chalicelib.entrypoints.phones import phone_of
from chalicelib.settings import settings
from chalicelib.shared.errors import InvalidInput, NotFound, TooManyRequests
from chalicelib.shared.hashing import is_token
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import Response

    from chalicelib.municipalities.model import Municipality

did_we_send_pages = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]
_LONGEST: Final = 200
_EMPTY: Final = "Skriv koden eller linket fra sms'en."
_PHONE: Final = "Skriv også det mobilnummer, som sms'en kom til. Koden alene siger vi ikke noget om."
_MANY: Final = "Der er kommet mange forsøg på kort tid. Vent en time, eller ring til os."


@did_we_send_pages.route("/{municipality}/did-we-send", methods=["GET"])
@pages(lambda: did_we_send_pages.current_request)
def question() -> Response:
    """The form, and how to tell."""
    return _page({}, {})


@did_we_send_pages.route("/{municipality}/did-we-send", methods=["POST"], content_types=_FORM)
@pages(lambda: did_we_send_pages.current_request)
def check() -> Response:
    """Ours, or not that we know."""
    request, municipality = did_we_send_pages.current_request, _municipality()
    sent = form(request)
    typed = {name: sent.get(name, "")[:_LONGEST] for name in ("message", "phone")}
    errors = _missing(typed)
    if errors:
        return _page(typed, errors, status=InvalidInput.status)
    try:
        allow(request, municipality, Purpose.FIND)
        is_ours = _is_ours(municipality, typed)
    except TooManyRequests as error:
        return _page(typed, {"message": _MANY}, status=error.status)
    except InvalidInput as error:
        return _page(typed, {"phone": _PHONE}, status=error.status)
    return _page(typed, {}, is_ours=is_ours)


def _missing(typed: Mapping[str, str]) -> dict[str, str]:
    if not typed["message"]:
        return {"message": _EMPTY}
    return {} if is_token(_token(typed["message"])) or typed["phone"] else {"phone": _PHONE}


def _is_ours(municipality: Municipality, typed: Mapping[str, str]) -> bool:
    """By the link alone, or by code and number.

    Raises:
        InvalidInput: not a phone number.
        TooManyRequests: the code was tried too often.
    """
    token = _token(typed["message"])
    if is_token(token):
        return bootstrap.erasure().contact_of(municipality.id, token) is not None
    try:
        bootstrap.finding().find(municipality.id, typed["message"], phone=phone_of(typed["phone"]))
    except NotFound:
        return False
    return True


def _token(text: str) -> str:
    return text.strip().split("?", 1)[0].rstrip("/").rsplit("/", 1)[-1]


def _municipality() -> Municipality:
    return bootstrap.municipalities().get(parameter(did_we_send_pages.current_request, "municipality"))


def _page(
    typed: Mapping[str, str], errors: Mapping[str, str], *, status: int = 200, is_ours: bool | None = None
) -> Response:
    request, municipality = did_we_send_pages.current_request, _municipality()
    page = page_for(request, municipality)
    told = {name: gettext(page.language, message) for name, message in errors.items()}
    page = page_for(request, municipality, errors=told)
    site = urlsplit(settings().public_url).netloc
    return html("dispatch/did_we_send.html", page, status=status, typed=typed, is_ours=is_ours, site=site)
