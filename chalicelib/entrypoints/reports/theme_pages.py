"""The reports of one theme each, as pages and as files. Every address holds the whole view."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.comments.model import Use
from chalicelib.entrypoints.actions.telling import recommendations, with_actions
from chalicelib.entrypoints.http import pages, parameter, query
from chalicelib.entrypoints.reports.bookings import bookings_view
from chalicelib.entrypoints.reports.channels import channels_view, wanted_length
from chalicelib.entrypoints.reports.contacts import contacts_view
from chalicelib.entrypoints.reports.crossings import moved_departments
from chalicelib.entrypoints.reports.outages import answered_then, between, outages_of
from chalicelib.entrypoints.reports.pages import address_in, csv_file, open_report, report_html
from chalicelib.entrypoints.reports.printed import printed
from chalicelib.reporting import themes
from chalicelib.reporting.model import DIMENSIONS
from chalicelib.reporting.outages import CALLED_SOON, MEASURED_FROM
from chalicelib.reporting.rates import CONSENT
from chalicelib.reporting.reading import NO_COMPARISON, PREVIOUS, YEAR
from chalicelib.reporting.service import overview_of
from chalicelib.reporting.views import (
    WAITED_BRIEFLY,
    associations,
    change_by_group,
    held_still,
    mix_shifts,
    silence,
    weighted,
)
from chalicelib.shared.clock import local_date, parse_moment
from chalicelib.shared.errors import NotFound
from chalicelib.web.charts_csv import csv_of
from chalicelib.web.charts_names import dimension_names, group_names
from chalicelib.web.charts_rates import RateFigures
from chalicelib.web.charts_report import BY_SHARE, BY_SIZE, ReportFigures

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalice.app import Request, Response

    from chalicelib.comments.service import Shown
    from chalicelib.municipalities.model import Municipality
    from chalicelib.reporting.model import QuestionDefinition
    from chalicelib.reporting.reading import Compared
    from chalicelib.reporting.service import Overview
    from chalicelib.web.pages import Page

report_theme_pages = Blueprint(__name__)

_USUAL_SPLIT: Final = "department"
_PARTS: Final = "sub_department"
_QUOTES: Final = 6
"""In the printed report."""
_WITHOUT_A_QUESTION: Final = {themes.BOOKINGS: bookings_view, themes.CONTACTS: contacts_view}
"""Reports on what was counted, which no answer is needed for."""


@report_theme_pages.route("/{municipality}/reports/{report}", methods=["GET"])
@pages(lambda: report_theme_pages.current_request)
def themed_report() -> Response:
    """One report; with `.csv` at its end, its numbers as a file."""
    request = report_theme_pages.current_request
    municipality, page = open_report(request)
    report, _, kind = parameter(request, "report").partition(".")
    if report not in themes.REPORTS or report == themes.OVERVIEW or kind not in {"", "csv"}:
        raise NotFound(fields={"report": "unknown report"})
    found = bootstrap.reports().compared(
        municipality, query(request, "period") or None, query(request, "compare") or None
    )
    if found is None:
        return report_html("report/empty.html", page)
    shown = with_actions(municipality) if report == themes.TREND else municipality
    view = ThemeView(found, shown, page, request)
    if kind:
        return view.csv(report)
    return report_html(f"report/{report}.html", page, report=report, **view.shared(report), **view.of(report))


@report_theme_pages.route("/{municipality}/reports/print", methods=["GET"])
@pages(lambda: report_theme_pages.current_request)
def printed_report() -> Response:
    """The whole report as one document to print: cover, findings, figures, method."""
    request = report_theme_pages.current_request
    municipality, page = open_report(request)
    period, compare = query(request, "period") or None, query(request, "compare") or None
    found = bootstrap.reports().compared(municipality, period, compare)
    if found is None or not found.now.counts.questions:
        return report_html("report/empty.html", page)
    words, recommended = recommendations(municipality, page)
    context = {**printed(found, municipality, page), "quotes": _quotes(municipality, found)}
    return report_html("report/print.html", page, words=words, recommended=recommended, **context)


def _quotes(municipality: Municipality, found: Compared) -> list[Shown]:
    """What was picked to be quoted of the period (SK-26)."""
    months = found.now.period.months
    return bootstrap.picked_comments().of(municipality, Use.QUOTE, first=months[0], last=months[-1])[:_QUOTES]


class ThemeView:
    """What the templates of the themed reports are given."""

    def __init__(self, found: Compared, municipality: Municipality, page: Page, request: Request) -> None:
        self._found = found
        self._municipality = municipality
        self._page = page
        self._request = request
        self._name = group_names(municipality, page.language)
        questions = found.now.counts.main_questions
        wanted = query(request, "question")
        self._question: QuestionDefinition | None = next(
            (each for each in questions if each.id == wanted), questions[0] if questions else None
        )

    def csv(self, report: str) -> Response:
        """Every cell of the report as a file."""
        cells = bootstrap.reports().report_cells(self._found, self._municipality, report)
        period, before = self._found.now.period.id, self._found.before
        text = csv_of(
            cells,
            self._page.language,
            period=period,
            compare=before.period.id if before else None,
            name=self._name,
        )
        return csv_file(text, f"{self._municipality.id}-{report}-{period}.csv")

    def shared(self, report: str) -> dict[str, Any]:
        """What every report has: the chooser's values, and when the numbers were made."""
        found, page = self._found, self._page
        generated = parse_moment(found.now.counts.generated_at)
        return {
            "found": found,
            "overview": self._overview,
            "question": self._question,
            "choices": [(each.id, page.text(each.short)) for each in found.now.counts.main_questions],
            "compared": query(self._request, "compare") or YEAR,
            "comparisons": (PREVIOUS, YEAR, NO_COMPARISON),
            "title": page.text(themes.REPORTS[report]),
            "generated": generated,
            "generated_day": local_date(generated),
            "csv": self._csv(report),
        }

    def _csv(self, report: str) -> str:
        kept = {name: query(self._request, name) for name in ("period", "compare")}
        return self._page.at("reports", f"{report}.csv", **kept, lang=self._page.language)

    def of(self, report: str) -> dict[str, Any]:
        """The figures of one report."""
        if own := _WITHOUT_A_QUESTION.get(report):
            return own(self._found, self._municipality, self._page, self._name, csv=self._csv(report))
        made: dict[str, Callable[[], dict[str, Any]]] = {
            themes.GROUPS: self._groups,
            themes.WAITING: self._waiting,
            themes.TREND: self._trend,
            themes.DRIVERS: self._drivers,
            themes.RESPONSE: self._response,
            themes.CHANNELS: self._channels,
            themes.TARGETS: self._targets,
        }
        return made[report]() if self._question else {}

    @cached_property
    def _overview(self) -> Overview:
        return overview_of(self._found, frozenset({"all", "funnel", *DIMENSIONS}))

    def _figures(self, report: str) -> tuple[ReportFigures, RateFigures]:
        csv, language, overview = self._csv(report), self._page.language, self._overview
        address = address_in(self._page, overview)
        return (
            ReportFigures(overview, language, name=self._name, csv=csv, address=address),
            RateFigures(language, name=self._name, csv=csv),
        )

    def _asked(self) -> QuestionDefinition:
        if self._question is None:
            raise NotFound
        return self._question

    def _groups(self) -> dict[str, Any]:
        question, (scores, drawn) = self._asked(), self._figures(themes.GROUPS)
        by = query(self._request, "by") or _USUAL_SPLIT
        by = by if by in DIMENSIONS else _USUAL_SPLIT
        sort = BY_SHARE if query(self._request, "sort") == BY_SHARE else BY_SIZE
        names = dimension_names(self._page.language)
        # What a sub-department adds to a change is a part of its department's (GL-41).
        whole = _USUAL_SPLIT if by == _PARTS else by
        still = held_still(self._found, question, whole)
        splits = (by, _PARTS) if by == _USUAL_SPLIT else (by,)
        return {
            "by": by,
            "sort": sort,
            "dimensions_named": [(each, names[each]) for each in DIMENSIONS if self._offers(each)],
            "breakdowns": [figure for split in splits if (figure := scores.breakdown(split, question, sort))],
            "contributions": drawn.contributions(change_by_group(self._found, question, whole), whole),
            "still": still,
            "weighted": weighted(self._found, question, self._municipality.population),
            "population": self._population(),
            "shifts": mix_shifts(self._found, question),
            "channel_shifts": moved_departments(self._found, self._municipality),
            "name": self._name,
        }

    def _offers(self, dimension: str) -> bool:
        """Outages stand on the page about waiting, and not everybody has sub-departments."""
        return dimension != "outage" and (dimension != _PARTS or bool(self._municipality.sub_departments))

    def _population(self) -> tuple[str, list[tuple[str, float]]]:
        """What the population is split by, and each group's name with its part of all."""
        population = self._municipality.population
        if population is None:
            return "", []
        whole = sum(population.shares.values())
        by = dimension_names(self._page.language)[population.dimension]
        return by, [(self._name(population.dimension, value), n / whole) for value, n in population.shares.items()]

    def _waiting(self) -> dict[str, Any]:
        question, (scores, drawn) = self._asked(), self._figures(themes.WAITING)
        cells = bootstrap.reports().report_cells(self._found, self._municipality, themes.WAITING)
        punctual = [cell for cell in cells if cell.dimension == "punctual"]
        level = [cell for cell in cells if cell.dimension == "service_level"]
        return {
            "by_waiting": scores.breakdown("waiting", question, BY_SIZE),
            "by_service": scores.breakdown("service", question, BY_SIZE),
            "distribution": scores.waiting(),
            "level": level[0] if level else None,
            "punctual": punctual[0] if punctual else None,
            "during": drawn.called_soon([cell for cell in cells if cell.dimension == CALLED_SOON]),
            "by_outage": scores.breakdown("outage", question, BY_SIZE) if answered_then(cells) else None,
            "measured_from": drawn.measured_from([cell for cell in cells if cell.dimension == MEASURED_FROM]),
            "tolerance": self._municipality.waiting.punctual_minutes,
            "within": themes.SERVICE_MINUTES,
        }

    def _trend(self) -> dict[str, Any]:
        question, (_, drawn) = self._asked(), self._figures(themes.TREND)
        weeks = bootstrap.reports().trend(self._found, self._municipality, question.id)
        if weeks is None or not weeks.points:
            return {"weeks": None}
        outages = outages_of(self._municipality, weeks)
        return {"weeks": drawn.weeks(weeks, self._page.text(question.short), self._municipality.events, outages)}

    def _drivers(self) -> dict[str, Any]:
        (_, drawn), questions = self._figures(themes.DRIVERS), self._found.now.counts.main_questions
        model = associations(self._found, questions[0])
        say = self._page.text
        facts = {each.id: say(each.short) for each in questions}
        facts[WAITED_BRIEFLY] = drawn.waited_briefly()
        return {
            "overall": questions[0],
            "model": model,
            "figure": drawn.associations(model, facts) if model else None,
            "definitions": [(facts[each.id], say(each.favourable_text)) for each in questions],
            "left_out": [facts[each] for each in model.left_out] if model else [],
        }

    def _response(self) -> dict[str, Any]:
        question, (scores, drawn) = self._asked(), self._figures(themes.RESPONSE)
        cells = bootstrap.reports().report_cells(self._found, self._municipality, themes.RESPONSE)
        return {
            "funnel": scores.funnel(),
            "silence": silence(self._found, question),
            "consent": next((cell for cell in cells if cell.dimension == CONSENT), None),
            "consents": drawn.consents(cells, *between(self._found, self._municipality)),
            "name": self._name,
        }

    def _channels(self) -> dict[str, Any]:
        question, (scores, drawn) = self._asked(), self._figures(themes.CHANNELS)
        csv, by = self._csv(themes.CHANNELS), wanted_length(query(self._request, "by"))
        view = channels_view(self._found, self._municipality, self._page, drawn, csv=csv, by=by)
        return {**view, "scores": scores.breakdown("channel", question, BY_SIZE)}

    def _targets(self) -> dict[str, Any]:
        _, drawn = self._figures(themes.TARGETS)
        made = themes.target_score(self._found, self._municipality)
        names = {name: self._name("target", name) for name in self._municipality.targets}
        return {
            "score": made,
            "weights": [(names[name], weight) for name, weight in self._municipality.targets.items()],
            "figure": drawn.score(made, names) if made else None,
        }
