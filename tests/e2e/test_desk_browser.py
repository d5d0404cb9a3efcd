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


def desk_page(opened, town, desk_of, **more) -> Any:
    return opened(f"/desk?office={OFFICE}&desk={desk_of(reason_of(town))}", role="desk", size=(1280, 800), **more)


def test_a_walk_in_is_written_down_noted_and_sent_on_by_keys_alone(opened, town, desk_of):
    page = desk_page(opened, town, desk_of)
    page.keyboard.press("b")
    expect(page.locator("#walk-reason")).to_be_focused()
    page.locator("#walk-reason").select_option(reason_of(town))
    check(page)
    page.locator("#walk-reason").press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("har fået et nummer")
    expect(page.locator("#queue .desk-row")).to_have_count(1)
    page.keyboard.press("n")
    expect(page.locator("#current-heading")).to_have_text("Kaldt ind")
    page.keyboard.press("t")
    expect(page.locator("#note-text")).to_be_focused()
    page.keyboard.type("nsf 20 12 34 56")  # letters that are keys elsewhere
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("Noten er ikke gemt")
    expect(page.locator("#note-text")).to_have_value("nsf 20 12 34 56")
    check(page)
    page.locator("#note-text").fill("mangler foto")
    page.keyboard.press("Enter")
    expect(page.locator("#current .desk-note")).to_have_text("mangler foto")
    page.keyboard.press("s")
    expect(page.locator("#current-heading")).to_have_text("Hos dig nu")
    page.keyboard.press("v")
    expect(page.locator("#target")).to_be_focused()
    check(page)
    page.keyboard.press("Escape")
    expect(page.locator("#open-forward")).not_to_have_attribute("open", "")
    page.keyboard.press("v")
    page.locator("#forward-note").press("Enter")
    expect(page.locator("#current-heading")).to_have_text("Din skranke er ledig")
    expect(page.locator("#notice")).to_contain_text("sendt videre")


def test_a_call_for_help_is_on_the_other_desks_within_seconds_and_answered_with_a_press(opened, town, desk_of):
    desk = desk_of(reason_of(town))
    mine = desk_page(opened, town, desk_of)
    [other] = [d for d in town.office(OFFICE).desks if d != desk][:1]
    colleague = opened(f"/desk?office={OFFICE}&desk={other}", role="desk", size=(1280, 800))
    mine.keyboard.press("Shift+!")
    expect(colleague.locator("#alarms")).to_contain_text(f"Skranke {desk} har brug for hjælp", timeout=8_000)
    assert colleague.title().startswith("!")
    check(colleague)
    colleague.get_by_role("button", name="Jeg kommer").click()
    expect(mine.locator("#alarms")).to_contain_text("er på vej", timeout=8_000)
    check(mine)


def test_an_outage_goes_up_and_down_and_citizens_read_it(opened, town, desk_of):
    page = desk_page(opened, town, desk_of)
    page.keyboard.press("o")
    page.get_by_label("På dansk").fill("MitID er nede. Pas virker som normalt.")
    page.get_by_label("På engelsk (skal med, når borgerne skal læse det)").fill("MitID is down.")
    check(page)
    page.get_by_role("button", name="Sæt op").click()
    expect(page.locator("#pinned")).to_contain_text("MitID er nede")
    citizen = opened("", role="desk", size=PHONE)
    expect(citizen.locator(".bp-notices")).to_contain_text("MitID er nede")
    check(citizen)
    page.get_by_role("button", name="Det virker igen").click()
    expect(page.locator("#pinned")).not_to_contain_text("MitID er nede")


def test_questions_at_the_door_are_counted_with_the_list_left_open(opened, town, desk_of):
    page = desk_page(opened, town, desk_of)
    page.keyboard.press("d")
    button = page.locator("#open-door button[value=door]").first
    name = button.inner_text()
    for count in (1, 2):
        button.click()
        expect(button).to_have_text(f"{name} · {count}")
    check(page)


@pytest.mark.parametrize("size", [(1280, 800), PHONE])
def test_the_days_list_and_the_check_in_points_can_be_read_by_everyone(opened, town, size):
    check(opened(f"/desk/day?office={OFFICE}", role="leader", size=size))
    page = opened("/desk/reception", role="leader", size=size)
    page.get_by_text("Ny gennemgang").first.click()
    check(page)
    page.get_by_label("Svær at se").first.check()
    page.get_by_role("button", name="Gem gennemgang").first.click()
    expect(page.get_by_role("status")).to_contain_text("Gennemgangen er gemt")
    check(page)


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
    page.get_by_label("Skriv din kode").fill("zzz zzz")
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
