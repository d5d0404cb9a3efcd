"""What booking needs from the outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from chalicelib.booking.capacity import Seen
    from chalicelib.booking.model import Appointment, DayRow, Hold, RowChanges, StoredRequest
    from chalicelib.shared.phone import PhoneNumber


class BookingStore(Protocol):
    """Where lanes, holds and appointments are kept.

    Every read is consistent. Every write is one transaction and raises `Outrun` when something that it rests on has
    changed, `Busy` when contention or throttling stopped it before anything changed, and `Ambiguous` when its answer
    was lost. Whoever repeats a write reads first, and so recognises what an earlier try has done.
    """

    def lanes(self, row: DayRow) -> Seen:
        """The lanes of every tick of a row that has a record."""
        ...

    def request(self, municipality: str, key: str, now: datetime) -> StoredRequest | None:
        """What an Idempotency-Key was used for in the last 24 hours."""
        ...

    def hold(self, municipality: str, hold: str) -> Hold | None:
        """A hold, also an expired one that has not been removed yet."""
        ...

    def appointment(self, municipality: str, appointment: str) -> Appointment | None:
        """An appointment by its id."""
        ...

    def appointment_by_code(self, municipality: str, code: str) -> Appointment | None:
        """An appointment by its booking code."""
        ...

    def linked(self, token_hash: str, now: datetime) -> tuple[str, str] | None:
        """Municipality and appointment that a link opens; None when it is unknown or has expired."""
        ...

    def is_checked_in(self, appointment: Appointment) -> bool:
        """True once a visit has begun."""
        ...

    def add_hold(self, hold: Hold, changes: RowChanges, instead_of: Hold | None, now: datetime) -> None:
        """Take the lanes and store the hold; `instead_of` ends."""
        ...

    def end_hold(self, hold: Hold, changes: RowChanges, now: datetime) -> None:
        """Release the lanes and remove the hold."""
        ...

    def add(
        self,
        appointment: Appointment,
        changes: RowChanges,
        *,
        key: str,
        request: StoredRequest,
        token_hash: str,
        phone_hash: str | None,
        hold: Hold | None,
    ) -> None:
        """Take the lanes and store everything that the appointment brings, all or nothing.

        The appointment, its code and its place in the office's day, the consent record with its ledger entry, the
        request with its answer, the link, and the pending confirmation if there is one.
        """
        ...

    def move(
        self, before: Appointment, after: Appointment, changes: Sequence[RowChanges], *, token_hash: str, now: datetime
    ) -> None:
        """Store `after` and change the lanes, if the appointment still is `before` and nobody has checked in."""
        ...

    def cancel(self, before: Appointment, after: Appointment, changes: RowChanges, now: datetime) -> None:
        """Store `after`, release the lanes and withdraw the consent, if it still is `before` and nobody checked in."""
        ...

    def claim_confirmation(self, municipality: str, appointment: str, due_at: datetime) -> bool:
        """True for exactly one caller: the pending confirmation is gone, and only this caller may send it."""
        ...

    def restore_confirmation(self, appointment: Appointment) -> None:
        """The confirmation is pending again; asked by the one who claimed it and could not send it."""
        ...


class ConfirmationSender(Protocol):
    """Sends text messages."""

    def send(self, *, phone: PhoneNumber, text: str, sender: str) -> bool:
        """Hand one message over, in a single attempt; False only if it has certainly not left."""
        ...


class Measured(Protocol):
    """A message as the carrier counts it."""

    @property
    def parts(self) -> int:
        """How many messages it is sent and paid as."""
        ...


class MessageTexts(Protocol):
    """Makes texts that a phone network carries whole."""

    def fit(self, template: str, values: Mapping[str, str | None]) -> str:
        """The template with its placeholders filled, in the GSM-7 alphabet, in one part if that can be had."""
        ...

    def measure(self, text: str) -> Measured:
        """How the text travels."""
        ...
