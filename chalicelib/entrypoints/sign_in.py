"""Staff sign in at their own municipality's identity provider and come back with a session cookie.

`/api/…` because that first path segment can never be a municipality. The browser keeps state and verifier in a
short-lived cookie of its own, so that nobody can be signed in by a link that somebody else started.
"""

from __future__ import annotations

import hmac
import re
import secrets
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.auth import SESSION_COOKIE
from chalicelib.entrypoints.http import cookies, pages, query, see_other
from chalicelib.settings import settings
from chalicelib.shared.errors import NotAllowed

if TYPE_CHECKING:
    from chalice.app import Request, Response

sign_in = Blueprint(__name__)

_ATTEMPT_COOKIE: Final = "sign-in"
_ATTEMPT_SECONDS: Final = 600
SESSION_SECONDS: Final = 8 * 3600
_PATH: Final = re.compile(r"/(?![/\\])[!-~]*")


@sign_in.route("/api/sign-in", methods=["GET"])
@pages(lambda: sign_in.current_request)
def begin_sign_in() -> Response:
    """To the identity provider."""
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    there = bootstrap.hosted_sign_in().address(state=state, verifier=verifier)
    attempt = f"{state}:{verifier}:{quote(_back(sign_in.current_request), safe='')}"
    return see_other(there, {"Set-Cookie": _cookie(_ATTEMPT_COOKIE, attempt, _ATTEMPT_SECONDS)})


@sign_in.route("/api/signed-in", methods=["GET"])
@pages(lambda: sign_in.current_request)
def end_sign_in() -> Response:
    """Back from the identity provider: the token is verified before it becomes a session."""
    request = sign_in.current_request
    state, verifier, back = [*cookies(request).get(_ATTEMPT_COOKIE, "").split(":"), "", "", ""][:3]
    if not state or not hmac.compare_digest(state, query(request, "state") or ""):
        raise NotAllowed
    token = bootstrap.hosted_sign_in().token(code=query(request, "code") or "", verifier=verifier)
    bootstrap.staff_tokens().verify(token)
    return see_other(unquote(back) or "/", {"Set-Cookie": _cookie(SESSION_COOKIE, token, SESSION_SECONDS)})


@sign_in.route("/api/sign-out", methods=["POST"], content_types=["application/x-www-form-urlencoded"])
@pages(lambda: sign_in.current_request)
def sign_out() -> Response:
    """Ends the session on this browser."""
    return see_other("/", {"Set-Cookie": _cookie(SESSION_COOKIE, "", 0)})


def _back(request: Request) -> str:
    """A path on this site, never another site's address; visible ASCII, as browsers drop tabs and line ends from it."""
    wanted = query(request, "back") or "/"
    return wanted if _PATH.fullmatch(wanted) else "/"


def _cookie(name: str, value: str, seconds: int) -> str:
    secure = "; Secure" if settings().public_url.startswith("https:") else ""
    return f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
