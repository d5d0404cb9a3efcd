"""Comments in Chromium: sorted by keys alone, the wall cleared by one, axe on every page, phone and desktop."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from chalicelib.adapters.lake.s3_report_cells import cells_key
from chalicelib.settings import settings
from tests.e2e.browser import DESK, PHONE, check
from tests.e2e.walk import Walk
from tests.fakes.comments import a_comment
from tests.fakes.reporting import counts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from local.product import Product

pytestmark = pytest.mark.browser

MONTH = "2026-10"
WALL = {"width": 1920, "height": 1080}
ONE, TWO = a_comment(1), a_comment(2, text="Jeg ventede alt for længe, og ingen sagde hvorfor.", score="3")


@pytest.fixture(scope="module")
def product_with_comments(product: Product) -> Product:
    Walk(product.url).set_clock("2026-11-23T10:00:00+01:00")
    month = counts(municipality="fjordby", period=MONTH, comments=(ONE, TWO))
    danish = replace(month.groups[0], dimension="language", value="da")
    body = gzip.compress(json.dumps(replace(month, groups=(*month.groups, danish)).to_document()).encode())
    product.client("s3").put_object(Bucket=settings().lake_bucket, Key=cells_key("fjordby", MONTH), Body=body)
    return product


@pytest.fixture
def opened(browser: Browser, product_with_comments: Product) -> Iterator[Callable[[str, str], Page]]:
    contexts, product = [], product_with_comments

    def open_page(path: str, role: str) -> Page:
        context = browser.new_context(viewport=DESK, locale="da-DK")
        contexts.append(context)
        context.add_cookies([{"name": "session", "value": product.keys.token(role, "fjordby"), "url": product.url}])
        page = context.new_page()
        page.goto(f"{product.url}/fjordby{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.requirement("SK-21", "BF-08")
def test_a_comment_goes_from_the_list_to_the_wall_and_off_it_by_keys(opened: Callable[[str, str], Page]) -> None:
    page = opened(f"/comments?period={MONTH}", "leader")
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        check(page)
    page.set_viewport_size(DESK)
    card = page.locator(f"[id='c-{ONE.id}']")
    page.locator("[data-card]").first.focus()
    while not card.evaluate("(card) => card === document.activeElement"):
        page.keyboard.press("j")
    for key, name in (("u", "Haster"), ("v", "Væg"), ("r", "Ros"), ("c", "Citat"), ("s", "Set")):
        page.keyboard.press(key)
        expect(card.get_by_role("button", name=name, exact=True)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("t")
    page.keyboard.press("v")
    expect(card.get_by_label("Tema", exact=True)).to_be_focused()
    card.get_by_label("Note til kolleger").fill("Ring 20 30 40 50")
    card.get_by_role("button", name="Gem", exact=True).click()
    expect(card.get_by_role("alert")).to_contain_text("Noten er for lang")
    check(page)
    card.get_by_label("Note til kolleger").fill("")
    card.get_by_label("Vores svar").fill("Tak! Vi siger det videre.")
    card.get_by_role("button", name="Gem", exact=True).click()
    expect(card).to_contain_text("Vi siger det videre.")
    for path, role in (("/praise", "desk"), ("/quotes", "desk")):
        other = opened(path, role)
        for size in (DESK, PHONE):
            other.set_viewport_size(size)
            check(other)
        expect(other.locator("main")).to_contain_text(ONE.text)
    vote = opened("/vote", "leader")
    expect(vote.locator("main")).to_contain_text(ONE.text)
    check(vote)
    leader = opened("/wall", "leader")
    check(leader)
    leader.get_by_role("button", name="Tænd væggen").click()
    expect(leader.locator("#wall")).to_contain_text(ONE.text)
    screen = opened("/wall", "display")
    for size in (WALL, PHONE):
        screen.set_viewport_size(size)
        check(screen)
    leader.keyboard.press("Escape")
    expect(leader.locator("#wall")).to_contain_text("Væggen er slukket")
    expect(screen.locator("#wall")).to_contain_text("Væggen er slukket", timeout=12_000)
    expect(screen.locator("body")).not_to_contain_text(ONE.text)
