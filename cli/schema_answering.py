"""Channels without a desk in a municipality's file: when they are answered (GE-07)."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, field_serializer, field_validator, model_validator

from chalicelib.municipalities.model import Channel
from cli.schema_base import Slug, Strict, hours

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


class AnsweringFile(Strict):
    """A channel is answered on these weekdays from `opens` to `closes`; with `reasons`, only for those."""

    channel: Channel
    weekdays: list[Annotated[int, Field(ge=1, le=7)]] = Field(min_length=1)
    opens: time
    closes: time
    reasons: list[Slug] = []
    valid_from: date | None = None
    valid_to: date | None = None

    @field_validator("channel")
    @classmethod
    def _without_a_desk(cls, value: Channel) -> Channel:
        if value is Channel.IN_PERSON:
            msg = "an office has its own opening hours"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens >= self.closes:
            msg = "opens must be before closes"
            raise ValueError(msg)
        return self

    @field_serializer("opens", "closes")
    def _as_stored(self, value: time) -> str:
        return hours(value.isoformat())


def demand_known_reasons(rows: Iterable[AnsweringFile], known: Collection[str]) -> None:
    """Hours can only be given for reasons that there are."""
    if unknown := sorted({reason for row in rows for reason in row.reasons} - set(known)):
        msg = f"answering names unknown reasons: {', '.join(unknown)}"
        raise ValueError(msg)
