"""Where and when citizens are served: offices, their desks, opening-hours series and exceptions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.shared.errors import NotFound

if TYPE_CHECKING:
    from datetime import date, time

    from chalicelib.shared.identifiers import DeskGroupId, DeskId, OfficeId, ReasonId
    from chalicelib.shared.languages import Text


@dataclass(frozen=True, slots=True)
class OpeningPeriod:
    """One row of an opening-hours series: which weekdays, from when to when, how many desks, and for whom.

    `weekdays` are ISO numbers (Monday 1). `valid_from` and `valid_to` are inclusive; None means without end.
    `reasons` limits the row to some enquiry reasons of the group (GE-07); empty: all of them.
    Of `desks`, `walk_in` are kept for citizens without an appointment, `acute` can be booked on the day itself only,
    and at most `web` can be booked by citizens themselves, the rest by staff (None: all that can be booked).
    """

    weekdays: frozenset[int]
    opens: time
    closes: time
    desks: int
    valid_from: date | None = None
    valid_to: date | None = None
    reasons: frozenset[ReasonId] = frozenset()
    web: int | None = None
    walk_in: int = 0
    acute: int = 0

    def covers(self, day: date) -> bool:
        """True if the period is in force on that day."""
        after = self.valid_from is None or day >= self.valid_from
        before = self.valid_to is None or day <= self.valid_to
        return after and before and day.isoweekday() in self.weekdays


@dataclass(frozen=True, slots=True)
class DayException:
    """Days on which other hours hold than the series says. Of several for a day, the last in the list counts.

    `opening` takes the place of the series; empty: closed. `groups` limits it to some desk groups; empty: the office.
    `id` is set for those that staff made by a click; those of the municipality's file have none.
    """

    first: date
    last: date
    opening: tuple[OpeningPeriod, ...] = ()
    groups: frozenset[DeskGroupId] = frozenset()
    note: Text | None = None
    id: str | None = None

    def covers(self, day: date, group: DeskGroupId) -> bool:
        """True if it is about that day and desk group."""
        return self.first <= day <= self.last and (not self.groups or group in self.groups)


@dataclass(frozen=True, slots=True)
class DeskGroup:
    """Desks that serve the same enquiry reasons; the unit of capacity (design 4.1)."""

    id: DeskGroupId
    desks: tuple[DeskId, ...]
    reasons: frozenset[ReasonId]
    opening: tuple[OpeningPeriod, ...]


@dataclass(frozen=True, slots=True)
class CheckInPoint:
    """Where citizens check in: a kiosk or a reception, whose visibility is reviewed (GL-63, GL-65)."""

    id: str
    name: Text


@dataclass(frozen=True, slots=True)
class MandatoryBooking:
    """From a day on, walk-ins get no ticket for these enquiry reasons (FR-01); no reasons: for all of them."""

    from_day: date
    reasons: frozenset[ReasonId] = frozenset()

    def applies(self, reason: ReasonId, day: date) -> bool:
        """True if that reason needs a booked time on that day."""
        return day >= self.from_day and (not self.reasons or reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Office:
    """A place where citizens are served. `pick_up_hint`: where what is ready is handed out, without an appointment."""

    id: OfficeId
    name: Text
    address: str
    check_in_hint: Text
    desk_groups: tuple[DeskGroup, ...]
    access: Text | None = None
    pick_up_hint: Text | None = None
    exceptions: tuple[DayException, ...] = ()
    check_in_points: tuple[CheckInPoint, ...] = ()
    mandatory_booking: tuple[MandatoryBooking, ...] = ()

    @property
    def desks(self) -> tuple[DeskId, ...]:
        """Every desk of the office, group by group."""
        return tuple(desk for group in self.desk_groups for desk in group.desks)

    @property
    def reasons(self) -> frozenset[ReasonId]:
        """Every enquiry reason that the office serves."""
        return frozenset(reason for group in self.desk_groups for reason in group.reasons)

    def needs_booking(self, reason: ReasonId, day: date) -> bool:
        """True if nobody is served for that reason on that day without an appointment (FR-01)."""
        return any(rule.applies(reason, day) for rule in self.mandatory_booking)

    def group_for(self, reason: ReasonId) -> DeskGroup:
        """The one desk group that serves a reason here.

        Raises:
            NotFound: the office does not serve the reason.
        """
        for group in self.desk_groups:
            if reason in group.reasons:
                return group
        raise NotFound(fields={"reason": "this office does not serve it"})

    def group_of_desk(self, desk: DeskId) -> DeskGroup:
        """The desk group that a desk belongs to.

        Raises:
            NotFound: the office has no such desk.
        """
        for group in self.desk_groups:
            if desk in group.desks:
                return group
        raise NotFound(fields={"desk": "this office has no such desk"})
