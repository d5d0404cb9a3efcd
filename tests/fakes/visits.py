"""Visits and contacts in memory, with the same conditions as the tables. The contract tests hold both against the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.shared.errors import Ambiguous, Busy, Outrun
from chalicelib.shared.identifiers import OfficeId, ReasonId, new_ulid
from chalicelib.shared.phone import PhoneNumber
from chalicelib.shared.retry import Retry
from chalicelib.visits.experience import Experience
from chalicelib.visits.model import (
    Booking,
    ConsentFacts,
    Origin,
    State,
    Visit,
    VisitKey,
    checked_in_step,
    visit_id_of,
)
from chalicelib.visits.ports import Answered, BookedTime, Request
from chalicelib.visits.service import VisitService
from tests.builders import MONDAY, FixedClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from chalicelib.contacts.model import Contact
    from chalicelib.shared.work import WorkItem
    from chalicelib.visits.ports import Outages

PHONE = PhoneNumber("+4520123456")
YES = ConsentFacts(offered=True, granted=True, text_version="2026-1")
NO = ConsentFacts(offered=True, granted=False, text_version="2026-1")


class InMemoryVisits:
    """`VisitStore`. `consents` and `contacts` show what else the transactions wrote."""

    def __init__(self) -> None:
        self.visits: dict[tuple[str, str], Visit] = {}
        self.requests: dict[tuple[str, str, date, str, str], Answered] = {}
        self.contacts: dict[str, tuple[Visit, tuple[WorkItem, ...]]] = {}
        self.consents: dict[str, str] = {}
        self.audit: list[tuple[str, str, str]] = []
        self.left: dict[str, Visit] = {}
        self.appointments: InMemoryAppointments | None = None
        self._numbers: dict[tuple[str, str, date], int] = {}

    def find(self, municipality: str, key: VisitKey) -> Visit | None:
        known = [v for v in (*self.visits.values(), *self.left.values()) if v.municipality == municipality]
        wanted = (key.office, key.day, key.ulid)
        return next((visit for visit in known if (visit.office, visit.day, visit.ulid) == wanted), None)

    def of_day(self, municipality: str, office: str, day: date) -> Sequence[Visit]:
        known = (*self.visits.values(), *self.left.values())
        return [v for v in known if (v.municipality, v.office, v.day) == (municipality, office, day)]

    def answered(self, municipality: str, office: str, day: date, request: Request) -> Answered | None:
        return self.requests.get((municipality, office, day, request.scope, request.key))

    def next_number(self, municipality: str, office: str, day: date) -> int:
        key = municipality, office, day
        self._numbers[key] = self._numbers.get(key, 0) + 1
        return self._numbers[key]

    def add(self, visit: Visit, *, request: Request | None = None, by: str | None = None) -> None:
        if (visit.municipality, visit.ulid) in self.visits or self._is_answered(visit, request):
            raise Outrun
        self._keep(visit, by)
        self._answer(visit, request)
        if visit.consent.offered:
            self.consents[visit.ulid] = "granted" if visit.consent.granted else "refused"

    def add_booked(self, visit: Visit, booking: Booking, *, by: str | None = None) -> None:
        known = self.appointments.by_id(visit.municipality, booking.id) if self.appointments else None
        if known is None or known.version != booking.version or (visit.municipality, visit.ulid) in self.visits:
            raise Outrun
        self._keep(visit, by)

    def replace(self, before: Visit, after: Visit, *, request: Request | None = None, by: str | None = None) -> None:
        self._check_unchanged(before)
        if self._is_answered(after, request):
            raise Outrun
        self._keep(after, by)
        self._answer(after, request)

    def complete(self, before: Visit, after: Visit, work: Sequence[WorkItem], *, by: str | None = None) -> None:
        self._check_unchanged(before)
        if after.ulid in self.contacts:
            raise Outrun
        self._keep(after, by)
        self.contacts[after.ulid] = after, tuple(work)

    def move(self, before: Visit, after: Visit, arrived: Visit, *, by: str | None = None) -> None:
        self._check_unchanged(before)
        there = self.left.get(arrived.id)
        if there is not None and there.state is not State.MOVED:
            raise Outrun
        self.left[after.id] = after
        self.left.pop(arrived.id, None)
        self._keep(arrived, None)
        if by:
            self.audit.append((after.ulid, after.trail[-1].action, by))

    def _keep(self, visit: Visit, by: str | None) -> None:
        self.visits[visit.municipality, visit.ulid] = visit
        if by:
            self.audit.append((visit.ulid, visit.trail[-1].action, by))

    def _check_unchanged(self, before: Visit) -> None:
        now = self.visits.get((before.municipality, before.ulid))
        if now is None or (now.version, now.state) != (before.version, before.state):
            raise Outrun

    def _is_answered(self, visit: Visit, request: Request | None) -> bool:
        return request is not None and self.answered(visit.municipality, visit.office, visit.day, request) is not None

    def _answer(self, visit: Visit, request: Request | None) -> None:
        if request:
            key = visit.municipality, visit.office, visit.day, request.scope, request.key
            self.requests[key] = Answered(request.fingerprint, visit.ulid)


class InMemoryAppointments:
    """`Appointments`."""

    def __init__(self, *bookings: Booking, municipality: str = "fjordby") -> None:
        self.bookings = {booking.id: booking for booking in bookings}
        self._municipality = municipality

    def by_code(self, municipality: str, code: str) -> Booking | None:
        return next((b for b in self._mine(municipality) if b.code == code), None)

    def by_id(self, municipality: str, appointment: str) -> Booking | None:
        return next((b for b in self._mine(municipality) if b.id == appointment), None)

    def times_of_day(self, municipality: str, office: str, day: date) -> Sequence[BookedTime]:
        mine = [b for b in self._mine(municipality) if b.office == office and b.start.date() == day]
        return [BookedTime(b.id, b.start) for b in sorted(mine, key=lambda b: b.start)]

    def _mine(self, municipality: str) -> list[Booking]:
        return list(self.bookings.values()) if municipality == self._municipality else []


class Stumbling:
    """A store whose next writes fail: `before` anything was written, or `after`, when only the answer is lost."""

    def __init__(self, store: InMemoryVisits, *failures: str) -> None:
        self._store = store
        self._failures = list(failures)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        return self._stumble(found) if name in {"add", "add_booked", "replace", "complete", "move"} else found

    def _stumble(self, write: Callable[..., None]) -> Callable[..., None]:
        def stumbling(*args: Any, **kwargs: Any) -> None:
            failure = self._failures.pop(0) if self._failures else None
            if failure == "busy":
                raise Busy
            if failure == "before":
                raise Ambiguous
            write(*args, **kwargs)
            if failure == "after":
                raise Ambiguous

        return stumbling


class InMemoryContacts:
    """`ContactStore`."""

    def __init__(self) -> None:
        self.contacts: dict[str, Contact] = {}
        self.work: list[WorkItem] = []
        self.phones: list[PhoneNumber | None] = []

    def add(self, contact: Contact, work: Sequence[WorkItem], phone: PhoneNumber | None) -> bool:
        if contact.id in self.contacts:
            return False
        self.contacts[contact.id] = contact
        self.work.extend(work)
        self.phones.append(phone)
        return True


def a_booking(**changes: Any) -> Booking:
    """A passport at 10:30 on the Monday, booked the week before, with a yes to the survey."""
    facts: dict[str, Any] = {
        "id": new_ulid(MONDAY),
        "office": OfficeId("raadhuset"),
        "reasons": (ReasonId("passport"),),
        "start": MONDAY + timedelta(minutes=30),
        "booked_at": MONDAY - timedelta(days=7),
        "code": "K7MQ4P",
        "language": "da",
        "origin": Origin.WEB,
        "cancelled": False,
        "consent": YES,
        "phone": PHONE,
    }
    return Booking(**{**facts, **changes})


def a_visit(*, arrived: datetime = MONDAY, ulid: str | None = None, **changes: Any) -> Visit:
    """A waiting walk-in for a passport."""
    ulid = ulid or new_ulid(arrived)
    facts: dict[str, Any] = {
        "id": visit_id_of(arrived, "raadhuset", ulid),
        "municipality": "fjordby",
        "office": OfficeId("raadhuset"),
        "desk_group": "counter",
        "department": "citizen-service",
        "reasons": (ReasonId("passport"),),
        "ticket": "A001",
        "language": "da",
        "origin": Origin.KIOSK,
        "checked_in_at": Origin.KIOSK,
        "state": State.WAITING,
        "trail": (checked_in_step(arrived, "arrived"),),
        "consent": YES,
        "phone": PHONE,
    }
    return Visit(**{**facts, **changes})


class Calm:
    """`Outages`: nothing was out of order."""

    def was_out(self, municipality: str, office: str | None, reasons: Iterable[str], *when: datetime) -> bool:
        return False


class Taught:
    """`Experiences`: always the same, by default none."""

    def __init__(self, experience: Experience | None = None) -> None:
        self._experience = experience or Experience()

    def recent(self, municipality: str, office: str, today: date) -> Experience:
        return self._experience


def a_visit_service(
    store: Any,
    *bookings: Booking,
    clock: FixedClock | None = None,
    outages: Outages | None = None,
    experience: Experience | None = None,
) -> VisitService:
    """The service on fakes; it never really sleeps."""
    appointments = InMemoryAppointments(*bookings)
    moving = clock or FixedClock()
    if isinstance(store, InMemoryVisits):
        store.appointments = appointments
    return VisitService(
        store=store,
        appointments=appointments,
        outages=outages or Calm(),
        experiences=Taught(experience),
        clock=lambda: moving,
        retry=replace(Retry(), sleep=lambda _: None),
    )
