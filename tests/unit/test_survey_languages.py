"""Whoever is asked in a language can also refuse, doubt and be told of mistakes in it (GL-66)."""

from __future__ import annotations

from typing import Final

import pytest

from chalicelib.entrypoints.rights import did_we_send_pages
from chalicelib.entrypoints.surveys import kiosk_pages as kiosk_survey_pages
from chalicelib.entrypoints.surveys import pages as survey_pages
from chalicelib.entrypoints.surveys import screens as survey_screens
from chalicelib.shared.languages import COMPLETE, Language
from chalicelib.web.catalogue import languages_of, translator
from tests.unit.test_translations import TEMPLATES, messages

OTHERS: Final = [language for language in Language if language not in COMPLETE]
STAFF: Final = {"callbacks", "interview", "interview_setup", "preview", "preview_list"}
ASKING: Final = [
    template for template in TEMPLATES if template.parent.name in {"survey", "dispatch"} and template.stem not in STAFF
]
SPEAKING: Final = (
    did_we_send_pages._EMPTY,
    did_we_send_pages._PHONE,
    did_we_send_pages._MANY,
    kiosk_survey_pages._UNKNOWN,
    kiosk_survey_pages._ANSWERED,
    survey_screens._OTHER_PROBLEM,
    *survey_screens._PROBLEMS.values(),
    *survey_pages._CALLBACK_PROBLEMS.values(),
)


@pytest.mark.requirement("GL-66")
def test_the_way_out_is_offered_in_every_language_of_the_way_in():
    assert languages_of("dispatch") == languages_of("survey") == tuple(Language)


@pytest.mark.requirement("GL-66")
@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("template", ASKING, ids=lambda path: path.stem)
def test_every_message_of_a_page_is_translated(template, language):
    words, english = translator(language), translator(Language.ENGLISH)
    missing = [
        message
        for message in messages(template)
        if words.gettext(message) == english.gettext(message)
        and words.ngettext(message, message, 5) == english.ngettext(message, message, 5)
    ]
    assert missing == []


@pytest.mark.requirement("GL-66")
@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("text", SPEAKING)
def test_every_mistake_is_told_in_the_language(text, language):
    assert translator(language).gettext(text) != translator(Language.ENGLISH).gettext(text)
