"""What dispatch needs from the outside, as Protocols; `adapters` fills them, `tests/fakes/dispatch.py` too."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from chalicelib.dispatch.model import Wave
from chalicelib.shared.errors import BorgerpulsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from chalicelib.dispatch.model import Failure, Invitation, Receipt
    from chalicelib.dispatch.policy import CompletedContact, ConsentState, History, QuotaUse
    from chalicelib.shared.phone import PhoneNumber
    from chalicelib.shared.work import WorkItem


class QuotaReached(BorgerpulsError):
    """Somebody else took the last place of a quota meanwhile; nothing was written."""

    code = "quota_reached"
    status = 409


class QueueUnavailable(BorgerpulsError):
    """The send queue took no hint; the sweep will find the work."""

    code = "queue_unavailable"
    status = 503


@dataclass(frozen=True, slots=True)
class SurveyLink:
    """A survey link as it is stored: by the hash of its token, with what it leads to."""

    token_hash: str
    municipality: str
    contact_id: str
    language: str
    until: datetime


@dataclass(frozen=True, slots=True)
class MessageOwner:
    """The invitation or reminder that a message belongs to."""

    municipality: str
    contact_id: str
    wave: Wave = Wave.INVITATION


class ClaimAnswer(StrEnum):
    """Who may send. Everything but HELD means: not you, not now."""

    HELD = "held"
    LOST = "lost"
    WITHDRAWN = "withdrawn"
    OPTED_OUT = "opted_out"
    QUARANTINE = "quarantine"
    ANSWERED = "answered"


class InvitationStore(Protocol):
    """Invitations, and the facts that decide about them. Every write is one transaction with its pending work."""

    def contact(self, municipality: str, contact_id: str) -> CompletedContact | None:
        """The completed contact."""
        ...

    def circumstances(
        self, municipality: str, contact_id: str, phone_hash: str | None, quotas: Sequence[QuotaUse] = ()
    ) -> tuple[ConsentState | None, History]:
        """Consent as it stands now, what is known of the phone number, and how much of these quotas is used."""
        ...

    def add(
        self, invitation: Invitation, decided: WorkItem, link: SurveyLink | None, quotas: Sequence[QuotaUse] = ()
    ) -> bool:
        """Store a decision with its link, its work and its places, and end the deciding; False if decided before.

        Raises:
            QuotaReached: a place was taken meanwhile; decide anew.
        """
        ...

    def remind(self, before: Invitation, after: Invitation, reminder: Invitation | None, decided: WorkItem) -> bool:
        """Store the decision about a reminder and end the deciding; False if somebody else moved the invitation."""
        ...

    def end(self, work: WorkItem) -> None:
        """End work that turned out to be done already."""
        ...

    def get(self, municipality: str, contact_id: str, wave: Wave = Wave.INVITATION) -> Invitation | None:
        """The invitation or its reminder, read consistently."""
        ...

    def is_answered(self, municipality: str, contact_id: str) -> bool:
        """True if the questionnaire has been finished."""
        ...

    def advance(self, before: Invitation, after: Invitation) -> bool:
        """Store the next version with its work; False if somebody else moved it first."""
        ...

    def claim(self, before: Invitation, after: Invitation, quarantine_until: datetime | None) -> ClaimAnswer:
        """Store the claim if consent stands, nobody opted out and no quarantine is held by another contact (I3).

        A reminder is claimed only while nobody has answered.
        """
        ...

    def release_quarantine(self, municipality: str, phone_hash: str, contact_id: str) -> None:
        """Take back the quarantine that this contact holds: its message certainly was not sent."""
        ...

    def link(self, token_hash: str) -> SurveyLink | None:
        """The survey link with that hash, also when it has expired."""
        ...

    def opt_out(self, municipality: str, contact_id: str, phone_hash: str | None, now: datetime) -> None:
        """No survey message to this phone number any more, and the consent of this contact is withdrawn."""
        ...

    def close_link(self, link: SurveyLink, now: datetime) -> None:
        """The link has expired from `now` on."""
        ...


class ReceiptStore(Protocol):
    """Which message belongs to which invitation, and receipts that came before anybody knew."""

    def invitation_of(self, message_id: str) -> MessageOwner | None:
        """Whose message it is, if the provider accepted it from us."""
        ...

    def park(self, receipt: Receipt) -> None:
        """Keep a receipt whose message nobody knows yet."""
        ...

    def parked(self, message_id: str) -> Receipt | None:
        """The receipt kept for a message."""
        ...

    def in_flight(self, municipality: str, phone_hash: str) -> Sequence[MessageOwner]:
        """The invitations and reminders to this number that are claimed or ambiguous."""
        ...

    def park_for_phone(self, municipality: str, phone_hash: str, receipt: Receipt) -> None:
        """Keep a receipt that may belong to a send in flight to this number."""
        ...

    def parked_for_phone(self, municipality: str, phone_hash: str) -> Sequence[Receipt]:
        """The receipts kept for this number."""
        ...


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took the message."""

    message_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider said no, for good."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class NotSent:
    """Certainly not sent, for a reason that passes: throttled, unreachable, our own permissions."""

    cause: str


@dataclass(frozen=True, slots=True)
class AnswerLost:
    """It may have been sent."""


Outcome = Sent | Refused | NotSent | AnswerLost


class SmsSender(Protocol):
    """The provider. One call is one attempt."""

    def send(self, phone: PhoneNumber, text: str, sender_id: str) -> Outcome:
        """Try once to send."""
        ...


@dataclass(frozen=True, slots=True)
class Hint:
    """Look at this invitation after `delay_seconds`."""

    municipality: str
    contact_id: str
    delay_seconds: int = 0
    wave: Wave = Wave.INVITATION


class SendQueue(Protocol):
    """Hints to the sender. Losing or doubling one changes nothing but the time."""

    def enqueue(self, hints: Iterable[Hint]) -> None:
        """Queue them.

        Raises:
            QueueUnavailable: some may not be queued.
        """
        ...
