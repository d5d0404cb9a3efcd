"""Reported contacts in DynamoDB: insert-only, with their consent and their work in the same transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.adapters.citizens.contact_rows import contact_row
from chalicelib.adapters.citizens.dynamodb_consents import consent_rows
from chalicelib.adapters.citizens.phone_pointers import phone_pointers
from chalicelib.adapters.dynamodb_work import pending_item
from chalicelib.adapters.transactions import Steps
from chalicelib.consent.model import ConsentRecord, ConsentState
from chalicelib.shared.hashing import phone_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chalicelib.contacts.model import Contact
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.hashing import Keys
    from chalicelib.shared.phone import PhoneNumber
    from chalicelib.shared.work import WorkItem


class DynamoDbContacts:
    """`ContactStore` on the contacts, consents and work tables. `keys` make the hash that stands for a phone number."""

    def __init__(self, keys: Callable[[], Keys], clock: Callable[[], Clock]) -> None:
        self._keys = keys
        self._clock = clock

    def add(self, contact: Contact, work: Sequence[WorkItem], phone: PhoneNumber | None) -> bool:
        """The contact with everything that it brings; False if it is there already, and then nothing is written."""
        now = self._clock().now()
        row = contact_row(contact, now)
        steps = Steps()
        steps.put("contact", row, type(row).pk.does_not_exist())
        for item in work:
            steps.put("work", pending_item(item, since=now))
        hashed = phone_hash(self._keys(), contact.municipality, phone) if phone else None
        for pointer in phone_pointers(contact.municipality, contact.id, hashed, contact.ended_at):
            steps.put("pointer", pointer)
        if contact.consent.offered:
            for consent in consent_rows(_consent(contact, hashed)):
                steps.put("consent", consent)
        return not steps.commit()


def _consent(contact: Contact, hashed_phone: str | None) -> ConsentRecord:
    return ConsentRecord(
        municipality=contact.municipality,
        contact_id=contact.id,
        state=ConsentState.GRANTED if contact.consent.granted else ConsentState.REFUSED,
        text_version=contact.consent.text_version or "",
        language=contact.language,
        origin=str(contact.origin),
        at=contact.ended_at,
        phone_hash=hashed_phone,
    )
