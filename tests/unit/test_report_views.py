"""Trends, contributions, silence and associations as reports show them: suppressed, and nothing claimed too much."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.municipalities.model import Thresholds
from chalicelib.reporting.control import Event
from chalicelib.reporting.model import Group, Pattern, PeriodCounts
from chalicelib.reporting.periods import period_of
from chalicelib.reporting.reading import Compared, Reading
from chalicelib.reporting.trend import trend
from chalicelib.reporting.views import (
    OTHERS,
    WAITED_BRIEFLY,
    associations,
    change_by_group,
    held_still,
    mix_shifts,
    shown_proportions,
    silence,
)
from tests.fakes.reporting import CLEAR, FRIENDLINESS, GOT_ANSWER, QUESTIONS, SATISFACTION, answers, counts

LIMITS = Thresholds(suppress_below=5, small_base=30)


def reading(period: str, **changes: Any) -> Reading:
    made = counts(period=period, **changes)
    return Reading(period_of(period), made, (made,), ())


def compared(now: Reading, before: Reading | None = None, *, closed: bool = True) -> Compared:
    return Compared(now, before, closed, (), LIMITS)


def by(dimension: str, **values: tuple[int, int]) -> tuple[Group, ...]:
    total = answers("all", "all", sum(g for g, _ in values.values()), sum(b for _, b in values.values()))
    return (total, *(answers(dimension, value, good, bad) for value, (good, bad) in values.items()))


@pytest.mark.requirement("GL-41")
def test_a_change_is_split_by_department_with_the_hidden_ones_together() -> None:
    before = reading("2026-09", groups=by("department", tech=(72, 28), service=(80, 20), tiny=(2, 1), small=(6, 2)))
    now = reading("2026-10", groups=by("department", tech=(52, 48), service=(80, 20), tiny=(2, 1), small=(6, 2)))
    parts = change_by_group(compared(now, before), SATISFACTION, "department")
    assert parts[0].group == "tech"
    assert {part.group for part in parts} == {"tech", "service", OTHERS}
    total = sum(part.total for part in parts)
    assert total == pytest.approx(140 / 211 - 160 / 211)


def test_nothing_is_split_without_a_full_comparison() -> None:
    now = reading("2026-10", groups=by("department", tech=(52, 48)))
    assert change_by_group(compared(now), SATISFACTION, "department") == []
    small = reading("2026-09", groups=by("department", tech=(7, 8)))
    assert change_by_group(compared(now, small), SATISFACTION, "department") == []


@pytest.mark.requirement("GL-06", "GL-09", "GL-57")
def test_a_change_of_mode_is_said_and_the_figure_held_still_stands_beside_the_raw_one() -> None:
    before = reading("2019-10", groups=by("mode", web=(400, 100), lobby=(30, 30)))
    now = reading("2022-10", groups=by("mode", web=(240, 60), lobby=(60, 60)))
    found = compared(now, before)
    shifts = mix_shifts(found, SATISFACTION)
    assert {(shift.dimension, shift.value) for shift in shifts} == {("mode", "web"), ("mode", "lobby")}
    still = held_still(found, SATISFACTION, "mode")
    assert still is not None
    assert still.raw == pytest.approx(300 / 420)
    assert still.share == pytest.approx((500 * 0.8 + 60 * 0.5) / 560)
    assert mix_shifts(compared(before, before), SATISFACTION) == []


def test_who_did_not_answer_stands_beside_the_score() -> None:
    now = reading(
        "2026-10",
        groups=(*by("office", a=(84, 16)), answers("waiting", "00-05", 60, 10), answers("waiting", "30+", 24, 6)),
        served={"all": {"all": 1000}, "waiting": {"00-05": 500, "30+": 500}},
    )
    found = silence(compared(now), SATISFACTION)
    assert found is not None
    assert (found.answers.n, found.served) == (100, 1000)
    assert found.half is not None
    assert found.half.needed == pytest.approx((500 - 84) / 900)
    assert found.before is None
    waiting = found.groups["waiting"]
    assert {each.value for each in waiting if each.notable} == {"00-05", "30+"}
    assert silence(compared(reading("2026-10", groups=by("office", a=(2, 1)))), SATISFACTION) is None


def patterned(rows: list[tuple[str, str, str, str, str | None, int]]) -> tuple[Pattern, ...]:
    names = (SATISFACTION, FRIENDLINESS, GOT_ANSWER, CLEAR)
    return tuple(
        Pattern({q.id: (q.version, a) for q, a in zip(names, row[:4], strict=True)}, row[4], row[5]) for row in rows
    )


@pytest.mark.requirement("SK-06")
def test_what_goes_with_satisfaction_is_found_and_noise_is_not() -> None:
    rng = random.Random(7)
    rows = Counter()
    for _ in range(1500):
        friendly, answered, clear, short = (rng.random() < 0.6 for _ in range(4))
        satisfied = rng.random() < 0.3 + 0.4 * friendly + 0.15 * answered
        rows[
            "9" if satisfied else "5",
            "10" if friendly else "4",
            "yes" if answered else "no",
            "high" if clear else "low",
            "00-05" if short else "30+",
        ] += 1
    now = reading("2026-10", questions=QUESTIONS, patterns=patterned([(*key, n) for key, n in rows.items()]))
    found = associations(compared(now), SATISFACTION)
    assert found is not None
    assert [driver.fact for driver in found.drivers][:2] == ["friendliness", "got-answer"]
    assert found.drivers[0].interval.low < 0.4 < found.drivers[0].interval.high
    certain = {driver.fact for driver in found.drivers if driver.certain}
    assert certain == {"friendliness", "got-answer"}
    assert {driver.fact for driver in found.drivers} == {
        "friendliness",
        "got-answer",
        "clear-information",
        WAITED_BRIEFLY,
    }


def test_few_answers_and_other_wordings_say_nothing_of_associations() -> None:
    few = reading("2026-10", questions=QUESTIONS, patterns=patterned([("9", "9", "yes", "high", None, 20)]))
    assert associations(compared(few), SATISFACTION) is None
    other = Pattern({"satisfaction": ("1-9.1", "9")}, None, 500)
    assert associations(compared(reading("2026-10", questions=QUESTIONS, patterns=(other,))), SATISFACTION) is None


def weekly(month: str, **weeks: tuple[int, int]) -> PeriodCounts:
    named = {f"2026-W{week[1:]}": value for week, value in weeks.items()}
    return counts(period=month, groups=by("week", **named))


@pytest.mark.requirement("GL-68")
def test_a_week_across_two_months_is_one_point() -> None:
    found = trend(
        [weekly("2026-09", w38=(40, 10), w40=(12, 4)), weekly("2026-10", w40=(20, 10), w41=(30, 10), w48=(5, 5))],
        SATISFACTION,
        LIMITS,
        [Event("2026-W41", "new")],
        running_week="2026-W48",
    )
    assert [(point.week, point.n) for point in found.points] == [("2026-W38", 50), ("2026-W40", 46), ("2026-W41", 40)]
    assert found.hidden == 0


def test_a_week_of_which_a_month_holds_few_is_hidden_with_a_cover() -> None:
    found = trend(
        [weekly("2026-09", w38=(40, 10), w39=(20, 4), w40=(12, 4)), weekly("2026-10", w40=(2, 1), w41=(30, 10))],
        SATISFACTION,
        LIMITS,
        running_week="2026-W50",
    )
    # The three of October's W40 would follow from October's total less W41, and from W40 less September's part.
    assert [point.week for point in found.points] == ["2026-W38", "2026-W39"]
    assert found.hidden == 2


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=4, max_size=10))
@settings(deadline=None)
def test_shown_weeks_are_never_below_the_limit(weeks: list[tuple[int, int]]) -> None:
    half = len(weeks) // 2
    first = {f"w{10 + i}": pair for i, pair in enumerate(weeks[: half + 1])}
    second = {f"w{10 + half + i}": pair for i, pair in enumerate(weeks[half:])}
    found = trend([weekly("2026-03", **first), weekly("2026-04", **second)], SATISFACTION, LIMITS, running_week="2027")
    assert all(point.n >= LIMITS.suppress_below for point in found.points)


def test_shown_proportions_leave_hidden_groups_out() -> None:
    found = compared(reading("2026-10", groups=by("office", a=(50, 10), b=(2, 1), c=(9, 1))))
    assert set(shown_proportions(found.published, SATISFACTION, "office")) == {"a"}
    assert shown_proportions(found.published, SATISFACTION, "office", others=True)[OTHERS].n == 13
