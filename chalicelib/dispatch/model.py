"""An invitation and its states. One per decided contact, whether it is sent or not, so that every "no" can be counted.

                 ┌──────────────▶ suppressed / expired
    scheduled ──┤      ┌────────▶ failed (refused before it left)
        ▲       └▶ claimed ──▶ accepted ──▶ delivered / failed
        └─(certainly not sent)─┤   ▲
                               └▶ ambiguous ──▶ delivered / failed

Only the holder of the claim sends, once. What became of a lost answer is learnt from receipts,
never by sending again (I4). A reminder is an invitation of its own beside the first, with the same states and the same
link: at most one, planned when the first has left.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from chalicelib.municipalities.model import Channel
from chalicelib.shared.errors import WrongState
from chalicelib.shared.work import WorkItem, WorkKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chalicelib.shared.identifiers import ContactId
    from chalicelib.shared.phone import PhoneNumber

LEASE: Final = timedelta(minutes=3)
"""Longer than the sending function may run, so that an expired lease means a dead claimer."""

RECEIPT_WAIT: Final = timedelta(hours=72)
"""AWS promises the delivery log within 72 hours; after that the outcome stays unknown."""


class InvitationState(StrEnum):
    """Where an invitation is."""

    NOT_INVITED = "not_invited"
    SCHEDULED = "scheduled"
    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"
    AMBIGUOUS = "ambiguous"
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"


class Wave(StrEnum):
    """Which of a contact's at most two messages it is."""

    INVITATION = "invitation"
    REMINDER = "reminder"


_S = InvitationState

TRANSITIONS: Final[Mapping[InvitationState, frozenset[InvitationState]]] = {
    _S.NOT_INVITED: frozenset(),
    _S.SCHEDULED: frozenset({_S.SCHEDULED, _S.CLAIMED, _S.EXPIRED, _S.SUPPRESSED}),
    _S.CLAIMED: frozenset({_S.SCHEDULED, _S.ACCEPTED, _S.AMBIGUOUS, _S.FAILED}),
    _S.ACCEPTED: frozenset({_S.DELIVERED, _S.FAILED}),
    # `accepted`: a claimer that was slower than its lease still brings the proof that it sent.
    _S.AMBIGUOUS: frozenset({_S.ACCEPTED, _S.DELIVERED, _S.FAILED}),
    # Only from "unknown": a receipt that comes after all is knowledge, where there was none (see `Invitation.settled`).
    _S.FAILED: frozenset({_S.DELIVERED, _S.FAILED}),
    _S.DELIVERED: frozenset(),
    _S.EXPIRED: frozenset(),
    _S.SUPPRESSED: frozenset(),
}

FINAL: Final = frozenset({_S.NOT_INVITED, _S.DELIVERED, _S.FAILED, _S.EXPIRED, _S.SUPPRESSED})
IN_FLIGHT: Final = frozenset({_S.CLAIMED, _S.AMBIGUOUS})


class Reason(StrEnum):
    """Why a contact was not invited, or an invitation not sent. Every one is counted (SK-02, SK-11, SK-24, GE-05)."""

    INTERNAL = "internal"
    NO_SHOW = "no_show"
    UNCLOSED = "unclosed"  # nobody at the desk said when it ended
    OUTAGE = "outage"  # it ended in a time that the municipality's file excepts
    REASON_EXCLUDED = "reason_excluded"
    NO_CONSENT = "no_consent"
    WITHDRAWN = "withdrawn"
    NO_PHONE = "no_phone"
    NO_MOBILE = "no_mobile"  # a number that can't get an SMS
    COUNTRY_NOT_ALLOWED = "country_not_allowed"
    NOT_IN_PILOT = "not_in_pilot"
    OPTED_OUT = "opted_out"
    QUARANTINE = "quarantine"
    SAMPLING = "sampling"
    QUOTA = "quota"
    TOO_LATE = "too_late"
    ANSWERED = "answered"  # not needed: of a reminder, or after the kiosk has asked
    NOT_DELIVERED = "not_delivered"  # of a reminder: the first message did not arrive


