"""Texts of the pages: Danish in the templates, other languages in `translations/{language}/{area}.po` (gettext)."""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "translations"


@cache
def translator(language: str) -> gettext.NullTranslations:
    """The catalogue of a language, all areas merged; Danish needs none."""
    if language == "da":
        return gettext.NullTranslations()
    merged = gettext.NullTranslations()
    for compiled in sorted((_FOLDER / language).glob("*.mo")):
        with compiled.open("rb") as file:
            area = gettext.GNUTranslations(file)
        area.add_fallback(merged)
        merged = area
    return merged
