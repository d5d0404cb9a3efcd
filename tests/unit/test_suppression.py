"""What is hidden stays hidden: by table, by subtraction, and under an attack with linear programming."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from chalicelib.municipalities.model import Thresholds
from chalicelib.reporting.merging import merged
from chalicelib.reporting.model import Group
from chalicelib.reporting.published import PublishedGroups, sums_of
from chalicelib.reporting.suppression import Sum, hidden_places
from tests.fakes.reporting import GOT_ANSWER, counts

if TYPE_CHECKING:
    from chalicelib.reporting.model import PeriodCounts
    from chalicelib.reporting.suppression import Place


def hidden_values(bases: dict[str, int], total: int | None, limit: int = 5) -> set[str]:
    """One dimension and everyone."""
    places = {("office", value): n for value, n in bases.items()}
    sums = [Sum(("all", "all"), tuple(places))]
    everyone = {} if total is None else {("all", "all"): total}
    return {value for _, value in hidden_places(places | everyone, sums, limit=limit)}


@pytest.mark.parametrize(
    ("bases", "total", "hidden"),
    [
        ({"a": 40, "b": 50}, 90, set()),
        ({"a": 3, "b": 50, "c": 40}, 93, {"a", "c"}),  # the smallest other hides too
        ({"a": 3, "b": 4, "c": 40}, 47, {"a", "b"}),  # together 7: enough
        ({"a": 1, "b": 2, "c": 40, "d": 9}, 52, {"a", "b", "d"}),  # together 3: still a small group
        ({"a": 0, "b": 50, "c": 40}, 90, {"a"}),  # nobody to protect
        ({"a": 50, "b": 40}, 93, {"b"}),  # three without a value would follow from the total
        ({"a": 50, "b": 40}, 190, set()),  # a hundred without a value are a group of their own
        ({"a": 3, "b": 50}, 200, {"a", "b"}),  # … and never cover: another dimension may show them
        ({"a": 3, "b": 50}, None, {"a"}),  # without a total there is nothing to subtract from
        ({"a": 3}, 3, {"a", "all"}),
        ({"a": 3}, 8, {"a"}),  # the rest is another dimension's business
        ({}, 10, set()),
    ],
)
def test_no_hidden_base_follows_from_what_is_shown(bases: dict[str, int], total: int | None, hidden: set[str]) -> None:
    assert hidden_values(bases, total) == hidden


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 40)), st.integers(0, 40), st.integers(2, 10))
@settings(max_examples=300, deadline=None)
def test_subtracting_finds_nothing_below_the_limit(bases: dict[str, int], rest: int, limit: int) -> None:
    total = sum(bases.values()) + rest
    hidden = hidden_values(bases, total, limit)
    shown = {value: n for value, n in bases.items() if value not in hidden}
    assert all(n >= limit for n in shown.values())
    difference = total - sum(shown.values())
    assert not shown or difference == 0 or difference >= limit or "all" in hidden


def test_a_department_of_two_reasons_does_not_give_one_of_them_away() -> None:
    bases = {
        ("all", "all"): 110,
        ("department", "benefits"): 60,
        ("department", "service"): 50,
        ("reason", "pension"): 57,
        ("reason", "debt-advice"): 3,
        ("reason", "passport"): 8,
        ("reason", "licence"): 42,
    }
    departments = {"pension": "benefits", "debt-advice": "benefits", "passport": "service", "licence": "service"}
    hidden = hidden_places(bases, list(sums_of(bases, departments)), limit=5)
    assert hidden == {("reason", "debt-advice"), ("reason", "pension")}


def test_what_other_publications_tell_protects_nothing() -> None:
    bases = {("all", "all"): 93, ("office", "a"): 3, ("office", "b"): 50, ("office", "c"): 40}
    sums = [Sum(("all", "all"), (("office", "a"), ("office", "b"), ("office", "c")))]
    assert hidden_places(bases, sums, limit=5, known=frozenset({("office", "c")})) == {("office", "a"), ("office", "b")}


_DEPARTMENTS = {"r1": "d1", "r2": "d1", "r3": "d2", "r4": "d2"}
_OFFICES, _BANDS, _LANGUAGES = ("o1", "o2", "o3"), ("short", "long"), ("da", "en")
_ATOMS = [
    *itertools.product(("in_person",), _OFFICES, _BANDS, _DEPARTMENTS, _LANGUAGES),
    *itertools.product(("phone",), (None,), (None,), _DEPARTMENTS, _LANGUAGES),
]


def _places(atom: tuple[str | None, ...]) -> list[Place]:
    channel, office, band, reason, language = atom
    found = [
        ("all", "all"),
        ("channel", channel),
        ("office", office),
        ("waiting", band),
        ("reason", reason),
        ("department", _DEPARTMENTS[str(reason)]),
        ("language", language),
    ]
    return [(dimension, value) for dimension, value in found if value is not None]


@given(st.integers(0, 10**6), st.integers(8, 120), st.floats(0.3, 1.6))
@settings(max_examples=60, deadline=None)
@pytest.mark.requirement("GL-53")
def test_an_attack_by_linear_programming_determines_no_hidden_base(seed: int, size: int, skew: float) -> None:
    """The attacker knows every published base, all structure, and that counts are not negative."""
    rng = random.Random(seed)
    weights = [rng.random() ** (3 * skew) for _ in _ATOMS]
    truth = Counter(rng.choices(_ATOMS, weights, k=size))
    bases: Counter[Place] = Counter()
    for atom, n in truth.items():
        for place in _places(atom):
            bases[place] += n
    hidden = hidden_places(bases, list(sums_of(bases, _DEPARTMENTS)), limit=5)
    shown = [place for place in bases if place not in hidden]
    assert all(bases[place] >= 5 for place in shown)
    rows = {place: np.array([float(place in _places(atom)) for atom in _ATOMS]) for place in bases}
    known = np.array([rows[place] for place in shown]) if shown else None
    values = np.array([float(bases[place]) for place in shown]) if shown else None
    for place in hidden:
        if not 0 < bases[place] < 5:
            continue
        ends = []
        for sign in (1, -1):
            found = linprog(sign * rows[place], A_eq=known, b_eq=values, bounds=(0, 500))
            assert found.status == 0
            ends.append(sign * found.fun)
        assert ends[1] - ends[0] >= 1, f"{place} is {ends[0]:.0f} to {ends[1]:.0f}"


def _month(truth: Counter[tuple[str | None, ...]], name: str) -> PeriodCounts:
    bases: Counter[Place] = Counter()
    for atom, n in truth.items():
        for place in _places(atom):
            bases[place] += n
    groups = tuple(Group(*place, GOT_ANSWER.id, GOT_ANSWER.version, {"yes": n}) for place, n in bases.items())
    return counts(period=name, questions=(GOT_ANSWER,), groups=groups, departments=_DEPARTMENTS)


def _shown(published: PublishedGroups, month: PeriodCounts) -> dict[Place, int]:
    return {(group.dimension, group.value): group.n for group in month.groups if not published.hides(group, GOT_ANSWER)}


@given(st.integers(0, 10**6), st.integers(4, 60))
@settings(max_examples=40, deadline=None)
@pytest.mark.requirement("GL-53")
def test_a_quarter_gives_no_month_away(seed: int, size: int) -> None:
    """Months and their quarter are all published; the attacker subtracts them from each other too."""
    rng = random.Random(seed)
    weights = [rng.random() ** 3 for _ in _ATOMS]
    truths: list[Counter[tuple[str | None, ...]]] = [
        Counter(rng.choices(_ATOMS, weights, k=rng.randint(size // 2, size))) for _ in range(3)
    ]
    months = [_month(truth, f"2026-0{number}") for number, truth in enumerate(truths, start=1)]
    limits = Thresholds(suppress_below=5, small_base=30)
    published = [PublishedGroups(month, limits) for month in months]
    quarter = merged("2026-Q1", months)
    whole = PublishedGroups(quarter, limits, months)
    rows, values = [], []
    for number, (month, shown) in enumerate(zip(months, published, strict=True)):
        for place, n in _shown(shown, month).items():
            rows.append(_row(place, [number]))
            values.append(float(n))
    for place, n in _shown(whole, quarter).items():
        rows.append(_row(place, [0, 1, 2]))
        values.append(float(n))
    for number, (month, shown) in enumerate(zip(months, published, strict=True)):
        for group in month.groups:
            if not shown.hides(group, GOT_ANSWER) or group.n >= 5:
                continue
            row, ends = _row((group.dimension, group.value), [number]), []
            for sign in (1, -1):
                found = linprog(sign * row, A_eq=np.array(rows) if rows else None, b_eq=values or None, bounds=(0, 500))
                assert found.status == 0
                ends.append(sign * found.fun)
            assert ends[1] - ends[0] >= 1, f"{month.period} {group.dimension} {group.value}"


def _row(place: Place, months: list[int]) -> np.ndarray:
    """Which of the attacker's unknowns, an atom in a month each, make up a published base."""
    row = np.zeros(3 * len(_ATOMS))
    for month in months:
        for index, atom in enumerate(_ATOMS):
            row[month * len(_ATOMS) + index] = float(place in _places(atom))
    return row
