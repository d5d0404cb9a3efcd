"""A finding and its follow-up as two dots with their intervals, on the scale of the question."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.actions.results import Outcome
from chalicelib.reporting.cell import Measure
from chalicelib.web.charts import Tick
from chalicelib.web.charts_points import Estimate, estimates
from chalicelib.web.formats import month_name, number

if TYPE_CHECKING:
    from markupsafe import Markup

    from chalicelib.entrypoints.actions.reading import ActionView
    from chalicelib.entrypoints.actions.words import Words
    from chalicelib.reporting.cell import Cell
    from chalicelib.reporting.followed import Followed


def drawn_result(words: Words, view: ActionView) -> Markup | None:
    """The result that the page is about; None where two figures may not stand beside each other."""
    result = view.result or next((each for _, each in reversed(view.concluded) if each), None)
    before = view.baseline.cell if view.baseline else None
    if result is None or before is None or result.figure.cell is None or view.baseline is None:
        return None
    if result.outcome in {Outcome.OTHER_WORDING, Outcome.HIDDEN}:
        return None
    now = result.figure.cell
    rows = [_row(words, view.baseline, before), replace(_row(words, result.figure, now), sure=True)]
    low, high = _scale(now)
    ticks = [Tick(at, words.value(low + at * (high - low), now)) for at in (0.0, 0.5, 1.0)]
    described = "; ".join(f"{row.label}: {row.number}" for row in rows)
    return estimates(
        rows, chart="action-result", title=words.before_and_after(), description=described, ticks=ticks, zero=rows[0].at
    )


def _row(words: Words, found: Followed, cell: Cell) -> Estimate:
    low, high = _scale(cell)

    def at(value: float | None) -> float | None:
        return None if value is None else (value - low) / (high - low)

    return Estimate(
        label=month_name(found.period, words.language).capitalize(),
        number=words.value(cell.number, cell) + ("*" if cell.significant else ""),
        base=(f"n = {number(cell.n or 0, words.language)}",),
        at=at(cell.number) or 0.0,
        low=at(cell.ci_low),
        high=at(cell.ci_high),
    )


def _scale(cell: Cell) -> tuple[float, float]:
    if cell.measure is Measure.MEAN and cell.scale_min is not None and cell.scale_max is not None:
        return float(cell.scale_min), float(cell.scale_max)
    return 0.0, 1.0
