"""The row of a contact: written once, by whoever completes it, and never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.adapters.tables import FACTS_KEPT, ContactItem, bound
from chalicelib.contacts.document import to_document

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.contacts.model import Contact


def contact_row(contact: Contact, recorded_at: datetime) -> ContactItem:
    """To be saved on the condition that it does not exist: one contact per id (design 4.2).

    Its end is counted from when it was recorded: one that is reported a year late still has to be decided and landed.
    """
    return bound(ContactItem)(
        f"{contact.municipality}#contact#{contact.id}",
        "contact",
        municipality=contact.municipality,
        contact_id=contact.id,
        document=to_document(contact),
        expires_at=int((recorded_at + FACTS_KEPT).timestamp()),
    )
