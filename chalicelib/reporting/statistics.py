"""The one place where statistics are computed (design 4.6): pure, standard library only.

Shares: Wilson intervals; changes by the pooled two-sided two-proportion z-test without continuity correction, which
reproduces every mark of the published report that we follow (GL-47; Yates and Fisher do not), with Newcombe's interval
of the difference. Means: Student intervals and Welch's test, always second to the shares. Small and hidden bases: one
threshold pair (design 4.7).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import erfc, inf, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.student import quantile, standard_error, two_sided_tail

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CONFIDENCE: Final = 0.95
SIGNIFICANCE_LEVEL: Final = 0.05


class BaseStatus(StrEnum):
    """How far a base carries a figure (GL-51 to GL-53)."""

    OK = "ok"
    SMALL = "small"
    SUPPRESSED = "suppressed"


class ChangeStatus(StrEnum):
    """What may be said about a change (GL-49). Only `significant` may be called a development (GL-50)."""

    SIGNIFICANT = "significant"
    INDICATION = "indication"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`, both included."""

    low: float
    high: float

    def within(self, minimum: float, maximum: float) -> Interval:
        """The part that lies on a scale."""
        return Interval(max(self.low, minimum), min(self.high, maximum))


@dataclass(frozen=True, slots=True)
class Proportion:
    """`count` of `n`; there is no proportion of nothing.

    Raises:
        ValueError: `n` is not positive, or `count` is not from 0 to `n`.
    """

    count: int
    n: int

    def __post_init__(self) -> None:
        if self.n <= 0 or not 0 <= self.count <= self.n:
            raise ValueError("a share needs 0 ≤ count ≤ n and n > 0")

    @property
    def share(self) -> float:
        """The fraction."""
        return self.count / self.n


@dataclass(frozen=True, slots=True)
class Moments:
    """A sample of numbers in three: how many, their mean, their sample variance (0 for a single number)."""

    n: int
    mean: float
    variance: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A change from before to after: `difference` is after − before with its 95 % interval; `statistic` is z or t."""

    difference: float
    interval: Interval
    statistic: float
    p_value: float

    @property
    def significant(self) -> bool:
        """True at the 95 % level."""
        return self.p_value < SIGNIFICANCE_LEVEL


@dataclass(frozen=True, slots=True)
class Margin:
    """A margin of error that says what it is of (GL-55): plus or minus `margin` at `confidence` for `share` of `n`."""

    margin: float
    confidence: float
    share: float
    n: int


def wilson(proportion: Proportion, confidence: float = CONFIDENCE) -> Interval:
    """Wilson's score interval of a share: holds at 0 %, at 100 % and for small n."""
    z, n, p = _z(confidence), proportion.n, proportion.share
    shrink = 1 + z * z / n
    centre = (p + z * z / (2 * n)) / shrink
    half = z / shrink * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # Rounding errors must not lift the end off 0 or 1, where the interval ends by definition.
    low = 0.0 if proportion.count == 0 else centre - half
    high = 1.0 if proportion.count == n else centre + half
    return Interval(low, high)


def margin_of_error(n: int, share: float = 0.5, confidence: float = CONFIDENCE) -> Margin:
    """The labelled normal margin of a base, for the worst case of 50 % unless told otherwise (GL-55, GL-56).

    Raises:
        ValueError: `n` is not positive.
    """
    if n <= 0:
        raise ValueError("a margin needs n > 0")
    return Margin(_z(confidence) * sqrt(share * (1 - share) / n), confidence, share, n)


def compare_shares(before: Proportion, after: Proportion) -> Comparison:
    """The pooled z-test and Newcombe's hybrid score interval of after − before.

    When nobody or everybody counted both times there is no variation to test: z is 0 and p is 1.
    """
    difference = after.share - before.share
    pooled = (before.count + after.count) / (before.n + after.n)
    error = sqrt(pooled * (1 - pooled) * (1 / before.n + 1 / after.n))
    z = difference / error if error else 0.0
    return Comparison(difference, newcombe(before, after), z, erfc(abs(z) / sqrt(2)))


