"""Charts of estimates on a line with a zero, and of weeks against what chance explains. Pure, as `charts.py` is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from chalicelib.web import charts_svg as svg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from chalicelib.web.charts import Tick

_GAP: Final = 12
_BASE_WIDTH: Final = 40
"""Characters of a small line that fit at 360 px."""
_HEIGHT: Final = 230
_FOOT: Final = 24
_TOP: Final = 18.0
"""Room for the numbers of events."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A row: its place and the ends of its interval as fractions of the axis. `sure` is drawn filled, else hollow."""

    label: str
    number: str
    base: tuple[str, ...]
    at: float
    low: float | None = None
    high: float | None = None
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """A week of a series: fractions of the height; `marked` stands out, `name` is written under it where given.

    `week` counts the weeks since the first one, so that a week that is not shown leaves its place empty.
    """

    week: int
    at: float
    low: float | None
    high: float | None
    centre: float | None
    marked: bool = False
    pale: bool = False
    name: str = ""


def estimates(
    rows: Sequence[Estimate], *, chart: str, title: str, description: str, ticks: Sequence[Tick], zero: float
) -> Markup:
    """One line per row with its dot and interval; the line of "no difference" runs through all of them."""
    drawn: list[Markup] = []
    y = 0.0
    for row in rows:
        marks, y = _row(row, y)
        drawn += marks
    y -= _GAP
    axis = [svg.line(tick.at, 4, tick.at, y, ink=svg.GRID) for tick in ticks]
    names = [
        svg.text(tick.at, y + svg.LINE_HEIGHT - 4, tick.label, anchor=svg.anchored(tick.at), small=True)
        for tick in ticks
    ]
    axis.append(svg.line(zero, 4, zero, y, width=1.5))
    return svg.drawing(chart, y + _FOOT, title, description, [*axis, *drawn, *names])


def _row(row: Estimate, y: float) -> tuple[list[Markup], float]:
    marks = []
    for part in svg.wrapped(row.label):
        y += svg.LINE_HEIGHT
        marks.append(svg.text(0, y - 4, part, bold=True))
    marks.append(svg.text(1, y - 4, row.number, anchor="end", bold=True))
    y += 14
    if row.low is not None and row.high is not None:
        marks.append(svg.whisker(row.low, row.high, y))
    marks.append(svg.dot(row.at, y, fill=svg.FILL if row.sure else svg.BEFORE))
    y += 6
    for part in (line for text in row.base for line in svg.wrapped(text, _BASE_WIDTH)):
        y += svg.LINE_HEIGHT
        marks.append(svg.text(0, y - 4, part, small=True))
    return marks, y + _GAP


def series(
    stops: Sequence[Stop], *, chart: str, title: str, description: str, ticks: Sequence[Tick], events: Sequence[int]
) -> Markup:
    """Weeks from left to right: dots joined by a line, the centre, the limits dashed, events as numbered upright lines.

    Each week stands at its time, and only neighbours are joined: nothing is drawn where nothing is known. A marked week
    is a square as well as filled, told apart without colour. An event is the week before which its line stands.
    """
    top, weeks = _TOP, stops[-1].week + 1
    marks = [svg.hatch(chart)]
    for tick in ticks:
        y = top + (1 - tick.at) * _HEIGHT
        marks += [svg.line(0, y, 1, y, ink=svg.GRID), svg.text(0, y - 4, tick.label, small=True)]
    marks += _events(events, weeks)
    for one, two in pairwise(stops):
        if two.week - one.week == 1:
            marks += _joined(one, two, weeks)
    half = 0.35 / (weeks + 1)
    for stop in stops:
        x = _x(stop.week, weeks)
        if stop.marked:
            marks.append(svg.box(x - half, x + half, _y(stop.at) - 8, 16, fill=svg.INK))
        else:
            marks.append(svg.dot(x, _y(stop.at), fill=svg.BEFORE if stop.pale else svg.FILL, radius=4.5))
        if stop.name:
            marks.append(svg.text(x, top + _HEIGHT + svg.LINE_HEIGHT, stop.name, anchor=svg.anchored(x), small=True))
    return svg.drawing(chart, top + _HEIGHT + _FOOT + 4, title, description, marks)


def _joined(one: Stop, two: Stop, weeks: int) -> list[Markup]:
    start, end = _x(one.week, weeks), _x(two.week, weeks)
    marks = [svg.line(start, _y(one.at), end, _y(two.at), ink=svg.FILL, width=2)]
    for name in ("low", "high", "centre"):
        left, right = getattr(one, name), getattr(two, name)
        if left is not None and right is not None:
            marks.append(svg.line(start, _y(left), end, _y(right), ink=svg.MUTED, dashed=name != "centre", width=1.5))
    return marks


def _events(events: Sequence[int], weeks: int) -> list[Markup]:
    marks = []
    for number, before in enumerate(events, start=1):
        at = _x(before - 0.5, weeks)
        marks.append(svg.line(at, _TOP, at, _TOP + _HEIGHT, ink=svg.OUTLINE, dashed=True, width=2))
        marks.append(svg.text(at, _TOP - 4, str(number), anchor="middle", bold=True))
    return marks


def _x(week: float, weeks: int) -> float:
    return (week + 1.2) / (weeks + 1.2)


def _y(fraction: float) -> float:
    return _TOP + (1 - fraction) * _HEIGHT
