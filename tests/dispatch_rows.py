"""What completing a contact writes to DynamoDB, for tests of dispatch that begin there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.adapters.citizens.contact_rows import contact_row
from chalicelib.adapters.citizens.dynamodb_consents import consent_rows
from chalicelib.adapters.dynamodb_work import pending_item
from chalicelib.consent.model import ConsentRecord, ConsentState
from chalicelib.shared.work import WorkItem, WorkKind

if TYPE_CHECKING:
    from chalicelib.adapters.tables import ContactItem
    from chalicelib.contacts.model import Contact


def store_completed(
    contact: Contact, phone: str, *, state: str = "granted", code: str | None = "K7RTPQ"
) -> ContactItem:
    """The contact, its consent and its pending decision; the contact's row, for a stream event."""
    payload = {"phone": phone, "language": contact.language, "code": code}
    work = WorkItem(contact.municipality, WorkKind.DECIDE, contact.id, contact.ended_at, payload)
    record = ConsentRecord(
        municipality=contact.municipality,
        contact_id=contact.id,
        state=ConsentState(state),
        text_version="2026-1",
        language=contact.language,
        origin="web",
        at=contact.arrived_at,
    )
    row = contact_row(contact, contact.ended_at)
    for item in (*consent_rows(record), pending_item(work), row):
        item.save()
    return row
