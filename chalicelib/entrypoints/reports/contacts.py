"""The report on contacts: which way they took, what was solved at once, who was passed on or told what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import bootstrap
from chalicelib.municipalities.units import department_of
from chalicelib.reporting import themes
from chalicelib.reporting.contact_paths import PATH
from chalicelib.reporting.handling import dimension_of
from chalicelib.reporting.model import ALL
from chalicelib.reporting.noted import (
    HANDED_OVER,
    INTERNAL,
    NEXT_STEP,
    OUTSIDE_HOURS,
    PASSED_AGAIN,
    PASSED_ON,
    RESOLVED,
)
from chalicelib.reporting.rates import SERVICE_LEVEL, TRAFFIC
from chalicelib.web.charts_contacts import ContactFigures

if TYPE_CHECKING:
    from markupsafe import Markup

    from chalicelib.municipalities.model import Municipality
    from chalicelib.reporting.cell import Cell
    from chalicelib.reporting.reading import Compared
    from chalicelib.web.charts_names import Names
    from chalicelib.web.pages import Page


def contacts_view(found: Compared, municipality: Municipality, page: Page, name: Names, *, csv: str) -> dict[str, Any]:
    """What `report/contacts.html` is given."""
    cells = bootstrap.reports().report_cells(found, municipality, themes.CONTACTS)
    waited = bootstrap.reports().report_cells(found, municipality, themes.WAITING)
    figures = ContactFigures(page.language, name=name, csv=csv)
    before = found.before.period.id if found.before else None
    by_reason = {cell.value: cell for cell in _of(cells, dimension_of(RESOLVED, "reason"))}
    units = {reason: department_of(path) for reason, path in found.now.counts.departments.items()}
    passed_on = {cell.value: cell for cell in _of(cells, PASSED_ON)}

    def drawn(*facts: tuple[str, str]) -> list[Markup]:
        made = (figures.noted(_of(cells, dimension_of(*each)), *each, before) for each in facts)
        return [figure for figure in made if figure]

    return {
        # Whose last report came before the period was over.
        "senders": [each for each in bootstrap.senders().of(municipality) if f"{each.day:%Y-%m}" <= found.span[1]],
        "total": next((cell.n for cell in _of(cells, TRAFFIC) if cell.n is not None), None),
        **{f"{fact}_all": _all(cells, fact) for fact in (RESOLVED, PASSED_ON, PASSED_AGAIN, NEXT_STEP)},
        "level": next(iter(_of(waited, SERVICE_LEVEL)), None),
        "within": themes.SERVICE_MINUTES,
        "ways": figures.ways(_of(cells, PATH), passed_on),
        "reasons": figures.reasons(_of(cells, f"{TRAFFIC}_reason"), by_reason, units),
        "resolved": drawn((RESOLVED, "reason"), (RESOLVED, "channel")),
        "passed_on": drawn((PASSED_ON, "channel"), (PASSED_ON, "department"), (HANDED_OVER, "channel")),
        "next_step": drawn((NEXT_STEP, "channel"), (NEXT_STEP, "department")),
        "aside": drawn((OUTSIDE_HOURS, "channel"), (INTERNAL, "channel")),
    }


def _of(cells: list[Cell], dimension: str) -> list[Cell]:
    return [cell for cell in cells if cell.dimension == dimension]


def _all(cells: list[Cell], dimension: str) -> Cell | None:
    return next((cell for cell in _of(cells, dimension) if cell.value == ALL), None)
