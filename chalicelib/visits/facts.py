"""Small values that visits are made of: consent, what was booked, what was said about the wait."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chalicelib.municipalities.model import Meeting

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.shared.identifiers import OfficeId, ReasonId
    from chalicelib.shared.phone import PhoneNumber
    from chalicelib.visits.states import Origin


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """Whether the survey question was asked, and what was answered; refusals stay counted (SK-02)."""

    offered: bool = False
    granted: bool = False
    text_version: str | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """What visits need to know of an appointment.

    By phone or video a desk calls or turns on the camera at that time: for that alone it is shown phone and e-mail.
    """

    id: str
    office: OfficeId
    reasons: tuple[ReasonId, ...]
    start: datetime
    booked_at: datetime
    code: str
    language: str
    origin: Origin
    cancelled: bool
    consent: ConsentFacts
    phone: PhoneNumber | None = None
    email: str | None = field(default=None, repr=False)
    meeting: Meeting = Meeting.IN_PERSON
    persons: int = 1
    version: int = 1

    @property
    def in_person(self) -> bool:
        """True if the citizen comes to the office."""
        return self.meeting is Meeting.IN_PERSON

    @property
    def contact(self) -> str | None:
        """The number to call, or the address that the link of a video meeting goes to. None for who comes along."""
        match self.meeting:
            case Meeting.PHONE:
                return self.phone.reveal() if self.phone else None
            case Meeting.VIDEO:
                return self.email
            case _:
                return None


@dataclass(frozen=True, slots=True)
class WaitRange:
    """Minutes, in steps of five, rounded outwards."""

    low: int
    high: int
