"""The appointment's own page, behind its link: receipt, moving, cancelling, taking the consent back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from chalice import Blueprint
from chalice.app import Response

from chalicelib import bootstrap
from chalicelib.booking.calendar_file import calendar_file
from chalicelib.booking.messages import open_proposal, proposed_instead, way_to
from chalicelib.booking.reminders import reminder_moment
from chalicelib.consent.model import ConsentState
from chalicelib.entrypoints.booking.choice import BETWEEN_REASONS
from chalicelib.entrypoints.booking.views import Wish, booking_page, day_from, offer, start_from, start_text, when
from chalicelib.entrypoints.events.booking_work import cancel_for_citizen, move_for_citizen
from chalicelib.entrypoints.http import form, html, language_of, pages, parameter, query, see_other
from chalicelib.entrypoints.rights.withdrawing import withdraw
from chalicelib.municipalities.model import REMINDER_SMS
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import NotBookable, NotFound, SlotTaken
from chalicelib.shared.languages import in_language
from chalicelib.web.pages import gettext
from chalicelib.web.qr import qr_address

if TYPE_CHECKING:
    from chalice.app import Request

    from chalicelib.booking.model import Appointment
    from chalicelib.municipalities.model import Municipality

booking_manage_pages = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]
_PATH: Final = "/{municipality}/appointments/{token}"
_DONE: Final = frozenset({"booked", "moved", "withdrawn", "not-reminded"})


@booking_manage_pages.route(_PATH, methods=["GET"])
@pages(lambda: booking_manage_pages.current_request)
def appointment_page() -> Response:
    """Everything about the appointment; right after booking it is the receipt."""
    request, municipality, appointment = _opened()
    done = query(request, "done") or ""
    return _appointment_page(request, municipality, appointment, done if done in _DONE else "")


@booking_manage_pages.route(f"{_PATH}/move", methods=["GET"])
@pages(lambda: booking_manage_pages.current_request)
def choose_other_time() -> Response:
    """Free times for the same errand at the same office."""
    request, municipality, appointment = _opened()
    return _move_page(request, municipality, appointment)


@booking_manage_pages.route(f"{_PATH}/move", methods=["POST"], content_types=_FORM)
@pages(lambda: booking_manage_pages.current_request)
def move_to_other_time() -> Response:
    """The chosen time; if it has just been taken, the page says so and shows the others. The old time is kept."""
    request, municipality, appointment = _opened()
    try:
        move_for_citizen(municipality, appointment, start_from(form(request).get("start", "")))
    except (SlotTaken, NotBookable) as error:
        return _move_page(request, municipality, appointment, status=error.status)
    return _back(request, municipality, done="moved")


@booking_manage_pages.route(f"{_PATH}/cancel", methods=["POST"], content_types=_FORM)
@pages(lambda: booking_manage_pages.current_request)
def cancel_own_appointment() -> Response:
    """Cancels; asks nothing."""
    request, municipality, appointment = _opened()
    cancel_for_citizen(municipality, appointment)
    return _back(request, municipality)


@booking_manage_pages.route(f"{_PATH}/consent", methods=["POST"], content_types=_FORM)
@pages(lambda: booking_manage_pages.current_request)
def withdraw_own_consent() -> Response:
    """Takes the consent back; the appointment stays."""
    request, municipality, appointment = _opened()
    bootstrap.consents().withdraw(municipality.id, appointment.id, origin="web")
    return _back(request, municipality, done="withdrawn")


@booking_manage_pages.route(f"{_PATH}/reminder", methods=["POST"], content_types=_FORM)
@pages(lambda: booking_manage_pages.current_request)
def withdraw_own_reminder() -> Response:
    """No reminder; the appointment and the answer about the survey stay."""
    request, municipality, appointment = _opened()
    withdraw(municipality.id, appointment.id, REMINDER_SMS, origin="web")
    return _back(request, municipality, done="not-reminded")


@booking_manage_pages.route(f"{_PATH}/calendar.ics", methods=["GET"])
@pages(lambda: booking_manage_pages.current_request)
def appointment_calendar() -> Response:
    """The calendar file. Names no enquiry reason, because others may see a calendar."""
    request, municipality, appointment = _opened()
    language = language_of(request, appointment.language)
    office = municipality.office(appointment.office)
    name = in_language(municipality.name, language)
    booking = bootstrap.booking()
    link = booking.link(municipality.id, booking.token_of(appointment))
    code = gettext(language, "Bookingkode: %(code)s", code=appointment.code)
    texts = {
        "summary": gettext(language, "Tid hos %(municipality)s", municipality=name),
        "location": f"{in_language(office.name, language)}, {office.address}",
        "description": f"{code}\n{gettext(language, 'Se, flyt eller aflys')}: {link}",
    }
    body = calendar_file(
        uid=f"{appointment.id}@{municipality.id}.borgerpuls",
        made_at=bootstrap.clock().now(),
        start=appointment.start,
        end=appointment.end,
        texts=texts,
    )
    headers: dict[str, str | list[str]] = {
        "Content-Type": "text/calendar; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{municipality.id}.ics"',
        "Cache-Control": "no-store",
    }
    return Response(body=body, status_code=200, headers=headers)


def _opened() -> tuple[Request, Municipality, Appointment]:
    request = booking_manage_pages.current_request
    municipality = bootstrap.municipalities().get(parameter(request, "municipality"))
    appointment = bootstrap.booking().find_by_token(parameter(request, "token"))
    if appointment.municipality != municipality.id:
        raise NotFound
    return request, municipality, appointment


def _back(request: Request, municipality: Municipality, done: str | None = None) -> Response:
    page = booking_page(request, municipality)
    return see_other(page.at("appointments", parameter(request, "token"), done=done))


def _appointment_page(request: Request, municipality: Municipality, appointment: Appointment, done: str) -> Response:
    page = booking_page(request, municipality, language=appointment.language)
    booking = bootstrap.booking()
    consent = bootstrap.consents().state(municipality.id, appointment.id)
    office = municipality.office(appointment.office)
    now = bootstrap.clock().now()
    is_checked_in = booking.is_checked_in(appointment)
    cutoff = 0 if proposed_instead(appointment) else municipality.booking.cancel_cutoff_minutes
    change_until = appointment.start - timedelta(minutes=cutoff)
    return html(
        "booking/appointment.html",
        page,
        **_facts(municipality, appointment, page.language),
        token=parameter(request, "token"),
        done=done,
        is_past=appointment.start <= now,
        change_until=change_until,
        is_too_late=change_until <= now,
        proposal=open_proposal(appointment, now),
        way=way_to(municipality, appointment.phone, appointment.email),
        again=_again(municipality, appointment),
        is_checked_in=is_checked_in,
        queue_token=_queue_token(appointment) if is_checked_in else None,
        has_consent=consent is ConsentState.GRANTED,
        was_withdrawn=consent is ConsentState.WITHDRAWN,
        reminding=_reminding(appointment),
        reminded_at=reminder_moment(municipality.booking, appointment.start),
        preview=booking.invitation_preview(municipality, appointment.language, code=appointment.code),
        map_url=f"https://www.openstreetmap.org/search?query={quote(office.address)}",
        qr=qr_address(appointment.code),
    )


def _reminding(appointment: Appointment) -> ConsentState | None:
    """Where the consent to be reminded stands; None where a reminder is no consent."""
    if appointment.reminder_consent is None:
        return None
    return bootstrap.consents().state(appointment.municipality, appointment.id, REMINDER_SMS)


def _queue_token(appointment: Appointment) -> str | None:
    """What opens the citizen's place in the queue; None when its day is over."""
    is_today = local_date(appointment.start) == local_date(bootstrap.clock().now())
    return bootstrap.following().token(appointment.municipality, appointment.id) if is_today else None


