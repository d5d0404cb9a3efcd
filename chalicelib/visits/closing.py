"""The end of an office's day: what nobody completed, who never came, and the figures that stay.

Runs every minute, over and over, and does a day's work twice: some time after closing, and finally after midnight, when
nothing can be added any more. Each visit is changed by a conditional write of its own, and the figures are counted from
the visits, so a run that dies, or two at once, do no harm. Days that were missed are caught up for a week.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import Outrun, WrongState
from chalicelib.shared.work import WorkItem, WorkKind
from chalicelib.visits.access import new_step_id
from chalicelib.visits.days import DayRecord, figures_of
from chalicelib.visits.hours import sweep_due
from chalicelib.visits.model import OPEN_STATES, Booking, State, Visit, missed_step, visit_id_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime

    from chalicelib.municipalities.model import Municipality, Office
    from chalicelib.visits.days import DayStore
    from chalicelib.visits.desk import DeskWork
    from chalicelib.visits.today import AtDoor, Today

CAUGHT_UP_DAYS: Final = 7
NOT_SHOWN: Final = "–"
"""Stands for the ticket of somebody who never took one."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What one run found."""

    unclosed: int = 0
    missed: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class ToldAtDoor:
    """A question that was solved at the door, with what its contact needs."""

    entry: AtDoor
    desk_group: str
    department: str
    work: tuple[WorkItem, ...]


class DoorLedger(Protocol):
    """Questions solved at the door, on their way into the contacts."""

    def of_day(self, municipality: str, office: str, day: date) -> Today:
        """Everything of an office's day."""
        ...

    def become_contact(self, municipality: str, day: date, told: ToldAtDoor) -> None:
        """In one transaction: its contact exists, its work is pending, and it is marked as counted. Twice is once."""
        ...


class Closing:
    """The use case of the sweep."""

    def __init__(self, *, visits: DeskWork, days: DayStore, door: DoorLedger) -> None:
        self._visits = visits
        self._days = days
        self._door = door

    def sweep(self, municipality: Municipality) -> Swept:
        """Closes every day of every office that is due and not closed yet; what was found."""
        unclosed = missed = days = 0
        for office in municipality.offices:
            for day, is_final in self._due(municipality, office):
                found = self.close_day(municipality, office, day, is_final=is_final)
                unclosed += found.unclosed
                missed += found.missed
                days += 1
        return Swept(unclosed, missed, days)

    def close_day(self, municipality: Municipality, office: Office, day: date, *, is_final: bool) -> Swept:
        """Nothing of the day is open afterwards, and its figures are kept."""
        store = self._visits.store
        visits = store.of_day(municipality.id, office.id, day)
        unclosed = sum(self._closed(municipality, visit) for visit in visits if visit.state in OPEN_STATES)
        missing = self._missing(municipality, office, day, visits)
        missed = sum(self._missed(municipality, office, booking) for booking in missing)
        door = self._door.of_day(municipality.id, office.id, day).at_door
        for entry in door:
            self._count(municipality, office, day, entry)
        figures = figures_of(store.of_day(municipality.id, office.id, day), (entry.reason for entry in door))
        self._days.keep(DayRecord(municipality.id, office.id, day, figures, is_final))
        return Swept(unclosed, missed)

    def _due(self, municipality: Municipality, office: Office) -> Iterator[tuple[date, bool]]:
        """Days to be closed now, and whether for good."""
        now = self._visits.now()
        today = local_date(now)
        first = today - timedelta(days=CAUGHT_UP_DAYS)
        kept = {record.day: record for record in self._days.between(municipality.id, office.id, first, today)}
        for ago in range(CAUGHT_UP_DAYS, 0, -1):
            record = kept.get(today - timedelta(days=ago))
            if record is None or not record.is_final:
                yield today - timedelta(days=ago), True
        if today not in kept and now >= sweep_due(municipality, office, today):
            yield today, False

    def _closed(self, municipality: Municipality, visit: Visit) -> bool:
        try:
            self._visits.close(municipality, visit.id)
        except WrongState:
            return False  # a desk was faster
        return True

    def _missing(
        self, municipality: Municipality, office: Office, day: date, visits: Iterable[Visit]
    ) -> Iterator[Booking]:
        here = {visit.ulid for visit in visits}
        for entry in self._visits.appointments.times_of_day(municipality.id, office.id, day):
            booking = None
            if entry.appointment not in here:
                booking = self._visits.appointments.by_id(municipality.id, entry.appointment)
            if booking and _was_expected(booking, office, day):
                yield booking

    def _missed(self, municipality: Municipality, office: Office, booking: Booking) -> bool:
        """Kept as a visit that never began: it counts as absent, and nobody can check it in any more."""
        try:
            self._visits.store.add_booked(_missed_visit(municipality, office, booking, self._visits.now()), booking)
        except Outrun:
            return False  # checked in, moved or cancelled meanwhile: the next run sees it
        return True

    def _count(self, municipality: Municipality, office: Office, day: date, entry: AtDoor) -> None:
        if entry.is_counted:
            return
        reason = next((reason for reason in municipality.reasons if reason.id == entry.reason), None)
        group = next((group for group in office.desk_groups if entry.reason in group.reasons), office.desk_groups[0])
        payload = {"phone": None, "language": "da", "code": None}
        work = (
            WorkItem(municipality.id, WorkKind.DECIDE, entry.id, entry.at, payload),
            WorkItem(municipality.id, WorkKind.LAND_CONTACT, entry.id, entry.at),
        )
        department = reason.department if reason else ""
        self._door.become_contact(municipality.id, day, ToldAtDoor(entry, group.id, department, work))


def _was_expected(booking: Booking, office: Office, day: date) -> bool:
    """An appointment by phone or video has no check-in, so nobody can say that it was missed."""
    is_here = booking.office == office.id and local_date(booking.start) == day
    return is_here and booking.in_person and not booking.cancelled


def _missed_visit(municipality: Municipality, office: Office, booking: Booking, now: datetime) -> Visit:
    group = next((g for g in office.desk_groups if booking.reasons[0] in g.reasons), office.desk_groups[0])
    known = next((reason for reason in municipality.reasons if reason.id == booking.reasons[0]), None)
    return Visit(
        id=visit_id_of(booking.start, office.id, booking.id),
        municipality=municipality.id,
        office=office.id,
        desk_group=group.id,
        department=known.department if known else "",
        reasons=booking.reasons,
        ticket=NOT_SHOWN,
        language=booking.language,
        origin=booking.origin,
        checked_in_at=booking.origin,
        state=State.NO_SHOW,
        trail=(missed_step(now, new_step_id()),),
        consent=booking.consent,
        booked_start=booking.start,
        booked_at=booking.booked_at,
        code=booking.code,
        persons=booking.persons,
    )
