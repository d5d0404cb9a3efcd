"""The waiting room's screen, a place in the queue on a phone, and finding an appointment, in Chromium, axe on each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from chalicelib import bootstrap
from chalicelib.visits.notices import Level, NewNotice, NoticeKind
from tests.e2e.browser import DESK, KIOSK, PHONE, check
from tests.e2e.walk import OFFICE, M, Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from local.product import Product

pytestmark = pytest.mark.browser

DAY = "2026-11-25"
SCREEN = {"width": 1920, "height": 1080}
NUMBER = "20 11 99 88"
# 1.21 m wide (55 inches) and 1920 pixels: letters 5 cm high, read from ten metres, are 79 pixels, a font of about 110.
LEGIBLE = 110


@pytest.fixture(scope="module")
def walk(product: Product) -> Walk:
    walk = Walk(product.url)
    walk.set_clock(f"{DAY}T09:05:00+01:00")
    return walk


@pytest.fixture
def hall(walk: Walk) -> Iterator[Hall]:
    walk.advance(5)  # so that the calls of one test are all newer than those of the tests before
    room = Hall(walk)
    yield room
    room.send_all_home()


class Hall:
    """A waiting room and its desks, by the API."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.desk = walk.as_role("desk")
        self.mine: list[str] = []

    def arrive(self) -> str:
        body = {"office": OFFICE, "reasons": ["passport"]}
        visit = self.walk.post(f"{M}/visits", body, status=201, **self.desk)
        return str(visit["ticket"])

    def call(self, desk: str = "1") -> str:
        visit = self.walk.post(f"{M}/offices/{OFFICE}/call-next", {"desk": desk}, **self.desk)
        self.mine.append(visit["visit_id"])
        return str(visit["ticket"])

    def do(self, action: str) -> None:
        """To the visit that was called last."""
        self.walk.post(f"{M}/visits/{self.mine[-1]}/{action}", **self.desk)

    def send_all_home(self) -> None:
        while True:
            called = self.walk.call("POST", f"{M}/offices/{OFFICE}/call-next", {"desk": "1"}, **self.desk)
            if called.status != 200:
                break
            self.mine.append(called.body["visit_id"])
        for visit in self.mine:
            self.walk.call("POST", f"{M}/visits/{visit}/no-show", {}, **self.desk)


@pytest.fixture
def opened(browser: Browser, hall: Hall) -> Iterator[Callable[..., Page]]:
    """Gives a page at a path, signed in when a role is named."""
    contexts = []

    def open_page(path: str, *, role: str = "", size: dict[str, int] = PHONE, scripts: bool = True) -> Page:
        context = browser.new_context(viewport=size, locale="da-DK", java_script_enabled=scripts)
        contexts.append(context)
        page = context.new_page()
        sign_in = f"/local/sign-in?role={role}&municipality=fjordby&back={path}" if role else path
        page.goto(hall.walk.url + sign_in)
        return page

    yield open_page
    for context in contexts:
        context.close()


def screen_of(opened: Callable[..., Page], **more: object) -> Page:
    return opened(f"/fjordby/display/{OFFICE}", role="display", **{"size": SCREEN, **more})


def font_size(page: Page, selector: str) -> float:
    script = "element => parseFloat(getComputedStyle(element).fontSize)"
    return float(page.locator(selector).first.evaluate(script))


# The screen


@pytest.mark.parametrize("size", [SCREEN, DESK, KIOSK, PHONE])
def test_the_screen_is_fine_empty_and_full(opened, hall, size):
    page = screen_of(opened, size=size)
    check(page)
    for _ in range(4):
        hall.arrive()
    for desk in ("1", "2", "3"):
        hall.call(desk)
    page.reload()
    check(page)
    assert page.locator(".display-calls li").count() == 3
    foot = page.locator(".display-foot").bounding_box()
    assert foot["y"] >= page.locator(".display-calling").bounding_box()["y"]


