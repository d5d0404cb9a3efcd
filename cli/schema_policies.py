"""What a municipality decides about booking, waiting and asking, in its file."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from chalicelib.municipalities.model import Channel
from chalicelib.municipalities.policies import Period
from cli.schema_asking import demand_questionnaire
from cli.schema_base import Slug, Strict


class BookingFile(Strict):
    """When and how much can be booked."""

    tick_minutes: Literal[5, 10] = 5
    lead_minutes: Annotated[int, Field(ge=0)] = 0
    horizon_days: Annotated[int, Field(ge=1, le=365)] = 60
    hold_minutes: Annotated[int, Field(ge=1, le=60)] = 10
    cancel_cutoff_minutes: Annotated[int, Field(ge=0)] = 0
    acute_from: time = time(0)
    cooldown_minutes: Annotated[int, Field(ge=0, le=240)] = 0
    edge_before: time = time(9)
    edge_after: time = time(16)
    open_per_phone: Annotated[int, Field(ge=0, le=100)] = 0
    per_address_hour: Annotated[int, Field(ge=0)] = 30
    challenge: bool = False
    reminder_days: Annotated[int, Field(ge=0, le=14)] = 1
    reminder_at: time | None = time(10)
    earlier_time_messages: Annotated[int, Field(ge=0, le=10)] = 3


class WaitingFile(Strict):
    """What holds in the waiting room."""

    no_show_calls: Annotated[int, Field(ge=1, le=5)] = 1
    no_show_seconds: Annotated[int, Field(ge=0, le=900)] = 0
    sweep_minutes: Annotated[int, Field(ge=0, le=480)] = 60
    nearly_ahead: Annotated[int, Field(ge=0, le=10)] = 2
    punctual_minutes: Annotated[int, Field(ge=0, le=60)] = 5
    kiosk_clear_seconds: Annotated[int, Field(ge=20, le=600)] = 60


class AmongFile(Strict):
    """Some contacts; what is left out means all."""

    offices: list[Slug] = []
    reasons: list[Slug] = []
    channels: list[Channel] = []


class SamplingFile(AmongFile):
    """How many per cent of some contacts are asked."""

    percent: Annotated[int, Field(ge=0, le=100)]


class QuotaFile(AmongFile):
    """At most so many invitations in a period."""

    id: Slug
    period: Period
    most: Annotated[int, Field(ge=0)]


class PauseFile(AmongFile):
    """Contacts that ended in this time are not asked. Times are local."""

    first: datetime
    last: datetime

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first >= self.last:
            msg = "first must be before last"
            raise ValueError(msg)
        return self


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
    sampling: list[SamplingFile] = []
    quotas: list[QuotaFile] = []
    pauses: list[PauseFile] = []
    ask_unclosed: bool = False
    ask_in_outage: bool = False
    reminder_after_days: Annotated[int, Field(ge=0, le=30)] = 0
    pilot: bool = False

    @field_validator("questionnaire")
    @classmethod
    def _known_questionnaire(cls, value: str, info: ValidationInfo) -> str:
        return demand_questionnaire(value, info)

    @model_validator(mode="after")
    def _hours_in_order(self) -> Self:
        if self.send_from >= self.send_until:
            msg = "send_from must be before send_until"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _reminder_while_the_link_works(self) -> Self:
        if self.reminder_after_days >= self.link_days:
            msg = "reminder_after_days must be less than link_days: a reminder says the same link"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _quotas_apart(self) -> Self:
        ids = [quota.id for quota in self.quotas]
        if len(ids) != len(set(ids)):
            msg = "two quotas have the same id; invitations are counted under it"
            raise ValueError(msg)
        return self
