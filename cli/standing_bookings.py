"""What a new version of a municipality's file must leave alone: the places that are booked by the one in force (I1).

A place is a lane of a tick of a desk group. A file that drops the group, or cuts the day into other ticks, no longer
looks where those lanes are, and would sell the same times again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.adapters.capacity_steps import read_lanes
from chalicelib.booking.model import DayRow
from chalicelib.shared.clock import local_date

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.municipalities.model import DeskGroup, Municipality, Office


def forgotten_bookings(before: Municipality, after: Municipality, now: datetime) -> Iterator[str]:
    """Desk groups whose booked times `after` would forget, and until when they have some, in words for its author."""
    same_ticks = before.booking.tick_minutes == after.booking.tick_minutes
    kept = {(office.id, group.id) for office in after.offices for group in office.desk_groups if same_ticks}
    for office in before.offices:
        for group in office.desk_groups:
            if (office.id, group.id) not in kept and (last := _last_booked(before, office, group, now)):
                yield f"{office.id}/{group.id} has booked times until {last}: keep the group and tick_minutes till then"


def _last_booked(municipality: Municipality, office: Office, group: DeskGroup, now: datetime) -> str | None:
    """The last day on which somebody has a place; one query a day of the horizon, asked only when it matters."""
    days = (local_date(now) + timedelta(days=ahead) for ahead in range(municipality.booking.horizon_days, -1, -1))
    rows = (DayRow(municipality.id, office.id, group.id, day) for day in days)
    return next((row.day.isoformat() for row in rows if _is_taken(row, int(now.timestamp()))), None)


def _is_taken(row: DayRow, now: int) -> bool:
    return any(not lane.is_free(now) for lanes in read_lanes(row).values() for lane in lanes.values())
