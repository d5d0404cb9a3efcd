"""The last two screens of a booking: about you, check your answers; then the appointment is made.

Personal data travels in POST bodies only, from screen to screen in hidden fields, and is stored when the citizen has
confirmed. From the check screen on the time is held. A key in the form makes a double submit book once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.booking.model import BookingRequest, ConsentAnswer
from chalicelib.entrypoints.booking_form import ContactForm, empty_form, read_form
from chalicelib.entrypoints.booking_pages import reasons_of
from chalicelib.entrypoints.booking_views import nearest, start_from, start_text, when
from chalicelib.entrypoints.booking_work import confirm_at_once
from chalicelib.entrypoints.http import form, html, page_for, pages, parameter, see_other
from chalicelib.municipalities.model import SURVEY_SMS
from chalicelib.shared.errors import KeyReused, NotBookable, SlotTaken

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chalice.app import Request, Response

    from chalicelib.municipalities.model import EnquiryReason, Municipality, Office

booking_details_pages = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]
_PATH: Final = "/{municipality}/book/{reason}/{office}/{start}"


@dataclass(frozen=True, slots=True)
class _Choice:
    """What the address says: reasons, office and time."""

    request: Request
    municipality: Municipality
    reasons: tuple[EnquiryReason, ...]
    office: Office
    start: datetime

    @property
    def reason_ids(self) -> list[str]:
        return [reason.id for reason in self.reasons]


@booking_details_pages.route(_PATH, methods=["GET"])
@pages(lambda: booking_details_pages.current_request)
def booking_details() -> Response:
    """The form about the citizen, with nothing filled in and nothing ticked."""
    choice = _choice()
    return _form_page(choice, empty_form(choice.municipality), {})


@booking_details_pages.route(_PATH, methods=["POST"], content_types=_FORM)
@pages(lambda: booking_details_pages.current_request)
def send_booking_details() -> Response:
    """`action` says what the citizen wants: check the answers, correct them, or book."""
    choice = _choice()
    sent = form(choice.request)
    language = page_for(choice.request, choice.municipality).language
    filled = read_form(choice.municipality, sent, language)
    if filled.errors or sent.get("action") == "edit":
        return _form_page(choice, filled.typed, filled.errors)
    try:
        return _book(choice, filled, language) if sent.get("action") == "confirm" else _check(choice, filled)
    except (SlotTaken, NotBookable) as error:
        return _other_times(choice, filled, error)
    except KeyReused:
        return html("booking/already.html", page_for(choice.request, choice.municipality), status=422)


def _check(choice: _Choice, filled: ContactForm) -> Response:
    hold = bootstrap.booking().hold(
        choice.municipality, choice.office.id, choice.reason_ids, choice.start, instead_of=filled.hold_id
    )
    carried = {**filled.typed, "hold_id": hold.id}
    return _page(choice, "booking/check.html", carried=carried, filled=filled, held_until=hold.expires_at)


def _book(choice: _Choice, filled: ContactForm, language: str) -> Response:
    wish = BookingRequest(
        office=choice.office.id,
        reasons=tuple(choice.reason_ids),
        start=choice.start,
        language=language,
        consent=ConsentAnswer(filled.granted, filled.text_version),
        phone=filled.phone,
        name=filled.name,
        hold_id=filled.hold_id,
    )
    booked = bootstrap.booking().book(choice.municipality, wish, filled.key)
    confirm_at_once(choice.municipality, booked.id)
    page = page_for(choice.request, choice.municipality)
    return see_other(page.at("appointments", booked.token, done="booked"))


def _other_times(choice: _Choice, filled: ContactForm, error: SlotTaken | NotBookable) -> Response:
    """What was typed goes along to whichever time is chosen instead."""
    slots = nearest(choice.municipality, choice.office.id, choice.reason_ids, choice.start)
    carried = {**filled.typed, "hold_id": ""}
    taken = isinstance(error, SlotTaken)
    return _page(choice, "booking/taken.html", status=error.status, carried=carried, slots=slots, taken=taken)


def _form_page(choice: _Choice, typed: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    language = page_for(choice.request, choice.municipality).language
    preview = bootstrap.booking().invitation_preview(choice.municipality, language)
    text = choice.municipality.consent_texts.get(SURVEY_SMS)
    status = 422 if errors else 200
    return _page(
        choice, "booking/details.html", status=status, errors=errors, typed=typed, preview=preview, consent_text=text
    )


def _page(
    choice: _Choice, template: str, *, status: int = 200, errors: Mapping[str, str] | None = None, **context: Any
) -> Response:
    page = page_for(choice.request, choice.municipality, errors=errors)
    facts: dict[str, Any] = {
        "reasons": choice.reasons,
        "chosen": ".".join(choice.reason_ids),
        "office": choice.office,
        "start": choice.start,
        "start_part": start_text(choice.start),
        "start_text": start_text,
        "when": lambda moment: when(moment, page.language),
    }
    return html(template, page, status=status, **facts, **context)


def _choice() -> _Choice:
    request = booking_details_pages.current_request
    municipality = bootstrap.municipalities().get(parameter(request, "municipality"))
    return _Choice(
        request=request,
        municipality=municipality,
        reasons=reasons_of(municipality, parameter(request, "reason")),
        office=municipality.office(parameter(request, "office")),
        start=start_from(parameter(request, "start")),
    )
