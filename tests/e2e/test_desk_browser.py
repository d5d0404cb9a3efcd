"""The desk and the kiosk in Chromium: by keyboard, with the network gone, without JavaScript, and looked at by axe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from chalicelib import bootstrap
from chalicelib.visits.model import ConsentFacts, Origin, State
from chalicelib.visits.reception import WalkIn
from tests.e2e.browser import check
from tests.e2e.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from chalicelib.municipalities.model import Municipality
    from local.product import Product

pytestmark = pytest.mark.browser

OFFICE = "raadhuset"
WIDE, PHONE, KIOSK = (1280, 900), (360, 780), (1080, 1920)


@pytest.fixture(scope="module")
def town(product: Product) -> Municipality:
    Walk(product.url).set_clock("2026-11-23T10:00:00+01:00")
    return bootstrap.municipalities().get("fjordby")


@pytest.fixture
def desk_of(town: Municipality) -> Iterator[Callable[[str], str]]:
    """Gives a desk that serves a reason; whoever still waits or sits there when the test ends is sent home."""

    def find(reason: str) -> str:
        return town.office(OFFICE).group_for(reason).desks[0]

    yield find
    visits = bootstrap.visits()
    for desk in town.office(OFFICE).desks:
        while visit := visits.call_next(town, OFFICE, desk):
            visits.no_show(town, visit.id)
    for visit in visits.queue(town, OFFICE).in_state(State.IN_SERVICE):
        visits.complete(town, visit.id)
    for visit in visits.queue(town, OFFICE).in_state(State.CALLED, State.PARKED):
        visits.no_show(town, visit.id)


@pytest.fixture
def opened(browser: Browser, product: Product) -> Iterator[Callable[..., Page]]:
    """Gives a page at an address, signed in as a role."""
    contexts = []

    def open_page(path: str, *, role: str, size: tuple[int, int] = WIDE, scripts: bool = True, **more: Any) -> Page:
        width, height = size
        context = browser.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=scripts, locale="da-DK", **more
        )
        contexts.append(context)
        context.add_cookies([{"name": "session", "value": product.keys.token(role, "fjordby"), "url": product.url}])
        page = context.new_page()
        page.goto(f"{product.url}/fjordby{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()


def arrive(town: Municipality, reason: str) -> str:
    walk_in = WalkIn((reason,), Origin.KIOSK, "da", ConsentFacts())
    return bootstrap.visits().walk_in(town, OFFICE, walk_in).visit.ticket


def reason_of(town: Municipality) -> str:
    group = town.office(OFFICE).desk_groups[0]
    return next(reason.id for reason in town.reasons if reason.id in group.reasons)


def test_a_citizen_is_served_by_four_keys(opened, town, desk_of):
    reason = reason_of(town)
    ticket = arrive(town, reason)
    page = opened(f"/desk?office={OFFICE}&desk={desk_of(reason)}", role="desk")
    for key, heading in (("n", "Kaldt ind"), ("s", "Hos dig nu"), ("f", "Din skranke er ledig")):
        check(page)
        page.keyboard.press(key)
        expect(page.locator("#current-heading")).to_have_text(heading)
    visits = bootstrap.visits().queue(town, OFFICE).visits
    assert next(visit for visit in visits if visit.ticket == ticket).state is State.COMPLETED


def test_keys_can_be_switched_off(opened, town, desk_of):
    reason = reason_of(town)
    arrive(town, reason)
    page = opened(f"/desk?office={OFFICE}&desk={desk_of(reason)}", role="desk")
    page.uncheck("#use-shortcuts")
    page.keyboard.press("n")
    page.wait_for_timeout(500)
    expect(page.locator("#current-heading")).to_have_text("Din skranke er ledig")


def test_the_queue_is_kept_fresh_without_a_reload_and_the_focus_stays(opened, town, desk_of):
    reason = reason_of(town)
    page = opened(f"/desk?office={OFFICE}&desk={desk_of(reason)}", role="desk")
    page.evaluate("window.kept = true")
    page.locator("[data-key=N]").focus()
    ticket = arrive(town, reason)
    expect(page.locator("#queue")).to_contain_text(ticket, timeout=10_000)
    assert page.evaluate("window.kept")
    assert page.evaluate("document.activeElement.dataset.key") == "N"


def test_what_is_pressed_without_a_network_happens_once_when_it_is_back(opened, town, desk_of):
    reason = reason_of(town)
    first, second = arrive(town, reason), arrive(town, reason)
    page = opened(f"/desk?office={OFFICE}&desk={desk_of(reason)}", role="desk")
    page.context.set_offline(True)
    page.keyboard.press("n")
    expect(page.locator("#offline")).to_contain_text("er husket")
    page.keyboard.press("n")
    check(page)
    page.context.set_offline(False)
    expect(page.locator("#current")).to_contain_text(first, timeout=15_000)
    expect(page.locator("#offline")).to_be_hidden()
    expect(page.locator("#queue")).to_contain_text(second)


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_the_desk_works_without_javascript(opened, town, desk_of, size):
    reason = reason_of(town)
    ticket = arrive(town, reason)
    page = opened(f"/desk?office={OFFICE}&desk={desk_of(reason)}", role="desk", size=size, scripts=False)
    for button in ("Kald næste", "Start", "Færdig"):
        page.get_by_role("button", name=button).click()
    visits = bootstrap.visits().queue(town, OFFICE).visits
    assert next(visit for visit in visits if visit.ticket == ticket).state is State.COMPLETED


@pytest.mark.parametrize("size", [KIOSK, PHONE])
def test_a_walk_in_takes_a_number_in_two_steps(opened, town, desk_of, size):
    page = opened(f"/kiosk/{OFFICE}", role="kiosk", size=size)
    check(page)
    page.get_by_role("link", name="Jeg har ingen tid").click()
    check(page)
    page.locator("a.kiosk-choice").first.click()
    check(page)
    expect(page.get_by_role("checkbox")).not_to_be_checked()
    page.get_by_role("button", name="Få mit nummer").click()
    check(page)
    number = page.locator(".kiosk-number")
    assert number.bounding_box()["height"] > 90
    page.get_by_role("link", name="Færdig").click()
    expect(page.locator("h1")).to_have_text("Tjek ind her")


@pytest.mark.parametrize("size", [KIOSK, PHONE])
def test_a_wrong_code_and_the_help_can_be_read_by_everyone(opened, town, size):
    page = opened(f"/kiosk/{OFFICE}?step=code", role="kiosk", size=size)
    page.get_by_label("Seks tegn fra din besked").fill("zzz zzz")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").first).to_contain_text("Vi kan ikke finde den kode")
    check(page)
    page.get_by_role("link", name="Hjælp", exact=True).click()
    check(page)


def test_the_kiosk_warns_before_it_starts_over_and_a_touch_gives_more_time(opened, town):
    page = opened(f"/kiosk/{OFFICE}?step=code&seconds=20&lang=en", role="kiosk", size=KIOSK)
    warning = page.locator("[data-warning]")
    expect(warning).to_contain_text("Are you still here?", timeout=10_000)
    check(page)
    page.keyboard.press("Shift")
    expect(warning).to_be_empty()
    expect(page.locator("h1")).to_have_text("Tjek ind her", timeout=30_000)
