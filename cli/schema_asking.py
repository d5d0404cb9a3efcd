"""Which questionnaires a municipality asks where, in its file."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from chalicelib.municipalities.model import Channel
from chalicelib.shared.languages import COMPLETE, Language
from chalicelib.surveys.questionnaire import available
from cli.schema_base import Slug, Strict


def demand_questionnaire(name: str, info: ValidationInfo) -> str:
    """The name, if it is one of the product's questionnaires or of the municipality's own (in the context).

    Raises:
        ValueError: there is none of that name.
    """
    own = (info.context or {}).get("questionnaires", ())
    known = sorted({*available(), *own})
    if name not in known:
        msg = f"no such questionnaire; there are {', '.join(known)}"
        raise ValueError(msg)
    return name


class AskingFile(Strict):
    """Languages, and questionnaires beside the one behind the text messages."""

    languages: list[Language] = list(COMPLETE)
    by_channel: dict[Channel, Slug] = {}
    kiosk: Slug = "pulse"
    interview: Slug = "gladsaxe"
    open: list[Slug] = []
    callbacks: bool = False
    enough_margin: Annotated[int, Field(ge=1, le=20)] = 5
    nominees: list[str] = []

    @field_validator("kiosk", "interview")
    @classmethod
    def _known(cls, value: str, info: ValidationInfo) -> str:
        return demand_questionnaire(value, info)

    @field_validator("open")
    @classmethod
    def _all_known(cls, value: list[str], info: ValidationInfo) -> list[str]:
        return [demand_questionnaire(name, info) for name in value]

    @field_validator("by_channel")
    @classmethod
    def _each_known(cls, value: dict[Channel, str], info: ValidationInfo) -> dict[Channel, str]:
        return {channel: demand_questionnaire(name, info) for channel, name in value.items()}

    @field_validator("languages")
    @classmethod
    def _danish_and_english(cls, value: list[Language]) -> list[Language]:
        if missing := [language for language in COMPLETE if language not in value]:
            msg = f"{' and '.join(missing)} can't be left out"
            raise ValueError(msg)
        return value
