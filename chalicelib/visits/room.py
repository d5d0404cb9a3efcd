"""The waiting room as desks and citizens see it: the queue, one place in it, who is missing, what the wait may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chalicelib.municipalities.model import Meeting
from chalicelib.shared.clock import local_date
from chalicelib.visits.access import VisitAccess
from chalicelib.visits.expectation import expected_wait
from chalicelib.visits.experience import experience_of
from chalicelib.visits.model import WAITING_STATES, State
from chalicelib.visits.queue import Turn, in_order, people_ahead

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.identifiers import DeskGroupId
    from chalicelib.visits.experience import Experience
    from chalicelib.visits.model import Booking, Visit, WaitRange

_SEEN: Final = WAITING_STATES | {State.CALLED, State.PARKED}


@dataclass(frozen=True, slots=True)
class Place:
    """A visit with its place in the queue. `wait` is None when nothing sensible can be said."""

    visit: Visit
    people_ahead: int
    wait: WaitRange | None


@dataclass(frozen=True, slots=True)
class Queue:
    """An office right now. `not_checked_in` are today's booked citizens whose time has passed (GL-64)."""

    now: datetime
    visits: tuple[Visit, ...]
    not_checked_in: tuple[Booking, ...]

    def in_state(self, *states: State) -> tuple[Visit, ...]:
        """The visits in one of the states, by arrival."""
        found = [visit for visit in self.visits if visit.state in states]
        return tuple(sorted(found, key=lambda visit: (visit.arrived_at, visit.id)))

    def waiting(self, group: DeskGroupId) -> tuple[Turn, ...]:
        """Who waits for a desk group, the next one first."""
        return in_order(self.visits, group, self.now)


class Room(VisitAccess):
    """The use cases of looking."""

    def place(self, municipality: Municipality, visit: Visit) -> Place:
        """Where the visit stands in the queue now."""
        now = self.now()
        visits = self.store.of_day(municipality.id, visit.office, visit.day)
        experience = self.experience(municipality, visit.office, visits)
        groups = municipality.office(visit.office).desk_groups
        reasons = next((group.reasons for group in groups if group.id == visit.desk_group), frozenset())
        is_worth_it = experience.is_worth_telling(visit.desk_group, reasons)
        wait = expected_wait(municipality, visit, visits, now, experience) if is_worth_it else None
        return Place(visit, people_ahead(visit, visits, now), wait)

    def by_number(self, municipality: Municipality, office: str, number: int) -> Place | None:
        """Where a ticket's number stands: no more than the waiting room can see, so whoever asks may know.

        None for who isn't here, or not any more, and for meetings by phone or video.

        Raises:
            NotFound: no such office.
        """
        place = municipality.office(office)
        visits = self.store.of_day(municipality.id, place.id, self.today())
        found = (
            visit
            for visit in visits
            if visit.number == number and visit.state in _SEEN and visit.meeting is Meeting.IN_PERSON
        )
        visit = next(found, None)
        return None if visit is None else self.place(municipality, visit)

    def experience(self, municipality: Municipality, office: str, visits: Sequence[Visit]) -> Experience:
        """What recent days and today's visits teach about the office."""
        recent = self.experiences.recent(municipality.id, office, self.today())
        return recent.and_(experience_of(visits))

    def queue(self, municipality: Municipality, office: str) -> Queue:
        """The office now.

        Raises:
            NotFound: no such office.
        """
        place, now = municipality.office(office), self.now()
        visits = tuple(self.store.of_day(municipality.id, place.id, local_date(now)))
        return Queue(now, visits, self._not_checked_in(municipality, place.id, visits, now))

    def _not_checked_in(
        self,
        municipality: Municipality,
        office: str,
        visits: Sequence[Visit],
        now: datetime,
    ) -> tuple[Booking, ...]:
        here = {visit.ulid for visit in visits}
        times = self.appointments.times_of_day(municipality.id, office, local_date(now))
        missing = [entry for entry in times if entry.start <= now and entry.appointment not in here]
        found = [self.appointments.by_id(municipality.id, entry.appointment) for entry in missing]
        return tuple(booking for booking in found if booking is not None and _still_expected(booking, office, now))


def _still_expected(booking: Booking, office: str, now: datetime) -> bool:
    today = local_date(booking.start) == local_date(now)
    return not booking.cancelled and booking.office == office and today and booking.start <= now
