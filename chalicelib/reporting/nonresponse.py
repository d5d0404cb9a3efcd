"""Who did not answer: facts exist for everyone served, so beside each score stands what the silent could change.

No claim is made about the silent. What is computed is how different they would have to be to overturn a finding
(a tipping point, as in Little and Rubin, "Statistical Analysis with Missing Data", 1.3), and how unlike the served the
answerers are in what is known of both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.statistics import Comparison, Proportion, compare_shares

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTABLE: Final = 0.05
"""A difference of shares that is worth a line beside the figure."""


@dataclass(frozen=True, slots=True)
class TippingPoint:
    """What share of the silent would have to be favourable for the whole to reach `limit`.

    `needed` is None where even all or none of the silent would not: the finding stands whatever they think.
    """

    limit: float
    answered: int
    served: int
    share: float
    needed: float | None

    @property
    def response(self) -> float:
        """Answers of everyone served."""
        return self.answered / self.served

    @property
    def gap(self) -> float | None:
        """How far the silent would have to lie from those who answered."""
        return None if self.needed is None else self.needed - self.share


@dataclass(frozen=True, slots=True)
class Representation:
    """A group's part of the answers against its part of the others served, with the test of their difference."""

    value: str
    answers: Proportion
    silent: Proportion
    comparison: Comparison

    @property
    def notable(self) -> bool:
        """Certainly different, and by enough to matter."""
        return self.comparison.significant and abs(self.comparison.difference) >= NOTABLE


def tipping_point(answers: Proportion, served: int, limit: float) -> TippingPoint | None:
    """See `TippingPoint`; None when everyone answered, or more answers than served contacts are on record."""
    silent = served - answers.n
    if silent <= 0:
        return None
    needed = (limit * served - answers.count) / silent
    possible = 0 <= needed <= 1
    return TippingPoint(limit, answers.n, served, answers.share, needed if possible else None)


def representation(answers: Mapping[str, int], served: Mapping[str, int]) -> list[Representation]:
    """Each group's part of the answers and of the silent, the most different first.

    The silent are the served less those who answered; groups with more answers than served contacts (facts that came
    late) are left out, and nothing is said when nobody was silent.
    """
    known = {value: n for value, n in served.items() if n >= answers.get(value, 0)}
    heard = sum(answers.get(value, 0) for value in known)
    quiet = {value: n - answers.get(value, 0) for value, n in known.items()}
    silent = sum(quiet.values())
    if not heard or not silent:
        return []
    made = []
    for value in known:
        part = Proportion(answers.get(value, 0), heard)
        other = Proportion(quiet[value], silent)
        made.append(Representation(value, part, other, compare_shares(other, part)))
    return sorted(made, key=lambda each: (-abs(each.comparison.difference), each.value))
