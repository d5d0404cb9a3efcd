"""A citizen holds a message against what we know; a stranger learns nothing (I8). And: this isn't me."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from chalice.test import Client

from chalicelib import bootstrap
from chalicelib.dispatch.policy import ConsentState
from chalicelib.shared.clock import SystemClock
from chalicelib.shared.hashing import link_token
from chalicelib.shared.identifiers import ContactId, new_ulid
from tests.builders import FixedClock, a_contact
from tests.dispatch_rows import store_completed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalice.test import HTTPResponse

    from chalicelib.contacts.model import Contact
    from chalicelib.municipalities.model import Municipality

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def client(embedded) -> Iterator[Client]:
    import app

    with Client(app.app) as client:
        yield client


@pytest.fixture
def invited(tenant: Municipality) -> Iterator[tuple[Contact, str]]:
    """Somebody who got a questionnaire, and the token of its link."""
    clock = FixedClock()
    bootstrap.use_clock(clock)
    contact = a_contact(id=ContactId(new_ulid(clock.now())), municipality=tenant.id)
    store_completed(contact, "+4531234599")
    clock.advance(minutes=17)
    bootstrap.dispatch().decide_contact(contact)
    yield contact, link_token(bootstrap.keys(), "survey", f"{tenant.id}|{contact.id}")
    bootstrap.use_clock(SystemClock())


def post(client: Client, path: str, **fields: str) -> HTTPResponse:
    return client.http.post(path, headers=_FORM, body=urlencode(fields).encode())


def text(answer: HTTPResponse) -> str:
    return answer.body.decode()


@pytest.mark.parametrize(
    "shape", ["{}", "https://svar.fjordby.example/s/{}", "svar.fjordby.example/s/{}?lang=en", " {} "]
)
def test_the_link_alone_says_that_it_is_ours(
    client: Client, tenant: Municipality, invited: tuple[Contact, str], shape: str
) -> None:
    answer = post(client, f"/{tenant.id}/did-we-send", message=shape.format(invited[1]))
    assert answer.status_code == 200
    assert "Ja, den er fra os" in text(answer)


def test_another_link_is_unknown_and_so_is_ours_elsewhere(
    client: Client, tenant: Municipality, invited: tuple[Contact, str]
) -> None:
    assert "Vi kender ikke beskeden" in text(post(client, f"/{tenant.id}/did-we-send", message="x" * 14))
    elsewhere = post(client, "/sandholm/did-we-send", message=invited[1])
    assert "Ja, den er fra os" not in text(elsewhere)


def test_a_code_alone_says_nothing_and_with_a_wrong_number_neither(client: Client, tenant: Municipality) -> None:
    alone = post(client, f"/{tenant.id}/did-we-send", message="K7RTPQ")
    assert (alone.status_code, "Skriv også det mobilnummer" in text(alone)) == (422, True)
    pages = [
        text(post(client, f"/{tenant.id}/did-we-send", message=code, phone="31234599")).replace(code, "")
        for code in ("K7RTPQ", "ZZZZZZ")
    ]
    assert pages[0] == pages[1]
    assert "Vi kender ikke beskeden" in pages[0]
    assert post(client, f"/{tenant.id}/did-we-send", message="").status_code == 422
    assert post(client, f"/{tenant.id}/did-we-send", message="K7RTPQ", phone="12").status_code == 422


def test_the_page_says_how_our_messages_can_be_told(client: Client, tenant: Municipality) -> None:
    page = text(client.http.get(f"/{tenant.id}/did-we-send"))
    assert tenant.survey.sender in page
    assert "vi beder aldrig om CPR-nummer" in page


def test_a_message_that_reached_somebody_else_ends_the_link_and_bars_no_number(
    client: Client, tenant: Municipality, invited: tuple[Contact, str]
) -> None:
    contact, token = invited
    before = text(client.http.get(f"/s/{token}/not-me"))
    assert "Det var ikke mig" in before
    assert bootstrap.consents().state(tenant.id, contact.id) == ConsentState.GRANTED
    answer = post(client, f"/s/{token}/not-me")
    assert answer.status_code == 303
    assert "Tak, det er noteret" in text(client.http.get(answer.headers["Location"]))
    assert bootstrap.consents().state(tenant.id, contact.id) == ConsentState.WITHDRAWN
    link = bootstrap.dispatch().survey_link(token)
    assert link.until <= bootstrap.clock().now()
    assert not bootstrap.dispatch().is_opted_out(link)
    assert client.http.get(f"/api/v1/surveys/{token}").status_code == 410
    assert post(client, f"/s/{token}/not-me").status_code == 303
    assert client.http.get(f"/s/{'x' * 14}/not-me").status_code == 404
    assert post(client, f"/s/{'x' * 14}/not-me").status_code == 404
