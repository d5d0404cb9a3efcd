"""`/s/{token}/stop`: looking changes nothing, the button does, also late and twice (I3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chalicelib import bootstrap
from chalicelib.adapters.dispatch.dynamodb_invitations import DynamoDbInvitations
from chalicelib.dispatch.policy import ConsentState
from chalicelib.shared.clock import SystemClock
from chalicelib.shared.hashing import link_token, phone_hash
from chalicelib.shared.identifiers import ContactId, new_ulid
from chalicelib.shared.phone import PhoneNumber
from tests.builders import FixedClock, a_contact
from tests.dispatch_rows import store_completed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalice.test import HTTPResponse

    from chalicelib.municipalities.model import Municipality

PHONE = "+4531234567"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def clock(embedded) -> Iterator[FixedClock]:
    fixed = FixedClock()
    bootstrap.use_clock(fixed)
    yield fixed
    bootstrap.use_clock(SystemClock())


class Asked:
    """A citizen who was invited, and the link in the message."""

    def __init__(self, municipality: Municipality, clock: FixedClock) -> None:
        self.municipality = municipality
        self.contact = a_contact(id=ContactId(new_ulid(clock.now())), municipality=municipality.id)
        store_completed(self.contact, PHONE)
        clock.advance(minutes=17)
        assert bootstrap.dispatch().decide_contact(self.contact) is not None
        assert bootstrap.dispatch().send(municipality.id, self.contact.id) is not None
        token = link_token(bootstrap.keys(), "survey", f"{municipality.id}|{self.contact.id}")
        self.address = f"/s/{token}/stop"

    def circumstances(self) -> tuple[ConsentState | None, bool]:
        number = phone_hash(bootstrap.keys(), self.municipality.id, PhoneNumber(PHONE))
        consent, history = DynamoDbInvitations().circumstances(self.municipality.id, self.contact.id, number)
        return consent, history.opted_out


@pytest.fixture
def asked(tenant: Municipality, clock: FixedClock) -> Asked:
    return Asked(tenant, clock)


def text(response: HTTPResponse) -> str:
    return response.body.decode()


def test_looking_changes_nothing(client, asked):
    for _ in range(2):
        page = client.http.get(asked.address)
        assert page.status_code == 200
        assert "Vil du ikke have flere spørgeskemaer?" in text(page)
    assert asked.circumstances() == (ConsentState.GRANTED, False)


def test_the_button_stops_all_further_messages_and_says_so(client, asked):
    for _ in range(2):
        answer = client.http.post(asked.address, headers=_FORM, body=b"")
        assert answer.status_code == 303
        assert answer.headers["Location"] == asked.address
    assert asked.circumstances() == (ConsentState.WITHDRAWN, True)
    assert "Beskederne er stoppet" in text(client.http.get(asked.address))


def test_it_is_there_in_english(client, asked):
    client.http.post(f"{asked.address}?lang=en", headers=_FORM, body=b"")
    page = text(client.http.get(f"{asked.address}?lang=en"))
    assert "The messages have been stopped" in page
    assert "Fjordby Municipality will not send any more questionnaires" in page


def test_it_works_after_delivery_and_after_the_link_has_expired(client, asked, clock):
    clock.advance(days=30)
    assert client.http.get(asked.address).status_code == 200
    client.http.post(asked.address, headers=_FORM, body=b"")
    assert asked.circumstances() == (ConsentState.WITHDRAWN, True)


def test_the_next_visit_of_the_same_number_is_not_invited(client, asked, clock, tenant):
    client.http.post(asked.address, headers=_FORM, body=b"")
    clock.advance(days=365)
    later = a_contact(id=ContactId(new_ulid(clock.now())), municipality=tenant.id, arrived_at=clock.now())
    store_completed(later, PHONE)
    clock.advance(minutes=20)
    decided = bootstrap.dispatch().decide_contact(later)
    assert decided is not None
    assert str(decided.reason) == "opted_out"


@pytest.mark.parametrize("token", ["AAAAAAAAAAAAAA", "short", "%3Cscript%3E"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_link_says_what_to_do(client, token, method):
    call = getattr(client.http, method)
    answer = call(f"/s/{token}/stop", headers=_FORM, body=b"") if method == "post" else call(f"/s/{token}/stop")
    assert answer.status_code == 404
    assert "Vi kender ikke linket" in text(answer)
