"""When an office serves: what the sign on the door says, with the days that are different."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING

from chalicelib.municipalities.hours import opening_of
from chalicelib.shared.clock import local_day_bounds, to_local, when_clocks_show

if TYPE_CHECKING:
    from datetime import date, datetime

    from chalicelib.municipalities.model import DeskGroup, Municipality, Office


def open_desks(municipality: Municipality, office: Office, group: DeskGroup, now: datetime) -> int:
    """How many desks of the group the opening hours promise at this moment."""
    local = to_local(now)
    wall = local.time().replace(tzinfo=None)
    periods = opening_of(municipality, office, group, local.date())
    now_open = [p.desks for p in periods if p.opens <= wall and (wall < p.closes or p.closes == time(0))]
    return min(len(group.desks), max(now_open, default=0))


def closes_at(municipality: Municipality, office: Office, day: date) -> datetime | None:
    """The moment at which the last desk group closes on a local day; None when the office does not open."""
    periods = [p for group in office.desk_groups for p in opening_of(municipality, office, group, day)]
    midnight = local_day_bounds(day)[1]
    ends = [midnight if p.closes == time(0) else when_clocks_show(day, p.closes) for p in periods]
    return max(ends, default=None)


def sweep_due(municipality: Municipality, office: Office, day: date) -> datetime:
    """From when on visits that nobody completed are unclosed: after closing time; on a closed day, at midnight."""
    midnight = local_day_bounds(day)[1]
    closes = closes_at(municipality, office, day)
    return midnight if closes is None else closes + timedelta(minutes=municipality.waiting.sweep_minutes)
