"""The report on channels: contacts over time, solved at once, used against preferred, what matters most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.http import pages, query
from chalicelib.entrypoints.reports.pages import csv_file, open_report
from chalicelib.reporting import themes
from chalicelib.reporting.cell import find
from chalicelib.reporting.listed import MATTERS_MOST, gaps, met, ranked, shown_questions
from chalicelib.reporting.model import ALL
from chalicelib.reporting.noted import RESOLVED
from chalicelib.reporting.rates import SERVICE_LEVEL
from chalicelib.reporting.traffic import QUARTER, YEAR
from chalicelib.shared.errors import NotFound
from chalicelib.web.charts_channels import ChannelFigures
from chalicelib.web.charts_csv import csv_of_periods
from chalicelib.web.charts_names import group_names

if TYPE_CHECKING:
    from chalice.app import Response

    from chalicelib.municipalities.model import Municipality
    from chalicelib.reporting.cell import Cell
    from chalicelib.reporting.reading import Compared
    from chalicelib.web.charts_rates import RateFigures
    from chalicelib.web.pages import Page

report_channel_pages = Blueprint(__name__)

LENGTHS: Final = {"quarter": QUARTER, "year": YEAR}


@report_channel_pages.route("/{municipality}/reports/traffic.csv", methods=["GET"])
@pages(lambda: report_channel_pages.current_request)
def contacts_file() -> Response:
    """Contacts by channel, quarter by quarter or year by year, as a file."""
    request = report_channel_pages.current_request
    municipality, page = open_report(request)
    found = bootstrap.reports().compared(municipality, query(request, "period") or None, None)
    if found is None:
        raise NotFound
    by = wanted_length(query(request, "by"))
    cells = [
        (each.period, cell)
        for each in bootstrap.reports().traffic(found, municipality, LENGTHS[by])
        for cell in each.channels
    ]
    text = csv_of_periods(cells, page.language, compare=None, name=group_names(municipality, page.language))
    return csv_file(text, f"{municipality.id}-contacts-{by}.csv")


def wanted_length(text: str | None) -> str:
    """`quarter` or `year`; quarters unless years are asked for."""
    return text if text in LENGTHS else "quarter"


def channels_view(
    found: Compared, municipality: Municipality, page: Page, drawn: RateFigures, *, csv: str, by: str
) -> dict[str, Any]:
    """What `report/channels.html` is given, beside the scores."""
    cells = bootstrap.reports().report_cells(found, municipality, themes.CHANNELS)
    name = group_names(municipality, page.language)
    figures = ChannelFigures(page.language, name=name, csv=csv)
    contacts = bootstrap.reports().traffic(found, municipality, LENGTHS[by])
    own_csv = page.at("reports", "traffic.csv", by=by, lang=page.language)
    return {
        "by": by,
        "contacts": figures.traffic(contacts, own_csv),
        "resolved": drawn.resolved([cell for cell in cells if cell.dimension == RESOLVED]),
        "gap": figures.gap(gaps(cells)),
        "matters": _matters(found, municipality, page, figures, cells),
    }


def _matters(
    found: Compared, municipality: Municipality, page: Page, figures: ChannelFigures, cells: list[Cell]
) -> list[tuple[Any, Any]]:
    scores = themes.score_cells(found, ())
    questions = found.now.counts.main_questions
    asked = {each.id: (each, cell) for each in questions for cell in find(scores, ALL, each.id)}
    soon = bootstrap.reports().report_cells(found, municipality, themes.WAITING)
    level = next((cell for cell in soon if cell.dimension == SERVICE_LEVEL), None)
    made = []
    for question in shown_questions(found.now.counts):
        if not question.id.endswith(MATTERS_MOST):
            continue
        options = {answer: page.text(text) for answer, text in question.options.items()}
        rows, caption = ranked(cells, question.id), page.text(question.short)
        drawn = figures.ranks(rows, caption, options, question.id)
        if drawn:
            made.append((drawn, figures.importance(rows, caption, options, met(question, asked, level))))
    return made
