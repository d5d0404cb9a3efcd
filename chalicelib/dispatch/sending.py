"""Claim → single attempt → record, and the end of what waited long enough (design 4.3)."""

from __future__ import annotations

import math
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.dispatch import sms_text
from chalicelib.dispatch.model import IN_FLIGHT, RECEIPT_WAIT, WAVE_OF, Failure, InvitationState, Reason, Wave
from chalicelib.dispatch.ports import ClaimAnswer, Hint, NotSent, QueueUnavailable, Refused, Sent
from chalicelib.dispatch.quiet_hours import next_allowed
from chalicelib.shared.errors import Busy, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from chalicelib.dispatch.messages import Messages
    from chalicelib.dispatch.model import Invitation
    from chalicelib.dispatch.ports import InvitationStore, Outcome, SendQueue, SmsSender
    from chalicelib.dispatch.receipts import ReceiptService
    from chalicelib.municipalities.model import Municipality
    from chalicelib.municipalities.service import Municipalities
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.work import WorkItem

HINT_AHEAD: Final = timedelta(minutes=15)
"""The longest delay of an SQS message; what is due later is found by the sweep."""

_RETRY: Final = timedelta(minutes=1)
_LONGEST_RETRY: Final = timedelta(minutes=15)
_RACES: Final = 5


class Sending:
    """Sends invitations and reminders, each at most once."""

    def __init__(
        self,
        *,
        store: InvitationStore,
        receipts: ReceiptService,
        sender: SmsSender,
        queue: SendQueue,
        municipalities: Municipalities,
        messages: Messages,
        clock: Callable[[], Clock],
    ) -> None:
        self._store = store
        self._receipts = receipts
        self._sender = sender
        self._queue = queue
        self._municipalities = municipalities
        self._messages = messages
        self._clock = clock

    def send(self, municipality_id: str, contact_id: str, wave: Wave) -> Invitation | None:
        """Send one message if it is due, and say what became of it; None if there was nothing to do.

        At most one call to the provider per invitation and reminder, whatever crashes or repeats (I4): only who stored
        the claim sends, and a claim is only given back when the message certainly was not sent.
        """
        invitation = self._store.get(municipality_id, contact_id, wave)
        if invitation is None or invitation.state is not InvitationState.SCHEDULED:
            return None
        municipality, now = self._municipalities.get(municipality_id), self._clock().now()
        if invitation.send_at is not None and now < invitation.send_at:
            self.hint([invitation], now)
            return None
        allowed = next_allowed(now, municipality.survey, municipality.closing_days)
        if invitation.not_after is not None and allowed > invitation.not_after:
            return self._advanced(invitation, invitation.expired())
        if allowed > now:
            return self._advanced(invitation, invitation.rescheduled(allowed))
        return self._claim_and_send(invitation, municipality, now)

    def settle(self, work: WorkItem) -> Invitation | None:
        """End what waited long enough: a dead claimer's lease, or the 72 hours in which a receipt may come."""
        invitation = self._store.get(work.municipality, work.subject, WAVE_OF[work.kind])
        now = self._clock().now()
        if invitation is None:
            return None
        if invitation.state is InvitationState.CLAIMED:
            if invitation.lease_until is None or now < invitation.lease_until:
                return None
            lost = invitation.ambiguous()
            return self._receipts.after_losing(lost) if self._store.advance(invitation, lost) else None
        waits = invitation.state in {InvitationState.ACCEPTED, InvitationState.AMBIGUOUS}
        if not waits or invitation.sent_at is None or now < invitation.sent_at + RECEIPT_WAIT:
            return None
        return self._advanced(invitation, invitation.failed(Failure.UNKNOWN))

    def enqueue(self, work: Sequence[WorkItem]) -> None:
        """Hints for due messages, from their pending work.

        Raises:
            QueueUnavailable: the queue took them not, or not all.
        """
        self._queue.enqueue(Hint(item.municipality, item.subject, wave=WAVE_OF[item.kind]) for item in work)

    def hint(self, invitations: Sequence[Invitation], now: datetime) -> None:
        """Say to the queue when to look, for those that are due soon."""
        hints = [
            Hint(each.municipality, each.contact_id, _seconds_until(each.send_at, now), each.wave)
            for each in invitations
            if each.state is InvitationState.SCHEDULED and each.send_at is not None and each.send_at <= now + HINT_AHEAD
        ]
        try:
            self._queue.enqueue(hints)
        except QueueUnavailable:
            return  # A hint only saves time: the pending work is stored, and the sweep finds it.

    def _claim_and_send(self, invitation: Invitation, municipality: Municipality, now: datetime) -> Invitation | None:
        text = self._messages.text_of(invitation, municipality)
        phone, claimed = invitation.phone, invitation.claimed(now, secrets.token_hex(8))
        if phone is None:
            raise NotFound("a scheduled invitation without its phone number")
        days = municipality.survey.quarantine_days
        answer = self._store.claim(invitation, claimed, now + timedelta(days=days) if days else None)
        if answer is ClaimAnswer.LOST:
            return None
        if answer is not ClaimAnswer.HELD:
            return self._advanced(invitation, invitation.suppressed(Reason(answer)))
        outcome = self._sender.send(phone, text, municipality.survey.sender)
        return self._record(claimed, outcome, parts=sms_text.measure(text).parts)

    def _record(self, claimed: Invitation, outcome: Outcome, *, parts: int) -> Invitation:
        """What the provider answered, stored. A proof of sending counts even if the lease has ended meanwhile."""
        if isinstance(outcome, Sent):
            return self._record_accepted(claimed, outcome.message_id, parts)
        if isinstance(outcome, Refused):
            return self._given_up(claimed, claimed.failed(outcome.failure))
        if isinstance(outcome, NotSent):
            retried = self._given_up(claimed, claimed.rescheduled(self._next_attempt(claimed), outcome.cause))
            self.hint([retried], self._clock().now())
            return retried
        lost = claimed.ambiguous()
        return self._receipts.after_losing(lost) if self._store.advance(claimed, lost) else claimed

    def _record_accepted(self, claimed: Invitation, message_id: str, parts: int) -> Invitation:
        current = claimed
        for _ in range(_RACES):
            accepted = current.accepted(self._clock().now(), message_id, parts)
            if self._store.advance(current, accepted):
                return self._receipts.after_accepting(accepted)
            current = self._store.get(claimed.municipality, claimed.contact_id, claimed.wave) or claimed
            if current.state not in IN_FLIGHT:
                return current
        raise Busy

    def _given_up(self, claimed: Invitation, after: Invitation) -> Invitation:
        if not self._store.advance(claimed, after):
            return claimed
        if claimed.wave is Wave.INVITATION:  # a reminder's quarantine is the invitation's own, which was sent
            self._store.release_quarantine(claimed.municipality, str(claimed.phone_hash), claimed.contact_id)
        return after

    def _next_attempt(self, claimed: Invitation) -> datetime:
        municipality = self._municipalities.get(claimed.municipality)
        # Spread by id, so that what was throttled together does not come back together.
        spread = timedelta(seconds=sum(claimed.contact_id.encode()) % 30)
        delay = min(_RETRY * 2 ** (claimed.attempts - 1), _LONGEST_RETRY) + spread
        return next_allowed(self._clock().now() + delay, municipality.survey, municipality.closing_days)

    def _advanced(self, before: Invitation, after: Invitation) -> Invitation | None:
        return after if self._store.advance(before, after) else None


def _seconds_until(moment: datetime, now: datetime) -> int:
    return max(0, math.ceil((moment - now).total_seconds()))
