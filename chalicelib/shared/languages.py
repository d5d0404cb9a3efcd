"""Texts in the languages of citizens. Danish is always there; another language falls back to English, then Danish."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

Text = dict[str, str]
"""One text in several languages: {"da": …, "en": …}. Danish is required."""


class Language(StrEnum):
    """Languages that a citizen can choose, in the order in which they are offered."""

    DANISH = "da"
    ENGLISH = "en"
    ARABIC = "ar"
    UKRAINIAN = "uk"
    POLISH = "pl"
    GERMAN = "de"

    @property
    def own_name(self) -> str:
        """The language's name in the language itself: who looks for it can't read another."""
        return _OWN_NAMES[self]


_OWN_NAMES: Final[Mapping[str, str]] = {
    "da": "Dansk",
    "en": "English",
    "ar": "العربية",
    "uk": "Українська",
    "pl": "Polski",
    "de": "Deutsch",
}

DEFAULT_LANGUAGE: Final = Language.DANISH
COMPLETE: Final = (Language.DANISH, Language.ENGLISH)
"""The languages that every page and every required text has; the others are there for some pages (GL-66)."""


def in_language(text: Mapping[str, str], language: str) -> str:
    """The text in the language asked for, else in English, else in Danish."""
    return text.get(language) or text.get(Language.ENGLISH) or text[Language.DANISH]


def spoken_in(text: Mapping[str, str], language: str) -> str:
    """The language in which `in_language` says the text."""
    return next(tag for tag in (language, Language.ENGLISH, Language.DANISH) if text.get(tag))


def as_language(value: str | None, among: Collection[str] = tuple(Language)) -> Language | None:
    """The language of a tag such as `en-GB`; None when it isn't `among` those that we have here."""
    tag = (value or "").split("-")[0].strip().lower()
    return Language(tag) if tag in set(Language) and tag in among else None
