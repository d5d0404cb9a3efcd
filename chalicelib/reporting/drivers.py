"""What goes with overall satisfaction: an association, never a cause.

A linear probability model of "satisfied" on a few yes/no facts (waited briefly, friendly, clear, got an answer), fitted
by least squares on the counts of their combinations, with standard errors that hold though the spread differs (HC1,
White 1980). A coefficient is read as: those for whom the fact holds are so many percentage points more often satisfied,
other facts in the model being equal. The standard library suffices: there are at most a handful of facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.statistics import CONFIDENCE, Interval

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LEAST_PER_FACT: Final = 30
"""Answers for and against each fact; fewer, and the fact stays out of the model."""

Pattern = tuple[bool, ...]
"""Which facts hold, in the order of their names."""
_SINGULAR: Final = 1e-10


@dataclass(frozen=True, slots=True)
class Driver:
    """How many more are satisfied where the fact holds, others being equal; `n_with` and `n_without` are its bases."""

    fact: str
    effect: float
    interval: Interval
    n_with: int
    n_without: int

    @property
    def certain(self) -> bool:
        """True when the interval leaves 0 out."""
        return self.interval.low > 0 or self.interval.high < 0


@dataclass(frozen=True, slots=True)
class Drivers:
    """The model: its drivers, strongest first, the facts that too few answers spoke of, and the answers used."""

    drivers: tuple[Driver, ...]
    left_out: tuple[str, ...]
    n: int


def drivers(facts: Sequence[str], counts: Mapping[Pattern, tuple[int, int]]) -> Drivers | None:
    """The association of each fact with satisfaction.

    None when no fact has answers enough, or the facts can't be told apart.
    `counts` maps a combination of facts to (satisfied, answers).
    """
    n = sum(total for _, total in counts.values())
    kept = [i for i in range(len(facts)) if min(_with(counts, i), n - _with(counts, i)) >= LEAST_PER_FACT]
    if not kept:
        return None
    rows = [([1.0, *(float(pattern[i]) for i in kept)], s, t) for pattern, (s, t) in sorted(counts.items()) if t]
    inverse = _inverse(_gram(rows, [total for _, _, total in rows]))
    if inverse is None or n <= len(kept) + 1:
        return None
    moment = [sum(x[i] * s for x, s, _ in rows) for i in range(len(kept) + 1)]
    beta = _apply(inverse, moment)
    covariance = _sandwich(rows, beta, inverse, n)
    half = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    found = [
        Driver(
            facts[i],
            beta[place],
            _around(beta[place], half * sqrt(max(covariance[place][place], 0.0))),
            _with(counts, i),
            n - _with(counts, i),
        )
        for place, i in enumerate(kept, start=1)
    ]
    left = tuple(fact for i, fact in enumerate(facts) if i not in kept)
    return Drivers(tuple(sorted(found, key=lambda each: -abs(each.effect))), left, n)


_Row = tuple[list[float], int, int]
_Matrix = list[list[float]]


def _with(counts: Mapping[Pattern, tuple[int, int]], fact: int) -> int:
    return sum(total for pattern, (_, total) in counts.items() if pattern[fact])


def _gram(rows: Sequence[_Row], weights: Sequence[float]) -> _Matrix:
    """The sum of weight · x · xᵀ."""
    size = range(len(rows[0][0]))
    return [[sum(w * x[i] * x[j] for (x, _, _), w in zip(rows, weights, strict=True)) for j in size] for i in size]


def _sandwich(rows: Sequence[_Row], beta: Sequence[float], inverse: _Matrix, n: int) -> _Matrix:
    """White's covariance, with HC1's factor for the parameters that were estimated."""
    squares = []
    for x, satisfied, total in rows:
        fitted = sum(b * each for b, each in zip(beta, x, strict=True))
        squares.append(satisfied * (1 - fitted) ** 2 + (total - satisfied) * fitted**2)
    factor = n / (n - len(beta))
    middle = _product(_product(inverse, _gram(rows, squares)), inverse)
    return [[factor * value for value in row] for row in middle]


def _inverse(matrix: _Matrix) -> _Matrix | None:
    """Gauss and Jordan with pivoting; None when the columns can't be told apart."""
    size = len(matrix)
    work = [[*row, *(float(i == j) for j in range(size))] for i, row in enumerate(matrix)]
    scale = max(abs(value) for row in matrix for value in row)
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(work[row][column]))
        if abs(work[pivot][column]) <= _SINGULAR * scale:
            return None
        work[column], work[pivot] = work[pivot], work[column]
        work[column] = [value / work[column][column] for value in work[column]]
        for row in range(size):
            if row != column:
                factor = work[row][column]
                work[row] = [value - factor * own for value, own in zip(work[row], work[column], strict=True)]
    return [row[size:] for row in work]


def _product(left: _Matrix, right: _Matrix) -> _Matrix:
    columns = list(zip(*right, strict=True))
    return [[sum(a * b for a, b in zip(row, column, strict=True)) for column in columns] for row in left]


def _apply(matrix: _Matrix, vector: Sequence[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def _around(value: float, half: float) -> Interval:
    return Interval(value - half, value + half)
