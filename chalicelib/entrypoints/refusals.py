"""What Chalice refuses before any view sees it, such as a wrong content type, said as the product says its errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalicelib.entrypoints.http import UNEXPECTED, answer
from chalicelib.shared.errors import MalformedRequest, UnsupportedMediaType

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalice.app import Request, Response

_CHALICE: Final = {"Code", "Message"}
_REFUSALS: Final = {
    400: {"code": MalformedRequest.code, "message": "The request could not be read."},
    405: {"code": "method_not_allowed", "message": "This address does not know that method."},
    415: {"code": UnsupportedMediaType.code, "message": "Send JSON to the API, and forms to pages."},
}


def in_our_words(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Middleware: an answer of Chalice's own becomes `{"code", "message"}` (design 5); it repeats nothing sent."""
    response = get_response(request)
    if not isinstance(response.body, dict) or response.body.keys() != _CHALICE:
        return response
    refusal = answer(_REFUSALS.get(response.status_code, UNEXPECTED), status=response.status_code)
    refusal.headers.update(response.headers)
    return refusal
