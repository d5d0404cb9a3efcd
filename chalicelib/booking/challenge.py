"""The small puzzle that keeps robots from booking (ADR 19): ours alone, nobody is asked to read or hear anything.

The browser searches the number whose SHA-256 with the salt is the given hash: a second of work for a visitor, a bill
for whoever wants thousands of times. The protocol is ALTCHA's, so that its clients can solve it. A browser without
scripts sends a signed slip instead, which says when the form was opened; it counts only when it is old enough for
somebody to have filled in the form. Each is spent by one booking.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.shared.clock import Clock
    from chalicelib.shared.hashing import Keys

ALGORITHM: Final = "SHA-256"
HARDEST: Final = 60_000
"""The number is below this: about half as many hashes are computed, a second on an old phone."""

VALID_FOR: Final = timedelta(hours=2)
"""A hold can be extended ten times, and the form stays open that long."""

FILLING_IN: Final = timedelta(seconds=12)
"""Nobody fills in the form and checks it faster."""

_LONGEST: Final = 2000


class Proof(StrEnum):
    """What a booking came with."""

    SOLVED = "solved"
    PATIENT = "patient"
    TOO_EARLY = "too_early"
    NONE = "none"


class SpentChallenges(Protocol):
    """Remembers which challenges were used, and by whom."""

    def spend(self, municipality: str, challenge: str, by: str, until: datetime) -> bool:
        """Uses a challenge up. False if somebody else has; the same `by` may come again."""
        ...


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the browser gets."""

    challenge: str
    salt: str
    signature: str

    def to_document(self) -> dict[str, Any]:
        """As ALTCHA's clients read it."""
        return {
            "algorithm": ALGORITHM,
            "challenge": self.challenge,
            "salt": self.salt,
            "signature": self.signature,
            "maxnumber": HARDEST,
        }


class Challenges:
    """Makes challenges and slips, and judges what comes back."""

    def __init__(self, *, spent: SpentChallenges, keys: Callable[[], Keys], clock: Callable[[], Clock]) -> None:
        self._spent = spent
        self._keys = keys
        self._clock = clock

    def new(self, municipality: str) -> Challenge:
        """A challenge that nobody has seen."""
        expires = int((self._clock().now() + VALID_FOR).timestamp())
        salt = f"{secrets.token_hex(12)}?expires={expires}"
        answer = _hashed(salt, secrets.randbelow(HARDEST))
        return Challenge(answer, salt, self._sign(municipality, "challenge", answer))

    def slip(self, municipality: str) -> str:
        """For browsers without scripts: when the form was opened, signed."""
        text = f"{int(self._clock().now().timestamp())}.{secrets.token_hex(8)}"
        return f"{text}.{self._sign(municipality, 'slip', text)}"

    def judge(self, municipality: str, *, solution: str, slip: str = "", by: str) -> Proof:
        """What the two are worth; whichever is good is spent. `by` is the booking's own key, which may come again."""
        solved = self._solved(municipality, solution)
        if solved and self._spend(municipality, *solved, by):
            return Proof.SOLVED
        opened = self._opened(municipality, slip)
        if opened is None or opened[1] + VALID_FOR < self._clock().now():
            return Proof.NONE
        if opened[1] + FILLING_IN > self._clock().now():
            return Proof.TOO_EARLY
        return Proof.PATIENT if self._spend(municipality, opened[0], opened[1] + VALID_FOR, by) else Proof.NONE

    def _spend(self, municipality: str, challenge: str, until: datetime, by: str) -> bool:
        hashed = hashlib.sha256(by.encode()).hexdigest()
        return self._spent.spend(municipality, hashlib.sha256(challenge.encode()).hexdigest(), hashed, until)

    def _solved(self, municipality: str, solution: str) -> tuple[str, datetime] | None:
        """The challenge that a solution is of, and when it expires; None if it is none of ours, wrong or expired."""
        sent = _unpacked(solution)
        if sent is None:
            return None
        answer, salt, number = str(sent.get("challenge")), str(sent.get("salt")), sent.get("number")
        signed = hmac.compare_digest(
            str(sent.get("signature")).encode(), self._sign(municipality, "challenge", answer).encode()
        )
        if not signed or type(number) is not int or _hashed(salt, number) != answer:
            return None
        expires = _expires(salt)
        return (answer, expires) if expires and expires > self._clock().now() else None

    def _opened(self, municipality: str, slip: str) -> tuple[str, datetime] | None:
        text, _, signature = slip[:_LONGEST].rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._sign(municipality, "slip", text).encode()):
            return None
        return text, datetime.fromtimestamp(int(text.split(".")[0]), tz=UTC)

    def _sign(self, municipality: str, what: str, text: str) -> str:
        message = f"{what}|{municipality}|{text}".encode()
        return hmac.new(self._keys().phone, message, hashlib.sha256).hexdigest()


def solve(challenge: Mapping[str, Any]) -> str:
    """The solution of a challenge, packed as clients send it: for programs and tests.

    Raises:
        ValueError: it has none.
    """
    for number in range(int(challenge["maxnumber"]) + 1):
        if _hashed(challenge["salt"], number) == challenge["challenge"]:
            kept = {name: challenge[name] for name in ("algorithm", "challenge", "salt", "signature")}
            return base64.b64encode(json.dumps({**kept, "number": number}).encode()).decode()
    raise ValueError("no number fits")


def _hashed(salt: str, number: int) -> str:
    return hashlib.sha256(f"{salt}{number}".encode()).hexdigest()


def _unpacked(solution: str) -> dict[str, Any] | None:
    try:
        sent = json.loads(base64.b64decode(solution[:_LONGEST], validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return sent if isinstance(sent, dict) else None


def _expires(salt: str) -> datetime | None:
    found = parse_qs(salt.partition("?")[2]).get("expires", [""])[0]
    if not (found.isascii() and found.isdigit()) or len(found) > len("10000000000"):
        return None
    return datetime.fromtimestamp(int(found), tz=UTC)
