"""What is held about me: `/{municipality}/my-data`. A phone number, a code by text message, then see and delete (I9).

Nothing on the way to the code says whether the number is known, and the number stands in no address and no cookie.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.booking.callers import Purpose
from chalicelib.contacts.codes import VISIT_LIFE, CodeEnded, WrongCode
from chalicelib.entrypoints.booking.guard import allow
from chalicelib.entrypoints.http import cookies, form, html, page_for, pages, parameter, see_other
from chalicelib.entrypoints.phones import phone_of
from chalicelib.settings import settings
from chalicelib.shared.errors import InvalidInput, NotFound, TooManyRequests
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import Request, Response

    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.phone import PhoneNumber
    from chalicelib.web.pages import Page

my_data_pages = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]
_COOKIE: Final = "my-data"
_LONGEST: Final = 40
_CALLS: Final = "calls"
"""In the place of a contact: the wishes to be called."""
_BAD_PHONE: Final = "Tjek mobilnummeret. Skriv det som 20 12 34 56, eller med landekode som +46 70 123 45 67."
_MANY: Final = "Der er bedt om mange koder på kort tid. Vent en time, eller ring til os."
_WRONG: Final = "Koden er forkert. Tjek de seks cifre i sms'en."
_ENDED: Final = "Koden gælder ikke længere. Bed om en ny."


@my_data_pages.route("/{municipality}/my-data", methods=["GET"])
@pages(lambda: my_data_pages.current_request)
def my_data() -> Response:
    """What is held, for who has shown a code; else the question for a number."""
    municipality = _municipality()
    try:
        phone = _phone(municipality)
    except NotFound:
        return html("my_data/ask.html", _page(), typed="")
    held = bootstrap.my_data().held(municipality.id, phone)
    names = {office.id: office.name for office in municipality.offices}
    reasons = {reason.id: reason.name for reason in municipality.reasons}
    return html("my_data/held.html", _page(), held=held, number=str(phone)[-2:], offices=names, reasons=reasons)


@my_data_pages.route("/{municipality}/my-data", methods=["POST"], content_types=_FORM)
@pages(lambda: my_data_pages.current_request)
def ask_for_code() -> Response:
    """A code is on its way, or not: the answer is the same."""
    request, municipality = my_data_pages.current_request, _municipality()
    typed = form(request).get("phone", "")[:_LONGEST]
    try:
        phone = phone_of(typed)
    except InvalidInput as error:
        return html("my_data/ask.html", _page({"phone": _BAD_PHONE}), status=error.status, typed=typed)
    try:
        allow(request, municipality, Purpose.FIND)
        challenge = bootstrap.codes().ask(municipality.id, phone, _page().language)
    except TooManyRequests as error:
        return html("my_data/ask.html", _page({"phone": _MANY}), status=error.status, typed=typed)
    return html("my_data/code.html", _page(), challenge=challenge)


@my_data_pages.route("/{municipality}/my-data/code", methods=["POST"], content_types=_FORM)
@pages(lambda: my_data_pages.current_request)
def show_code() -> Response:
    """The right code opens the page for twenty minutes, in this browser alone."""
    request, municipality = my_data_pages.current_request, _municipality()
    sent = form(request)
    challenge = sent.get("challenge", "")[:_LONGEST]
    try:
        session = bootstrap.codes().open(municipality.id, challenge, sent.get("code", "")[:_LONGEST])
    except WrongCode as error:
        return html("my_data/code.html", _page({"code": _WRONG}), status=error.status, challenge=challenge)
    except CodeEnded as error:
        return html("my_data/ask.html", _page({"phone": _ENDED}), status=error.status, typed="")
    cookie = _cookie(f"{challenge}.{session}", int(VISIT_LIFE.total_seconds()))
    return see_other(_page().at("my-data"), {"Set-Cookie": cookie})


@my_data_pages.route("/{municipality}/my-data/delete", methods=["POST"], content_types=_FORM)
@pages(lambda: my_data_pages.current_request)
def delete() -> Response:
    """One contact, or all: asked once more, then done. Withdrawn at once, erased within minutes."""
    municipality, sent = _municipality(), form(my_data_pages.current_request)
    try:
        phone = _phone(municipality)
    except NotFound:
        return see_other(_page().at("my-data"))
    contact = sent.get("contact", "")[:_LONGEST] or None
    if sent.get("sure") != "yes":
        held = bootstrap.my_data().held(municipality.id, phone)
        chosen = [each for each in held.contacts if contact in {None, each.id}]
        calls = held.calls if contact in {None, _CALLS} else 0
        names = {office.id: office.name for office in municipality.offices}
        return html("my_data/sure.html", _page(), chosen=chosen, calls=calls, contact=contact, offices=names)
    if contact == _CALLS:
        bootstrap.my_data().forget_calls(municipality.id, phone)
    else:
        bootstrap.my_data().forget(municipality.id, phone, contact)
    return see_other(_page().at("my-data"))


@my_data_pages.route("/{municipality}/my-data/close", methods=["POST"], content_types=_FORM)
@pages(lambda: my_data_pages.current_request)
def close() -> Response:
    """The page closes, on a shared computer as well."""
    municipality = _municipality()
    challenge, session = _shown()
    bootstrap.codes().close(municipality.id, challenge, session)
    return see_other(_page().at(), {"Set-Cookie": _cookie("", 0)})


def _phone(municipality: Municipality) -> PhoneNumber:
    return bootstrap.codes().phone_of(municipality.id, *_shown())


def _shown() -> tuple[str, str]:
    challenge, _, session = cookies(my_data_pages.current_request).get(_COOKIE, "").partition(".")
    return challenge[:_LONGEST], session[:_LONGEST]


def _cookie(value: str, seconds: int) -> str:
    secure = "; Secure" if settings().public_url.startswith("https:") else ""
    path = _page().at("my-data")
    return f"{_COOKIE}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"


def _municipality() -> Municipality:
    return bootstrap.municipalities().get(parameter(_request(), "municipality"))


def _request() -> Request:
    request: Request = my_data_pages.current_request
    return request


def _page(errors: Mapping[str, str] | None = None) -> Page:
    request, municipality = _request(), _municipality()
    page = page_for(request, municipality)
    if not errors:
        return page
    told = {name: gettext(page.language, message) for name, message in errors.items()}
    return page_for(request, municipality, errors=told)
