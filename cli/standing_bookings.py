"""What a new version of a municipality's file must leave alone: what is booked by the one in force (I1).

A place is a lane of a tick of a desk group. A file that drops the group, or cuts the day into other ticks, no longer
looks where those lanes are, and would sell the same times again. A file that drops an enquiry reason leaves citizens
with a time that nobody at the office knows what to do with.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.adapters.booking.capacity_steps import read_lanes
from chalicelib.adapters.booking.dynamodb_planning import DynamoDbPlanning
from chalicelib.booking.model import DayRow
from chalicelib.shared.clock import local_date

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from chalicelib.municipalities.model import DeskGroup, Municipality, Office


def forgotten_bookings(before: Municipality, after: Municipality, now: datetime) -> Iterator[str]:
    """Groups and enquiry reasons with booked times that `after` would forget, and until when, for its author."""
    same_ticks = before.booking.tick_minutes == after.booking.tick_minutes
    kept = {(office.id, group.id) for office in after.offices for group in office.desk_groups if same_ticks}
    for office in before.offices:
        for group in office.desk_groups:
            if (office.id, group.id) not in kept and (last := _last_booked(before, office, group, now)):
                yield f"{office.id}/{group.id} has booked times until {last}: keep the group and tick_minutes till then"
        for reason, last in sorted(_last_of_reasons(before, office, _dropped(office, after), now).items()):
            yield f"{office.id} has times booked for {reason} until {last}: keep the reason there till then"


def _dropped(office: Office, after: Municipality) -> frozenset[str]:
    """Reasons that the office serves now and would not any more."""
    kept = {reason for place in after.offices if place.id == office.id for reason in place.reasons}
    return frozenset(office.reasons - kept)


def _last_booked(municipality: Municipality, office: Office, group: DeskGroup, now: datetime) -> str | None:
    """The last day on which somebody has a place; one query a day of the horizon, asked only when it matters."""
    rows = (DayRow(municipality.id, office.id, group.id, day) for day in _days(municipality, now))
    return next((row.day.isoformat() for row in rows if _is_taken(row, int(now.timestamp()))), None)


def _last_of_reasons(
    municipality: Municipality, office: Office, reasons: frozenset[str], now: datetime
) -> dict[str, str]:
    """The last day on which each of the reasons is booked; days are read only where reasons are dropped."""
    bookings, last = DynamoDbPlanning(), dict[str, str]()
    for day in _days(municipality, now) if reasons else ():
        for appointment in bookings.booked(municipality.id, office.id, day):
            if appointment.end > now:
                for reason in reasons.intersection(appointment.reasons):
                    last.setdefault(reason, day.isoformat())
    return last


def _days(municipality: Municipality, now: datetime) -> Iterator[date]:
    """From the last day that can be booked back to today."""
    return (local_date(now) + timedelta(days=ahead) for ahead in range(municipality.booking.horizon_days, -1, -1))


def _is_taken(row: DayRow, now: int) -> bool:
    return any(not lane.is_free(now) for state in read_lanes(row).values() for lane in state.lanes.values())
