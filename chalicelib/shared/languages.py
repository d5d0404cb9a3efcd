"""Texts in the languages of citizens. Danish is always there; another language falls back to English, then Danish."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

Text = dict[str, str]
"""One text in several languages: {"da": …, "en": …}. Danish is required."""


class Language(StrEnum):
    """Languages that a citizen can choose. Danish and English are complete; others come as translation files."""

    DANISH = "da"
    ENGLISH = "en"


DEFAULT_LANGUAGE: Final = Language.DANISH


def in_language(text: Mapping[str, str], language: str) -> str:
    """The text in the language asked for, else in English, else in Danish."""
    return text.get(language) or text.get(Language.ENGLISH) or text[Language.DANISH]


def as_language(value: str | None) -> Language | None:
    """The language of a tag such as `en-GB`; None when we don't have it."""
    tag = (value or "").split("-")[0].strip().lower()
    return Language(tag) if tag in set(Language) else None
