"""What AWS End User Messaging says about a message: events as JSON lines, of which only the final one is a receipt."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from chalicelib.dispatch.model import Failure, Receipt
from chalicelib.shared.phone import PhoneNumber

if TYPE_CHECKING:
    from collections.abc import Mapping

_ARRIVED: Final = frozenset({"SUCCESSFUL", "DELIVERED"})  # the same thing, called differently by country
_FAILURES: Final[Mapping[str, Failure]] = {
    "INVALID": Failure.INVALID_NUMBER,
    "INVALID_MESSAGE": Failure.INVALID_TEXT,
    "UNREACHABLE": Failure.PHONE_UNREACHABLE,
    "CARRIER_UNREACHABLE": Failure.CARRIER_UNREACHABLE,
    "BLOCKED": Failure.PHONE_BLOCKED,
    "CARRIER_BLOCKED": Failure.CARRIER_BLOCKED,
    "SPAM": Failure.SPAM,
    "PROTECT_BLOCKED": Failure.BLOCKED_LIST,
    "TTL_EXPIRED": Failure.PHONE_UNREACHABLE,
    "UNKNOWN": Failure.UNKNOWN,
}


def is_event(line: Mapping[str, Any]) -> bool:
    """True for an event of a text message."""
    return str(line.get("eventType", "")).startswith("TEXT_")


def is_final(line: Mapping[str, Any]) -> bool:
    """False for what is said on the way, such as that it is queued."""
    return line.get("isFinal") is True


def receipt_of(event: Mapping[str, Any]) -> Receipt:
    """The receipt of a final event. A status that AWS doesn't document is a failure that somebody looks at.

    Raises:
        KeyError, ValueError, TypeError: not such an event.
    """
    status = str(event["messageStatus"])
    failure = None if status in _ARRIVED else _FAILURES.get(status, Failure.UNRECOGNISED)
    parts = event.get("totalMessageParts")
    return Receipt(
        message_id=str(event["messageId"]),
        published_at=datetime.fromtimestamp(int(event["messageRequestTimestamp"]) / 1000, UTC),
        delivered=failure is None,
        failure=failure,
        parts=parts if isinstance(parts, int) and parts > 0 else None,
        destination=_phone(event.get("destinationPhoneNumber")),
        recognised=failure is not Failure.UNRECOGNISED,
    )


def _phone(value: object) -> PhoneNumber | None:
    try:
        return PhoneNumber(str(value))
    except ValueError:
        return None
