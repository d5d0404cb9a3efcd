"""Use cases of dispatch: decide → claim → send → record (design 4.3). Rules live in `policy` and `model`."""

from __future__ import annotations

import math
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.dispatch import sms_text
from chalicelib.dispatch.model import IN_FLIGHT, RECEIPT_WAIT, Failure, Invitation, InvitationState, Reason
from chalicelib.dispatch.policy import ConsentState, Invite, decide
from chalicelib.dispatch.ports import ClaimAnswer, Hint, NotSent, QueueUnavailable, Refused, Sent, SurveyLink
from chalicelib.dispatch.quiet_hours import next_allowed
from chalicelib.shared.errors import Busy, NotFound
from chalicelib.shared.hashing import is_token, link_token, phone_hash, token_hash
from chalicelib.shared.languages import in_language
from chalicelib.shared.phone import PhoneNumber
from chalicelib.shared.work import WorkItem, WorkKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from chalicelib.dispatch.policy import CompletedContact
    from chalicelib.dispatch.ports import InvitationStore, Outcome, SendQueue, SmsSender
    from chalicelib.dispatch.receipts import ReceiptService
    from chalicelib.municipalities.model import Municipality
    from chalicelib.municipalities.service import Municipalities
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.hashing import Keys
    from chalicelib.shared.work import PendingWork

HINT_AHEAD: Final = timedelta(minutes=15)
"""The longest delay of an SQS message; what is due later is found by the sweep."""

_RETRY: Final = timedelta(minutes=1)
_LONGEST_RETRY: Final = timedelta(minutes=15)
_RACES: Final = 5


