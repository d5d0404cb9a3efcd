"""A yes taken back at the desk: written down with who did it, in force at once, and nobody else's business (SK-02, I3)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from chalicelib import bootstrap
from chalicelib.adapters.citizens.dynamodb_consents import DynamoDbConsents
from chalicelib.consent.model import ConsentState
from chalicelib.shared.identifiers import ContactId, new_ulid
from tests.builders import MONDAY, a_contact
from tests.dispatch_rows import store_completed

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalice.test import Client

    from chalicelib.municipalities.model import Municipality

pytestmark = pytest.mark.requirement("SK-02")


@pytest.fixture
def ulid(tenant: Municipality) -> str:
    """A visit with a yes."""
    contact = a_contact(id=ContactId(new_ulid(MONDAY)), municipality=tenant.id)
    store_completed(contact, "+4531234588")
    return contact.id


def bearer(staff_token: Callable[[str, str], str], role: str, municipality: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {staff_token(role, municipality)}"}


def test_the_desk_withdraws_by_the_api(
    client: Client, tenant: Municipality, ulid: str, staff_token: Callable[[str, str], str]
) -> None:
    path = f"/api/v1/municipalities/{tenant.id}/visits/20261123.raadhuset.{ulid}/withdraw-consent"
    headers = {"Content-Type": "application/json", **bearer(staff_token, "desk", tenant.id)}
    for _ in range(2):
        answer = client.http.post(path, headers=headers, body=b"{}")
        assert (answer.status_code, answer.json_body) == (200, {"state": "withdrawn"})
    stored = DynamoDbConsents().current(tenant.id, ulid)
    assert stored is not None
    assert (stored.state, stored.origin) == (ConsentState.WITHDRAWN, "desk")
    assert stored.by
    never = path.replace(ulid, "01ARZ3NDEKTSV4RRFFQ69G5FAV")
    assert client.http.post(never, headers=headers, body=b"{}").status_code == 404
    kiosk = {"Content-Type": "application/json", **bearer(staff_token, "kiosk", tenant.id)}
    assert client.http.post(path, headers=kiosk, body=b"{}").status_code == 403
    assert client.http.post(path, headers={"Content-Type": "application/json"}, body=b"{}").status_code == 401
    foreign = {"Content-Type": "application/json", **bearer(staff_token, "desk", "sandholm")}
    assert client.http.post(path, headers=foreign, body=b"{}").status_code == 404


def test_the_desk_page_withdraws_by_a_button_and_says_what_it_did(
    client: Client, tenant: Municipality, ulid: str, staff_token: Callable[[str, str], str]
) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded", **bearer(staff_token, "desk", tenant.id)}

    def press(visit: str) -> str:
        fields = {"visit": f"20261123.raadhuset.{visit}", "office": "raadhuset", "desk": "1"}
        path = f"/{tenant.id}/desk/withdraw-consent"
        answer = client.http.post(path, headers=headers, body=urlencode(fields).encode())
        assert answer.status_code == 200
        return str(answer.body.decode())

    page = press(ulid)
    assert "Samtykket er trukket tilbage" in page
    assert f"/{tenant.id}/desk?office=raadhuset&amp;desk=1" in page
    assert bootstrap.consents().state(tenant.id, ulid) is ConsentState.WITHDRAWN
    assert "Der var intet samtykke" in press("01ARZ3NDEKTSV4RRFFQ69G5FAV")
