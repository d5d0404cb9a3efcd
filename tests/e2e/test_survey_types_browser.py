"""Every type of question in Chromium: at 360 pixels, in three languages, by keyboard, with the names that are said."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest

from chalicelib import bootstrap
from chalicelib.shared.hashing import token_hash
from tests.contract.test_survey_store import add_invitation, add_link
from tests.e2e.browser import DESK, KIOSK, PHONE, check
from tests.fakes.surveys import a_link, a_token

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from local.product import Product

pytestmark = pytest.mark.browser
_NUMBERS = count(8000)
TEXT = {"da": "Spørgsmål", "en": "Question", "ar": "سؤال"}
OPTIONS = [
    {"id": each, "text": {"da": f"Svar {each}", "en": f"Answer {each}", "ar": f"جواب {each}"}}
    for each in ("a", "b", "c")
]


def wording(name: str, kind: str, **more) -> dict:
    text = {language: f"{words} {name}" for language, words in TEXT.items()}
    return {"id": name, "version": "1", "type": kind, "text": text, "short": text, **more}


SCALE = {"min": 0, "max": 10, "min_text": {"da": "Lav", "en": "Low", "ar": "منخفض"}, "max_text": {"da": "Høj", "en": "High", "ar": "عال"}}  # fmt: skip
QUESTIONS = [
    wording("scale", "scale", scale=SCALE, dont_know=True),
    wording("yesno", "yes_no"),
    wording("single", "single", options=OPTIONS, other=True),
    wording("multi", "multi", options=OPTIONS, max_choices=2, dont_know=True, randomise=True),
    wording("agree", "agree5", dont_know=True),
    wording("degree", "degree4", other=True),
    wording("satisfied", "satisfied5"),
    wording("words", "text"),
]
EVERY_TYPE = {
    "id": "every-type",
    "version": "1",
    "questions": QUESTIONS,
    "items": [{"question": each["id"], "version": "1", "required": True} for each in QUESTIONS],
}
KEYS = {"scale": ["1", "0"], "multi": ["1", "2"]}
GROUPS = {"da": "Spørgsmål", "en": "Question", "ar": "سؤال"}
DONE = {"da": "Tak for dine svar", "en": "Thank you for your answers", "ar": "شكرًا على إجاباتك"}
ENDS = {"da": "0 (Lav)", "en": "0 (Low)", "ar": "0 (منخفض)"}


@pytest.fixture
def address(product: Product) -> str:
    """A fresh link to a questionnaire of the municipality's own that has every type, for a phone contact."""
    bootstrap.questionnaires().apply("fjordby", EVERY_TYPE)
    contact_id = f"01JDC0NTACT{next(_NUMBERS):015d}"
    token = a_token("fjordby", contact_id)
    until = bootstrap.clock().now() + timedelta(days=1)
    add_link(token_hash(token), a_link(municipality="fjordby", contact_id=contact_id, until=until))
    add_invitation("fjordby", contact_id, questionnaire="every-type")
    return f"{product.url}/s/{token}"


def send(page: Page) -> None:
    here = page.url
    page.locator("button.survey-main").click()
    page.wait_for_url(lambda url: url != here)


@pytest.mark.requirement("GL-66")
@pytest.mark.parametrize("language", ["da", "en", "ar"])
def test_each_type_is_answered_on_a_phone_in_each_language(browser, address, language):
    page = browser.new_context(viewport=PHONE).new_page()
    page.goto(f"{address}?lang={language}")
    check(page)
    assert page.evaluate("document.documentElement.dir") == ("rtl" if language == "ar" else "ltr")
    page.locator("a.survey-main").click()
    for question in QUESTIONS:
        page.wait_for_url(re.compile(f"/{question['id']}\\?lang={language}"))
        check(page)
        heading = page.locator("h1")
        assert question["text"][language] in heading.inner_text()
        small = page.locator(".survey-tile").evaluate_all(
            "tiles => tiles.map(t => t.getBoundingClientRect()).filter(b => b.height < 44 || b.width < 24).length"
        )
        assert small == 0, "targets that a thumb can hit"
        if question["type"] == "text":
            page.get_by_role("textbox", name=question["text"][language]).fill("Tak 👍🏽")
        else:
            group = page.get_by_role("group", name=question["text"][language])
            if question["type"] == "scale":
                assert group.get_by_role("radio", name=ENDS[language]).count() == 1
            kind = "checkbox" if question["type"] == "multi" else "radio"
            boxes = group.get_by_role(kind)
            assert all(name.strip() for name in group.locator("label").all_inner_texts())
            boxes.first.check()
        send(page)
    assert DONE[language] in page.locator("h1").inner_text()
    check(page)


