"""The figures of an office's day: of today from its visits, of an earlier day as they were kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import bootstrap
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import NotFound
from chalicelib.visits.days import DayFigures, figures_of

if TYPE_CHECKING:
    from datetime import date

    from chalicelib.municipalities.model import Municipality


def day_figures(municipality: Municipality, office: str, day: date) -> DayFigures:
    """The day in figures.

    Raises:
        NotFound: no such office, or nothing is kept of that day.
    """
    if day == local_date(bootstrap.clock().now()):
        visits = bootstrap.visits().store.of_day(municipality.id, municipality.office(office).id, day)
        at_door = bootstrap.office_day().look(municipality, office).at_door
        return figures_of(visits, (entry.reason for entry in at_door))
    for record in bootstrap.days().between(municipality.id, municipality.office(office).id, day, day):
        return record.figures
    raise NotFound
