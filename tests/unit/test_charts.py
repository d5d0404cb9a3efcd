"""Charts as a browser and a screen reader get them: well-formed, named, safe under the content security policy."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from chalicelib.web import charts
from chalicelib.web.charts import Bar, Column, Dots, Table, Tick
from chalicelib.web.charts_points import Stop, series

SVG = "{http://www.w3.org/2000/svg}"
TICKS = (Tick(0, "0 %"), Tick(0.5, "50 %"), Tick(1, "100 %"))
BARS = (
    Bar("Rådhuset", "84 %*", "n = 96", "+6 point*", 0.84, 0.75, 0.9),
    Bar("Øens <servicepunkt> & venner", "70 %", "n = 12", "", 0.7, 0.4, 0.9, pale=True),
    Bar("Biblioteket", "", "ikke vist (for få svar)"),
)


def bars(**changes: object) -> str:
    facts = {
        "chart": "x",
        "title": "Tilfredshed",
        "description": "Rådhuset: 84 %",
        "ticks": TICKS,
        "average": Tick(0.8, "Alle: 80 %"),
    }
    return str(charts.bars(BARS, **{**facts, **changes}))  # type: ignore[arg-type]


def drawings() -> list[str]:
    dots = (
        Dots("Tilfredshed", "78 % → 84 %*", "n = 90 → 96", 0.8, 0.5),
        Dots("Nyt", "50 %", "n = 8", 0.2, None, pale=True),
    )
    columns = [Column("0–4", "60 %", 0.6), Column("5–9", "40 %", 0.4), Column("10+", "0 %", 0)]
    return [
        bars(),
        str(charts.change(dots, chart="c", title="Ændring", description="op", ticks=TICKS)),
        str(charts.columns(columns, chart="w", title="Ventetid", description="kort")),
    ]


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))  # noqa: S314 - our own text


@pytest.mark.requirement("GL-60")
@pytest.mark.parametrize("svg", drawings())
def test_a_chart_has_a_name_and_a_description(svg: str) -> None:
    root = parsed(svg)
    assert root.get("role") == "img"
    named = {element.get("id"): element.text for element in root if element.tag in {f"{SVG}title", f"{SVG}desc"}}
    assert [bool(named[id_]) for id_ in root.get("aria-labelledby", "").split()] == [True, True]


@pytest.mark.parametrize("svg", drawings())
def test_a_chart_needs_no_inline_style_and_no_script(svg: str) -> None:
    assert not re.search(r"\sstyle=|<style|<script|\son\w+=|href=", svg)


@pytest.mark.parametrize("svg", drawings())
def test_text_is_text_and_large_enough(svg: str) -> None:
    texts = parsed(svg).findall(f".//{SVG}text")
    assert texts
    assert min(float(text.get("font-size", "0")) for text in texts) >= 14


@pytest.mark.parametrize("svg", drawings())
def test_marks_have_outlines_and_one_hue(svg: str) -> None:
    root = parsed(svg)
    marks = [mark for mark in root.iter() if mark.tag in {f"{SVG}rect", f"{SVG}circle"} and mark.get("stroke")]
    assert marks
    for mark in marks:
        assert mark.get("stroke") == "#173f57"
    for colour in set(re.findall(r"#[0-9a-f]{6}", svg)):
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        assert blue >= green >= red, f"{colour} is neither grey nor blue"


@pytest.mark.requirement("GL-43", "GL-46", "GL-51")
def test_bars_carry_base_asterisk_interval_and_paleness() -> None:
    root = parsed(bars())
    texts = [text.text for text in root.findall(f".//{SVG}text")]
    for expected in ("84 %*", "n = 96", "+6 point*", "ikke vist (for få svar)", "Alle: 80 %"):
        assert expected in texts
    bodies = [mark for mark in root.findall(f"{SVG}rect") if mark.get("stroke")]
    assert [body.get("width") for body in bodies] == ["84.00%", "70.00%"]
    assert bodies[1].get("fill") == "url(#x-hatch)"


@pytest.mark.requirement("GL-53")
def test_the_average_line_stops_at_small_bases() -> None:
    dashed = [mark for mark in parsed(bars()).findall(f"{SVG}line") if mark.get("stroke-dasharray")]
    assert len(dashed) == 1
    small = str(charts.bars(BARS[1:], chart="x", title="t", description="d", ticks=(), average=Tick(0.8, "Alle: 80 %")))
    assert "Alle: 80 %" not in small


def test_what_lies_outside_stays_on_the_edge() -> None:
    row = Bar("Alt", "100 %", "n = 7", value=1.0, low=0.6, high=1.2)
    svg = str(charts.bars([row], chart="x", title="t", description="d", ticks=()))
    assert all(0 <= float(number) <= 100 for number in re.findall(r'="(-?[\d.]+)%"', svg))


def test_long_names_are_broken_between_words() -> None:
    row = Bar("Begravelseshjælp og attester fra folkeregisteret", "9 %", "n = 40", value=0.09)
    texts = [
        text.text
        for text in parsed(str(charts.bars([row], chart="x", title="t", description="d", ticks=()))).iter(f"{SVG}text")
    ]
    assert texts[:2] == ["Begravelseshjælp og attester", "fra folkeregisteret"]


@pytest.mark.requirement("GL-60")
def test_a_figure_comes_with_its_table_its_notes_and_its_file() -> None:
    table = Table(("Gruppe", "Andel"), (("Rådhuset <1>", "84 %*"),))
    figure = str(
        charts.figure(
            charts.columns([Column("0", "1", 1)], chart="w", title="t", description="d"),
            caption="Ventetid & mere",
            table=table,
            table_label="Se tallene",
            download=("/x.csv?a=1&b=2", "CSV"),
            notes=["n = 7"],
        )
    )
    assert "<figcaption>Ventetid &amp; mere</figcaption>" in figure
    assert '<th scope="row">Rådhuset &lt;1&gt;</th><td>84 %*</td>' in figure
    assert 'href="/x.csv?a=1&amp;b=2"' in figure
    assert figure.index("n = 7") < figure.index("<details")


def test_a_week_that_is_not_shown_leaves_its_place_empty():
    whole, gap = ([Stop(week, 0.5, None, None, None) for week in weeks] for weeks in ((0, 1, 2, 3), (0, 1, 3)))
    drawn = [str(series(stops, chart="w", title="t", description="d", ticks=[], events=[2])) for stops in (whole, gap)]
    joins = [re.findall(r'<line [^>]*y1="133"[^>]*y2="133"', svg) for svg in drawn]
    dots = [re.findall(r'<circle cx="([^"]+)"', svg) for svg in drawn]
    assert dots[1] == [dots[0][0], dots[0][1], dots[0][3]]
    assert [len(lines) for lines in joins] == [3, 1]
