"""Stacked bars: a row per period, its parts from dark to light in one order, named above. Pure, as `charts.py` is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chalicelib.web import charts_svg as svg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from chalicelib.web.charts import Tick

SHADES: Final = ("#173f57", "#3f7fa8", "#8fb8d1", "#cfe0ea", "#ffffff")
"""Told apart by lightness alone, so also in black and white."""
_BAR: Final = 26
_ROW: Final = 62
_KEY: Final = 24
_FOOT: Final = 24


@dataclass(frozen=True, slots=True)
class Stack:
    """A row: its name, its total as text, and its parts as fractions of the axis, in the order of the names.

    `beneath` is what stands under the bar, such as the parts in numbers.
    """

    label: str
    number: str
    parts: tuple[float, ...]
    beneath: tuple[str, ...] = ()


def stacks(
    rows: Sequence[Stack], names: Sequence[str], *, chart: str, title: str, description: str, ticks: Sequence[Tick]
) -> Markup:
    """The rows under the names of their parts; there are at most as many parts as shades."""
    marks, y = [], 4.0
    for name, shade in zip(names, SHADES, strict=False):
        marks += [svg.box(0, 0.04, y, 14, fill=shade), svg.text(0.06, y + 12, name, small=True)]
        y += _KEY
    start, drawn = y, []
    for row in rows:
        drawn += [svg.text(0, y + 16, row.label, bold=True), svg.text(1, y + 16, row.number, anchor="end", bold=True)]
        left = 0.0
        for part, shade in zip(row.parts, SHADES, strict=False):
            if part:
                drawn.append(svg.box(left, left + part, y + 22, _BAR, fill=shade))
            left += part
        for place, text in enumerate(row.beneath, start=1):
            drawn.append(svg.text(0, y + 22 + _BAR + place * svg.LINE_HEIGHT - 4, text, small=True))
        y += _ROW + len(row.beneath) * svg.LINE_HEIGHT
    for tick in ticks:
        marks.append(svg.line(tick.at, start, tick.at, y - 6, ink=svg.GRID))
        marks.append(svg.text(tick.at, y + svg.LINE_HEIGHT - 8, tick.label, anchor=svg.anchored(tick.at), small=True))
    return svg.drawing(chart, y + _FOOT - 4, title, description, [*marks, *drawn])
