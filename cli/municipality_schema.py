"""The shape of a municipality's YAML file, as pydantic models: what `borgerpuls municipality apply` accepts.

Rules that span fields stand here too, so that a stored document needs no further checks when it is read.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from chalicelib.municipalities.model import SURVEY_SMS, Channel, Meeting
from chalicelib.municipalities.policies import DEFAULT_TARGETS, SILENT_AFTER_DAYS
from chalicelib.municipalities.units import department_of, parents_in, unit_path
from chalicelib.reporting.targets import check_weights
from chalicelib.shared.identifiers import RESERVED_MUNICIPALITY_IDS
from chalicelib.shared.languages import Language
from chalicelib.web.colours import MINIMUM_CONTRAST, contrast_with_white, is_colour
from cli.schema_answering import AnsweringFile, demand_known_reasons
from cli.schema_asking import AskingFile
from cli.schema_base import Bilingual, Slug, Strict, hours
from cli.schema_comments import CommentsFile
from cli.schema_departments import Departments
from cli.schema_offices import OfficeFile
from cli.schema_policies import BookingFile, SurveyFile, WaitingFile

MAX_TICKS = 80


ConsentScope = Literal["survey_sms", "reminder_sms", "comment_use"]
MessageKind = Literal[
    "confirmation",
    "invitation",
    "reminder",
    "moved",
    "cancelled",
    "closed",
    "earlier_time",
    "nearly_your_turn",
    "survey_reminder",
    "contact_invitation",
    "contact_reminder",
]


class ContactFile(Strict):
    """Where citizens get help."""

    phone: str
    email: str
    website: str


_HTTPS = r"https://\S+"
_TARGETS = {
    Channel.PHONE: r"\+?[\d ]{8,20}",
    Channel.E_MAIL: r"[^@\s]+@[^@\s]+\.[^@\s]+",
    Channel.SELF_SERVICE: _HTTPS,
    Channel.CONTACT_FORM: _HTTPS,
    Channel.AI_ASSISTANT: _HTTPS,
}


class AlternativeFile(Strict):
    """Another way than meeting up: a number, an e-mail address or a page on the web, as its channel needs it."""

    channel: Channel
    text: Bilingual
    target: str

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if re.fullmatch(_TARGETS.get(self.channel, ".+"), self.target) is None:
            msg = "target: give a phone number for phone, an address for e_mail, else a page that begins with https://"
            raise ValueError(msg)
        return self


class ReasonFile(Strict):
    """An enquiry reason."""

    id: Slug
    name: Bilingual
    group: Bilingual
    duration_minutes: Annotated[int, Field(ge=5, le=240)]
    bring: Bilingual | None = None
    fee: Bilingual | None = None
    who: Bilingual | None = None
    attendance_required: bool = False
    alternatives: list[AlternativeFile] = []
    discreet: bool = False
    surveyed: bool = True
    department: Slug
    kle: Annotated[str, Field(pattern=r"^\d{2}\.\d{2}(\.\d{2})?$")] | None = None
    buffer_minutes: Annotated[int, Field(ge=0, le=60)] = 0
    max_persons: Annotated[int, Field(ge=1, le=12)] = 1
    minutes_per_person: Annotated[int, Field(ge=0, le=120)] = 0
    meetings: list[Meeting] = Field(default=[Meeting.IN_PERSON], min_length=1)
    pick_up: bool = False

    @model_validator(mode="after")
    def _no_way_round_the_law(self) -> Self:
        if self.attendance_required and self.alternatives:
            msg = "attendance is required by law, so no alternative may be offered (FR-13)"
            raise ValueError(msg)
        if self.attendance_required and self.meetings != [Meeting.IN_PERSON]:
            msg = "attendance is required by law, so it can be held in person only (GL-21)"
            raise ValueError(msg)
        return self


class WordingFile(Strict):
    """A wording of a consent question. Its version is a code: it stands in the lake."""

    version: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$")]
    text: Bilingual


class ConsentTextFile(WordingFile):
    """The wording of a consent question, and others that are tried against it: each citizen sees one (SK-11)."""

    tried: list[WordingFile] = []

    @model_validator(mode="after")
    def _versions_apart(self) -> Self:
        versions = [self.version, *(wording.version for wording in self.tried)]
        if len(versions) != len(set(versions)):
            msg = "two wordings have the same version"
            raise ValueError(msg)
        return self


class ThresholdsFile(Strict):
    """Hide below the first, mark as small at or below the second."""

    suppress_below: Annotated[int, Field(ge=3)] = 5
    small_base: Annotated[int, Field(ge=5)] = 30


class EventFile(Strict):
    """Something that may explain a change in the weekly figures (GL-68)."""

    day: date
    name: Bilingual


class PopulationFile(Strict):
    """What part each group has among those who should be heard, in any unit: people, or percent (GL-22)."""

    dimension: Literal["department", "office", "language"]
    shares: dict[str, Annotated[float, Field(gt=0)]] = Field(min_length=2)


class MunicipalityFile(Strict):
    """A whole municipality."""

    id: Slug
    name: Bilingual
    code: Annotated[str, Field(pattern=r"^\d{4}$")]
    brand_colour: str
    contact: ContactFile
    offices: list[OfficeFile] = Field(min_length=1)
    reasons: list[ReasonFile] = Field(min_length=1)
    closing_days: list[date] = []
    booking: BookingFile = BookingFile()
    waiting: WaitingFile = WaitingFile()
    survey: SurveyFile
    asking: AskingFile = AskingFile()
    comments: CommentsFile = CommentsFile()
    consent_texts: dict[ConsentScope, ConsentTextFile]
    sms_templates: dict[MessageKind, Bilingual]
    departments: Departments = {}
    department_notes: dict[Slug, Bilingual] = {}
    targets: dict[str, Annotated[int, Field(ge=0, le=100)]] = dict(DEFAULT_TARGETS)
    events: list[EventFile] = []
    population: PopulationFile | None = None
    answering: list[AnsweringFile] = []
    silent_after_days: Annotated[int, Field(ge=1, le=60)] = SILENT_AFTER_DAYS
    thresholds: ThresholdsFile = ThresholdsFile()
    staff_names: list[str] = []
    email_from: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")] | None = None

    @field_validator("id")
    @classmethod
    def _not_reserved(cls, value: str) -> str:
        if value in RESERVED_MUNICIPALITY_IDS:
            msg = f"{value} is an address that the product uses itself"
            raise ValueError(msg)
        return value

    @field_validator("brand_colour")
    @classmethod
    def _readable(cls, value: str) -> str:
        if not is_colour(value):
            msg = "write the colour as #rrggbb"
            raise ValueError(msg)
        if contrast_with_white(value) < MINIMUM_CONTRAST:
            msg = f"contrast with white is {contrast_with_white(value):.1f}, WCAG asks for {MINIMUM_CONTRAST}"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        known = [reason.id for reason in self.reasons]
        for index, office in enumerate(self.offices):
            unknown = sorted({r for group in office.desk_groups for r in group.reasons} - set(known))
            if unknown:
                msg = f"offices[{index}] serves unknown reasons: {', '.join(unknown)}"
                raise ValueError(msg)
        demand_known_reasons(self.answering, known)
        given = {*self.consent_texts, *self.sms_templates}
        lacking = sorted({"survey_sms", "confirmation", "invitation"} - given)
        if lacking:
            msg = f"missing: {', '.join(lacking)}"
            raise ValueError(msg)
        return self

    @field_validator("consent_texts")
    @classmethod
    def _only_the_survey_is_tried(cls, value: dict[str, ConsentTextFile]) -> dict[str, ConsentTextFile]:
        if others := [scope for scope, text in value.items() if text.tried and scope != SURVEY_SMS]:
            msg = f"{', '.join(others)}: only the wording of {SURVEY_SMS} can be tried against others"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _nominees_are_staff(self) -> Self:
        strangers = [name for name in self.asking.nominees if name not in self.staff_names]
        if strangers:
            msg = f"asking.nominees names {', '.join(strangers)}, who are not among staff_names"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _notes_are_about_departments(self) -> Self:
        if unknown := sorted(set(self.department_notes) - set(self.departments)):
            msg = f"department_notes: {', '.join(unknown)} is not among the departments"
            raise ValueError(msg)
        return self

    @field_validator("targets")
    @classmethod
    def _weights_add_up(cls, value: dict[str, int]) -> dict[str, int]:
        if unknown := sorted(set(value) - set(DEFAULT_TARGETS)):
            msg = f"no such target: {', '.join(unknown)}"
            raise ValueError(msg)
        if problems := check_weights(value):
            raise ValueError("; ".join(problems))
        return value

    @model_validator(mode="after")
    def _population_is_known(self) -> Self:
        if self.population is None:
            return self
        parents = parents_in(self.departments)
        known = {
            "department": {department_of(unit_path(r.department, parents)) for r in self.reasons},
            "office": {office.id for office in self.offices},
            "language": {str(language) for language in Language},
        }[self.population.dimension]
        if unknown := sorted(set(self.population.shares) - known):
            msg = f"population names no {self.population.dimension}: {', '.join(unknown)}"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _durations_fit_the_tick(self) -> Self:
        tick = self.booking.tick_minutes
        for reason in self.reasons:
            longest = reason.duration_minutes + reason.minutes_per_person * (reason.max_persons - 1)
            parts = (reason.duration_minutes, reason.minutes_per_person, reason.buffer_minutes)
            if any(part % tick for part in parts) or (longest + reason.buffer_minutes) // tick > MAX_TICKS:
                msg = f"reason {reason.id}: its minutes are no multiple of the {tick}-minute tick, or too many"
                raise ValueError(msg)
        return self

    def to_document(self) -> dict[str, Any]:
        """The plain JSON that is stored."""
        document = self.model_dump(mode="json")
        for office in document["offices"]:
            series = [group["opening"] for group in office["desk_groups"]]
            for period in (p for rows in (*series, *(e["opening"] for e in office["exceptions"])) for p in rows):
                period.update(opens=hours(period["opens"]), closes=hours(period["closes"]))
        for policy, names in (("survey", _SURVEY_TIMES), ("booking", _BOOKING_TIMES)):
            times = {name: hours(document[policy][name]) for name in names if document[policy][name]}
            document[policy].update(times)
        return document


_SURVEY_TIMES = ("send_from", "send_until")
_BOOKING_TIMES = ("acute_from", "edge_before", "edge_after", "reminder_at")
