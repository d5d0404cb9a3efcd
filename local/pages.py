"""The pages and calls under `/local/` (design 5): sign-in, the phone, the clock, the tick. They exist only here."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from chalicelib import bootstrap
from chalicelib.entrypoints.auth import SESSION_COOKIE, Role
from chalicelib.shared.clock import parse_moment, rfc3339, to_local
from chalicelib.shared.errors import NotFound
from local.clock import next_working_morning
from local.ministack import ROOT
from local.routing import HttpAnswer, HttpRequest
from local.sitemap import SiteMap
from local.staff_keys import TOKEN_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local.clock import OffsetClock
    from local.mail import SentLetters
    from local.sms import SentMessages
    from local.staff_keys import StaffKeys
    from local.workers import Workers

_HTML: Final = ("Content-Type", "text/html; charset=utf-8")
_POLICY: Final = (
    "Content-Security-Policy",
    (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
)
_FRESH: Final = ("Cache-Control", "no-store")
_LINK: Final = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")


class Refused(Exception):
    """The call is not understood or not allowed; the message says why."""

    def __init__(self, status: int, code: str, message: str) -> None:
        """As an error answer of the API."""
        super().__init__(message)
        self.status = status
        self.code = code


class LocalPages:
    """Answers what stands under `/local/`."""

    def __init__(
        self,
        *,
        keys: StaffKeys,
        clock: OffsetClock,
        messages: SentMessages,
        letters: SentLetters,
        workers: Workers,
        has_page: Callable[[str], bool],
        hosts: frozenset[str],
    ) -> None:
        """`hosts` are the server's own names: forms from anywhere else are refused."""
        self._keys = keys
        self._clock = clock
        self._messages = messages
        self._letters = letters
        self._workers = workers
        self._sites = SiteMap(has_page)
        self._hosts = hosts
        self._templates = Environment(
            loader=FileSystemLoader(ROOT / "local/templates"), autoescape=True, undefined=StrictUndefined
        )
        self._templates.filters["linked"] = _linked
        self._calls: Mapping[tuple[str, str], Callable[[HttpRequest], HttpAnswer]] = {
            ("GET", "/local"): self._index,
            ("GET", "/local/token"): self._token,
            ("GET", "/local/sign-in"): self._sign_in,
            ("GET", "/local/jwks.json"): lambda _: _json(self._keys.jwks()),
            ("GET", "/local/sms"): self._sms,
            ("GET", "/local/phone"): self._phone,
            ("GET", "/local/mail"): self._mail,
            ("GET", "/local/mail.json"): self._mail_json,
            ("GET", "/local/clock"): lambda _: _json({"now": rfc3339(self._clock.now())}),
            ("POST", "/local/clock"): self._set_clock,
            ("POST", "/local/tick"): self._tick,
        }

    def answer(self, request: HttpRequest) -> HttpAnswer | None:
        """The answer; None when there is nothing at this address."""
        path = request.path.rstrip("/")
        call = self._calls.get(("GET" if request.method == "HEAD" else request.method, path))
        if call is None:
            allowed = ", ".join(method for method, known in self._calls if known == path)
            return _unknown_method(allowed) if allowed else None
        try:
            self._refuse_foreign(request)
            return call(request)
        except Refused as refused:
            return _json({"code": refused.code, "message": str(refused)}, status=refused.status)

    def _refuse_foreign(self, request: HttpRequest) -> None:
        """No other web page can sign somebody in, move the clock or read messages through the browser."""
        origin = request.header("origin")
        ours = {f"http://{host}" for host in self._hosts}
        site = request.header("sec-fetch-site") or "none"
        foreign = (origin is not None and origin not in ours) or site in {"cross-site", "same-site"}
        if foreign and request.path.rstrip("/") not in {"/local", "/local/phone", "/local/mail"}:
            raise Refused(403, "not_allowed", "Only pages of this product may do that.")

    def _index(self, request: HttpRequest) -> HttpAnswer:
        ran = request.parameters().get("ran", [""])[-1]
        now = self._clock.now()
        morning = rfc3339(next_working_morning(now))
        return self._page("index.html", sites=self._sites.sites(), now=to_local(now), working_morning=morning, ran=ran)

    def _token(self, request: HttpRequest) -> HttpAnswer:
        return _json({"token": self._keys.token(*self._who(request))})

    def _sign_in(self, request: HttpRequest) -> HttpAnswer:
        given = request.parameters()
        back = _own_path(given.get("back", [""])[-1])
        if not given.get("role"):
            chosen = given.get("municipality", [""])[-1]
            sites = [site for site in self._sites.sites() if not chosen or site.id == chosen]
            return self._page("sign_in.html", sites=sites, roles=list(Role), back=quote(back, safe="/"))
        role, municipality = self._who(request)
        cookie = f"{SESSION_COOKIE}={self._keys.token(role, municipality)}"
        return HttpAnswer(
            303,
            [
                ("Location", back or self._sites.home_of(role, municipality)),
                ("Set-Cookie", f"{cookie}; Path=/; Max-Age={TOKEN_SECONDS}; HttpOnly; SameSite=Lax"),
                _FRESH,
            ],
        )

    def _who(self, request: HttpRequest) -> tuple[str, str]:
        given = request.parameters()
        role, municipality = given.get("role", [""])[-1], given.get("municipality", [""])[-1]
        if role not in set(Role):
            raise Refused(422, "invalid_field", f"role must be one of {', '.join(Role)}")
        try:
            bootstrap.municipalities().get(municipality)
        except NotFound:
            raise Refused(404, "not_found", "There is no such municipality.") from None
        return role, municipality

    def _sms(self, request: HttpRequest) -> HttpAnswer:
        wanted = request.parameters().get("to", [None])[-1]
        messages = [
            {"to": message.to, "text": message.text, "sent_at": rfc3339(parse_moment(message.sent_at))}
            for message in self._messages.all()
            if wanted in {None, message.to}
        ]
        return _json({"messages": messages})

    def _phone(self, request: HttpRequest) -> HttpAnswer:
        conversations: dict[str, list[dict[str, Any]]] = {}
        for message in self._messages.all():
            shown = {"text": message.text, "sender": message.sender, "at": to_local(parse_moment(message.sent_at))}
            conversations.setdefault(message.to, []).append(shown)
        newest_first = sorted(conversations.items(), key=lambda item: item[1][-1]["at"], reverse=True)
        wanted = request.parameters().get("number", [""])[-1]
        chosen = wanted if wanted in conversations else (newest_first[0][0] if newest_first else "")
        return self._page(
            "phone.html",
            conversations=[(number, messages[-1]) for number, messages in newest_first],
            chosen=chosen,
            messages=conversations.get(chosen, []),
            now=to_local(self._clock.now()),
        )

    def _mail_json(self, request: HttpRequest) -> HttpAnswer:
        wanted = request.parameters().get("to", [None])[-1]
        shown = ("to", "sender", "subject", "text", "html")
        letters = [
            {**{name: getattr(letter, name) for name in shown}, "sent_at": rfc3339(parse_moment(letter.sent_at))}
            for letter in self._letters.all()
            if wanted in {None, letter.to}
        ]
        return _json({"messages": letters})

    def _mail(self, _: HttpRequest) -> HttpAnswer:
        newest_first = list(reversed(self._letters.all()))
        letters = [(letter, to_local(parse_moment(letter.sent_at))) for letter in newest_first]
        return self._page("mail.html", letters=letters)

    def _set_clock(self, request: HttpRequest) -> HttpAnswer:
        given, by_form = _body(request)
        self._messages.observe()  # what was sent before the jump was sent before it
        self._letters.observe()
        try:
            if "now" in given:
                self._clock.set(parse_moment(str(given["now"])))
            elif "advance_minutes" in given:
                self._clock.advance(float(given["advance_minutes"]))
            else:
                raise Refused(422, "invalid_field", 'Send {"now": time} or {"advance_minutes": number}.')
        except (ValueError, TypeError, OverflowError) as exc:
            raise Refused(422, "invalid_field", str(exc)) from exc
        return _back() if by_form else _json({"now": rfc3339(self._clock.now())})

    def _tick(self, request: HttpRequest) -> HttpAnswer:
        given, by_form = _body(request)
        done = self._workers.tick(everything=bool(given.get("all")))
        return _back(ran=", ".join(done["ran"]) or "-") if by_form else _json(done)

    def _page(self, name: str, **context: Any) -> HttpAnswer:
        body = self._templates.get_template(name).render(context)
        return HttpAnswer(200, [_HTML, _FRESH, _POLICY, ("Referrer-Policy", "same-origin")], body.encode())


