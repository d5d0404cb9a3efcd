"""The shape of a municipality's YAML file, as pydantic models: what `borgerpuls municipality apply` accepts.

Rules that span fields stand here too, so that a stored document needs no further checks when it is read.
"""

from __future__ import annotations

import re
from datetime import date, time
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from chalicelib.municipalities.model import Channel
from chalicelib.shared.identifiers import RESERVED_MUNICIPALITY_IDS, is_slug
from chalicelib.surveys.questionnaire import available
from chalicelib.web.colours import MINIMUM_CONTRAST, contrast_with_white, is_colour

LANGUAGES = ("da", "en")
MAX_TICKS = 80


def _slug(value: str) -> str:
    if not is_slug(value):
        msg = "use lower-case letters, digits and hyphens, starting with a letter"
        raise ValueError(msg)
    return value


def _bilingual(value: dict[str, str]) -> dict[str, str]:
    missing = [language for language in LANGUAGES if not value.get(language, "").strip()]
    if missing:
        msg = f"the text is missing in: {', '.join(missing)}"
        raise ValueError(msg)
    return value


Slug = Annotated[str, AfterValidator(_slug)]
Bilingual = Annotated[dict[str, str], AfterValidator(_bilingual)]


class Strict(BaseModel):
    """Unknown keys are errors: a misspelt setting must not be silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ContactFile(Strict):
    """Where citizens get help."""

    phone: str
    email: str
    website: str


class OpeningFile(Strict):
    """One row of an opening-hours series."""

    weekdays: list[Annotated[int, Field(ge=1, le=7)]] = Field(min_length=1)
    opens: time
    closes: time
    desks: Annotated[int, Field(ge=0, le=60)]
    valid_from: date | None = None
    valid_to: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens >= self.closes:
            msg = "opens must be before closes"
            raise ValueError(msg)
        return self


class DeskGroupFile(Strict):
    """Desks that serve the same reasons."""

    id: Slug
    desks: list[str] = Field(min_length=1)
    reasons: list[Slug] = Field(min_length=1)
    opening: list[OpeningFile] = Field(min_length=1)

    @model_validator(mode="after")
    def _enough_desks(self) -> Self:
        if any(period.desks > len(self.desks) for period in self.opening):
            msg = f"opening hours use more desks than the {len(self.desks)} of the group"
            raise ValueError(msg)
        return self


class OfficeFile(Strict):
    """A place where citizens are served."""

    id: Slug
    name: Bilingual
    address: str
    check_in_hint: Bilingual
    desk_groups: list[DeskGroupFile] = Field(min_length=1)

    @model_validator(mode="after")
    def _partition(self) -> Self:
        for what in ("reasons", "desks"):
            seen = [value for group in self.desk_groups for value in getattr(group, what)]
            twice = sorted({value for value in seen if seen.count(value) > 1})
            if twice:
                msg = f"in more than one desk group: {what} {', '.join(twice)}"
                raise ValueError(msg)
        return self


class AlternativeFile(Strict):
    """Another way than meeting up."""

    channel: Channel
    text: Bilingual
    target: str


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

    @model_validator(mode="after")
    def _no_way_round_the_law(self) -> Self:
        if self.attendance_required and self.alternatives:
            msg = "attendance is required by law, so no alternative may be offered (FR-13)"
            raise ValueError(msg)
        return self


class BookingFile(Strict):
    """When and how much can be booked."""

    tick_minutes: Literal[5, 10] = 5
    lead_minutes: Annotated[int, Field(ge=0)] = 0
    horizon_days: Annotated[int, Field(ge=1, le=365)] = 60
    hold_minutes: Annotated[int, Field(ge=1, le=60)] = 10
    cancel_cutoff_minutes: Annotated[int, Field(ge=0)] = 0


class SurveyFile(Strict):
    """Who is asked, when and how often."""

    questionnaire: Slug
    sender: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9-]{0,10}[A-Za-z][A-Za-z0-9-]{0,10}$", min_length=3, max_length=11)
    ]
    delay_minutes: Annotated[int, Field(ge=0, le=1440)] = 5
    not_after_hours: Annotated[int, Field(ge=1, le=168)] = 48
    send_from: time = time(8)
    send_until: time = time(20)
    send_on_sundays: bool = False
    quarantine_days: Annotated[int, Field(ge=0, le=365)] = 90
    sampling_percent: Annotated[int, Field(ge=0, le=100)] = 100
    link_days: Annotated[int, Field(ge=1, le=60)] = 14
    allowed_country_codes: list[Annotated[str, Field(pattern=r"^[1-9]\d{0,2}$")]] = ["45"]

    @field_validator("questionnaire")
    @classmethod
    def _known_questionnaire(cls, value: str) -> str:
        if value not in available():
            msg = f"no such questionnaire; there are {', '.join(sorted(available()))}"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _hours_in_order(self) -> Self:
        if self.send_from >= self.send_until:
            msg = "send_from must be before send_until"
            raise ValueError(msg)
        return self


class ConsentTextFile(Strict):
    """The wording of a consent question."""

    version: str
    text: Bilingual


class ThresholdsFile(Strict):
    """Hide below the first, mark as small at or below the second."""

    suppress_below: Annotated[int, Field(ge=3)] = 5
    small_base: Annotated[int, Field(ge=5)] = 30


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
    survey: SurveyFile
    consent_texts: dict[Literal["survey_sms", "reminder_sms"], ConsentTextFile]
    sms_templates: dict[Literal["confirmation", "invitation"], Bilingual]
    thresholds: ThresholdsFile = ThresholdsFile()
    staff_names: list[str] = []

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
        given = {*self.consent_texts, *self.sms_templates}
        lacking = sorted({"survey_sms", "confirmation", "invitation"} - given)
        if lacking:
            msg = f"missing: {', '.join(lacking)}"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _durations_fit_the_tick(self) -> Self:
        tick = self.booking.tick_minutes
        for reason in self.reasons:
            if reason.duration_minutes % tick or reason.duration_minutes // tick > MAX_TICKS:
                msg = f"reason {reason.id}: {reason.duration_minutes} minutes is no multiple of the {tick}-minute tick"
                raise ValueError(msg)
        return self

    def to_document(self) -> dict[str, Any]:
        """The plain JSON that is stored."""
        document = self.model_dump(mode="json")
        for group in (group for office in document["offices"] for group in office["desk_groups"]):
            for period in group["opening"]:
                period.update(opens=_hours(period["opens"]), closes=_hours(period["closes"]))
        survey = document["survey"]
        survey.update(send_from=_hours(survey["send_from"]), send_until=_hours(survey["send_until"]))
        return document


def _hours(text: str) -> str:
    return re.sub(r":00$", "", text) if text.count(":") == 2 else text  # noqa: PLR2004 - HH:MM:SS
