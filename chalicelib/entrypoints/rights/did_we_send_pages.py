"""Did we send this? `/{municipality}/did-we-send`: a citizen holds a text message against what we know.

Only who has the message learns anything: a link carries 83 bits that nobody guesses, and a booking code needs the
number or e-mail that it was booked with. The page always says how our messages can be told from fraud.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.booking.callers import Purpose
from chalicelib.entrypoints.booking.guard import allow
from chalicelib.entrypoints.http import form, html, page_for, pages, parameter
from chalicelib.entrypoints.phones import phone_of
from chalicelib.settings import settings
from chalicelib.shared.errors import InvalidInput, NotFound, TooManyRequests
from chalicelib.shared.hashing import is_token
from chalicelib.web.catalogue import languages_of
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import Response

    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.phone import PhoneNumber

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
    return {} if _link(typed["message"]) or typed["phone"] else {"phone": _PHONE}


def _is_ours(municipality: Municipality, typed: Mapping[str, str]) -> bool:
    """By the link alone, or by code and number.

    Raises:
        InvalidInput: not a phone number.
        TooManyRequests: the code was tried too often.
    """
    link = _link(typed["message"])
    if link is not None:
        host, token = link
        return host in {"", _site()} and bootstrap.erasure().contact_of(municipality.id, token) is not None
    phone = phone_of(typed["phone"])
    try:
        bootstrap.finding().find(municipality.id, typed["message"], phone=phone)
    except NotFound:
        return _is_of_a_visit(municipality, typed["message"], phone)
    return True


def _is_of_a_visit(municipality: Municipality, code: str, phone: PhoneNumber) -> bool:
    """True if the code's contact left that number: it has gone from an appointment when its visit is over."""
    contact = bootstrap.erasure().contact_of(municipality.id, code)
    return contact is not None and contact in bootstrap.my_data().contact_ids(municipality.id, phone)


def _link(text: str) -> tuple[str, str] | None:
    """Host and token of the first link in a text, such as a whole message; the host is empty where none was typed."""
    words = text.split()
    for word in words if len(words) == 1 else [word for word in words if "/" in word]:
        parts = re.sub("^https?://", "", word).split("?", 1)[0].split("/")
        token = next((part for part in map(_bare, parts) if is_token(part)), None)
        if token is not None:
            return (parts[0] if "." in parts[0] or ":" in parts[0] else ""), token
    return None


def _bare(part: str) -> str:
    return part.strip(".,;:()<>\"'")


def _site() -> str:
    return urlsplit(settings().public_url).netloc


def _municipality() -> Municipality:
    return bootstrap.municipalities().get(parameter(did_we_send_pages.current_request, "municipality"))


def _page(
    typed: Mapping[str, str], errors: Mapping[str, str], *, status: int = 200, is_ours: bool | None = None
) -> Response:
    request, municipality = did_we_send_pages.current_request, _municipality()
    page = page_for(request, municipality, languages=languages_of("dispatch"))
    page = replace(page, errors={name: gettext(page.language, message) for name, message in errors.items()})
    return html("dispatch/did_we_send.html", page, status=status, typed=typed, is_ours=is_ours, site=_site())
