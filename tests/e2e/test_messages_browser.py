"""What messages link to, on a phone without JavaScript and by keyboard alone: one tap each, looked at by axe."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.e2e.browser import PHONE, check
from tests.e2e.walk import REMIND, Walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from local.product import Product

pytestmark = pytest.mark.browser

LEAVES, WAITS, WRONG = "+4520660001", "+4520660002", "+4520660003"


@pytest.fixture(scope="module")
def walk(product: Product) -> Walk:
    walk = Walk(product.url)
    walk.set_clock("2026-11-23T10:00:00+01:00")
    return walk


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False, locale="da-DK")
    yield context.new_page()
    context.close()


def test_an_earlier_time_is_one_tap_away_from_its_message(walk: Walk, phone: Page) -> None:
    early, late = walk.free("2026-11-26")[0], walk.free("2026-11-30")[0]
    leaves = walk.book(LEAVES, start=early)
    walk.book(WAITS, start=late, want_earlier=True)
    walk.call("DELETE", f"/api/v1/appointments/{leaves['manage_url'].rsplit('/', 1)[1]}")
    walk.tick()
    walk.advance(30)
    walk.tick()
    phone.goto(_link(walk, WAITS))
    check_without_scripts(phone)
    assert "Vil du have den tidligere tid?" in phone.inner_text("h1")
    tab_to(phone, "Tag tiden")
    phone.keyboard.press("Enter")
    phone.wait_for_url("**done=moved**")
    assert "Din tid er flyttet" in phone.inner_text("h1")
    assert "er flyttet til 26/11" in walk.sms(WAITS)[-1]["text"]


def test_this_is_not_me_is_two_taps_away_from_every_message(walk: Walk, phone: Page) -> None:
    walk.book(WRONG, start=walk.free("2026-11-27")[0], reminder_consent=REMIND)
    walk.tick()
    phone.goto(_link(walk, WRONG))
    phone.get_by_role("link", name="Er beskeden ikke til dig?").click()
    check_without_scripts(phone)
    tab_to(phone, "Det er ikke mig")
    phone.keyboard.press("Enter")
    phone.wait_for_load_state()
    check_without_scripts(phone)
    assert "Du hører ikke mere" in phone.inner_text("h1")
    before = len(walk.sms(WRONG))
    walk.set_clock("2026-11-26T10:00:00+01:00")
    walk.tick()
    assert len(walk.sms(WRONG)) == before, "no reminder any more"


def test_the_local_inbox_is_a_page_like_others(product: Product, browser: Browser) -> None:
    page = browser.new_page(viewport=PHONE)
    page.goto(f"{product.url}/local/mail")
    check(page)
    page.close()


def tab_to(page: Page, name: str) -> None:
    """Moves the focus by keyboard until it is on the button."""
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.locator("button:focus").count() and name in page.locator("button:focus").inner_text():
            return
    pytest.fail(f"no way to {name} by keyboard")


def check_without_scripts(page: Page) -> None:
    """As `check`; axe needs scripts, so another page of the same browser looks."""
    browser = page.context.browser
    assert browser is not None
    looking = browser.new_page(viewport=PHONE)
    looking.goto(page.url)
    check(looking)
    looking.close()


def _link(walk: Walk, number: str) -> str:
    found = re.search(r"https?://\S+", walk.sms(number)[-1]["text"])
    assert found
    return found[0]
