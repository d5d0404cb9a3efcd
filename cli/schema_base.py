"""What the models of a municipality's file share: strictness, ids, texts in several languages."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from chalicelib.shared.identifiers import is_slug

LANGUAGES = ("da", "en")


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


def hours(text: str) -> str:
    """A time of day as `HH:MM`, as it is stored."""
    return re.sub(r":00$", "", text) if text.count(":") == 2 else text  # noqa: PLR2004 - HH:MM:SS
