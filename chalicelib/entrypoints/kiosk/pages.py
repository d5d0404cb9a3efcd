"""The kiosk by the entrance: I have a time, I have no time, help; then at most two steps to a ticket.

Every form can be sent as often as a nervous finger or a stumbling network likes: a check-in is the appointment's one
visit, a ticket its form's one ticket, a wish for a message the visit's one wish.
"""

from __future__ import annotations

from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.auth import Role, require
from chalicelib.entrypoints.events import nearly_work
from chalicelib.entrypoints.http import form, page_for, pages, parameter, query, see_other
from chalicelib.entrypoints.kiosk.view import (
    LONGEST,
    SHORTEST,
    Kiosk,
    details_screen,
    error_screen,
    idle_screen,
    joined,
    reason_screen,
    step_screen,
    ticket_screen,
)
from chalicelib.entrypoints.phones import phone_of
from chalicelib.shared.errors import (
    BorgerpulsError,
    InvalidInput,
    NotFound,
    TooManyRequests,
    WrongDay,
    WrongOffice,
    WrongState,
)
from chalicelib.visits import arrival_code
from chalicelib.visits.model import ConsentFacts, Origin
from chalicelib.visits.reception import WalkIn
from chalicelib.web.catalogue import languages_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalice.app import Response

    from chalicelib.visits.reception import Place

kiosk_pages = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]
_PLAIN_STEPS: Final = frozenset({"code", "phone", "help"})


def _in_its_own_frame(view: Callable[[Kiosk], Response]) -> Callable[[], Response]:
    """Errors after the sign-in are shown as a screen of the kiosk: a page with links would lead it away."""

    @wraps(view)
    def guarded() -> Response:
        kiosk = _kiosk()
        try:
            return view(kiosk)
        except BorgerpulsError as error:
            return error_screen(kiosk, error)

    return guarded


@kiosk_pages.route("/{municipality}/kiosk/{office}", methods=["GET"])
@pages(lambda: kiosk_pages.current_request)
def kiosk_page() -> Response:
    """The screen that the address names. Nothing is changed by looking."""
    return _look()


@kiosk_pages.route("/{municipality}/kiosk/{office}", methods=["POST"], content_types=_FORM)
@pages(lambda: kiosk_pages.current_request)
def kiosk_answer() -> Response:
    """A check-in, a ticket or a wish."""
    return _act()


@_in_its_own_frame
def _look(kiosk: Kiosk) -> Response:
    request = kiosk_pages.current_request
    ticket, step, chosen = query(request, "ticket"), query(request, "step"), query(request, "reason") or ""
    if ticket is not None:
        return ticket_screen(kiosk, ticket)
    if step == "reason":
        return reason_screen(kiosk, chosen)
    if step == "details":
        return details_screen(kiosk, chosen)
    return step_screen(kiosk, step) if step in _PLAIN_STEPS else idle_screen(kiosk)


@_in_its_own_frame
def _act(kiosk: Kiosk) -> Response:
    fields = form(kiosk_pages.current_request)
    return _ACTIONS.get(fields.get("step", ""), _take_ticket)(kiosk, fields)


def _check_in(kiosk: Kiosk, fields: Mapping[str, str]) -> Response:
    """By code: typed, scanned, or as the link of a message, which is never shown again."""
    shown = arrival_code.presented(fields.get("code", ""))
    try:
        place = bootstrap.visits().check_in(kiosk.municipality, kiosk.office.id, _code_of(kiosk, shown))
    except (NotFound, WrongState, WrongOffice, WrongDay) as error:
        message = _CODE_ERRORS.get(error.code, _UNKNOWN_CODE)
        return step_screen(kiosk, "code", {} if shown.token else fields, {"code": message})
    return _to_ticket(kiosk, place)


def _code_of(kiosk: Kiosk, shown: arrival_code.Presented) -> str:
    if not shown.token:
        return shown.code
    appointment = bootstrap.booking().find_by_token(shown.token)
    if appointment.municipality != kiosk.municipality.id:
        raise NotFound
    return appointment.code


def _check_in_by_phone(kiosk: Kiosk, fields: Mapping[str, str]) -> Response:
    """Without the code. One answer for everything that does not fit; the digits are never shown again."""
    digits, at = arrival_code.last_digits(fields.get("digits", "")), arrival_code.clock_of(fields.get("at", ""))
    kept = {"at": fields.get("at", "")}
    if digits is None or at is None:
        wrong = {"digits": _FOUR_DIGITS} if digits is None else {}
        return step_screen(kiosk, "phone", kept, wrong | ({"at": _A_TIME} if at is None else {}))
    try:
        place = bootstrap.self_check_in().by_phone(
            kiosk.municipality, kiosk.office.id, digits, at, kiosk=f"{kiosk.office.id}.{kiosk.device}"
        )
    except TooManyRequests:
        return step_screen(kiosk, "phone", kept, {"digits": _TOO_OFTEN})
    except (NotFound, WrongState):
        return step_screen(kiosk, "phone", kept, {"digits": _NO_FIT})
    return _to_ticket(kiosk, place)


