"""What a citizen agreed to about one visit, by which wording, where and when; refusals are records too (SK-02).

Each scope is a question of its own, answered and taken back by itself: the survey's SMS, the reminder of a booked time,
the use of a comment (ADR 29).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from chalicelib.municipalities.model import SURVEY_SMS

if TYPE_CHECKING:
    from datetime import datetime


class ConsentState(StrEnum):
    """Where the consent stands now."""

    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """The answer to one question about one contact.

    `at` is when it came to stand as it does; `origin` where: web, kiosk, desk, phone or system; `by` the employee who
    wrote it down, by the identity provider's opaque id. `phone_hash` (keyed, of this municipality only) lets "no more
    messages" be said from the contact, and proves whose answer it was, without a number being kept for it.
    """

    municipality: str
    contact_id: str
    state: ConsentState
    text_version: str
    language: str
    origin: str
    at: datetime
    phone_hash: str | None = None
    scope: str = SURVEY_SMS
    by: str | None = None
