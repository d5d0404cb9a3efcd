"""Visits as JSON: what the API reads and what it answers. No name and no phone number is ever answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.entrypoints.phones import phone_of
from chalicelib.municipalities.model import SURVEY_SMS
from chalicelib.shared.clock import rfc3339
from chalicelib.shared.errors import InvalidInput
from chalicelib.shared.languages import DEFAULT_LANGUAGE, as_language
from chalicelib.visits.model import ConsentFacts, Origin, State
from chalicelib.visits.reception import WalkIn

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chalicelib.municipalities.model import Municipality
    from chalicelib.visits.model import Booking, Visit
    from chalicelib.visits.queue import Turn
    from chalicelib.visits.reception import Place, Queue

Json = dict[str, Any]


def text_field(body: Mapping[str, Any], name: str) -> str:
    """A required text.

    Raises:
        InvalidInput: missing, empty or no text.
    """
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise InvalidInput(fields={name: "required"})
    return value.strip()


def texts_field(body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A list of texts, possibly empty.

    Raises:
        InvalidInput: something else.
    """
    value = body.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidInput(fields={name: "a list of ids"})
    return tuple(value)


def walk_in_of(body: Mapping[str, Any], municipality: Municipality, origin: Origin) -> WalkIn:
    """A walk-in as the API takes it.

    Raises:
        InvalidInput: a field is wrong.
    """
    phone = body.get("phone")
    if phone is not None and not isinstance(phone, str):
        raise InvalidInput(fields={"phone": "not a phone number"})
    language = body.get("language")
    if language is None or language == "":
        language = DEFAULT_LANGUAGE
    known = as_language(language) if isinstance(language, str) else None
    if known is None:
        raise InvalidInput(fields={"language": "choose one of the languages offered"})
    return WalkIn(
        reasons=texts_field(body, "reasons"),
        origin=origin,
        language=known,
        consent=_consent_of(body.get("survey_consent"), municipality),
        phone=phone_of(phone) if phone else None,
        priority=_staffs(body, "priority", origin),
        note=_staffs(body, "note", origin),
    )


def _staffs(body: Mapping[str, Any], name: str, origin: Origin) -> str | None:
    """What staff may say of a walk-in, and no kiosk."""
    value = body.get(name)
    if value is None:
        return None
    if origin is not Origin.DESK or not isinstance(value, str):
        raise InvalidInput(fields={name: "a text, from staff"})
    return value


def _consent_of(given: Any, municipality: Municipality) -> ConsentFacts:
    """Not asked is not the same as refused: only a question that was put counts as offered (SK-02)."""
    if given is None:
        return ConsentFacts()
    if not isinstance(given, dict) or not isinstance(given.get("granted"), bool):
        raise InvalidInput(fields={"survey_consent": "say granted true or false, and which text_version was shown"})
    version = given.get("text_version")
    if version is None or version == "":
        version = municipality.consent_texts[SURVEY_SMS].version
    if not isinstance(version, str):
        raise InvalidInput(fields={"survey_consent": "text_version is a text"})
    return ConsentFacts(offered=True, granted=given["granted"], text_version=version)


def admitted_json(place: Place) -> Json:
    """The answer to a check-in."""
    wait = place.wait
    return {
        "visit_id": place.visit.id,
        "ticket": place.visit.ticket,
        "state": str(place.visit.state),
        "people_ahead": place.people_ahead,
        "expected_wait_minutes": {"low": wait.low, "high": wait.high} if wait else None,
    }


def visit_json(visit: Visit, now: datetime) -> Json:
    """A visit as desks see it. `waiting_from` names what the waiting time is measured from (GL-64)."""
    until = visit.called_at or now
    return {
        "visit_id": visit.id,
        "ticket": visit.ticket,
        "state": str(visit.state),
        "office": visit.office,
        "desk_group": visit.desk_group,
        "desk": visit.desk,
        "reasons": list(visit.reasons),
        "language": visit.language,
        "origin": str(visit.origin),
        "booked_start": _time(visit.booked_start),
        "arrived_at": rfc3339(visit.arrived_at),
        "called_at": _time(visit.called_at),
        "served_at": _time(visit.served_at),
        "ended_at": _time(visit.ended_at),
        "waiting_seconds": max(0, round((until - visit.waiting_since).total_seconds())),
        "waiting_from": str(visit.waiting_from),
        "priority": None if visit.priority is None else str(visit.priority),
        "note": visit.note,
        "came_from": visit.came_from,
        "persons": visit.persons,
        "meeting": str(visit.meeting),
        "version": visit.version,
    }


def queue_json(queue: Queue, municipality: Municipality, office: str) -> Json:
    """The queue of an office, one line per desk group, each in the order of calling."""
    now = queue.now
    at_desks = queue.in_state(State.CALLED, State.IN_SERVICE)
    turns = [(group.id, queue.waiting(group.id)) for group in municipality.office(office).desk_groups]
    return {
        "office": office,
        "now": rfc3339(now),
        "waiting": [_turn_json(turn, place, now) for _, line in turns for place, turn in enumerate(line)],
        "at_desks": [visit_json(visit, now) for visit in at_desks],
        "parked": [visit_json(visit, now) for visit in queue.in_state(State.PARKED)],
        "not_checked_in": [_missing_json(booking, now) for booking in queue.not_checked_in],
    }


def _turn_json(turn: Turn, place: int, now: datetime) -> Json:
    return {**visit_json(turn.visit, now), "people_ahead": place, "why": str(turn.why), "since": rfc3339(turn.since)}


def _missing_json(booking: Booking, now: datetime) -> Json:
    late = int((now - booking.start).total_seconds() // 60)
    return {
        "appointment_id": booking.id,
        "booked_start": rfc3339(booking.start),
        "reasons": list(booking.reasons),
        "meeting": str(booking.meeting),
        "minutes_late": late,
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
