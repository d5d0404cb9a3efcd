"""What a number of answers can show: the smallest change that a comparison would probably find, and when to stop.

The normal approximation for two shares, as in Fleiss, Levin and Paik, "Statistical Methods for Rates and Proportions",
section 4.2, without continuity correction, to go with the test that marks changes (GL-47).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.statistics import CONFIDENCE, Margin, margin_of_error

if TYPE_CHECKING:
    from collections.abc import Callable

POWER: Final = 0.8
_STEPS: Final = 60
"""Bisections: more than doubles can tell apart."""


@dataclass(frozen=True, slots=True)
class Collected:
    """How far a first conclusion is (SK-17): the margin of the answers so far, and how many it takes."""

    margin: Margin
    needed: int

    @property
    def enough(self) -> bool:
        """True once the margin wanted is reached."""
        return self.margin.n >= self.needed


def smallest_detectable_change(share: float, before: int, after: int, *, power: float = POWER) -> float | None:
    """The smallest rise or fall from `share` that a test of two such bases finds with that power, as a fraction.

    Of rise and fall the larger is given, so the promise holds for both. None where not even 0 or 1 would be found.

    Raises:
        ValueError: a base is not positive, or `share` is no fraction.
    """
    if min(before, after) <= 0 or not 0 <= share <= 1:
        raise ValueError("needs two bases and a fraction")

    def finds(later: float) -> bool:
        return power_of(share, later, before, after) >= power

    found = [change for end in (0.0, 1.0) if (change := _detectable(share, end, finds)) is not None]
    return max(found, default=None)


def power_of(share: float, later: float, before: int, after: int) -> float:
    """The chance that the test finds a change from `share` to `later`."""
    critical = _z((1 + CONFIDENCE) / 2)
    pooled = (before * share + after * later) / (before + after)
    null = sqrt(pooled * (1 - pooled) * (1 / before + 1 / after))
    real = sqrt(share * (1 - share) / before + later * (1 - later) / after)
    shift = abs(later - share)
    if real == 0:
        return 1.0 if shift > critical * null else 0.0
    normal = NormalDist()
    return normal.cdf((shift - critical * null) / real) + normal.cdf((-shift - critical * null) / real)


def collected(n: int, *, margin: float) -> Collected | None:
    """Whether `n` answers carry a first conclusion with that margin, in the worst case of 50 %; None without answers.

    Raises:
        ValueError: the margin is no fraction above 0.
    """
    if not 0 < margin < 1:
        raise ValueError("a margin is a fraction above 0")
    needed = ceil((_z((1 + CONFIDENCE) / 2) / (2 * margin)) ** 2)
    return Collected(margin_of_error(n), needed) if n > 0 else None


def _detectable(share: float, end: float, finds: Callable[[float], bool]) -> float | None:
    """The smallest change towards `end` that is found, by bisection."""
    if end == share or not finds(end):
        return None
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if finds(share + (end - share) * middle):
            high = middle
        else:
            low = middle
    return abs(end - share) * high


def _z(probability: float) -> float:
    return NormalDist().inv_cdf(probability)
