"""What a citizen sees of what is held under a phone number, and the wish to have it deleted (I9)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from chalicelib.municipalities.model import SCOPES
from chalicelib.shared.errors import NotFound
from chalicelib.shared.hashing import phone_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from chalicelib.shared.clock import Clock
    from chalicelib.shared.hashing import Keys
    from chalicelib.shared.phone import PhoneNumber


@dataclass(frozen=True, slots=True)
class HeldConsent:
    """What was answered to one question, and since when it stands as it does."""

    scope: str
    state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HeldContact:
    """One appointment, visit or call. Fields are None where nothing is held of that kind any more."""

    id: str
    at: datetime
    office: str | None = None
    channel: str | None = None
    reasons: tuple[str, ...] = ()
    appointment: str | None = None
    completed_at: datetime | None = None
    consents: tuple[HeldConsent, ...] = ()
    invitation: str | None = None
    response: str | None = None
    deleting: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """Everything under a number. `opted_out`: it is never asked again; `calls`: how often it waits to be called."""

    contacts: tuple[HeldContact, ...]
    opted_out: bool
    calls: int = 0


class HeldRows(Protocol):
    """The tables, by a number's hash."""

    def contact_ids(self, municipality: str, phone_hash: str) -> Sequence[str]:
        """The contacts of a number."""
        ...

    def held(self, municipality: str, phone_hash: str) -> Held:
        """What is held."""
        ...

    def ask_to_erase(self, municipality: str, phone_hash: str, contact_id: str, now: datetime) -> None:
        """Leave the work of erasing it; twice is once."""
        ...


class Withdrawing(Protocol):
    """Where consents are withdrawn."""

    def withdraw(self, municipality: str, contact_id: str, *, origin: str, scope: str) -> None:
        """At once; NotFound if that was never asked."""
        ...


class Call(Protocol):
    """A wish to be called."""

    @property
    def id(self) -> str:
        """Which."""
        ...

    @property
    def phone(self) -> PhoneNumber:
        """Where to call."""
        ...


class Calls(Protocol):
    """Who waits to be called. A wish names no contact, so its number is all that it is found by."""

    def open(self, municipality: str) -> Sequence[Call]:
        """Every wish of a municipality."""
        ...

    def close(self, municipality: str, callback: str) -> None:
        """The wish is gone; twice is once."""
        ...


class MyData:
    """Seeing and deleting what is held under one's own number."""

    def __init__(
        self,
        *,
        rows: HeldRows,
        calls: Calls,
        consents: Withdrawing,
        keys: Callable[[], Keys],
        clock: Callable[[], Clock],
    ) -> None:
        self._rows = rows
        self._calls = calls
        self._consents = consents
        self._keys = keys
        self._clock = clock

    def contact_ids(self, municipality: str, phone: PhoneNumber) -> Sequence[str]:
        """The contacts of a number, in this municipality alone (I8)."""
        return self._rows.contact_ids(municipality, phone_hash(self._keys(), municipality, phone))

    def held(self, municipality: str, phone: PhoneNumber) -> Held:
        """What is held under the number."""
        held = self._rows.held(municipality, phone_hash(self._keys(), municipality, phone))
        return replace(held, calls=len(self.calls(municipality, phone)))

    def calls(self, municipality: str, phone: PhoneNumber) -> Sequence[Call]:
        """The number's wishes to be called."""
        return [call for call in self._calls.open(municipality) if call.phone == phone]

    def is_held(self, municipality: str, number: str) -> bool:
        """True if anything is held under a number's hash, or it waits to be called."""
        keys, calls = self._keys(), self._calls.open(municipality)
        waits = any(phone_hash(keys, municipality, call.phone) == number for call in calls)
        return waits or bool(self._rows.contact_ids(municipality, number))

    def forget_calls(self, municipality: str, phone: PhoneNumber) -> int:
        """Nobody will call the number; how many wishes are deleted."""
        mine = self.calls(municipality, phone)
        for call in mine:
            self._calls.close(municipality, call.id)
        return len(mine)

    def forget(self, municipality: str, phone: PhoneNumber, contact_id: str | None) -> int:
        """One contact, or all of the number's, will be erased within minutes; nothing is sent about them any more.

        All of it includes the wishes to be called, at once.

        Raises:
            NotFound: a contact of another number.
        """
        number = phone_hash(self._keys(), municipality, phone)
        mine = self._rows.contact_ids(municipality, number)
        wanted = mine if contact_id is None else [each for each in mine if each == contact_id]
        if contact_id is not None and not wanted:
            raise NotFound
        if contact_id is None:
            self.forget_calls(municipality, phone)
        for each in wanted:
            self._rows.ask_to_erase(municipality, number, each, self._clock().now())
            self._withdraw(municipality, each)
        return len(wanted)

    def _withdraw(self, municipality: str, contact_id: str) -> None:
        for scope in SCOPES:
            with suppress(NotFound):  # it was never asked
                self._consents.withdraw(municipality, contact_id, origin="my_data", scope=scope)
