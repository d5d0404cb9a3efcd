"""Booking pages are complete in every language that they are offered in (GL-66)."""

from __future__ import annotations

from datetime import date

import pytest

from chalicelib.booking.alternatives import offers
from chalicelib.shared.languages import COMPLETE, Language
from chalicelib.web.catalogue import languages_of, translator
from chalicelib.web.formats import long_date
from tests.builders import a_municipality, a_municipality_document
from tests.unit.test_translations import TEMPLATES, messages

BOOKING = [template for template in TEMPLATES if template.parent.name == "booking"]
FRAME = [template for template in TEMPLATES if template.name in {"base.html", "forms.html", "notices.html"}]
OTHERS = [language for language in Language if language not in COMPLETE]


@pytest.mark.requirement("GL-66")
def test_they_are_offered_in_every_language():
    assert set(languages_of("booking")) == set(Language)


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("template", BOOKING + FRAME, ids=lambda path: path.stem)
def test_every_message_is_translated(template, language):
    words, english = translator(language), translator(Language.ENGLISH)
    same_by_nature = {"Video", "Telefon", "Mobilnummer", "E-mail", "e-mail", "Navn", "Name"}
    untranslated = [
        message
        for message in messages(template)
        if words.gettext(message) in {message, english.gettext(message)} and message not in same_by_nature
    ]
    assert untranslated == []


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ar", "الاثنين 7 ديسمبر 2026"),
        ("uk", "понеділок 7 грудня 2026"),
        ("pl", "poniedziałek 7 grudnia 2026"),
        ("de", "Montag 7 Dezember 2026"),
    ],
)
def test_days_are_named_in_the_language(language, expected):
    assert long_date(date(2026, 12, 7), language) == expected


@pytest.mark.requirement("FR-13")
def test_nothing_is_offered_instead_of_what_the_law_demands():
    document = a_municipality_document()
    passport, licence = document["reasons"]
    passport["alternatives"] = licence["alternatives"]
    town = a_municipality(reasons=document["reasons"])
    assert offers(town.reason("passport")) == ()
    assert len(offers(town.reason("licence"))) == 1
