"""Planning pages over HTTP: who may do what, other hours by form, the spreadsheet, booking with honest consent."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from chalice.test import Client

from chalicelib import bootstrap
from chalicelib.adapters.tables import ConsentItem, bound
from tests.builders import MONDAY, FixedClock, a_municipality_document
from tests.embedded import store_municipality

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chalicelib.municipalities.model import Municipality

TUESDAY = "2026-11-24"


@pytest.fixture
def clock(embedded: object) -> Iterator[FixedClock]:
    moving, before = FixedClock(MONDAY), bootstrap.clock()
    bootstrap.use_clock(moving)
    yield moving
    bootstrap.use_clock(before)


class Browser:
    def __init__(self, client: Client, municipality: str, tokens: Callable[[str, str], str]) -> None:
        self._client, self.municipality, self._tokens = client, municipality, tokens
        self.role, self.language = "leader", "da"

    def _headers(self) -> dict[str, str]:
        return {"Cookie": f"session={self._tokens(self.role, self.municipality)}; language={self.language}"}

    def get(self, path: str) -> Any:
        return self._client.http.get(f"/{self.municipality}/desk/{path}", headers=self._headers())

    def read(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, answer.body
        return unescape(answer.body.decode())

    def post(self, path: str, fields: Any) -> Any:
        headers = {**self._headers(), "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(fields, doseq=True).encode()
        return self._client.http.post(f"/{self.municipality}/desk/{path}", headers=headers, body=body)


@pytest.fixture
def browser(tenant: Municipality, staff_token: Callable[[str, str], str], clock: FixedClock) -> Iterator[Browser]:
    import app

    with Client(app.app) as client:
        yield Browser(client, tenant.id, staff_token)


def booked(browser: Browser, **changes: str) -> Any:
    page = browser.read(f"book?office=raadhuset&reason=passport&day={TUESDAY}")
    fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    start = re.search(r'name="start" value="([^"]+)"', page)
    assert start
    sent = {**fields, "reason": "passport", "start": start[1], "language": "da", "origin": "phone", **changes}
    return browser.post("book", sent)


def code_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.body
    found = re.search(r'class="bp-code"[^>]*>(\w+)<', answer.body.decode())
    assert found
    return found[1]


def test_the_desk_looks_and_books_but_does_not_change_hours(browser: Browser) -> None:
    browser.role = "desk"
    for path in ("plan", "why", "affected", "book", "plan.csv"):
        assert browser.get(path).status_code == 200, path
    assert "Luk eller ændr" not in browser.read("plan")
    assert browser.get(f"hours?day={TUESDAY}").status_code == 403
    assert browser.post("hours", {"office": "raadhuset", "day": TUESDAY}).status_code == 403
    assert browser.post("affected", {"office": "raadhuset", "from": TUESDAY, "to": TUESDAY}).status_code == 403
    browser.role = "analyst"
    for path in ("plan", "why", "affected", "book", "plan.csv", "hours"):
        assert browser.get(path).status_code == 403, path


def test_other_hours_are_shown_before_they_hold(browser: Browser) -> None:
    code = code_of(booked(browser))
    asked = {"office": "raadhuset", "day": TUESDAY, "kind": "hours", "opens": "12:00", "closes": "15:00", "desks": "2"}
    page = browser.read(f"hours?{urlencode(asked)}")
    assert code in page
    assert "12.00–15.00" in page
    answer = browser.post("hours", {**asked, "note_da": "Personalemøde"})
    assert answer.status_code == 303
    assert "/desk/affected?" in answer.headers["Location"]
    assert "Ingen kontaktoplysninger" in browser.read(f"affected?office=raadhuset&from={TUESDAY}&to={TUESDAY}")
    plan = browser.read("plan?office=raadhuset&week=2026-W48")
    assert "Personalemøde" in plan
    assert "12.00–15.00" in plan


def test_desks_are_closed_while_the_others_stay_open(staff_token: Callable[[str, str], str], clock: FixedClock) -> None:
    document = a_municipality_document(id="by-to-grupper")
    (office,) = document["offices"]
    (group,) = office["desk_groups"]
    moving = {**group, "id": "moving", "desks": ["3"], "reasons": ["licence"]}
    office["desk_groups"] = [{**group, "reasons": ["passport"]}, moving]
    municipality = store_municipality(document)
    import app

    with Client(app.app) as client:
        browser = Browser(client, municipality.id, staff_token)
        closing = {"office": "raadhuset", "day": TUESDAY, "group": "moving"}
        page = browser.read(f"hours?{urlencode(closing)}")
        assert "Skal skrankerne lukkes?" in page
        assert "Skranke 3: Lukket" in page
        assert browser.post("hours", closing).status_code == 303
        assert "Skranke 3: Lukket" in browser.read("plan?office=raadhuset&week=2026-W48")
    after, day = bootstrap.municipalities().get(municipality.id), date.fromisoformat(TUESDAY)
    free = [bootstrap.booking().slots(after, "raadhuset", (reason,), day, day) for reason in ("passport", "licence")]
    assert [bool(slots) for slots in free] == [True, False]


def test_wrong_hours_are_said_and_nothing_is_changed(browser: Browser) -> None:
    answer = browser.post(
        "hours", {"office": "raadhuset", "day": TUESDAY, "kind": "hours", "opens": "15:00", "closes": "12:00"}
    )
    assert answer.status_code == 422
    assert "Tjek dag, klokkeslæt og antal skranker." in unescape(answer.body.decode())
    assert bootstrap.day_planning().exceptions(browser.municipality, "raadhuset") == []


def test_what_the_citizen_says_on_the_phone_is_entered(browser: Browser) -> None:
    codes = [code_of(booked(browser)) for _ in range(2)]
    browser.post("hours", {"office": "raadhuset", "day": TUESDAY})
    days = {"office": "raadhuset", "from": TUESDAY, "to": TUESDAY}
    found = [bootstrap.booking().find_by_code(browser.municipality, code) for code in codes]
    for appointment, action, done in zip(found, ("move", "cancel"), ("moved", "cancelled"), strict=True):
        answer = browser.post("affected", {**days, "appointment": appointment.id, "action": action})
        assert answer.headers["Location"].endswith(f"done={done}")
    first, second = [bootstrap.booking().find_by_code(browser.municipality, code) for code in codes]
    assert first.start > found[0].start
    assert second.is_cancelled
    again = browser.post("affected", {**days, "appointment": first.id, "action": "move"})
    assert again.headers["Location"].endswith("done=refused")


@pytest.mark.parametrize(("answer", "state"), [("yes", "granted"), ("no", "refused"), ("not_asked", None)])
@pytest.mark.requirement("SK-02")
def test_the_ledger_says_what_was_asked_and_nothing_else(browser: Browser, answer: str, state: str | None) -> None:
    code = code_of(booked(browser, consent=answer, phone="20 12 34 56"))
    appointment = bootstrap.booking().find_by_code(browser.municipality, code)
    assert (appointment.consent.offered, appointment.origin) == (state is not None, "phone")
    rows = list(bound(ConsentItem).query(f"{browser.municipality}#consent#{appointment.id}"))
    assert {row.state for row in rows} == ({state} if state else set())
    assert {row.document["origin"] for row in rows} <= {"phone"}


def test_sending_the_form_twice_books_once(browser: Browser) -> None:
    key = {"key": "the-same"}
    assert code_of(booked(browser, **key)) == code_of(booked(browser, **key))


def test_staff_book_a_meeting_by_phone(browser: Browser, tenant: Municipality) -> None:
    document = a_municipality_document(id=tenant.id)
    document["reasons"][0]["meetings"] = ["in_person", "phone"]
    reason = document["reasons"][0]["id"]
    store_municipality(document)
    bootstrap.municipalities().forget(tenant.id)
    page = browser.read(f"book?office=raadhuset&reason={reason}&day={TUESDAY}&meeting=phone")
    assert re.search(r'<option value="phone" selected>', page)
    code = code_of(booked(browser, reason=reason, meeting="phone", phone="20 12 34 56"))
    assert bootstrap.booking().find_by_code(tenant.id, code).meeting == "phone"


def test_a_yes_needs_a_number(browser: Browser) -> None:
    answer = booked(browser, consent="yes")
    assert answer.status_code == 422
    assert "når der er sagt ja til en sms" in unescape(answer.body.decode())


@pytest.mark.requirement("GL-60")
def test_the_week_as_a_spreadsheet(browser: Browser) -> None:
    booked(browser)
    answer = browser.get("plan.csv?office=raadhuset&week=2026-W48")
    lines = answer.body.decode().splitlines()
    assert lines[0].startswith("\ufeffday;desk_group;")
    assert len(lines) == 8
    assert lines[2] == "2026-11-24;counter;2;12,00;0,00;0,17;0,00;11,83;0,0139;0,00;0,00"
    browser.language = "en"
    assert "2026-11-24,counter,2,12.00" in browser.get("plan.csv?office=raadhuset&week=2026-W48").body.decode()


@pytest.mark.parametrize("week", ["2026-W99", "nonsense", ""])
def test_a_week_that_is_none_is_this_week(browser: Browser, week: str) -> None:
    assert "Plan for uge 48" in browser.read(f"plan?week={week}")