def _move_page(request: Request, municipality: Municipality, appointment: Appointment, status: int = 200) -> Response:
    page = booking_page(request, municipality, language=appointment.language)
    window, day = day_from(query(request, "from")), day_from(query(request, "day"))
    wish = Wish(municipality, appointment.office, appointment.reasons, appointment.persons, appointment.meeting)
    offered = offer(wish, window=window, day=day, language=page.language)
    return html(
        "booking/move.html",
        page,
        status=status,
        **_facts(municipality, appointment, page.language),
        token=parameter(request, "token"),
        offer=offered,
        window=window.isoformat() if window else None,
        failed=status != 200,  # noqa: PLR2004 - the page's own status
        start_text=start_text,
    )


def _again(municipality: Municipality, appointment: Appointment) -> tuple[str, ...]:
    """Where a new time for the same is booked; an address that others may see names no discreet reason."""
    if any(municipality.reason(reason).discreet for reason in appointment.reasons):
        return ("book",)
    return ("book", BETWEEN_REASONS.join(appointment.reasons), appointment.office)


def _facts(municipality: Municipality, appointment: Appointment, language: str) -> dict[str, Any]:
    reasons = [municipality.reason(reason) for reason in appointment.reasons]
    return {
        "appointment": appointment,
        "office": municipality.office(appointment.office),
        "reasons": reasons,
        "is_discreet": any(reason.discreet for reason in reasons),
        "when": lambda moment: when(moment, language),
    }
