"""Message references and early receipts in the links table (no stream there, so nothing lands that should not)."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from pynamodb.exceptions import PutError

from chalicelib.adapters.tables import LinkItem, bound
from chalicelib.dispatch.model import RECEIPT_WAIT, Failure, Receipt, Wave
from chalicelib.dispatch.ports import MessageOwner
from chalicelib.shared.clock import parse_moment, utc_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from chalicelib.dispatch.model import Invitation

_NOBODY: Final = "-"
_MARGIN: Final = timedelta(days=4)
_MESSAGE: Final = {Wave.INVITATION: "sms", Wave.REMINDER: "sms_reminder"}
_IN_FLIGHT: Final = {Wave.INVITATION: "in_flight", Wave.REMINDER: "in_flight_reminder"}
_WAVES: Final = {purpose: wave for purposes in (_MESSAGE, _IN_FLIGHT) for wave, purpose in purposes.items()}


def message_item(invitation: Invitation) -> LinkItem:
    """Says whose message it is, for the receipt that comes later."""
    at = invitation.sent_at or invitation.decided_at
    return bound(LinkItem)(
        f"sms#{invitation.message_id}",
        "link",
        municipality=invitation.municipality,
        purpose=_MESSAGE[invitation.wave],
        subject=invitation.contact_id,
        expires_at=_expiry(at),
    )


def in_flight_item(invitation: Invitation) -> LinkItem:
    """Says that a send to this number is under way or lost, for a receipt whose message nobody knows."""
    claimed_at = invitation.claimed_at or invitation.decided_at
    return bound(LinkItem)(
        f"{invitation.municipality}#phone#{invitation.phone_hash}",
        f"sent#{utc_text(claimed_at)}#{invitation.contact_id}",
        municipality=invitation.municipality,
        purpose=_IN_FLIGHT[invitation.wave],
        subject=invitation.contact_id,
        expires_at=_expiry(claimed_at),
    )


class DynamoDbReceipts:
    """`ReceiptStore` on DynamoDB."""

    def invitation_of(self, message_id: str) -> MessageOwner | None:
        """Whose message it is, if the provider accepted it from us."""
        model = bound(LinkItem)
        try:
            item = model.get(f"sms#{message_id}", "link", consistent_read=True)
        except model.DoesNotExist:
            return None
        return _owner(item)

    def note_other(self, message_id: str, sent_at: datetime) -> None:
        """It was no invitation's message. A note that can't be written is no fault: the receipt is kept instead."""
        item = bound(LinkItem)(f"sms#{message_id}", "link", municipality=_NOBODY, purpose="sms", subject=_NOBODY)
        item.expires_at = _expiry(sent_at)
        with suppress(PutError):
            item.save()

    def park(self, receipt: Receipt) -> None:
        """Keep a receipt whose message nobody knows yet."""
        _parked_item(f"sms#{receipt.message_id}", "receipt", _NOBODY, receipt).save()

    def parked(self, message_id: str) -> Receipt | None:
        """The receipt kept for a message."""
        model = bound(LinkItem)
        try:
            return _receipt(model.get(f"sms#{message_id}", "receipt", consistent_read=True))
        except model.DoesNotExist:
            return None

    def in_flight(self, municipality: str, phone_hash: str) -> Sequence[MessageOwner]:
        """One Query of the number's partition."""
        model = bound(LinkItem)
        rows = model.query(f"{municipality}#phone#{phone_hash}", model.sk.startswith("sent#"), consistent_read=True)
        return tuple(_owner(row) for row in rows)

    def park_for_phone(self, municipality: str, phone_hash: str, receipt: Receipt) -> None:
        """Keep a receipt that may belong to a send in flight to this number."""
        key = f"{municipality}#phone#{phone_hash}"
        _parked_item(key, f"receipt#{receipt.message_id}", municipality, receipt).save()

    def parked_for_phone(self, municipality: str, phone_hash: str) -> Sequence[Receipt]:
        """One Query of the number's partition."""
        model = bound(LinkItem)
        rows = model.query(f"{municipality}#phone#{phone_hash}", model.sk.startswith("receipt#"), consistent_read=True)
        return tuple(_receipt(row) for row in rows)


def _owner(item: LinkItem) -> MessageOwner:
    return MessageOwner(item.municipality, item.subject, _WAVES[item.purpose])


def _parked_item(pk: str, sk: str, municipality: str, receipt: Receipt) -> LinkItem:
    """The phone number is not among what is kept."""
    facts = {
        "message_id": receipt.message_id,
        "published_at": utc_text(receipt.published_at),
        "delivered": receipt.delivered,
        "failure": None if receipt.failure is None else str(receipt.failure),
        "parts": receipt.parts,
    }
    return bound(LinkItem)(
        pk,
        sk,
        municipality=municipality,
        purpose="receipt",
        subject=json.dumps(facts),
        expires_at=_expiry(receipt.published_at),
    )


def _receipt(item: LinkItem) -> Receipt:
    facts: dict[str, Any] = json.loads(item.subject)
    return Receipt(
        message_id=facts["message_id"],
        published_at=parse_moment(facts["published_at"]),
        delivered=facts["delivered"],
        failure=None if facts["failure"] is None else Failure(facts["failure"]),
        parts=facts["parts"],
    )


def _expiry(at: datetime) -> int:
    return int((at + RECEIPT_WAIT + _MARGIN).timestamp())
