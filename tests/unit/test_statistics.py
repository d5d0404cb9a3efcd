"""The statistics against statsmodels, scipy, textbook values and published comparisons."""

from __future__ import annotations

import gc
import warnings
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint, proportions_ztest

from chalicelib.reporting.statistics import (
    BaseStatus,
    ChangeStatus,
    Comparison,
    Interval,
    Moments,
    Proportion,
    base_status,
    benjamini_hochberg,
    change_status,
    compare_means,
    compare_shares,
    holm,
    margin_of_error,
    may_compare,
    mean_interval,
    moments,
    newcombe,
    wilson,
)
from chalicelib.reporting.student import quantile, two_sided_tail

if TYPE_CHECKING:
    from collections.abc import Iterator


def close(value: float | list[float]) -> object:
    return pytest.approx(value, rel=1e-9, abs=1e-9)


@st.composite
def proportions(draw: st.DrawFn, most: int = 20_000) -> Proportion:
    n = draw(st.integers(1, most))
    return Proportion(draw(st.integers(0, n)), n)


@given(proportions())
@settings(max_examples=200, deadline=None)
def test_wilson_agrees_with_statsmodels(proportion: Proportion) -> None:
    low, high = proportion_confint(proportion.count, proportion.n, alpha=0.05, method="wilson")
    interval = wilson(proportion)
    assert interval.low == close(low)
    assert interval.high == close(high)
    assert 0 <= interval.low <= proportion.share <= interval.high <= 1


@given(proportions(), proportions())
@settings(max_examples=200, deadline=None)
@pytest.mark.requirement("GL-47")
def test_the_change_of_a_share_agrees_with_statsmodels(before: Proportion, after: Proportion) -> None:
    ours = compare_shares(before, after)
    low, high = confint_proportions_2indep(
        after.count, after.n, before.count, before.n, method="newcomb", compare="diff"
    )
    assert ours.interval.low == close(low)
    assert ours.interval.high == close(high)
    assert ours.difference == close(after.share - before.share)
    if 0 < before.count + after.count < before.n + after.n:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            z, p = proportions_ztest([after.count, before.count], [after.n, before.n])
        assert ours.statistic == close(z)
        assert ours.p_value == pytest.approx(p, rel=1e-9, abs=1e-300)
    else:
        assert (ours.statistic, ours.p_value, ours.significant) == (0, 1, False)


@given(proportions(2_000), proportions(2_000))
@settings(max_examples=100, deadline=None)
def test_a_change_seen_from_the_other_side_is_the_same_change(before: Proportion, after: Proportion) -> None:
    there, back = compare_shares(before, after), compare_shares(after, before)
    assert there.statistic == close(-back.statistic)
    assert there.interval.low == close(-back.interval.high)
    assert there.significant is back.significant


samples = st.lists(st.integers(0, 10), min_size=2, max_size=200)


@given(samples, samples)
@settings(max_examples=200, deadline=None)
def test_the_change_of_a_mean_agrees_with_scipy(before: list[int], after: list[int]) -> None:
    old, new = (_moments_of(values) for values in (before, after))
    ours = compare_means(old, new)
    if old.variance + new.variance == 0:
        assert ours.p_value == (1 if old.mean == new.mean else 0)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scipy warns where one sample does not vary
        theirs = stats.ttest_ind(after, before, equal_var=False)
        interval = theirs.confidence_interval(0.95)
    assert ours.statistic == close(theirs.statistic)
    assert ours.p_value == close(theirs.pvalue)
    assert ours.interval.low == close(interval.low)
    assert ours.interval.high == close(interval.high)


@given(samples)
@settings(max_examples=100, deadline=None)
def test_the_interval_of_a_mean_agrees_with_scipy(values: list[int]) -> None:
    sample = _moments_of(values)
    interval = mean_interval(sample)
    assert interval is not None
    low, high = stats.t.interval(
        0.95, len(values) - 1, loc=sample.mean, scale=max((sample.variance / sample.n) ** 0.5, 1e-300)
    )
    assert interval.low == close(low)
    assert interval.high == close(high)


@given(st.floats(0, 60), st.floats(0.5, 5_000))
@settings(max_examples=200, deadline=None)
def test_the_t_distribution_agrees_with_scipy(t: float, df: float) -> None:
    assert two_sided_tail(t, df) == pytest.approx(2 * stats.t.sf(t, df), rel=1e-9, abs=1e-12)
    assert quantile(0.95, df) == close(stats.t.ppf(0.975, df))


def _moments_of(values: list[int]) -> Moments:
    found = moments({float(value): values.count(value) for value in set(values)})
    assert found is not None
    return found


p_values = st.lists(st.floats(0, 1), min_size=1, max_size=40)


@pytest.fixture(scope="module")
def frozen() -> Iterator[None]:
    """statsmodels collects garbage in every call: let it not walk a hundred times through all that is here to stay."""
    gc.freeze()
    yield
    gc.unfreeze()


