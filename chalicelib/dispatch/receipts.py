"""What the carriers said: receipts settle what was sent, once, in any order, also when they come first.

A receipt and the record of its message can arrive in either order. Each side writes what it knows before it looks for
the other, so whoever is second sees both. A receipt without a known message is compared, by phone hash and time, with
the sends whose answer was lost: SNS gives us no reference of ours to compare by.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from chalicelib.dispatch import eum_receipts
from chalicelib.dispatch.model import LEASE, Failure, Invitation, InvitationState, Receipt
from chalicelib.dispatch.ports import MessageOwner
from chalicelib.shared.errors import Busy
from chalicelib.shared.hashing import phone_hash
from chalicelib.shared.phone import PhoneNumber

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.dispatch.ports import InvitationStore, ReceiptStore
    from chalicelib.municipalities.service import Municipalities
    from chalicelib.shared.hashing import Keys

_RACES: Final = 5
_CLOCK_SKEW: Final = timedelta(seconds=5)

_FAILURES: Final[Mapping[str, Failure]] = {
    "blocked as spam by phone carrier": Failure.SPAM,
    "destination is on a blocked list": Failure.BLOCKED_LIST,
    "invalid phone number": Failure.INVALID_NUMBER,
    "message body is invalid": Failure.INVALID_TEXT,
    "phone carrier has blocked this message": Failure.CARRIER_BLOCKED,
    "phone carrier is currently unreachable/unavailable": Failure.CARRIER_UNREACHABLE,
    "phone has blocked sms": Failure.PHONE_BLOCKED,
    "phone is on a blocked list": Failure.BLOCKED_LIST,
    "phone is currently unreachable/unavailable": Failure.PHONE_UNREACHABLE,
    "phone number is opted out": Failure.OPTED_OUT,
    "this delivery would exceed max price": Failure.MAX_PRICE,
    "unknown error attempting to reach phone": Failure.PROVIDER_ERROR,
    "no quota left for account": Failure.SPEND_LIMIT,
}


class Settlement(StrEnum):
    """What a receipt did."""

    APPLIED = "applied"
    IGNORED = "ignored"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Settled:
    """What a receipt did, and to which invitation."""

    how: Settlement
    invitation: Invitation | None = None


def parse_line(text: str) -> Receipt | None:
    """The receipt of one line of a delivery log, of SNS or of End User Messaging; None for one that is not understood.

    A failure in words that AWS doesn't document is a failure all the same, with `recognised` False so that somebody
    looks at it.
    """
    try:
        line: dict[str, Any] = json.loads(text)
        if eum_receipts.is_event(line):
            return eum_receipts.receipt_of(line)
        notification, delivery, status = line["notification"], line["delivery"], line["status"]
        message_id = str(notification["messageId"])
        published_at = datetime.fromisoformat(str(notification["timestamp"])).replace(tzinfo=UTC)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None
    if status not in {"SUCCESS", "FAILURE"}:
        return None
    failure = None if status == "SUCCESS" else _failure(str(delivery.get("providerResponse", "")))
    return Receipt(
        message_id=message_id,
        published_at=published_at,
        delivered=status == "SUCCESS",
        failure=failure,
        parts=_count(delivery.get("numberOfMessageParts")),
        destination=_phone(delivery.get("destination")),
        recognised=failure is not Failure.UNRECOGNISED,
    )


def is_interim(text: str) -> bool:
    """True for what is said about a message on its way, which settles nothing."""
    try:
        line: Any = json.loads(text)
    except ValueError:
        return False
    return isinstance(line, dict) and eum_receipts.is_event(line) and not eum_receipts.is_final(line)


def provider_words(text: str) -> str:
    """The provider's words in a line of the log, without any digit that could be of somebody's number."""
    line: dict[str, Any] = json.loads(text)
    words = line["messageStatus"] if eum_receipts.is_event(line) else line["delivery"].get("providerResponse", "")
    return re.sub(r"\d", "#", str(words))[:80]


def _failure(words: str) -> Failure:
    return _FAILURES.get(words.strip().rstrip(".").lower(), Failure.UNRECOGNISED)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


def _phone(value: object) -> PhoneNumber | None:
    try:
        return PhoneNumber(str(value))
    except ValueError:
        return None


class ReceiptService:
    """Applies receipts to invitations."""

    def __init__(
        self,
        *,
        store: InvitationStore,
        receipts: ReceiptStore,
        municipalities: Municipalities,
        keys: Callable[[], Keys],
    ) -> None:
        self._store = store
        self._receipts = receipts
        self._municipalities = municipalities
        self._keys = keys

    def record(self, receipt: Receipt) -> Settled:
        """Apply a receipt. Repeated, reordered and contradicting ones change nothing (a known outcome stands)."""
        owner = self._receipts.invitation_of(receipt.message_id)
        if owner is None:
            self._receipts.park(receipt)
            owner = self._receipts.invitation_of(receipt.message_id)
        if owner is not None:
            return self._apply(owner, receipt)
        return self._compare_with_lost_answers(receipt)

    def after_accepting(self, invitation: Invitation) -> Invitation:
        """The invitation, settled at once if its receipt was faster than its own record."""
        receipt = self._receipts.parked(str(invitation.message_id))
        if receipt is None:
            return invitation
        return self._apply(_owner(invitation), receipt).invitation or invitation

    def after_losing(self, invitation: Invitation) -> Invitation:
        """The invitation, settled if exactly one receipt can be its own. Two candidates prove nothing."""
        number = str(invitation.phone_hash)
        candidates = [
            receipt
            for receipt in self._receipts.parked_for_phone(invitation.municipality, number)
            if _may_be_of(receipt, invitation) and self._receipts.invitation_of(receipt.message_id) is None
        ]
        if len(candidates) != 1:
            return invitation
        settled = self._apply(_owner(invitation), candidates[0])
        return settled.invitation or invitation

    def _compare_with_lost_answers(self, receipt: Receipt) -> Settled:
        """Only for messages that nobody has noted: too rare for the walk over the municipalities to cost much."""
        if receipt.destination is None:
            return Settled(Settlement.PARKED)
        for entry in self._municipalities.directory():
            number = phone_hash(self._keys(), entry.id, receipt.destination)
            for owner in self._receipts.in_flight(entry.id, number):
                invitation = self._store.get(entry.id, owner.contact_id, owner.wave)
                if invitation is None or not _may_be_of(receipt, invitation):
                    continue
                self._receipts.park_for_phone(entry.id, number, replace(receipt, destination=None))
                current = self._store.get(entry.id, owner.contact_id, owner.wave) or invitation
                if current.state is InvitationState.AMBIGUOUS:
                    after = self.after_losing(current)
                    if after.is_final:
                        return Settled(Settlement.APPLIED, after)
        return Settled(Settlement.PARKED)

    def _apply(self, owner: MessageOwner, receipt: Receipt) -> Settled:
        for _ in range(_RACES):
            invitation = self._store.get(owner.municipality, owner.contact_id, owner.wave)
            if invitation is None or _belongs_to_another(receipt, invitation):
                return Settled(Settlement.IGNORED)
            after = invitation.settled(receipt)
            if after is None:
                return Settled(Settlement.IGNORED, invitation)
            if self._store.advance(invitation, after):
                return Settled(Settlement.APPLIED, after)
        raise Busy


def _owner(invitation: Invitation) -> MessageOwner:
    return MessageOwner(invitation.municipality, invitation.contact_id, invitation.wave)


def _belongs_to_another(receipt: Receipt, invitation: Invitation) -> bool:
    return invitation.message_id is not None and invitation.message_id != receipt.message_id


def _may_be_of(receipt: Receipt, invitation: Invitation) -> bool:
    """Published between the claim and the end of its lease: nobody but the claimer can have sent it."""
    claimed_at = invitation.claimed_at
    if claimed_at is None:
        return False
    return claimed_at - _CLOCK_SKEW <= receipt.published_at <= claimed_at + LEASE
