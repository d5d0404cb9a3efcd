"""How many tests were made, and what remains when that is taken into account (GL-59)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.reporting.cell import Cell, Measure
from chalicelib.reporting.statistics import SIGNIFICANCE_LEVEL, benjamini_hochberg, holm

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Multiplicity:
    """How many changes were tested, how many are significant, and how many stay so after an adjustment (GL-59)."""

    tested: int
    significant: int
    adjusted: frozenset[tuple[str, str, str]]
    """(dimension, value, question) of the shares whose change holds after Benjamini and Hochberg's adjustment."""
    certain: int
    """How many hold after Holm's, under which probably none of them is due to chance."""


def multiplicity(made: Sequence[Cell]) -> Multiplicity:
    """Of the changes of shares among these figures."""
    tested = [cell for cell in made if cell.measure is Measure.SHARE and cell.p_value is not None]
    p_values = [cell.p_value or 0.0 for cell in tested]
    adjusted = benjamini_hochberg(p_values)
    holding = [cell for cell, p in zip(tested, adjusted, strict=True) if p < SIGNIFICANCE_LEVEL]
    return Multiplicity(
        tested=len(tested),
        significant=sum(bool(cell.significant) for cell in tested),
        adjusted=frozenset((cell.dimension, cell.value, cell.question) for cell in holding),
        certain=sum(p < SIGNIFICANCE_LEVEL for p in holm(p_values)),
    )
