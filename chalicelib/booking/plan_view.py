"""Looking at a plan: how a week is used, and why a time can't be booked. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.booking.explaining import explain
from chalicelib.booking.model import DayRow
from chalicelib.booking.rules import Party, errand
from chalicelib.booking.workload import by_reason, day_load
from chalicelib.shared.clock import local_date

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime

    from chalicelib.booking.explaining import Obstacle
    from chalicelib.booking.planning import PlanningStore
    from chalicelib.booking.workload import DayLoad, ReasonLoad
    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock

DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class WeekLoad:
    """A week of an office: each day by desk group, and each day by enquiry reason."""

    monday: date
    days: tuple[tuple[date, tuple[DayLoad, ...]], ...]
    reasons: Mapping[date, Mapping[str, ReasonLoad]]


class PlanView:
    """What staff see of a plan."""

    def __init__(self, *, store: PlanningStore, clock: Callable[[], Clock]) -> None:
        self._store = store
        self._clock = clock

    def week(self, municipality: Municipality, office: str, monday: date) -> WeekLoad:
        """The week that begins then: two queries for each day and one more for each further desk group."""
        place, now = municipality.office(office), self._clock().now()
        days = [monday + timedelta(days=number) for number in range(DAYS)]
        loads = []
        for day in days:
            rows = [(group, DayRow(municipality.id, place.id, group.id, day)) for group in place.desk_groups]
            found = (day_load(municipality, (place, group), day, self._store.lanes(row), now) for group, row in rows)
            loads.append((day, tuple(found)))
        reasons = {day: by_reason(municipality, self._store.booked(municipality.id, office, day)) for day in days}
        return WeekLoad(monday, tuple(loads), reasons)

    def explain(
        self, municipality: Municipality, office: str, reasons: Sequence[str], start: datetime, party: Party
    ) -> tuple[Obstacle, ...]:
        """Why that can't be booked now; nothing if it can.

        Raises:
            InvalidInput, NotBookable: as for an `errand`.
        """
        wish = errand(municipality, office, reasons, party)
        seen = self._store.lanes(wish.row(municipality, local_date(start)))
        return explain(municipality, wish, start, self._clock().now(), seen)