class Failure(StrEnum):
    """Why a message that was sent, or refused, did not arrive."""

    INVALID_NUMBER = "invalid_number"
    INVALID_TEXT = "invalid_text"
    OPTED_OUT = "opted_out"
    SPAM = "spam"
    BLOCKED_LIST = "blocked_list"
    CARRIER_BLOCKED = "carrier_blocked"
    CARRIER_UNREACHABLE = "carrier_unreachable"
    PHONE_BLOCKED = "phone_blocked"
    PHONE_UNREACHABLE = "phone_unreachable"
    MAX_PRICE = "max_price"
    SPEND_LIMIT = "spend_limit"
    PROVIDER_ERROR = "provider_error"
    UNRECOGNISED = "unrecognised"  # a failure in words that we don't know: an alarm, not a guess
    UNKNOWN = "unknown"  # no receipt within 72 hours


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the delivery log says about one message. `destination` masks itself."""

    message_id: str
    published_at: datetime
    delivered: bool
    failure: Failure | None = None
    parts: int | None = None
    destination: PhoneNumber | None = None
    recognised: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One contact's invitation. Frozen: each method returns the next version, or raises WrongState.

    `phone` is there only until a final state is reached; `phone_hash` stays, so that the citizen can opt out later.
    `channel` is the contact's: a message about a call doesn't thank for a visit.
    `link_version` names the key of the survey link, so that rotating keys between deciding and sending breaks none.
    `reminder_days` after it was sent a reminder is decided about (0: never); the answer is `reminder_planned_at`, or
    `no_reminder_reason`.
    """

    municipality: str
    contact_id: ContactId
    state: InvitationState
    language: str
    decided_at: datetime
    contact_ended_at: datetime
    channel: str = Channel.IN_PERSON
    version: int = 1
    reason: Reason | None = None
    send_at: datetime | None = None
    not_after: datetime | None = None
    phone: PhoneNumber | None = None
    phone_hash: str | None = None
    code: str | None = field(default=None, repr=False)
    link_version: str | None = None
    attempts: int = 0
    claim: str | None = None
    claimed_at: datetime | None = None
    sent_at: datetime | None = None
    message_id: str | None = None
    delivered_at: datetime | None = None
    failure: Failure | None = None
    parts: int | None = None
    delayed_by: str | None = None
    wave: Wave = Wave.INVITATION
    reminder_days: int = 0
    reminder_planned_at: datetime | None = None
    no_reminder_reason: Reason | None = None

    @property
    def is_final(self) -> bool:
        """True when nothing more is left to do."""
        return self.state in FINAL

    @property
    def lease_until(self) -> datetime | None:
        """Until when the claimer has the invitation to itself."""
        return self.claimed_at + LEASE if self.claimed_at is not None else None

    def decided_against(self, reason: Reason) -> Invitation:
        """The decision not to invite."""
        return replace(self, state=_S.NOT_INVITED, reason=reason)

    def rescheduled(self, send_at: datetime, cause: str | None = None) -> Invitation:
        """It will be tried at `send_at`: the hours were quiet, or it certainly was not sent, for that `cause`."""
        return self._to(_S.SCHEDULED, send_at=send_at, claim=None, claimed_at=None, delayed_by=cause)

    def claimed(self, now: datetime, claim: str) -> Invitation:
        """Whoever stores this version may send, once. `claim` tells this claimer from any other."""
        return self._to(_S.CLAIMED, claim=claim, claimed_at=now, attempts=self.attempts + 1)

    def accepted(self, now: datetime, message_id: str, parts: int) -> Invitation:
        """The provider took it."""
        return self._to(_S.ACCEPTED, sent_at=now, message_id=message_id, parts=parts)

    def ambiguous(self) -> Invitation:
        """It may have been sent; nobody knows. Never sent again."""
        return self._to(_S.AMBIGUOUS, sent_at=self.claimed_at)

    def failed(self, failure: Failure) -> Invitation:
        """It did not arrive, or nobody will ever know."""
        return self._to(_S.FAILED, failure=failure)

    def expired(self) -> Invitation:
        """Too late to ask: a late question is worse than none."""
        return self._to(_S.EXPIRED, reason=Reason.TOO_LATE)

    def suppressed(self, reason: Reason) -> Invitation:
        """The citizen withdrew, opted out or was asked elsewhere before it was sent (I3)."""
        return self._to(_S.SUPPRESSED, reason=reason)

    def reminded(self, planned_at: datetime) -> Invitation:
        """A reminder goes out at `planned_at`; in the same write, the reminder begins."""
        return replace(self, reminder_planned_at=planned_at, version=self.version + 1)

    def not_reminded(self, reason: Reason) -> Invitation:
        """There is no reminder."""
        return replace(self, no_reminder_reason=reason, version=self.version + 1)

    def settled(self, receipt: Receipt) -> Invitation | None:
        """What a receipt makes of it; None when it tells nothing new. A known outcome is never overwritten."""
        known = self.state is _S.FAILED and self.failure is not Failure.UNKNOWN
        if known or self.state not in {_S.ACCEPTED, _S.AMBIGUOUS, _S.FAILED}:
            return None
        facts: dict[str, Any] = {
            "message_id": self.message_id or receipt.message_id,
            "parts": receipt.parts or self.parts,
            "failure": receipt.failure,
        }
        if receipt.delivered:
            return self._to(_S.DELIVERED, delivered_at=receipt.published_at, **facts)
        return self._to(_S.FAILED, **facts)

    def _to(self, state: InvitationState, **facts: Any) -> Invitation:
        if state not in TRANSITIONS[self.state]:
            message = f"an invitation can't go from {self.state} to {state}"
            raise WrongState(message)
        if state in FINAL:
            facts |= {"phone": None, "code": None}
        return replace(self, state=state, version=self.version + 1, **facts)


