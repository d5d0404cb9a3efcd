"""From a phone number's keyed hash to its contacts, so that a citizen can find, see and delete them by the number."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.adapters.tables import ConsentItem, bound

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_KEPT: Final = timedelta(days=2 * 365)
"""As long as the proof of a consent, which is what is held longest."""
_PREFIX: Final = "contact#"


def phone_pointers(municipality: str, contact_id: str, phone_hash: str | None, at: datetime) -> Sequence[ConsentItem]:
    """The pointer of a contact that left a number, for the caller's own transaction; none for one that left none."""
    if phone_hash is None:
        return ()
    expires_at = int((at + _KEPT).timestamp())
    key = pointer_key(municipality, phone_hash, contact_id)
    return (bound(ConsentItem)(*key, state=contact_id, expires_at=expires_at),)


def pointer_key(municipality: str, phone_hash: str, contact_id: str) -> tuple[str, str]:
    """Where the pointer stands."""
    return f"{municipality}#phone#{phone_hash}", f"{_PREFIX}{contact_id}"


def pointers_of_phone(municipality: str, phone_hash: str) -> Sequence[ConsentItem]:
    """The pointers of a number, read consistently. `state` is the contact, `until` when erasing it was asked for."""
    model = bound(ConsentItem)
    rows = model.query(f"{municipality}#phone#{phone_hash}", model.sk.startswith(_PREFIX), consistent_read=True)
    return tuple(rows)
