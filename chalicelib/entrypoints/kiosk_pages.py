"""The kiosk by the entrance: I have a time, I have no time, help; then at most two steps to a ticket."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.auth import Role, require
from chalicelib.entrypoints.http import form, html, page_for, pages, parameter, query, see_other
from chalicelib.entrypoints.phones import phone_of
from chalicelib.municipalities.model import SURVEY_SMS
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import InvalidInput, NotFound, WrongDay, WrongOffice, WrongState
from chalicelib.shared.identifiers import normalise_booking_code
from chalicelib.visits.model import ConsentFacts, Origin
from chalicelib.visits.reception import WalkIn
from chalicelib.web.pages import Page, gettext
from chalicelib.web.qr import qr_address

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chalice.app import Response

    from chalicelib.municipalities.model import EnquiryReason, Municipality, Office
    from chalicelib.visits.reception import Place

kiosk_pages = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]
_STEPS: Final = frozenset({"code", "reason", "details", "help"})
_DEFAULT_SECONDS: Final = 60
_SHORTEST, _LONGEST = 20, 600


@dataclass(frozen=True, slots=True)
class Kiosk:
    """One kiosk: its page, its municipality and office, and after how many quiet seconds it starts anew."""

    page: Page
    municipality: Municipality
    office: Office
    seconds: int

    def at(self, **more: str | None) -> str:
        """An address of this kiosk, which keeps its own number of seconds."""
        seconds = None if self.seconds == _DEFAULT_SECONDS else str(self.seconds)
        return self.page.at("kiosk", self.office.id, **more, seconds=seconds)


@kiosk_pages.route("/{municipality}/kiosk/{office}", methods=["GET"])
@pages(lambda: kiosk_pages.current_request)
def kiosk_page() -> Response:
    """The step that the address names. Nothing is changed by looking."""
    kiosk = _kiosk()
    ticket, step = query(kiosk_pages.current_request, "ticket"), query(kiosk_pages.current_request, "step")
    if ticket is not None:
        return _ticket_page(kiosk, ticket)
    if step not in _STEPS:
        return _idle_page(kiosk)
    if step == "details":
        return _details_page(kiosk, query(kiosk_pages.current_request, "reason") or "", {})
    return _step_page(kiosk, step, {})


@kiosk_pages.route("/{municipality}/kiosk/{office}", methods=["POST"], content_types=_FORM)
@pages(lambda: kiosk_pages.current_request)
def kiosk_answer() -> Response:
    """A check-in or a ticket. Sent twice, it is the same ticket."""
    kiosk = _kiosk()
    fields = form(kiosk_pages.current_request)
    if fields.get("step") == "code":
        return _check_in(kiosk, fields)
    return _take_ticket(kiosk, fields)


def _check_in(kiosk: Kiosk, fields: Mapping[str, str]) -> Response:
    code = normalise_booking_code(fields.get("code", ""))
    try:
        place = bootstrap.visits().check_in(kiosk.municipality, kiosk.office.id, code)
    except (NotFound, WrongState, WrongOffice, WrongDay) as error:
        message = gettext(kiosk.page.language, _CODE_ERRORS.get(error.code, _UNKNOWN_CODE))
        return _step_page(kiosk, "code", fields, {"code": message})
    return see_other(kiosk.at(ticket=place.visit.id))


def _take_ticket(kiosk: Kiosk, fields: Mapping[str, str]) -> Response:
    granted = fields.get("survey_consent") == "yes"
    consent = ConsentFacts(offered=True, granted=granted, text_version=fields.get("text_version"))
    reason, number = fields.get("reason", ""), fields.get("phone", "")
    try:
        walk_in = WalkIn(
            reasons=(reason,),
            origin=Origin.KIOSK,
            language=kiosk.page.language,
            consent=consent,
            phone=phone_of(number) if number and granted else None,
        )
        place = bootstrap.visits().walk_in(
            kiosk.municipality, kiosk.office.id, walk_in, idempotency_key=fields.get("request") or None
        )
    except InvalidInput as error:
        known = {name: text for name, text in _TICKET_ERRORS.items() if name in error.fields}
        if not known:
            raise
        errors = {name: gettext(kiosk.page.language, text) for name, text in known.items()}
        return _details_page(kiosk, reason, fields, errors)
    return see_other(kiosk.at(ticket=place.visit.id))


def _step_page(kiosk: Kiosk, step: str, values: Mapping[str, str], errors: Mapping[str, str] | None = None) -> Response:
    here = _here(kiosk, errors, step=step)
    return html(f"kiosk/{step}.html", here.page, status=_status(errors), kiosk=here, values=values)


def _details_page(
    kiosk: Kiosk,
    reason_id: str,
    values: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
) -> Response:
    if reason_id not in kiosk.office.reasons:
        raise NotFound
    here = _here(kiosk, errors, step="details", reason=reason_id)
    return html(
        "kiosk/details.html",
        here.page,
        status=_status(errors),
        kiosk=here,
        reason=kiosk.municipality.reason(reason_id),
        consent=kiosk.municipality.consent_texts[SURVEY_SMS],
        values=values,
        request_key=values.get("request") or secrets.token_hex(12),
    )


def _idle_page(kiosk: Kiosk) -> Response:
    now, free = bootstrap.visits().now(), _first_free(kiosk)
    day = local_date(free) if free else None
    return html("kiosk/idle.html", kiosk.page, kiosk=kiosk, now=now, free=free, day=day, today=day == local_date(now))


def _ticket_page(kiosk: Kiosk, visit_id: str) -> Response:
    visits = bootstrap.visits()
    visit = visits.get(kiosk.municipality, visit_id)
    if visit.office != kiosk.office.id:
        raise NotFound
    place: Place = visits.place(kiosk.municipality, visit)
    here = _here(kiosk, None, ticket=visit_id)
    link = bootstrap.following().link(visit)
    return html("kiosk/ticket.html", here.page, kiosk=here, place=place, follow=link, follow_qr=qr_address(link))


def _here(kiosk: Kiosk, errors: Mapping[str, str] | None, **where: str) -> Kiosk:
    return replace(kiosk, page=replace(kiosk.page, here=kiosk.at(**where), errors=errors or {}))


def _status(errors: Mapping[str, str] | None) -> int:
    return InvalidInput.status if errors else 200


def _kiosk() -> Kiosk:
    request = kiosk_pages.current_request
    municipality_id = parameter(request, "municipality")
    require(request, municipality_id, Role.KIOSK, Role.DESK)
    municipality = bootstrap.municipalities().get(municipality_id)
    wanted = query(request, "seconds") or ""
    seconds = min(_LONGEST, max(_SHORTEST, int(wanted))) if wanted.isdecimal() else _DEFAULT_SECONDS
    office = municipality.office(parameter(request, "office"))
    kiosk = Kiosk(page_for(request, municipality), municipality, office, seconds)
    return replace(kiosk, page=replace(kiosk.page, here=kiosk.at()))


def _first_free(kiosk: Kiosk) -> datetime | None:
    """The next time that can be booked here: by the quickest reason of each desk group, one or two queries each."""
    known = kiosk.municipality.reasons
    quickest: list[EnquiryReason] = [
        min((reason for reason in known if reason.id in group.reasons), key=lambda reason: reason.duration_minutes)
        for group in kiosk.office.desk_groups
        if group.reasons
    ]
    slots = (bootstrap.booking().first_free(kiosk.municipality, kiosk.office.id, [r.id]) for r in quickest)
    return min((slot.start for slot in slots if slot), default=None)


_UNKNOWN_CODE: Final = "Vi kan ikke finde den kode. Tjek den i din besked, eller tryk på Hjælp."
_CODE_ERRORS: Final = {
    "not_found": _UNKNOWN_CODE,
    "wrong_state": "Tiden er aflyst. Gå tilbage, og tag et nummer.",
    "wrong_office": "Din tid er et andet sted. Se adressen i din besked, eller tal med en medarbejder.",
    "wrong_day": "Din tid er en anden dag. Se datoen i din besked, eller gå tilbage, og tag et nummer.",
}
_TICKET_ERRORS: Final = {
    "phone": "Skriv et mobilnummer, eller fjern dit ja.",
    "survey_consent": "Teksten er lige ændret. Læs den igen, og svar.",
}
