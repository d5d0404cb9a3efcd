"""Times, holds and appointments as JSON (design 5)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints import booking_input
from chalicelib.entrypoints.booking_work import confirm_at_once
from chalicelib.entrypoints.http import answer, api, json_body, parameter, query, query_list
from chalicelib.shared.clock import local_date, rfc3339
from chalicelib.shared.errors import InvalidInput, MalformedRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import Response

    from chalicelib.booking.model import Appointment
    from chalicelib.municipalities.model import Municipality

booking_api = Blueprint(__name__)

_JSON: Final = ["application/json"]
_M: Final = "/api/v1/municipalities/{municipality}"
_USUAL_DAYS: Final = 7
_MOST_DAYS: Final = 62


@booking_api.route(f"{_M}/offices/{{office}}/slots", methods=["GET"])
@api
def list_slots() -> Response:
    """Free times of an office for one or several reasons."""
    request, municipality = booking_api.current_request, _municipality()
    office = municipality.office(parameter(request, "office"))
    today = local_date(bootstrap.clock().now())
    first = booking_input.day_of(query(request, "from"), "from", today)
    last = booking_input.day_of(query(request, "to"), "to", first + timedelta(days=_USUAL_DAYS - 1))
    if not timedelta() <= last - first < timedelta(days=_MOST_DAYS):
        raise InvalidInput(fields={"to": f"give a day from `from` on, at most {_MOST_DAYS} days in all"})
    try:
        slots = bootstrap.booking().slots(municipality, office.id, query_list(request, "reason"), first, last)
    except InvalidInput as error:
        asked = {"reasons": "reason"}  # as a body and as the query call it
        raise InvalidInput(fields={asked.get(name, name): why for name, why in error.fields.items()}) from error
    shown = [{"start": rfc3339(slot.start), "end": rfc3339(slot.end), "free": slot.free} for slot in slots]
    return answer({"slots": shown})


@booking_api.route(f"{_M}/holds", methods=["POST"], content_types=_JSON)
@api
def hold_time() -> Response:
    """Keep a place for a few minutes."""
    municipality, body = _municipality(), json_body(booking_api.current_request)
    hold = bootstrap.booking().hold(
        municipality,
        booking_input.office_id(body.get("office")),
        booking_input.reason_ids(body.get("reasons")),
        booking_input.start_time(body.get("start")),
    )
    return answer({"hold_id": hold.id, "expires_at": rfc3339(hold.expires_at)}, status=201)


@booking_api.route(f"{_M}/holds/{{hold}}", methods=["DELETE"])
@api
def release_hold() -> Response:
    """Let a held place go."""
    bootstrap.booking().release(_municipality(), parameter(booking_api.current_request, "hold"))
    return answer(None)


@booking_api.route(f"{_M}/appointments", methods=["POST"], content_types=_JSON)
@api
def book_appointment() -> Response:
    """Book, once for each Idempotency-Key."""
    request, municipality = booking_api.current_request, _municipality()
    headers: Mapping[str, str] = request.headers or {}
    key = headers.get("idempotency-key", "")
    if not key:
        raise MalformedRequest("Send an Idempotency-Key header, a new one for each booking.")
    wish = booking_input.booking_request(json_body(request))
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
    moved = bootstrap.booking().move(municipality, appointment, start)
    confirm_at_once(municipality, moved.id)
    return answer(_view(moved))


@booking_api.route("/api/v1/appointments/{token}", methods=["DELETE"])
@api
def cancel_appointment() -> Response:
    """Cancel; the time is free for others and the consent is withdrawn."""
    appointment = _appointment()
    municipality = bootstrap.municipalities().get(appointment.municipality)
    return answer(_view(bootstrap.booking().cancel(municipality, appointment)))


@booking_api.route("/api/v1/appointments/{token}/survey-consent", methods=["DELETE"])
@api
def withdraw_survey_consent() -> Response:
    """Take the consent back; the appointment stays."""
    appointment = _appointment()
    bootstrap.consents().withdraw(appointment.municipality, appointment.id, origin="web")
    return answer(None)


def _municipality() -> Municipality:
    return bootstrap.municipalities().get(parameter(booking_api.current_request, "municipality"))


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
        "survey_consent": {
            "state": consent.value if consent else None,
            "text_version": appointment.consent.text_version,
        },
    }