def test_each_type_is_answered_by_digits_alone_and_back_loses_nothing(browser, address):
    page = browser.new_context(viewport=DESK).new_page()
    page.goto(f"{address}/scale?lang=en")
    for question in QUESTIONS[:-1]:
        page.wait_for_function("document.activeElement.tagName === 'FIELDSET'")
        here = page.url
        for key in [*KEYS.get(question["id"], ["2"]), "Enter"]:
            page.keyboard.press(key)
        page.wait_for_url(lambda url, here=here: url != here)
    for question in reversed(QUESTIONS[:-1]):
        page.get_by_role("link", name="Back").click()
        page.wait_for_url(re.compile(f"/{question['id']}\\?"))
        assert page.locator("input:checked").count() == (2 if question["type"] == "multi" else 1)
    assert page.get_by_label("10 (High)").is_checked()


def test_too_many_and_nothing_are_said_where_they_are(browser, address):
    page = browser.new_context(viewport=PHONE, java_script_enabled=False).new_page()
    page.goto(f"{address}/multi?lang=da")
    for box in page.locator("input[type=checkbox]").all()[:3]:
        box.check()
    page.locator("button.survey-main").click()
    assert "Vælg højst 2" in page.locator("#answer-error").inner_text()
    assert page.locator("input:checked").count() == 3, "what was chosen is still chosen"
    page.goto(f"{address}/words?lang=da")
    page.locator("button.survey-main").click()
    assert "Vælg et svar" in page.locator("#answer-error").inner_text()


def test_the_language_is_switched_in_the_middle_and_answers_stay(browser, address):
    page = browser.new_context(viewport=PHONE).new_page()
    page.goto(f"{address}/single?lang=da")
    page.get_by_label("Svar b").check()
    send(page)
    page.go_back()
    page.get_by_role("link", name="العربية").click()
    page.wait_for_url(re.compile("lang=ar"))
    assert page.get_by_label("جواب b").is_checked()


def test_an_interviewer_needs_only_the_keyboard(browser, product):
    page = browser.new_context(viewport=DESK, locale="da-DK").new_page()
    page.goto(f"{product.url}/local/sign-in?role=interviewer&municipality=fjordby&back=/fjordby/interview")
    check(page)
    page.goto(f"{product.url}/fjordby/interview?mode=phone&interviewer=i7")
    check(page)
    visible = ".interview-item:visible"
    assert page.locator(visible).count() < page.locator(".interview-item").count(), "only those whose turn it is"
    for keys in (["1"], ["2"], ["2"], ["1"], ["1"], ["1"], ["2"], ["3"], ["4"], ["1"], ["1", "2", "3"], ["2"]):
        for key in [*keys, "Enter"]:
            page.keyboard.press(key)
    assert page.evaluate("document.activeElement.id") == "a-comment"
    check(page)
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile("done=1"))
    assert "Gemt. 1 interview" in page.locator(".interview-done").inner_text()
    assert page.evaluate("document.activeElement.dataset.question") == "a-contact-last-year", "ready for the next"
    page.keyboard.press("2")
    assert page.locator(visible).count() == 1, "whom it is not for is asked no more"
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile("done=2"))


def test_an_interview_works_without_scripts(browser, product):
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{product.url}/local/sign-in?role=interviewer&municipality=fjordby&back=/fjordby/interview")
    page.goto(f"{product.url}/fjordby/interview?mode=phone&questionnaire=pulse")
    page.locator("[name=a-satisfaction][value='9']").check()
    page.locator("button[type=submit]").click()
    assert page.locator("#error-summary").count() == 1
    page.locator("[name=a-got-answer][value='yes']").check()
    page.locator("button[type=submit]").click()
    assert "done=1" in page.url


def test_the_kiosk_is_large_warns_and_starts_anew(browser, product):
    page = browser.new_context(viewport=KIOSK, locale="da-DK").new_page()
    page.goto(f"{product.url}/local/sign-in?role=kiosk&municipality=fjordby&back=/fjordby/kiosk/raadhuset/survey")
    check(page)
    page.clock.install()
    page.get_by_role("button", name="Start").click()
    page.wait_for_url(re.compile("entry="))
    check(page)
    heights = page.locator(".survey-tile").evaluate_all("tiles => tiles.map(t => t.getBoundingClientRect().height)")
    assert min(heights) >= 72
    page.clock.fast_forward(50_000)
    assert "Er du her endnu?" in page.locator("[data-warning]").inner_text()
    page.locator("body").press("Shift")
    assert page.locator("[data-warning]").inner_text() == ""
    page.clock.fast_forward(61_000)
    page.wait_for_url(re.compile(r"/kiosk/raadhuset(\?|$)"))


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("leader", "/fjordby/setup/questionnaires"),
        ("leader", "/fjordby/setup/questionnaires/gladsaxe"),
        ("leader", "/fjordby/setup/questionnaires/pulse?in=ar"),
        ("desk", "/fjordby/callbacks"),
        ("kiosk", "/fjordby/survey/pulse?lang=ar"),
        ("kiosk", "/fjordby/survey/gladsaxe?office=raadhuset"),
    ],
)
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_the_pages_around_the_questions_are_clean(browser, product, role, path, viewport):
    page = browser.new_context(viewport=viewport).new_page()
    page.goto(f"{product.url}/local/sign-in?role={role}&municipality=fjordby&back=/fjordby")
    page.goto(f"{product.url}{path}")
    check(page)
