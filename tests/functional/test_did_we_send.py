"""A citizen holds a message against what we know; a stranger learns nothing (I8). And: this isn't me."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import pytest

from chalicelib import bootstrap
from chalicelib.dispatch.policy import ConsentState
from chalicelib.settings import settings
from chalicelib.shared.clock import SystemClock
from chalicelib.shared.hashing import link_token
from chalicelib.shared.identifiers import ContactId, new_ulid
from tests.builders import FixedClock, a_contact
from tests.dispatch_rows import store_completed
from tests.e2e.walk import Walk
from tests.functional.test_my_data import Browser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalice.test import Client, HTTPResponse

    from chalicelib.contacts.model import Contact
    from chalicelib.municipalities.model import Municipality
    from local.product import Product

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


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
    "shape",
    [
        "{token}",
        " {token} ",
        "{site}/s/{token}",
        "{host}/s/{token}?lang=en",
        "/s/{token}",
        "Tak for dit besøg (kode K7RTPQ). Hvordan gik det? Svar: {site}/s/{token}.",
        "Ledig tid. Først til mølle: {site}/fjordby/appointments/{token}/offer",
    ],
)
def test_the_link_alone_says_that_it_is_ours(
    client: Client, tenant: Municipality, invited: tuple[Contact, str], shape: str
) -> None:
    site = settings().public_url
    message = shape.format(token=invited[1], site=site, host=urlsplit(site).netloc)
    answer = post(client, f"/{tenant.id}/did-we-send", message=message)
    assert answer.status_code == 200
    assert "Ja, den er fra os" in text(answer)


def test_our_token_behind_another_address_is_not_ours(
    client: Client, tenant: Municipality, invited: tuple[Contact, str]
) -> None:
    answer = post(client, f"/{tenant.id}/did-we-send", message=f"https://svar.example/s/{invited[1]}")
    assert "Vi kender ikke beskeden" in text(answer)


@pytest.mark.requirement("SK-04")
def test_the_code_of_a_visit_that_is_over_is_still_known_with_its_number(product: Product) -> None:
    walk, browser = Walk(product.url), Browser(product.url, {"language": "da"})
    walk.set_clock("2026-11-27T09:00:00+01:00")
    start = walk.free("2026-11-27")[3]
    code = walk.book("+4531234577", start=start)["code"]
    walk.set_clock(start)
    walk.serve(code, wait=1, service=3)
    walk.tick()
    assert code in walk.sms("+4531234577")[-1]["text"], "the invitation repeats it"
    pages = [browser("/fjordby/did-we-send", message=code, phone=phone)[1] for phone in ("31234577", "31234578")]
    assert ["Ja, den er fra os" in page for page in pages] == [True, False]


@pytest.mark.requirement("GL-66")
def test_the_page_speaks_every_language_of_the_questionnaire(client: Client, tenant: Municipality) -> None:
    page = text(client.http.get(f"/{tenant.id}/did-we-send?lang=ar"))
    assert 'html lang="ar"' in page
    assert "تحقق من الرسالة" in page


@pytest.mark.requirement("GL-66")
@pytest.mark.parametrize("path", ["stop", "not-me", "not-me?done=yes"])
def test_who_is_asked_in_a_language_can_refuse_in_it(client: Client, invited: tuple[Contact, str], path: str) -> None:
    page = text(client.http.get(f"/s/{invited[1]}/{path}{'&' if '?' in path else '?'}lang=ar"))
    assert 'html lang="ar"' in page
    assert client.http.get(f"/s/{'x' * 14}/{path}?lang=ar").status_code == 404


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