_KINDS: Final[Mapping[Wave, tuple[WorkKind, WorkKind]]] = {
    Wave.INVITATION: (WorkKind.SEND, WorkKind.SETTLE),
    Wave.REMINDER: (WorkKind.SEND_REMINDER, WorkKind.SETTLE_REMINDER),
}
WAVE_OF: Final[Mapping[WorkKind, Wave]] = {kind: wave for wave, kinds in _KINDS.items() for kind in kinds}
"""Whose work it is, by the kind of work."""


def work_of(invitation: Invitation) -> WorkItem | None:
    """The one work item that an invitation has while something is left to do; None when it is final."""
    send, settle = _KINDS[invitation.wave]
    if invitation.state is _S.SCHEDULED:
        due, kind = invitation.send_at, send
    elif invitation.state is _S.CLAIMED:
        due, kind = invitation.lease_until, settle
    elif invitation.state in {_S.ACCEPTED, _S.AMBIGUOUS} and invitation.sent_at is not None:
        due, kind = invitation.sent_at + RECEIPT_WAIT, settle
    else:
        return None
    if due is None:
        return None
    return WorkItem(invitation.municipality, kind, invitation.contact_id, due)


def landing_of(invitation: Invitation) -> WorkItem | None:
    """The work item that lands this version of the invitation in the lake; its reminder lands with it, not beside."""
    if invitation.wave is Wave.REMINDER:
        return None
    return WorkItem(
        invitation.municipality,
        WorkKind.LAND_INVITATION,
        invitation.contact_id,
        invitation.decided_at,
        version=invitation.version,
    )


def reminder_work(before: Invitation, after: Invitation) -> WorkItem | None:
    """The work of deciding about a reminder. It begins with the first proof that the message left, which comes once.

    It takes the phone number along, which the invitation itself gives up when it is delivered.
    """
    proven = before.state in IN_FLIGHT and after.state in {_S.ACCEPTED, _S.DELIVERED}
    if not proven or not after.reminder_days or after.sent_at is None or before.phone is None:
        return None
    due = after.sent_at + timedelta(days=after.reminder_days)
    payload = {"phone": before.phone.reveal(), "code": before.code}
    return WorkItem(after.municipality, WorkKind.ASK_AGAIN, after.contact_id, due, payload)
