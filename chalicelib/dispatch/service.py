"""Use cases of dispatch: decide → claim → send → record (design 4.3). Rules live in `policy` and `model`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from chalicelib.dispatch.messages import Messages
from chalicelib.dispatch.model import Invitation, InvitationState, Wave
from chalicelib.dispatch.policy import ConsentState, Invite, NotInvited, decide, quota_places, remind
from chalicelib.dispatch.ports import QuotaReached
from chalicelib.dispatch.sending import Sending
from chalicelib.shared.errors import Busy, NotFound
from chalicelib.shared.hashing import is_token, phone_hash, token_hash
from chalicelib.shared.phone import PhoneNumber
from chalicelib.shared.work import WorkItem, WorkKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from chalicelib.dispatch.policy import CompletedContact, QuotaUse
    from chalicelib.dispatch.ports import InvitationStore, SendQueue, SmsSender, SurveyLink
    from chalicelib.dispatch.receipts import ReceiptService
    from chalicelib.municipalities.model import Municipality
    from chalicelib.municipalities.service import Municipalities
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.hashing import Keys
    from chalicelib.shared.work import PendingWork

_RACES: Final = 5


class DispatchService:
    """Deciding, scheduling, sending, reminding and timing out. Every method may run twice or concurrently."""

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
        self._work = work
        self._municipalities = municipalities
        self._keys = keys
        self._clock = clock
        self._messages = Messages(keys=keys, public_url=public_url)
        self._sending = Sending(
            store=store,
            receipts=receipts,
            sender=sender,
            queue=queue,
            municipalities=municipalities,
            messages=self._messages,
            clock=clock,
        )

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
        municipality, now = self._municipalities.get(contact.municipality), self._clock().now()
        places = quota_places(contact, municipality.survey, now)
        for _ in range(_RACES):
            invitation = self._decided(contact, work, municipality, places, now)
            invited = invitation.state is InvitationState.SCHEDULED
            link = self._messages.link_of(invitation, municipality) if invited else None
            try:
                stored = self._store.add(invitation, work, link, places if invited else ())
            except QuotaReached:
                continue
            if stored:
                self._sending.hint([invitation], now)
            return invitation if stored else None
        raise Busy

    def _decided(
        self,
        contact: CompletedContact,
        work: WorkItem,
        municipality: Municipality,
        places: Sequence[QuotaUse],
        now: datetime,
    ) -> Invitation:
        phone = _phone(work)
        number = None if phone is None else phone_hash(self._keys(), municipality.id, phone)
        consent, history = self._store.circumstances(municipality.id, contact.id, number, places)
        decision = decide(contact, consent, history, municipality, now, phone=phone)
        invitation = Invitation(
            municipality=municipality.id,
            contact_id=contact.id,
            state=InvitationState.NOT_INVITED,
            language=str(work.payload.get("language") or "da"),
            decided_at=now,
            contact_ended_at=contact.ended_at,
            channel=contact.channel,
        )
        if isinstance(decision, NotInvited):
            return invitation.decided_against(decision.reason)
        return replace(
            invitation,
            state=InvitationState.SCHEDULED,
            send_at=decision.send_at,
            not_after=decision.not_after,
            phone=phone,
            phone_hash=number,
            code=work.payload.get("code"),
            link_version=self._keys().link_version,
            reminder_days=municipality.survey.reminder_after_days,
        )

    def decide_reminder(self, work: WorkItem) -> Invitation | None:
        """The one reminder is planned, or a reason against it stored; returned is the invitation, if it was done now.

        What was planned is checked again at the moment of sending.
        """
        if self._clock().now() < work.due_at:
            return None
        for _ in range(_RACES):
            before = self._store.get(work.municipality, work.subject)
            if before is None or before.reminder_planned_at is not None or before.no_reminder_reason is not None:
                self._store.end(work)
                return None
            after, reminder = self._reminder(before, work)
            if self._store.remind(before, after, reminder, work):
                self._sending.hint([reminder] if reminder else [], self._clock().now())
                return after
        raise Busy

    def _reminder(self, before: Invitation, work: WorkItem) -> tuple[Invitation, Invitation | None]:
        municipality, now = self._municipalities.get(before.municipality), self._clock().now()
        consent, history = self._store.circumstances(before.municipality, before.contact_id, before.phone_hash)
        answered = self._store.is_answered(before.municipality, before.contact_id)
        decision = remind(before, consent, history, municipality, now, answered=answered)
        if not isinstance(decision, Invite):
            return before.not_reminded(decision.reason), None
        reminder = Invitation(
            municipality=before.municipality,
            contact_id=before.contact_id,
            state=InvitationState.SCHEDULED,
            language=before.language,
            decided_at=now,
            contact_ended_at=before.contact_ended_at,
            channel=before.channel,
            send_at=decision.send_at,
            not_after=decision.not_after,
            phone=_phone(work),
            phone_hash=before.phone_hash,
            code=work.payload.get("code"),
            link_version=before.link_version,
            wave=Wave.REMINDER,
        )
        return before.reminded(decision.send_at), reminder

    def send(self, municipality_id: str, contact_id: str, wave: Wave = Wave.INVITATION) -> Invitation | None:
        """Send one message if it is due (I4); None if there was nothing to do."""
        return self._sending.send(municipality_id, contact_id, wave)

    def settle(self, work: WorkItem) -> Invitation | None:
        """End what waited long enough: a dead claimer's lease, or the 72 hours in which a receipt may come."""
        return self._sending.settle(work)

    def enqueue(self, work: Sequence[WorkItem]) -> None:
        """Hints for due messages, from their pending work.

        Raises:
            QueueUnavailable: the queue took them not, or not all.
        """
        self._sending.enqueue(work)

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

    def not_me(self, token: str) -> SurveyLink:
        """The message reached somebody else: nothing more about this contact, and its link ends at once.

        The number itself is not barred: its real owner may want to be asked about visits of their own.

        Raises:
            NotFound: there is no such link.
        """
        link, now = self.survey_link(token), self._clock().now()
        self._store.opt_out(link.municipality, link.contact_id, None, now)
        self._store.close_link(link, now)
        return link

    def _number_of(self, link: SurveyLink) -> str | None:
        invitation = self._store.get(link.municipality, link.contact_id)
        return None if invitation is None else invitation.phone_hash


def _phone(work: WorkItem) -> PhoneNumber | None:
    """The number that the contact left, if it is one."""
    try:
        return PhoneNumber(str(work.payload.get("phone") or ""))
    except ValueError:
        return None
