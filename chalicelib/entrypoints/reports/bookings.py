"""The report on booking: how soon there is a time, how far ahead citizens book, where, and what became of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from chalicelib import bootstrap
from chalicelib.reporting import themes
from chalicelib.reporting.appointments import BOOKED_BY, CANCELLED, TAKEN
from chalicelib.reporting.model import ALL
from chalicelib.reporting.operations import lead_times
from chalicelib.reporting.rates import PUNCTUAL
from chalicelib.web.charts_bookings import BookingFigures, Wait

if TYPE_CHECKING:
    from chalicelib.municipalities.model import Municipality, Office
    from chalicelib.reporting.cell import Cell
    from chalicelib.reporting.reading import Compared
    from chalicelib.web.charts_names import Names
    from chalicelib.web.pages import Page

_THREADS: Final = 4


def bookings_view(found: Compared, municipality: Municipality, page: Page, name: Names, *, csv: str) -> dict[str, Any]:
    """What `report/bookings.html` is given."""
    cells = bootstrap.reports().report_cells(found, municipality, themes.BOOKINGS)
    figures = BookingFigures(page.language, name=name, csv=csv)
    before = found.before.period.id if found.before else None
    by_office = [cell for cell in cells if cell.dimension == CANCELLED and cell.value != ALL]
    return {
        "punctual": _first(cells, PUNCTUAL),
        "tolerance": municipality.waiting.punctual_minutes,
        "cancelled": _first(cells, CANCELLED, ALL),
        "now": figures.soonest(_soonest(municipality, page)),
        "lead": figures.lead(lead_times(found.now, found.thresholds)),
        "ways": figures.ways([cell for cell in cells if cell.dimension == BOOKED_BY], found.now.period.id, before),
        "ended": [figure for figure in (figures.cancelled(by_office), *figures.endings(cells)) if figure],
        "taken": figures.taken([cell for cell in cells if cell.dimension == TAKEN]),
    }


def _first(cells: list[Cell], dimension: str, value: str | None = None) -> Cell | None:
    return next((cell for cell in cells if cell.dimension == dimension and value in {None, cell.value}), None)


def _soonest(municipality: Municipality, page: Page) -> list[Wait]:
    """How soon each reason gets a time at each office, as it is now (SK-25); matters of one length wait alike."""
    errands = [
        (office, group.id, reason)
        for office in municipality.offices
        for group in office.desk_groups
        for reason in municipality.reasons
        if reason.id in group.reasons and not reason.pick_up
    ]
    alike: dict[tuple[str, str, int, int], str] = {}
    for office, group, reason in errands:
        alike.setdefault((office.id, group, reason.duration_minutes, reason.buffer_minutes), reason.id)
    with ThreadPoolExecutor(_THREADS) as pool:
        times = pool.map(lambda key: bootstrap.booking().lead_time(municipality, key[0], [alike[key]]), alike)
        known = dict(zip(alike, times, strict=True))
    made = []
    for office, group, reason in errands:
        lead = known[office.id, group, reason.duration_minutes, reason.buffer_minutes]
        made.append(Wait(_named(page, office), page.text(reason.name), lead.first_days, lead.third_days))
    return made


def _named(page: Page, office: Office) -> str:
    return page.text(office.name)
