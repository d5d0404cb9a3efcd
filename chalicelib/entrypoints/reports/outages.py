"""What citizens were told was down, for the weekly figures (BF-14, GL-68)."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Final

from chalicelib import bootstrap
from chalicelib.municipalities.model import NamedEvent
from chalicelib.shared.clock import local_date, when_clocks_show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.municipalities.model import Municipality
    from chalicelib.reporting.cell import Cell
    from chalicelib.reporting.trend import Trend

_MONDAY: Final = 1


def outages_of(municipality: Municipality, weeks: Trend) -> list[NamedEvent]:
    """The outages of the weeks that are shown, each on the day on which it began."""
    first, last = (_monday(weeks.points[place].week) for place in (0, -1))
    begin, end = (when_clocks_show(day, time()) for day in (first, last + timedelta(days=7)))
    windows = bootstrap.notices().windows(municipality.id, begin, end)
    return [NamedEvent(local_date(each.event_at), each.text) for each in windows]


def answered_then(cells: Sequence[Cell]) -> bool:
    """True if it may be shown what those said who came while something was down."""
    return any((cell.dimension, cell.value) == ("outage", "yes") and cell.n is not None for cell in cells)


def _monday(week: str) -> date:
    return date.fromisocalendar(int(week[:4]), int(week[-2:]), _MONDAY)
