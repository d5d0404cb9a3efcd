"""Times, holds and appointments as JSON (design 5)."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.booking.callers import Purpose
from chalicelib.booking.model import Booker
from chalicelib.entrypoints.auth import Role, require
from chalicelib.entrypoints.booking import input as booking_input
from chalicelib.entrypoints.booking.guard import allow, require_solution
from chalicelib.entrypoints.events.booking_work import cancel_for_citizen, confirm_at_once, move_for_citizen
from chalicelib.entrypoints.http import answer, api, json_body, parameter, query, query_list, sent_headers
from chalicelib.entrypoints.rights.withdrawing import withdraw
from chalicelib.municipalities.model import REMINDER_SMS
from chalicelib.shared.clock import local_date, rfc3339
from chalicelib.shared.errors import InvalidInput, MalformedRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chalice.app import Request, Response

    from chalicelib.booking.capacity import Slot
    from chalicelib.booking.model import Appointment, Hold
    from chalicelib.municipalities.model import Municipality

booking_api = Blueprint(__name__)

_JSON: Final = ["application/json"]
_M: Final = "/api/v1/municipalities/{municipality}"
_USUAL_DAYS: Final = 7
_MOST_DAYS: Final = 62
_MANY_DIGITS: Final = 9


@booking_api.route(f"{_M}/offices/{{office}}/slots", methods=["GET"])
@api
def list_slots() -> Response:
    """Free times of an office for one or several reasons; staff see those that only they may book as well."""
    request, municipality = booking_api.current_request, _municipality()
    office = municipality.office(parameter(request, "office"))
    today = local_date(bootstrap.clock().now())
    first = booking_input.day_of(query(request, "from"), "from", today)
    last = booking_input.day_of(query(request, "to"), "to", first + timedelta(days=_USUAL_DAYS - 1))
    if not timedelta() <= last - first < timedelta(days=_MOST_DAYS):
        raise InvalidInput(fields={"to": f"give a day from `from` on, at most {_MOST_DAYS} days in all"})
    with _as_query():
        slots = bootstrap.booking().slots(
            municipality,
            office.id,
            query_list(request, "reason"),
            first,
            last,
            persons=booking_input.persons_number(_number(query(request, "persons"))),
            meeting=booking_input.meeting_kind(query(request, "meeting")),
            booker=_booker(request, municipality),
        )
    return answer({"slots": [_slot(slot) for slot in slots]})


@booking_api.route(f"{_M}/offices/{{office}}/availability-summary", methods=["GET"])
@api
def availability_summary() -> Response:
    """How long citizens wait for a time (SK-25): the first free one and the third next available, in days."""
    request, municipality = booking_api.current_request, _municipality()
    office = municipality.office(parameter(request, "office"))
    with _as_query():
        lead = bootstrap.booking().lead_time(municipality, office.id, query_list(request, "reason"))
    return answer(
        {
            "first_free": _slot(lead.first) if lead.first else None,
            "days_to_first_free": lead.first_days,
            "third_next_available": _slot(lead.third) if lead.third else None,
            "days_to_third_next_available": lead.third_days,
        }
    )


@booking_api.route(f"{_M}/holds", methods=["POST"], content_types=_JSON)
@api
def hold_time() -> Response:
    """Keep a place for a few minutes."""
    request, municipality = booking_api.current_request, _municipality()
    body = json_body(request)
    booker = _booker(request, municipality)
    if booker is Booker.WEB:
        allow(request, municipality, Purpose.HOLD)
    hold = bootstrap.booking().hold(
        municipality,
        booking_input.office_id(body.get("office")),
        booking_input.reason_ids(body.get("reasons")),
        booking_input.start_time(body.get("start")),
        persons=booking_input.persons_number(body.get("persons")),
        meeting=booking_input.meeting_kind(body.get("meeting")),
        booker=booker,
    )
    return answer(_hold(hold), status=201)


@booking_api.route(f"{_M}/holds/{{hold}}/extend", methods=["POST"], content_types=_JSON)
@api
def extend_hold() -> Response:
    """Keep it longer (WCAG 2.2.1), at least ten times."""
    hold = bootstrap.booking().extend_hold(_municipality(), parameter(booking_api.current_request, "hold"))
    return answer(_hold(hold))


@booking_api.route(f"{_M}/holds/{{hold}}", methods=["DELETE"])
@api
def release_hold() -> Response:
    """Let a held place go."""
    bootstrap.booking().release(_municipality(), parameter(booking_api.current_request, "hold"))
    return answer(None)


@booking_api.route(f"{_M}/appointments", methods=["POST"], content_types=_JSON)
@api
def book_appointment() -> Response:
    """Book, once for each Idempotency-Key. Staff book on behalf of a citizen: then it counts as assisted (FR-16)."""
    request, municipality = booking_api.current_request, _municipality()
    headers: Mapping[str, str] = request.headers or {}
    key = headers.get("idempotency-key", "")
    if not key:
        raise MalformedRequest("Send an Idempotency-Key header, a new one for each booking.")
    by_staff = _booker(request, municipality) is Booker.STAFF
    sent = json_body(request)
    wish = booking_input.booking_request(sent, by_staff=by_staff)
    if not by_staff:
        allow(request, municipality, Purpose.BOOK)
        require_solution(municipality, sent.get("challenge"), key)
    booking = bootstrap.booking()
    booked = booking.book(municipality, wish, key)
    confirm_at_once(municipality, booked.id)
    body = {
        "id": booked.id,
        "code": booked.code,
        "start": rfc3339(booked.start),
        "end": rfc3339(booked.end),
        "manage_url": booking.link(municipality.id, booked.token),
    }
    return answer(body, status=201)


@booking_api.route("/api/v1/appointments/{token}", methods=["GET"])
@api
def show_appointment() -> Response:
    """An appointment, for whoever has its link."""
    return answer(_view(_appointment()))


@booking_api.route("/api/v1/appointments/{token}", methods=["PATCH"], content_types=_JSON)
@api
def move_appointment() -> Response:
    """Another time, everything else kept."""
    appointment = _appointment()
    start = booking_input.start_time(json_body(booking_api.current_request).get("start"))
    municipality = bootstrap.municipalities().get(appointment.municipality)
    return answer(_view(move_for_citizen(municipality, appointment, start)))


@booking_api.route("/api/v1/appointments/{token}", methods=["DELETE"])
@api
def cancel_appointment() -> Response:
    """Cancel; the time is free for others and the consent is withdrawn."""
    appointment = _appointment()
    municipality = bootstrap.municipalities().get(appointment.municipality)
    return answer(_view(cancel_for_citizen(municipality, appointment)))


@booking_api.route("/api/v1/appointments/{token}/survey-consent", methods=["DELETE"])
@api
def withdraw_survey_consent() -> Response:
    """Take the consent back; the appointment stays."""
    appointment = _appointment()
    bootstrap.consents().withdraw(appointment.municipality, appointment.id, origin="web")
    return answer(None)


@booking_api.route("/api/v1/appointments/{token}/reminder-consent", methods=["DELETE"])
@api
def withdraw_reminder_consent() -> Response:
    """No reminder of the appointment; the appointment stays. 404 where it was never asked."""
    appointment = _appointment()
    withdraw(appointment.municipality, appointment.id, REMINDER_SMS, origin="web")
    return answer(None)


def _municipality() -> Municipality:
    return bootstrap.municipalities().get(parameter(booking_api.current_request, "municipality"))


def _booker(request: Request, municipality: Municipality) -> Booker:
    """Citizens are not signed in. Whoever sends a token must be of the desk here."""
    if not sent_headers(request).get("authorization"):
        return Booker.WEB
    require(request, municipality.id, Role.DESK)
    return Booker.STAFF


@contextmanager
def _as_query() -> Iterator[None]:
    """Fields are named as the query calls them."""
    try:
        yield
    except InvalidInput as error:
        asked = {"reasons": "reason"}
        fields = {asked.get(name, name): why for name, why in error.fields.items()}
        raise type(error)(fields=fields) from error


def _number(text: str | None) -> Any:
    """A whole number, or the text as it is, which is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < _MANY_DIGITS else text