def test_numbers_can_be_read_from_ten_metres_and_all_fit(opened, hall):
    for _ in range(9):
        hall.arrive()
    for _ in range(5):
        hall.call()
        hall.do("start")
    for desk in ("1", "2", "3"):
        hall.call(desk)
    page = screen_of(opened)
    for selector in (".display-ticket", ".display-desk strong", ".display-latest tbody th", ".display-latest td"):
        assert font_size(page, selector) >= LEGIBLE, selector
    last = page.locator(".display-latest tbody tr").last.bounding_box()
    foot = page.locator(".display-foot").bounding_box()
    assert last["y"] + last["height"] <= foot["y"]
    assert foot["y"] + foot["height"] <= SCREEN["height"]
    assert inside(page, ".display-calling", ".display-desk strong")


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("desk", ["12", "Pas og kørekort"])
def test_desks_with_two_digits_or_a_name_fit_too(opened, hall, count, desk):
    for _ in range(count):
        hall.arrive()
    for number in range(count):
        hall.call(str(number + 1))
    page = screen_of(opened)
    page.route("**/calls?*", lambda route: route.abort())  # what is written below stays
    page.evaluate(
        """desk => document.querySelectorAll('.display-desk strong').forEach(element => {
            element.textContent = desk;
            element.className = desk.length > 2 ? 'display-long' : '';
        })""",
        desk,
    )
    assert page.locator(".display-desk strong").count() == count
    assert inside(page, ".display-calling", ".display-desk strong")
    assert inside(page, ".display-calling", ".display-ticket")


def inside(page: Page, outer: str, inner: str) -> bool:
    """True if every `inner` lies within `outer`."""
    frame = page.locator(outer).bounding_box()
    boxes = [element.bounding_box() for element in page.locator(inner).all()]
    right, bottom = frame["x"] + frame["width"], frame["y"] + frame["height"]
    return all(box["x"] + box["width"] <= right and box["y"] + box["height"] <= bottom for box in boxes)


