"""Months, quarters and years: names, comparison, which one is shown first, and sums that pool nothing wrongly."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.reporting.merging import merged
from chalicelib.reporting.model import Asked, Pattern, PeriodCounts, Resolution
from chalicelib.reporting.periods import Period, closed_periods, period_of, wider
from chalicelib.reporting.reading import PeriodReader
from chalicelib.reporting.service import ReportService
from chalicelib.shared.errors import InvalidInput, NotFound
from chalicelib.web.formats import month_name
from tests.builders import FixedClock, a_municipality
from tests.fakes.reporting import SATISFACTION, InMemoryReportCells, answers, counts, groups

FJORDBY = a_municipality()
RUNNING = "2026-11"


def month(period: str, good: int = 84, bad: int = 16, **changes: object) -> PeriodCounts:
    return counts(period=period, groups=groups(raadhuset=(good, bad)), **changes)


@pytest.mark.requirement("GE-27")
@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("2026-10", ("2026-10",)),
        ("2026-Q1", ("2026-01", "2026-02", "2026-03")),
        ("2026-Q4", ("2026-10", "2026-11", "2026-12")),
        ("2026", tuple(f"2026-{number:02d}" for number in range(1, 13))),
    ],
)
def test_a_period_has_its_months(text: str, months: tuple[str, ...]) -> None:
    assert period_of(text) == Period(text, months)


@pytest.mark.parametrize("text", ["2026-13", "2026-Q5", "26", "", "2026-1", "x"])
def test_other_names_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        period_of(text)


@pytest.mark.requirement("GE-27")
@given(st.integers(2000, 2100), st.integers(1, 12))
def test_periods_before_are_of_the_same_length(year: int, number: int) -> None:
    start = period_of(f"{year}-{number:02d}")
    for period in (start, wider(start), wider(wider(start) or start)):
        assert period is not None
        assert len(period.preceding.months) == len(period.a_year_before.months) == len(period.months)
        assert period.preceding.months[-1] < period.months[0]
        assert period.a_year_before.id[4:] == period.id[4:]
        assert period_of(period.id) == period


def test_only_closed_periods_are_offered_latest_first() -> None:
    known = ["2026-06", "2026-09", "2026-10", "2026-11"]
    assert [p.id for p in closed_periods(known, RUNNING, 1)] == ["2026-10", "2026-09", "2026-06"]
    assert [p.id for p in closed_periods(known, RUNNING, 3)] == ["2026-Q3", "2026-Q2"]
    assert closed_periods(known, RUNNING, 12) == []


def test_names_of_periods() -> None:
    assert [month_name(p, "da") for p in ("2026-10", "2026-Q3", "2026")] == ["oktober 2026", "3. kvartal 2026", "2026"]
    assert [month_name(p, "en") for p in ("2026-10", "2026-Q3", "2026")] == ["October 2026", "Q3 2026", "2026"]


def read(period: str | None, compare: str | None, *stored: PeriodCounts):
    return PeriodReader(InMemoryReportCells(*stored)).compared(FJORDBY, period, compare, running=RUNNING)


def test_the_shortest_closed_period_with_answers_enough_is_shown() -> None:
    small = [month(f"2026-{number:02d}", 8, 4) for number in range(4, 12)]
    found = read(None, None, *small)
    assert found is not None
    assert (found.now.period.id, found.closed, found.now.missing) == ("2026-Q3", True, ())
    smaller = [month(f"2025-{number:02d}", 3, 2) for number in range(1, 13)]
    year = read(None, None, *smaller)
    assert year is not None
    assert year.now.period.id == "2025"
    tiny = read(None, None, month("2026-09", 2, 3), month("2026-10", 1, 4))
    assert tiny is not None
    assert tiny.now.period.id == "2026-10"


def test_the_same_season_is_the_usual_comparison_and_the_period_before_the_next_best() -> None:
    season = read("2026-10", None, month("2025-10"), month("2026-09"), month("2026-10"))
    assert season is not None
    assert season.before is not None
    assert season.before.period.id == "2025-10"
    before = read("2026-10", None, month("2026-09"), month("2026-10"))
    assert before is not None
    assert before.before is not None
    assert before.before.period.id == "2026-09"


def test_a_period_is_compared_with_an_earlier_one_of_its_length() -> None:
    stored = [month(f"2026-{number:02d}") for number in range(1, 12)]
    found = read("2026-Q3", "previous", *stored)
    assert found is not None
    assert found.before is not None
    assert found.before.period.id == "2026-Q2"
    for wrong in ("2026-06", "2026-Q3", "2027-Q1"):
        with pytest.raises(InvalidInput):
            read("2026-Q3", wrong, *stored)
    with pytest.raises(NotFound):
        read("2020-Q1", None, *stored)


def test_a_period_says_which_months_it_lacks() -> None:
    found = read("2026-Q3", "none", month("2026-07"), month("2026-09"))
    assert found is not None
    assert found.now.missing == ("2026-08",)
    service = ReportService(
        cells=InMemoryReportCells(month("2026-07"), month("2026-09")),
        clock=lambda: FixedClock(datetime(2026, 11, 22, 10, tzinfo=UTC)),
    )
    shown = service.overview(FJORDBY, "2026-Q3")
    assert shown is not None
    assert shown.missing == ("2026-08",)


def test_months_together_are_their_sums() -> None:
    facts = {
        "consents": {"all": {"all": Asked(10, 4)}},
        "delays": {"0": 3, "12": 1},
        "lead_days": {"4": 2},
        "resolution": {"phone": Resolution(5, 4, 3)},
        "patterns": (Pattern({"satisfaction": ("0-10.1", "9")}, "00-05", 2),),
        "departments": {"passport": "service"},
    }
    quarter = merged("2026-Q1", [month("2026-01", **facts), month("2026-02", 10, 0), month("2026-03", **facts)])
    total = next(group for group in quarter.groups if group.dimension == "all")
    assert (total.n, total.count(SATISFACTION.favourable)) == (210, 178)
    assert quarter.funnel["completed"] == 6000
    assert quarter.served["office"]["raadhuset"] == 6000
    assert quarter.waiting["8"] == 2100
    assert quarter.consents["all"]["all"] == Asked(20, 8)
    assert quarter.delays == {"0": 6, "12": 2}
    assert quarter.resolution["phone"] == Resolution(10, 8, 6)
    assert quarter.patterns == (Pattern({"satisfaction": ("0-10.1", "9")}, "00-05", 4),)
    assert PeriodCounts.from_document(json.loads(json.dumps(quarter.to_document()))) == quarter
    with pytest.raises(ValueError, match="month"):
        merged("2026-Q1", [])


@pytest.mark.requirement("BF-10")
def test_wordings_are_never_pooled_over_months() -> None:
    other = replace(SATISFACTION, version="1-9.1", minimum=1, maximum=9, favourable=("8", "9"), unfavourable=())
    old = counts(period="2026-01", questions=(other,), groups=(answers("all", "all", 30, 10, other),))
    quarter = merged("2026-Q1", [old, month("2026-02")])
    assert {(group.question_version, group.n) for group in quarter.groups if group.dimension == "all"} == {
        ("1-9.1", 40),
        ("0-10.1", 100),
    }
    assert quarter.asked_in_two_ways == {"satisfaction"}
