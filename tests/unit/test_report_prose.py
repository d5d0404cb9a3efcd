"""No sentence of a page, a printed report or the command line calls chance a development, over any generated periods."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.entrypoints.reports.printed import printed
from chalicelib.reporting.reach import smallest_change
from chalicelib.reporting.service import ReportService
from chalicelib.web import formats
from chalicelib.web.pages import Page
from chalicelib.web.urls import Urls
from tests.builders import FixedClock, a_municipality
from tests.fakes.reporting import GOT_ANSWER, SATISFACTION, InMemoryReportCells, answers, counts

if TYPE_CHECKING:
    from chalicelib.reporting.model import Group, PeriodCounts

AFTER = datetime(2027, 1, 10, 12, tzinfo=UTC)
DURING = datetime(2026, 9, 20, 12, tzinfo=UTC)
DIRECTIONS = re.compile(
    r"stigning|steg|fald|øget|forbedr|forværr|bedre|dårligere|\brise|\brose|\bfall|\bfell|better|worse|increas|decreas",
    re.IGNORECASE,
)
TAGS = re.compile(r"<[^>]+>")
PERIODS = ("2026-09", "2026-Q3", "2026")

one = st.tuples(st.integers(0, 60), st.integers(0, 40))
month = st.fixed_dictionaries({"a": one, "b": one, "answer": one})
year = st.lists(month, min_size=12, max_size=12)


def stored(year_: int, months: list[dict[str, tuple[int, int]]]) -> list[PeriodCounts]:
    made = []
    for number, each in enumerate(months, start=1):
        offices: list[Group] = [answers("office", name, *each[name]) for name in ("a", "b")]
        total = answers("all", "all", *(each["a"][part] + each["b"][part] for part in (0, 1)))
        found = (total, *offices, answers("all", "all", *each["answer"], GOT_ANSWER))
        kept = tuple(group for group in found if group.n)
        questions = (SATISFACTION, GOT_ANSWER)
        made.append(counts(period=f"{year_}-{number:02d}", groups=kept, questions=questions, comments=()))
    return made


@given(year, year, st.sampled_from(PERIODS), st.sampled_from(["da", "en"]), st.sampled_from([AFTER, DURING]))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@pytest.mark.requirement("GL-50", "GL-53", "GL-61")
def test_no_sentence_of_the_printed_report_says_more_than_its_figures(
    before: list[dict[str, tuple[int, int]]],
    now: list[dict[str, tuple[int, int]]],
    period: str,
    language: str,
    at: datetime,
) -> None:
    cells = InMemoryReportCells(*stored(2025, before), *stored(2026, now))
    service = ReportService(cells=cells, clock=lambda: FixedClock(at))
    municipality = a_municipality()
    found = service.compared(municipality, period, "year")
    assert found is not None
    page = Page(Urls("", "/static"), language, "/fjordby/reports/print", municipality)
    made = printed(found, municipality, page)
    overview = made["overview"]
    certain = [cell for cell in overview.cells if cell.significant]
    assert all((c.n or 0) > 30 and (c.previous_n or 0) > 30 and overview.closed for c in certain)
    sentences = [*(each.change for _, each in made["findings"]), *made["developments"]]
    told = [text for text in sentences if DIRECTIONS.search(text)]
    assert len(told) <= len(certain) + len(overview.questions)
    for question, (_, finding) in zip(overview.questions, made["findings"], strict=True):
        total = overview.total(question)
        assert bool(DIRECTIONS.search(finding.change)) is bool(total and total.significant)
    if not certain:
        assert told == []
    else:
        assert overview.closed
    for text in _other_texts(made, language):
        assert not DIRECTIONS.search(text), text


def _other_texts(made: dict[str, Any], language: str) -> list[str]:
    """Everything else that the document says: statements, notes, captions, figures, what could be found."""
    overview = made["overview"]
    figures = [figure for _, drawn in made["chapters"] for figure in drawn] + made["common"]
    texts = [TAGS.sub(" ", str(figure)) for figure in figures]
    texts += [part for _, each in made["findings"] for part in (each.statement, each.complement)]
    return [*texts, made["developments_note"], smallest_change(overview, overview.questions[0], language, formats)]


@given(year, st.sampled_from(["da", "en"]))
@settings(max_examples=40, deadline=None)
@pytest.mark.requirement("GL-53")
def test_small_bases_are_never_compared_however_long_the_period(
    months: list[dict[str, tuple[int, int]]], language: str
) -> None:
    few = [{name: (good // 40, bad // 40) for name, (good, bad) in each.items()} for each in months]
    cells = InMemoryReportCells(*stored(2025, months), *stored(2026, few))
    service = ReportService(cells=cells, clock=lambda: FixedClock(AFTER))
    for period in PERIODS:
        overview = service.overview(a_municipality(), period, "year")
        assert overview is not None
        for cell in overview.cells:
            if cell.n is not None and cell.n <= 30:
                assert (cell.change, cell.significant, cell.p_value) == (None, None, None)
        question = overview.questions[0]
        total = overview.total(question)
        if total is None or (total.n or 0) <= 30:
            assert smallest_change(overview, question, language, formats) == ""


def test_a_forged_running_period_says_nothing_of_change() -> None:
    months = [{"a": (50, 10), "b": (50, 10), "answer": (60, 0)}] * 12
    cells = InMemoryReportCells(*stored(2025, months), *stored(2026, months))
    service = ReportService(cells=cells, clock=lambda: FixedClock(DURING))
    overview = service.overview(a_municipality(), "2026-Q3", "year")
    assert overview is not None
    assert smallest_change(replace(overview, closed=False), overview.questions[0], "da", formats) == ""
