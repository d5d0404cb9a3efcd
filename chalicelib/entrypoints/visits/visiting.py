"""What the modules of the waiting room share in reading requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalicelib.entrypoints.http import sent_headers
from chalicelib.shared.errors import InvalidInput

if TYPE_CHECKING:
    from chalice.app import Request

_LONGEST_KEY: Final = 200


def idempotency_key(request: Request) -> str | None:
    """The caller's Idempotency-Key, if there is one.

    Raises:
        InvalidInput: too long.
    """
    key = sent_headers(request).get("idempotency-key") or None
    if key and len(key) > _LONGEST_KEY:
        raise InvalidInput(fields={"Idempotency-Key": f"at most {_LONGEST_KEY} characters"})
    return key
