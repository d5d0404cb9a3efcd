"""Who is calling: staff, kiosks and systems by a signed token (RS256), in a header or in the session cookie.

The token comes from Cognito, federated to the municipality's own sign-in, or locally from the embedded product's key;
the code is the same, only issuer and key set differ. Roles are Cognito groups named `{municipality}:{role}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from chalicelib import bootstrap
from chalicelib.entrypoints.http import cookies, sent_headers
from chalicelib.settings import settings
from chalicelib.shared.errors import NotAllowed, NotFound, NotSignedIn

if TYPE_CHECKING:
    from chalice.app import Request

SESSION_COOKIE: Final = "session"


class Role(StrEnum):
    """Who may do what (design 4.13)."""

    KIOSK = "kiosk"
    DISPLAY = "display"
    DESK = "desk"
    INTERVIEWER = "interviewer"
    LEADER = "leader"
    ANALYST = "analyst"
    ADMIN = "admin"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Staff:
    """A signed-in caller. `subject` is the identity provider's opaque id, never a name."""

    subject: str
    municipality: str
    roles: frozenset[Role]


def require(request: Request, municipality: str, *roles: Role) -> Staff:
    """The caller, who has one of `roles` in this municipality. `admin` may do what any role may.

    Raises:
        NotSignedIn: no token, or one that is not valid (401).
        NotFound: the caller belongs to another municipality (404, so that nothing is learned: I8).
        NotAllowed: another role (403).
    """
    header = sent_headers(request).get("authorization", "")
    by_cookie = not header
    token = _bearer(header) if header else cookies(request).get(SESSION_COOKIE, "")
    if not token:
        raise NotSignedIn
    claims = bootstrap.staff_tokens().verify(token)
    if by_cookie:
        _refuse_foreign_origin(request)
    mine = {group.partition(":")[2] for group in claims.groups if group.partition(":")[0] == municipality}
    if not mine:
        raise NotFound
    staff = Staff(claims.subject, municipality, frozenset(Role(role) for role in mine if role in set(Role)))
    if not staff.roles & {*roles, Role.ADMIN}:
        raise NotAllowed
    return staff


def may(request: Request, municipality: str, *roles: Role) -> bool:
    """Whether a caller of this municipality has one of `roles`: for what a page offers, never instead of `require`.

    Raises:
        NotSignedIn, NotFound: see `require`.
    """
    try:
        require(request, municipality, *roles)
    except NotAllowed:
        return False
    return True


def _bearer(header: str) -> str:
    """The token of `Bearer …`; nothing for another scheme."""
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _refuse_foreign_origin(request: Request) -> None:
    """A cookie is sent by the browser on its own, so a changing request by cookie must come from our own pages.

    `Sec-Fetch-Site` says so and can't be forged by a page. Older browsers are judged by `Origin`, which is `null` for
    forms on pages without a referrer, such as ours: those browsers are refused.
    """
    if request.method in {"GET", "HEAD"}:
        return
    headers = sent_headers(request)
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is None and origin is not None and not _is_ours(origin):
        raise NotAllowed
    if site is not None and site != "same-origin":
        raise NotAllowed


def _is_ours(origin: str) -> bool:
    ours = urlsplit(settings().public_url)
    return origin == f"{ours.scheme}://{ours.netloc}"
