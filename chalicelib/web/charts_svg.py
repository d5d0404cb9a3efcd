"""The few SVG marks that every chart is drawn with, so that order, gaps and alignment are the same in all of them.

Horizontal positions are percentages of the drawing, vertical ones pixels: the drawing follows the width of the page
while text keeps its size, also at 360 px. Presentation attributes only, because the content security policy forbids
inline styles. One hue, grey for before, lightness and hatching for small bases, an outline on every mark: nothing
depends on telling red from green, or on colour at all.
"""

from __future__ import annotations

from typing import Final

from markupsafe import Markup

INK: Final = "#1a1a1a"
MUTED: Final = "#595959"
GRID: Final = "#d9d9d9"
FILL: Final = "#3f7fa8"
PALE: Final = "#e6eff5"
OUTLINE: Final = "#173f57"
BEFORE: Final = "#ffffff"
TEXT_SIZE: Final = 15
SMALL_TEXT_SIZE: Final = 14
LINE_HEIGHT: Final = 20


def percent(fraction: float) -> str:
    """A horizontal position; what lies outside the drawing is put on its edge."""
    return f"{min(max(fraction, 0.0), 1.0) * 100:.2f}%"


def text(x: float, y: float, content: str, *, anchor: str = "start", bold: bool = False, small: bool = False) -> Markup:
    """A line of text whose baseline is `y`."""
    size, ink = (SMALL_TEXT_SIZE, MUTED) if small else (TEXT_SIZE, INK)
    return Markup(
        '<text x="{x}" y="{y:g}" font-size="{size}" fill="{ink}" text-anchor="{anchor}"{weight}>{content}</text>'
    ).format(
        x=percent(x),
        y=y,
        size=size,
        ink=ink,
        anchor=anchor,
        weight=Markup(' font-weight="600"') if bold else "",
        content=content,
    )


def line(
    x1: float, y1: float, x2: float, y2: float, *, ink: str = INK, width: float = 1, dashed: bool = False
) -> Markup:
    """A straight line."""
    return Markup('<line x1="{}" y1="{:g}" x2="{}" y2="{:g}" stroke="{}" stroke-width="{:g}"{}/>').format(
        percent(x1), y1, percent(x2), y2, ink, width, Markup(' stroke-dasharray="4 3"') if dashed else ""
    )


def box(x1: float, x2: float, y: float, height: float, *, fill: str) -> Markup:
    """A rectangle with an outline; at least a hair wide, so that a small number is seen."""
    width = max(min(x2, 1.0) - max(x1, 0.0), 0.002)
    return Markup('<rect x="{}" y="{:g}" width="{}" height="{:g}" fill="{}" stroke="{}" stroke-width="1.5"/>').format(
        percent(x1), y, percent(width), height, fill, OUTLINE
    )


def dot(x: float, y: float, *, fill: str, radius: float = 7) -> Markup:
    """A round mark with an outline."""
    return Markup('<circle cx="{}" cy="{:g}" r="{:g}" fill="{}" stroke="{}" stroke-width="2"/>').format(
        percent(x), y, radius, fill, OUTLINE
    )


def whisker(low: float, high: float, y: float) -> Markup:
    """An interval: a line with a cap at each end, on a pale line so that it also shows on the bar."""
    marks = [line(low, y, high, y, ink="#ffffff", width=5), line(low, y, high, y, width=2)]
    marks += [line(end, y - 5, end, y + 5, width=2) for end in (low, high)]
    return Markup("").join(marks)


def hatch(chart: str) -> Markup:
    """The pattern of small bases; each drawing has its own, because ids are unique on a page."""
    return Markup(
        '<defs><pattern id="{id}-hatch" width="7" height="7" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="7" height="7" fill="{pale}"/>'
        '<line x1="0" y1="0" x2="0" y2="7" stroke="{ink}" stroke-width="2"/></pattern></defs>'
    ).format(id=chart, pale=PALE, ink=FILL)


def drawing(chart: str, height: float, title: str, description: str, marks: list[Markup]) -> Markup:
    """The SVG, with its title and description for those who don't see it."""
    return Markup(
        '<svg id="{id}" class="bp-chart" role="img" aria-labelledby="{id}-title {id}-desc" width="100%" '
        'height="{height:g}" overflow="visible"><title id="{id}-title">{title}</title>'
        '<desc id="{id}-desc">{description}</desc>{marks}</svg>'
    ).format(id=chart, height=height, title=title, description=description, marks=Markup("").join(marks))


def wrapped(label: str, most: int = 30) -> list[str]:
    """The label in lines of at most `most` characters, broken between words."""
    lines = [""]
    for word in label.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= most or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def anchored(x: float) -> str:
    """Where a text at `x` is held, so that it stays inside the drawing."""
    if x < 0.15:  # noqa: PLR2004 - the outer sevenths
        return "start"
    return "end" if x > 0.85 else "middle"  # noqa: PLR2004