def test_a_new_call_is_said_once_and_sounds_when_the_sound_is_on(opened, hall):
    waiting = hall.arrive()
    page = screen_of(opened)
    expect(page.locator("#say-now")).to_be_empty()
    button = page.get_by_role("button", name="Slå lyd til")
    button.click()
    expect(page.get_by_role("button", name="Slå lyden fra")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-chimes", "1")  # a sound to try it
    assert hall.call("2") == waiting
    say = page.locator("#say-now")
    expect(say).to_have_text(f"Nummer {waiting}, skranke 2. Number {waiting}, desk 2.", timeout=15_000)
    expect(page.locator("html")).to_have_attribute("data-chimes", "2")
    assert say.get_attribute("aria-live") == "polite"
    page.wait_for_timeout(4000)
    expect(page.locator("html")).to_have_attribute("data-chimes", "2")  # the same call is no news
    hall.do("recall")
    expect(page.locator("html")).to_have_attribute("data-chimes", "3", timeout=15_000)


def test_it_says_when_the_network_is_gone_and_comes_back_by_itself(opened, hall):
    page = screen_of(opened)
    page.context.set_offline(True)
    expect(page.locator("#lost")).to_contain_text("Ingen forbindelse", timeout=15_000)
    expect(page.locator("#lost")).to_contain_text(re.compile(r"Opdateret \d+\.\d\d\..*Updated \d+\.\d\d\.", re.DOTALL))
    check(page)
    ticket = hall.arrive()
    hall.call("3")
    page.context.set_offline(False)
    expect(page.locator(".display-calls")).to_contain_text(ticket, timeout=15_000)
    expect(page.locator("#lost")).to_be_hidden()


@pytest.mark.requirement("BF-14")
@pytest.mark.parametrize("size", [SCREEN, PHONE])
def test_an_outage_is_said_in_both_languages_and_the_numbers_stay_legible(opened, hall, size):
    for _ in range(8):
        hall.arrive()
    for _ in range(5):
        hall.call()
        hall.do("start")
    for desk in ("1", "2", "3"):
        hall.call(desk)
    text = {"da": f"MitID er nede. {'Det varer lidt. ' * 6}", "en": f"MitID is down. {'It takes a while. ' * 6}"}
    fjordby = bootstrap.municipalities().get("fjordby")
    notice = bootstrap.notices().post(fjordby, NewNotice(NoticeKind.OUTAGE, Level.WARNING, text))
    try:
        page = screen_of(opened, size=size)
        expect(page.locator(".display-outage")).to_contain_text("MitID er nede.")
        expect(page.locator(".display-outage [lang=en]")).to_contain_text("MitID is down.")
        check(page)
        if size == SCREEN:
            rows = page.locator(".display-latest tbody tr:visible")
            assert rows.count() == 4
            last, band = rows.last.bounding_box(), page.locator(".display-outage").bounding_box()
            assert last["y"] + last["height"] <= band["y"]
            assert font_size(page, ".display-latest tbody th") >= LEGIBLE
            assert inside(page, ".display-calling", ".display-ticket")
    finally:
        bootstrap.notices().end(fjordby, notice.id)


def test_with_reduced_motion_a_new_call_is_framed_and_does_not_blink(opened, hall):
    page = screen_of(opened)
    page.emulate_media(reduced_motion="reduce")
    hall.arrive()
    hall.call("2")
    new = page.locator(".display-calls .is-new")
    expect(new).to_be_visible(timeout=15_000)
    style = "element => [getComputedStyle(element).animationName, getComputedStyle(element).outlineStyle]"
    assert new.evaluate(style) == ["none", "solid"]


def test_the_screen_works_without_javascript(opened, hall):
    ticket = hall.arrive()
    hall.call("2")
    page = screen_of(opened, scripts=False)
    expect(page.locator(".display-calls")).to_contain_text(ticket)
    expect(page.locator("#sound")).to_be_hidden()


# One's own place


def follow(opened: Callable[..., Page], hall: Hall) -> tuple[Page, str]:
    """Takes a number at the kiosk and opens on a phone what the kiosk shows."""
    kiosk = opened(f"/fjordby/kiosk/{OFFICE}", role="kiosk", size=KIOSK)
    kiosk.goto(f"{hall.walk.url}/fjordby/kiosk/{OFFICE}?step=details&reason=passport")
    kiosk.get_by_role("button", name="Få mit nummer").click()
    check(kiosk)
    address = kiosk.locator(".kiosk-follow [translate=no]").inner_text().strip()
    return opened("/" + address.partition("/")[2]), kiosk.locator(".kiosk-number").inner_text()


def test_a_phone_follows_from_the_ticket_to_the_thanks(opened, hall):
    hall.arrive()
    phone, ticket = follow(opened, hall)
    check(phone)
    expect(phone.locator(".follow-number")).to_have_text(ticket)
    expect(phone.locator("#live")).to_contain_text("Der er 1 foran dig.")
    hall.call("2")
    expect(phone.locator("#say")).to_have_text("Du er den næste.", timeout=20_000)
    assert hall.call("3") == ticket
    expect(phone.locator("h1")).to_have_text("Gå til skranke 3", timeout=20_000)
    expect(phone.locator("#say-now")).to_have_text("Det er din tur. Gå til skranke 3.")
    assert phone.title().startswith("Gå til skranke 3")
    check(phone)
    hall.do("start")
    hall.do("complete")
    expect(phone.locator("h1")).to_have_text("Tak for besøget", timeout=20_000)
    expect(phone.locator("#sound-box")).to_be_hidden()
    check(phone)


def test_a_number_half_typed_stays_while_the_queue_moves(opened, hall):
    for _ in range(5):
        hall.arrive()
    phone, _ = follow(opened, hall)
    expect(phone.locator("[data-nearly-for=none]")).to_be_visible()
    check(phone)
    phone.get_by_label("Mobilnummer").fill("2011")
    hall.call("2")
    expect(phone.locator("#live")).to_contain_text("Der er 4 foran dig.", timeout=30_000)
    expect(phone.get_by_label("Mobilnummer")).to_have_value("2011")
    for desk in ("1", "3"):
        hall.call(desk)
    expect(phone.locator("[data-nearly-for=none]")).to_be_hidden(timeout=30_000)  # the turn is near already


def test_a_phone_without_a_network_says_that_the_place_is_safe(opened, hall):
    phone, _ = follow(opened, hall)
    phone.context.set_offline(True)
    expect(phone.locator("#lost")).to_contain_text("Din plads er sikker", timeout=20_000)
    check(phone)
    phone.context.set_offline(False)
    expect(phone.locator("#lost")).to_be_hidden(timeout=20_000)


# Finding


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_an_appointment_is_found_again_from_the_start_page(opened, hall, scripts):
    start = hall.walk.free(DAY)[-1 if scripts else -2]
    booked = hall.walk.book("+45" + NUMBER.replace(" ", ""), start=start)
    page = opened("/fjordby", scripts=scripts)
    page.get_by_role("link", name="Find min tid").click()
    page.get_by_label("Din bookingkode").fill("zzz zzz")
    page.get_by_label("Mobilnummer").fill(NUMBER)
    page.get_by_role("button", name="Find min tid").click()
    expect(page.get_by_role("alert")).to_contain_text("Vi kan ikke finde en tid med de oplysninger")
    if scripts:
        check(page)
    page.get_by_label("Din bookingkode").fill(booked["code"].lower())
    page.keyboard.press("Enter")
    expect(page.locator(".bp-code")).to_have_text(booked["code"])
    assert page.url == booked["manage_url"]
