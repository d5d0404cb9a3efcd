"""What visits need from the outside. Every method reads consistently; every write is conditional."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from chalicelib.shared.work import WorkItem
    from chalicelib.visits.experience import Experience
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

    `by` is the identity provider's id of the employee who did it; it is kept apart from the visit, under a keyed
    pseudonym, and read for a stated purpose only (`audit.py`). None: a citizen, or the sweep.

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

    def add(self, visit: Visit, *, request: Request | None = None, by: str | None = None) -> None:
        """Store the visit of a walk-in, and the survey consent or refusal that was given with it (SK-02)."""
        ...

    def add_booked(self, visit: Visit, booking: Booking, *, by: str | None = None) -> None:
        """Store the visit of a booked citizen, if the appointment still is what `booking` says."""
        ...

    def replace(self, before: Visit, after: Visit, *, request: Request | None = None, by: str | None = None) -> None:
        """Store `after` if the visit still is `before`."""
        ...

    def complete(self, before: Visit, after: Visit, work: Sequence[WorkItem], *, by: str | None = None) -> None:
        """In one transaction: the visit has ended, its contact exists, its work is pending (design 4.2)."""
        ...

    def move(self, before: Visit, after: Visit, arrived: Visit, *, by: str | None = None) -> None:
        """In one transaction: `after` has left its office, `arrived` waits at the other, where its link leads now."""
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


class Outages(Protocol):
    """What was out of order."""

    def was_out(self, municipality: str, office: str | None, reasons: Iterable[str], *when: datetime) -> bool:
        """True if an outage touched whoever was at the office, for those reasons, from the first to the last moment."""
        ...


class Experiences(Protocol):
    """What recent days taught."""

    def recent(self, municipality: str, office: str, today: date) -> Experience:
        """What the whole days before `today` taught."""
        ...
