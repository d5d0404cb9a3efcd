"""Figures before and after a change: from the named counts, through the gate, by the reports' own test."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.municipalities.model import Thresholds
from chalicelib.reporting.cells import cells
from chalicelib.reporting.findings import digest_of, recomputed
from chalicelib.reporting.followed import FollowedFigures
from chalicelib.reporting.statistics import Proportion, compare_shares
from tests.builders import FixedClock, a_municipality
from tests.fakes.actions import SATISFIED
from tests.fakes.reporting import SATISFACTION, InMemoryReportCells, answers, counts, groups

if TYPE_CHECKING:
    from chalicelib.actions.model import Place
    from chalicelib.reporting.model import PeriodCounts

FJORDBY = a_municipality()
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
OCTOBER, SEPTEMBER, AUGUST = "2026-10", "2026-09", "2026-08"
TOWN_HALL = replace(SATISFIED, dimension="office", value="raadhuset")


def month(period: str, good: int, bad: int, **more: Any) -> PeriodCounts:
    return counts(period=period, groups=groups(raadhuset=(good, bad)), generated_at=f"{period}-02T02:22:00Z", **more)


def figures(*stored: PeriodCounts) -> FollowedFigures:
    cells_ = InMemoryReportCells(*stored)
    return FollowedFigures(cells=cells_, clock=lambda: FixedClock(NOW))


def figure(
    found: FollowedFigures, period: str, before: str | None = None, place: Place = SATISFIED, **more: Any
) -> Any:
    return found.figure(FJORDBY, place, (period, period), (before, before) if before else None, **more)


@pytest.mark.requirement("GE-28", "GL-74")
def test_a_result_is_the_cell_of_the_reports_and_its_address_leads_back_to_it():
    now, then = month(OCTOBER, 88, 12), month(AUGUST, 60, 40)
    found = figure(figures(now, then), OCTOBER, AUGUST, TOWN_HALL)
    expected = next(
        each
        for each in cells(now, then, FJORDBY.thresholds)
        if (each.dimension, each.value, str(each.measure)) == ("office", "raadhuset", "share")
    )
    assert found.cell == expected
    assert found.cell.p_value == compare_shares(Proportion(60, 100), Proportion(88, 100)).p_value
    assert found.cell.significant
    known = {digest_of(each): each for each in (now, then)}
    assert recomputed(found.finding, known.get, FJORDBY.thresholds).cell == expected
    assert (found.period, found.question, found.is_full) == (OCTOBER, SATISFACTION, True)


def test_a_pinned_baseline_is_read_again_though_the_month_has_another_edition():
    then, now = month(AUGUST, 60, 40), month(OCTOBER, 88, 12)
    other = replace(then, period="kept elsewhere")
    store = InMemoryReportCells(now, month(AUGUST, 10, 90))
    store._stored["fjordby", "an earlier edition"] = then
    found = FollowedFigures(cells=store, clock=lambda: FixedClock(NOW))
    assert figure(found, AUGUST).cell.count == 10
    pins = {AUGUST: (digest_of(then),)}
    assert figure(found, AUGUST, pins=pins).cell.count == 60
    assert figure(found, OCTOBER, AUGUST, pins=pins).cell.previous == pytest.approx(0.6)
    gone = {AUGUST: (digest_of(other),)}
    assert figure(found, AUGUST, pins=gone).cell is None


def test_what_is_hidden_is_neither_baseline_nor_result():
    few = month(AUGUST, 2, 2)
    found = figures(few, month(OCTOBER, 88, 12))
    assert not found.is_shown(FJORDBY, SATISFIED, AUGUST, AUGUST)
    assert figure(found, AUGUST).cell is None
    assert figure(found, OCTOBER, AUGUST).cell.previous is None
    assert not found.is_shown(FJORDBY, replace(SATISFIED, value="nowhere"), OCTOBER, OCTOBER)
    assert not found.is_shown(FJORDBY, replace(SATISFIED, version="old"), OCTOBER, OCTOBER)
    assert found.is_shown(FJORDBY, SATISFIED, OCTOBER, OCTOBER)


def test_what_the_reports_hide_for_anothers_sake_is_hidden_here():
    groups_ = (answers("all", "all", 50, 40), answers("office", "a", 44, 38), answers("office", "b", 6, 2))
    place = replace(SATISFIED, dimension="office", value="b")
    shown = figures(counts(period=OCTOBER, groups=groups_))
    assert shown.is_shown(FJORDBY, place, OCTOBER, OCTOBER)
    three = (answers("all", "all", 53, 40), *groups_[1:], answers("office", "c", 3, 0))
    assert not figures(counts(period=OCTOBER, groups=three)).is_shown(FJORDBY, place, OCTOBER, OCTOBER)


def test_thresholds_of_today_hold_for_an_old_baseline():
    found = figures(month(AUGUST, 30, 10), month(OCTOBER, 35, 5))
    stricter = a_municipality(thresholds={"suppress_below": 45, "small_base": 60})
    assert stricter.thresholds == Thresholds(45, 60)
    assert found.figure(stricter, SATISFIED, (AUGUST, AUGUST)).cell is None


def test_a_running_period_is_nothing_to_go_by():
    running = month("2026-11", 88, 12)
    found = figures(running)
    assert not found.is_shown(FJORDBY, SATISFIED, "2026-11", "2026-11")
    assert figure(found, "2026-11").cell is None
    assert found.months("fjordby") == []
    assert figure(figures(), OCTOBER).cell is None


@pytest.mark.requirement("GL-74")
def test_small_bases_and_other_wordings_are_not_compared():
    small = figure(figures(month(OCTOBER, 20, 5), month(AUGUST, 60, 40)), OCTOBER, AUGUST)
    assert (small.cell.previous, small.cell.change, small.is_full) == (0.6, None, False)
    reworded = replace(SATISFACTION, version="0-10.2")
    new = counts(
        period=OCTOBER,
        questions=(reworded,),
        groups=(answers("all", "all", 88, 12, reworded),),
    )
    other = figure(figures(new, month(AUGUST, 60, 40)), OCTOBER, AUGUST)
    assert other.asked_otherwise
    assert (other.cell.previous, other.cell.significant) == (None, None)


def test_a_month_has_a_name_once_no_answer_comes_in():
    found = figures(month(OCTOBER, 88, 12), month(SEPTEMBER, 60, 40), month(AUGUST, 60, 40))
    assert found.settled(FJORDBY, OCTOBER, OCTOBER) == ()
    assert found.settled(FJORDBY, AUGUST, AUGUST) == (digest_of(month(AUGUST, 60, 40)),)
    assert found.settled(FJORDBY, "2026-07", "2026-09") == ()
    assert figure(found, OCTOBER).preliminary
    assert not figure(found, AUGUST).preliminary


def test_a_quarter_is_compared_with_a_quarter():
    months = [month(f"2026-{number:02d}", 80 + number, 20) for number in range(4, 10)]
    found = figures(*months).figure(FJORDBY, SATISFIED, ("2026-07", "2026-09"), ("2026-04", "2026-06"))
    assert (found.period, found.cell.n, found.cell.previous_n) == ("2026-Q3", 324, 315)
    assert found.finding.compare == "2026-Q2"


def test_a_limit_can_be_of_what_is_asked_now():
    found = figures(month(OCTOBER, 88, 12))
    assert found.is_asked(FJORDBY, SATISFIED)
    for other in ({"question": "mood"}, {"version": "old"}, {"dimension": "person"}, {"measure": "guess"}):
        assert not found.is_asked(FJORDBY, replace(SATISFIED, **other))
    assert figures().questions(FJORDBY) == ()
