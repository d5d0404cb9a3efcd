"""Whose booked times no longer fit the opening hours, and which other times to propose to them. Pure (ADR 18).

An appointment still fits if the engine would book it today: in the order in which they were booked, so that of three
citizens with one desk left the one who booked first keeps the time.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.booking.capacity import Lane, TickState, free_slots, ticks_from
from chalicelib.booking.lanes import plan
from chalicelib.booking.model import Booker
from chalicelib.booking.opening import Access, day_ticks
from chalicelib.booking.rules import Party, errand, last_day
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date, datetime

    from chalicelib.booking.capacity import Change, Seen, Slot, Tick
    from chalicelib.booking.model import Appointment, DayRow
    from chalicelib.booking.rules import Errand
    from chalicelib.municipalities.model import DeskGroup, Municipality

PROPOSAL_NOTICE: Final = timedelta(hours=2)
"""No sooner than this is a time proposed: the citizen has to read the message, and to come."""
PROPOSAL_KEPT: Final = timedelta(hours=48)
"""How long a proposed place is kept for its citizen, if neither of the two times comes first."""


@dataclass(frozen=True, slots=True)
class Affected:
    """A booked time that can't be kept, and the time to propose instead; None: there is none within the horizon."""

    appointment: Appointment
    proposal: Slot | None


def outside(municipality: Municipality, appointments: Iterable[Appointment]) -> list[Appointment]:
    """The appointments that the hours in force have no place for, by their time."""
    rows: dict[DayRow, list[Appointment]] = {}
    for appointment in appointments:
        if not appointment.is_cancelled:
            rows.setdefault(appointment.row, []).append(appointment)
    found = [each for row, booked in rows.items() for each in _outside(municipality, row, booked)]
    return sorted(found, key=lambda each: (each.start, each.id))


def _outside(municipality: Municipality, row: DayRow, booked: Sequence[Appointment]) -> Iterator[Appointment]:
    seen: Seen = {}
    group = _group_of(municipality, row)
    for appointment in sorted(booked, key=lambda each: (each.booked_at, each.id)):
        ticks = ticks_of(municipality, group, appointment) if group else ()
        changes = plan(ticks, seen, mine=None, after=Lane(appointment.id), now=0, staff=True) if ticks else None
        if changes is None:
            yield appointment
        else:
            apply(changes, seen)


def ticks_of(municipality: Municipality, group: DeskGroup, appointment: Appointment) -> tuple[Tick, ...]:
    """The open ticks that an appointment is on; none if it is not open all the way for what the citizen comes for."""
    office = municipality.office(appointment.office)
    served = all(reason in group.reasons for reason in appointment.reasons)
    ticks = day_ticks(municipality, office, group, local_date(appointment.start), Access(appointment.reasons))
    minutes = int((appointment.end - appointment.start).total_seconds()) // 60
    return ticks_from(ticks, appointment.start, minutes) if served else ()


def _group_of(municipality: Municipality, row: DayRow) -> DeskGroup | None:
    try:
        office = municipality.office(row.office)
    except NotFound:
        return None
    return next((group for group in office.desk_groups if group.id == row.group), None)


@dataclass
class Proposing:
    """Proposes times one by one; each is taken in its own picture of the lanes, so no two citizens get the same place.

    `lanes` reads a row; every row is read once.
    """

    municipality: Municipality
    lanes: Callable[[DayRow], Seen]
    now: datetime
    _seen: dict[DayRow, Seen] = field(default_factory=dict)

    def propose(self, appointments: Iterable[Appointment]) -> list[Affected]:
        """Who comes first chooses first."""
        ordered = sorted(appointments, key=lambda each: (each.start, each.id))
        return [Affected(each, self._nearest(each)) for each in ordered]

    def _nearest(self, appointment: Appointment) -> Slot | None:
        """The free time nearest to the one that can't be kept, at the same office, as long, for as many."""
        wish = errand_of(self.municipality, appointment)
        if wish is None:
            return None
        # Day by day outwards: with hours of less than twelve a day, a nearer day is always nearer in time as well.
        for days in self._days_around(local_date(appointment.start)):
            offers = [slot for day in days for slot in self._free(wish, day) if not _overlap(wish, slot, appointment)]
            if offers:
                best = min(offers, key=lambda slot: (_distance(slot.start, appointment.start), slot.start))
                self._take(wish, appointment, best)
                return best
        return None

    def _days_around(self, middle: date) -> Iterator[tuple[date, ...]]:
        first, last = local_date(self.now), last_day(self.municipality, self.now)
        for away in range(max((last - middle).days, (middle - first).days) + 1):
            both = {middle + timedelta(days=away), middle - timedelta(days=away)}
            yield tuple(sorted(day for day in both if first <= day <= last))

    def _free(self, wish: Errand, day: date) -> list[Slot]:
        ticks = wish.ticks(self.municipality, day, self.now)
        if not ticks:
            return []
        seen, now = self._lanes(wish.row(self.municipality, day)), int(self.now.timestamp())
        slots = free_slots(ticks, seen, wish.minutes, now, buffer=wish.buffer, staff=True)
        return [slot for slot in slots if slot.start >= self.now + PROPOSAL_NOTICE]

    def _take(self, wish: Errand, appointment: Appointment, slot: Slot) -> None:
        day = local_date(slot.start)
        wanted = ticks_from(wish.ticks(self.municipality, day, self.now), slot.start, wish.minutes, wish.buffer)
        seen, now = self._lanes(wish.row(self.municipality, day)), int(self.now.timestamp())
        apply(plan(wanted, seen, mine=None, after=Lane(appointment.id), now=now, staff=True) or (), seen)

    def _lanes(self, row: DayRow) -> Seen:
        if row not in self._seen:
            self._seen[row] = dict(self.lanes(row))
        return self._seen[row]


def _distance(proposed: datetime, booked: datetime) -> timedelta:
    """How far a time is from the one that can't be kept; earlier counts double, as it leaves less time to prepare."""
    return proposed - booked if proposed >= booked else 2 * (booked - proposed)


def _overlap(wish: Errand, slot: Slot, appointment: Appointment) -> bool:
    """True if both need the same tick: nobody can own two lanes of one, so such a time can't be kept beside the old."""
    desk_until = slot.end + timedelta(minutes=wish.buffer)
    return slot.start < (appointment.desk_until or appointment.end) and appointment.start < desk_until


def errand_of(municipality: Municipality, appointment: Appointment) -> Errand | None:
    """What an appointment's citizen comes for, booked by staff; None if the office no longer serves it."""
    party = Party(appointment.persons, appointment.meeting, Booker.STAFF)
    try:
        return errand(municipality, appointment.office, appointment.reasons, party)
    except InvalidInput:
        return None


def apply(changes: Iterable[Change], seen: Seen) -> None:
    """The lanes as they are once the changes are made."""
    for change in changes:
        state = seen.get(change.tick, TickState())
        lanes = dict(state.lanes)
        for edit in change.edits:
            lanes.pop(edit.lane, None)
        lanes.update({edit.lane: edit.after for edit in change.edits if edit.after is not None})
        seen[change.tick] = replace(state, lanes=lanes)


def kept_until(appointment: Appointment, proposed: datetime, asked_at: datetime) -> datetime:
    """Until when a proposed place is kept: two days, but no longer than either time is still to come."""
    return min(asked_at + PROPOSAL_KEPT, proposed, appointment.start)
