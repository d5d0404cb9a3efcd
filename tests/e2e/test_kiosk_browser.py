"""The kiosk in Chromium: every screen with axe, scanner and camera, double presses, a network that goes and comes."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import KIOSK, PHONE, check
from tests.e2e.walk import OFFICE, M, Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from local.product import Product

pytestmark = pytest.mark.browser

DAY = "2026-11-25"
HERE = f"/fjordby/kiosk/{OFFICE}"
_NUMBERS = iter(range(20_120_000, 20_129_999))  # one number can only have so many appointments


@pytest.fixture(scope="module")
def walk(product: Product) -> Walk:
    walk = Walk(product.url)
    walk.set_clock(f"{DAY}T09:05:00+01:00")
    return walk


@pytest.fixture
def opened(browser: Browser, walk: Walk) -> Iterator[Callable[..., Page]]:
    """Gives the kiosk at a step, signed in."""
    contexts = []

    def open_page(query: str = "", *, size: dict[str, int] = KIOSK, before: str = "", **more: Any) -> Page:
        context = browser.new_context(viewport=size, locale="da-DK", **more)
        contexts.append(context)
        if before:
            context.add_init_script(before)
        page = context.new_page()
        page.goto(f"{walk.url}/local/sign-in?role=kiosk&municipality=fjordby&back={HERE}")
        if query:
            page.goto(f"{walk.url}{HERE}?{query}")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def desk(walk: Walk) -> dict[str, str]:
    return walk.as_role("desk")


def tickets(walk: Walk, desk: dict[str, str]) -> set[str]:
    queue = walk.get(f"{M}/offices/{OFFICE}/queue", **desk)
    return {visit["ticket"] for visit in queue["waiting"]}


def booked(walk: Walk, **more: Any) -> dict[str, str]:
    return walk.book(more.pop("phone", f"+45{next(_NUMBERS)}"), start=walk.free(DAY)[-1], **more)


def number(page: Page) -> str:
    return page.locator(".kiosk-number").inner_text()


# Every screen


@pytest.mark.parametrize("size", [KIOSK, PHONE], ids=["kiosk", "phone"])
@pytest.mark.parametrize(
    "query", ["", "step=code", "step=phone", "step=reason", "step=reason&reason=passport", "step=help"]
)
def test_every_screen_is_fine(opened, size, query):
    check(opened(query, size=size))


@pytest.mark.requirement("GL-63", "GL-65")
def test_from_the_entrance_one_sees_clock_free_time_and_how_to_check_in(opened):
    page = opened()
    expect(page.locator("h1")).to_have_text("Tjek ind her")
    expect(page.locator("#clock")).to_contain_text("kl. 9")
    expect(page.locator(".kiosk-free")).to_contain_text("Første ledige tid: i dag")
    for choice in page.locator(".kiosk-choice").all():
        assert choice.bounding_box()["height"] >= 250


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_ticket_takes_three_presses(opened, walk, desk, scripts):
    page = opened(java_script_enabled=scripts)
    page.get_by_role("link", name="Jeg har ingen tid").click()
    page.get_by_role("link", name="Pas", exact=True).click()
    page.get_by_role("button", name="Få mit nummer").click()
    expect(page.locator(".kiosk-number")).to_be_visible()
    assert number(page) in tickets(walk, desk)
    height = page.locator(".kiosk-number").evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    assert height >= 250
    if scripts:
        check(page)
        expect(page.get_by_role("button", name="Udskriv nummeret")).to_be_visible()


def test_two_reasons_in_one_visit(opened, walk, desk):
    page = opened("step=details&reason=passport")
    page.get_by_role("link", name="Tilføj et ærinde mere").click()
    expect(page.locator("h1")).to_have_text("Hvad kommer du ellers for?")
    page.get_by_role("link", name="MitID").click()
    expect(page.locator("h1")).to_have_text("Pas, MitID")
    check(page)
    page.get_by_role("button", name="Få mit nummer").click()
    mine = number(page)
    queue = walk.get(f"{M}/offices/{OFFICE}/queue", **desk)["waiting"]
    [visit] = [visit for visit in queue if visit["ticket"] == mine]
    assert visit["reasons"] == ["passport", "mitid"]


@pytest.mark.requirement("SK-02")
def test_the_question_stands_alone_and_its_number_is_asked_for_only_after_a_yes(opened):
    page = opened("step=details&reason=passport")
    field = page.get_by_label("Mobilnummer, hvis du sagde ja")
    expect(field).to_be_hidden()
    page.get_by_role("checkbox").check()
    expect(field).to_be_visible()
    page.get_by_role("button", name="Få mit nummer").click()
    expect(page.get_by_role("alert")).to_contain_text("Skriv et mobilnummer, eller fjern dit ja.")
    check(page)


# Checking in


def test_the_keys_on_the_screen_write_the_code(opened, walk):
    code = booked(walk)["code"]
    page = opened()
    page.get_by_role("link", name="Jeg har en tid").click()
    for sign in [*code[:2], "X"]:
        page.get_by_role("button", name=sign, exact=True).click()
    page.get_by_role("button", name="Slet et tegn").click()
    for sign in code[2:]:
        page.get_by_role("button", name=sign, exact=True).click()
    expect(page.get_by_label("Skriv din kode")).to_have_value(code)
    page.get_by_role("button", name="Tjek ind").click()
    expect(page.locator(".kiosk-ticket")).to_contain_text("Din tid er kl.")


@pytest.mark.parametrize("what", ["code", "manage_url"])
@pytest.mark.parametrize("query", ["", "step=code"], ids=["idle", "code"])
def test_a_scanner_types_the_code_or_the_link_and_enter(opened, walk, what, query):
    presented = booked(walk)[what]
    page = opened(query)
    page.keyboard.type(presented)
    page.keyboard.press("Enter")
    expect(page.locator(".kiosk-ticket")).to_contain_text("Din tid er kl.")


def test_a_link_that_leads_nowhere_is_not_shown_again(opened):
    page = opened("step=code")
    page.keyboard.type("https://tid.fjordby.dk/fjordby/appointments/4kT9xRb27LmQwZ")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Vi kan ikke finde den kode")
    expect(page.get_by_label("Skriv din kode")).to_have_value("")


CAMERA = """
window.BarcodeDetector = class { async detect() { return [{ rawValue: "%s" }]; } };
navigator.mediaDevices.getUserMedia = async () => document.createElement("canvas").captureStream();
HTMLMediaElement.prototype.play = async () => {};
"""


def test_a_camera_reads_the_code_where_the_browser_can(opened, walk):
    page = opened("step=code", before=CAMERA % booked(walk)["code"])
    check(page)
    page.get_by_role("button", name="Scan QR-koden med kameraet").click()
    expect(page.locator(".kiosk-ticket")).to_contain_text("Din tid er kl.")


def test_without_a_camera_none_is_offered(opened):
    expect(opened("step=code").locator("[data-camera]")).to_be_hidden()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_who_has_no_code_checks_in_by_digits_and_time(opened, walk, scripts):
    last = "4411" if scripts else "4422"
    start = booked(walk, phone=f"+452011{last}")
    clock = start["start"][11:16].replace(":", ".")
    page = opened("step=code", java_script_enabled=scripts)
    page.get_by_role("link", name="Jeg har ikke min kode").click()
    page.get_by_label("De sidste fire cifre").fill("9999")
    page.get_by_label("Hvornår er din tid?").fill(clock)
    page.get_by_role("button", name="Tjek ind").click()
    expect(page.get_by_role("alert")).to_contain_text("Vi kan ikke finde én tid i dag, der passer.")
    expect(page.get_by_label("De sidste fire cifre")).to_have_value("")
    if scripts:
        check(page)
    page.get_by_label("De sidste fire cifre").fill(last)
    page.get_by_role("button", name="Tjek ind").click()
    expect(page.locator(".kiosk-ticket")).to_contain_text("Din tid er kl.")


# Pressed twice, pressed by many, pressed while the network is gone


def test_two_presses_are_one_ticket(opened, walk, desk):
    before = tickets(walk, desk)
    page = opened("step=details&reason=passport")
    page.get_by_role("button", name="Få mit nummer").dblclick()
    expect(page.locator(".kiosk-number")).to_be_visible()
    assert len(tickets(walk, desk) - before) == 1


def test_the_same_form_from_many_at_once_is_one_ticket(walk, desk):
    before = tickets(walk, desk)
    opener = build_opener(HTTPCookieProcessor())
    opener.open(f"{walk.url}/local/sign-in?role=kiosk&municipality=fjordby&back={HERE}").read()
    page = opener.open(f"{walk.url}{HERE}?step=details&reason=passport").read().decode()
    fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))

    def send(_: int) -> str:
        request = Request(walk.url + HERE, urlencode(fields).encode(), {"Sec-Fetch-Site": "same-origin"})
        with opener.open(request, timeout=60) as answer:
            return str(answer.url)

    with ThreadPoolExecutor(8) as pool:
        places = list(pool.map(send, range(16)))
    assert len(set(places)) == 1
    assert len(tickets(walk, desk) - before) == 1


def test_what_was_pressed_without_a_network_is_sent_once_when_it_is_back(opened, walk, desk):
    before = tickets(walk, desk)
    page = opened("step=details&reason=passport")
    page.context.set_offline(True)
    page.get_by_role("button", name="Få mit nummer").click()
    said = page.get_by_role("alertdialog")
    expect(said).to_contain_text("bliver sendt én gang", timeout=15_000)
    check(page)
    page.wait_for_timeout(4000)
    assert tickets(walk, desk) == before
    page.context.set_offline(False)
    expect(page.locator(".kiosk-number")).to_be_visible(timeout=15_000)
    assert len(tickets(walk, desk) - before) == 1


def test_an_answer_that_was_lost_is_asked_for_again_and_is_the_same_ticket(opened, walk, desk):
    before = tickets(walk, desk)
    page = opened("step=details&reason=passport")
    lost = []

    def lose(route: Any) -> None:
        if route.request.method != "POST" or len(lost) >= 2:
            route.continue_()
            return
        route.fetch(max_redirects=0)  # the server has done it, and the kiosk never hears of it
        lost.append(route.request.post_data)
        route.abort()

    page.route(f"**{HERE}", lose)
    page.get_by_role("button", name="Få mit nummer").click()
    expect(page.locator(".kiosk-number")).to_be_visible(timeout=20_000)
    assert len(lost) == 2
    assert len(tickets(walk, desk) - before) == 1


def test_a_step_without_a_network_says_so_and_comes_by_itself(opened):
    page = opened()
    page.context.set_offline(True)
    page.get_by_role("link", name="Jeg har ingen tid").click()
    expect(page.get_by_role("alertdialog")).to_contain_text("Vi prøver igen af os selv", timeout=15_000)
    page.context.set_offline(False)
    expect(page.locator("h1")).to_have_text("Hvad kommer du for?", timeout=15_000)


# Patience


def test_it_warns_gives_more_time_and_starts_over_even_without_a_network(opened):
    page = opened("seconds=20")
    page.get_by_role("link", name="Hjælp").click()
    expect(page.locator("h1")).to_have_text("Hjælp")
    warning = page.locator(".kiosk-warning")
    expect(warning).to_be_visible(timeout=15_000)
    expect(warning.get_by_role("alert")).to_contain_text("Er du her endnu?")
    check(page)
    page.get_by_role("link", name="Giv mig mere tid").click()
    expect(warning).to_be_hidden()
    expect(page.locator("h1")).to_have_text("Hjælp")
    page.context.set_offline(True)
    expect(page.locator("h1")).to_have_text("Tjek ind her", timeout=30_000)


# Languages


@pytest.mark.requirement("GL-66")
def test_languages_are_words_and_the_next_citizen_starts_in_danish(opened):
    page = opened("step=details&reason=passport")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("button", name="Get my number")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "en"
    check(page)
    page.get_by_role("button", name="Get my number").click()
    page.get_by_role("link", name="Done").click()
    expect(page.locator("h1")).to_have_text("Tjek ind her")


@pytest.mark.parametrize("size", [KIOSK, PHONE], ids=["kiosk", "phone"])
@pytest.mark.requirement("GL-66")
def test_right_to_left_all_the_way_to_the_phone(opened, size):
    page = opened(size=size)
    page.get_by_role("link", name="العربية").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("link[href*='dkfds.rtl']")).to_have_count(1)
    check(page)
    for language in page.locator(".kiosk-languages a").all():
        assert language.bounding_box()["height"] < 130, "a language's name stands on one line"
    page.locator(".kiosk-choice").nth(1).click()
    page.locator(".kiosk-reasons .kiosk-choice").first.click()
    page.locator(".kiosk-go").click()
    expect(page.locator(".kiosk-number")).to_be_visible()
    check(page)
    page.goto("http://" + page.locator(".kiosk-follow [translate=no]").inner_text().strip())
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    check(page)


# A message when it is nearly one's turn


def test_who_asks_for_it_is_told_once(opened, walk, desk):
    for _ in range(4):
        walk.post(f"{M}/visits", {"office": OFFICE, "reasons": ["passport"]}, status=201, **desk)
    mine = "+4526110099"
    page = opened("step=details&reason=passport")
    page.get_by_role("button", name="Få mit nummer").click()
    page.get_by_label("Mobilnummer").fill("12")
    page.get_by_role("button", name="Send mig en sms").click()
    expect(page.get_by_role("alert")).to_contain_text("Tjek mobilnummeret.")
    check(page)
    page.get_by_label("Mobilnummer").fill(mine[3:])
    page.get_by_role("button", name="Send mig en sms").click()
    expect(page.get_by_role("status")).to_contain_text("Du får en sms, når det næsten er din tur.")
    check(page)
    ticket = number(page)
    assert walk.sms(mine) == []
    while walk.call("POST", f"{M}/offices/{OFFICE}/call-next", {"desk": "1"}, **desk).status == 200:
        pass
    walk.tick()
    [message] = walk.sms(mine)
    assert ticket in message["text"]
    assert "/fjordby/queue/" in message["text"]
