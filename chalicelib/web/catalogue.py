"""Texts of the pages: Danish in the templates, other languages in `translations/{language}/{area}.po` (gettext)."""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path
from typing import Final

from chalicelib.shared.languages import Language

_FOLDER: Final = Path(__file__).parent / "translations"


@cache
def translator(language: str) -> gettext.NullTranslations:
    """The catalogue of a language, all areas merged; Danish needs none, and others fall back to English."""
    if language == Language.DANISH:
        return gettext.NullTranslations()
    merged = gettext.NullTranslations() if language == Language.ENGLISH else translator(Language.ENGLISH)
    for compiled in sorted((_FOLDER / language).glob("*.mo")):
        with compiled.open("rb") as file:
            area = gettext.GNUTranslations(file)
        area.add_fallback(merged)
        merged = area
    return merged


@cache
def languages_of(area: str, folder: Path = _FOLDER) -> tuple[Language, ...]:
    """The languages that an area's pages can be read in: Danish, and those with a translation file of that name."""
    return tuple(
        language for language in Language if language == Language.DANISH or (folder / language / f"{area}.mo").is_file()
    )
