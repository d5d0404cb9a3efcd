"""Reading requests and writing answers: the one place where a Chalice request becomes values and an error a status.

Chalice turns a view's exception into a 500 before any middleware sees it, so the translation is a decorator on views.
"""

from __future__ import annotations

import json
from functools import wraps
from inspect import signature
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, unquote, urlencode

from chalice.app import Response

from chalicelib import bootstrap
from chalicelib.entrypoints.error_texts import ERROR_TEXTS
from chalicelib.settings import settings
from chalicelib.shared.errors import (
    BorgerpulsError,
    ChallengeRequired,
    MalformedRequest,
    NotSignedIn,
    TooLarge,
)
from chalicelib.shared.languages import COMPLETE, DEFAULT_LANGUAGE, Language, as_language
from chalicelib.telemetry import logger
from chalicelib.web.pages import Page, gettext, render
from chalicelib.web.urls import Urls

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from chalice.app import Request

    from chalicelib.municipalities.model import Municipality

MAX_BODY_BYTES: Final = 256 * 1024
HTML: Final = "text/html; charset=utf-8"
UNEXPECTED: Final = {"code": "internal", "message": "Something went wrong here. Try again."}
_SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": browsers then say `Origin: null` of our own forms, which the check of cookie POSTs refuses.
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self' {static}; script-src 'self' {static}; img-src 'self' data: {static}; "
        "font-src 'self' {static}; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


def parameter(request: Request, name: str) -> str:
    """A path parameter, decoded (API Gateway hands them on as they were sent, chalice#511)."""
    return unquote(str((request.uri_params or {})[name]))


def query(request: Request, name: str, default: str | None = None) -> str | None:
    """The last value of a query parameter."""
    values = query_list(request, name)
    return values[-1] if values else default


def query_list(request: Request, name: str) -> list[str]:
    """Every value of a repeated query parameter."""
    given = request.query_params
    return [] if given is None else list(given.getlist(name)) if name in given else []


def json_body(request: Request) -> dict[str, Any]:
    """The body as a JSON object.

    Raises:
        TooLarge: more than 256 KiB.
        MalformedRequest: not a JSON object, nested too deeply, or with half a character, which no store takes.
    """
    raw = _raw(request)
    try:
        body = json.loads(raw.decode("utf-8-sig") or "{}", parse_constant=_no_json)
        if b"\\u" in raw:  # such as "\\ud83d", one half of an emoji
            json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as exc:
        message = "The body is not JSON."
        raise MalformedRequest(message) from exc
    if not isinstance(body, dict):
        message = "The body must be a JSON object."
        raise MalformedRequest(message)
    return body


def _no_json(constant: str) -> None:
    """Python would read NaN and Infinity; JSON has neither."""
    raise ValueError(constant)


def form(request: Request) -> dict[str, str]:
    """The fields of a submitted form; the last value of a repeated one, spaces around each removed.

    Raises:
        TooLarge: more than 256 KiB.
        MalformedRequest: not UTF-8.
    """
    return {name: values[-1] for name, values in form_lists(request).items()}


def form_lists(request: Request) -> dict[str, list[str]]:
    """The fields of a submitted form with every value of each."""
    try:
        text = _raw(request).decode()
    except UnicodeDecodeError as exc:
        message = "The form is not UTF-8."
        raise MalformedRequest(message) from exc
    fields = parse_qs(text, keep_blank_values=True)
    return {name: [value.strip() for value in values] for name, values in fields.items()}


def _raw(request: Request) -> bytes:
    raw = request.raw_body.encode() if isinstance(request.raw_body, str) else request.raw_body
    if len(raw) > MAX_BODY_BYTES:
        raise TooLarge
    return raw


def language_of(request: Request, fallback: str | None = None, among: Collection[str] = COMPLETE) -> str:
    """`?lang=`, else the cookie, else `fallback` (such as the language of a link), else the browser's, else Danish.

    Each counts only if it is `among` the languages that the page has.
    """
    headers = sent_headers(request)
    wanted = [query(request, "lang"), cookies(request).get("language"), fallback]
    wanted += [part.split(";")[0] for part in headers.get("accept-language", "").split(",")]
    return next((language for tag in wanted if (language := as_language(tag, among))), DEFAULT_LANGUAGE)


def sent_headers(request: Request) -> Mapping[str, str]:
    """The request's headers; names in lower case find them."""
    headers: Mapping[str, str] = request.headers or {}
    return headers


def cookies(request: Request) -> dict[str, str]:
    """The cookies sent."""
    pairs = (part.split("=", 1) for part in sent_headers(request).get("cookie", "").split(";") if "=" in part)
    return {name.strip(): value.strip() for name, value in pairs}


def page_for(
    request: Request,
    municipality: Municipality | None = None,
    *,
    errors: Mapping[str, str] | None = None,
    language: str | None = None,
    staff: bool = False,
    languages: tuple[Language, ...] = COMPLETE,
) -> Page:
    """The frame of a page for this request."""
    context = request.context
    return Page(
        urls=Urls(base=_stage_of(context), static=settings().static_url),
        language=language_of(request, language, languages),
        languages=languages,
        here=str(context.get("path") or "/"),
        kept=_kept(request),
        municipality=municipality,
        errors=errors or {},
        staff=staff,
    )


