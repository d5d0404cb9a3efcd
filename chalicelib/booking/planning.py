"""Staff change the hours of a day: close it, give it other hours, take that back (ADR 18).

A closed day asks, it doesn't move: nobody's appointment is changed by it. Who is affected is listed before it is
confirmed, and asked afterwards (`asking.py`). The ticks concerned get a `cap`, so that no configuration that another
process read a minute ago can sell what is closed now (I1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.booking.affected import Proposing, outside
from chalicelib.booking.caps import new_caps
from chalicelib.booking.model import DayRow
from chalicelib.booking.opening import day_ticks
from chalicelib.booking.rules import last_day
from chalicelib.municipalities.exceptions import StaffException, with_exceptions
from chalicelib.municipalities.hours import opening_of
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import InvalidInput, NotFound
from chalicelib.shared.identifiers import new_ulid
from chalicelib.shared.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from chalicelib.booking.affected import Affected
    from chalicelib.booking.capacity import Seen
    from chalicelib.booking.model import Appointment, RowChanges
    from chalicelib.municipalities.exceptions import StaffExceptions
    from chalicelib.municipalities.model import Municipality, Office
    from chalicelib.municipalities.offices import DayException
    from chalicelib.municipalities.service import Municipalities
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.identifiers import DeskGroupId, OfficeId

LONGEST_DAYS: Final = 60
"""Days of one exception; longer changes belong into the municipality's file."""


class PlanningStore(Protocol):
    """What planning reads and writes of bookings. Reads are consistent; writes raise as every store's do."""

    def booked(self, municipality: str, office: str, day: date) -> Sequence[Appointment]:
        """The appointments of an office's day that are not cancelled, by time."""
        ...

    def lanes(self, row: DayRow) -> Seen:
        """The lanes of every tick of a row that has a record."""
        ...

    def set_caps(self, row: DayRow, caps: Mapping[str, int]) -> None:
        """Bound the capacity of some ticks of a row, by their keys. The lanes stay."""
        ...

    def keep(self, changes: RowChanges, now: datetime) -> None:
        """Take lanes for somebody until a moment, all or none."""
        ...


@dataclass(frozen=True, slots=True)
class Changed:
    """An exception that has been made or taken back, and whose times the hours now leave outside."""

    exception: StaffException
    affected: tuple[Affected, ...]


