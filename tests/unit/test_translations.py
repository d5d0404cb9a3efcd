"""English is complete: every Danish message that a template or the error page shows has its translation (GL-66)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import Environment
from jinja2.ext import babel_extract

from chalicelib.entrypoints import http
from chalicelib.web.catalogue import translator

WEB = Path(http.__file__).resolve().parents[1] / "web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def messages(template: Path) -> list[str]:
    with template.open("rb") as file:
        options = {"extensions": "jinja2.ext.i18n,jinja2.ext.do", "trimmed": "false", "newstyle_gettext": "true"}
        found = [message for _, _, message, _ in babel_extract(file, ["_", "gettext", "ngettext"], [], options)]
    flat = [part for message in found for part in (message if isinstance(message, tuple) else (message,))]
    return [message for message in flat if isinstance(message, str) and message.strip()]


@pytest.mark.requirement("GL-66")
@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_every_message_of_a_template_has_english(template):
    english = translator("en")
    missing = [
        message
        for message in messages(template)
        if english.gettext(message) == message
        and english.ngettext(message, message, 2) == message
        # The same word in both languages is translated by itself, on purpose.
        and f'msgid "{message}"' not in CATALOGUES
    ]
    assert missing == []


CATALOGUES = "\n".join(file.read_text(encoding="utf-8") for file in sorted((WEB / "translations/en").glob("*.po")))


@pytest.mark.parametrize("text", sorted({text for pair in http._ERROR_TEXTS.values() for text in pair}))
def test_every_error_text_has_english(text):
    assert translator("en").gettext(text) != text


def test_translations_keep_their_placeholders():
    from babel.messages.pofile import read_po

    for file in sorted((WEB / "translations").rglob("*.po")):
        with file.open("rb") as source:
            catalogue = read_po(source)
        for message in catalogue:
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            if message.id:
                danish = message.id if isinstance(message.id, str) else message.id[-1]
                assert set(PLACEHOLDER.findall(texts[-1])) == set(PLACEHOLDER.findall(danish)), danish


def test_templates_parse():
    environment = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)
    for template in TEMPLATES:
        environment.parse(template.read_text(encoding="utf-8"))
