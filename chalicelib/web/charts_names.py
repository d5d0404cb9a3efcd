"""Names of a report's groups, from the municipality's configuration; an id that is gone from there names itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.shared.languages import in_language
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.municipalities.model import Municipality


def group_names(municipality: Municipality, language: str) -> Callable[[str, str], str]:
    """Gives the name of (dimension, value)."""
    names: dict[tuple[str, str], str] = {
        ("all", "all"): gettext(language, "Alle"),
        ("language", "da"): gettext(language, "Dansk"),
        ("language", "en"): gettext(language, "Engelsk"),
    }
    names |= {("channel", channel): name for channel, name in _channels(language).items()}
    for office in municipality.offices:
        names["office", office.id] = in_language(office.name, language)
    for reason in municipality.reasons:
        names["reason", reason.id] = in_language(reason.name, language)
    return lambda dimension, value: names.get((dimension, value), value)


def _channels(language: str) -> dict[str, str]:
    return {
        "in_person": gettext(language, "Personligt møde"),
        "phone": gettext(language, "Telefon"),
        "e_mail": gettext(language, "E-mail"),
        "self_service": gettext(language, "Selvbetjening"),
        "contact_form": gettext(language, "Kontaktformular"),
        "letter": gettext(language, "Brev"),
        "ai_assistant": gettext(language, "AI-assistent"),
    }
