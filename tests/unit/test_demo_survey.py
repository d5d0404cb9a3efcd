"""The yearly survey of the demo, through the views and the counts of the product: each report finds what was planted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlglot

from chalicelib.adapters.lake.athena_queries import STATEMENTS, bound_statement
from chalicelib.adapters.lake.compaction import parquet_of
from chalicelib.adapters.lake.period_counts import by_period, period_counts
from chalicelib.municipalities.document import municipality_from
from chalicelib.reporting import themes
from chalicelib.reporting.listed import gaps, ranked
from chalicelib.reporting.service import ReportService
from chalicelib.reporting.views import change_by_group
from chalicelib.shared.clock import month_of
from cli.municipality_file import read_file
from demo.choices import CHANCE, REAL
from demo.history import history, partitions
from demo.scenario import changes_of, months_before
from tests.builders import FixedClock
from tests.fakes.reporting import InMemoryReportCells
from tests.lake_tables import connect, put

if TYPE_CHECKING:
    import duckdb

    from chalicelib.municipalities.model import Municipality
    from chalicelib.reporting.cell import Cell
    from chalicelib.reporting.reading import Compared

LINDEBY = municipality_from(read_file(Path(__file__).parents[2] / "demo" / "lindeby.yaml"))
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def _rows(lake: duckdb.DuckDBPyConnection, name: str, owner: Municipality) -> list[dict[str, str]]:
    sql, parameters = bound_statement(name, first="2025-01", last="2027-12", municipalities=[owner.id])
    (translated,) = sqlglot.transpile(sql, read="athena", write="duckdb")
    cursor = lake.execute(translated, list(parameters))
    names = [column[0] for column in cursor.description]
    return [
        {n: "" if value is None else str(value) for n, value in zip(names, row, strict=True)}
        for row in cursor.fetchall()
    ]


def reports_of(owner: Municipality, now: datetime, folder: Path) -> ReportService:
    """The reports of two waves."""
    waves = {f"{months_before(now.date(), months):%Y-%m}" for months in (1, 13)}
    for table, frame in history(owner, now).items():
        for month, part in partitions(frame[frame["month"].isin(waves)]):
            put(folder, table, owner.id, month, parquet_of(table, part))
    lake = connect(folder)
    made = []
    for (_, month), found in by_period({name: _rows(lake, name, owner) for name in STATEMENTS}).items():
        units = {str(reason.id): reason.department for reason in owner.reasons}
        counts = period_counts(
            owner.id,
            month,
            found,
            asked=owner.survey.questionnaire,
            generated_at="2026-11-22T12:00:00+01:00",
            departments=units,
            sub_departments=owner.sub_departments,
        )
        made.append(counts)
    return ReportService(cells=InMemoryReportCells(*made), clock=lambda: FixedClock(now))


@pytest.fixture(scope="module", params=[NOW, datetime(2027, 3, 31, 9, tzinfo=UTC)], ids=["november", "march"])
def waves(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[ReportService, Compared, Any]:
    service = reports_of(LINDEBY, request.param, tmp_path_factory.mktemp("lake"))
    found = service.compared(LINDEBY)
    assert found is not None
    assert found.before is not None
    assert found.now.period.id == f"{months_before(request.param.date(), 1):%Y-%m}"
    assert found.now.period.id < month_of(request.param)
    assert found.before.period.id == found.now.period.a_year_before.id
    return service, found, changes_of(LINDEBY, request.param)


def _find(cells: list[Cell], dimension: str, value: str, question: str) -> Cell:
    return next(
        c for c in cells if (c.dimension, c.value, c.question, c.measure) == (dimension, value, question, "share")
    )


@pytest.mark.requirement("GL-15", "GL-24", "GL-30", "GL-31", "GL-50", "SK-29", "GE-06")
def test_departments_sub_departments_and_channels_tell_the_real_changes_from_chance(
    waves: tuple[ReportService, Compared, Any],
) -> None:
    service, found, planted = waves
    cells = service.report_cells(found, LINDEBY, themes.GROUPS)
    assert found.now.counts.main_questions[0].id == "satisfaction", "who was screened in is no score"
    for shift in planted.real:
        dimension, value = (shift.dimension, shift.value) if shift.dimension != "channel" else ("all", "all")
        cell = _find(cells, dimension, value, shift.question)
        assert cell.significant, shift
        assert cell.change is not None
        assert (cell.change > 0) == (shift.size > 0)
    for shift in planted.chance:
        dimension, value = (shift.dimension, shift.value) if shift.dimension != "channel" else ("all", "all")
        cell = _find(cells, dimension, value, shift.question)
        assert cell.change
        assert cell.significant is False, shift


@pytest.mark.requirement("GL-41", "GL-15")
def test_the_change_is_laid_at_the_departments_door(waves: tuple[ReportService, Compared, Any]) -> None:
    _, found, _ = waves
    overall = found.now.counts.main_questions[0]
    parts = {part.group: part.total for part in change_by_group(found, overall, "department")}
    total = found.published.of(overall, "all")[0]
    assert min(parts, key=lambda group: parts[group]) == "technical"
    assert found.published_before is not None
    before = found.published_before.of(overall, "all")[0]
    change = total.count(overall.favourable) / total.n - before.count(overall.favourable) / before.n
    assert sum(parts.values()) == pytest.approx(change)
    subs = [
        group for group in found.published.of(overall, "sub_department") if not found.published.hides(group, overall)
    ]
    assert {group.value for group in subs} == {"building", "environment"}


@pytest.mark.requirement("GL-38", "GL-39", "GL-40")
def test_channels_and_what_matters_tell_the_real_changes_from_chance(
    waves: tuple[ReportService, Compared, Any],
) -> None:
    service, found, _ = waves
    cells = service.report_cells(found, LINDEBY, themes.CHANNELS)
    for question, answer in REAL:
        assert _find(cells, "listed", answer, question).significant, (question, answer)
    for question, answer in CHANCE:
        cell = _find(cells, "listed", answer, question)
        assert cell.change
        assert cell.significant is False, (question, answer)
    solved = next(each for each in ranked(cells, "meeting-prerequisites") if each.cell.value == "solved")
    assert (solved.rank, solved.rank_before) == (1, 3)
    gap = {each.channel: each for each in gaps(cells)}
    used = gap["in_person"].used
    assert used is not None
    preferred = gap["in_person"].preferred
    assert preferred is not None
    assert used.n == preferred.n, "the same citizens"
    assert (gap["in_person"].difference or 0) < -0.1 < 0.1 < (gap["self_service"].difference or 0) + 0.2


@pytest.mark.requirement("BF-14", "GL-64")
def test_waiting_during_outages_and_where_times_were_booked(waves: tuple[ReportService, Compared, Any]) -> None:
    service, found, _ = waves
    waiting = service.report_cells(found, LINDEBY, themes.WAITING)
    soon = {cell.value: cell for cell in waiting if cell.dimension == "called_soon"}
    assert soon["yes"].share is not None
    assert soon["no"].share is not None
    assert soon["yes"].share < soon["no"].share
    level = next(cell for cell in waiting if cell.dimension == "service_level")
    assert level.n == (soon["yes"].n or 0) + (soon["no"].n or 0)
    begun = {cell.value: cell.share for cell in waiting if cell.dimension == "waiting_from"}
    assert sum(share or 0 for share in begun.values()) == pytest.approx(1)
    booked = service.report_cells(found, LINDEBY, themes.BOOKINGS)
    ways = [cell for cell in booked if cell.dimension == "booked_by"]
    assert {cell.value for cell in ways} == {"online", "helped"}
    assert sum(cell.share or 0 for cell in ways) == pytest.approx(1)
    assert all(cell.previous is not None and cell.significant is False for cell in ways), "nothing was planted here"
