"""Imported surveys wave by wave: before and now on one line, stars, and in one fixed place how they were collected."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.http import pages, query
from chalicelib.entrypoints.reports.pages import csv_file, open_report, report_html
from chalicelib.reporting.waves import EVERYONE, Wave, chosen_waves, wave_cells
from chalicelib.web.charts_csv import csv_of
from chalicelib.web.charts_waves import WaveFigures

if TYPE_CHECKING:
    from chalice.app import Request, Response

    from chalicelib.municipalities.model import Municipality
    from chalicelib.reporting.cell import Cell
    from chalicelib.web.pages import Page

report_wave_pages = Blueprint(__name__)


@report_wave_pages.route("/{municipality}/reports/waves", methods=["GET"])
@pages(lambda: report_wave_pages.current_request)
def waves_report() -> Response:
    """Two waves beside each other."""
    request = report_wave_pages.current_request
    municipality, page = open_report(request)
    waves = bootstrap.waves().all(municipality.id)
    if not waves:
        return report_html("report/no_waves.html", page)
    return report_html("report/waves.html", page, **_view(request, municipality, page, waves))


@report_wave_pages.route("/{municipality}/reports/waves.csv", methods=["GET"])
@pages(lambda: report_wave_pages.current_request)
def waves_file() -> Response:
    """The figures of two waves as a file."""
    request = report_wave_pages.current_request
    municipality, page = open_report(request)
    waves = bootstrap.waves().all(municipality.id)
    now, before = chosen_waves(waves, query(request, "period"), query(request, "compare"))
    cells = list(wave_cells(now, before, municipality.thresholds)) if now else []
    text = csv_of(
        cells,
        page.language,
        period=now.id if now else "",
        compare=before.id if before else None,
        name=lambda _, value: value,
    )
    return csv_file(text, f"{municipality.id}-waves.csv")


def _view(request: Request, municipality: Municipality, page: Page, waves: list[Wave]) -> dict[str, Any]:
    now, before = chosen_waves(waves, query(request, "period"), query(request, "compare"))
    cells = list(wave_cells(now, before, municipality.thresholds)) if now else []
    csv = page.at("reports", "waves.csv", period=now.id if now else None, compare=before.id if before else "none")
    figures = WaveFigures(page.language, now, before, csv=csv, small_base=municipality.thresholds.small_base)
    questions: dict[str, list[Cell]] = {}
    for cell in cells:
        questions.setdefault(cell.question, []).append(cell)
    return {
        "waves": waves,
        "now": now,
        "before": before,
        "totals": figures.dots([cell for cell in cells if cell.value == EVERYONE], by_question=True),
        "figures": [
            figure
            for found in questions.values()
            if (figure := figures.dots([cell for cell in found if cell.value != EVERYONE], by_question=False))
        ],
        "days": {wave.id: (date.fromisoformat(wave.first), date.fromisoformat(wave.last)) for wave in waves},
        "csv": csv,
    }