class DispatchService:
    """Deciding, scheduling, sending and timing out. Every method may run twice or concurrently."""

    def __init__(
        self,
        *,
        store: InvitationStore,
        receipts: ReceiptService,
        sender: SmsSender,
        queue: SendQueue,
        work: PendingWork,
        municipalities: Municipalities,
        keys: Callable[[], Keys],
        clock: Callable[[], Clock],
        public_url: str,
    ) -> None:
        self._store = store
        self._receipts = receipts
        self._sender = sender
        self._queue = queue
        self._work = work
        self._municipalities = municipalities
        self._keys = keys
        self._clock = clock
        self._public_url = public_url

    def decide_contact(self, contact: CompletedContact) -> Invitation | None:
        """The contact has a stored decision afterwards; returned if it was made now (SK-03)."""
        work = self._work.find(contact.municipality, WorkKind.DECIDE, contact.id, contact.ended_at)
        return None if work is None else self._decide(contact, work)

    def redo_decision(self, work: WorkItem) -> Invitation | None:
        """The same, from the pending work that a stream lost.

        Raises:
            NotFound: work without its contact, which one transaction wrote: a defect to look at.
        """
        contact = self._store.contact(work.municipality, work.subject)
        if contact is None:
            raise NotFound("pending work without its contact")
        return self._decide(contact, work)

    def _decide(self, contact: CompletedContact, work: WorkItem) -> Invitation | None:
        municipality = self._municipalities.get(contact.municipality)
        now, phone = self._clock().now(), _phone(work)
        number = None if phone is None else phone_hash(self._keys(), municipality.id, phone)
        consent, history = self._store.circumstances(municipality.id, contact.id, number)
        decision = decide(contact, consent, history, municipality, now, phone=phone)
        invitation = Invitation(
            municipality=municipality.id,
            contact_id=contact.id,
            state=InvitationState.NOT_INVITED,
            language=str(work.payload.get("language") or "da"),
            decided_at=now,
            contact_ended_at=contact.ended_at,
        )
        if not isinstance(decision, Invite):
            invitation = invitation.decided_against(decision.reason)
            return invitation if self._store.add(invitation, work, None) else None
        invitation = replace(
            invitation,
            state=InvitationState.SCHEDULED,
            send_at=decision.send_at,
            not_after=decision.not_after,
            phone=phone,
            phone_hash=number,
            code=work.payload.get("code"),
            link_version=self._keys().link_version,
        )
        if not self._store.add(invitation, work, self._link_of(invitation, municipality)):
            return None
        self._hint([invitation], now)
        return invitation

    def send(self, municipality_id: str, contact_id: str) -> Invitation | None:
        """Send one invitation if it is due, and say what became of it; None if there was nothing to do.

        At most one call to the provider per contact, whatever crashes or repeats (I4): only who stored the claim sends,
        and a claim is only given back when the message certainly was not sent.
        """
        invitation = self._store.get(municipality_id, contact_id)
        if invitation is None or invitation.state is not InvitationState.SCHEDULED:
            return None
        municipality, now = self._municipalities.get(municipality_id), self._clock().now()
        if invitation.send_at is not None and now < invitation.send_at:
            self._hint([invitation], now)
            return None
        allowed = next_allowed(now, municipality.survey, municipality.closing_days)
        if invitation.not_after is not None and allowed > invitation.not_after:
            return self._advanced(invitation, invitation.expired())
        if allowed > now:
            return self._advanced(invitation, invitation.rescheduled(allowed))
        return self._claim_and_send(invitation, municipality, now)

    def _claim_and_send(self, invitation: Invitation, municipality: Municipality, now: datetime) -> Invitation | None:
        text = self._text(invitation, municipality)
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
            retried = self._given_up(claimed, claimed.rescheduled(self._next_attempt(claimed)))
            self._hint([retried], self._clock().now())
            return retried
        lost = claimed.ambiguous()
        return self._receipts.after_losing(lost) if self._store.advance(claimed, lost) else claimed

    def _record_accepted(self, claimed: Invitation, message_id: str, parts: int) -> Invitation:
        current = claimed
        for _ in range(_RACES):
            accepted = current.accepted(self._clock().now(), message_id, parts)
            if self._store.advance(current, accepted):
                return self._receipts.after_accepting(accepted)
            current = self._store.get(claimed.municipality, claimed.contact_id) or claimed
            if current.state not in IN_FLIGHT:
                return current
        raise Busy

    def _given_up(self, claimed: Invitation, after: Invitation) -> Invitation:
        if not self._store.advance(claimed, after):
            return claimed
        self._store.release_quarantine(claimed.municipality, str(claimed.phone_hash), claimed.contact_id)
        return after

    def _next_attempt(self, claimed: Invitation) -> datetime:
        municipality = self._municipalities.get(claimed.municipality)
        # Spread by id, so that what was throttled together does not come back together.
        spread = timedelta(seconds=sum(claimed.contact_id.encode()) % 30)
        delay = min(_RETRY * 2 ** (claimed.attempts - 1), _LONGEST_RETRY) + spread
        return next_allowed(self._clock().now() + delay, municipality.survey, municipality.closing_days)

    def settle(self, work: WorkItem) -> Invitation | None:
        """End what waited long enough: a dead claimer's lease, or the 72 hours in which a receipt may come."""
        invitation, now = self._store.get(work.municipality, work.subject), self._clock().now()
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
        """Hints for due invitations, from their pending work.

        Raises:
            QueueUnavailable: the queue took them not, or not all.
        """
        self._queue.enqueue(Hint(item.municipality, item.subject) for item in work)

    def survey_link(self, token: str) -> SurveyLink:
        """Where a survey token leads, also when it has expired.

        Raises:
            NotFound: there is no such link.
        """
        link = self._store.link(token_hash(token)) if is_token(token) else None
        if link is None:
            raise NotFound
        return link

    def is_opted_out(self, link: SurveyLink) -> bool:
        """True if the number behind a link gets no further questionnaire, as far as we still know the number."""
        number = self._number_of(link)
        consent, history = self._store.circumstances(link.municipality, link.contact_id, number)
        return history.opted_out if number is not None else consent is ConsentState.WITHDRAWN

    def opt_out(self, token: str) -> SurveyLink:
        """No survey message to this citizen from this municipality any more, at once; also after answering (I3).

        Raises:
            NotFound: there is no such link.
        """
        link = self.survey_link(token)
        self._store.opt_out(link.municipality, link.contact_id, self._number_of(link), self._clock().now())
        return link

    def _number_of(self, link: SurveyLink) -> str | None:
        invitation = self._store.get(link.municipality, link.contact_id)
        return None if invitation is None else invitation.phone_hash

    def _advanced(self, before: Invitation, after: Invitation) -> Invitation | None:
        return after if self._store.advance(before, after) else None

    def _hint(self, invitations: Sequence[Invitation], now: datetime) -> None:
        hints = [
            Hint(each.municipality, each.contact_id, max(0, math.ceil((each.send_at - now).total_seconds())))
            for each in invitations
            if each.state is InvitationState.SCHEDULED and each.send_at is not None and each.send_at <= now + HINT_AHEAD
        ]
        try:
            self._queue.enqueue(hints)
        except QueueUnavailable:
            return  # A hint only saves time: the pending work is stored, and the sweep finds it.

    def _token(self, invitation: Invitation) -> str:
        subject = f"{invitation.municipality}|{invitation.contact_id}"
        return link_token(self._keys(), "survey", subject, version=invitation.link_version)

    def _link_of(self, invitation: Invitation, municipality: Municipality) -> SurveyLink:
        starts = invitation.send_at or invitation.decided_at
        return SurveyLink(
            token_hash=token_hash(self._token(invitation)),
            municipality=municipality.id,
            contact_id=invitation.contact_id,
            language=invitation.language,
            until=starts + timedelta(days=municipality.survey.link_days),
        )

    def _text(self, invitation: Invitation, municipality: Municipality) -> str:
        template = in_language(municipality.sms_templates["invitation"], invitation.language)
        return sms_text.fit(
            template,
            {
                "municipality": in_language(municipality.name, invitation.language),
                "code": invitation.code,
                "link": f"{self._public_url}/s/{self._token(invitation)}",
            },
        )


def _phone(work: WorkItem) -> PhoneNumber | None:
    """The number that the contact left, if it is one."""
    try:
        return PhoneNumber(str(work.payload.get("phone") or ""))
    except ValueError:
        return None
