"""Takes the README's pictures from the running product with its demo history: `make pictures` (after `make run`).

python -m tests.e2e.pictures [URL]
"""

from __future__ import annotations

import re
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.browser import DESK, KIOSK, chromium
from tests.e2e.walk import OFFICE, M, Walk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"
PHONE = {"width": 390, "height": 844}
SCREEN = {"width": 1920, "height": 1080}
NUMBER = f"+45201{int(time.time()) % 100_000:05d}"
"""Another one each time: nobody is asked twice within the quarantine."""


def main() -> None:
    """Books, checks in, serves and answers on the way, so that every page shows what it is for."""
    walk = Walk(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
    FOLDER.mkdir(parents=True, exist_ok=True)
    day, start = _a_working_day(walk)
    with chromium() as browser:
        citizen = _page(browser, PHONE)
        _booking(citizen, walk, day)
        walk.set_clock(start)
        _queue(walk)
        _hall(browser, walk)
        _planning(browser, walk)
        _survey(citizen, walk)
        _reports(browser, walk)
        _comments(browser, walk)


def _a_working_day(walk: Walk) -> tuple[str, str]:
    """The first day from tomorrow on with free times in the morning, and the moment at which the desk is shown."""
    now = walk.get("/local/clock")["now"] if walk.call("GET", "/local/clock").status == 200 else "2026-11-23"
    first = date.fromisoformat(now[:10])
    path = f"{M}/offices/{OFFICE}/slots?reason=passport&from={first}&to={first + timedelta(days=14)}"
    starts = [slot["start"] for slot in walk.get(path)["slots"] if slot["start"][11:13] == "10"]
    return starts[0][:10], starts[0]


def _page(browser: Browser, size: dict[str, int]) -> Page:
    return browser.new_context(viewport=size, locale="da-DK", device_scale_factor=1).new_page()


def _shot(page: Page, name: str, *, whole: bool = False) -> None:
    page.screenshot(path=FOLDER / f"{name}.png", full_page=whole)


def _tall(page: Page, name: str) -> None:
    """The whole page in a window of its height: what sticks to the window's end is then at the page's."""
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({**PHONE, "height": height})
    _shot(page, name)
    page.set_viewport_size(PHONE)


def _booking(page: Page, walk: Walk, day: str) -> None:
    walk.set_clock(f"{day}T08:30:00+01:00")
    for name, path in (("reasons", "book"), ("visit", "book/passport?persons=3"), ("alternative", "book/licence")):
        page.goto(f"{walk.url}/fjordby/{path}")
        _shot(page, f"booking-{name}-phone")
    page.goto(f"{walk.url}/fjordby/book/passport/raadhuset?lang=ar")
    _shot(page, "booking-arabic-phone")
    page.goto(f"{walk.url}/fjordby/book/passport/raadhuset?lang=da")
    _shot(page, "booking-phone")
    page.locator(".bk-times button").nth(8).click()
    page.fill("#phone", NUMBER[3:])
    page.check("#survey_consent")
    _shot(page, "booking-hold-phone")
    _tall(page, "consent-phone")
    page.get_by_role("button", name="Videre").click()
    page.get_by_role("heading", name="Tjek dine svar").wait_for()
    _tall(page, "booking-check-phone")
    page.get_by_role("button", name="Bestil tiden").click()
    page.locator(".bp-code").wait_for()
    _shot(page, "receipt-phone", whole=True)


def _queue(walk: Walk) -> None:
    desk = walk.as_role("desk")
    for reasons in (["licence"], ["mitid"], ["passport"], ["health-card"]):
        body = {"office": OFFICE, "reasons": reasons, "language": "da"}
        walk.post(f"{M}/visits", body, status=201, **desk)
        walk.advance(3)
    called = walk.post(f"{M}/offices/{OFFICE}/call-next", {"desk": "1"}, **desk)
    walk.post(f"{M}/visits/{called['visit_id']}/start", **desk)
    walk.advance(4)


def _hall(browser: Browser, walk: Walk) -> None:
    desk = _page(browser, DESK)
    desk.goto(f"{walk.url}/local/sign-in?role=desk&municipality=fjordby&back=/fjordby/desk")
    desk.get_by_role("link", name=re.compile(r"^Skranke 1\b.*Rådhuset")).click()
    _shot(desk, "desk")
    kiosk = _page(browser, KIOSK)
    kiosk.goto(f"{walk.url}/local/sign-in?role=kiosk&municipality=fjordby&back=/fjordby/kiosk/raadhuset")
    _shot(kiosk, "kiosk")
    kiosk.goto(f"{walk.url}/fjordby/kiosk/raadhuset?step=code")
    _shot(kiosk, "kiosk-code")
    kiosk.goto(f"{walk.url}/fjordby/kiosk/raadhuset?step=details&reason=passport")
    kiosk.locator(".kiosk-go").click()
    kiosk.locator(".kiosk-number").wait_for()
    _shot(kiosk, "kiosk-ticket")
    phone = _page(browser, PHONE)
    phone.goto("http://" + kiosk.locator(".kiosk-follow [translate=no]").inner_text().strip())
    _shot(phone, "queue-phone")
    screen = _page(browser, SCREEN)
    screen.goto(f"{walk.url}/local/sign-in?role=display&municipality=fjordby&back=/fjordby/display/raadhuset")
    _shot(screen, "display")


def _planning(browser: Browser, walk: Walk) -> None:
    leader = _page(browser, DESK)
    leader.goto(f"{walk.url}/local/sign-in?role=leader&municipality=fjordby&back=/fjordby/desk/plan")
    for name, path in (("plan", "desk/plan"), ("close-day", "desk/hours"), ("setup", "setup")):
        leader.goto(f"{walk.url}/fjordby/{path}")
        _shot(leader, name)
    for name, path in (("book-for-citizen", "desk/book"), ("day", "desk/day"), ("interview", "interview")):
        desk = _page(browser, DESK)
        desk.goto(f"{walk.url}/local/sign-in?role=desk&municipality=fjordby&back=/fjordby/{path}")
        _shot(desk, name)


def _survey(page: Page, walk: Walk) -> None:
    desk = walk.as_role("desk")
    body = {
        "office": OFFICE,
        "reasons": ["passport"],
        "phone": NUMBER,
        "language": "da",
        "survey_consent": {"granted": True, "text_version": "2026-1"},
    }
    visit = walk.post(f"{M}/visits", body, status=201, **desk)
    for _ in range(8):
        called = walk.post(f"{M}/offices/{OFFICE}/call-next", {"desk": "2"}, **desk)
        for action in ("start", "complete"):
            walk.post(f"{M}/visits/{called['visit_id']}/{action}", **desk)
        if called["visit_id"] == visit["visit_id"]:
            break
    walk.tick()
    page.goto(f"{walk.url}/local/phone")
    _shot(page, "sms-phone")
    page.goto(f"{walk.url}/s/{walk.survey_token(NUMBER)}")
    page.get_by_role("link", name="Start", exact=True).click()
    _shot(page, "survey-phone")


def _comments(browser: Browser, walk: Walk) -> None:
    leader = _page(browser, {"width": 1280, "height": 1640})
    leader.goto(f"{walk.url}/local/sign-in?role=leader&municipality=fjordby&back=/fjordby/comments")
    for name in ("comments", "praise"):
        leader.goto(f"{walk.url}/fjordby/{name}?lang=da")
        _shot(leader, name)
    screen = _page(browser, SCREEN)
    screen.goto(f"{walk.url}/local/sign-in?role=display&municipality=fjordby&back=/fjordby/wall")
    _shot(screen, "wall")


def _reports(browser: Browser, walk: Walk) -> None:
    leader = _page(browser, {"width": 1280, "height": 1640})
    leader.goto(f"{walk.url}/local/sign-in?role=leader&municipality=fjordby&back=/fjordby/reports")
    _shot(leader, "report")
    for name in ("waiting", "bookings", "contacts", "trend", "response", "waves"):
        leader.goto(f"{walk.url}/fjordby/reports/{name}?lang=da")
        _shot(leader, f"report-{name}")
    leader.goto(f"{walk.url}/fjordby/actions?lang=da")
    _shot(leader, "actions")
    leader.locator(".ac-card h2 a").first.click()
    _shot(leader, "action")
    # The municipality whose large survey asks every channel, of departments with sub-departments.
    leader.goto(f"{walk.url}/local/sign-in?role=leader&municipality=lindeby&back=/lindeby/reports")
    for name in ("groups", "channels"):
        leader.goto(f"{walk.url}/lindeby/reports/{name}?lang=da")
        _shot(leader, f"report-{name}")
    leader.goto(f"{walk.url}/local/sign-in?role=leader&municipality=fjordby&back=/fjordby/reports")
    leader.goto(f"{walk.url}/fjordby/reports/print?lang=da")
    leader.emulate_media(media="print")
    leader.set_viewport_size({"width": 720, "height": 1018})
    _shot(leader, "report-print")


if __name__ == "__main__":
    main()
