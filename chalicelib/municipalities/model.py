"""A municipality as the product sees it: frozen values, read from one validated document.

The document is what `borgerpuls municipality apply` stores after it has checked the YAML file; `document.py` turns
it into these types. Nothing here is personal data.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from chalicelib.municipalities.asking import AskingPolicy
from chalicelib.municipalities.commenting import CommentPolicy
from chalicelib.municipalities.offices import (
    CheckInPoint,
    DayException,
    DeskGroup,
    MandatoryBooking,
    Office,
    OpeningPeriod,
)
from chalicelib.municipalities.policies import (
    DEFAULT_TARGETS,
    SILENT_AFTER_DAYS,
    BookingPolicy,
    NamedEvent,
    Population,
    SurveyPolicy,
    WaitingPolicy,
)
from chalicelib.shared.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from chalicelib.municipalities.answering import AnsweringHours
    from chalicelib.shared.identifiers import MunicipalityId, ReasonId
    from chalicelib.shared.languages import Text

__all__ = [
    "COMMENT_USE",
    "REMINDER_SMS",
    "SCOPES",
    "SURVEY_SMS",
    "Alternative",
    "AskingPolicy",
    "BookingPolicy",
    "Channel",
    "CheckInPoint",
    "ConsentText",
    "Contact",
    "DayException",
    "DeskGroup",
    "EnquiryReason",
    "MandatoryBooking",
    "Meeting",
    "Municipality",
    "NamedEvent",
    "Office",
    "OpeningPeriod",
    "Population",
    "SurveyPolicy",
    "Thresholds",
    "WaitingPolicy",
]


class Channel(StrEnum):
    """How a citizen meets the municipality (SK-30, GL-16, GE-13, GE-14)."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    E_MAIL = "e_mail"
    SELF_SERVICE = "self_service"
    CONTACT_FORM = "contact_form"
    LETTER = "letter"
    AI_ASSISTANT = "ai_assistant"


class Meeting(StrEnum):
    """How an appointment is held."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another way than meeting up: a phone number or an address on the web (FR-12)."""

    channel: Channel
    text: Text
    target: str


@dataclass(frozen=True, slots=True)
class EnquiryReason:
    """What a citizen comes for (SK-07). `discreet` reasons are never named in a message or on a screen.

    A desk is taken for `duration_minutes`, `minutes_per_person` more for each further person, and `buffer_minutes`
    after the citizen has left. `meetings` are the ways to hold it. A `pick_up` needs no appointment at all.
    `department` is the path of its department or sub-department (`units.py`).
    """

    id: ReasonId
    name: Text
    group: Text
    duration_minutes: int
    bring: Text | None
    fee: Text | None
    who: Text | None
    attendance_required: bool
    alternatives: tuple[Alternative, ...]
    discreet: bool
    surveyed: bool
    department: str
    kle: str | None = None
    buffer_minutes: int = 0
    max_persons: int = 1
    minutes_per_person: int = 0
    meetings: frozenset[Meeting] = frozenset({Meeting.IN_PERSON})
    pick_up: bool = False

    def minutes_more(self, persons: int) -> int:
        """How much longer it takes because so many come together, as far as it concerns more than one."""
        return (min(persons, self.max_persons) - 1) * self.minutes_per_person


@dataclass(frozen=True, slots=True)
class ConsentText:
    """The exact wording of a consent question in force, by version (SK-02), and others tried against it (SK-11)."""

    version: str
    text: Text
    tried: tuple[ConsentText, ...] = ()

    @property
    def wordings(self) -> tuple[ConsentText, ...]:
        """Every wording that a citizen may be shown."""
        return (self, *self.tried)

    def wording_for(self, subject: str) -> ConsentText:
        """The wording for a subject (a hold, a visit, a session): always the same one, each as often as the others."""
        digest = hashlib.sha256(f"wording|{'|'.join(each.version for each in self.wordings)}|{subject}".encode())
        return self.wordings[int.from_bytes(digest.digest()[:8], "big") % len(self.wordings)]

    def knows(self, version: str | None) -> bool:
        """True for the version of a wording that may be shown now."""
        return any(version == each.version for each in self.wordings)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The one threshold pair (design 4.7): hide below the first, mark as small up to the second (GL-51, GL-52)."""

    suppress_below: int
    small_base: int


@dataclass(frozen=True, slots=True)
class Contact:
    """How citizens reach the municipality about this service; the accessibility law wants both ways."""

    phone: str
    email: str
    website: str


SURVEY_SMS: Final = "survey_sms"
REMINDER_SMS: Final = "reminder_sms"
COMMENT_USE: Final = "comment_use"
SCOPES: Final = (SURVEY_SMS, REMINDER_SMS, COMMENT_USE)
"""What a citizen may be asked to agree to. Each is a question of its own, asked where the municipality words it."""


@dataclass(frozen=True, slots=True)
class Municipality:
    """One tenant."""

    id: MunicipalityId
    name: Text
    code: str
    brand_colour: str
    contact: Contact
    offices: tuple[Office, ...]
    reasons: tuple[EnquiryReason, ...]
    closing_days: frozenset[date]
    booking: BookingPolicy
    survey: SurveyPolicy
    consent_texts: Mapping[str, ConsentText]
    sms_templates: Mapping[str, Text]
    thresholds: Thresholds
    staff_names: tuple[str, ...] = ()
    waiting: WaitingPolicy = field(default_factory=WaitingPolicy)
    asking: AskingPolicy = field(default_factory=AskingPolicy)
    comments: CommentPolicy = field(default_factory=CommentPolicy)
    email_from: str | None = None
    departments: Mapping[str, Text] = field(default_factory=dict)
    sub_departments: Mapping[str, str] = field(default_factory=dict)
    """Each sub-department with its department; both are named in `departments`."""
    department_notes: Mapping[str, Text] = field(default_factory=dict)
    """What a reader must know beside the score of a department or sub-department (GL-23)."""
    targets: Mapping[str, int] = field(default_factory=lambda: dict(DEFAULT_TARGETS))
    events: tuple[NamedEvent, ...] = ()
    population: Population | None = None
    answering: tuple[AnsweringHours, ...] = ()
    """When contacts of channels without a desk are answered; where a channel has none, nobody knows (GE-07)."""
    silent_after_days: int = SILENT_AFTER_DAYS
    version: int = 0

    def office(self, office: str) -> Office:
        """The office with that id.

        Raises:
            NotFound: there is none.
        """
        for candidate in self.offices:
            if candidate.id == office:
                return candidate
        raise NotFound(fields={"office": "unknown office"})

    def reason(self, reason: str) -> EnquiryReason:
        """The enquiry reason with that id.

        Raises:
            NotFound: there is none.
        """
        for candidate in self.reasons:
            if candidate.id == reason:
                return candidate
        raise NotFound(fields={"reason": "unknown enquiry reason"})
