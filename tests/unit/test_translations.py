"""English is complete: every Danish message that a template or the error page shows has its translation (GL-66)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from jinja2 import Environment
from jinja2.ext import babel_extract

from chalicelib.entrypoints import http
from chalicelib.entrypoints.error_texts import ERROR_TEXTS
from chalicelib.web.catalogue import languages_of, translator

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
        # A plural has no entry of its own: it stands with its singular.
        and f'msgid_plural "{message}"' not in CATALOGUES
    ]
    assert missing == []


CATALOGUES = "\n".join(file.read_text(encoding="utf-8") for file in sorted((WEB / "translations/en").glob("*.po")))


def said_in(module: Path) -> list[str]:
    """The messages that a module of figures says in the reader's language."""
    found: list[str] = []
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        place = {"say": 0, "_say": 0, "message": 0, "gettext": 1}.get(name)
        if place is not None and len(node.args) > place:
            found += [
                each.value
                for each in ast.walk(node.args[place])
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            ]
    return found


FIGURES = sorted(WEB.glob("charts*.py"))


@pytest.mark.requirement("GL-66")
@pytest.mark.parametrize("module", FIGURES, ids=lambda path: path.name)
def test_every_message_of_a_figure_has_english(module):
    english = translator("en")
    said = said_in(module)
    missing = [text for text in said if english.gettext(text) == text and f'msgid "{text}"' not in CATALOGUES]
    assert missing == []


@pytest.mark.parametrize(
    "module", sorted((Path(http.__file__).parent / "reports").glob("*.py")), ids=lambda path: path.name
)
def test_pages_of_reports_leave_their_words_to_figures_and_templates(module):
    assert said_in(module) == []


@pytest.mark.parametrize("text", sorted({text for pair in ERROR_TEXTS.values() for text in pair}))
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


SMALL = [
    template
    for template in TEMPLATES
    if template.parent.name in {"kiosk", "follow"} or template.name in {"forms.html", "notices.html"}
]


@pytest.mark.requirement("GL-66")
@pytest.mark.parametrize("area", ["kiosk", "follow"])
@pytest.mark.parametrize("template", SMALL, ids=lambda path: str(path.relative_to(WEB)))
def test_kiosk_and_queue_speak_every_language_they_offer(area, template):
    english = translator("en")
    for language in languages_of(area)[2:]:
        theirs = translator(language)
        missing = [
            message
            for message in messages(template)
            if theirs.gettext(message) == english.gettext(message)
            and theirs.ngettext(message, message, 5) == english.ngettext(message, message, 5)
        ]
        assert missing == [], language


def test_a_language_comes_with_its_file_and_falls_back_to_english(tmp_path):
    for language, area in (("en", "kiosk"), ("pl", "kiosk"), ("de", "survey")):
        (tmp_path / language).mkdir()
        (tmp_path / language / f"{area}.mo").touch()
    assert languages_of("kiosk", tmp_path) == ("da", "en", "pl")
    assert translator("ar").gettext("Kaldte numre") == "Numbers called"
