"""What a citizen agreed to about one visit, by which wording, where and when; refusals are records too (SK-02)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class ConsentState(StrEnum):
    """Where the consent stands now."""

    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """The consent to the survey SMS of one contact.

    `at` is when it came to stand as it does; `origin` where: web, kiosk, desk or system. `phone_hash` (keyed, of this
    municipality only) lets "no more messages" be said from the contact, without a number being kept for it.
    """

    municipality: str
    contact_id: str
    state: ConsentState
    text_version: str
    language: str
    origin: str
    at: datetime
    phone_hash: str | None = None
