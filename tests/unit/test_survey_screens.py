"""Every type of question renders as plain controls with names that a screen reader says."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from chalicelib.reporting.precision import collected
from chalicelib.surveys.model import MAX_COMMENT
from chalicelib.web.pages import Page, render
from chalicelib.web.urls import Urls
from tests.builders import a_municipality
from tests.unit.test_survey_answers import ASKED


class Controls(HTMLParser):
    """The inputs of a page, and the labels by what they are for."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.inputs: list[dict[str, str | None]] = []
        self.labels: dict[str, str] = {}
        self._for: str | None = None
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        if tag in {"input", "textarea"} and dict(attrs).get("type") != "hidden":
            self.inputs.append(dict(attrs))
        if tag == "label":
            self._for = dict(attrs)["for"]

    def handle_endtag(self, tag):
        if tag == "label":
            self._for = None

    def handle_data(self, data):
        if self._for:
            self.labels[self._for] = (self.labels.get(self._for, "") + data).strip()


def screen(question: str, value=None, *, language="da", errors=None, base="", position=1) -> str:
    page = Page(Urls(base, "/static"), language, f"/s/x/{question}", a_municipality(), errors or {})
    return render(
        "survey/question.html",
        page,
        action=f"{base}/s/x/{question}?lang={language}",
        back=f"{base}/s/x",
        question=ASKED.find(question),
        choices=ASKED.find(question).choices,
        shown=1_795_000_000,
        value=value,
        number=position,
        total=8,
        most=MAX_COMMENT,
        comment_use=None,
        ticked=None,
        mode="sms_link",
    )


@pytest.mark.parametrize(
    ("question", "kind", "values"),
    [
        ("score", "radio", [str(n) for n in range(11)]),
        ("shy", "radio", [*(str(n) for n in range(1, 10)), "dont_know"]),
        ("yes", "radio", ["yes", "no"]),
        ("one", "radio", ["a", "b", "c"]),
        ("some", "checkbox", ["a", "b", "c", "dont_know"]),
        ("agree", "radio", ["strongly-agree", "agree", "neither", "disagree", "strongly-disagree", "dont_know"]),
    ],
)
@pytest.mark.parametrize("language", ["da", "en"])
def test_every_choice_is_a_labelled_control(question, kind, values, language):
    controls = Controls(screen(question, language=language))
    assert [control["value"] for control in controls.inputs] == values
    assert {control["type"] for control in controls.inputs} == {kind}
    assert {control["name"] for control in controls.inputs} == {"answer"}
    assert all(controls.labels[str(control["id"])] for control in controls.inputs)
    assert not any("checked" in control for control in controls.inputs)


def test_the_ends_of_a_scale_are_said_with_their_numbers():
    controls = Controls(screen("score"))
    assert controls.labels["answer-0"] == "0 (Tekst)"
    assert controls.labels["answer-5"] == "5"
    assert controls.labels["answer-10"] == "10 (Tekst)"


@pytest.mark.parametrize(
    ("question", "value", "chosen"),
    [("score", 0, ["0"]), ("shy", "dont_know", ["dont_know"]), ("some", ["a", "c"], ["a", "c"]), ("yes", "no", ["no"])],
)
def test_what_was_answered_is_chosen(question, value, chosen):
    controls = Controls(screen(question, value))
    assert [control["value"] for control in controls.inputs if "checked" in control] == chosen


def test_text_is_escaped_and_its_warning_belongs_to_it():
    source = screen("text", "<script>alert(1)</script> & mere")
    assert "<script>alert" not in source
    assert 'aria-describedby="answer-help"' in source
    assert re.search(r'id="answer-help">[^<]*Skriv ikke CPR-nummer', source)
    assert "maxlength" not in source, "a browser would cut a pasted text without a word"


@pytest.mark.parametrize("question", ["score", "text"])
def test_an_error_is_tied_to_the_question(question):
    source = screen(question, errors={"answer": "Vælg et svar."})
    assert 'href="#answer"' in source
    assert 'id="answer-error"' in source
    assert re.search(r'aria-describedby="[^"]*answer-error', source)
    assert "<title>Fejl: " in source


def test_a_maximum_is_said():
    assert "Vælg højst 2." in screen("some")
    assert "Choose at most 2." in screen("some", language="en")


def test_every_address_honours_the_base_path():
    source = screen("score", base="/api")
    assert not re.findall(r'(?:href|action)="/(?!api/|static/|s/x)', source)
    assert 'action="/api/s/x/score?lang=da"' in source


def test_nothing_is_inline():
    for question in ("score", "some", "text"):
        source = screen(question)
        assert not re.search(r"<style|style=|<script(?! src)| on\w+=", source)


@pytest.mark.requirement("SK-17")
@pytest.mark.parametrize(
    ("n", "language", "expected"),
    [
        (137, "da", "137 svar indtil nu giver en usikkerhed på højst ± 8,4 procentpoint (95 %). En første konklusion kræver 385 svar (± 5)."),
        (400, "en", "400 answers so far give a margin of at most ± 4.9 percentage points (95%). That is enough for a first conclusion (± 5)."),
    ],
)  # fmt: skip
def test_the_overview_says_how_far_a_first_conclusion_is(n, language, expected):
    page = Page(Urls("", "/static"), language, "/fjordby/reports", a_municipality())
    text = re.sub(r"<[^>]+>|\n", "", render("report/enough.html", page, enough=collected(n, margin=0.05), wanted=5))
    assert text.strip() == expected
    assert not render("report/enough.html", page, enough=None, wanted=5).strip()
