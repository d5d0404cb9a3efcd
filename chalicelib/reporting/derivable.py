"""What follows from sums whose values are known: linear algebra on the unknowns alone. Pure.

Rules of thumb protect a sum, and sums in a tree. Months, quarters and dimensions together are no tree, so what the
rules leave is checked here: an unknown is derivable if some combination of the sums leaves it alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

Unknown = TypeVar("Unknown", bound="Hashable")
_NOTHING: Final = 1e-9


def derivable(sums: Iterable[Mapping[Unknown, float]]) -> set[Unknown]:
    """The unknowns whose value follows. A sum maps its unknowns to their coefficients; its value is known."""
    rows: dict[Unknown, dict[Unknown, float]] = {}
    """The reduced sums by the unknown that each is solved for; no row holds another row's unknown."""
    for each in sums:
        row = {unknown: factor for unknown, factor in each.items() if factor}
        for unknown in [unknown for unknown in row if unknown in rows]:
            row = _less(row, rows[unknown], row[unknown])
        if not row:
            continue
        pivot = max(row, key=lambda unknown: abs(row[unknown]))
        row = {unknown: factor / row[pivot] for unknown, factor in row.items()}
        for other, found in rows.items():
            if pivot in found:
                rows[other] = _less(found, row, found[pivot])
        rows[pivot] = row
    return {pivot for pivot, row in rows.items() if len(row) == 1}


def _less(row: Mapping[Unknown, float], other: Mapping[Unknown, float], times: float) -> dict[Unknown, float]:
    """The row less a multiple of another."""
    made = dict(row)
    for unknown, factor in other.items():
        made[unknown] = made.get(unknown, 0.0) - times * factor
    return {unknown: factor for unknown, factor in made.items() if abs(factor) > _NOTHING}
