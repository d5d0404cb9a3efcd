"""Idempotency of bookings: the same key and request get the same answer for 24 hours, another request is refused.

Only a keyed hash of the request is kept, because the request holds a phone number and a plain hash of eight digits
is no secret.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import TYPE_CHECKING, Any, Final

from chalicelib.booking.model import Booked, StoredRequest
from chalicelib.shared.clock import utc_text
from chalicelib.shared.errors import KeyReused, MalformedRequest
from chalicelib.shared.hashing import link_token

if TYPE_CHECKING:
    from chalicelib.booking.model import Appointment, BookingRequest
    from chalicelib.shared.hashing import Keys

KEPT_HOURS: Final = 24
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")


def check_key(key: str) -> None:
    """The key is 1 to 255 visible ASCII characters.

    Raises:
        MalformedRequest: it isn't.
    """
    if _KEY.fullmatch(key) is None:
        raise MalformedRequest("Send an Idempotency-Key header of 1 to 255 visible ASCII characters.")


def fingerprint(keys: Keys, municipality: str, request: BookingRequest) -> str:
    """A keyed hash of everything that was asked for."""
    asked: dict[str, Any] = {
        "municipality": municipality,
        "office": request.office,
        "reasons": request.reasons,
        "start": utc_text(request.start),
        "language": request.language,
        "consent": [request.consent.granted, request.consent.text_version, request.consent.offered],
        "phone": request.phone.reveal() if request.phone else None,
        "email": request.email,
        "name": request.name,
        "hold": request.hold_id,
        "persons": request.persons,
        "meeting": request.meeting,
        "origin": request.origin,
        "choices": [request.want_earlier, request.reminder, request.alternatives_seen],
    }
    if asked_to_remind := request.reminder_consent:
        asked["reminder_consent"] = [asked_to_remind.granted, asked_to_remind.text_version, asked_to_remind.offered]
    text = json.dumps(asked, sort_keys=True).encode()
    return hmac.new(keys.phone, text, hashlib.sha256).hexdigest()


def answer_of(appointment: Appointment, token: str) -> Booked:
    """What the citizen is told."""
    return Booked(appointment.id, appointment.code, appointment.start, appointment.end, token)


def record(booked: Booked, request_hash: str, link_version: str) -> StoredRequest:
    """What is stored of a request that was carried out."""
    return StoredRequest(request_hash, booked.id, booked.code, booked.start, booked.end, link_version)


def replay(stored: StoredRequest, request_hash: str, keys: Keys, municipality: str) -> Booked:
    """The answer that was given before.

    Raises:
        KeyReused: to another request.
    """
    if not hmac.compare_digest(stored.request_hash, request_hash):
        raise KeyReused
    subject = f"{municipality}|{stored.appointment}"
    token = link_token(keys, "appointment", subject, version=stored.link_version)
    return Booked(stored.appointment, stored.code, stored.start, stored.end, token)
