"""One-time codes: who can read the text messages to a number may see and delete what is held under it.

The code is never stored: it is made again from the keys. A page that asks for a code learns nothing about the number:
the work, the answer and the time are the same whether anything is held or not, because another process sends the code,
and only to numbers under which something is held.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.shared.errors import InvalidInput, NotFound, TooManyRequests
from chalicelib.shared.hashing import phone_hash

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from chalicelib.shared.clock import Clock
    from chalicelib.shared.hashing import Keys
    from chalicelib.shared.phone import PhoneNumber

CODE_LIFE: Final = timedelta(minutes=10)
VISIT_LIFE: Final = timedelta(minutes=20)
MOST_ATTEMPTS: Final = 5
MOST_PER_NUMBER: Final = 3
MOST_PER_MUNICIPALITY: Final = 200
"""Codes in an hour: somebody who sends codes to strangers stops there."""
_DIGITS: Final = 6


class Step(StrEnum):
    """Where the way through a code stands."""

    ASKED = "asked"
    SENT = "sent"  # or to be sent to nobody, as nothing is held
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Challenge:
    """One code that was asked for. `session` is the hash of what the browser shows once the code was right."""

    id: str
    municipality: str
    phone: PhoneNumber
    language: str
    step: Step
    until: datetime
    session: str | None = field(default=None, repr=False)


class WrongCode(InvalidInput):
    """The code is wrong."""

    code = "wrong_code"


class CodeEnded(InvalidInput):
    """The code has expired, or was tried too often; ask for a new one."""

    code = "code_ended"


class ChallengeStore(Protocol):
    """Where codes that were asked for are kept, for minutes."""

    def count(self, municipality: str, what: str, hour: datetime) -> int:
        """Counts one, atomically; how many there were within that hour, this one included."""
        ...

    def add(self, challenge: Challenge) -> None:
        """Store it."""
        ...

    def find(self, municipality: str, challenge_id: str) -> Challenge | None:
        """It, read consistently; also when it has ended."""
        ...

    def advance(self, before: Challenge, after: Challenge) -> bool:
        """Store `after` if it still stands where `before` stood."""
        ...

    def attempt(self, challenge: Challenge) -> int:
        """Counts one attempt, atomically; how many there were, this one included."""
        ...

    def remove(self, challenge: Challenge) -> None:
        """It is gone, with its number."""
        ...


class CodeQueue(Protocol):
    """Wakes the process that sends codes."""

    def enqueue_code(self, municipality: str, challenge_id: str) -> None:
        """Send this code soon."""
        ...


class CodeService:
    """Asking for a code, sending it, and showing that one has it."""

    def __init__(
        self,
        *,
        store: ChallengeStore,
        queue: CodeQueue,
        is_held: Callable[[str, str], bool],
        keys: Callable[[], Keys],
        clock: Callable[[], Clock],
    ) -> None:
        """`is_held` says whether anything is held under a number's hash in a municipality."""
        self._store = store
        self._queue = queue
        self._is_held = is_held
        self._keys = keys
        self._clock = clock

    def ask(self, municipality: str, phone: PhoneNumber, language: str) -> str:
        """The id of a new challenge, whoever's number it is.

        Raises:
            TooManyRequests: too many within this hour, for this number or for all of them.
            Busy: not stored, or nobody will send it.
        """
        now = self._clock().now()
        hour = now.replace(minute=0, second=0, microsecond=0)
        number = phone_hash(self._keys(), municipality, phone)
        limits = ((f"number#{number}", MOST_PER_NUMBER), ("all", MOST_PER_MUNICIPALITY))
        if any(self._store.count(municipality, what, hour) > most for what, most in limits):
            raise TooManyRequests
        challenge = Challenge(secrets.token_hex(16), municipality, phone, language, Step.ASKED, now + CODE_LIFE)
        self._store.add(challenge)
        self._queue.enqueue_code(municipality, challenge.id)
        return challenge.id

    def to_send(self, municipality: str, challenge_id: str) -> tuple[Challenge, str] | None:
        """The challenge and its code, for the one caller that has to send it; None if there is nothing to send."""
        challenge = self._store.find(municipality, challenge_id)
        if challenge is None or challenge.step is not Step.ASKED or self._clock().now() >= challenge.until:
            return None
        if not self._store.advance(challenge, replace(challenge, step=Step.SENT)):
            return None
        number = phone_hash(self._keys(), municipality, challenge.phone)
        return (challenge, self._code(challenge)) if self._is_held(municipality, number) else None

    def open(self, municipality: str, challenge_id: str, code: str) -> str:
        """The session of somebody who has the code.

        Raises:
            CodeEnded: too late, tried too often, used, or unknown.
            WrongCode: another one.
        """
        challenge = self._store.find(municipality, challenge_id)
        if challenge is None or challenge.step is Step.OPEN or self._clock().now() >= challenge.until:
            raise CodeEnded
        if self._store.attempt(challenge) > MOST_ATTEMPTS:
            raise CodeEnded
        typed = "".join(character for character in code if character.isascii() and character.isdigit())
        if not hmac.compare_digest(typed, self._code(challenge)):
            raise WrongCode
        session = secrets.token_urlsafe(24)
        until = self._clock().now() + VISIT_LIFE
        after = replace(challenge, step=Step.OPEN, until=until, session=_hash(session))
        if not self._store.advance(challenge, after):
            raise CodeEnded
        return session

    def phone_of(self, municipality: str, challenge_id: str, session: str) -> PhoneNumber:
        """The number whose messages the visitor can read.

        Raises:
            NotFound: nobody's session, or it has ended.
        """
        challenge = self._opened(municipality, challenge_id, session)
        if challenge is None:
            raise NotFound
        return challenge.phone

    def close(self, municipality: str, challenge_id: str, session: str) -> None:
        """The session ends, and its number is gone."""
        challenge = self._opened(municipality, challenge_id, session)
        if challenge is not None:
            self._store.remove(challenge)

    def _opened(self, municipality: str, challenge_id: str, session: str) -> Challenge | None:
        challenge = self._store.find(municipality, challenge_id)
        if challenge is None or challenge.session is None or self._clock().now() >= challenge.until:
            return None
        return challenge if hmac.compare_digest(challenge.session, _hash(session)) else None

    def _code(self, challenge: Challenge) -> str:
        text = f"one-time-code|{challenge.municipality}|{challenge.id}|{challenge.phone.reveal()}".encode()
        number = int.from_bytes(hmac.new(self._keys().phone, text, hashlib.sha256).digest()[:8], "big")
        return f"{number % 10**_DIGITS:0{_DIGITS}d}"


def _hash(session: str) -> str:
    return hashlib.sha256(session.encode()).hexdigest()
