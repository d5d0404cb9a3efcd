"""Which changes a reader is told of first: the certain ones, each told once (GL-50, GL-59)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalicelib.reporting.cell import Cell, Measure
from chalicelib.reporting.model import ALL
from chalicelib.reporting.statistics import ChangeStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.reporting.service import Overview

MOST_DEVELOPMENTS: Final = 3
MOST_ROWS: Final = 10
"""More rows are better read as a table."""
_NEARLY_ALL: Final = 0.8
"""A group with so much of all answers moves with them: that it moved too is no second finding."""


def certain_developments(overview: Overview) -> list[Cell]:
    """The changes that are certain, clearest first, at most three.

    Stricter than the asterisk: one of many comparisons is only stated here when it also holds after the adjustment for
    how many there were (GL-59). Where everybody's change is stated, a group that is nearly everybody is left out, as
    all e-mails are of a question that only e-mails are asked.
    """
    versions = {question.id: question.version for question in overview.questions}
    holding = overview.multiplicity.adjusted
    certain = [
        cell
        for cell in overview.cells
        if cell.measure is Measure.SHARE
        and cell.change_status is ChangeStatus.SIGNIFICANT
        and cell.question_version == versions[cell.question]
        and (cell.dimension, cell.value, cell.question) in holding
    ]
    everyone = {cell.question: cell.n or 0 for cell in certain if cell.dimension == ALL}
    told = [
        cell
        for cell in certain
        if cell.dimension == ALL or (cell.n or 0) < _NEARLY_ALL * everyone.get(cell.question, float("inf"))
    ]
    return sorted(told, key=lambda cell: cell.p_value or 0.0)[:MOST_DEVELOPMENTS]


def moved_most(cells: Sequence[Cell]) -> list[Cell]:
    """At most ten of the cells in their order: the first, then what changed for certain, then the largest changes."""
    importance = sorted(
        range(len(cells)), key=lambda at: (at > 0, not cells[at].significant, -abs(cells[at].change or 0.0))
    )
    return [cells[at] for at in sorted(importance[:MOST_ROWS])]
