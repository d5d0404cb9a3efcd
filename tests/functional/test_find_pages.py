"""Finding an appointment again, as a browser without JavaScript does it."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from chalice.test import Client

from chalicelib import bootstrap
from chalicelib.booking.finding import ATTEMPTS_AN_HOUR
from chalicelib.booking.model import BookingRequest, ConsentAnswer
from chalicelib.shared.phone import PhoneNumber
from tests.builders import MONDAY, FixedClock, a_municipality_document
from tests.embedded import store_municipality

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chalicelib.booking.model import Booked
    from chalicelib.municipalities.model import Municipality

PHONE = "+4520123456"
NOT_FOUND = "Vi kan ikke finde en tid med de oplysninger."


@pytest.fixture
def clock(embedded: object) -> Iterator[FixedClock]:
    moving, before = FixedClock(MONDAY), bootstrap.clock()
    bootstrap.use_clock(moving)
    yield moving
    bootstrap.use_clock(before)


@pytest.fixture
def client(clock: FixedClock) -> Iterator[Client]:
    from app import app

    with Client(app) as running:
        yield running


@pytest.fixture
def find(client: Client, tenant: Municipality) -> Callable[..., Any]:
    """Sends the form."""

    def send(code: str, phone: str, **headers: str) -> Any:
        sent = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        body = urlencode({"code": code, "contact": phone}).encode()
        return client.http.post(f"/{tenant.id}/find", headers=sent, body=body)

    return send


def book(tenant: Municipality, *, phone: str | None = PHONE, key: str = "find") -> Booked:
    consent = ConsentAnswer(granted=False, text_version="2026-1")
    number = PhoneNumber(phone) if phone else None
    request = BookingRequest("raadhuset", ("licence",), MONDAY + timedelta(hours=2), "da", consent, phone=number)
    return bootstrap.booking().book(tenant, request, key)


def text(answer: Any) -> str:
    return unescape(answer.body.decode())


def test_the_start_page_leads_there(client, tenant):
    assert f'href="/{tenant.id}/find"' in text(client.http.get(f"/{tenant.id}"))


def test_code_and_number_lead_to_the_appointments_own_page(client, find, tenant):
    booked = book(tenant)
    answer = find(booked.code.lower(), "20 12 34 56")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/{tenant.id}/appointments/{booked.token}"
    assert booked.code in text(client.http.get(answer.headers["Location"]))


def test_a_wrong_code_and_a_wrong_number_get_the_same_page(find, tenant):
    booked = book(tenant)
    pages = []
    for code, phone in ((booked.code, "20 12 34 57"), ("ZZZZZZ", "20 12 34 56"), ("12", "20 12 34 56")):
        answer = find(code, phone)
        assert answer.status_code == 422
        assert NOT_FOUND in text(answer)
        pages.append(text(answer).replace(f'value="{code}"', "").replace(f'value="{phone}"', ""))
    assert len(set(pages)) == 1


def test_what_was_typed_is_kept_and_nothing_of_it_gets_into_an_address(find, tenant):
    answer = find("ZZZZZZ", "20 12 34 56")
    assert 'value="ZZZZZZ"' in text(answer)
    assert 'value="20 12 34 56"' in text(answer)
    assert f'action="/{tenant.id}/find"' in text(answer)
    assert "ZZZZZZ" not in str(answer.headers)


@pytest.mark.parametrize(
    ("code", "phone", "message"),
    [
        ("", "20 12 34 56", "Skriv koden fra din bekræftelse."),
        ("K7MQ4P", "", "Skriv det mobilnummer eller den e-mail, du bestilte med."),
        ("K7MQ4P", "12", "Tjek mobilnummeret."),
    ],
)
def test_what_is_missing_is_said_at_its_field(find, code, phone, message):
    answer = find(code, phone)
    assert answer.status_code == 422
    assert text(answer).count(message) == 2, "in the summary and at the field"


def test_who_booked_without_a_number_is_told_what_to_do(find, client, tenant):
    booked = book(tenant, phone=None)
    assert find(booked.code, "20 12 34 56").status_code == 422
    page = text(client.http.get(f"/{tenant.id}/find"))
    assert "Bestilte du uden mobilnummer og e-mail?" in page
    assert "70 00 00 00" in page


def test_a_cancelled_appointment_is_not_found_because_its_number_is_gone(find, tenant):
    booked = book(tenant)
    bootstrap.booking().cancel(tenant, bootstrap.booking().find_by_token(booked.token))
    assert NOT_FOUND in text(find(booked.code, "20 12 34 56"))


def test_trying_out_numbers_ends_after_ten(find, tenant, clock):
    booked = book(tenant)
    for number in range(ATTEMPTS_AN_HOUR):
        assert find(booked.code, f"20 12 34 {number:02d}").status_code == 422
    answer = find(booked.code, "20 12 34 56")
    assert answer.status_code == 429
    assert "Vent en time, eller ring til os." in text(answer)
    clock.advance(hours=1)
    assert find(booked.code, "20 12 34 56").status_code == 303


def test_another_municipality_does_not_find_it(client, tenant, find):
    booked = book(tenant)
    other = store_municipality(a_municipality_document(id=f"{tenant.id}x"))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode({"code": booked.code, "contact": "20 12 34 56"}).encode()
    assert client.http.post(f"/{other.id}/find", headers=headers, body=body).status_code == 422


@pytest.mark.requirement("GL-66")
def test_it_is_also_there_in_english(find):
    answer = find("ZZZZZZ", "20 12 34 56", **{"Accept-Language": "en"})
    assert "We cannot find an appointment with those details." in text(answer)
