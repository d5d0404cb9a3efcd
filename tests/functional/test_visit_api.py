"""The visit API through the Chalice application on the embedded AWS: the whole way from check-in to contact."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from chalice.test import Client

from chalicelib import bootstrap
from chalicelib.adapters.tables import ConsentItem, ContactItem, VisitItem, bound
from chalicelib.contacts.document import from_document
from chalicelib.shared.work import WorkKind
from tests.builders import MONDAY, FixedClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chalicelib.municipalities.model import Municipality

PHONE = "+4520123456"


@pytest.fixture
def clock(embedded: object) -> Iterator[FixedClock]:
    moving = FixedClock(MONDAY)
    before = bootstrap.clock()
    bootstrap.use_clock(moving)
    yield moving
    bootstrap.use_clock(before)


class Api:
    """The JSON API as staff of one municipality call it."""

    def __init__(self, client: Client, municipality: str, tokens: Callable[[str, str], str]) -> None:
        self._client, self._municipality, self._tokens = client, municipality, tokens

    def __call__(self, method: str, path: str, body: Any = None, *, role: str | None = "desk", **headers: str) -> Any:
        sent = {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if role:
            sent["Authorization"] = f"Bearer {self._tokens(role, self._municipality)}"
        raw = b"" if body is None else json.dumps(body).encode()
        return self._client.http.request(
            method, f"/api/v1/municipalities/{self._municipality}{path}", headers=sent, body=raw
        )


@pytest.fixture
def api(tenant: Municipality, staff_token: Callable[[str, str], str], clock: FixedClock) -> Iterator[Api]:
    from app import app

    with Client(app) as client:
        yield Api(client, tenant.id, staff_token)


def walk_in(**more: Any) -> dict[str, Any]:
    return {"office": "raadhuset", "reasons": ["passport"], **more}


SAID_YES = {"phone": PHONE, "survey_consent": {"granted": True, "text_version": "2026-1"}}


@pytest.mark.requirement("SK-03")
@pytest.mark.requirement("SK-05")
def test_a_walk_in_is_called_served_and_completed_into_a_contact(
    api: Api, tenant: Municipality, clock: FixedClock
) -> None:
    admitted = api("POST", "/visits", walk_in(**SAID_YES), role="kiosk")
    assert admitted.status_code == 201, admitted.body
    ticket = admitted.json_body
    assert ticket["ticket"] == "A001"
    assert (ticket["state"], ticket["people_ahead"]) == ("waiting", 0)
    assert ticket["expected_wait_minutes"] == {"low": 0, "high": 5}

    clock.advance(minutes=4)
    called = api("POST", "/offices/raadhuset/call-next", {"desk": "1"})
    assert called.status_code == 200
    assert called.json_body["visit_id"] == ticket["visit_id"]
    assert (called.json_body["state"], called.json_body["desk"]) == ("called", "1")
    clock.advance(minutes=1)
    assert api("POST", f"/visits/{ticket['visit_id']}/start").json_body["state"] == "in_service"
    clock.advance(minutes=9)
    done = api("POST", f"/visits/{ticket['visit_id']}/complete")
    assert (done.status_code, done.json_body["state"]) == (200, "completed")
    assert api("POST", f"/visits/{ticket['visit_id']}/complete").json_body["code"] == "wrong_state"

    ulid = ticket["visit_id"].rsplit(".")[-1]
    row = bound(ContactItem).get(f"{tenant.id}#contact#{ulid}", "contact")
    contact = from_document(row.document)
    assert (contact.waiting_seconds, contact.service_seconds) == (240, 540)
    assert PHONE not in json.dumps(row.document)
    assert bound(ConsentItem).get(f"{tenant.id}#consent#{ulid}", "survey_sms").state == "granted"
    work = {item.kind: item for item in bootstrap.pending_work().due(tenant.id, clock.now())}
    assert set(work) == {WorkKind.DECIDE, WorkKind.LAND_CONTACT}
    assert work[WorkKind.DECIDE].payload == {"phone": PHONE, "language": "da", "code": None}
    assert all(item.phone is None for item in bound(VisitItem).query(f"{tenant.id}#raadhuset#2026-11-23"))
