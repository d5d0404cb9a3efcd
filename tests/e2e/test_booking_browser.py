"""A citizen's booking in Chromium: few screens, little time, by keyboard alone, without JavaScript, right to left."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING

import pytest

from tests.builders import a_municipality_document
from tests.e2e.browser import DESK, PHONE, check
from tests.e2e.walk import Walk
from tests.embedded import store_municipality

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

    from local.product import Product

pytestmark = pytest.mark.browser
MOST_SCREENS = 5
MOST_SECONDS = 60
LOOKING = 2.5
"""Seconds that somebody looks at a screen who knows what they want."""
KEY = 130
"""Milliseconds for a key: slow typing."""
_FOCUS_SHOWS = """() => {
  const style = getComputedStyle(document.activeElement);
  return document.activeElement === document.body || style.outlineStyle !== 'none' || style.boxShadow !== 'none';
}"""
_NOT_COVERED = """() => {
  const own = document.activeElement, box = own.getBoundingClientRect();
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return !top || own.contains(top) || top.contains(own);
}"""


@pytest.fixture(scope="module")
def walk(product: Product) -> Walk:
    walk = Walk(product.url)
    walk.set_clock("2026-11-23T08:00:00+01:00")
    return walk


@pytest.fixture(scope="module")
def guarded(product: Product, walk: Walk) -> str:
    """A municipality with the challenge and something to be picked up."""
    document = a_municipality_document(id="robotby")
    document["booking"]["challenge"] = True
    document["reasons"][1]["pick_up"] = True
    return f"{walk.url}/{store_municipality(document).id}"


def page_of(browser: Browser, size: dict[str, int] = PHONE, *, javascript: bool = True) -> Page:
    return browser.new_context(viewport=size, locale="da-DK", java_script_enabled=javascript).new_page()


def at_details(page: Page, walk: Walk, *, town: str = "") -> None:
    page.goto(f"{town or walk.url + '/fjordby'}/book/passport/raadhuset")
    page.locator(".bk-times button").last.click()
    page.wait_for_url("**hold=*")


@pytest.mark.requirement("FR-09")
def test_a_citizen_books_in_five_screens_and_less_than_a_minute(browser: Browser, walk: Walk):
    page = page_of(browser)
    page.goto(f"{walk.url}/fjordby")
    page.get_by_role("link", name="Bestil tid", exact=True).click()
    steps: list[Callable[[], None]] = [
        lambda: page.get_by_role("link", name="Pas", exact=True).click(),
        lambda: page.get_by_role("link", name="Rådhuset").click(),
        lambda: page.get_by_role("button", name="Jeg er fleksibel").click(),
        lambda: _type_and_go_on(page),
        lambda: page.get_by_role("button", name="Bestil tiden").click(),
    ]
    began = time.monotonic()
    for number, step in enumerate(steps, start=1):
        assert page.get_by_text(f"Trin {number} af {MOST_SCREENS}").is_visible()
        time.sleep(LOOKING)
        step()
    page.locator(".bp-code").wait_for()
    assert time.monotonic() - began < MOST_SECONDS
    assert len(steps) <= MOST_SCREENS


def _type_and_go_on(page: Page) -> None:
    page.locator("#phone").press_sequentially("20 11 55 66", delay=KEY)
    page.locator("#name").press_sequentially("Åse Lund", delay=KEY)
    page.get_by_role("button", name="Videre").click()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_whole_way_by_keyboard_alone(browser: Browser, walk: Walk, size: dict[str, int]):
    page = page_of(browser, size)
    page.goto(f"{walk.url}/fjordby/book/passport")
    _tab_to(page, "Én person mere")
    page.keyboard.press("Enter")
    page.wait_for_url("**persons=2**")
    _tab_to(page, "Se tider på Rådhuset")
    page.keyboard.press("Enter")
    page.wait_for_url("**/raadhuset?**")
    _tab_to(page, "9.15")
    page.keyboard.press("Enter")
    page.wait_for_url("**hold=*")
    _tab_to(page, "phone")
    page.keyboard.type("20115566")
    _tab_to(page, "survey_consent")
    page.keyboard.press("Space")
    _tab_to(page, "Videre")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Tjek dine svar").wait_for()
    assert "2 personer" in page.inner_text("main")
    _tab_to(page, "Giv mig mere tid")
    page.keyboard.press("Enter")
    page.get_by_text("Du har fået mere tid").wait_for()
    _tab_to(page, "Bestil tiden")
    page.keyboard.press("Enter")
    page.locator(".bp-code").wait_for()


def _tab_to(page: Page, wanted: str) -> None:
    """Tab until the control with that id or name has the focus; every stop on the way (but the page's end) shows it."""
    for _ in range(120):
        page.keyboard.press("Tab")
        found = page.evaluate(
            "() => [document.activeElement.id, document.activeElement.ariaLabel, document.activeElement.innerText]"
        )
        assert page.evaluate(_FOCUS_SHOWS), f"focus can't be seen: {found}"
        if wanted in {found[0], found[1], (found[2] or "").strip()}:
            assert page.evaluate(_NOT_COVERED), f"something lies over {wanted}"
            return
    pytest.fail(f"{wanted} can't be reached by keyboard")


def test_enter_in_a_field_goes_on(browser: Browser, walk: Walk):
    page = page_of(browser)
    at_details(page, walk)
    page.fill("#phone", "20115566")
    page.press("#phone", "Enter")
    page.get_by_role("heading", name="Tjek dine svar").wait_for()


def test_more_time_and_errors_without_javascript(browser: Browser, walk: Walk):
    page = page_of(browser, javascript=False)
    at_details(page, walk)
    assert re.search(r"Vi holder tiden til kl\. \d+\.\d\d\.", page.inner_text(".bk-hold"))
    page.fill("#phone", "12")
    page.check("#survey_consent")
    page.get_by_role("button", name="Giv mig mere tid").click()
    assert "Du har fået mere tid" in page.inner_text("main")
    assert page.input_value("#phone") == "12"
    assert page.is_checked("#survey_consent")
    page.get_by_role("button", name="Videre").click()
    assert page.title().startswith("Fejl: ")
    page.fill("#phone", "20 11 55 66")
    page.get_by_role("button", name="Videre").click()
    page.get_by_role("button", name="Bestil tiden").click()
    assert "Din tid er bestilt" in page.inner_text("main")


def test_the_countdown_is_seen_every_second_and_said_rarely(browser: Browser, walk: Walk):
    page = page_of(browser)
    page.clock.install()
    at_details(page, walk)
    voice, left = page.locator("[data-announce]"), page.locator(".bk-hold-left")
    said = set()
    for _ in range(20):
        page.clock.run_for(30_000)
        said.add(voice.inner_text())
    assert "9:" not in left.inner_text()
    assert len(said - {""}) <= 5, said
    assert any("2 minutter" in words for words in said)
    assert any("ét minut" in words for words in said)
    assert "Tiden holdes ikke længere" in voice.inner_text()
    check(page)


@pytest.mark.parametrize("worker", [True, False], ids=["worker", "no worker"])
def test_the_challenge_is_solved_in_the_background(browser: Browser, walk: Walk, guarded: str, worker: bool):
    page = page_of(browser)
    if not worker:
        page.add_init_script("delete window.Worker")
    at_details(page, walk, town=guarded)
    check(page)
    solved = _awaited(page, "[name=solution]")
    assert json.loads(page.evaluate("text => atob(text)", solved))["algorithm"] == "SHA-256"
    page.get_by_role("button", name="Videre").click()
    page.get_by_role("button", name="Bestil tiden").click()
    page.locator(".bp-code").wait_for()


def _awaited(page: Page, field: str) -> str:
    """The field's value, once it has one."""
    for _ in range(120):
        if value := page.input_value(field):
            return value
        page.wait_for_timeout(500)
    pytest.fail(f"{field} stayed empty")


def test_the_challenge_locks_nobody_out_without_javascript(browser: Browser, walk: Walk, guarded: str):
    page = page_of(browser, javascript=False)
    at_details(page, walk, town=guarded)
    page.get_by_role("button", name="Videre").click()
    page.get_by_role("button", name="Bestil tiden").click()
    assert "Vent et øjeblik" in page.inner_text("main")
    walk.advance(0.5)
    page.get_by_role("button", name="Bestil tiden").click()
    assert "Din tid er bestilt" in page.inner_text("main")


_PAGES = [
    "",
    "/book",
    "/book/licence",
    "/book/passport?persons=2",
    "/book/pension?meeting=phone",
    "/book/passport.debt-advice",
    "/book/passport/raadhuset?edge=1",
    "/alternatives/housing-benefit/0",
    "/find",
]


@pytest.mark.parametrize("size", [PHONE, {"width": 768, "height": 1024}, DESK], ids=["360", "768", "1280"])
def test_every_screen_fits_and_axe_finds_nothing(browser: Browser, walk: Walk, guarded: str, size: dict[str, int]):
    page = page_of(browser, size)
    for address in [*(f"{walk.url}/fjordby{path}" for path in _PAGES), f"{guarded}/book/licence"]:
        page.goto(address)
        check(page)
    at_details(page, walk)
    check(page)
    page.fill("#phone", "20 11 55 66")
    page.get_by_role("button", name="Videre").click()
    check(page)
    page.get_by_role("button", name="Bestil tiden").click()
    check(page)
    page.get_by_role("button", name="Aflys tiden").click()
    check(page)


@pytest.mark.requirement("GL-66")
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["360", "1280"])
def test_right_to_left(browser: Browser, walk: Walk, size: dict[str, int]):
    page = page_of(browser, size)
    for path in _PAGES:
        page.goto(f"{walk.url}/fjordby{path}{'&' if '?' in path else '?'}lang=ar")
        assert page.locator("html").get_attribute("dir") == "rtl"
        assert page.locator("link[href*='dkfds.rtl']").count() == 1
        check(page)
    at_details(page, walk)
    check(page)
    page.fill("#phone", "20 11 55 66")
    page.locator(".bp-actions button").click()
    check(page)
    page.locator(".bp-actions button").click()
    page.locator(".bp-code").wait_for()
    check(page)