def _take_ticket(kiosk: Kiosk, fields: Mapping[str, str]) -> Response:
    chosen = kiosk.reasons(fields.get("reason", ""))
    if kiosk.needs_booking(chosen):
        return details_screen(kiosk, joined(chosen))
    granted, number = fields.get("survey_consent") == "yes", fields.get("phone", "")
    consent = ConsentFacts(offered=True, granted=granted, text_version=fields.get("text_version"))
    try:
        walk_in = WalkIn(
            reasons=tuple(reason.id for reason in chosen),
            origin=Origin.KIOSK,
            language=kiosk.page.language,
            consent=consent,
            phone=phone_of(number) if number and granted else None,
        )
        place = bootstrap.visits().walk_in(
            kiosk.municipality, kiosk.office.id, walk_in, idempotency_key=fields.get("request") or None
        )
    except InvalidInput as error:
        errors = {name: text for name, text in _TICKET_ERRORS.items() if name in error.fields}
        if not errors:
            raise
        return details_screen(kiosk, joined(chosen), fields, errors)
    return _to_ticket(kiosk, place)


def _wish_for_message(kiosk: Kiosk, fields: Mapping[str, str]) -> Response:
    """Tell me when it is nearly my turn; or, never mind."""
    ticket = fields.get("ticket", "")
    visit = bootstrap.visits().get(kiosk.municipality, ticket)
    try:
        nearly_work.wish(kiosk.municipality, visit, fields)
    except InvalidInput:
        return ticket_screen(kiosk, ticket, fields, {"nearly_phone": nearly_work.BAD_NUMBER})
    except WrongState:
        pass  # told already, or called: the ticket says so
    return see_other(kiosk.at(ticket=ticket))


def _to_ticket(kiosk: Kiosk, place: Place) -> Response:
    return see_other(kiosk.at(ticket=place.visit.id))


def _kiosk() -> Kiosk:
    request = kiosk_pages.current_request
    municipality_id = parameter(request, "municipality")
    staff = require(request, municipality_id, Role.KIOSK, Role.DESK)
    municipality = bootstrap.municipalities().get(municipality_id)
    wanted = query(request, "seconds") or ""
    seconds = min(LONGEST, max(SHORTEST, int(wanted))) if wanted.isdecimal() else None
    office = municipality.office(parameter(request, "office"))
    page = page_for(request, municipality, languages=languages_of("kiosk"))
    kiosk = Kiosk(page, municipality, office, staff.subject, seconds)
    return replace(kiosk, page=replace(page, here=kiosk.at()))


_ACTIONS: Final[Mapping[str, Callable[[Kiosk, Mapping[str, str]], Response]]] = {
    "code": _check_in,
    "phone": _check_in_by_phone,
    "nearly": _wish_for_message,
}
_UNKNOWN_CODE: Final = "Vi kan ikke finde den kode. Tjek den i din besked, eller tryk på Hjælp."
_CODE_ERRORS: Final = {
    "not_found": _UNKNOWN_CODE,
    "wrong_state": "Tiden er aflyst. Gå tilbage, og tag et nummer.",
    "wrong_office": "Din tid er et andet sted. Se adressen i din besked, eller tal med en medarbejder.",
    "wrong_day": "Din tid er en anden dag. Se datoen i din besked, eller gå tilbage, og tag et nummer.",
}
_FOUR_DIGITS: Final = "Skriv de sidste fire cifre af dit telefonnummer."
_A_TIME: Final = "Skriv klokkeslættet, som 10.30."
# One sentence, whatever the reason is: the screen is no way to find out who is expected.
_NO_FIT: Final = "Vi kan ikke finde én tid i dag, der passer. Skriv din kode i stedet, eller tal med en medarbejder."
_TOO_OFTEN: Final = "Der er kommet mange forsøg på kort tid. Brug din kode, eller tal med en medarbejder."
_TICKET_ERRORS: Final = {
    "phone": "Skriv et mobilnummer, eller fjern dit ja.",
    "survey_consent": "Teksten er lige ændret. Læs den igen, og svar.",
}
