"""Typed identifiers, so that two strings can't be swapped, and the ids that we make ourselves.

New ids are ULIDs: 26 characters of Crockford base32, 48 bits of time and 80 random bits, sortable by time of making.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Final, NewType

if TYPE_CHECKING:
    from datetime import datetime

MunicipalityId = NewType("MunicipalityId", str)
OfficeId = NewType("OfficeId", str)
DeskGroupId = NewType("DeskGroupId", str)
DeskId = NewType("DeskId", str)
ReasonId = NewType("ReasonId", str)
AppointmentId = NewType("AppointmentId", str)
HoldId = NewType("HoldId", str)
VisitId = NewType("VisitId", str)
ContactId = NewType("ContactId", str)
QuestionnaireId = NewType("QuestionnaireId", str)
QuestionId = NewType("QuestionId", str)

# First path segments that the product uses itself; no municipality may be called so (design 4.11).
RESERVED_MUNICIPALITY_IDS: Final = frozenset({"s", "api", "health", "local", "static"})

_SLUG: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# No vowels and no look-alikes: a code that a citizen reads aloud never spells a word (1/I, 0/O, 5/S, 2/Z, 8/B out).
_CODE_ALPHABET: Final = "34679CDFGHJKLMNPQRTVWXY"
CODE_LENGTH: Final = 6


def is_slug(value: str) -> bool:
    """True for the form of every configured id: lower-case letters, digits and hyphens, at most 40 characters."""
    return _SLUG.fullmatch(value) is not None


def new_ulid(now: datetime) -> str:
    """A new ULID whose time part is `now` (aware)."""
    value = (int(now.timestamp() * 1000) << 80) | secrets.randbits(80)
    return "".join(_CROCKFORD[(value >> shift) & 31] for shift in range(125, -1, -5))


def new_booking_code() -> str:
    """Six characters (27 bits) for a citizen to say and type; unique in a municipality by a conditional write."""
    return "".join(secrets.choice(_CODE_ALPHABET) for _ in range(CODE_LENGTH))


def normalise_booking_code(text: str) -> str:
    """The code as stored, from what a citizen typed: upper case, without spaces, hyphens and dots."""
    return re.sub(r"[\s.\-]", "", text).upper()
