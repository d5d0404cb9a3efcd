"""Imported waves: the published marks come out as published, wrong rows are named, small bases are not compared."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from chalicelib.municipalities.model import Thresholds
from chalicelib.reporting.statistics import BaseStatus
from chalicelib.reporting.waves import Wave, WaveRejected, WaveRow, checked_wave, chosen_waves, rows_of, wave_cells
from chalicelib.shared.errors import InvalidInput
from chalicelib.web.charts_waves import WaveFigures

LIMITS = Thresholds(suppress_below=5, small_base=30)
PAIR = {"question_id": "satisfied", "segment": "all", "count_before": "503", "n_before": "671"}
PUBLISHED = Path(__file__).parents[2] / "demo" / "published_changes_sample.csv"


def wave(id_: str, *rows: WaveRow, first: str = "2022-09-12", last: str = "2022-10-10") -> Wave:
    return Wave(id_, {"da": id_, "en": id_}, first, last, {"da": "På nettet", "en": "Online"}, rows)


@pytest.mark.requirement("GL-47", "SK-33")
def test_the_published_pair_of_waves_has_the_published_marks() -> None:
    with PUBLISHED.open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    before, after = rows_of(lines)
    cells = list(wave_cells(wave("2022", *after), wave("2019", *before), LIMITS))
    assert len(cells) == len(lines)
    for cell, line in zip(cells, lines, strict=True):
        if min(int(line["n_before"]), int(line["n_after"])) > LIMITS.small_base:
            assert cell.significant == (line["published_significant"] == "yes"), line
        else:
            assert cell.significant is None


def test_a_file_of_one_wave_has_no_earlier_one() -> None:
    before, after = rows_of([{"question_id": "satisfied", "segment": "all", "count": "40", "n": "50"}])
    assert (before, after) == ((), (WaveRow("satisfied", "all", 40, 50),))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"question_id": "x", "segment": "all", "count": "40"}, "missing: n"),
        ({"question_id": "x", "segment": "all", "count": "51", "n": "50"}, "between 0 and its base"),
        ({"question_id": "x", "segment": "all", "count": "0", "n": "0"}, "at least 1"),
        ({"question_id": "x", "segment": "all", "count": "many", "n": "50"}, "whole numbers"),
        ({**PAIR, "count_after": "1"}, "missing: n_after"),
    ],
)
def test_a_wrong_row_is_named_by_its_line(line: dict[str, str], reason: str) -> None:
    good = {"question_id": "ok", "segment": "all", "count": "40", "n": "50"}
    with pytest.raises(WaveRejected, match=reason) as error:
        rows_of([good, line])
    assert error.value.line == 3


def test_the_same_row_twice_is_refused() -> None:
    row = {"question_id": "x", "segment": "all", "count": "4", "n": "50"}
    with pytest.raises(WaveRejected, match="twice"):
        rows_of([row, row])


@pytest.mark.parametrize(
    "wrong",
    [
        wave("2022"),
        wave("Wave 1", WaveRow("x", "all", 1, 2)),
        wave("2022", WaveRow("x", "all", 1, 2), last="2022-01-01"),
        wave("2022", WaveRow("x", "all", 1, 2), first="autumn"),
    ],
)
def test_a_wave_has_an_id_days_in_order_and_rows(wrong: Wave) -> None:
    with pytest.raises(InvalidInput):
        checked_wave(wrong)


@pytest.mark.requirement("GL-51", "GL-53")
def test_small_bases_are_shown_and_not_compared_and_tiny_ones_are_hidden() -> None:
    now = wave("b", WaveRow("q", "small", 20, 30), WaveRow("q", "tiny", 2, 4), WaveRow("q", "full", 50, 60))
    before = wave("a", WaveRow("q", "small", 10, 60), WaveRow("q", "tiny", 10, 60), WaveRow("q", "full", 2, 4))
    small, tiny, full = wave_cells(now, before, LIMITS)
    assert (small.previous, small.change, small.base_status) == (10 / 60, None, BaseStatus.SMALL)
    assert (tiny.n, tiny.share, tiny.previous) == (None, None, None)
    assert (full.n, full.previous) == (60, None)


def test_the_latest_wave_beside_the_one_before_unless_asked_otherwise() -> None:
    row = WaveRow("q", "all", 1, 2)
    waves = [wave(str(year), row, first=f"{year}-01-01", last=f"{year}-02-01") for year in (2017, 2019, 2022)]
    found = [
        tuple(each.id if each else None for each in chosen_waves(waves, wanted, compare))
        for wanted, compare in ((None, None), ("2019", None), ("2022", "2017"), ("2022", "none"), ("2017", None))
    ]
    assert found == [("2022", "2019"), ("2019", "2017"), ("2022", "2017"), ("2022", None), ("2017", None)]
    assert chosen_waves([], None, None) == (None, None)


def test_a_wave_keeps_its_document() -> None:
    made = wave("2022", WaveRow("q", "all", 1, 2))
    assert Wave.from_document(json.loads(json.dumps(made.to_document()))) == made


def test_a_chart_says_what_is_pale_what_is_hidden_and_what_is_certain() -> None:
    now = wave("b", WaveRow("q", "small", 20, 30), WaveRow("q", "tiny", 2, 4), WaveRow("q", "full", 190, 200))
    before = wave("a", WaveRow("q", "full", 100, 200))
    cells = list(wave_cells(now, before, LIMITS))
    drawn = WaveFigures("en", now, before, csv="/x.csv", small_base=30).dots(cells, by_question=False)
    assert drawn is not None
    assert "50% → 95%*" in drawn
    assert "n = 200 → 200" in drawn
    assert "30 answers or fewer" in drawn
    assert "too few answers" in drawn
    assert "hatch" in drawn
