"""The pages for leaders. The address holds the whole view, so a view can be kept, sent and printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from chalice import Blueprint
from chalice.app import Response

from chalicelib import bootstrap
from chalicelib.comments.service import asks
from chalicelib.entrypoints.actions.telling import due_follow_ups
from chalicelib.entrypoints.auth import require
from chalicelib.entrypoints.http import html, page_for, pages, parameter, query
from chalicelib.entrypoints.reports.api import READERS
from chalicelib.reporting.operations import quotable
from chalicelib.reporting.periods import offered
from chalicelib.reporting.precision import collected
from chalicelib.reporting.reach import smallest_change
from chalicelib.reporting.reading import NO_COMPARISON, PREVIOUS, YEAR
from chalicelib.reporting.themes import REPORTS
from chalicelib.reporting.wording import Wording
from chalicelib.shared.clock import local_date, parse_moment
from chalicelib.shared.errors import NotFound
from chalicelib.web import formats
from chalicelib.web.charts_csv import csv_of
from chalicelib.web.charts_names import group_names
from chalicelib.web.charts_report import BY_SHARE, BY_SIZE, ReportFigures

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chalice.app import Request

    from chalicelib.municipalities.model import Municipality
    from chalicelib.reporting.cell import Cell
    from chalicelib.reporting.findings import Finding
    from chalicelib.reporting.model import QuestionDefinition
    from chalicelib.reporting.precision import Collected
    from chalicelib.reporting.service import Overview
    from chalicelib.web.pages import Page

report_pages = Blueprint(__name__)

_SPLIT_BY: Final = ("office", "channel", "reason")
_COMMENTS_ON_OVERVIEW: Final = 3


@report_pages.route("/{municipality}/reports", methods=["GET"])
@pages(lambda: report_pages.current_request)
def report_overview() -> Response:
    """The overview: one sentence, four figures, the funnel, what moved, who is how satisfied, how it was made."""
    request = report_pages.current_request
    municipality, page = open_report(request)
    overview = _overview(request, municipality)
    if overview is None:
        return report_html("report/empty.html", page)
    question = _question(overview, query(request, "question"))
    sort = BY_SHARE if query(request, "sort") == BY_SHARE else BY_SIZE
    name = group_names(municipality, page.language)
    generated = parse_moment(overview.generated_at)
    figures = ReportFigures(
        overview, page.language, name=name, csv=_csv_address(page, request), address=address_in(page, overview)
    )
    wording = Wording(overview, page.language, formats=formats, name=name)
    return report_html(
        "report/overview.html",
        page,
        overview=overview,
        due=due_follow_ups(municipality),
        question=question,
        sort=sort,
        compared=query(request, "compare") or YEAR,
        comparisons=(PREVIOUS, YEAR, NO_COMPARISON),
        finding=wording.finding(question),
        enough=_collected(municipality, overview, question),
        wanted=municipality.asking.enough_margin,
        developments=wording.developments(),
        developments_note=wording.developments_note(),
        detectable=smallest_change(overview, question, page.language, formats),
        notes=wording.notes(),
        definitions=wording.definitions(),
        figures=figures,
        breakdowns=[figure for by in _SPLIT_BY if (figure := figures.breakdown(by, question, sort))],
        comments=quotable(overview.comments, asked=asks(municipality))[:_COMMENTS_ON_OVERVIEW],
        choices=[(each.id, page.text(each.short)) for each in overview.questions],
        generated=generated,
        generated_day=local_date(generated),
        name=name,
        csv=_csv_address(page, request),
    )


@report_pages.route("/{municipality}/reports/overview.csv", methods=["GET"])
@pages(lambda: report_pages.current_request)
def report_overview_csv() -> Response:
    """Every cell of the overview as a file."""
    request = report_pages.current_request
    municipality, page = open_report(request)
    overview = _overview(request, municipality)
    if overview is None:
        raise NotFound
    text = csv_of(
        overview.cells,
        page.language,
        period=overview.period,
        compare=overview.compare,
        name=group_names(municipality, page.language),
    )
    return csv_file(text, f"{municipality.id}-{overview.period}.csv")


def _collected(municipality: Municipality, overview: Overview, question: QuestionDefinition) -> Collected | None:
    """How far the answers to the question carry (SK-17); nothing where they are hidden."""
    total = overview.total(question)
    return collected(total.n, margin=municipality.asking.enough_margin / 100) if total and total.n else None


def report_html(template: str, page: Page, **context: Any) -> Response:
    """A page among the reports, with the way to the others."""
    return html(template, page, report_titles=REPORTS, offered_periods=_offered, **context)


def address_in(page: Page, overview: Overview) -> Callable[[Cell], str]:
    """Gives the page where a figure of the overview can be computed again; nothing where it has none."""
    found: list[Finding] = []

    def address(cell: Cell) -> str:
        finding = overview.address_of(cell, found[0] if found else None)
        if finding and not found:
            found.append(finding)
        return page.at("reports", "finding", **finding.to_query(), lang=page.language) if finding else ""

    return address


def _offered(months: Sequence[str]) -> list[str]:
    return [period.id for period in offered(list(months))]


def csv_file(text: str, name: str) -> Response:
    """A file to download, never kept by anyone between."""
    return Response(
        body=text,
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


def open_report(request: Request) -> tuple[Municipality, Page]:
    """The municipality whose reader this is, and the frame."""
    municipality_id = parameter(request, "municipality")
    require(request, municipality_id, *READERS)
    municipality = bootstrap.municipalities().get(municipality_id)
    return municipality, page_for(request, municipality, staff=True)


def _overview(request: Request, municipality: Municipality) -> Overview | None:
    chosen: dict[str, Any] = {name: query(request, name) or None for name in ("period", "compare")}
    return bootstrap.reports().overview(municipality, **chosen)


def _question(overview: Overview, wanted: str | None) -> QuestionDefinition:
    """The question that the report is about; an unknown one gives the first."""
    return next((each for each in overview.questions if each.id == wanted), overview.questions[0])


def _csv_address(page: Page, request: Request) -> str:
    kept = {name: query(request, name) for name in ("period", "compare")}
    return page.at("reports", "overview.csv", **kept, lang=page.language)
