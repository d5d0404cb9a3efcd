"""What months, quarters and years publish together gives no small base away: scores, shares of operation, answers."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from chalicelib.municipalities.model import Thresholds
from chalicelib.reporting import rates
from chalicelib.reporting.cells import cells
from chalicelib.reporting.derivable import derivable
from chalicelib.reporting.funnel import hidden_steps
from chalicelib.reporting.handling import handled
from chalicelib.reporting.listed import USED, listed_cells
from chalicelib.reporting.merging import merged
from chalicelib.reporting.model import Asked, Group, QuestionDefinition
from chalicelib.reporting.noted import NEXT_STEP, Noted
from chalicelib.reporting.periods import period_of
from chalicelib.reporting.published import PublishedGroups
from chalicelib.reporting.reading import Compared, Reading
from chalicelib.reporting.served import published
from chalicelib.reporting.traffic import traffic_cells
from tests.fakes.reporting import GOT_ANSWER, counts, groups
from tests.unit.test_suppression import _ATOMS, _DEPARTMENTS, _month, _places, _shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chalicelib.reporting.cell import Cell
    from chalicelib.reporting.model import PeriodCounts

LIMITS = Thresholds(suppress_below=5, small_base=30)
MONTHS = [f"2025-{number:02d}" for number in range(1, 7)]
PERIODS = [*MONTHS, "2025-Q1", "2025-Q2", "2025"]
"""Half a year is known: the year is published as far as it goes."""


def reading(period: str, months: list[PeriodCounts]) -> Reading:
    mine = tuple(month for month in months if month.period in period_of(period).months)
    return Reading(period_of(period), merged(period, mine), mine, ())


def bounds(row: np.ndarray, known: list[np.ndarray], values: list[float]) -> tuple[float, float]:
    """How low and how high an unknown can be for someone who knows the sums, and that nothing is negative."""
    ends = []
    for sign in (1, -1):
        found = linprog(sign * row, A_eq=np.array(known) if known else None, b_eq=values or None, bounds=(0, 10**5))
        assert found.status == 0
        ends.append(sign * found.fun)
    return ends[0], ends[1]


def test_an_unknown_is_derivable_if_some_combination_leaves_it_alone() -> None:
    assert derivable([{"a": 1, "b": 1}, {"b": 1, "c": 1}]) == set()
    assert derivable([{"a": 1, "b": 1}, {"b": 1, "c": 1}, {"a": 1, "c": 1}]) == {"a", "b", "c"}
    assert derivable([{"a": 1, "b": 1}, {"a": 1, "b": -1, "c": 2}, {"c": 3}]) == {"a", "b", "c"}
    assert derivable([{}, {"a": 0}, {"a": 2}]) == {"a"}


@given(st.integers(0, 10**6), st.integers(4, 40))
@settings(max_examples=12, deadline=None)
@pytest.mark.requirement("GL-53")
def test_no_month_follows_from_its_quarter_and_its_year(seed: int, size: int) -> None:
    rng = random.Random(seed)
    weights = [rng.random() ** 3 for _ in _ATOMS]
    truths: list[Counter[tuple[str | None, ...]]] = [
        Counter(rng.choices(_ATOMS, weights, k=rng.randint(size // 2, size))) for _ in MONTHS
    ]
    months = [_month(truth, name) for truth, name in zip(truths, MONTHS, strict=True)]
    known, values = [], []
    hidden = []
    for period in PERIODS:
        found = reading(period, months)
        places = [MONTHS.index(month) for month in period_of(period).months if month in MONTHS]
        published = PublishedGroups(found.counts, LIMITS, found.parts)
        for place, n in _shown(published, found.counts).items():
            known.append(_row(place, places))
            values.append(float(n))
        if len(places) == 1:
            hidden += [
                _row((group.dimension, group.value), places)
                for group in found.counts.groups
                if published.hides(group, GOT_ANSWER) and 0 < group.n < 5
            ]
    for row in hidden:
        low, high = bounds(row, known, values)
        assert high - low >= 1


def _row(place: tuple[str, str], months: list[int]) -> np.ndarray:
    row = np.zeros(len(MONTHS) * len(_ATOMS))
    for month in months:
        for index, atom in enumerate(_ATOMS):
            row[month * len(_ATOMS) + index] = float(place in _places(atom))
    return row


CHANNELS = ("in_person", "phone", "e_mail", "letter")
channel_months = st.lists(
    st.fixed_dictionaries({channel: st.integers(0, 14) for channel in CHANNELS}), min_size=6, max_size=6
)


@given(channel_months)
@settings(max_examples=150, deadline=None)
@pytest.mark.requirement("GL-53")
def test_no_channel_of_few_follows_from_the_traffic_of_any_period(found: list[dict[str, int]]) -> None:
    months = [
        counts(period=name, served={"all": {"all": sum(each.values())}, "channel": each})
        for name, each in zip(MONTHS, found, strict=True)
    ]
    _attack_shares(months, traffic_cells, [each.get for each in found], CHANNELS, rates.TRAFFIC)


offices = st.fixed_dictionaries(
    {office: st.tuples(st.integers(0, 30), st.integers(0, 12)) for office in ("a", "b", "c")}
)


@given(st.lists(offices, min_size=6, max_size=6))
@settings(max_examples=100, deadline=None)
@pytest.mark.requirement("GL-53", "SK-11")
def test_no_yes_of_few_follows_from_the_accept_rates_of_any_period(found: list[dict[str, tuple[int, int]]]) -> None:
    months = []
    for name, each in zip(MONTHS, found, strict=True):
        asked = {office: Asked(yes + no, yes) for office, (no, yes) in each.items()}
        total = Asked(sum(a.offered for a in asked.values()), sum(a.granted for a in asked.values()))
        months.append(counts(period=name, consents={"all": {"all": total}, "office": asked}))
    granted = [{office: yes for office, (_, yes) in each.items()}.get for each in found]
    _attack_shares(
        months,
        partial(rates.rates, rates.consents({}, {})),
        granted,
        ("a", "b", "c"),
        "consent_office",
        totals="consent",
    )


@given(st.lists(offices, min_size=6, max_size=6))
@settings(max_examples=60, deadline=None)
@pytest.mark.requirement("GL-53", "GL-70")
def test_no_yes_of_few_follows_from_what_is_noted_of_contacts_in_any_period(
    found: list[dict[str, tuple[int, int]]],
) -> None:
    months = []
    for name, each in zip(MONTHS, found, strict=True):
        noted = {channel: Noted(yes + no, yes) for channel, (no, yes) in each.items() if yes + no}
        channels = {channel: n.known for channel, n in noted.items()}
        served = {"all": {"all": sum(channels.values())}, "channel": channels}
        facts = {NEXT_STEP: {"channel": noted}} if noted else {}
        months.append(counts(period=name, served=served, noted=facts, paths={c: {"x": n} for c, n in channels.items()}))

    def make(of: Reading, limits: Thresholds) -> list[Cell]:
        made = rates.rates(handled(NEXT_STEP, of.served(limits)), of, limits)
        return [replace(cell, dimension="total") if cell.value == "all" else cell for cell in made]

    granted = [{channel: yes for channel, (_, yes) in each.items()}.get for each in found]
    _attack_shares(months, make, granted, ("a", "b", "c"), NEXT_STEP, totals="total")


def _attack_shares(
    months: list[PeriodCounts],
    make: Callable[[Reading, Thresholds], list[Cell]],
    truth: Sequence[Callable[[str], int | None]],
    values: tuple[str, ...],
    dimension: str,
    totals: str | None = None,
) -> None:
    """Unknowns are the counts per month and value; every published count, and every published total, is a sum."""
    known, sums, few = [], [], []
    for period in PERIODS:
        places = [MONTHS.index(month) for month in period_of(period).months if month in MONTHS]
        for cell in make(reading(period, months), LIMITS):
            row, total = _chosen(places, (cell.value,), values), _chosen(places, values, values)
            if cell.dimension == dimension and cell.count is not None:
                assert cell.count == 0 or cell.count >= 5
                known += [row] if totals else [row, total]
                sums += [float(cell.count)] if totals else [float(cell.count), float(cell.n or 0)]
            elif cell.dimension == totals and cell.count is not None:
                known.append(total)
                sums.append(float(cell.count))
            elif cell.dimension == dimension and len(places) == 1 and 0 < (truth[places[0]](cell.value) or 0) < 5:
                few.append(row)
    for each in few:
        low, high = bounds(each, known, sums)
        assert high - low >= 1


def _chosen(months: list[int], which: tuple[str, ...], values: tuple[str, ...]) -> np.ndarray:
    """Which unknowns make up a sum: some values of some months."""
    made = np.zeros(len(MONTHS) * len(values))
    for month in months:
        for value in which:
            if value in values:
                made[month * len(values) + values.index(value)] = 1.0
    return made


@given(channel_months)
@settings(max_examples=80, deadline=None)
@pytest.mark.requirement("GL-40", "GL-53")
def test_no_answer_of_few_follows_from_the_channels_used_in_any_period(found: list[dict[str, int]]) -> None:
    question = QuestionDefinition(USED, "1", {}, {}, (), {}, options={channel: {} for channel in CHANNELS})
    months = [
        counts(period=name, listed=(question,), groups=(Group("all", "all", USED, "1", each),))
        for name, each in zip(MONTHS, found, strict=True)
    ]
    known, sums, few = [], [], []
    for period in PERIODS:
        places = [MONTHS.index(month) for month in period_of(period).months if month in MONTHS]
        shown = listed_cells(Compared(reading(period, months), None, True, (), LIMITS))
        for cell in shown:
            row = _chosen(places, (cell.value,), CHANNELS)
            if cell.count is not None:
                known += [row, _chosen(places, CHANNELS, CHANNELS)]
                sums += [float(cell.count), float(cell.n or 0)]
            elif len(places) == 1 and 0 < found[places[0]][cell.value] < 5:
                few.append(row)
    for each in few:
        low, high = bounds(each, known, sums)
        assert high - low >= 1


@pytest.mark.requirement("SK-03", "GL-53")
def test_who_never_came_does_not_follow_from_visits_served_and_visits_left_open() -> None:
    few = counts(endings={"a": {"served": 50, "no_show": 3, "unclosed": 8}, "b": {"served": 50, "no_show": 9}})
    shown = {(c.dimension, c.value): c.count for c in rates.rates(rates.endings, reading("2026-10", [few]), LIMITS)}
    assert shown == {("no_show", "a"): None, ("unclosed", "a"): None, ("no_show", "b"): 9, ("unclosed", "b"): 0}


def hidden_in(months: list[PeriodCounts], period: str = "2025-Q1") -> frozenset[str]:
    whole = merged(period, months)
    return hidden_steps(whole, months, published(whole, LIMITS, months), LIMITS.suppress_below)[period]


def test_a_quarter_hides_the_step_that_one_of_its_months_hides() -> None:
    few = {"completed": 50, "offered": 40, "consented": 3, "sent": 2}
    many = {"completed": 50, "offered": 40, "consented": 30, "sent": 20}
    months = [counts(period=name, funnel=funnel) for name, funnel in zip(MONTHS, (few, many, many), strict=False)]
    assert hidden_in(months) == {"consented", "sent", "delivered"}
    made = cells(merged("2025-Q1", months), None, LIMITS, months=(months, ()))
    steps = {cell.value: cell.count for cell in made if cell.dimension == "funnel"}
    assert (steps["completed"], steps["offered"], steps["consented"], steps["sent"]) == (150, 120, None, None)
    twice = [counts(period=name, funnel=funnel) for name, funnel in zip(MONTHS, (few, few, many), strict=False)]
    assert "consented" not in hidden_in(twice)


def test_a_year_hides_the_step_that_its_quarter_would_tell_of_a_later_month() -> None:
    few = {"completed": 50, "offered": 40, "consented": 3}
    months = [counts(period=f"2025-{month:02d}", funnel=few) for month in range(1, 5)]
    assert "consented" not in hidden_in(months[:3]), "together they are nine, of whom no month's share is known"
    assert "consented" in hidden_in(months, "2025"), "the year less the quarter would be April"


def test_a_step_that_nearly_everybody_took_is_hidden_with_the_last_one() -> None:
    funnel = {"completed": 50, "offered": 40, "consented": 6, "sent": 5, "delivered": 5, "started": 4, "finished": 4}
    month = counts(groups=groups(a=(3, 1)), funnel=funnel)
    gate = published(month, LIMITS)
    assert gate.hides_everyone
    steps = hidden_steps(month, (), gate, LIMITS.suppress_below)[month.period]
    assert steps == {"consented", "sent", "delivered", "started", "finished"}


def test_departments_have_the_reasons_of_the_atoms() -> None:
    assert set(_DEPARTMENTS) == {atom[3] for atom in _ATOMS}
