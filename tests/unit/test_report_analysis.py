"""Precision, control charts, mix, non-response and drivers, against statsmodels, numpy and naive computations."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import power_proportions_2indep

from chalicelib.reporting.control import LEAST_WEEKS, RUN, Event, Week, control_chart
from chalicelib.reporting.drivers import LEAST_PER_FACT, drivers
from chalicelib.reporting.mix import contributions, standardised
from chalicelib.reporting.nonresponse import representation, tipping_point
from chalicelib.reporting.precision import POWER, collected, power_of, smallest_detectable_change
from chalicelib.reporting.statistics import BaseStatus, Proportion
from chalicelib.reporting.targets import Part, check_weights, punctuality, score, service_level


def close(value: float) -> object:
    return pytest.approx(value, rel=1e-9, abs=1e-9)


shares = st.floats(0.02, 0.98)
bases = st.integers(20, 5_000)


@given(shares, shares, bases, bases)
@settings(max_examples=150, deadline=None)
def test_power_agrees_with_statsmodels(share: float, later: float, before: int, after: int) -> None:
    expected = power_proportions_2indep(
        later - share, share, nobs1=after, ratio=before / after, alpha=0.05, return_results=False
    )
    assert power_of(share, later, before, after) == close(float(expected))


@given(shares, bases, bases)
@settings(max_examples=100, deadline=None)
def test_the_smallest_detectable_change_is_just_detectable_both_ways(share: float, before: int, after: int) -> None:
    change = smallest_detectable_change(share, before, after)
    if change is None:
        assert max(power_of(share, end, before, after) for end in (0.0, 1.0)) < POWER
        return
    reachable = [share + sign * change for sign in (1, -1) if 0 <= share + sign * change <= 1]
    assert reachable
    assert max(power_of(share, later, before, after) for later in reachable) >= POWER - 1e-6
    assert min(power_of(share, share + (later - share) * 0.98, before, after) for later in reachable) < POWER


@pytest.mark.requirement("SK-17")
def test_enough_answers_are_in_when_the_margin_is_reached() -> None:
    first = collected(385, margin=0.05)
    assert first is not None
    assert first.needed == 385  # the textbook number for five points
    assert first.enough
    early = collected(384, margin=0.05)
    assert early is not None
    assert not early.enough
    assert collected(0, margin=0.05) is None


def weeks(*counts: tuple[int, int], status: BaseStatus = BaseStatus.OK) -> list[Week]:
    return [Week(f"2026-W{i:02d}", Proportion(count, n), status) for i, (count, n) in enumerate(counts, start=1)]


@pytest.mark.requirement("GL-68")
def test_a_week_outside_three_sigma_is_a_signal_and_ordinary_weeks_are_none() -> None:
    chart = control_chart(weeks(*[(78, 100), (84, 100)] * 5, (60, 100)))
    assert [point.week for point in chart if point.signal] == ["2026-W11"]
    centre = (81 * 10 + 60) / 1100
    assert chart[0].centre == close(centre)
    assert chart[0].low == close(centre - 3 * sqrt(centre * (1 - centre) / 100))


@pytest.mark.requirement("GL-68")
def test_a_run_on_one_side_is_a_signal() -> None:
    chart = control_chart(weeks(*[(80, 100)] * RUN, *[(84, 100)] * (RUN - 1)))
    assert [point.run for point in chart[:RUN]] == [False] * (RUN - 1) + [True]
    assert not any(point.run for point in chart[RUN:])


@pytest.mark.requirement("GL-68", "GE-12", "GE-28")
def test_an_event_starts_a_new_baseline_so_a_change_on_purpose_is_no_accident() -> None:
    series = weeks(*[(80, 100), (82, 100)] * 4, *[(60, 100), (62, 100)] * 4)
    assert any(point.signal for point in control_chart(series))
    chart = control_chart(series, [Event("2026-W09", "new-system")])
    assert not any(point.signal for point in chart)
    assert chart[0].centre == close(0.81)
    assert chart[-1].centre == close(0.61)


def test_too_few_weeks_have_no_limits_and_hidden_weeks_no_point() -> None:
    chart = control_chart(weeks(*[(80, 100)] * (LEAST_WEEKS - 1)))
    assert all(point.centre is None and not point.signal for point in chart)
    hidden = weeks(*[(80, 100)] * LEAST_WEEKS) + weeks((1, 3), status=BaseStatus.SUPPRESSED)
    assert len(control_chart(hidden)) == LEAST_WEEKS


def test_a_small_week_is_shown_and_signals_nothing() -> None:
    small = Week("2026-W20", Proportion(0, 12), BaseStatus.SMALL)
    chart = control_chart([*weeks(*[(80, 100)] * LEAST_WEEKS), small])
    assert chart[-1].centre is not None
    assert not chart[-1].signal


groups = st.dictionaries(
    st.sampled_from("abcdef"),
    st.integers(1, 400).flatmap(lambda n: st.integers(0, n).map(lambda count: Proportion(count, n))),
    min_size=1,
)


@given(groups, groups)
@settings(deadline=None)
@pytest.mark.requirement("GL-41")
def test_contributions_add_up_to_the_change(before: dict[str, Proportion], after: dict[str, Proportion]) -> None:
    def total(parts: dict[str, Proportion]) -> float:
        return sum(p.count for p in parts.values()) / sum(p.n for p in parts.values())

    made = contributions(before, after)
    assert sum(part.total for part in made) == close(total(after) - total(before))
    assert {part.group for part in made} == {*before, *after}
    assert all(part.own == 0 for part in made if part.group not in before or part.group not in after)


@pytest.mark.requirement("GL-41")
def test_a_change_driven_by_one_department_is_laid_at_its_door() -> None:
    before = {"technical": Proportion(72, 100), "service": Proportion(80, 100)}
    after = {"technical": Proportion(52, 100), "service": Proportion(80, 100)}
    first, second = contributions(before, after)
    assert (first.group, first.own, first.mix) == ("technical", close(-0.1), close(0))
    assert second.total == close(0)


@pytest.mark.requirement("GL-22")
@pytest.mark.requirement("GL-57")
def test_standardising_to_the_old_mix_takes_a_change_of_mix_away() -> None:
    after = {"phone": Proportion(270, 300), "lobby": Proportion(50, 100)}
    held = standardised(after, {"phone": 1, "lobby": 1})
    assert held is not None
    assert (held.share, held.raw, held.n) == (close(0.7), close(0.8), 400)
    assert held.interval.low < 0.7 < held.interval.high
    assert standardised(after, {"phone": 1, "e_mail": 1}) is None


@given(st.integers(1, 300), st.integers(0, 300), st.floats(0, 1))
def test_the_tipping_point_brings_the_whole_to_the_limit(n: int, silent: int, limit: float) -> None:
    answers = Proportion(n // 3, n)
    found = tipping_point(answers, n + silent, limit)
    if not silent:
        assert found is None
    elif found is not None and found.needed is not None:
        assert answers.count + found.needed * silent == close(limit * (n + silent))
        assert 0 <= found.needed <= 1
    else:
        assert found is not None
        assert limit * (n + silent) < answers.count or limit * (n + silent) > answers.count + silent


def test_who_answered_is_told_from_who_was_served() -> None:
    made = representation({"short": 180, "long": 20}, {"short": 500, "long": 500})
    assert [each.value for each in made] == ["long", "short"]
    assert made[0].answers == Proportion(20, 200)
    assert made[0].silent == Proportion(480, 800)
    assert made[0].notable
    assert representation({"short": 5}, {"short": 5}) == []


pattern_counts = st.dictionaries(
    st.tuples(st.booleans(), st.booleans(), st.booleans()),
    st.integers(20, 200).flatmap(lambda n: st.integers(0, n).map(lambda s: (s, n))),
    min_size=6,
    max_size=8,
)


@given(pattern_counts)
@settings(max_examples=60, deadline=None)
def test_drivers_agree_with_least_squares_and_robust_errors(counts: dict[tuple[bool, ...], tuple[int, int]]) -> None:
    x, y = [], []
    for pattern, (satisfied, total) in counts.items():
        x += [[1.0, *map(float, pattern)]] * total
        y += [1.0] * satisfied + [0.0] * (total - satisfied)
    fitted = sm.OLS(np.array(y), np.array(x)).fit(cov_type="HC1")
    made = drivers(("a", "b", "c"), counts)
    assert made is not None
    assert made.n == len(y)
    for place, fact in enumerate(("a", "b", "c"), start=1):
        driver = next(each for each in made.drivers if each.fact == fact)
        assert driver.effect == pytest.approx(float(fitted.params[place]), abs=1e-9)
        low, high = fitted.conf_int()[place]
        assert driver.interval.low == pytest.approx(float(low), abs=1e-9)
        assert driver.interval.high == pytest.approx(float(high), abs=1e-9)


def test_a_fact_that_few_spoke_of_is_left_out_and_twins_are_not_told_apart() -> None:
    few = {(True, False): (90, 100), (False, False): (40, 100), (True, True): (1, LEAST_PER_FACT - 1)}
    made = drivers(("friendly", "quick"), few)
    assert made is not None
    assert [driver.fact for driver in made.drivers] == ["friendly"]
    assert made.left_out == ("quick",)
    assert made.drivers[0].certain
    assert drivers(("a", "b"), {(True, True): (50, 60), (False, False): (20, 60)}) is None
    assert drivers(("a",), {(True,): (5, 6), (False,): (2, 6)}) is None


def part(name: str, weight: int, count: int, n: int, status: BaseStatus = BaseStatus.OK) -> Part:
    return Part(name, weight, Proportion(count, n), status)


@pytest.mark.requirement("BF-02", "BF-05", "BF-01")
def test_a_score_shows_what_each_part_makes_of_it() -> None:
    made = score([part("satisfaction", 60, 80, 100), part("service_level", 40, 50, 100)])
    assert made is not None
    assert made.value == close(0.68)
    assert [made.effect_of(each) for each in made.parts] == [close(0.48), close(0.2)]
    assert score([part("satisfaction", 60, 80, 100), part("x", 40, 1, 3, BaseStatus.SUPPRESSED)]) is None
    with pytest.raises(ValueError, match="100"):
        score([part("satisfaction", 60, 80, 100)])


@pytest.mark.requirement("BF-02", "BF-01")
def test_satisfaction_must_outweigh_service_level() -> None:
    assert check_weights({"satisfaction": 50, "answered": 30, "service_level": 20}) == []
    assert len(check_weights({"satisfaction": 40, "service_level": 50})) == 2


@pytest.mark.requirement("BF-03")
@pytest.mark.requirement("FR-06")
def test_service_level_and_punctuality_count_whole_minutes() -> None:
    assert service_level({"0": 4, "9": 3, "10": 2, "45": 1}, 10) == Proportion(7, 10)
    assert punctuality({"0": 4, "5": 3, "6": 3}, 5) == Proportion(7, 10)
    assert service_level({}, 10) is None
    assert punctuality({}, 5) is None
