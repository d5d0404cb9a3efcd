"""Signing in at a hosted provider: the real code flow against a provider that this test runs on loopback."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib import bootstrap
from chalicelib.adapters.sign_in.hosted_sign_in import HostedSignIn
from chalicelib.shared.errors import Busy, NotSignedIn

if TYPE_CHECKING:
    from collections.abc import Iterator


class Provider:
    """Gives one code for one challenge, and the token only to who knows the verifier."""

    def __init__(self, token: str) -> None:
        self.token, self.codes = token, {"good-code": ""}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                pass

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                status, answer = provider.exchange({name: values[0] for name, values in form.items()})
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def exchange(self, form: dict[str, str]) -> tuple[int, dict[str, str]]:
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if self.codes.get(form["code"]) != challenge:
            return 400, {"error": "invalid_grant"}
        return 200, {"id_token": self.token}

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def provider(embedded, tenant, staff_token) -> Iterator[Provider]:
    provider = Provider(staff_token("desk", tenant.id))
    yield provider
    provider.close()


def signing_in(provider: Provider) -> HostedSignIn:
    return HostedSignIn(domain=provider.url, client_id="client", returns_to="https://borgerpuls.example/api/signed-in")


def test_only_who_started_gets_the_token(provider):
    hosted = signing_in(provider)
    asked = parse_qs(urlsplit(hosted.address(state="s", verifier="v" * 48)).query)
    provider.codes["good-code"] = asked["code_challenge"][0]
    assert hosted.token(code="good-code", verifier="v" * 48) == provider.token
    with pytest.raises(NotSignedIn):
        hosted.token(code="good-code", verifier="somebody else's")
    with pytest.raises(NotSignedIn):
        hosted.token(code="forged", verifier="v" * 48)


def test_a_provider_that_is_down_is_busy_and_not_a_crash(provider):
    hosted = signing_in(provider)
    provider.close()
    with pytest.raises(Busy):
        hosted.token(code="good-code", verifier="v")


def test_the_attempt_is_kept_in_the_browser_and_must_come_back_with_it(client):
    begun = client.http.get("/api/sign-in?back=/fjordby/desk")
    assert begun.status_code == 303
    asked = parse_qs(urlsplit(begun.headers["Location"]).query)
    assert asked["response_type"] == ["code"]
    cookie = begun.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "Secure" in cookie
    assert asked["state"][0] in cookie
    stolen = client.http.get(f"/api/signed-in?code=x&state={asked['state'][0]}")
    assert stolen.status_code == 403


def test_back_never_leads_to_another_site(client):
    # Browsers drop tabs and line ends from an address, so the last three would be "//evil.example" to them.
    direct = ("https://evil.example", "//evil.example", "/\\evil.example")
    for back in (*direct, "/%09/evil.example", "/%0A/evil.example", "/%0D%5Cevil.example"):
        cookie = client.http.get(f"/api/sign-in?back={back}").headers["Set-Cookie"]
        assert "evil" not in cookie


def test_the_session_opens_the_staff_pages(client, provider, tenant):
    hosted = signing_in(provider)
    begun = client.http.get(f"/api/sign-in?back=/{tenant.id}/visits/20261123.raadhuset.X")
    attempt = begun.headers["Set-Cookie"].split(";")[0]
    state, verifier, back = attempt.removeprefix("sign-in=").split(":")
    assert back.endswith("20261123.raadhuset.X")
    provider.codes["good-code"] = parse_qs(urlsplit(hosted.address(state=state, verifier=verifier)).query)[
        "code_challenge"
    ][0]
    token = hosted.token(code="good-code", verifier=verifier)
    assert tenant.id + ":desk" in bootstrap.staff_tokens().verify(token).groups
    path = f"/api/v1/municipalities/{tenant.id}/offices/raadhuset/queue"
    assert client.http.get(path, headers={"Cookie": f"session={token}"}).status_code == 200
