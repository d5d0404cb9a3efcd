"""The last two screens of a booking: about you, check your answers; then the appointment is made.

Personal data travels in POST bodies only, from screen to screen in hidden fields, and is stored when the citizen has
confirmed. The time is held from the moment it was chosen. A key in the form makes a double submit book once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.booking.callers import Purpose
from chalicelib.booking.challenge import Proof
from chalicelib.booking.model import BookingRequest, ConsentAnswer
from chalicelib.entrypoints.booking.choice import choice_of
from chalicelib.entrypoints.booking.details_views import (
    already_page,
    check_page,
    form_page,
    other_times_page,
    too_many_page,
)
from chalicelib.entrypoints.booking.form import ContactForm, empty_form, read_form, typed_form
from chalicelib.entrypoints.booking.guard import allow, prove
from chalicelib.entrypoints.booking.holding import Keeping, Place
from chalicelib.entrypoints.booking.views import booking_page, start_from, start_text
from chalicelib.entrypoints.events.booking_work import confirm_at_once
from chalicelib.entrypoints.http import form, pages, parameter, query, see_other
from chalicelib.shared.errors import KeyReused, NotBookable, NotFound, SlotTaken, TooManyRequests
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import Response

booking_details_pages = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]
_MANY_APPOINTMENTS: Final = "Det nummer har allerede så mange kommende tider, som det kan have. Aflys én, eller ring."
_OFFICE: Final = "/{municipality}/book/{reason}/{office}"
_PATH: Final = f"{_OFFICE}/{{start}}"


@booking_details_pages.route(_OFFICE, methods=["POST"], content_types=_FORM)
@pages(lambda: booking_details_pages.current_request)
def hold_chosen_time() -> Response:
    """The chosen time is held for the citizen from now on, instead of one held before; then the form.

    If it is gone, the nearest others.
    """
    request = booking_details_pages.current_request
    place = _place(form(request).get("start", ""))
    typed = empty_form(place.choice.municipality)
    try:
        hold = place.take(instead_of=query(request, "hold"))
    except (SlotTaken, NotBookable) as error:
        return other_times_page(place, typed, error)
    except TooManyRequests:
        return too_many_page(place, typed, Purpose.HOLD)
    page = booking_page(request, place.choice.municipality)
    where = ("book", place.choice.path, place.office.id, start_text(place.start))
    return see_other(page.at(*where, **place.choice.query(hold=hold.id)))


@booking_details_pages.route(_PATH, methods=["GET"])
@pages(lambda: booking_details_pages.current_request)
def booking_details() -> Response:
    """The form about the citizen, with nothing filled in."""
    place = _place()
    hold_id = query(place.request, "hold") or ""
    return form_page(place, empty_form(place.choice.municipality, hold_id=hold_id), hold=place.held(hold_id))


@booking_details_pages.route(_PATH, methods=["POST"], content_types=_FORM)
@pages(lambda: booking_details_pages.current_request)
def send_booking_details() -> Response:
    """`action` says what the citizen wants: more time, to check the answers, to correct them, or to book."""
    place = _place()
    sent = form(place.request)
    typed = typed_form(place.choice.municipality, sent)
    try:
        return _ACTIONS.get(sent.get("action", ""), _check)(place, sent)
    except (SlotTaken, NotBookable) as error:
        return other_times_page(place, typed, error)
    except TooManyRequests:
        return too_many_page(place, typed, Purpose.BOOK if sent.get("action") == "confirm" else Purpose.HOLD)
    except KeyReused:
        return already_page(place)


def _extend(place: Place, sent: Mapping[str, str]) -> Response:
    """More time, and everything typed is still there, right or wrong."""
    typed = typed_form(place.choice.municipality, sent)
    hold, keeping = place.keep(typed["hold_id"])
    return form_page(place, {**typed, "hold_id": hold.id}, hold=hold, keeping=keeping)


def _edit(place: Place, sent: Mapping[str, str]) -> Response:
    typed = typed_form(place.choice.municipality, sent)
    return form_page(place, typed, hold=place.held(typed["hold_id"]))


def _check(place: Place, sent: Mapping[str, str]) -> Response:
    filled = _filled(place, sent)
    if filled.errors:
        return form_page(place, filled.typed, filled.errors, hold=place.held(filled.hold_id))
    hold, keeping = place.keep(filled.hold_id)
    told = keeping if sent.get("action") == "extend-check" or keeping is Keeping.RETAKEN else None
    return check_page(place, filled, hold, keeping=told)


def _confirm(place: Place, sent: Mapping[str, str]) -> Response:
    filled = _filled(place, sent)
    if filled.errors:
        return form_page(place, filled.typed, filled.errors, hold=place.held(filled.hold_id))
    municipality = place.choice.municipality
    allow(place.request, municipality, Purpose.BOOK)
    proof = prove(place.request, municipality, filled.typed, filled.key)
    if proof in {Proof.NONE, Proof.TOO_EARLY}:
        hold, _ = place.keep(filled.hold_id)
        return check_page(place, filled, hold, unproven=proof)
    try:
        booked = bootstrap.booking().book(municipality, _wish(place, filled), filled.key)
    except TooManyRequests as error:
        if "phone" not in error.fields:
            raise
        language = booking_page(place.request, municipality).language
        told = {"phone": gettext(language, _MANY_APPOINTMENTS)}
        return form_page(place, filled.typed, told, hold=place.held(filled.hold_id))
    confirm_at_once(municipality, booked.id)
    page = booking_page(place.request, municipality)
    return see_other(page.at("appointments", booked.token, done="booked"))


_ACTIONS: Final = {"extend": _extend, "edit": _edit, "check": _check, "extend-check": _check, "confirm": _confirm}


def _filled(place: Place, sent: Mapping[str, str]) -> ContactForm:
    municipality = place.choice.municipality
    language = booking_page(place.request, municipality).language
    return read_form(municipality, sent, language, place.choice.meeting)


def _wish(place: Place, filled: ContactForm) -> BookingRequest:
    return BookingRequest(
        office=place.office.id,
        reasons=tuple(place.choice.ids),
        start=place.start,
        language=booking_page(place.request, place.choice.municipality).language,
        consent=ConsentAnswer(filled.granted, filled.text_version),
        phone=filled.phone,
        email=filled.email,
        name=filled.name,
        hold_id=filled.hold_id,
        persons=place.choice.persons,
        meeting=place.choice.meeting,
        want_earlier=filled.wants_earlier,
        reminder=filled.wants_reminder,
        reminder_consent=filled.reminder_consent,
        alternatives_seen=place.choice.seen and bool(place.choice.alternatives),
    )


def _place(start: str | None = None) -> Place:
    """What the address says; the time stands in it too, or is given.

    Raises:
        NotFound: something of it does not exist.
    """
    request: Any = booking_details_pages.current_request
    municipality = bootstrap.municipalities().get(parameter(request, "municipality"))
    office = municipality.office(parameter(request, "office"))
    choice = choice_of(request, municipality)
    if not choice.at(office.id):
        raise NotFound
    return Place(request, choice, office, start_from(parameter(request, "start") if start is None else start))
