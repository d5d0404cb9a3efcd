"""Changes in the mix: what each group adds to a change (GL-41), and the figure with the mix held still (GL-22, GL-57).

Always beside the raw figure, never instead of it. Groups partition the answers (such as departments).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

from chalicelib.reporting.statistics import CONFIDENCE, Interval, Proportion

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a group adds to the change of the total, in fractions: by its own change, and by its share of the answers.

    The sum of `own` and `mix` over all groups is the change of the total, exactly.
    """

    group: str
    own: float
    mix: float

    @property
    def total(self) -> float:
        """Both parts."""
        return self.own + self.mix


@dataclass(frozen=True, slots=True)
class Standardised:
    """A share as it would be with the weights given; `raw` is what was measured. `groups` had answers."""

    share: float
    interval: Interval
    raw: float
    n: int
    groups: int


def contributions(before: Mapping[str, Proportion], after: Mapping[str, Proportion]) -> list[Contribution]:
    """The change of the total, split by group; the largest first.

    A group's own part is its change times its mean weight; its mix part is the change of its weight times how far its
    mean share lies from the mean total (Kitagawa 1955), so a group that only grew is told from one that got better. A
    group in one of the two only can't have changed: all of it is mix.
    """
    weight_0, weight_1 = _weights(before), _weights(after)
    total_0, total_1 = _total(before), _total(after)
    middle = (total_0 + total_1) / 2
    parts = []
    for group in {**before, **after}:
        share_0, share_1 = _share(before, after, group), _share(after, before, group)
        w0, w1 = weight_0.get(group, 0.0), weight_1.get(group, 0.0)
        own = (share_1 - share_0) * (w0 + w1) / 2
        mix = (w1 - w0) * ((share_0 + share_1) / 2 - middle)
        parts.append(Contribution(group, own, mix))
    return sorted(parts, key=lambda part: (-abs(part.total), part.group))


def standardised(groups: Mapping[str, Proportion], weights: Mapping[str, float]) -> Standardised | None:
    """The share with each group weighted by `weights` (the population's, or a common mix), with its interval.

    None when a weighted group has no answers: then there is nothing to weight. Weights need not add up to 1. The
    interval is the normal one of a stratified sample (Cochran, "Sampling Techniques", 5.6).
    """
    wanted = {group: weight for group, weight in weights.items() if weight > 0}
    if not wanted or any(group not in groups for group in wanted):
        return None
    whole = sum(wanted.values())
    share = sum(weight / whole * groups[group].share for group, weight in wanted.items())
    variance = sum((weight / whole) ** 2 * _variance(groups[group]) for group, weight in wanted.items())
    half = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * sqrt(variance)
    n = sum(groups[group].n for group in wanted)
    return Standardised(share, Interval(share - half, share + half).within(0, 1), _total(groups), n, len(wanted))


def _variance(proportion: Proportion) -> float:
    """Of a share, with the Agresti-Coull centre: a group in which all agree is not certain for that."""
    n = proportion.n + 4
    share = (proportion.count + 2) / n
    return share * (1 - share) / n


def _weights(groups: Mapping[str, Proportion]) -> dict[str, float]:
    n = sum(each.n for each in groups.values())
    return {group: each.n / n for group, each in groups.items()}


def _total(groups: Mapping[str, Proportion]) -> float:
    n = sum(each.n for each in groups.values())
    return sum(each.count for each in groups.values()) / n if n else 0.0


def _share(first: Mapping[str, Proportion], second: Mapping[str, Proportion], group: str) -> float:
    return (first[group] if group in first else second[group]).share
