"""From an HTTP request to the event that API Gateway would make of it, and back from the function's answer."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_VARIABLE: Final = "{}"
_TEXT_TYPES: Final = ("text/", "application/json", "application/x-www-form-urlencoded", "application/xml")


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as it came. Header names are lower case; a repeated header has several values."""

    method: str
    path: str
    query: str
    headers: Mapping[str, Sequence[str]]
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The last value of a header; None when it was not sent."""
        values = self.headers.get(name)
        return values[-1] if values else None

    def parameters(self) -> dict[str, list[str]]:
        """The query's parameters with every value of each."""
        return parse_qs(self.query, keep_blank_values=True)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer as it goes."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes = b""


@dataclass(slots=True)
class _Node:
    children: dict[str, _Node] = field(default_factory=dict)
    variable: str = ""
    template: str | None = None


class RouteTree:
    """API Gateway's resources: at each level a literal segment wins over the variable, and there is no way back."""

    def __init__(self, templates: Iterable[str]) -> None:
        """`templates` are paths such as `/{municipality}/desk`."""
        self._root = _Node()
        for template in templates:
            node = self._root
            for segment in _segments(template):
                name = segment[1:-1] if segment.startswith("{") else ""
                node = node.children.setdefault(_VARIABLE if name else segment, _Node(variable=name))
            node.template = template

    def match(self, path: str) -> tuple[str, dict[str, str]] | None:
        """The template and the variables as they were sent (not decoded); None when no resource has this path."""
        node, captured = self._root, dict[str, str]()
        for segment in _segments(path):
            child = node.children.get(segment) or node.children.get(_VARIABLE)
            if child is None or not segment:
                return None
            if child.variable:
                captured[child.variable] = segment
            node = child
        return (node.template, captured) if node.template is not None else None


def _segments(path: str) -> list[str]:
    trimmed = path.strip("/")
    return trimmed.split("/") if trimmed else []


def proxy_event(request: HttpRequest, template: str, captured: Mapping[str, str], *, request_id: str) -> dict[str, Any]:
    """The REST proxy event. A body that is not text comes in base64, as with binary media types switched on."""
    body, encoded = _event_body(request)
    parameters = request.parameters()
    return {
        "resource": template,
        "path": request.path,
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in request.headers.items()},
        "multiValueHeaders": {name: list(values) for name, values in request.headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in parameters.items()} or None,
        "multiValueQueryStringParameters": parameters or None,
        "pathParameters": dict(captured) or None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": template,
            "httpMethod": request.method,
            "path": request.path,
            "stage": "api",
            "requestId": request_id,
            "protocol": "HTTP/1.1",
            "identity": {"sourceIp": "127.0.0.1", "userAgent": request.header("user-agent") or ""},
        },
        "body": body,
        "isBase64Encoded": encoded,
    }


def _event_body(request: HttpRequest) -> tuple[str | None, bool]:
    if not request.body:
        return None, False
    kind = (request.header("content-type") or "application/json").lower()
    if kind.startswith(_TEXT_TYPES):
        try:
            return request.body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(request.body).decode(), True


def http_answer(answer: Mapping[str, Any]) -> HttpAnswer:
    """What the browser gets for the function's answer."""
    body = answer.get("body") or ""
    raw = base64.b64decode(body) if answer.get("isBase64Encoded") else str(body).encode()
    headers = [(name, str(value)) for name, value in (answer.get("headers") or {}).items()]
    for name, values in (answer.get("multiValueHeaders") or {}).items():
        headers += [(name, str(value)) for value in values]
    return HttpAnswer(int(answer["statusCode"]), headers, raw)