def _slot(slot: Slot) -> dict[str, Any]:
    return {"start": rfc3339(slot.start), "end": rfc3339(slot.end), "free": slot.free}


def _hold(hold: Hold) -> dict[str, Any]:
    return {"hold_id": hold.id, "expires_at": rfc3339(hold.expires_at)}


def _appointment() -> Appointment:
    return bootstrap.booking().find_by_token(parameter(booking_api.current_request, "token"))


def _view(appointment: Appointment) -> dict[str, Any]:
    """What the bearer of the link may see: no phone number, no e-mail address, no name."""
    consent = bootstrap.consents().state(appointment.municipality, appointment.id)
    return {
        "id": appointment.id,
        "municipality": appointment.municipality,
        "state": appointment.state.value,
        "code": appointment.code,
        "office": appointment.office,
        "reasons": list(appointment.reasons),
        "start": rfc3339(appointment.start),
        "end": rfc3339(appointment.end),
        "language": appointment.language,
        "persons": appointment.persons,
        "meeting": appointment.meeting.value,
        "want_earlier": appointment.want_earlier,
        "reminder": appointment.reminder,
        "survey_consent": {
            "state": consent.value if consent else None,
            "text_version": appointment.consent.text_version,
        },
        **_reminder_consent(appointment),
    }


def _reminder_consent(appointment: Appointment) -> dict[str, Any]:
    """Where the consent to be reminded stands; nothing where a reminder is no consent."""
    asked = appointment.reminder_consent
    if asked is None:
        return {}
    state = bootstrap.consents().state(appointment.municipality, appointment.id, REMINDER_SMS)
    return {"reminder_consent": {"state": state.value if state else None, "text_version": asked.text_version}}