@given(p_values)
@settings(max_examples=100, deadline=None)
@pytest.mark.usefixtures("frozen")
@pytest.mark.requirement("GL-59")
def test_adjusted_views_agree_with_statsmodels(values: list[float]) -> None:
    assert holm(values) == close(list(multipletests(values, method="holm")[1]))
    assert benjamini_hochberg(values) == close(list(multipletests(values, method="fdr_bh")[1]))


def test_no_comparisons_need_no_adjustment() -> None:
    assert holm([]) == benjamini_hochberg([]) == []


# Counts and bases of twelve published comparisons, with the mark that stood beside each.
PUBLISHED = [
    (503, 671, 505, 682, False),
    (87, 671, 95, 682, False),
    (59, 671, 89, 682, True),
    (3, 671, 11, 682, True),
    (46, 59, 64, 89, False),
    (87, 110, 76, 106, False),
    (122, 277, 164, 265, True),
    (56, 106, 58, 86, True),
    (25, 33, 31, 55, False),
    (27, 33, 34, 55, True),
    (44, 48, 27, 38, True),
    (41, 67, 42, 56, False),
]


@pytest.mark.requirement("GL-46", "GL-47")
@pytest.mark.parametrize(("count_before", "n_before", "count_after", "n_after", "marked"), PUBLISHED)
def test_published_marks_come_out_as_published(
    count_before: int, n_before: int, count_after: int, n_after: int, marked: bool
) -> None:
    assert compare_shares(Proportion(count_before, n_before), Proportion(count_after, n_after)).significant is marked


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [  # Newcombe (1998), Statistics in Medicine 17:857, table I, method 3, to four decimals
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_as_in_the_textbook(count: int, n: int, low: float, high: float) -> None:
    interval = wilson(Proportion(count, n))
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("after", "before", "low", "high"),
    [  # Newcombe (1998), Statistics in Medicine 17:873, table II, method 10, to four decimals
        (Proportion(56, 70), Proportion(48, 80), 0.0524, 0.3339),
        (Proportion(9, 10), Proportion(3, 10), 0.1705, 0.8090),
        (Proportion(10, 10), Proportion(0, 20), 0.6791, 1.0),
    ],
)
def test_newcombe_as_in_the_textbook(after: Proportion, before: Proportion, low: float, high: float) -> None:
    interval = newcombe(before, after)
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


def test_the_ends_of_the_scale_are_exact() -> None:
    assert wilson(Proportion(0, 7)).low == 0
    assert wilson(Proportion(7, 7)).high == 1


@pytest.mark.parametrize(("count", "n"), [(0, 0), (1, 0), (-1, 5), (6, 5), (0, -3)])
def test_there_is_no_share_of_nothing(count: int, n: int) -> None:
    with pytest.raises(ValueError, match="count"):
        Proportion(count, n)


@pytest.mark.requirement("GL-55", "GL-56")
def test_a_margin_says_what_it_is_of() -> None:
    margin = margin_of_error(682)
    assert round(margin.margin * 100, 2) == 3.75
    assert (margin.confidence, margin.share, margin.n) == (0.95, 0.5, 682)
    assert round(margin_of_error(682, confidence=0.99).margin * 100, 2) == 4.93
    assert round(margin_of_error(89).margin * 100, 1) == 10.4
    with pytest.raises(ValueError, match="n > 0"):
        margin_of_error(0)


def test_means_of_little() -> None:
    assert moments({}) is None
    assert moments({3.0: 0}) is None
    assert moments({7.0: 1}) == Moments(1, 7, 0)
    assert mean_interval(Moments(1, 7, 0)) is None
    with pytest.raises(ValueError, match="two answers"):
        compare_means(Moments(1, 7, 0), Moments(9, 7, 1))


def test_an_interval_stays_on_its_scale() -> None:
    assert Interval(-0.5, 9.4).within(1, 9) == Interval(1, 9)


@pytest.mark.requirement("GL-51", "GL-52", "GE-23")
@pytest.mark.parametrize(
    ("n", "status"),
    [
        (0, BaseStatus.SUPPRESSED),
        (4, BaseStatus.SUPPRESSED),
        (5, BaseStatus.SMALL),
        (30, BaseStatus.SMALL),
        (31, BaseStatus.OK),
    ],
)
def test_one_threshold_pair(n: int, status: BaseStatus) -> None:
    assert base_status(n, suppress_below=5, small_base=30) is status


@pytest.mark.requirement("GL-53")
def test_small_bases_are_not_compared() -> None:
    assert may_compare(BaseStatus.OK, BaseStatus.OK)
    assert not may_compare(BaseStatus.OK, BaseStatus.SMALL)
    assert not may_compare(BaseStatus.SUPPRESSED, BaseStatus.OK)


@pytest.mark.requirement("GL-49")
def test_three_things_may_be_said_of_a_change() -> None:
    sure = Comparison(0.1, Interval(0.01, 0.19), 2.5, 0.012)
    unsure = Comparison(0.1, Interval(-0.02, 0.22), 1.5, 0.13)
    assert change_status(sure) is ChangeStatus.SIGNIFICANT
    assert change_status(unsure, supported=True) is ChangeStatus.INDICATION
    assert change_status(unsure) is ChangeStatus.NONE
