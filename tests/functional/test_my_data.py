"""A citizen sees and deletes what is held, with a number and a code, and strangers learn nothing (I8, I9)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
from typer.testing import CliRunner

from cli.main import app
from tests.e2e.walk import Walk

if TYPE_CHECKING:
    from local.product import Product

PHONE, OTHER, STRANGER = "+4520331101", "+4520331102", "+4520331199"
PAGE = "/fjordby/my-data"


class NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


@dataclass
class Browser:
    """Keeps its cookies, follows nothing by itself."""

    url: str
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def __call__(self, path: str, **fields: str) -> tuple[int, str]:
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = urlencode(fields).encode() if fields else None
        request = Request(f"{self.url}{path}", data=body, headers=sent)
        try:
            answer = build_opener(NoRedirect).open(request, timeout=30)
        except HTTPError as error:
            answer = error
        with answer:
            for cookie in answer.headers.get_all("Set-Cookie") or []:
                name, _, rest = cookie.partition("=")
                self.cookies[name] = rest.partition(";")[0]
                self.headers[name] = rest
            return answer.status, answer.read().decode()


@pytest.fixture
def walk(product: Product) -> Walk:
    return Walk(product.url)


@pytest.fixture
def browser(product: Product) -> Browser:
    return Browser(product.url, {"language": "da"})


def ask(browser: Browser, number: str) -> str:
    status, page = browser(PAGE, phone=number)
    assert status == 200, page
    return re.findall(r'name="challenge" value="(\w+)"', page)[0]


def code_for(walk: Walk, number: str) -> str:
    walk.tick()
    return re.findall(r"\b\d{6}\b", walk.sms(number)[-1]["text"])[0]


def enter(walk: Walk, browser: Browser, number: str) -> None:
    challenge = ask(browser, number.removeprefix("+45"))
    assert browser(f"{PAGE}/code", challenge=challenge, code=code_for(walk, number)) == (303, "")


def test_seeing_and_deleting_ones_own_data(walk: Walk, browser: Browser) -> None:
    walk.set_clock("2026-11-25T09:00:00+01:00")
    starts = walk.free("2026-11-25")
    first, second = walk.book(PHONE, start=starts[3]), walk.book(PHONE, start=walk.free("2026-12-03")[0])
    other = walk.book(OTHER, start=starts[4])
    walk.set_clock(starts[3])
    walk.serve(first["code"], wait=1, service=3)
    walk.tick()
    walk.answer(walk.survey_token(PHONE))

    enter(walk, browser, PHONE)
    assert {"HttpOnly", "SameSite=Strict"} <= set(browser.headers["my-data"].split("; "))
    assert PHONE[3:] not in browser.headers["my-data"]
    status, page = browser(PAGE)
    assert status == 200
    for held in ("onsdag den 25. november 2026, Rådhuset", "torsdag den 3. december 2026", "Dit svar på spørgeskemaet"):
        assert held in page
    assert page.count("Du sagde ja til at blive spurgt") == 2
    assert first["code"] not in page
    assert other["id"] not in page

    assert browser(f"{PAGE}/delete", contact=other["id"], sure="yes")[0] == 404
    asked = browser(f"{PAGE}/delete", contact=second["id"])[1]
    assert "bliver aflyst" in asked
    assert "25. november" not in asked
    assert browser(f"{PAGE}/delete", contact=second["id"], sure="yes")[0] == 303
    assert "Er ved at blive slettet" in browser(PAGE)[1]
    walk.advance(1)
    walk.tick()
    page = browser(PAGE)[1]
    assert "3. december" not in page
    assert "25. november" in page
    assert walk.call("GET", f"/api/v1/appointments/{second['manage_url'].rsplit('/', 1)[1]}").status == 404

    browser(f"{PAGE}/delete", sure="yes")
    walk.advance(1)
    walk.tick()
    assert "Vi har ingen aftaler, besøg eller svar under nummeret." in browser(PAGE)[1]
    assert walk.call("GET", f"/api/v1/appointments/{other['manage_url'].rsplit('/', 1)[1]}").status == 200

    browser(f"{PAGE}/close", sure="yes")
    assert "Få en kode" in browser(PAGE)[1]


def test_a_stranger_learns_nothing_about_a_number(walk: Walk, browser: Browser) -> None:
    walk.set_clock("2026-11-26T09:00:00+01:00")
    walk.book(OTHER, start=walk.free("2026-11-26")[6])
    walk.tick()
    before = len(walk.sms(OTHER))
    pages = []
    for number in (OTHER, STRANGER):
        status, page = browser(PAGE, phone=number)
        pages.append((status, re.sub(r'value="\w+"', "", page)))
    assert pages[0] == pages[1]
    walk.tick()
    assert len(walk.sms(OTHER)) == before + 1
    assert walk.sms(STRANGER) == []
    # Nor does the number stand in anything that the browser keeps or sends in an address.
    assert not any(OTHER[3:] in value for value in browser.cookies.values())


def test_a_code_is_tried_five_times_and_works_once_and_for_ten_minutes(walk: Walk, browser: Browser) -> None:
    walk.set_clock("2026-11-27T09:00:00+01:00")
    walk.book(OTHER, start=walk.free("2026-11-27")[6])
    challenge = ask(browser, OTHER)
    code = code_for(walk, OTHER)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(5):
        status, page = browser(f"{PAGE}/code", challenge=challenge, code=wrong)
        assert (status, "Koden er forkert" in page) == (422, True)
    assert "Bed om en ny" in browser(f"{PAGE}/code", challenge=challenge, code=code)[1]

    challenge = ask(browser, OTHER)
    code = code_for(walk, OTHER)
    assert browser(f"{PAGE}/code", challenge=challenge, code=f"{code[:3]} {code[3:]}")[0] == 303
    assert browser(f"{PAGE}/code", challenge=challenge, code=code)[0] == 422
    walk.advance(21)
    assert "Få en kode" in browser(PAGE)[1]

    challenge = ask(browser, OTHER)
    code = code_for(walk, OTHER)
    walk.advance(11)
    assert browser(f"{PAGE}/code", challenge=challenge, code=code)[0] == 422
    status, page = browser(PAGE, phone=OTHER)
    assert (status, "Vent en time" in page) == (429, True)


def test_a_wrong_number_is_said_and_another_municipality_knows_nothing(walk: Walk, browser: Browser) -> None:
    walk.set_clock("2026-11-30T09:00:00+01:00")
    assert browser(PAGE, phone="12")[0] == 422
    enter_there = Browser(walk.url, dict(browser.cookies))
    walk.book(PHONE, start=walk.free("2026-11-30")[6])
    enter(walk, browser, PHONE)
    enter_there.cookies |= browser.cookies
    assert "Få en kode" in enter_there("/sandholm/my-data")[1]
    assert browser("/nowhere/my-data")[0] == 404


def test_the_operator_finds_all_contacts_of_a_number(walk: Walk) -> None:
    walk.set_clock("2026-12-01T09:00:00+01:00")
    number = "+4520331177"
    booked = [walk.book(number, start=walk.free("2026-12-01")[6])["id"] for _ in range(2)]
    by_phone = ["--municipality", "fjordby", "--phone", "20 33 11 77"]
    exported = CliRunner().invoke(app, ["export-subject", *by_phone], catch_exceptions=False)
    assert all(each in exported.output for each in booked)
    erased = CliRunner().invoke(app, ["erase", *by_phone], catch_exceptions=False)
    assert (erased.exit_code, erased.output.count("erased one contact")) == (0, 2)
    assert "20331177" not in erased.output
    again = CliRunner().invoke(app, ["erase", *by_phone], catch_exceptions=False)
    assert "nothing is held" in again.output
