"""Visitors who answer surveys without a link of their own, and what they leave behind."""

from __future__ import annotations

import json
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from chalicelib import bootstrap
from chalicelib.adapters.tables import ResponseItem, bound
from tests.fakes.surveys import COMPLETE

if TYPE_CHECKING:
    from chalice.test import Client, HTTPResponse

    from chalicelib.surveys.model import Response

ASKING = {"languages": ["da", "en", "ar"], "open": ["pulse", "gladsaxe"], "callbacks": True}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Visitor:
    """A browser: keeps cookies, or doesn't; brings a token, or doesn't."""

    def __init__(self, client: Client, *, bearer: str | None = None, keeps_cookies: bool = True) -> None:
        self._client = client
        self._bearer = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        self._keeps = keeps_cookies
        self._cookies: dict[str, str] = {}

    def get(self, address: str) -> HTTPResponse:
        return self._seen(self._client.http.get(address, headers=self._headers()))

    def post(self, address: str, **fields: Any) -> HTTPResponse:
        body = urlencode(fields, doseq=True).encode()
        return self._seen(self._client.http.post(address, headers={**self._headers(), **FORM}, body=body))

    def _headers(self) -> dict[str, str]:
        kept = {"Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items())} if self._cookies else {}
        return {**self._bearer, **kept}

    def _seen(self, response: HTTPResponse) -> HTTPResponse:
        cookie = response.headers.get("Set-Cookie", "")
        if self._keeps and cookie.startswith("survey="):
            name, value = cookie.split(";")[0].split("=", 1)
            self._cookies[name] = value
        return response


def text(response: HTTPResponse) -> str:
    return unescape(response.body.decode())


def there(response: HTTPResponse) -> str:
    assert response.status_code == 303, text(response)
    return response.headers["Location"]


def responses_of(municipality: str) -> list[ResponseItem]:
    return [row for row in bound(ResponseItem).scan() if row.municipality == municipality]


def stored(municipality: str) -> Response:
    (row,) = responses_of(municipality)
    found = bootstrap.surveys()._store.response(municipality, row.contact_id)
    assert found is not None
    return found


def answer_pulse(visitor: Visitor, address: str) -> HTTPResponse:
    """From the first question on; the answer to the last one's form."""
    for answer in ("9", "yes", "Fint"):
        response = visitor.post(address, answer=answer, shown="1")
        address = there(response)
    return visitor.get(address)


def an_interview(**changes: Any) -> dict[str, Any]:
    return {
        "questionnaire": "skive",
        "version": "1",
        "mode": "phone",
        "channel": "phone",
        "department": "benefits",
        "answers": COMPLETE,
        **changes,
    }


def hand_in(client: Client, town_id: str, token: str | None, body: Any, key: str | None = None) -> HTTPResponse:
    headers = {"Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {"Idempotency-Key": key} if key else {}
    return client.http.post(
        f"/api/v1/municipalities/{town_id}/responses", headers=headers, body=json.dumps(body).encode()
    )
