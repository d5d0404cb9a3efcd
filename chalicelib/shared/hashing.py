"""Keyed hashes: what stands in for a phone number or a link token wherever the real one must not be.

Keys come from the secret store with a version; an old version stays readable so that links sent before a rotation work.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.shared.phone import PhoneNumber

_BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
TOKEN_LENGTH: Final = 14
_LETTERS: Final = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


@dataclass(frozen=True, slots=True)
class Keys:
    """The deployment's secret keys. Never printed.

    `links` maps a key version to its key; `link_version` is the one that new tokens use.
    """

    phone: bytes = field(repr=False)
    links: Mapping[str, bytes] = field(repr=False)
    link_version: str = "1"

    @property
    def link_versions(self) -> tuple[str, ...]:
        """The version that new tokens use, then the others that still open links."""
        return self.link_version, *(version for version in self.links if version != self.link_version)


def phone_hash(keys: Keys, municipality: str, phone: PhoneNumber) -> str:
    """40 hex digits that stand for a phone number within one municipality, and mean nothing in another."""
    text = f"{municipality}|{phone.reveal()}".encode()
    return hmac.new(keys.phone, text, hashlib.sha256).hexdigest()[:40]


def staff_pseudonym(keys: Keys, municipality: str, subject: str) -> str:
    """16 hex digits that stand for an employee in the audit of one municipality, the same each time."""
    return hmac.new(keys.phone, f"staff|{municipality}|{subject}".encode(), hashlib.sha256).hexdigest()[:16]


def comment_key(keys: Keys, municipality: str, contact_id: str) -> str:
    """20 letters that stand for what one respondent wrote: whoever knows the contact can't tell its comments by them.

    Letters alone, as the lake withholds long numbers.
    """
    digest = hmac.new(keys.phone, f"comment|{municipality}|{contact_id}".encode(), hashlib.sha256).hexdigest()
    return digest[:20].translate(_LETTERS)


def link_token(keys: Keys, purpose: str, subject: str, *, version: str | None = None) -> str:
    """14 base62 characters (83 bits) of an HMAC: the same subject gives the same link again (design 4.4).

    `purpose` separates surveys from appointments; `subject` is the id, which starts with the municipality.
    """
    key = keys.links[version or keys.link_version]
    number = int.from_bytes(hmac.new(key, f"{purpose}|{subject}".encode(), hashlib.sha256).digest(), "big")
    digits = []
    for _ in range(TOKEN_LENGTH):
        number, rest = divmod(number, 62)
        digits.append(_BASE62[rest])
    return "".join(digits)


def is_token(text: str) -> bool:
    """True for the shape of a link token; asked before any look-up."""
    return len(text) == TOKEN_LENGTH and all(c in _BASE62 for c in text)


def token_hash(token: str) -> str:
    """What is stored of a token. Plain SHA-256: the token itself carries 83 bits."""
    return hashlib.sha256(token.encode()).hexdigest()
