"""Planned against booked capacity of a day: desks and minutes, never people (FR-08, FR-11, BF-20). Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from chalicelib.booking.capacity import COOLING, UNTOUCHED, Room
from chalicelib.booking.opening import day_ticks
from chalicelib.shared.clock import to_local

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from chalicelib.booking.capacity import Seen, Tick, TickState
    from chalicelib.booking.model import Appointment
    from chalicelib.municipalities.model import Municipality
    from chalicelib.municipalities.offices import DeskGroup, Office, OpeningPeriod


@dataclass(frozen=True, slots=True)
class Minutes:
    """Desk minutes: `planned` by the hours, of which `walk_in` are kept for citizens without an appointment.

    `booked` and `held` are taken, `free` can be booked by somebody; what cools down is free for staff alone.
    """

    planned: int = 0
    walk_in: int = 0
    booked: int = 0
    held: int = 0
    free: int = 0

    @property
    def bookable(self) -> int:
        """What can be booked at all."""
        return self.planned - self.walk_in

    @property
    def booked_share(self) -> float | None:
        """The part of the bookable minutes that is booked; None where nothing can be booked. Above 1 after a cut."""
        return self.booked / self.bookable if self.bookable else None

    def __add__(self, other: Minutes) -> Minutes:
        return Minutes(
            self.planned + other.planned,
            self.walk_in + other.walk_in,
            self.booked + other.booked,
            self.held + other.held,
            self.free + other.free,
        )


@dataclass(frozen=True, slots=True)
class DayLoad:
    """One desk group on one day: all of it, and its edge hours apart (FR-08)."""

    day: date
    group: DeskGroup
    whole: Minutes = field(default_factory=Minutes)
    edge: Minutes = field(default_factory=Minutes)


@dataclass(frozen=True, slots=True)
class ReasonLoad:
    """What is booked for one enquiry reason on one day. `assisted` were booked by staff (FR-16)."""

    appointments: int = 0
    minutes: int = 0
    assisted: int = 0


def day_load(
    municipality: Municipality, place: tuple[Office, DeskGroup], day: date, seen: Seen, now: datetime
) -> DayLoad:
    """How a day of a desk group is used. Minutes that are booked outside the hours in force count as booked."""
    office, group = place
    bookable = {tick.key: tick for tick in day_ticks(municipality, office, group, day)}
    planned = {tick.key: tick for tick in day_ticks(municipality, *_without_walk_in(office, group), day)}
    second, length = int(now.timestamp()), municipality.booking.tick_minutes
    whole, edge = Minutes(), Minutes()
    for key in planned.keys() | seen.keys():
        minutes = _minutes(planned.get(key), bookable.get(key), seen.get(key, UNTOUCHED), second, length)
        whole += minutes
        if key in planned and is_edge(municipality, planned[key].start):
            edge += minutes
    return DayLoad(day, group, whole, edge)


def _minutes(planned: Tick | None, bookable: Tick | None, state: TickState, now: int, length: int) -> Minutes:
    lanes = [lane for lane in state.lanes.values() if not lane.is_free(now) and lane.owner != COOLING]
    confirmed = sum(lane.until is None for lane in lanes)
    desks = planned.capacity if planned else 0
    free = Room.of(bookable, state, now, staff=True).free if bookable else 0
    return Minutes(
        planned=desks * length,
        walk_in=(desks - (bookable.capacity if bookable else 0)) * length,
        booked=confirmed * length,
        held=(len(lanes) - confirmed) * length,
        free=free * length,
    )


def is_edge(municipality: Municipality, moment: datetime) -> bool:
    """True in the edge hours, before and after what most people work."""
    wall = to_local(moment).time()
    return wall < municipality.booking.edge_before or wall >= municipality.booking.edge_after


def _without_walk_in(office: Office, group: DeskGroup) -> tuple[Office, DeskGroup]:
    """The same hours as if every desk took appointments."""
    exceptions = tuple(replace(entry, opening=_all_bookable(entry.opening)) for entry in office.exceptions)
    return replace(office, exceptions=exceptions), replace(group, opening=_all_bookable(group.opening))


def _all_bookable(periods: Iterable[OpeningPeriod]) -> tuple[OpeningPeriod, ...]:
    return tuple(replace(period, walk_in=0) for period in periods)


def by_reason(municipality: Municipality, appointments: Sequence[Appointment]) -> Mapping[str, ReasonLoad]:
    """What is booked for each enquiry reason; of an appointment for several, each has its own minutes."""
    found: dict[str, ReasonLoad] = {}
    known = {reason.id: reason for reason in municipality.reasons}
    for appointment in appointments:
        for reason in appointment.reasons:
            load = found.get(reason, ReasonLoad())
            found[reason] = ReasonLoad(
                load.appointments + 1,
                load.minutes + (known[reason].duration_minutes if reason in known else 0),
                load.assisted + appointment.origin.is_assisted,
            )
    return found