class DayPlanning:
    """Hours of days, changed by staff."""

    def __init__(
        self,
        *,
        municipalities: Callable[[], Municipalities],
        exceptions: StaffExceptions,
        store: PlanningStore,
        clock: Callable[[], Clock],
        retry: Retry | None = None,
    ) -> None:
        self._municipalities = municipalities
        self._exceptions = exceptions
        self._store = store
        self._clock = clock
        self._retry = retry or Retry()

    # Looking

    def exceptions(self, municipality: str, office: str) -> list[StaffException]:
        """The office's exceptions that staff have made and that are not over, in the order in which they were made."""
        today = local_date(self._clock().now())
        return [
            each
            for each in self._exceptions.of(municipality)
            if each.office == office and each.is_in_force and each.hours.last >= today
        ]

    def affected(self, municipality: Municipality, office: str, first: date, last: date) -> list[Affected]:
        """Whose times of those days the hours in force leave outside, each with a time to propose."""
        lost = outside(municipality, self._booked(municipality, office, first, last))
        return Proposing(municipality, self._store.lanes, self._clock().now()).propose(lost)

    def preview(self, municipality: Municipality, office: str, hours: DayException) -> list[Affected]:
        """Whom an exception would leave outside, before it is made.

        Raises:
            InvalidInput: the office can't have such hours.
        """
        place = municipality.office(office)
        self._check(municipality, place, hours)
        wanted = StaffException("", place.id, hours, by="", at=self._clock().now())
        return self.affected(with_exceptions(municipality, [wanted]), office, hours.first, hours.last)

    # Changing

    def change(self, municipality_id: str, office: str, hours: DayException, *, by: str) -> Changed:
        """The hours hold from now on, for everybody who reads them; nobody's appointment is touched.

        Raises:
            InvalidInput: the office can't have such hours.
            Busy: try again; what was written so far is safe to write again.
        """
        before = self._fresh(municipality_id)
        place = before.office(office)
        self._check(before, place, hours)
        now = self._clock().now().replace(microsecond=0)
        exception_id = new_ulid(now)
        made = StaffException(exception_id, place.id, replace(hours, id=exception_id), by=by, at=now)
        self._exceptions.add(municipality_id, made)
        return self._followed(before, made)

    def take_back(self, municipality_id: str, office: str, exception_id: str, *, by: str) -> Changed:
        """The hours are again as they were without it. Twice is once.

        Raises:
            NotFound: the office has no such exception.
            Conflict: somebody else changed it at the same moment.
        """
        known = {each.id: each for each in self._exceptions.of(municipality_id) if each.office == office}
        if exception_id not in known:
            raise NotFound
        made, before = known[exception_id], self._fresh(municipality_id)
        if made.is_in_force:
            now = self._clock().now().replace(microsecond=0)
            gone = replace(made, removed_by=by, removed_at=now, version=made.version + 1)
            self._exceptions.remove(municipality_id, made, gone)
            made = gone
        return self._followed(before, made)

    def follow(self, before: Municipality) -> None:
        """After another file was applied: caps what its hours lower, and lifts the caps that they raise."""
        today = local_date(self._clock().now())
        for office in before.offices:
            self._cap(before, office.id, today, last_day(before, self._clock().now()))

    def unfit(self, before: Municipality, after: Municipality) -> Iterator[tuple[OfficeId, date, list[Appointment]]]:
        """The appointments that another file would leave outside, by office and day, as far as can be booked."""
        now = self._clock().now()
        for office in before.offices:
            for day in _days(local_date(now), last_day(before, now)):
                if _hours(before, office.id, day) == _hours(after, office.id, day):
                    continue
                if lost := outside(after, self._booked(before, office.id, day, day)):
                    yield office.id, day, lost

    def _followed(self, before: Municipality, exception: StaffException) -> Changed:
        hours = exception.hours
        today = local_date(self._clock().now())
        after = self._cap(before, exception.office, max(hours.first, today), hours.last)
        return Changed(exception, tuple(self.affected(after, exception.office, hours.first, hours.last)))

    def _cap(self, before: Municipality, office: OfficeId, first: date, last: date) -> Municipality:
        """The caps of an office's days, from the hours in force; again if somebody changed them at the same moment."""
        after = self._fresh(before.id)
        while True:
            for day in _days(first, last):
                self._cap_day(before, after, office, day)
            if (latest := self._fresh(before.id)) == after:
                return after
            after = latest

    def _cap_day(self, before: Municipality, after: Municipality, office: OfficeId, day: date) -> None:
        old, new = _capacities(before, office, day), _capacities(after, office, day)
        for group in old.keys() | new.keys():
            row = DayRow(before.id, office, group, day)
            was, now = old.get(group, {}), new.get(group, {})
            if was != now and (caps := new_caps(was, now, self._store.lanes(row))):
                self._store.set_caps(row, caps)

    def _booked(self, municipality: Municipality, office: str, first: date, last: date) -> Iterator[Appointment]:
        now = self._clock().now()
        for day in _days(max(first, local_date(now)), last):
            yield from (each for each in self._store.booked(municipality.id, office, day) if each.start > now)

    def _fresh(self, municipality: str) -> Municipality:
        self._municipalities().forget(municipality)
        return self._municipalities().get(municipality)

    def _check(self, municipality: Municipality, office: Office, hours: DayException) -> None:
        today = local_date(self._clock().now())
        if hours.last < today or hours.last < hours.first:
            raise InvalidInput(fields={"last": "the last day must not be before the first, or before today"})
        if (hours.last - hours.first).days >= LONGEST_DAYS:
            raise InvalidInput(fields={"last": f"at most {LONGEST_DAYS} days at once"})
        unknown = hours.groups - {group.id for group in office.desk_groups}
        if unknown:
            raise InvalidInput(fields={"groups": "this office has no such desk group"})
        step = municipality.booking.tick_minutes
        for period in hours.opening:
            if period.opens >= period.closes or period.desks < 1 or period.walk_in + period.acute > period.desks:
                raise InvalidInput(fields={"opening": "opens before it closes, with at least one desk"})
            if period.opens.minute % step or period.closes.minute % step:
                raise InvalidInput(fields={"opening": f"opens and closes at a multiple of {step} minutes"})


def _hours(municipality: Municipality, office: OfficeId, day: date) -> object:
    """Everything that decides whether an appointment of a day fits; equal if none can be affected."""
    groups = [(place, group) for place in municipality.offices if place.id == office for group in place.desk_groups]
    hours = {
        group.id: (opening_of(municipality, place, group, day), len(group.desks), group.reasons)
        for place, group in groups
    }
    return hours, municipality.booking.tick_minutes


def _capacities(municipality: Municipality, office: OfficeId, day: date) -> dict[DeskGroupId, dict[str, int]]:
    """How many each tick of each desk group takes; nothing for an office that is no more."""
    places = [place for place in municipality.offices if place.id == office]
    return {
        group.id: {tick.key: tick.capacity for tick in day_ticks(municipality, place, group, day)}
        for place in places
        for group in place.desk_groups
    }


def _days(first: date, last: date) -> Iterator[date]:
    for ahead in range((last - first).days + 1):
        yield first + timedelta(days=ahead)
