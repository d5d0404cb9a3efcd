"""The row of a contact: written once, by whoever completes it, and never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.adapters.tables import ContactItem, bound
from chalicelib.contacts.document import to_document

if TYPE_CHECKING:
    from chalicelib.contacts.model import Contact


def contact_row(contact: Contact) -> ContactItem:
    """To be saved on the condition that it does not exist: one contact per id (design 4.2)."""
    return bound(ContactItem)(
        f"{contact.municipality}#contact#{contact.id}",
        "contact",
        municipality=contact.municipality,
        contact_id=contact.id,
        document=to_document(contact),
    )
