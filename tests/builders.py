"""Valid defaults for everything that tests need; each builder takes what the test cares about."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.contacts.model import Consent, Contact, Origin
from chalicelib.municipalities.document import municipality_from
from chalicelib.municipalities.model import Channel, Municipality
from chalicelib.shared.hashing import Keys
from chalicelib.shared.identifiers import ContactId

# A Monday, 10:00 in Copenhagen (winter time).
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

KEYS = Keys(phone=b"p" * 32, links={"1": b"l" * 32})

_OPEN = {"weekdays": [1, 2, 3, 4, 5], "opens": "09:00", "closes": "15:00", "desks": 2}

_DOCUMENT: dict[str, Any] = {
    "id": "fjordby",
    "name": {"da": "Fjordby Kommune", "en": "Fjordby Municipality"},
    "code": "0999",
    "brand_colour": "#0b5c8a",
    "contact": {"phone": "70 00 00 00", "email": "borgerservice@fjordby.example", "website": "fjordby.example"},
    "offices": [
        {
            "id": "raadhuset",
            "name": {"da": "Rådhuset", "en": "Town hall"},
            "address": "Torvet 1, 9999 Fjordby",
            "check_in_hint": {"da": "Standeren til venstre for døren", "en": "The kiosk left of the door"},
            "desk_groups": [
                {"id": "counter", "desks": ["1", "2"], "reasons": ["passport", "licence"], "opening": [_OPEN]},
            ],
        },
    ],
    "reasons": [
        {
            "id": "passport",
            "name": {"da": "Pas", "en": "Passport"},
            "group": {"da": "Rejse og id", "en": "Travel and ID"},
            "duration_minutes": 10,
            "bring": {"da": "Dit gamle pas", "en": "Your old passport"},
            "fee": {"da": "893 kr.", "en": "DKK 893"},
            "who": {"da": "Du skal selv møde op", "en": "You must come in person"},
            "attendance_required": True,
            "alternatives": [],
            "discreet": False,
            "surveyed": True,
            "department": "citizen-service",
        },
        {
            "id": "licence",
            "name": {"da": "Kørekort", "en": "Driving licence"},
            "group": {"da": "Rejse og id", "en": "Travel and ID"},
            "duration_minutes": 20,
            "attendance_required": False,
            "alternatives": [
                {
                    "channel": "self_service",
                    "text": {"da": "Forny på nettet", "en": "Renew online"},
                    "target": "https://fjordby.example/licence",
                }
            ],
            "discreet": False,
            "surveyed": True,
            "department": "citizen-service",
        },
    ],
    "closing_days": ["2026-12-24"],
    "booking": {
        "tick_minutes": 5,
        "lead_minutes": 0,
        "horizon_days": 60,
        "hold_minutes": 10,
        "cancel_cutoff_minutes": 0,
    },
    "survey": {
        "questionnaire": "skive",
        "sender": "Fjordby",
        "delay_minutes": 0,
        "not_after_hours": 48,
        "send_from": "08:00",
        "send_until": "20:00",
        "send_on_sundays": False,
        "quarantine_days": 90,
        "sampling_percent": 100,
        "link_days": 14,
        "allowed_country_codes": ["45"],
    },
    "consent_texts": {
        "survey_sms": {
            "version": "2026-1",
            "text": {
                "da": "Ja, I må sende mig én sms med et par spørgsmål om besøget.",
                "en": "Yes, you may send me one text message with a few questions about the visit.",
            },
        }
    },
    "sms_templates": {
        "confirmation": {
            "da": "{municipality}: Din tid er {date} {time}, {office}. Kode {code}. Se eller aflys: {link}",
            "en": "{municipality}: Your time is {date} {time}, {office}. Code {code}. See or cancel: {link}",
        },
        "invitation": {
            "da": "Tak for dit besøg hos {municipality} (kode {code}). Hvordan gik det? Svar på 1 minut: {link}",
            "en": "Thank you for your visit to {municipality} (code {code}). How did it go? Answer in 1 minute: {link}",
        },
    },
    "thresholds": {"suppress_below": 5, "small_base": 30},
    "staff_names": ["Birthe Kvist"],
}


ALL_CONSENTS: dict[str, Any] = {
    **_DOCUMENT["consent_texts"],
    "reminder_sms": {
        "version": "r-1",
        "text": {"da": "Ja, I må sende mig én påmindelse om tiden.", "en": "Yes, you may send me one reminder."},
    },
    "comment_use": {
        "version": "c-1",
        "text": {"da": "Ja, I må gengive det, jeg skriver, uden mit navn.", "en": "Yes, you may quote what I write."},
    },
}
"""The wordings of a municipality that asks about everything; the others ask about the survey alone."""


def a_municipality_document(**changes: Any) -> dict[str, Any]:
    """A stored document; `changes` replace top-level keys."""
    return {**copy.deepcopy(_DOCUMENT), **changes}


def a_municipality(**changes: Any) -> Municipality:
    return municipality_from(a_municipality_document(**changes))


def a_contact(**changes: Any) -> Contact:
    """A served visit: checked in at 10:00, called at 10:05, served 10:06 to 10:16."""
    arrived = changes.pop("arrived_at", MONDAY)
    facts: dict[str, Any] = {
        "id": ContactId("01JDC0NTACT000000000000001"),
        "municipality": "fjordby",
        "channel": Channel.IN_PERSON,
        "department": "citizen-service",
        "reasons": ("passport",),
        "origin": Origin.WEB,
        "language": "da",
        "arrived_at": arrived,
        "called_at": arrived + timedelta(minutes=5),
        "served_at": arrived + timedelta(minutes=6),
        "ended_at": arrived + timedelta(minutes=16),
        "consent": Consent(offered=True, granted=True, text_version="2026-1"),
        "office": "raadhuset",
        "desk_group": "counter",
    }
    return Contact(**{**facts, **changes})


class FixedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def advance(self, **delta: float) -> None:
        self._now += timedelta(**delta)
