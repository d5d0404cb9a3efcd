"""A municipality as the product sees it: frozen values, read from one validated document.

The document is what `borgerpuls municipality apply` stores after it has checked the YAML file; `document.py` turns
it into these types. Nothing here is personal data.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from chalicelib.shared.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, time

    from chalicelib.shared.identifiers import (
        DeskGroupId,
        DeskId,
        MunicipalityId,
        OfficeId,
        QuestionnaireId,
        ReasonId,
    )
    from chalicelib.shared.languages import Text


class Channel(StrEnum):
    """How a citizen meets the municipality (SK-30, GL-16, GE-13, GE-14)."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    E_MAIL = "e_mail"
    SELF_SERVICE = "self_service"
    CONTACT_FORM = "contact_form"
    LETTER = "letter"
    AI_ASSISTANT = "ai_assistant"


@dataclass(frozen=True, slots=True)
class OpeningPeriod:
    """One row of an opening-hours series: which weekdays, from when to when, how many desks take appointments.

    `weekdays` are ISO numbers (Monday 1). `valid_from` and `valid_to` are inclusive; None means without end.
    """

    weekdays: frozenset[int]
    opens: time
    closes: time
    desks: int
    valid_from: date | None = None
    valid_to: date | None = None

    def covers(self, day: date) -> bool:
        """True if the period is in force on that day."""
        after = self.valid_from is None or day >= self.valid_from
        before = self.valid_to is None or day <= self.valid_to
        return after and before and day.isoweekday() in self.weekdays


@dataclass(frozen=True, slots=True)
class DeskGroup:
    """Desks that serve the same enquiry reasons; the unit of capacity (design 4.1)."""

    id: DeskGroupId
    desks: tuple[DeskId, ...]
    reasons: frozenset[ReasonId]
    opening: tuple[OpeningPeriod, ...]


@dataclass(frozen=True, slots=True)
class Office:
    """A place where citizens are served."""

    id: OfficeId
    name: Text
    address: str
    check_in_hint: Text
    desk_groups: tuple[DeskGroup, ...]

    @property
    def desks(self) -> tuple[DeskId, ...]:
        """Every desk of the office, group by group."""
        return tuple(desk for group in self.desk_groups for desk in group.desks)

    @property
    def reasons(self) -> frozenset[ReasonId]:
        """Every enquiry reason that the office serves."""
        return frozenset(reason for group in self.desk_groups for reason in group.reasons)

    def group_for(self, reason: ReasonId) -> DeskGroup:
        """The one desk group that serves a reason here.

        Raises:
            NotFound: the office does not serve the reason.
        """
        for group in self.desk_groups:
            if reason in group.reasons:
                return group
        raise NotFound(fields={"reason": "this office does not serve it"})

    def group_of_desk(self, desk: DeskId) -> DeskGroup:
        """The desk group that a desk belongs to.

        Raises:
            NotFound: the office has no such desk.
        """
        for group in self.desk_groups:
            if desk in group.desks:
                return group
        raise NotFound(fields={"desk": "this office has no such desk"})


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another way than meeting up: a phone number or an address on the web (FR-12)."""

    channel: Channel
    text: Text
    target: str


@dataclass(frozen=True, slots=True)
class EnquiryReason:
    """What a citizen comes for (SK-07). `discreet` reasons are never named in a message or on a screen."""

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


@dataclass(frozen=True, slots=True)
class BookingPolicy:
    """When and how much can be booked. `tick_minutes` is 5 or 10; every duration is a multiple of it."""

    tick_minutes: int
    lead_minutes: int
    horizon_days: int
    hold_minutes: int
    cancel_cutoff_minutes: int


@dataclass(frozen=True, slots=True)
class SurveyPolicy:
    """Who is asked, when and how often. Times are local; `quiet_*` bound the hours in which nothing is sent."""

    questionnaire: QuestionnaireId
    sender: str
    delay_minutes: int
    not_after_hours: int
    send_from: time
    send_until: time
    send_on_sundays: bool
    quarantine_days: int
    sampling_percent: int
    link_days: int
    allowed_country_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConsentText:
    """The exact wording of a consent question in force, by version (SK-02)."""

    version: str
    text: Text


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
