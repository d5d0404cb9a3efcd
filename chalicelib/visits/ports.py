"""What visits need from the outside. Every method reads consistently; every write is conditional."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from chalicelib.shared.work import WorkItem
    from chalicelib.visits.model import Booking, Visit, VisitKey


@dataclass(frozen=True, slots=True)
class Request:
    """A caller's Idempotency-Key and what it asked for. `scope` keeps the keys of different calls apart."""

    scope: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A request that has been carried out: which visit it made or called."""

    fingerprint: str
    ulid: str


@dataclass(frozen=True, slots=True)
class BookedTime:
    """An entry of an office's day."""

    appointment: str
    start: datetime


class VisitStore(Protocol):
    """Where visits are kept.

    Writes raise `Conflict` when their condition failed, `Busy` when contention stopped them before anything changed,
    and `Ambiguous` when the answer was lost.
    """

    def find(self, municipality: str, key: VisitKey) -> Visit | None:
        """The visit with that id."""
        ...

    def of_day(self, municipality: str, office: str, day: date) -> Sequence[Visit]:
        """Every visit of an office on a day."""
        ...

    def answered(self, municipality: str, office: str, day: date, request: Request) -> Answered | None:
        """What became of a request with that key."""
        ...

    def next_number(self, municipality: str, office: str, day: date) -> int:
        """A ticket number that no other visit of the office and day gets."""
        ...

    def add(self, visit: Visit, *, request: Request | None = None) -> None:
        """Store the visit of a walk-in, and the survey consent or refusal that was given with it (SK-02)."""
        ...

    def add_booked(self, visit: Visit, booking: Booking) -> None:
        """Store the visit of a booked citizen, if the appointment still is what `booking` says."""
        ...

    def replace(self, before: Visit, after: Visit, *, request: Request | None = None) -> None:
        """Store `after` if the visit still is `before`."""
        ...

    def complete(self, before: Visit, after: Visit, work: Sequence[WorkItem]) -> None:
        """In one transaction: the visit is completed, its contact exists, its work is pending (design 4.2)."""
        ...


class Appointments(Protocol):
    """What has been booked."""

    def by_code(self, municipality: str, code: str) -> Booking | None:
        """The appointment with that booking code."""
        ...

    def by_id(self, municipality: str, appointment: str) -> Booking | None:
        """The appointment with that id."""
        ...

    def times_of_day(self, municipality: str, office: str, day: date) -> Sequence[BookedTime]:
        """The booked times of an office on a day, in order; may still name some that were moved or cancelled."""
        ...
