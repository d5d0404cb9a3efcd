"""The kiosk as pages without JavaScript: who gets a ticket, who is sent elsewhere, and what nobody finds out there."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from chalice.test import Client

from chalicelib import bootstrap
from chalicelib.adapters.tables import OperationItem, bound
from chalicelib.adapters.visits.dynamodb_nearly import nearly_key
from chalicelib.booking.model import BookingRequest, ConsentAnswer
from chalicelib.shared.clock import local_date
from chalicelib.shared.phone import PhoneNumber
from chalicelib.visits.nearly import TEMPLATE
from chalicelib.visits.self_check_in import WRONG_AN_HOUR
from tests.builders import MONDAY, FixedClock, a_municipality_document
from tests.embedded import store_municipality

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chalicelib.municipalities.model import Municipality

HERE = "/kiosk/raadhuset"
PHONE = "+4520123456"
_TOWNS = iter(range(10_000))


@pytest.fixture
def clock(embedded: object) -> Iterator[FixedClock]:
    moving, before = FixedClock(MONDAY), bootstrap.clock()
    bootstrap.use_clock(moving)
    yield moving
    bootstrap.use_clock(before)


def a_town(**changes: Any) -> Municipality:
    """A municipality of its own; `office` and `passport` change parts of it."""
    document = a_municipality_document(id=f"kiosktown{next(_TOWNS)}")
    document["offices"][0].update(changes.pop("office", {}))
    document["reasons"][0].update(changes.pop("passport", {}))
    return store_municipality({**document, **changes})


class Kiosk:
    """A kiosk of a town."""

    def __init__(self, client: Client, town: Municipality, token: str) -> None:
        self._client, self.town, self._token = client, town, token

    def _headers(self, **more: str) -> dict[str, str]:
        return {"Cookie": f"session={self._token}; language=da", **more}

    def get(self, query: str = "") -> Any:
        path = query if query.startswith("/") else f"/{self.town.id}{HERE}{'?' if query else ''}{query}"
        return self._client.http.get(path, headers=self._headers())

    def read(self, query: str = "") -> str:
        answer = self.get(query)
        assert answer.status_code == 200, answer.body
        return unescape(answer.body.decode())

    def post(self, **fields: str) -> Any:
        headers = self._headers(**{"Content-Type": "application/x-www-form-urlencoded"})
        return self._client.http.post(f"/{self.town.id}{HERE}", headers=headers, body=urlencode(fields).encode())

    def told(self, **fields: str) -> tuple[int, str]:
        answer = self.post(**fields)
        return answer.status_code, unescape(answer.body.decode())

    def form(self, query: str) -> dict[str, str]:
        return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', self.read(query)))

    def ticket(self, **more: str) -> str:
        """The address of a new ticket."""
        answer = self.post(**{**self.form("step=details&reason=passport"), **more})
        assert answer.status_code == 303, answer.body
        return str(answer.headers["Location"])

    def visits(self) -> list[Any]:
        found = bootstrap.visits().queue(self.town, "raadhuset").visits
        return sorted(found, key=lambda visit: visit.number)


@pytest.fixture
def at(clock: FixedClock, staff_token: Callable[[str, str], str]) -> Iterator[Callable[[Municipality], Kiosk]]:
    from app import app

    with Client(app) as client:
        yield lambda town: Kiosk(client, town, staff_token("kiosk", town.id))


def book(town: Municipality, minutes: int, phone: str = PHONE) -> Any:
    consent = ConsentAnswer(granted=False, text_version="2026-1")
    start = MONDAY + timedelta(minutes=minutes)
    request = BookingRequest("raadhuset", ("passport",), start, "da", consent, phone=PhoneNumber(phone))
    return bootstrap.booking().book(town, request, f"kiosk-{town.id}-{minutes}-{phone}")


# Where it leads


def test_every_address_stays_at_the_kiosk_and_it_clears_as_the_municipality_says(at):
    kiosk = at(a_town(waiting={"kiosk_clear_seconds": 45}))
    for query in ("", "step=code", "step=phone", "step=reason", "step=details&reason=passport", "step=help"):
        page = kiosk.read(query)
        links = re.findall(r'<a [^>]*href="([^"]+)"', page)
        assert all(link.startswith((f"/{kiosk.town.id}{HERE}", "#")) for link in links), (query, links)
        if query:
            assert '<noscript><meta http-equiv="refresh" content="45;' in page


@pytest.mark.parametrize("query", ["ticket=20261123.raadhuset.01JDC0NTACT000000000000001", "step=details&reason=x"])
def test_what_is_not_there_is_said_in_the_kiosks_own_frame(at, query):
    answer = at(a_town()).get(query)
    page = unescape(answer.body.decode())
    assert answer.status_code == 404
    assert "bp-kiosk" in page
    assert "bp-footer" not in page


@pytest.mark.requirement("FR-01")
def test_where_a_time_is_needed_the_kiosk_shows_the_way_to_one_and_gives_no_ticket(at):
    mandatory = [{"from_day": "2026-11-23", "reasons": ["passport"]}]
    kiosk = at(a_town(office={"mandatory_booking": mandatory}))
    assert "Kræver en bestilt tid" in kiosk.read("step=reason")
    page = kiosk.read("step=details&reason=passport")
    assert "Pas: Vi giver ingen numre i dag uden en bestilt tid." in page
    assert f"/{kiosk.town.id}/book/passport/raadhuset" in page
    assert "Første ledige tid her:" in page
    assert "70 00 00 00" in page
    status, page = kiosk.told(step="ticket", reason="passport", text_version="2026-1", request="k")
    assert (status, kiosk.visits()) == (200, [])
    assert "Her skal du have en tid" in page


@pytest.mark.requirement("FR-01")
def test_before_its_day_and_for_other_reasons_there_are_tickets(at):
    later = [{"from_day": "2026-11-24"}]
    kiosk = at(a_town(office={"mandatory_booking": later}))
    assert kiosk.ticket()


@pytest.mark.parametrize(
    ("office", "said"),
    [
        ({"pick_up_hint": {"da": "Gå til luge 3 i kælderen.", "en": "Hatch 3 in the basement."}}, "Gå til luge 3"),
        ({}, "Gå til skranke 1 eller 2. Det er bare at hente."),
    ],
)
def test_what_is_ready_is_fetched_without_a_number(at, office, said):
    kiosk = at(a_town(office=office, passport={"pick_up": True}))
    page = kiosk.read("step=details&reason=passport")
    assert "Du behøver ikke et nummer" in page
    assert said in page
    assert "<form" not in page


def test_several_reasons_are_one_ticket(at):
    kiosk = at(a_town())
    assert "Tilføj et ærinde mere" in kiosk.read("step=details&reason=licence")
    assert "reason=licence.passport" in kiosk.read("step=reason&reason=licence")
    assert kiosk.post(**kiosk.form("step=details&reason=licence.passport")).status_code == 303
    [visit] = kiosk.visits()
    assert visit.reasons == ("licence", "passport")


# Checking in


def test_the_link_of_a_message_checks_in_and_another_towns_does_not(at):
    mine, other = at(a_town()), at(a_town())
    link = f"https://tid.example/{mine.town.id}/appointments/{book(mine.town, 30).token}"
    status, page = other.told(step="code", code=link)
    assert (status, link in page) == (422, False)
    answer = mine.post(step="code", code=link)
    assert answer.status_code == 303
    assert "Din tid er kl. 10.30." in mine.read(answer.headers["Location"])


def test_digits_and_time_check_in_and_nothing_else_says_anything(at):
    kiosk = at(a_town())
    book(kiosk.town, 30)
    told = {kiosk.told(step="phone", digits=digits, at=at) for digits, at in (("3457", "10.30"), ("3456", "11.00"))}
    assert {status for status, _ in told} == {422}
    assert all("Vi kan ikke finde én tid i dag, der passer." in page for _, page in told)
    assert not any(re.search('value="345', page) for _, page in told)
    answer = kiosk.post(step="phone", digits="34 56", at="1030")
    assert "Din tid er kl. 10.30." in kiosk.read(answer.headers["Location"])


def test_what_was_not_understood_is_explained_and_not_counted(at):
    kiosk = at(a_town())
    for _ in range(WRONG_AN_HOUR + 2):
        status, page = kiosk.told(step="phone", digits="12", at="noon")
        assert status == 422
    assert "Skriv de sidste fire cifre af dit telefonnummer." in page
    assert "Skriv klokkeslættet, som 10.30." in page


def test_a_kiosk_that_was_wrong_too_often_asks_for_the_code(at, clock):
    kiosk = at(a_town())
    booked = book(kiosk.town, 90)
    for number in range(WRONG_AN_HOUR):
        kiosk.told(step="phone", digits=f"{number:04}", at="11.30")
    assert "mange forsøg" in kiosk.told(step="phone", digits="3456", at="11.30")[1]
    assert kiosk.post(step="code", code=booked.code).status_code == 303
    clock.advance(hours=1)
    assert kiosk.post(step="phone", digits="3456", at="11.30").status_code == 303


# A message when it is nearly one's turn


@pytest.fixture
def busy_kiosk(at) -> Kiosk:
    texts = a_municipality_document()["sms_templates"]
    kiosk = at(a_town(sms_templates={**texts, TEMPLATE: {"da": "{ticket} {link}", "en": "{ticket} {link}"}}))
    for _ in range(4):
        kiosk.ticket()
    return kiosk


def wish_row(kiosk: Kiosk) -> Any:
    ulid = kiosk.visits()[-1].ulid
    key = nearly_key(kiosk.town.id, "raadhuset", local_date(MONDAY), ulid)
    return next(iter(bound(OperationItem).query(key[0], bound(OperationItem).sk == key[1])), None)


def test_the_message_is_offered_asked_for_and_taken_back(busy_kiosk):
    ticket = busy_kiosk.ticket()
    page = busy_kiosk.read(ticket)
    assert "Få en sms, når det næsten er din tur" in page
    fields = busy_kiosk.form(ticket.partition("?")[2])
    status, page = busy_kiosk.told(**fields, nearly_phone="12")
    assert (status, "Tjek mobilnummeret." in page) == (422, True)
    assert busy_kiosk.post(**fields, nearly_phone="20 12 34 56").status_code == 303
    page = busy_kiosk.read(ticket)
    assert "Du får en sms, når det næsten er din tur." in page
    assert "20123456" not in page.replace(" ", "")
    assert wish_row(busy_kiosk).phone == PHONE
    busy_kiosk.post(**fields, wish="no")
    assert wish_row(busy_kiosk) is None
    assert busy_kiosk.visits()[-1].phone is None, "the number is the wish's alone"


def test_it_is_not_offered_without_a_text_for_it_nor_when_the_turn_is_near(at, busy_kiosk):
    plain = at(a_town())
    for kiosk, ahead in ((plain, 4), (busy_kiosk, 0)):
        for _ in range(ahead):
            kiosk.ticket()
        ticket = kiosk.ticket() if ahead else f"/{kiosk.town.id}{HERE}?ticket={kiosk.visits()[0].id}"
        assert "Få en sms" not in kiosk.read(ticket)


def test_the_phone_can_ask_for_it_too(busy_kiosk):
    page = busy_kiosk.read(busy_kiosk.ticket())
    path = re.search(rf"/{busy_kiosk.town.id}/queue/\w{{14}}", page)[0]
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    client = busy_kiosk._client.http

    def say(**fields: str) -> Any:
        return client.post(path, headers=headers, body=urlencode(fields).encode())

    assert say(nearly_phone="12").status_code == 422
    assert say(nearly_phone="20123456").status_code == 303
    page = unescape(client.get(path, headers={}).body.decode())
    assert re.search(r'data-nearly-for="asked">', page)
    assert "20123456" not in page
    say(wish="no")
    assert wish_row(busy_kiosk) is None


@pytest.mark.requirement("I9")
def test_erasing_finds_the_wish(busy_kiosk):
    ticket = busy_kiosk.ticket()
    busy_kiosk.post(**busy_kiosk.form(ticket.partition("?")[2]), nearly_phone="20123456")
    visit = busy_kiosk.visits()[-1]
    tables = bootstrap.erasure().export(busy_kiosk.town.id, visit.ulid)["tables"]
    assert [row["phone"] for row in tables["operations"]] == [PHONE]
