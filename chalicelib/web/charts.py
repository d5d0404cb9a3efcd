"""Charts as inline SVG from plain values: pure functions, no JavaScript, no styles of their own (design 4.8).

A chart knows nothing of statistics: it is given fractions of its axis, texts that are already written in the reader's
language, and which marks are pale. `figure` puts it into a figure with its caption, its notes, the table of the same
numbers and the file to download (GL-60).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from chalicelib.web import charts_svg as svg

if TYPE_CHECKING:
    from collections.abc import Sequence

_BAR: Final = 18
_GAP: Final = 16
_FOOT: Final = 24
_DOTS_ROW: Final = 76
_COLUMNS_HEIGHT: Final = 170


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a bar chart. `value`, `low` and `high` are fractions of the axis; without a value no bar is drawn.

    `number` stands at the mark (`84 %*`), `base` under it (`n = 96`), `aside` opposite the base (the change).
    """

    label: str
    number: str
    base: str
    aside: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    pale: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """A named position on an axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Dots:
    """A row of a before-and-after chart; `before` is None when there is nothing to compare with."""

    label: str
    number: str
    base: str
    after: float
    before: float | None
    pale: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a distribution: its fraction of the axis, the number on top, the name beneath."""

    label: str
    number: str
    value: float


@dataclass(frozen=True, slots=True)
class Table:
    """The same numbers as a table; the first cell of a row names it.

    `links`, where given, is one address per row, of the page that shows how its figure comes about; empty: none.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    links: tuple[str, ...] = ()


def bars(
    rows: Sequence[Bar], *, chart: str, title: str, description: str, ticks: Sequence[Tick], average: Tick | None = None
) -> Markup:
    """Horizontal bars from zero, each with its label above, its interval as a whisker and its base beneath."""
    average = average if any(_meets_average(row) for row in rows) else None
    y = float(svg.LINE_HEIGHT + 6 if average else 4)
    start, marks, grid = y, [], []
    for row in rows:
        top, (drawn, y) = y, _bar(row, y, chart)
        marks += drawn
        if average and _meets_average(row):
            marks.append(svg.line(average.at, top - 4, average.at, y - _GAP, dashed=True, width=1.5))
    y -= _GAP - 6
    for tick in ticks:
        grid.append(svg.line(tick.at, start, tick.at, y, ink=svg.GRID))
        marks.append(svg.text(tick.at, y + svg.LINE_HEIGHT - 4, tick.label, anchor=svg.anchored(tick.at), small=True))
    if average:
        marks.append(svg.text(average.at, start - 10, average.label, anchor=svg.anchored(average.at), small=True))
    return svg.drawing(chart, y + _FOOT, title, description, [svg.hatch(chart), *grid, *marks])


def _meets_average(row: Bar) -> bool:
    """The line of the average stops at small bases: they are not compared with it (GL-53)."""
    return row.value is not None and not row.pale


def _bar(row: Bar, y: float, chart: str) -> tuple[list[Markup], float]:
    marks = []
    for part in svg.wrapped(row.label):
        y += svg.LINE_HEIGHT
        marks.append(svg.text(0, y - 6, part, bold=True))
    marks.append(svg.text(1, y - 6, row.number, anchor="end", bold=row.value is not None))
    if row.value is not None:
        marks.append(svg.box(0, row.value, y, _BAR, fill=f"url(#{chart}-hatch)" if row.pale else svg.FILL))
        if row.low is not None and row.high is not None:
            marks.append(svg.whisker(row.low, row.high, y + _BAR / 2))
        y += _BAR
    marks.append(svg.text(0, y + svg.LINE_HEIGHT - 4, row.base, small=True))
    if row.aside:
        marks.append(svg.text(1, y + svg.LINE_HEIGHT - 4, row.aside, anchor="end", small=True))
    return marks, y + svg.LINE_HEIGHT + _GAP


def change(rows: Sequence[Dots], *, chart: str, title: str, description: str, ticks: Sequence[Tick]) -> Markup:
    """Before and after as two dots on one line: hollow before, filled now. Says change better than two bars."""
    height = len(rows) * _DOTS_ROW
    marks = [svg.hatch(chart)]
    for tick in ticks:
        marks.append(svg.line(tick.at, 4, tick.at, height, ink=svg.GRID))
        marks.append(
            svg.text(tick.at, height + svg.LINE_HEIGHT - 4, tick.label, anchor=svg.anchored(tick.at), small=True)
        )
    for index, row in enumerate(rows):
        marks += _dots(row, index * _DOTS_ROW, chart)
    return svg.drawing(chart, height + _FOOT, title, description, marks)


def _dots(row: Dots, top: float, chart: str) -> list[Markup]:
    y = top + svg.LINE_HEIGHT + 14
    marks = [
        svg.text(0, top + svg.LINE_HEIGHT - 4, row.label, bold=True),
        svg.text(1, top + svg.LINE_HEIGHT - 4, row.number, anchor="end", bold=True),
        svg.line(0, y, 1, y, ink=svg.GRID),
    ]
    if row.before is not None:
        marks += [svg.line(row.before, y, row.after, y, ink=svg.OUTLINE, width=4)]
        marks += [svg.dot(row.before, y, fill=svg.BEFORE)]
    marks.append(svg.dot(row.after, y, fill=f"url(#{chart}-hatch)" if row.pale else svg.FILL))
    marks.append(svg.text(0, y + 24, row.base, small=True))
    return marks


def columns(rows: Sequence[Column], *, chart: str, title: str, description: str) -> Markup:
    """A distribution: columns that touch, because their classes do."""
    width, top = 1 / len(rows), svg.LINE_HEIGHT
    tallest = max((row.value for row in rows), default=0) or 1
    marks = []
    for index, row in enumerate(rows):
        height = max(row.value / tallest * _COLUMNS_HEIGHT, 1)
        left, foot = index * width, top + _COLUMNS_HEIGHT
        centre = left + width / 2
        marks.append(svg.box(left, left + width, foot - height, height, fill=svg.FILL))
        marks.append(svg.text(centre, foot - height - 6, row.number, anchor="middle"))
        marks.append(svg.text(centre, foot + svg.LINE_HEIGHT - 2, row.label, anchor="middle", small=True))
    marks.append(svg.line(0, top + _COLUMNS_HEIGHT, 1, top + _COLUMNS_HEIGHT, width=2))
    return svg.drawing(chart, top + _COLUMNS_HEIGHT + _FOOT, title, description, marks)


def figure(
    drawing: Markup,
    *,
    caption: str,
    table: Table,
    table_label: str,
    download: tuple[str, str] | None = None,
    notes: Sequence[str] = (),
) -> Markup:
    """The chart with everything that belongs to it; `download` is (address, text) of the file with its numbers."""
    parts = [Markup('<figure class="bp-figure"><figcaption>{}</figcaption>{}').format(caption, drawing)]
    parts += [Markup('<p class="bp-note">{}</p>').format(note) for note in notes]
    parts.append(Markup('<details class="bp-data"><summary>{}</summary>').format(table_label))
    parts.append(as_table(table, caption))
    if download:
        parts.append(Markup('<p><a href="{}" download>{}</a></p>').format(*download))
    parts.append(Markup("</details></figure>"))
    return Markup("").join(parts)


def as_table(table: Table, caption: str) -> Markup:
    """The table, in a frame that scrolls on a narrow screen and that the keyboard reaches."""
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(cell) for cell in table.head)
    links = table.links or ("",) * len(table.rows)
    rows = Markup("").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            Markup('<a href="{}">{}</a>').format(link, row[0]) if link else row[0],
            Markup("").join(Markup("<td>{}</td>").format(cell) for cell in row[1:]),
        )
        for row, link in zip(table.rows, links, strict=True)
    )
    return Markup(
        '<div class="bp-table-frame" role="region" aria-label="{caption}" tabindex="0"><table class="bp-table">'
        '<caption class="sr-only">{caption}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    ).format(caption=caption, head=head, rows=rows)
