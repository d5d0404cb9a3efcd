"""Offices, desks and hours in a municipality's file."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from cli.schema_base import Bilingual, Slug, Strict

_Desks = Annotated[int, Field(ge=0, le=60)]


class HoursFile(Strict):
    """From when to when, with how many desks, and for whom."""

    opens: time
    closes: time
    desks: _Desks
    reasons: list[Slug] = []
    web: _Desks | None = None
    walk_in: _Desks = 0
    acute: _Desks = 0

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens >= self.closes:
            msg = "opens must be before closes"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _places_add_up(self) -> Self:
        if self.walk_in + self.acute > self.desks or (self.web or 0) > self.desks - self.walk_in:
            msg = f"walk_in, acute and web ask for more than the {self.desks} desks"
            raise ValueError(msg)
        return self


class OpeningFile(HoursFile):
    """One row of an opening-hours series."""

    weekdays: list[Annotated[int, Field(ge=1, le=7)]] = Field(min_length=1)
    valid_from: date | None = None
    valid_to: date | None = None


class ExceptionFile(Strict):
    """Other hours than the series for some days; without `opening` the office is closed."""

    first: date
    last: date
    opening: list[HoursFile] = []
    groups: list[Slug] = []
    note: Bilingual | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_day(cls, value: Any) -> Any:
        """`day` for a single one."""
        if isinstance(value, dict) and "day" in value:
            rest = {key: entry for key, entry in value.items() if key != "day"}
            return {"first": value["day"], "last": value["day"], **rest}
        return value

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.first > self.last:
            msg = "first must not be after last"
            raise ValueError(msg)
        return self


class CheckInPointFile(Strict):
    """A kiosk or a reception where citizens check in."""

    id: Slug
    name: Bilingual


class MandatoryBookingFile(Strict):
    """From a day on, a booked time is needed: for some reasons, or for all."""

    from_day: date
    reasons: list[Slug] = []


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

    @model_validator(mode="after")
    def _own_reasons(self) -> Self:
        strange = sorted({reason for period in self.opening for reason in period.reasons} - set(self.reasons))
        if strange:
            msg = f"opening hours for reasons that the group does not serve: {', '.join(strange)}"
            raise ValueError(msg)
        return self


class OfficeFile(Strict):
    """A place where citizens are served."""

    id: Slug
    name: Bilingual
    address: str
    check_in_hint: Bilingual
    desk_groups: list[DeskGroupFile] = Field(min_length=1)
    access: Bilingual | None = None
    pick_up_hint: Bilingual | None = None
    exceptions: list[ExceptionFile] = []
    check_in_points: list[CheckInPointFile] = []
    mandatory_booking: list[MandatoryBookingFile] = []

    @model_validator(mode="after")
    def _partition(self) -> Self:
        for what in ("reasons", "desks"):
            seen = [value for group in self.desk_groups for value in getattr(group, what)]
            twice = sorted({value for value in seen if seen.count(value) > 1})
            if twice:
                msg = f"in more than one desk group: {what} {', '.join(twice)}"
                raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _own_groups_and_reasons(self) -> Self:
        groups = {group.id for group in self.desk_groups}
        reasons = {reason for group in self.desk_groups for reason in group.reasons}
        strange = {name for entry in self.exceptions for name in entry.groups} - groups
        strange |= {name for rule in self.mandatory_booking for name in rule.reasons} - reasons
        if strange:
            msg = f"exceptions or mandatory_booking name what the office does not have: {', '.join(sorted(strange))}"
            raise ValueError(msg)
        return self
