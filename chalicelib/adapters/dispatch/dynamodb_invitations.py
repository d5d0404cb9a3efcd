"""Invitations in DynamoDB. Every change is one transaction with the pending work that it ends and begins."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pynamodb.exceptions import DeleteError

from chalicelib.adapters.citizens.dynamodb_consents import DynamoDbConsents, add_consent_change
from chalicelib.adapters.dispatch.dynamodb_receipts import in_flight_item, message_item
from chalicelib.adapters.dispatch.invitation_rows import (
    LINK,
    consent_state_key,
    invitation_from,
    invitation_item,
    invitation_key,
    link_from,
    link_item,
    phone_key,
    quota_ends,
    quota_item,
    read_circumstances,
    response_key,
    unanswered,
)
from chalicelib.adapters.dynamodb_work import pending_item, pending_key
from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import (
    ConsentItem,
    ContactItem,
    InvitationItem,
    LinkItem,
    OperationItem,
    ResponseItem,
    bound,
)
from chalicelib.adapters.transactions import Steps, response_code
from chalicelib.consent.model import ConsentState as Granted
from chalicelib.contacts.document import from_document as contact_from
from chalicelib.dispatch.document import to_document
from chalicelib.dispatch.model import IN_FLIGHT, Invitation, Wave, landing_of, reminder_work, work_of
from chalicelib.dispatch.policy import ConsentState, History, QuotaUse
from chalicelib.dispatch.ports import ClaimAnswer, QuotaReached, SurveyLink
from chalicelib.shared.clock import utc_text
from chalicelib.shared.errors import Ambiguous, Busy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from pynamodb.expressions.condition import Condition

    from chalicelib.contacts.model import Contact
    from chalicelib.shared.work import WorkItem

_INVITATION: Final = "invitation"
_REMINDER: Final = "its reminder"
_QUOTA: Final = "quota"
_OPT_OUT: Final = "opt_out_link"
_RACES: Final = 3


class DynamoDbInvitations:
    """`InvitationStore` on DynamoDB."""

    @busy_if_unread
    def contact(self, municipality: str, contact_id: str) -> Contact | None:
        """The completed contact."""
        model = bound(ContactItem)
        try:
            item = model.get(f"{municipality}#contact#{contact_id}", "contact", consistent_read=True)
        except model.DoesNotExist:
            return None
        return contact_from(item.document)

    @busy_if_unread
    def circumstances(
        self, municipality: str, contact_id: str, phone_hash: str | None, quotas: Sequence[QuotaUse] = ()
    ) -> tuple[ConsentState | None, History]:
        """Consent as it stands now, what is known of the phone number, and how much of these quotas is used."""
        return read_circumstances(municipality, contact_id, phone_hash, quotas)

    def add(
        self, invitation: Invitation, decided: WorkItem, link: SurveyLink | None, quotas: Sequence[QuotaUse] = ()
    ) -> bool:
        """The natural key (one per contact) makes a second decision impossible, and each place is taken once."""
        model, counters = bound(InvitationItem), bound(OperationItem)
        steps = Steps()
        steps.delete("decided", pending_item(decided))
        steps.put(_INVITATION, invitation_item(invitation), model.pk.does_not_exist())
        _add_work(steps, "landing", landing_of(invitation))
        _add_work(steps, "work", work_of(invitation))
        if link is not None:
            steps.put(LINK, link_item(link))
        for place in quotas:
            actions = [counters.number.add(1), counters.expires_at.set(quota_ends(invitation.decided_at))]
            free = counters.number.does_not_exist() | (counters.number < place.most)
            steps.update(_QUOTA, quota_item(invitation.municipality, place), actions, free)
        failed = self._commit(steps, invitation)
        if not failed:
            return True
        if _INVITATION not in failed:
            raise QuotaReached
        self.end(decided)
        return False

    def remind(self, before: Invitation, after: Invitation, reminder: Invitation | None, decided: WorkItem) -> bool:
        """The invitation says what was decided, in the transaction that begins the reminder."""
        steps = Steps()
        steps.delete("decided", pending_item(decided))
        _add_transition(steps, before, after)
        if reminder is not None:
            steps.put(_REMINDER, invitation_item(reminder), bound(InvitationItem).pk.does_not_exist())
            _add_work(steps, "reminder work", work_of(reminder))
        return not self._commit(steps, after)

    def end(self, work: WorkItem) -> None:
        """End work that turned out to be done already."""
        pending_item(work).delete()

    @busy_if_unread
    def get(self, municipality: str, contact_id: str, wave: Wave = Wave.INVITATION) -> Invitation | None:
        """The invitation or its reminder, read consistently."""
        model = bound(InvitationItem)
        try:
            item = model.get(*invitation_key(municipality, contact_id, wave), consistent_read=True)
        except model.DoesNotExist:
            return None
        return invitation_from(item)

    @busy_if_unread
    def is_answered(self, municipality: str, contact_id: str) -> bool:
        """True if the questionnaire has been finished."""
        model = bound(ResponseItem)
        try:
            row = model.get(*response_key(municipality, contact_id), consistent_read=True)
        except model.DoesNotExist:
            return False
        return str(row.state) == "finished"

    @busy_if_unread
    def many(
        self, municipality: str, contact_ids: Iterable[str], wave: Wave = Wave.INVITATION
    ) -> Mapping[str, Invitation]:
        """Those that exist, a hundred in a request."""
        keys = [invitation_key(municipality, contact_id, wave) for contact_id in contact_ids]
        rows = bound(InvitationItem).batch_get(keys, consistent_read=True) if keys else ()
        return {row.contact_id: invitation_from(row) for row in rows}

    def advance(self, before: Invitation, after: Invitation) -> bool:
        """Guarded by the version."""
        steps = Steps()
        _add_transition(steps, before, after)
        return not self._commit(steps, after)

    def claim(self, before: Invitation, after: Invitation, quarantine_until: datetime | None) -> ClaimAnswer:
        """One transaction, the last I/O before the send."""
        model, steps = bound(ConsentItem), Steps()
        municipality, phone_hash = before.municipality, str(before.phone_hash)
        consent = consent_state_key(municipality, before.contact_id)
        steps.check(ClaimAnswer.WITHDRAWN, model, consent, model.state == ConsentState.GRANTED.value)
        opted_out = phone_key(municipality, phone_hash, "opted_out")
        steps.check(ClaimAnswer.OPTED_OUT, model, opted_out, model.pk.does_not_exist())
        answers = response_key(municipality, before.contact_id)  # the kiosk may have asked before the message went
        steps.check(ClaimAnswer.ANSWERED, bound(ResponseItem), answers, unanswered())
        if quarantine_until is not None and after.claimed_at is not None:
            item = _quarantine_item(municipality, phone_hash, before.contact_id, quarantine_until)
            steps.put(ClaimAnswer.QUARANTINE, item, _free(after.claimed_at, before.contact_id))
        _add_transition(steps, before, after)
        failed = self._commit(steps, after)
        if not failed:
            return ClaimAnswer.HELD
        if _INVITATION in failed:
            return ClaimAnswer.LOST
        order = (ClaimAnswer.WITHDRAWN, ClaimAnswer.OPTED_OUT, ClaimAnswer.ANSWERED, ClaimAnswer.QUARANTINE)
        return next(answer for answer in order if answer in failed)

    def release_quarantine(self, municipality: str, phone_hash: str, contact_id: str) -> None:
        """Only if this contact holds it."""
        model = bound(ConsentItem)
        item = model(*phone_key(municipality, phone_hash, "quarantine"))
        try:
            item.delete(condition=model.state == contact_id)
        except DeleteError as exc:
            if response_code(exc) != "ConditionalCheckFailedException":
                raise

    @busy_if_unread
    def link(self, token_hash: str) -> SurveyLink | None:
        """The survey link with that hash, also when it has expired."""
        model = bound(LinkItem)
        try:
            item = model.get(token_hash, LINK, consistent_read=True)
        except model.DoesNotExist:
            return None
        return link_from(item) if item.purpose == "survey" else None

    def close_link(self, link: SurveyLink, now: datetime) -> None:
        """It stays as long as it would have, to say that it has expired."""
        model, steps = bound(LinkItem), Steps()
        ends = [model.until.set(int(min(now, link.until).timestamp()))]
        steps.update(LINK, model(link.token_hash, LINK), ends, model.pk.exists())
        steps.commit()

    def opt_out(self, municipality: str, contact_id: str, phone_hash: str | None, now: datetime) -> None:
        """The number's own record, the consent's state and its ledger row in one transaction."""
        for _ in range(_RACES):
            steps = Steps()
            consent = DynamoDbConsents().current(municipality, contact_id)
            if consent is not None and consent.state is Granted.GRANTED:
                withdrawn = replace(consent, state=Granted.WITHDRAWN, origin=_OPT_OUT, at=now)
                add_consent_change(steps, withdrawn, only_from=Granted.GRANTED)
            elif phone_hash is None:
                return
            if phone_hash is not None:
                key = phone_key(municipality, phone_hash, "opted_out")
                proof = {"at": utc_text(now), "origin": _OPT_OUT}
                steps.put("opted_out", bound(ConsentItem)(*key, state="opted_out", document=proof))
            if not steps.commit():
                return
        raise Busy

    def _commit(self, steps: Steps, meant: Invitation) -> frozenset[str]:
        """The conditions that failed; none if `meant` stands, also when the answer to writing it was lost on the way.

        Raises:
            Busy, Ambiguous: as `Steps.commit`; the claim of a writer that gives up so runs into its lease.
        """
        try:
            failed = steps.commit()
        except Ambiguous:
            if self._is(meant):
                return frozenset()
            raise
        return frozenset() if _INVITATION in failed and self._is(meant) else failed

    def _is(self, meant: Invitation) -> bool:
        """True if the stored invitation is exactly what was meant to be written."""
        stored = self.get(meant.municipality, meant.contact_id, meant.wave)
        return stored is not None and to_document(stored) == to_document(meant) and stored.state is meant.state


def _add_work(steps: Steps, name: str, work: WorkItem | None) -> None:
    if work is not None:
        steps.put(name, pending_item(work))


def _add_transition(steps: Steps, before: Invitation, after: Invitation) -> None:
    model = bound(InvitationItem)
    unchanged = (model.version == before.version) & (model.state == before.state.value)
    steps.put(_INVITATION, invitation_item(after), unchanged)
    _add_work(steps, "landing", landing_of(after))
    _add_work(steps, "reminder", reminder_work(before, after))
    old, new = work_of(before), work_of(after)
    moved = old is None or new is None or pending_key(old) != pending_key(new)
    if old is not None and moved:
        steps.delete("old work", pending_item(old))
    if new is not None and moved:
        steps.put("work", pending_item(new))
    if after.message_id is not None and before.message_id is None:
        steps.put("message", message_item(after))
    if after.state in IN_FLIGHT and before.state not in IN_FLIGHT:
        steps.put("in flight", in_flight_item(after))
    if before.state in IN_FLIGHT and after.state not in IN_FLIGHT:
        steps.delete("landed", in_flight_item(before))


def _free(now: datetime, contact_id: str) -> Condition:
    """The quarantine of a number is free: none, past, or this contact's own from an attempt that was not sent."""
    model = bound(ConsentItem)
    return model.pk.does_not_exist() | (model.until < int(now.timestamp())) | (model.state == contact_id)


def _quarantine_item(municipality: str, phone_hash: str, contact_id: str, until: datetime) -> ConsentItem:
    key, second = phone_key(municipality, phone_hash, "quarantine"), int(until.timestamp())
    return bound(ConsentItem)(*key, state=contact_id, until=second, expires_at=second)
