"""A citizen who has answered may leave a number to be called, for that alone (SK-21).

The wish stands apart from the answers: nothing in it says which response it came with, and nothing of it goes into the
lake or a log. It is deleted as soon as somebody has called, and after thirty days in any case.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.shared.errors import InvalidInput, NotAllowed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.phone import PhoneNumber

MAX_ABOUT: Final = 300
"""Characters about what the call is to be about."""


@dataclass(frozen=True, slots=True)
class Callback:
    """One wish to be called. Nothing of it is printed."""

    id: str
    municipality: str
    asked_at: datetime
    language: str
    phone: PhoneNumber
    about: str = field(default="", repr=False)


class Callbacks(Protocol):
    """Where wishes are kept."""

    def keep(self, callback: Callback) -> None:
        """The wish is there; a second one of the same response takes the first one's place."""
        ...

    def open(self, municipality: str) -> Sequence[Callback]:
        """Every wish that nobody has closed and that has not run out, oldest first."""
        ...

    def delete(self, municipality: str, callback_id: str) -> None:
        """The wish is gone; twice is once."""
        ...


class CallbackService:
    """Leaving a number, and calling it."""

    def __init__(self, *, store: Callbacks, clock: Callable[[], Clock]) -> None:
        self._store = store
        self._clock = clock

    def leave(self, municipality: Municipality, way: str, *, phone: PhoneNumber, about: str, language: str) -> None:
        """Keep the wish of whoever came in by `way` (a link's token), which only its hash remembers.

        Raises:
            NotAllowed: the municipality calls nobody back.
            InvalidInput: the text is too long.
        """
        if not municipality.asking.callbacks:
            raise NotAllowed
        if len(about) > MAX_ABOUT:
            raise InvalidInput(fields={"about": f"at most {MAX_ABOUT} characters"})
        now = self._clock().now()
        self._store.keep(Callback(callback_id(way), municipality.id, now, language, phone, about))

    def open(self, municipality: str) -> Sequence[Callback]:
        """Who waits to be called, longest waiting first."""
        return self._store.open(municipality)

    def close(self, municipality: str, callback: str) -> None:
        """Somebody has called: number and words are deleted."""
        self._store.delete(municipality, callback)


def callback_id(way: str) -> str:
    """From the token and not from the contact: nobody who reads the tables can tell which answers came with it."""
    return hashlib.sha256(f"callback|{way}".encode()).hexdigest()[:26]