def _own_path(text: str) -> str:
    """A path on this server; nothing for an address that would lead elsewhere."""
    return text if re.fullmatch(r"/(?![/\\])[^\s\\]*", text) else ""


def _body(request: HttpRequest) -> tuple[dict[str, Any], bool]:
    """The fields and whether they came from a form."""
    if (request.header("content-type") or "").startswith("application/x-www-form-urlencoded"):
        fields = parse_qs(request.body.decode(errors="replace"), keep_blank_values=True)
        return {name: values[-1] for name, values in fields.items()}, True
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        raise Refused(400, "malformed_request", "The body is not JSON.") from None
    if not isinstance(body, dict):
        raise Refused(400, "malformed_request", "The body must be a JSON object.")
    return body, False


def _json(body: Any, *, status: int = 200) -> HttpAnswer:
    text = json.dumps(body, ensure_ascii=False).encode()
    return HttpAnswer(status, [("Content-Type", "application/json; charset=utf-8"), _FRESH], text)


def _unknown_method(allowed: str) -> HttpAnswer:
    refusal = _json({"code": "method_not_allowed", "message": f"This address knows {allowed}"}, status=405)
    return HttpAnswer(refusal.status, [*refusal.headers, ("Allow", allowed)], refusal.body)


def _back(**notes: str) -> HttpAnswer:
    return HttpAnswer(303, [("Location", f"/local/?{urlencode(notes)}" if notes else "/local/")])


def _linked(text: str) -> Markup:
    """The text with its addresses as links."""
    parts, end = [], 0
    for match in _LINK.finditer(text):
        parts += [escape(text[end : match.start()]), Markup('<a href="{0}">{0}</a>').format(match[0])]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])
