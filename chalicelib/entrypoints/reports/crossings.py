"""The report by two fields at once: one quarter, one question, one table that may be shown (ADR 36)."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.http import pages, query
from chalicelib.entrypoints.reports.pages import csv_file, open_report, report_html
from chalicelib.municipalities.units import department_of
from chalicelib.reporting.crossing_findings import channel_shifts, differences, use_with_choice
from chalicelib.reporting.crossing_views import VIEWS, halves_of
from chalicelib.reporting.crossings import Missing
from chalicelib.shared.clock import local_date, parse_moment
from chalicelib.shared.errors import NotFound
from chalicelib.web.charts_crossings import SCORE, SHOWN, CrossingNames, field_names, shown_table
from chalicelib.web.charts_csv import csv_of
from chalicelib.web.charts_names import group_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import Request, Response

    from chalicelib.municipalities.model import Municipality
    from chalicelib.reporting.crossing_findings import ChannelShift
    from chalicelib.reporting.crossing_views import View
    from chalicelib.reporting.crossings import Crossings
    from chalicelib.reporting.model import QuestionDefinition
    from chalicelib.reporting.reading import Compared
    from chalicelib.web.pages import Page

report_crossing_pages = Blueprint(__name__)

_FIRST: Final = ("department", "channel")


@report_crossing_pages.route("/{municipality}/reports/crossings", methods=["GET"])
@pages(lambda: report_crossing_pages.current_request)
def crossings_report() -> Response:
    """A score by two fields."""
    request = report_crossing_pages.current_request
    municipality, page = open_report(request)
    found = _quarter(request, municipality)
    if found is None:
        return report_html("report/empty.html", page)
    return report_html("report/crossings.html", page, **_Shown(found, municipality, page, request).context())


@report_crossing_pages.route("/{municipality}/reports/crossings.csv", methods=["GET"])
@pages(lambda: report_crossing_pages.current_request)
def crossings_file() -> Response:
    """Every table of a quarter as a file."""
    request = report_crossing_pages.current_request
    municipality, page = open_report(request)
    found = _quarter(request, municipality)
    if found is None:
        raise NotFound
    crossings, period = bootstrap.reports().crossings(municipality, found.now), found.now.period.id
    names = _names(crossings, municipality, page)
    tables = {view.name: view for view in VIEWS}

    def name(dimension: str, value: str) -> str:
        view, (row, column) = tables[dimension], halves_of(value)
        partial = crossings.partial(view)
        return f"{names.group(view.rows, row, partial)} × {names.group(view.columns, column, partial)}"

    text = csv_of(crossings.cells(), page.language, period=period, compare=None, name=name)
    return csv_file(text, f"{municipality.id}-crossings-{period}.csv")


def moved_departments(found: Compared, municipality: Municipality) -> list[ChannelShift]:
    """Where the answers about a channel come from other departments than before (GL-57): whole quarters tell it."""
    if found.before is None:
        return []
    now, before = (bootstrap.reports().crossings(municipality, each) for each in (found.now, found.before))
    return channel_shifts(now, before)


def _quarter(request: Request, municipality: Municipality) -> Compared | None:
    """The quarter asked for; without one, the latest that is settled."""
    reports = bootstrap.reports()
    wanted = query(request, "period") or next(iter(reports.crossing_quarters(municipality)), None)
    return reports.compared(municipality, wanted, query(request, "compare") or None)


def _names(crossings: Crossings, municipality: Municipality, page: Page) -> CrossingNames:
    law = frozenset(reason.id for reason in municipality.reasons if reason.attendance_required)
    return CrossingNames(page.language, group_names(municipality, page.language), crossings.background, law)


class _Shown:
    """What the template is given."""

    def __init__(self, found: Compared, municipality: Municipality, page: Page, request: Request) -> None:
        self._found, self._municipality, self._page, self._request = found, municipality, page, request
        self._crossings = bootstrap.reports().crossings(municipality, found.now)
        self._names = _names(self._crossings, municipality, page)

    def context(self) -> dict[str, Any]:
        question, view, crossings = self._question(), self._view(), self._crossings
        show = query(self._request, "show") or SCORE
        show = show if show in SHOWN else SCORE
        table = crossings.of(question, view) if question and view else None
        fields = field_names(self._page.language)
        generated = parse_moment(self._found.now.counts.generated_at)
        return {
            "found": self._found,
            "quarters": bootstrap.reports().crossing_quarters(self._municipality),
            "question": question,
            "choices": [(each.id, self._page.text(each.short)) for each in crossings.questions],
            "fields": fields,
            "rows": [(each, fields[each]) for each in dict.fromkeys(view.rows for view in VIEWS)],
            "columns": [(each, fields[each]) for each in dict.fromkeys(view.columns for view in VIEWS)],
            "chosen": self._wanted,
            "view": view,
            "offered": crossings.offered,
            "show": show,
            "missing": crossings.missing or (None if table else Missing.FEW),
            "table": table and shown_table(table, self._names, self._page.language, crossings.thresholds, show),
            "limit": crossings.thresholds.suppress_below,
            "small_base": crossings.thresholds.small_base,
            **self._checked(fields),
            "named": self._names.value,
            "shifts": moved_departments(self._found, self._municipality),
            "use": self._use(),
            "name": group_names(self._municipality, self._page.language),
            "generated": generated,
            "generated_day": local_date(generated),
            "csv": self._page.at(
                "reports", "crossings.csv", period=self._found.now.period.id, lang=self._page.language
            ),
        }

    def _checked(self, fields: Mapping[str, str]) -> dict[str, Any]:
        """Whether citizens answered alike whatever their background (GL-13)."""
        checked = None if self._crossings.missing else differences(self._crossings)
        return {"checked": checked, "checked_fields": [fields[each] for each in checked.fields] if checked else []}

    def _use(self) -> Any:
        """The channels that citizens used where they had a choice, beside those of all (GL-21)."""
        reasons = (reason for reason in self._municipality.reasons if reason.attendance_required)
        law = {str(reason.id): department_of(reason.department) for reason in reasons}
        return None if self._crossings.missing else use_with_choice(self._crossings, law)

    def _question(self) -> QuestionDefinition | None:
        questions, wanted = self._crossings.questions, query(self._request, "question")
        return next((each for each in questions if each.id == wanted), next(iter(questions), None))

    @cached_property
    def _wanted(self) -> tuple[str, str]:
        """The fields chosen; who chose none is shown departments and channels, or what else there is."""
        rows, columns = query(self._request, "rows"), query(self._request, "columns")
        first = _FIRST
        if not (rows or columns) and (offered := [(each.rows, each.columns) for each in self._crossings.offered]):
            first = _FIRST if _FIRST in offered else offered[0]
        return rows or first[0], columns or first[1]

    def _view(self) -> View | None:
        """The table chosen; None where the fields are not crossed."""
        return next((each for each in VIEWS if (each.rows, each.columns) == self._wanted), None)
