"""Planning in Chromium: staff book for a citizen, a leader closes a day, the citizen is asked and says yes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import check
from tests.e2e.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from local.product import Product

pytestmark = pytest.mark.browser

SIZES = ((1280, 800), (360, 740))
TUESDAY = "2026-11-24"
NUMBER, PHONE = "20 12 34 61", "+4520123461"


@pytest.fixture(scope="module")
def walk(product: Product) -> Walk:
    walk = Walk(product.url)
    walk.set_clock("2026-11-23T10:00:00+01:00")
    return walk


@pytest.fixture
def opened(browser: Browser, product: Product) -> Iterator[Callable[..., Page]]:
    contexts = []

    def open_page(path: str, *, role: str, scripts: bool = True, **more: Any) -> Page:
        context = browser.new_context(
            viewport={"width": 1280, "height": 800}, java_script_enabled=scripts, locale="da-DK", **more
        )
        contexts.append(context)
        if role:
            token = product.keys.token(role, "fjordby")
            context.add_cookies([{"name": "session", "value": token, "url": product.url}])
        page = context.new_page()
        page.goto(path if path.startswith("http") else f"{product.url}/fjordby{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()


def seen(page: Page) -> None:
    """Held to every promise at both sizes."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        check(page)
    page.set_viewport_size({"width": 1280, "height": 800})


@pytest.mark.requirement("GL-67")
@pytest.mark.requirement("FR-16")
def test_a_closed_day_asks_the_citizen_whom_staff_have_booked(walk: Walk, opened: Callable[..., Page]) -> None:
    # Staff book on the phone, by keyboard, without scripts
    desk = opened(f"/desk/book?office=raadhuset&day={TUESDAY}", role="desk", scripts=False)
    desk.get_by_label("Pas", exact=True).check()
    desk.get_by_role("button", name="Vis ledige tider").press("Enter")
    desk.get_by_label("kl. 14.00").first.check()
    desk.get_by_label("Mobilnummer (frivilligt)").fill(NUMBER)
    desk.get_by_role("group", name="Borgeren svarede", exact=True).get_by_label("Jeg har ikke spurgt").check()
    desk.get_by_role("button", name="Bestil tiden").press("Enter")
    expect(desk.get_by_role("heading", name="Tiden er bestilt")).to_be_visible()
    code = desk.locator(".bp-code").inner_text()

    # A leader looks at the week and closes the day
    leader = opened("/desk/plan?office=raadhuset&week=2026-W48", role="leader")
    seen(leader)
    leader.get_by_role("link", name=re.compile("Luk eller ændr.* tirsdag")).click()
    seen(leader)
    expect(leader.get_by_text(code)).to_be_visible()
    leader.get_by_role("button", name="Ja, luk dagen").click()
    expect(leader.get_by_text("Spurgt, venter på svar")).to_be_visible()
    seen(leader)

    # The citizen reads the message and says yes
    walk.await_sms(PHONE)
    texts = [message["text"] for message in walk.sms(PHONE) if "/offer" in message["text"]]
    link = re.search(r"https?://\S+", texts[-1])
    assert link
    citizen = opened(link[0], role="")
    expect(citizen.get_by_text("Vi holder tiden til dig til")).to_be_visible()
    seen(citizen)
    citizen.get_by_role("button", name="Tag tiden").click()
    expect(citizen.get_by_role("heading", name="Din tid er flyttet")).to_be_visible()

    # Nobody is left on the list; why a time can't be booked is explained; the day is opened again
    leader.reload()
    expect(leader.get_by_text("Alle tider kan holdes")).to_be_visible()
    why = opened(f"/desk/why?office=raadhuset&reason=passport&day={TUESDAY}&time=10:00", role="desk")
    expect(why.get_by_text("Der er lukket for ærindet den dag.").first).to_be_visible()
    seen(why)
    leader.goto(leader.url.split("/desk/")[0] + "/desk/plan?office=raadhuset&week=2026-W48")
    leader.get_by_role("button", name=re.compile("Fortryd")).click()
    expect(leader.get_by_text("Dagen har sin gamle åbningstid igen.")).to_be_visible()


def test_the_booking_page_says_what_is_wrong_and_loses_nothing(walk: Walk, opened: Callable[..., Page]) -> None:
    page = opened("/desk/book?office=raadhuset&reason=licence", role="desk")
    seen(page)
    page.get_by_label("Mobilnummer (frivilligt)").fill("12")
    page.get_by_label("Navn (frivilligt)").fill("Mette")
    page.get_by_role("group", name="Borgeren svarede", exact=True).get_by_label("Ja tak").check()
    page.get_by_role("button", name="Bestil tiden").click()
    expect(page.get_by_role("alert")).to_contain_text("Tjek mobilnummeret")
    seen(page)
    expect(page.get_by_label("Navn (frivilligt)")).to_have_value("Mette")
    page.get_by_label("Mobilnummer (frivilligt)").fill("20 12 34 62")
    page.get_by_role("button", name="Bestil tiden").click()
    expect(page.get_by_role("heading", name="Tiden er bestilt")).to_be_visible()
    seen(page)


def test_the_set_up_is_shown_to_leaders(walk: Walk, opened: Callable[..., Page]) -> None:
    page = opened("/setup?week=2026-W48", role="leader")
    seen(page)
    expect(page.get_by_role("heading", name="Rådhuset")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("Skranke 1, 2, 3, 4")).first).to_contain_text("9.00–17.30")
    assert opened("/setup", role="desk").get_by_role("heading", name="Du har ikke adgang").is_visible()


@pytest.mark.requirement("BF-16")
def test_a_leader_estimates_what_letters_bring_without_scripts(walk: Walk, opened: Callable[..., Page]) -> None:
    page = opened("/expectations", role="leader", scripts=False)
    page.get_by_role("link", name="Breve").click()
    page.get_by_label("Hvad handler det om?").fill("Brev om pas")
    page.get_by_label("Første dag").fill("2027-03-22")  # the week before Easter
    page.get_by_label("Hvor mange breve?").fill("900")
    page.get_by_label("Hvor mange henvender sig for hver 100 breve?").fill("12,5")
    page.get_by_label("Hvor meget er der plads til om dagen?").fill("20")
    page.get_by_label("Hvem står for skønnet?").fill("Leder af kontaktcentret")
    page.get_by_role("button", name="Gem skønnet").press("Enter")
    expect(page.get_by_role("link", name="Skriv, hvad skønnet bygger på.")).to_be_visible()
    page.get_by_label("Hvad bygger skønnet på?").fill("Som sidste år.")
    page.get_by_role("button", name="Gem skønnet").press("Enter")
    expect(page.get_by_text("Højst 150 breve om dagen i 6 arbejdsdage")).to_be_visible()
    expect(page.get_by_text("de sidste torsdag den 1. april 2027")).to_be_visible()
    with_scripts = opened(page.url, role="leader")
    seen(with_scripts)
    for path in ("/expectations", "/expectations/new?kind=service"):
        with_scripts.goto(page.url.split("/expectations")[0] + path)
        seen(with_scripts)
