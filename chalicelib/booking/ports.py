"""What booking needs from the outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from chalicelib.booking.capacity import Seen
    from chalicelib.booking.model import Appointment, DayRow, Hold, PhoneRow, RowChanges, StoredRequest
    from chalicelib.shared.work import WorkItem


class BookingStore(Protocol):
    """Where lanes, holds and appointments are kept.

    Every read is consistent. Every write is one transaction and raises `Outrun` when something that it rests on has
    changed, `Busy` when contention or throttling stopped it before anything changed, and `Ambiguous` when its answer
    was lost. Whoever repeats a write reads first, and so recognises what an earlier try has done.
    """

    def lanes(self, row: DayRow | PhoneRow) -> Seen:
        """The lanes of every tick of a row that has a record."""
        ...

    def lanes_of(self, rows: Sequence[DayRow]) -> Sequence[Seen]:
        """The same for several rows, side by side: it takes no longer than the slowest of them."""
        ...

    def set_caps(self, row: DayRow, caps: Mapping[str, int]) -> None:
        """Bound the capacity of some ticks of a row, by their keys. The lanes stay."""
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

    def extend_hold(self, before: Hold, after: Hold, changes: RowChanges, now: datetime) -> None:
        """Keep the lanes longer, if the hold still is `before`."""
        ...

    def end_hold(self, hold: Hold, changes: RowChanges, now: datetime) -> None:
        """Release the lanes and remove the hold."""
        ...

    def add(
        self,
        appointment: Appointment,
        changes: Sequence[RowChanges],
        *,
        key: str,
        request: StoredRequest,
        token_hash: str,
        phone_hash: str | None,
        hold: Hold | None,
    ) -> None:
        """Take the lanes and store everything that the appointment brings, all or nothing.

        The appointment, its code and its place in the office's day, each consent with its ledger entry, the
        request with its answer, the link, its pending messages, and its place among those who wait for an earlier time.
        """
        ...

    def move(
        self,
        before: Appointment,
        after: Appointment,
        changes: Sequence[RowChanges],
        *,
        token_hash: str,
        now: datetime,
        begins: Sequence[WorkItem] = (),
    ) -> None:
        """Store `after` and change the lanes, if the appointment still is `before` and nobody has checked in.

        Its pending messages are those of `after`; `begins` is other work that begins with it.
        """
        ...

    def cancel(
        self,
        before: Appointment,
        after: Appointment,
        changes: Sequence[RowChanges],
        now: datetime,
        begins: Sequence[WorkItem] = (),
    ) -> None:
        """Store `after`, release the lanes and withdraw the consents, if it still is `before` and nobody checked in."""
        ...