def _kept(request: Request) -> str:
    """What else the address says, for the language switch."""
    names = [name for name in request.query_params or {} if name != "lang"]
    return urlencode([(name, value) for name in names for value in query_list(request, name)])


def _stage_of(context: Mapping[str, Any]) -> str:
    """`/{stage}` when the request came by the API's own host name, whose paths start with the stage; else nothing."""
    stage, path = str(context.get("stage") or ""), str(context.get("path") or "")
    return f"/{stage}" if stage and (path == f"/{stage}" or path.startswith(f"/{stage}/")) else ""


def html(
    template: str, page: Page, *, status: int = 200, headers: Mapping[str, str] | None = None, **context: Any
) -> Response:
    """A page. Remembers the language for a year; never cached, because pages hold personal choices."""
    static = settings().static_url
    origin = static if static.startswith("http") else ""
    sent: dict[str, str | list[str]] = {
        "Content-Type": HTML,
        "Cache-Control": "no-store",
        "Content-Language": page.language,
        "Vary": "Accept-Language, Cookie",
        "Set-Cookie": f"language={page.language}; Path=/; Max-Age=31536000; SameSite=Lax",
        **{name: value.format(static=origin) for name, value in _SECURITY_HEADERS.items()},
        **(headers or {}),
    }
    return Response(body=render(template, page, **context), status_code=status, headers=sent)


def see_other(location: str, headers: Mapping[str, str] | None = None) -> Response:
    """After a form: look there (303), so that reloading sends nothing twice."""
    sent: dict[str, str | list[str]] = {"Location": location, "Cache-Control": "no-store", **(headers or {})}
    return Response(body="", status_code=303, headers=sent)


def answer(body: Any, *, status: int = 200) -> Response:
    """A JSON answer; 204 when there is nothing to say."""
    headers: dict[str, str | list[str]] = {"Cache-Control": "no-store"}
    if body is None:
        return Response(body="", status_code=204, headers=headers)
    headers["Content-Type"] = "application/json; charset=utf-8"
    return Response(body=json.dumps(body, ensure_ascii=False), status_code=status, headers=headers)


def api(view: Callable[..., Response]) -> Callable[..., Response]:
    """For JSON views: an error becomes `{"code", "message", "fields"?}` with its status."""

    @wraps(view)
    def guarded(**variables: Any) -> Response:
        try:
            return view(**_wanted(view, variables))
        except BorgerpulsError as error:
            body: dict[str, Any] = {"code": error.code, "message": str(error)}
            if error.fields:
                body["fields"] = error.fields
            if isinstance(error, ChallengeRequired):
                body["challenge"] = error.challenge
            return answer(body, status=error.status)
        except Exception:  # noqa: BLE001 - the last resort of a request: logged with its trace, answered without
            logger.exception("unexpected error in an API view")
            return answer(UNEXPECTED, status=500)

    return guarded


def _wanted(view: Callable[..., Response], variables: Mapping[str, Any]) -> dict[str, Any]:
    """Chalice hands over every path variable, still encoded; a view that reads them by `parameter` takes none."""
    names = signature(view).parameters
    return {name: value for name, value in variables.items() if name in names}


def pages(request_of: Callable[[], Request]) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """For HTML views: an error becomes a page that says what happened, what is safe and what to do."""

    def decorate(view: Callable[..., Response]) -> Callable[..., Response]:
        @wraps(view)
        def guarded(**variables: Any) -> Response:
            try:
                return view(**_wanted(view, variables))
            except NotSignedIn:
                return _to_sign_in(request_of())
            except BorgerpulsError as error:
                return error_page(request_of(), error)
            except Exception:  # noqa: BLE001 - the last resort of a request: logged with its trace, answered without
                logger.exception("unexpected error in a page")
                return error_page(request_of(), BorgerpulsError())

        return guarded

    return decorate


def _to_sign_in(request: Request) -> Response:
    municipality = (request.uri_params or {}).get("municipality", "")
    there = settings().sign_in_url.format(municipality=municipality, back=str(request.context.get("path", "/")))
    return see_other(there)


def error_page(request: Request, error: BorgerpulsError) -> Response:
    """The page of an error, in the reader's language. Texts by code, so that no internal message reaches a citizen."""
    page = page_for(request, _municipality_or_none(request), languages=tuple(Language))
    heading, message = ERROR_TEXTS.get(error.code, ERROR_TEXTS["error"])
    return html(
        "error.html",
        page,
        status=error.status,
        heading=gettext(page.language, heading),
        message=gettext(page.language, message),
        safe="",
    )


def _municipality_or_none(request: Request) -> Municipality | None:
    """Whose page went wrong, by its address or by its survey link: there is somebody to call then."""
    try:
        if "token" in (request.uri_params or {}) and "municipality" not in (request.uri_params or {}):
            link = bootstrap.dispatch().survey_link(parameter(request, "token"))
            return bootstrap.municipalities().get(link.municipality)
        return bootstrap.municipalities().get(parameter(request, "municipality"))
    except (BorgerpulsError, KeyError):  # an error page is also shown when nothing answers
        return None
