"""The citizen's pages as a browser without JavaScript uses them: follows what they offer, keeps no state of its own."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from chalice.test import Client, HTTPResponse

    from chalicelib.municipalities.model import Municipality

START = "20261124T0800Z"
"""Nine o'clock on the Tuesday after `MONDAY`."""

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Browser:
    """Sends what a browser would send."""

    def __init__(self, client: Client, language: str = "da") -> None:
        self.client, self.language = client, language

    def get(self, path: str) -> HTTPResponse:
        return self.client.http.get(path, headers={"Accept-Language": self.language})

    def post(self, path: str, fields: dict[str, str]) -> HTTPResponse:
        headers = {**_FORM, "Accept-Language": self.language}
        return self.client.http.post(path, headers=headers, body=urlencode(fields).encode())

    def comes_from(self, address: str) -> None:
        """From now on API Gateway says that the requests come from this network address."""
        self.client.http._local_gateway.event_converter.LOCAL_SOURCE_IP = address


def text(response: HTTPResponse) -> str:
    body = response.body
    return html.unescape(body.decode() if isinstance(body, bytes) else body)


def words(response: HTTPResponse) -> str:
    """What a reader sees, on one line."""
    main = re.search(r"<main.*?</main>", text(response), re.DOTALL)
    assert main
    return " ".join(re.sub(r"<[^>]+>", " ", main[0]).split())


def hidden(response: HTTPResponse, form: int = -1) -> dict[str, str]:
    """The hidden fields of one of the page's forms."""
    forms = re.findall(r"<form.*?</form>", text(response), re.DOTALL)
    return dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', forms[form]))


def links(response: HTTPResponse) -> list[str]:
    return re.findall(r'<a [^>]*href="([^"]+)"', text(response))


def form_path(tenant: Municipality, reason: str = "passport", query: str = "") -> str:
    return f"/{tenant.id}/book/{reason}/raadhuset/{START}{query}"


def filled(browser: Browser, path: str, **typed: str) -> dict[str, str]:
    """The form of a page, filled in."""
    return {**hidden(browser.get(path)), "phone": "20 12 34 56", "name": "Åse", "action": "check", **typed}


def confirm(browser: Browser, path: str, check: HTTPResponse) -> HTTPResponse:
    assert check.status_code == 200, text(check)
    return browser.post(path, {**hidden(check), "action": "confirm"})


def book(browser: Browser, tenant: Municipality, *, path: str = "", **typed: str) -> HTTPResponse:
    path = path or form_path(tenant)
    return confirm(browser, path, browser.post(path, filled(browser, path, **typed)))


def path_of(response: HTTPResponse) -> str:
    assert response.status_code == 303, text(response)
    return response.headers["Location"]
