"""What may be published, and what stands beside each figure."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.municipalities.model import Thresholds
from chalicelib.reporting.cell import Cell, Measure, find
from chalicelib.reporting.cells import cells
from chalicelib.reporting.model import Group, PeriodCounts
from chalicelib.reporting.statistics import BaseStatus, ChangeStatus, Proportion, compare_shares, wilson
from tests.fakes.reporting import GOT_ANSWER, QUESTIONS, SATISFACTION, answers, counts, groups, realistic_counts

LIMITS = Thresholds(suppress_below=5, small_base=30)
KEY = {"dimension", "value", "question", "question_version", "measure", "base_status"}


def one(made: list[Cell], value: str = "all", measure: Measure = Measure.SHARE) -> Cell:
    return next(
        cell for cell in made if (cell.value, cell.measure) == (value, measure) and cell.question == "satisfaction"
    )


@pytest.mark.requirement("GL-24", "GL-42", "GL-12")
def test_a_share_stands_with_its_count_its_base_and_its_interval() -> None:
    cell = one(cells(counts(), None, LIMITS))
    interval = wilson(Proportion(84, 100))
    assert (cell.count, cell.n, cell.share) == (84, 100, 0.84)
    assert (cell.ci_low, cell.ci_high) == (interval.low, interval.high)
    assert (cell.served, cell.base_status) == (2000, BaseStatus.OK)


@pytest.mark.requirement("SK-13", "BF-10")
def test_a_mean_stands_with_its_scale() -> None:
    cell = one(cells(counts(), None, LIMITS), measure=Measure.MEAN)
    assert cell.mean == pytest.approx(7.36)
    assert (cell.scale_min, cell.scale_max, cell.n) == (0, 10, 100)
    assert cell.ci_low is not None
    assert cell.ci_high is not None
    assert cell.ci_low < 7.36 < cell.ci_high <= 10


@pytest.mark.requirement("GL-35")
def test_dont_know_counts_in_the_share_and_not_in_the_mean() -> None:
    group = Group("all", "all", "satisfaction", "0-10.1", {"10": 80, "0": 10, "dont_know": 10})
    made = cells(counts(groups=(group,)), None, LIMITS)
    assert (one(made).share, one(made).n) == (0.8, 100)
    assert one(made, measure=Measure.MEAN).n == 90
    assert one(made, measure=Measure.MEAN).mean == pytest.approx(800 / 90)


@pytest.mark.requirement("SK-16", "GL-25", "GL-26")
def test_the_dissatisfied_are_tested_on_their_own() -> None:
    before = Group("all", "all", "satisfaction", "0-10.1", {"10": 72, "6": 18, "2": 10})
    after = Group("all", "all", "satisfaction", "0-10.1", {"10": 64, "6": 12, "2": 24})
    made = cells(counts(groups=(after,)), counts(groups=(before,)), LIMITS)
    assert one(made).significant is False
    assert one(made, measure=Measure.UNFAVOURABLE).significant is True


@pytest.mark.requirement("GE-28", "GL-46")
def test_a_change_is_tested_and_carries_its_interval() -> None:
    made = cells(counts(groups=groups(a=(84, 16))), counts(groups=groups(a=(60, 40))), LIMITS)
    cell = one(made)
    expected = compare_shares(Proportion(60, 100), Proportion(84, 100))
    assert (cell.previous, cell.previous_n, cell.change) == (0.6, 100, expected.difference)
    assert (cell.change_low, cell.change_high) == (expected.interval.low, expected.interval.high)
    assert (cell.significant, cell.change_status, cell.p_value) == (True, ChangeStatus.SIGNIFICANT, expected.p_value)


@pytest.mark.requirement("GL-53")
@pytest.mark.parametrize(("now", "before"), [((20, 5), (100, 60)), ((100, 60), (20, 10)), ((20, 5), (20, 5))])
def test_small_bases_are_not_compared(now: tuple[int, int], before: tuple[int, int]) -> None:
    cell = one(cells(counts(groups=groups(a=now)), counts(groups=groups(a=before)), LIMITS))
    assert cell.previous is not None
    assert (cell.change, cell.significant, cell.change_status) == (None, None, None)


def test_a_running_period_carries_no_test() -> None:
    made = cells(counts(groups=groups(a=(84, 16))), counts(groups=groups(a=(30, 70))), LIMITS, tested=False)
    assert one(made).change is not None
    assert {(cell.significant, cell.p_value, cell.change_status) for cell in made} == {(None, None, None)}


@pytest.mark.requirement("GL-10", "BF-10")
@pytest.mark.parametrize(
    "other",
    [
        replace(SATISFACTION, version="1-9.1", minimum=1, maximum=9),
        replace(SATISFACTION, favourable=("9", "10")),
    ],
)
def test_another_wording_scale_or_definition_is_not_compared(other: object) -> None:
    version = other.version  # type: ignore[attr-defined]
    before = counts(questions=(other,), groups=(Group("all", "all", "satisfaction", version, {"9": 40, "3": 60}),))
    cell = one(cells(counts(), before, LIMITS))
    assert (cell.previous, cell.change, cell.significant) == (None, None, None)


@pytest.mark.requirement("BF-10")
def test_two_wordings_of_a_month_are_never_pooled() -> None:
    old = replace(SATISFACTION, version="1-9.1", minimum=1, maximum=9, favourable=("8", "9"), unfavourable=())
    ways = (
        Group("all", "all", "satisfaction", "0-10.1", {"10": 20, "2": 5}),
        Group("all", "all", "satisfaction", "1-9.1", {"9": 60, "2": 15}),
    )
    month = counts(questions=(SATISFACTION, old), groups=ways, served={})
    made = [cell for cell in cells(month, None, LIMITS) if cell.question]
    assert [(cell.measure, cell.question_version, cell.n) for cell in made] == [
        (Measure.SHARE, "1-9.1", 75),
        (Measure.UNFAVOURABLE, "1-9.1", 75),
        (Measure.MEAN, "1-9.1", 75),
    ]
    assert made[1].count == 15
    assert month.asked_in_two_ways == {"satisfaction"}


@pytest.mark.requirement("GL-49")
def test_a_share_that_follows_a_certain_mean_is_an_indication() -> None:
    before = Group("all", "all", "satisfaction", "0-10.1", {"10": 70, "5": 30})
    after = Group("all", "all", "satisfaction", "0-10.1", {"10": 64, "5": 16, "0": 20})
    made = cells(counts(groups=(after,)), counts(groups=(before,)), LIMITS)
    assert one(made, measure=Measure.MEAN).change_status is ChangeStatus.SIGNIFICANT
    assert one(made).significant is False
    assert one(made).change_status is ChangeStatus.INDICATION


@pytest.mark.requirement("GL-51", "GL-52")
def test_a_hidden_cell_holds_nothing_but_its_status() -> None:
    made = cells(counts(groups=groups(a=(3, 1), b=(60, 20), c=(30, 10))), counts(groups=groups(a=(50, 50))), LIMITS)
    assert one(made, "a").base_status is one(made, "c").base_status is BaseStatus.SUPPRESSED
    assert one(made, "b").base_status is BaseStatus.OK
    for cell in made:
        if cell.base_status is BaseStatus.SUPPRESSED:
            assert {name for name, value in asdict(cell).items() if value is not None} <= KEY


def test_a_figure_hidden_before_is_not_used_now() -> None:
    before = counts(groups=groups(a=(3, 1), b=(60, 20), c=(30, 10)))
    cell = one(cells(counts(groups=groups(a=(60, 20), b=(60, 20), c=(60, 20))), before, LIMITS), "c")
    assert (cell.previous, cell.change) == (None, None)


def test_a_mean_that_too_few_gave_hides_the_share_too() -> None:
    few = Group("office", "a", "satisfaction", "0-10.1", {"9": 4, "dont_know": 40})
    rest = Group("office", "b", "satisfaction", "0-10.1", {"9": 100})
    total = Group("all", "all", "satisfaction", "0-10.1", {"9": 104, "dont_know": 40})
    assert find(
        cells(counts(groups=(total, few, rest), served={}), None, LIMITS), "office", "satisfaction", value="a"
    ) == [Cell("office", "a", "satisfaction", Measure.SHARE, BaseStatus.SUPPRESSED, "0-10.1")]


def test_nobody_answered_nobody_served() -> None:
    empty = counts(groups=(Group("all", "all", "satisfaction", "0-10.1", {}),), funnel={}, served={}, waiting={})
    assert cells(empty, None, LIMITS) == []


def test_a_served_group_that_never_answered_looks_like_a_hidden_one() -> None:
    made = cells(counts(served={"all": {"all": 9}, "office": {"raadhuset": 5, "oen": 4}}), None, LIMITS)
    assert one(made, "oen") == Cell("office", "oen", "satisfaction", Measure.SHARE, BaseStatus.SUPPRESSED, "0-10.1")


@pytest.mark.requirement("SK-11")
def test_the_funnel_gives_each_step_its_own_base() -> None:
    made = {cell.value: cell for cell in cells(counts(), counts(), LIMITS) if cell.dimension == "funnel"}
    assert list(made) == ["completed", "offered", "consented", "sent", "delivered", "started", "finished"]
    accepted = made["consented"]
    assert (accepted.count, accepted.n) == (140, 1800)
    assert accepted.share == pytest.approx(0.0778, abs=1e-4)
    assert accepted.significant is False


def test_a_step_larger_than_the_one_before_is_its_own_base() -> None:
    funnel = {
        "completed": 100,
        "offered": 90,
        "consented": 60,
        "sent": 50,
        "delivered": 20,
        "started": 25,
        "finished": 3,
    }
    made = {cell.value: cell for cell in cells(counts(funnel=funnel), None, LIMITS) if cell.dimension == "funnel"}
    assert (made["started"].count, made["started"].n, made["started"].share) == (25, 25, 1)
    assert made["finished"].base_status is BaseStatus.SUPPRESSED
    assert made["finished"].count is None


def test_counts_survive_the_store() -> None:
    stored = realistic_counts()
    assert PeriodCounts.from_document(json.loads(json.dumps(stored.to_document()))) == stored


bases = st.tuples(st.integers(0, 40), st.integers(0, 8))
period = st.dictionaries(st.sampled_from("abcde"), bases, min_size=1)


@given(period, period, st.integers(0, 60))
@settings(max_examples=300, deadline=None)
@pytest.mark.requirement("GL-53", "I7")
def test_nothing_published_says_more_than_its_base_allows(
    now: dict[str, tuple[int, int]], before: dict[str, tuple[int, int]], elsewhere: int
) -> None:
    total = answers("all", "all", sum(g for g, _ in now.values()) + elsewhere, sum(b for _, b in now.values()))
    made = cells(counts(groups=(total, *groups(**now)[1:])), counts(groups=groups(**before)), LIMITS)
    for cell in made:
        if cell.base_status is BaseStatus.SUPPRESSED:
            assert {name for name, value in asdict(cell).items() if value is not None} <= KEY
            continue
        assert cell.n is not None
        assert cell.n >= 5
        assert cell.number is not None
        if cell.significant is not None or cell.change is not None:
            assert cell.base_status is BaseStatus.OK
            assert cell.n > 30
            assert cell.previous_n is not None
            assert cell.previous_n > 30
    shown = [cell for cell in made if cell.dimension == "office" and cell.measure is Measure.SHARE and cell.n]
    if shown and one(made).n:
        difference = (one(made).n or 0) - sum(cell.n or 0 for cell in shown)
        assert difference == 0 or difference >= 5


@pytest.mark.requirement("GL-27")
def test_every_question_of_a_month_adds_up() -> None:
    month = realistic_counts(visits=6000)
    made = cells(month, None, LIMITS)
    for question in QUESTIONS:
        total = find(made, "all", question.id)[0]
        split = find(made, "channel", question.id)
        if all(cell.n is not None for cell in split):
            assert sum(cell.count or 0 for cell in split) == total.count
    assert find(made, "all", GOT_ANSWER.id, Measure.MEAN) == []