def newcombe(before: Proportion, after: Proportion, confidence: float = CONFIDENCE) -> Interval:
    """The interval of after − before from the two Wilson intervals (Newcombe 1998, method 10)."""
    difference = after.share - before.share
    old, new = wilson(before, confidence), wilson(after, confidence)
    down = sqrt((after.share - new.low) ** 2 + (old.high - before.share) ** 2)
    up = sqrt((new.high - after.share) ** 2 + (before.share - old.low) ** 2)
    return Interval(difference - down, difference + up)


def moments(counts: Mapping[float, int]) -> Moments | None:
    """Mean and sample variance from how often each number was given; None without answers."""
    n = sum(counts.values())
    if not n:
        return None
    mean = sum(value * count for value, count in counts.items()) / n
    squares = sum(count * (value - mean) ** 2 for value, count in counts.items())
    return Moments(n, mean, squares / (n - 1) if n > 1 else 0.0)


def mean_interval(sample: Moments, confidence: float = CONFIDENCE) -> Interval | None:
    """Student's interval of a mean; None for a single answer, which says nothing of its spread."""
    if sample.n < 2:  # noqa: PLR2004 - one answer has no spread
        return None
    half = quantile(confidence, sample.n - 1) * standard_error(sample.variance, sample.n)
    return Interval(sample.mean - half, sample.mean + half)


def compare_means(before: Moments, after: Moments, confidence: float = CONFIDENCE) -> Comparison:
    """Welch's test of after − before, for samples whose variances may differ.

    Raises:
        ValueError: a sample has fewer than two answers.
    """
    if min(before.n, after.n) < 2:  # noqa: PLR2004 - one answer has no spread
        raise ValueError("Welch's test needs two answers on each side")
    difference = after.mean - before.mean
    parts = before.variance / before.n, after.variance / after.n
    error = sqrt(sum(parts))
    if not error:
        sure = difference != 0
        return Comparison(difference, Interval(difference, difference), inf if sure else 0.0, 0.0 if sure else 1.0)
    df = sum(parts) ** 2 / (parts[0] ** 2 / (before.n - 1) + parts[1] ** 2 / (after.n - 1))
    half = quantile(confidence, df) * error
    t = difference / error
    return Comparison(difference, Interval(difference - half, difference + half), t, two_sided_tail(t, df))


def base_status(n: int, *, suppress_below: int, small_base: int) -> BaseStatus:
    """Hidden below `suppress_below`, small at or below `small_base` (the stricter reading of GL-52), else ok."""
    if n < suppress_below:
        return BaseStatus.SUPPRESSED
    return BaseStatus.SMALL if n <= small_base else BaseStatus.OK


def change_status(comparison: Comparison, *, supported: bool = False) -> ChangeStatus:
    """Significant by its test; an indication when it is not, but other data of the same group moved the same way."""
    if comparison.significant:
        return ChangeStatus.SIGNIFICANT
    return ChangeStatus.INDICATION if supported else ChangeStatus.NONE


def may_compare(*statuses: BaseStatus) -> bool:
    """Only full bases are compared, with anything, anywhere (GL-53)."""
    return all(status is BaseStatus.OK for status in statuses)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values, in the order given: below 0.05, no mark of the whole family is likely false."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, p_values[index] * (len(p_values) - rank)))
        adjusted[index] = highest
    return adjusted


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Benjamini and Hochberg's adjusted p-values, in the order given: below 0.05, few of the marks are likely false."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__, reverse=True)
    adjusted = [0.0] * len(p_values)
    lowest = 1.0
    for place, index in enumerate(order):
        lowest = min(lowest, p_values[index] * len(p_values) / (len(p_values) - place))
        adjusted[index] = lowest
    return adjusted


def _z(confidence: float) -> float:
    return NormalDist().inv_cdf((1 + confidence) / 2)
