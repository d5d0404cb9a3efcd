"""API Gateway, CloudFront and S3 of the local product: routes to the Chalice application, static files, local pages."""

from __future__ import annotations

import json
import mimetypes
import uuid
from html import escape
from typing import TYPE_CHECKING, Final

from chalicelib.telemetry import logger
from local.ministack import ROOT
from local.routing import HttpAnswer, HttpRequest, RouteTree, http_answer, proxy_event

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from local.functions import Functions

STATIC_FOLDERS: Final[Mapping[str, Path]] = {
    "app": ROOT / "chalicelib/web/static/app",
    "local": ROOT / "local/static",
    "": ROOT / ".local/static",
}
"""Under `/static/`: our own files as they are edited, everything else as the set-up has put it there."""

_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


class Gateway:
    """Answers requests as the deployed product would, plus those under `/local/`."""

    def __init__(
        self,
        functions: Functions,
        routes: Mapping[str, Mapping[str, object]],
        local_pages: Callable[[HttpRequest], HttpAnswer | None],
    ) -> None:
        """`routes` are the Chalice application's: template → method → entry."""
        self._functions = functions
        self._routes = routes
        self._tree = RouteTree(routes)
        self._local_pages = local_pages

    def answer(self, request: HttpRequest) -> HttpAnswer:
        """The answer of whoever is responsible for the path."""
        try:
            return self._answer(request)
        except Exception:  # noqa: BLE001 - the last resort of a request: logged with its trace, answered without
            logger.exception("the local product could not answer")
            return _refusal(request, 500, "internal", "Something went wrong here. Try again")

    def _answer(self, request: HttpRequest) -> HttpAnswer:
        if request.path.startswith("/static/"):
            return static_file(request)
        if request.path == "/favicon.ico":
            return HttpAnswer(204, [])
        if request.path == "/local" or request.path.startswith("/local/"):
            return self._local_pages(request) or _refusal(request, 404, "not_found", "No such address")
        return self._from_application(request)

    def has_page(self, path: str) -> bool:
        """True if the application has a page at this path."""
        match = self._tree.match(path)
        return match is not None and "GET" in self._routes[match[0]]

    def _from_application(self, request: HttpRequest) -> HttpAnswer:
        match = self._tree.match(request.path)
        if match is None:
            if request.path == "/":
                return HttpAnswer(302, [("Location", "/local/")])
            return _refusal(request, 404, "not_found", "No such address")
        template, captured = match
        method = "GET" if request.method == "HEAD" else request.method
        if method not in self._routes[template]:
            allowed = ", ".join(sorted(self._routes[template]))
            return _refusal(request, 405, "method_not_allowed", f"This address knows {allowed}", allow=allowed)
        forwarded = HttpRequest(method, request.path, request.query, request.headers, request.body)
        event = proxy_event(forwarded, template, captured, request_id=str(uuid.uuid4()))
        return http_answer(self._functions.request(event))


def static_file(request: HttpRequest) -> HttpAnswer:
    """A style sheet, script, font or picture. Checked for changes on every request, so that edits show."""
    if request.method not in {"GET", "HEAD"}:
        return _refusal(request, 405, "method_not_allowed", "This address knows GET", allow="GET")
    file = _static_path(request.path.removeprefix("/static/"))
    if file is None:
        return _refusal(request, 404, "not_found", "No such file")
    facts = file.stat()
    tag = f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"'
    common = [("ETag", tag), ("Cache-Control", "no-cache"), ("X-Content-Type-Options", "nosniff")]
    if request.header("if-none-match") == tag:
        return HttpAnswer(304, common)
    kind = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    charset = "; charset=utf-8" if kind.startswith("text/") else ""
    return HttpAnswer(200, [("Content-Type", kind + charset), *common], file.read_bytes())


def _static_path(name: str) -> Path | None:
    """The file of that name inside the folder responsible; never one outside."""
    first, _, rest = name.partition("/")
    folder, inside = (STATIC_FOLDERS[first], rest) if first in {"app", "local"} else (STATIC_FOLDERS[""], name)
    file = (folder / inside).resolve()
    return file if file.is_file() and file.is_relative_to(folder.resolve()) else None


def _refusal(request: HttpRequest, status: int, code: str, message: str, *, allow: str = "") -> HttpAnswer:
    """In the product's error shape for programs, in words for people."""
    headers = [("Cache-Control", "no-store"), *([("Allow", allow)] if allow else [])]
    if request.path.startswith("/api/") or "text/html" not in (request.header("accept") or ""):
        body = json.dumps({"code": code, "message": message}).encode()
        return HttpAnswer(status, [("Content-Type", "application/json"), *headers], body)
    page = (
        '<!doctype html><html lang="da"><meta charset="utf-8">'
        f"<title>{status}</title><h1>Siden findes ikke</h1><p lang='en'>{escape(message)}.</p>"
        '<p lang="en"><a href="/local/">All pages of the local product</a></p></html>'
    )
    return HttpAnswer(status, [("Content-Type", "text/html; charset=utf-8"), *headers], page.encode())
