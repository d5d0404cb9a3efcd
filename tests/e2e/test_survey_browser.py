"""The survey in Chromium: on a phone without JavaScript, by keyboard alone, and looked at by axe on every screen."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest

from chalicelib import bootstrap
from chalicelib.shared.hashing import token_hash
from tests.contract.test_survey_store import add_invitation, add_link
from tests.e2e.browser import PHONE, check
from tests.fakes.surveys import a_link, a_token

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
_NUMBERS = count(5000)


@pytest.fixture
def link(product) -> Callable[..., str]:
    """Gives the address of a fresh survey of a demo municipality."""

    def make(municipality: str = "fjordby", language: str = "da") -> str:
        contact_id = f"01JDC0NTACT{next(_NUMBERS):015d}"
        token = a_token(municipality, contact_id)
        until = bootstrap.clock().now() + timedelta(days=1)
        facts = {"municipality": municipality, "contact_id": contact_id, "language": language, "until": until}
        add_link(token_hash(token), a_link(**facts))
        add_invitation(municipality, contact_id)
        return f"{product.url}/s/{token}"

    return make


def choose(page: Page, answer: str) -> None:
    page.locator(f"#answer-{answer}").check()
    page.locator("button.survey-main").click()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_citizen_answers_on_a_phone(browser, link, javascript):
    page = browser.new_context(viewport=PHONE, java_script_enabled=javascript).new_page()
    look = check if javascript else lambda page: None
    page.goto(link())
    look(page)
    page.get_by_role("link", name="Start", exact=True).click()
    look(page)
    page.locator("button.survey-main").click()
    assert page.title().startswith("Fejl: ")
    look(page)
    choose(page, "9")
    choose(page, "10")
    choose(page, "yes")
    look(page)
    page.get_by_role("link", name="Tilbage").click()
    assert page.get_by_label("Ja", exact=True).is_checked()
    page.locator("button.survey-main").click()
    choose(page, "dont_know")
    page.get_by_role("link", name="English").click()
    look(page)
    page.get_by_label("What did we do well").fill("Helped by a kind lady 👍🏽")
    page.get_by_role("button", name="Send my answers").click()
    assert "Thank you for your answers" in page.inner_text("h1")
    look(page)


def test_a_keyboard_is_enough(browser, link):
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.goto(link() + "?lang=en")
    page.get_by_role("link", name="Start", exact=True).press("Enter")
    for keys in (["1", "0", "Enter"], ["7", "Enter"], ["2", "Enter"], ["1", "Enter"]):
        page.wait_for_function("document.activeElement.tagName === 'FIELDSET'")
        here = page.url
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_url(lambda url, here=here: url != here)
    page.go_back()
    assert page.get_by_label("To a high degree").is_checked()
    page.go_back()
    assert page.get_by_label("No", exact=True).is_checked()
    page.goto(page.url.replace("got-answer", "satisfaction"))
    assert page.get_by_label("10 (Very satisfied)").is_checked()


def test_digits_typed_elsewhere_choose_nothing(browser, link):
    """WCAG 2.1.4: a key of one character acts only while its control has focus."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.goto(link() + "/satisfaction?lang=da")
    page.get_by_role("link", name="Tilbage").focus()
    page.keyboard.press("7")
    assert page.locator("input:checked").count() == 0


def test_the_other_scale_and_a_right_to_left_reader_fit_the_phone(browser, link):
    page = browser.new_context(viewport=PHONE).new_page()
    page.goto(link("sandholm") + "/satisfaction?lang=da")
    assert page.locator("input[type=radio]").count() == 9
    check(page)
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_comment_counts_down_and_comes_back_when_it_is_too_long(browser, link):
    page = browser.new_context(viewport=PHONE).new_page()
    page.goto(link() + "/comment?lang=da")
    page.locator("#answer").fill("x" * 1900)
    assert page.locator(".survey-count").inner_text() == "Du har 100 tegn tilbage."
    page.locator("#answer").fill("x" * 2300)
    assert page.locator(".survey-count").inner_text() == "Teksten er 300 tegn for lang."
    page.locator("button.survey-main").click()
    assert len(page.locator("#answer").input_value()) == 2300
    check(page)
