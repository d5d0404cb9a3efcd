"""Invitations in DynamoDB. Every change is one transaction with the pending work that it ends and begins."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from pynamodb.exceptions import DeleteError

from chalicelib.adapters.dynamodb_consents import DynamoDbConsents, add_consent_change
from chalicelib.adapters.dynamodb_receipts import in_flight_item, message_item
from chalicelib.adapters.dynamodb_work import pending_item, pending_key
from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import FACTS_KEPT, ConsentItem, ContactItem, InvitationItem, LinkItem, bound
from chalicelib.adapters.transactions import Steps, response_code
from chalicelib.consent.model import ConsentState as Granted
from chalicelib.contacts.document import from_document as contact_from
from chalicelib.dispatch.document import from_document, to_document
from chalicelib.dispatch.model import IN_FLIGHT, Invitation, landing_of, work_of
from chalicelib.dispatch.policy import ConsentState, History
from chalicelib.dispatch.ports import ClaimAnswer, SurveyLink
from chalicelib.municipalities.model import SURVEY_SMS
from chalicelib.shared.clock import utc_text
from chalicelib.shared.errors import Ambiguous, Busy
from chalicelib.shared.phone import PhoneNumber

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pynamodb.expressions.condition import Condition

    from chalicelib.contacts.model import Contact
    from chalicelib.shared.work import WorkItem

_KEPT: Final = FACTS_KEPT
"""How long an invitation stays; longer than any quarantine, too."""
_LINK_KEPT: Final = timedelta(days=90)
"""How long a link can still say that it has expired, and take an opt-out."""

_INVITATION: Final = "invitation"
_LINK: Final = "link"
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
        self, municipality: str, contact_id: str, phone_hash: str | None
    ) -> tuple[ConsentState | None, History]:
        """Consent and history in one batch of consistent reads."""
        consent = _consent_key(municipality, contact_id)
        keys = [consent]
        if phone_hash is not None:
            keys += [_phone_key(municipality, phone_hash, sk) for sk in ("opted_out", "quarantine")]
        rows = {row.sk: row for row in bound(ConsentItem).batch_get(keys, consistent_read=True)}
        granted, quarantine = rows.get(consent[1]), rows.get("quarantine")
        until = None if quarantine is None or quarantine.until is None else int(quarantine.until)
        return (
            None if granted is None or granted.state is None else ConsentState(granted.state),
            History(
                opted_out="opted_out" in rows,
                quarantine_until=None if until is None else datetime.fromtimestamp(until, UTC),
            ),
        )

    def add(self, invitation: Invitation, decided: WorkItem, link: SurveyLink | None) -> bool:
        """The natural key (one per contact) makes a second decision impossible."""
        model = bound(InvitationItem)
        steps = Steps()
        steps.delete("decided", pending_item(decided))
        steps.put(_INVITATION, _item(invitation), model.pk.does_not_exist())
        steps.put("landing", pending_item(landing_of(invitation)))
        work = work_of(invitation)
        if work is not None:
            steps.put("work", pending_item(work))
        if link is not None:
            steps.put(_LINK, _link_item(link))
        if not self._commit(steps, invitation):
            return True
        pending_item(decided).delete()
        return False

    @busy_if_unread
    def get(self, municipality: str, contact_id: str) -> Invitation | None:
        """The invitation, read consistently."""
        model = bound(InvitationItem)
        try:
            item = model.get(*_invitation_key(municipality, contact_id), consistent_read=True)
        except model.DoesNotExist:
            return None
        return _invitation(item)

    @busy_if_unread
    def many(self, municipality: str, contact_ids: Iterable[str]) -> Mapping[str, Invitation]:
        """Those that exist, a hundred in a request."""
        keys = [_invitation_key(municipality, contact_id) for contact_id in contact_ids]
        rows = bound(InvitationItem).batch_get(keys, consistent_read=True) if keys else ()
        return {row.contact_id: _invitation(row) for row in rows}

    def advance(self, before: Invitation, after: Invitation) -> bool:
        """Guarded by the version."""
        steps = Steps()
        _add_transition(steps, before, after)
        return not self._commit(steps, after)

    def claim(self, before: Invitation, after: Invitation, quarantine_until: datetime | None) -> ClaimAnswer:
        """One transaction, the last I/O before the send."""
        model, steps = bound(ConsentItem), Steps()
        municipality, phone_hash = before.municipality, str(before.phone_hash)
        consent = _consent_key(municipality, before.contact_id)
        steps.check(ClaimAnswer.WITHDRAWN, model, consent, model.state == ConsentState.GRANTED.value)
        opted_out = _phone_key(municipality, phone_hash, "opted_out")
        steps.check(ClaimAnswer.OPTED_OUT, model, opted_out, model.pk.does_not_exist())
        if quarantine_until is not None and after.claimed_at is not None:
            item = _quarantine_item(municipality, phone_hash, before.contact_id, quarantine_until)
            steps.put(ClaimAnswer.QUARANTINE, item, _free(after.claimed_at, before.contact_id))
        _add_transition(steps, before, after)
        failed = self._commit(steps, after)
        if not failed:
            return ClaimAnswer.HELD
        if _INVITATION in failed:
            return ClaimAnswer.LOST
        order = (ClaimAnswer.WITHDRAWN, ClaimAnswer.OPTED_OUT, ClaimAnswer.QUARANTINE)
        return next(answer for answer in order if answer in failed)

    def release_quarantine(self, municipality: str, phone_hash: str, contact_id: str) -> None:
        """Only if this contact holds it."""
        model = bound(ConsentItem)
        item = model(*_phone_key(municipality, phone_hash, "quarantine"))
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
            item = model.get(token_hash, _LINK, consistent_read=True)
        except model.DoesNotExist:
            return None
        if item.purpose != "survey":
            return None
        until = datetime.fromtimestamp(int(item.until or item.expires_at or 0), UTC)
        return SurveyLink(token_hash, item.municipality, item.subject, item.language or "da", until)

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
                key = _phone_key(municipality, phone_hash, "opted_out")
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
        stored = self.get(meant.municipality, meant.contact_id)
        return stored is not None and to_document(stored) == to_document(meant) and stored.state is meant.state


def _add_transition(steps: Steps, before: Invitation, after: Invitation) -> None:
    model = bound(InvitationItem)
    unchanged = (model.version == before.version) & (model.state == before.state.value)
    steps.put(_INVITATION, _item(after), unchanged)
    steps.put("landing", pending_item(landing_of(after)))
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
    key, second = _phone_key(municipality, phone_hash, "quarantine"), int(until.timestamp())
    return bound(ConsentItem)(*key, state=contact_id, until=second, expires_at=second)


def _item(invitation: Invitation) -> InvitationItem:
    facts: dict[str, Any] = {} if invitation.phone is None else {"phone": invitation.phone.reveal()}
    return bound(InvitationItem)(
        *_invitation_key(invitation.municipality, invitation.contact_id),
        municipality=invitation.municipality,
        contact_id=invitation.contact_id,
        state=invitation.state.value,
        version=invitation.version,
        document=to_document(invitation),
        expires_at=int((invitation.decided_at + _KEPT).timestamp()),
        **facts,
    )


def _invitation(item: InvitationItem) -> Invitation:
    return from_document(
        item.document,
        municipality=item.municipality,
        contact_id=item.contact_id,
        state=item.state,
        version=int(item.version),
        phone=None if item.phone is None else PhoneNumber(item.phone),
    )


def _link_item(link: SurveyLink) -> LinkItem:
    return bound(LinkItem)(
        link.token_hash,
        _LINK,
        municipality=link.municipality,
        purpose="survey",
        subject=link.contact_id,
        language=link.language,
        until=int(link.until.timestamp()),
        expires_at=int((link.until + _LINK_KEPT).timestamp()),
    )


def _invitation_key(municipality: str, contact_id: str) -> tuple[str, str]:
    return f"{municipality}#invitation#{contact_id}", _INVITATION


def _consent_key(municipality: str, contact_id: str) -> tuple[str, str]:
    return f"{municipality}#consent#{contact_id}", SURVEY_SMS


def _phone_key(municipality: str, phone_hash: str, sk: str) -> tuple[str, str]:
    return f"{municipality}#phone#{phone_hash}", sk
