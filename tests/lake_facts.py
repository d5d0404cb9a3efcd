"""Invented rows of every landed table for the tests of the views: everything that may be missing is sometimes missing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from chalicelib.lake.schemas import LANDED

if TYPE_CHECKING:
    from collections.abc import Callable


def invented_facts(municipality: str, month: str, seed: int, n: int = 400) -> dict[str, list[dict[str, Any]]]:  # noqa: C901 - a list of columns
    """Everything that may be missing is sometimes missing."""
    rng, others, third = (np.random.default_rng([seed, *more]) for more in ((), (1,), (2,)))
    day = f"{month}-15"
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in LANDED}

    def some(choices: list[Any]) -> Any:
        return choices[int(rng.integers(len(choices)))]

    def also(choices: list[Any]) -> Any:
        return choices[int(others.integers(len(choices)))]

    def lately(choices: list[Any]) -> Any:
        return choices[int(third.integers(len(choices)))]

    def told() -> dict[str, Any]:
        """What stands with a response: not always what its contact says, which then wins."""
        return {
            "channel": also(["in_person", None]),
            "department": also(["benefits", None]),
            "office": also(["raadhuset", "syd", None]),
            "reason": also(["passport", None]),
            "sub_department": also(["pensions", None]),
        }

    for number in range(n):
        ended = f"{month}-{1 + number % 28:02d}T10:{number % 60:02d}:00Z"
        contact = f"{municipality[:1]}{month}{number:05d}"
        ending = some([None, "served", "served", "at_door", "no_show", "unclosed"])
        consented = bool(rng.random() < 0.6) and ending not in {"no_show", "unclosed"}
        rows["contacts"].append(
            {
                "contact_id": contact,
                "channel": some(["in_person", "phone", "e_mail"]),
                "department": some(["citizen-service", "benefits", None]),
                "office": some(["raadhuset", "nordby", None]),
                "reason": some(["passport", "licence", "pension"]),
                "reasons": ["passport"],
                "language": some(["da", "en"]),
                "ended_at": ended,
                "waiting_seconds": some([None, 0, 59, 60, 299, 300, 1199, 1200, 1801]),
                "consent_offered": some([True, False, None]),
                "consent_granted": consented,
                "internal": some([True, False, None, False, False]),
                "local_date": f"{month}-{1 + number % 28:02d}",
                "local_hour": some([8, 9, 15]),
                "local_weekday": some([1, 5]),
                **_booked(
                    f"{month}-{1 + number % 28:02d}", some([None, -7, 0, 4, 61]), some([0, 1, 47]), some([0, 600])
                ),
                "service_seconds": some([None, 10, 299, 300, 900, 1200, 4000]),
                "origin": some(["web", "kiosk", "system"]),
                "ending": ending,
                "consent_text_version": some(["2026-1", "2026-2", None]),
                "resolved_first_contact": some([True, False, None]),
                "outage": also([None, False, True]),
                "system": also([None, "phones"]),
                "waiting_from": also([None, "check_in", "booked_time"]),
                "sub_department": also(["housing", "pensions", None]),
                "transfers": lately([None, 0, 0, 1, 3]),
                "next_step_given": lately([None, True, False]),
                "handed_over": lately([None, None, True, False]),
                "outside_hours": lately([None, True, False]),
            }
        )
        rows["bookings"] += [_appointment(key, ended, also) for key in also([(), (contact,), (contact, f"x{contact}")])]
        if rng.random() < 0.9:
            state = some(["delivered", "failed", "accepted"]) if consented else "not_invited"
            rows["invitations"].append(
                {
                    "contact_id": contact,
                    "state": state,
                    "not_invited_reason": None if consented else some(["no_consent", "internal"]),
                    "sent_at": ended if consented else None,
                    "contact_ended_at": ended,
                }
            )
        if consented and rng.random() < 0.7:
            finished = bool(rng.random() < 0.8)
            rows["responses"].append(
                {
                    "contact_id": contact,
                    "state": "finished" if finished else "started",
                    "questionnaire": "skive",
                    "questionnaire_version": also(["1", None]),
                    "mode": also(["sms_link", "kiosk"]),
                    "eligible": also([None, True, False]),
                    "stopped_at": None if finished else also(["got-answer", None]),
                    "seconds": also([None, 15, 40]),
                    "has_comment": also([None, True, False]),
                    "contact_ended_at": ended,
                    **told(),
                }
            )
            if finished:
                for question, value in (("satisfaction", str(int(rng.integers(0, 11)))), ("got-answer", "yes")):
                    rows["answers"].append(
                        {
                            "contact_id": contact,
                            "questionnaire": "skive",
                            "question": question,
                            "question_version": "0-10.1" if question == "satisfaction" else "1",
                            "value": value,
                            "value_number": float(value) if value.isdigit() else None,
                            "mode": "sms_link",
                            "language": "da",
                            "contact_ended_at": ended,
                            **told(),
                        }
                    )
                if rng.random() < 0.5:
                    text = f"Tak, '{number}'\n\"fint\"; æøå"
                    rows["comments"].append(
                        {
                            "contact_id": contact,
                            "question": "comment",
                            "text": text,
                            "language": "da",
                            "mode": also(["sms_link", "kiosk"]),
                            "may_be_quoted": also([True, False, None]),
                            "nominees": also([["0123456789abcdef", "fedcba9876543210"], None]),
                            "comment_key": also([f"key{number}", None]),
                            "contact_ended_at": ended,
                            **told(),
                        }
                    )
    # An interview that belongs to no contact of ours.
    rows["answers"].append(
        {"contact_id": f"{month}-interview", "questionnaire": "skive", "question": "satisfaction", "question_version": "0-10.1",
         "value": "5", "value_number": 5.0, "mode": "face_to_face", "language": "en", "contact_ended_at": f"{day}T10:00:00Z",
         "office": "syd", "channel": "in_person"}
    )  # fmt: skip
    return rows


def _appointment(key: str, ended: str, some: Callable[[list[Any]], Any]) -> dict[str, Any]:
    return {
        "contact_id": key,
        "outcome": some(["served", "no_show", "cancelled", "unclosed", "sent_on", None]),
        "office": some(["raadhuset", "nordby"]),
        "reason": some(["passport", "pension"]),
        "origin": some(["web", "desk", "phone"]),
        "assisted": some([True, False, None]),
        "language": some(["da", None]),
        "persons": some([1, 3, None]),
        "meeting": some(["in_person", "video", None]),
        "booked_at": ended,
        "booked_start": ended,
        "alternatives_seen": some([True, False, None]),
        "moves": some([0, 2, None]),
    }


def _booked(day: str, delay: int | None, lead_hours: int, late: int) -> dict[str, Any]:
    """A booked time at nine, called `delay` minutes after it or after a late arrival; None: a walk-in."""
    if delay is None:
        return {"arrived_at": f"{day}T08:50:00Z", "called_at": f"{day}T09:05:00Z"}
    nine = datetime.fromisoformat(f"{day}T09:00:00+00:00")
    arrived = nine + timedelta(seconds=late or -300)
    moments = {
        "booked_at": nine - timedelta(hours=lead_hours),
        "booked_start": nine,
        "arrived_at": arrived,
        "called_at": max(arrived, nine) + timedelta(minutes=delay, seconds=30) if late or delay >= 0 else nine,
    }
    return {name: moment.strftime("%Y-%m-%dT%H:%M:%SZ") for name, moment in moments.items()}
