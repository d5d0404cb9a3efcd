"""The numbers that may be asked during a pilot: a row per keyed hash, until it is taken out."""

from __future__ import annotations

from chalicelib.adapters.dispatch.invitation_rows import phone_key
from chalicelib.adapters.tables import ConsentItem, bound

_PILOT = "pilot"


def set_pilot(municipality: str, phone_hash: str, *, allowed: bool) -> None:
    """The number is in the pilot, or not; twice is once."""
    row = bound(ConsentItem)(*phone_key(municipality, phone_hash, _PILOT), state=_PILOT)
    if allowed:
        row.save()
    else:
        row.delete()
