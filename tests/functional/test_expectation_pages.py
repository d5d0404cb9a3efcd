"""Estimates of contacts over HTTP: who may do what, a form that keeps what was written, the alarm when more comes."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from chalice.test import Client

from chalicelib import bootstrap
from chalicelib.telemetry import metrics
from tests.builders import MONDAY, FixedClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chalicelib.municipalities.model import Municipality

FORM = {
    "kind": "letters",
    "title": "Brev om pas",
    "channel": "phone",
    "starts": "2026-11-30",
    "weeks": "2",
    "letters": "1.000",
    "per_hundred": "12,5",
    "capacity": "60",
    "minutes_each": "6",
    "limit_percent": "150",
    "owner": "Leder af kontaktcentret",
    "assumptions": "Som sidste år.",
    "reasons": ["passport"],
}


@pytest.fixture
def clock(embedded: object) -> Iterator[FixedClock]:
    moving, before = FixedClock(MONDAY), bootstrap.clock()
    bootstrap.use_clock(moving)
    yield moving
    bootstrap.use_clock(before)


class Browser:
    def __init__(self, client: Client, municipality: str, tokens: Callable[[str, str], str]) -> None:
        self._client, self.municipality, self._tokens = client, municipality, tokens

    def __call__(self, path: str = "", sent: Any = None, *, role: str = "leader", language: str = "da") -> Any:
        headers = {"Cookie": f"session={self._tokens(role, self.municipality)}; language={language}"}
        address = f"/{self.municipality}/expectations{path}"
        if sent is None:
            return self._client.http.get(address, headers=headers)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self._client.http.post(address, headers=headers, body=urlencode(sent, doseq=True).encode())

    def read(self, path: str = "", **more: Any) -> str:
        answer = self(path, **more)
        assert answer.status_code == 200, answer.body
        return " ".join(unescape(answer.body.decode()).split())


@pytest.fixture
def browser(tenant: Municipality, staff_token: Callable[[str, str], str], clock: FixedClock) -> Iterator[Browser]:
    import app

    with Client(app.app) as client:
        yield Browser(client, tenant.id, staff_token)


def created(browser: Browser, **changes: Any) -> str:
    """The path of a new estimate."""
    answer = browser("", {**FORM, **changes})
    assert answer.status_code == 303, answer.body
    found = re.search(r"/expectations(/\w+)\?", answer.headers["Location"])
    assert found
    return found[1]


@pytest.mark.requirement("BF-16")
@pytest.mark.requirement("BF-17")
def test_a_leader_plans_letters_and_sees_pace_owner_and_assumptions(browser: Browser) -> None:
    assert "Der er ingen skøn endnu." in browser.read()
    page = browser.read(created(browser))
    for said in (
        "Højst 77 breve om dagen i 13 arbejdsdage, de sidste onsdag den 16. december 2026.",
        "Leder af kontaktcentret",
        "Som sidste år.",
        "(60 minutter, 6 til hver)",
        "Så kommer der 120 henvendelser på 5 arbejdsdage: 2 ugers skøn på én gang",
        "Rapporterne viser ingen tal",
    ):
        assert said in page, said


@pytest.mark.requirement("BF-18")
@pytest.mark.requirement("BF-19")
def test_what_comes_is_counted_warned_of_and_corrects_the_next(browser: Browser, clock: FixedClock) -> None:
    path = created(browser)
    clock.advance(minutes=7 * 24 * 60)
    metrics.clear_metrics()
    version = re.search(r'name="version" value="(\d+)"', browser.read(path))
    assert version
    counted = browser(path, {"version": version[1], "week": "1", "contacts": "125"})
    assert counted.headers["Location"].split("?")[1].startswith("done=counted")
    page = browser.read(path)
    assert "125 henvendelser mod ventet 62 i de talte uger. Det er 200 % af skønnet, og grænsen er 150 %." in page
    assert "Der kommer flere end ventet" in browser.read()
    late = browser(path, {"version": version[1], "week": "1", "contacts": "1"})
    assert "done=refused" in late.headers["Location"]

    clock.advance(minutes=14 * 24 * 60)
    following = browser.read(created(browser, starts=str((clock.now() + timedelta(days=7)).date())))
    assert "der kom 2,0 gange så mange som ventet. Ét er for lidt" in following
    assert "Tidligere breve (1 udsendelse) gav 25,0 henvendelser for hver 100." in following
    assert "Højst 40 breve om dagen" in following


def test_a_wrong_form_comes_back_with_what_was_written(browser: Browser) -> None:
    answer = browser("", {**FORM, "title": "", "letters": "mange", "starts": "snart"})
    page = unescape(answer.body.decode())
    assert answer.status_code == 422
    assert "Skriv et antal breve fra 1 til 1.000.000." in page
    assert "Skriv en dato." in page
    assert 'value="12,5"' in page
    again = browser("", {**FORM, "title": "", "assumptions": "Ring 20 12 34 56"})
    assert again.status_code == 422
    assert {"title", "assumptions"} <= set(re.findall(r'id="(\w+)-error"', again.body.decode()))
    assert "Der er ingen skøn endnu." in browser.read()


def test_an_estimate_is_changed_or_withdrawn_until_it_begins(browser: Browser, clock: FixedClock) -> None:
    path = created(browser, id="01M83T4CM0Z6Z3R1GZC3Q7XT7D")
    assert created(browser, id="01M83T4CM0Z6Z3R1GZC3Q7XT7D", title="Sendt to gange") == path
    assert 'value="12,5"' in browser.read(f"{path}/edit")
    saved = browser(f"{path}/edit", {**FORM, "title": "Brev om kørekort", "version": "1"})
    assert "done=saved" in saved.headers["Location"]
    assert "Brev om kørekort" in browser.read(path)
    assert "done=refused" in browser(f"{path}/edit", {**FORM, "version": "1"}).headers["Location"]
    clock.advance(minutes=7 * 24 * 60)
    assert browser(f"{path}/edit").status_code == 303
    assert "done=refused" in browser(path, {"version": "2", "action": "withdraw"}).headers["Location"]
    coming = created(browser, starts="2027-01-04")
    assert "done=withdrawn" in browser(coming, {"version": "1", "action": "withdraw"}).headers["Location"]
    assert browser(coming).status_code == 404


def test_an_analyst_reads_in_english_and_writes_nothing(browser: Browser) -> None:
    path = created(browser, kind="service", per_week="30")
    page = browser.read(path, role="analyst", language="en")
    assert "52 weeks’ estimate at once" in page
    assert "Withdraw" not in page
    assert "Make an estimate" not in browser.read(role="analyst", language="en")
    assert browser("/new", role="analyst").status_code == 403
    assert browser("", FORM, role="analyst").status_code == 403
    assert browser("", role="desk").status_code == 403
    assert "30 a week for 52 weeks" in page
    assert "How many contacts a week?" in browser.read("/new?kind=campaign", language="en")
