"""A fake of dispatch's store: transactional, and it can crash between any two steps, before or after a write.

`tests/contract/test_dispatch_store.py` runs the same tests on it and on the DynamoDB adapter.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from chalicelib.dispatch.document import from_document, to_document
from chalicelib.dispatch.model import (
    IN_FLIGHT,
    WAVE_OF,
    Invitation,
    Receipt,
    Wave,
    landing_of,
    reminder_work,
    work_of,
)
from chalicelib.dispatch.policy import ConsentState, History, QuotaUse
from chalicelib.dispatch.ports import (
    ClaimAnswer,
    MessageOwner,
    QuotaReached,
    SurveyLink,
)
from chalicelib.shared.phone import PhoneNumber
from chalicelib.shared.work import WorkItem, WorkKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from chalicelib.contacts.model import Contact


class Crash(BaseException):
    """The process dies here. Not an Exception: nothing may catch it."""


@dataclass
class Fuse:
    """Crashes at the n-th point that the process passes; None never."""

    left: int | None = None
    passed: int = 0

    def point(self) -> None:
        self.passed += 1
        if self.left is None:
            return
        self.left -= 1
        if self.left < 0:
            self.left = None
            raise Crash


@dataclass
class FakeDispatchStore:
    """Invitations, receipts, consents and pending work in memory, as one database."""

    fuse: Fuse = field(default_factory=Fuse)
    contacts: dict[tuple[str, str], Contact] = field(default_factory=dict)
    consents: dict[tuple[str, str], ConsentState] = field(default_factory=dict)
    opted_out: set[tuple[str, str]] = field(default_factory=set)
    quarantine: dict[tuple[str, str], tuple[datetime, str]] = field(default_factory=dict)
    rows: dict[tuple[str, str], tuple[str, int, str, str | None]] = field(default_factory=dict)
    work: dict[tuple[str, str, WorkKind], WorkItem] = field(default_factory=dict)
    links: dict[str, SurveyLink] = field(default_factory=dict)
    messages: dict[str, MessageOwner] = field(default_factory=dict)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    phone_receipts: dict[tuple[str, str], dict[str, Receipt]] = field(default_factory=dict)
    flying: dict[tuple[str, str], set[MessageOwner]] = field(default_factory=dict)
    reminders: dict[tuple[str, str], tuple[str, int, str, str | None]] = field(default_factory=dict)
    answered: set[tuple[str, str]] = field(default_factory=set)
    pilot: set[tuple[str, str]] = field(default_factory=set)
    quotas: dict[tuple[str, str, str], int] = field(default_factory=dict)

    # The other side of the outbox: what completing a contact writes, in one transaction.
    def complete(self, contact: Contact, *, phone: str | None, consent: ConsentState | None, code: str | None) -> None:
        key = (contact.municipality, contact.id)
        self.contacts[key] = contact
        if consent is not None:
            self.consents[key] = consent
        payload = {"phone": phone, "language": contact.language, "code": code}
        item = WorkItem(contact.municipality, WorkKind.DECIDE, contact.id, contact.ended_at, payload)
        self.work[contact.municipality, contact.id, WorkKind.DECIDE] = item

    def contact(self, municipality: str, contact_id: str) -> Contact | None:
        return self.contacts.get((municipality, contact_id))

    def circumstances(
        self, municipality: str, contact_id: str, phone_hash: str | None, quotas: Sequence[QuotaUse] = ()
    ) -> tuple[ConsentState | None, History]:
        number = (municipality, phone_hash or "")
        held = self.quarantine.get(number)
        used = {place: self.quotas.get((municipality, place.quota, place.period), 0) for place in quotas}
        return (
            self.consents.get((municipality, contact_id)),
            History(number in self.opted_out, held[0] if held else None, number in self.pilot, used),
        )

    def add(
        self, invitation: Invitation, decided: WorkItem, link: SurveyLink | None, quotas: Sequence[QuotaUse] = ()
    ) -> bool:
        self.fuse.point()
        key = (invitation.municipality, invitation.contact_id)
        if key in self.rows:
            self.work.pop((*key, WorkKind.DECIDE), None)
            return False
        places = [(invitation.municipality, place.quota, place.period) for place in quotas]
        if any(self.quotas.get(at, 0) >= place.most for at, place in zip(places, quotas, strict=True)):
            raise QuotaReached
        self.work.pop((*key, WorkKind.DECIDE), None)
        for at in places:
            self.quotas[at] = self.quotas.get(at, 0) + 1
        self._put(invitation)
        if link is not None:
            self.links[link.token_hash] = link
        self.fuse.point()
        return True

    def remind(self, before: Invitation, after: Invitation, reminder: Invitation | None, decided: WorkItem) -> bool:
        self.fuse.point()
        if not self._unchanged(before):
            return False
        self.work.pop((decided.municipality, decided.subject, WorkKind.ASK_AGAIN), None)
        self._put(after, before)
        if reminder is not None:
            self._put(reminder)
        self.fuse.point()
        return True

    def end(self, work: WorkItem) -> None:
        self.work.pop((work.municipality, work.subject, work.kind), None)

    def is_answered(self, municipality: str, contact_id: str) -> bool:
        return (municipality, contact_id) in self.answered

    def get(self, municipality: str, contact_id: str, wave: Wave = Wave.INVITATION) -> Invitation | None:
        row = self._rows(wave).get((municipality, contact_id))
        if row is None:
            return None
        state, version, document, phone = row
        return from_document(
            json.loads(document),
            municipality=municipality,
            contact_id=contact_id,
            state=state,
            version=version,
            phone=PhoneNumber(phone) if phone else None,
        )

    def many(
        self, municipality: str, contact_ids: Iterable[str], wave: Wave = Wave.INVITATION
    ) -> dict[str, Invitation]:
        found = {each: self.get(municipality, each, wave) for each in contact_ids}
        return {each: invitation for each, invitation in found.items() if invitation is not None}

    def advance(self, before: Invitation, after: Invitation) -> bool:
        self.fuse.point()
        if not self._unchanged(before):
            return False
        self._put(after, before)
        self.fuse.point()
        return True

    def claim(self, before: Invitation, after: Invitation, quarantine_until: datetime | None) -> ClaimAnswer:
        key, number = (before.municipality, before.contact_id), (before.municipality, str(before.phone_hash))
        if not self._unchanged(before):
            return ClaimAnswer.LOST
        if self.consents.get(key) is not ConsentState.GRANTED:
            return ClaimAnswer.WITHDRAWN
        if number in self.opted_out:
            return ClaimAnswer.OPTED_OUT
        if key in self.answered:
            return ClaimAnswer.ANSWERED
        if quarantine_until is not None and after.claimed_at is not None:
            until, holder = self.quarantine.get(number, (after.claimed_at, before.contact_id))
            if until >= after.claimed_at and holder != before.contact_id:
                return ClaimAnswer.QUARANTINE
        self.fuse.point()
        if quarantine_until is not None:
            self.quarantine[number] = (quarantine_until.replace(microsecond=0), before.contact_id)
        self._put(after, before)
        self.fuse.point()
        return ClaimAnswer.HELD

    def release_quarantine(self, municipality: str, phone_hash: str, contact_id: str) -> None:
        self.fuse.point()
        if self.quarantine.get((municipality, phone_hash), (None, None))[1] == contact_id:
            del self.quarantine[municipality, phone_hash]

    def link(self, token_hash: str) -> SurveyLink | None:
        return self.links.get(token_hash)

    def opt_out(self, municipality: str, contact_id: str, phone_hash: str | None, now: datetime) -> None:
        self.fuse.point()
        if self.consents.get((municipality, contact_id)) is ConsentState.GRANTED:
            self.consents[municipality, contact_id] = ConsentState.WITHDRAWN
        if phone_hash is not None:
            self.opted_out.add((municipality, phone_hash))

    def close_link(self, link: SurveyLink, now: datetime) -> None:
        self.fuse.point()
        if link.token_hash in self.links:
            until = min(now, link.until).replace(microsecond=0)
            self.links[link.token_hash] = replace(self.links[link.token_hash], until=until)

    def invitation_of(self, message_id: str) -> MessageOwner | None:
        return self.messages.get(message_id)

    def park(self, receipt: Receipt) -> None:
        self.fuse.point()
        self.receipts[receipt.message_id] = _bare(receipt)

    def parked(self, message_id: str) -> Receipt | None:
        return self.receipts.get(message_id)

    def in_flight(self, municipality: str, phone_hash: str) -> list[MessageOwner]:
        return sorted(self.flying.get((municipality, phone_hash), set()), key=lambda each: each.contact_id)

    def park_for_phone(self, municipality: str, phone_hash: str, receipt: Receipt) -> None:
        self.fuse.point()
        self.phone_receipts.setdefault((municipality, phone_hash), {})[receipt.message_id] = _bare(receipt)

    def parked_for_phone(self, municipality: str, phone_hash: str) -> list[Receipt]:
        return list(self.phone_receipts.get((municipality, phone_hash), {}).values())

    def due(self, municipality: str, now: datetime, *, kind: WorkKind | None = None) -> Iterator[WorkItem]:
        items = sorted(self.work.values(), key=lambda item: item.due_at)
        return iter(
            [
                item
                for item in items
                if item.municipality == municipality and item.due_at <= now and kind in {None, item.kind}
            ]
        )

    def find(self, municipality: str, kind: WorkKind, subject: str, due_at: datetime) -> WorkItem | None:
        return self.work.get((municipality, subject, kind))

    def _rows(self, wave: Wave) -> dict[tuple[str, str], tuple[str, int, str, str | None]]:
        return self.rows if wave is Wave.INVITATION else self.reminders

    def _unchanged(self, before: Invitation) -> bool:
        row = self._rows(before.wave).get((before.municipality, before.contact_id))
        return row is not None and row[:2] == (str(before.state), before.version)

    def _put(self, invitation: Invitation, before: Invitation | None = None) -> None:
        key = (invitation.municipality, invitation.contact_id)
        phone = invitation.phone.reveal() if invitation.phone else None
        document = json.dumps(to_document(invitation))
        self._rows(invitation.wave)[key] = (str(invitation.state), invitation.version, document, phone)
        for kind in (kind for kind, wave in WAVE_OF.items() if wave is invitation.wave):
            self.work.pop((*key, kind), None)
        again = None if before is None else reminder_work(before, invitation)
        for item in (landing_of(invitation), work_of(invitation), again):
            if item is not None:
                self.work[(*key, item.kind)] = item
        owner = MessageOwner(*key, invitation.wave)
        if invitation.message_id is not None:
            self.messages.setdefault(invitation.message_id, owner)
        flying = self.flying.setdefault((key[0], str(invitation.phone_hash)), set())
        if invitation.state in IN_FLIGHT:
            flying.add(owner)
        else:
            flying.discard(owner)


def _bare(receipt: Receipt) -> Receipt:
    """As stored: without the phone number, to the second."""
    at = receipt.published_at.replace(microsecond=0)
    return replace(receipt, destination=None, published_at=at, recognised=True)
