"""The whole loop in Chromium: a citizen on a phone, the kiosk, the desk, the phone again, the leader. Axe on every page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.e2e.browser import DESK, KIOSK, PHONE, check
from tests.e2e.walk import Walk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from local.product import Product

pytestmark = pytest.mark.browser
DAY = "2026-11-23"
NUMBER = "20 11 55 66"
MOST_SCREENS = 5


@pytest.fixture(scope="module")
def walk(product: Product) -> Walk:
    walk = Walk(product.url)
    walk.set_clock(f"{DAY}T08:00:00+01:00")
    for number, start in enumerate(walk.free(DAY)[:5]):
        phone = f"+452011770{number}"
        booked = walk.book(phone, start=start)
        walk.set_clock(start)
        walk.serve(booked["code"], desk="2", wait=1, service=5)
        walk.tick()
        walk.answer(walk.survey_token(phone), score=10 - number)
    return walk


def page_of(browser: Browser, size: dict[str, int], *, javascript: bool = True) -> Page:
    context = browser.new_context(viewport=size, locale="da-DK", java_script_enabled=javascript)
    return context.new_page()


def sign_in(page: Page, walk: Walk, role: str, back: str) -> None:
    page.goto(f"{walk.url}/local/sign-in?role={role}&municipality=fjordby&back={back}")


def book(page: Page, walk: Walk, *, look) -> str:
    """The citizen's way from the start page to the code; answers the code."""
    page.goto(f"{walk.url}/fjordby")
    look(page)
    page.get_by_role("link", name="Bestil tid").click()
    screens = 0
    for step in (_choose_reason, _choose_office, _choose_time, _say_who, _confirm):
        look(page)
        step(page)
        screens += 1
    assert screens <= MOST_SCREENS
    look(page)
    assert "Din tid er bestilt" in page.inner_text("main")
    return page.locator(".bp-code").inner_text().strip()


def _choose_reason(page: Page) -> None:
    page.get_by_role("link", name="Pas", exact=True).click()


def _choose_office(page: Page) -> None:
    page.get_by_role("link", name="Rådhuset").click()


def _choose_time(page: Page) -> None:
    page.locator(".bk-times button").last.click()


def _say_who(page: Page) -> None:
    consent = page.locator("#survey_consent")
    assert not consent.is_checked(), "consent must never be ticked in advance (SK-02)"
    page.fill("#phone", NUMBER)
    consent.check()
    page.get_by_role("button", name="Videre").click()


def _confirm(page: Page) -> None:
    assert NUMBER.replace(" ", "") in page.inner_text("main").replace(" ", "")
    page.get_by_role("button", name="Bestil tiden").click()


@pytest.mark.requirement("SK-02")
@pytest.mark.requirement("FR-04")
@pytest.mark.requirement("SK-10")
def test_from_booking_to_report(browser: Browser, walk: Walk):
    citizen = page_of(browser, PHONE)
    walk.set_clock(f"{DAY}T11:00:00+01:00")
    code = book(citizen, walk, look=check)
    start = re.search(r"kl\. (\d+)\.(\d\d)", citizen.inner_text("main"))
    assert start
    walk.set_clock(f"{DAY}T{int(start[1]):02d}:{start[2]}:00+01:00")

    kiosk = page_of(browser, KIOSK)
    sign_in(kiosk, walk, "kiosk", "/fjordby/kiosk/raadhuset")
    check(kiosk)
    kiosk.get_by_role("link", name="Jeg har en tid").click()
    check(kiosk)
    kiosk.fill("#code", code.lower())
    kiosk.get_by_role("button", name="Tjek ind").click()
    kiosk.locator(".kiosk-number").wait_for()  # the next screen takes the place of the old one without a new page
    check(kiosk)
    ticket = re.search(r"\b[A-Z]\d{3}\b", kiosk.inner_text("main"))
    assert ticket

    desk = page_of(browser, DESK)
    sign_in(desk, walk, "desk", "/fjordby/desk")
    check(desk)
    desk.get_by_role("link", name=re.compile(r"^Skranke 1\b.*Rådhuset")).click()
    check(desk)
    assert ticket[0] in desk.inner_text("main")
    for button in ("Kald næste", "Start", "Færdig"):
        desk.get_by_role("button", name=re.compile(f"^{button}")).click()
        desk.wait_for_load_state("networkidle")
        check(desk)
        walk.advance(6)
    walk.tick()

    citizen.goto(f"{walk.url}/local/phone")
    address = citizen.locator("a[href*='/s/']").last.get_attribute("href")
    assert address
    citizen.goto(address)
    _answer(citizen)
    walk.advance(70)
    walk.tick()

    leader = page_of(browser, DESK)
    sign_in(leader, walk, "leader", "/fjordby/reports")
    check(leader)
    assert "n = 6" in leader.inner_text("main")
    assert "ikke afsluttet" in leader.inner_text("main").lower()


def _answer(page: Page) -> None:
    check(page)
    page.get_by_role("link", name="Start", exact=True).click()
    for answer in ("9", "9", "yes", "high"):
        check(page)
        page.locator(f"#answer-{answer}").check()
        page.locator("button.survey-main").click()
    check(page)
    page.locator("textarea").fill("Venlig betjening, men svært at finde standeren.")
    page.locator("button.survey-main").click()
    check(page)
    assert "Tak" in page.locator("h1").inner_text()


def test_booking_works_without_javascript(browser: Browser, walk: Walk):
    walk.set_clock("2026-11-24T08:00:00+01:00")
    citizen = page_of(browser, PHONE, javascript=False)
    assert len(book(citizen, walk, look=lambda page: None)) == 6
    citizen.get_by_role("button", name="Træk samtykket tilbage").click()
    assert "Træk samtykket tilbage" not in citizen.inner_text("main")


def test_what_was_typed_survives_an_error(browser: Browser, walk: Walk):
    walk.set_clock("2026-11-24T08:00:00+01:00")
    citizen = page_of(browser, PHONE)
    citizen.goto(f"{walk.url}/fjordby/book/passport/raadhuset")
    citizen.locator(".bk-times button").first.click()
    citizen.fill("#phone", "12 34")
    citizen.fill("#name", "Åse")
    citizen.check("#survey_consent")
    citizen.get_by_role("button", name="Videre").click()
    check(citizen)
    assert citizen.title().startswith("Fejl: ")
    assert citizen.input_value("#phone") == "12 34"
    assert citizen.input_value("#name") == "Åse"
    assert citizen.is_checked("#survey_consent")
    citizen.get_by_role("alert").get_by_role("link").first.click()
    assert citizen.evaluate("document.activeElement.id") == "phone"


@pytest.mark.requirement("GL-66")
@pytest.mark.parametrize(
    "path",
    ["", "/book", "/book/passport", "/book/passport/raadhuset", "/privacy", "/accessibility"],
)
def test_every_public_page_in_english_at_every_width(browser: Browser, walk: Walk, path: str):
    for size in (PHONE, {"width": 768, "height": 1024}, DESK):
        page = page_of(browser, size)
        page.goto(f"{walk.url}/fjordby{path}?lang=en")
        assert page.locator("html").get_attribute("lang") == "en"
        check(page)
