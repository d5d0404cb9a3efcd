"""What may explain a change: what citizens were told was down, and the municipality's events (BF-14, GL-68, SK-12)."""

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
    from chalicelib.reporting.reading import Compared
    from chalicelib.reporting.trend import Trend

_MONDAY: Final = 1


def outages_of(municipality: Municipality, weeks: Trend) -> list[NamedEvent]:
    """The outages of the weeks that are shown, each on the day on which it began."""
    first, last = (_monday(weeks.points[place].week) for place in (0, -1))
    begin, end = (when_clocks_show(day, time()) for day in (first, last + timedelta(days=7)))
    windows = bootstrap.notices().windows(municipality.id, begin, end)
    return [NamedEvent(local_date(each.event_at), each.text) for each in windows]


def between(found: Compared, municipality: Municipality) -> tuple[str | None, list[NamedEvent]]:
    """The period compared with, and what happened from its beginning to the end of what is compared with it (SK-12)."""
    first, last = found.span
    events = [event for event in municipality.events if first <= f"{event.day:%Y-%m}" <= last]
    return found.before.period.id if found.before else None, events


def answered_then(cells: Sequence[Cell]) -> bool:
    """True if it may be shown what those said who came while something was down."""
    return any((cell.dimension, cell.value) == ("outage", "yes") and cell.n is not None for cell in cells)


def _monday(week: str) -> date:
    return date.fromisocalendar(int(week[:4]), int(week[-2:]), _MONDAY)
