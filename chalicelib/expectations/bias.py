"""How far earlier estimates were from what came, and what that makes of a new one (BF-18). Pure.

By the middle one of the earlier ratios, and by the smallest and largest as its uncertainty. If the next estimate is
like those before, it falls between these two with chance (n - 1) / (n + 1), whatever the ratios' distribution (ADR 37).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from chalicelib.expectations.model import Estimate, Kind


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of some numbers, their range, and how many they are."""

    middle: Decimal
    low: Decimal
    high: Decimal
    n: int

    @property
    def chance(self) -> Decimal:
        """That the next of the same sort falls between `low` and `high`."""
        return Decimal(self.n - 1) / (self.n + 1)

    def of(self, estimate: Decimal) -> Spread:
        """The corrected estimate with its uncertainty, where this is the spread of ratios."""
        return Spread(estimate * self.middle, estimate * self.low, estimate * self.high, self.n)


def settled(estimates: Iterable[Estimate], today: date, *, before: date | None = None) -> list[Estimate]:
    """Those that are over and were counted; with `before` only those that were over by then."""
    return [each for each in estimates if each.counts and each.is_over(min(today, before or today))]


def bias_of(earlier: Iterable[Estimate]) -> Spread | None:
    """Actual by estimate of earlier estimates of every kind; None without any."""
    return spread_of(each.ratio for each in earlier if each.ratio is not None)


def weekly_of(earlier: Iterable[Estimate], kind: Kind) -> Spread | None:
    """The contacts that came in a counted week of earlier estimates of a kind; None without any."""
    return spread_of(Decimal(each.actual) / len(each.counts) for each in earlier if each.content.kind is kind)


def per_hundred_of(earlier: Iterable[Estimate]) -> Spread | None:
    """The contacts that came for a hundred letters; None without earlier letters."""
    found = ((each.content.per_hundred, each.ratio) for each in earlier if each.content.letters)
    return spread_of(per_hundred * ratio for per_hundred, ratio in found if ratio is not None)


def spread_of(values: Iterable[Decimal]) -> Spread | None:
    """None of nothing."""
    found = sorted(values)
    return Spread(median(found), found[0], found[-1], len(found)) if found else None
