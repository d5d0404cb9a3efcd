"""One published figure, whatever it is of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.reporting.statistics import BaseStatus, ChangeStatus

FUNNEL_DIMENSION: Final = "funnel"


class Measure(StrEnum):
    """What a cell's number is."""

    SHARE = "share"
    """Favourable answers of all answers."""
    UNFAVOURABLE = "share_unfavourable"
    """Unfavourable answers of all answers."""
    MEAN = "mean"
    """The mean of a numeric scale; its `n` leaves out those who don't know."""
    RATE = "rate"
    """A funnel step's contacts of the step before, or another operational share."""
    ASSOCIATION = "association"
    """How many more are satisfied where a fact holds, others being equal (`change`); it holds for `count` of `n`."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One published figure. `change` is this period's value − `previous`.

    `significant` is None where nothing was tested: no earlier figure, a small base (GL-53), another wording or scale,
    or a period that still runs. `served` are all contacts of the group, answered or not.
    """

    dimension: str
    value: str
    question: str
    measure: Measure
    base_status: BaseStatus
    question_version: str = ""
    count: int | None = None
    n: int | None = None
    share: float | None = None
    mean: float | None = None
    scale_min: int | None = None
    scale_max: int | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    served: int | None = None
    previous: float | None = None
    previous_n: int | None = None
    change: float | None = None
    change_low: float | None = None
    change_high: float | None = None
    p_value: float | None = None
    significant: bool | None = None
    change_status: ChangeStatus | None = None

    @property
    def number(self) -> float | None:
        """The share or the mean."""
        return self.mean if self.measure is Measure.MEAN else self.share


def find(
    made: Iterable[Cell], dimension: str, question: str, measure: Measure = Measure.SHARE, value: str | None = None
) -> list[Cell]:
    """The cells of one dimension, question and measure, and of one value where asked."""
    return [
        cell
        for cell in made
        if (cell.dimension, cell.question, cell.measure) == (dimension, question, measure)
        and value in {None, cell.value}
    ]
