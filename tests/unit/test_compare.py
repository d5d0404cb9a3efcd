"""`borgerpuls compare FILE`, as a user of the command sees it."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
import typer
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest
from typer.testing import CliRunner

from cli.compare import compare
from tests.unit.test_statistics import PUBLISHED

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

HEADER = "count_before,n_before,count_after,n_after"


def run(tmp_path: Path, text: str | bytes) -> Result:
    app = typer.Typer()
    app.command()(compare)
    file = tmp_path / "waves.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return CliRunner().invoke(app, [str(file)])


@pytest.mark.requirement("GL-46", "GL-47")
def test_published_comparisons_come_out_as_published(tmp_path: Path) -> None:
    lines = [f"row {i},{a},{b},{c},{d}" for i, (a, b, c, d, _) in enumerate(PUBLISHED)]
    result = run(tmp_path, "\n".join([f"label,{HEADER}", *lines]) + "\n")
    assert result.exit_code == 0, result.stderr
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["significant"] for row in rows] == ["yes" if marked else "no" for *_, marked in PUBLISHED]
    for row, (count_before, n_before, count_after, n_after, _) in zip(rows, PUBLISHED, strict=True):
        z, p = proportions_ztest([count_after, count_before], [n_after, n_before])
        low, high = confint_proportions_2indep(
            count_after, n_after, count_before, n_before, method="newcomb", compare="diff"
        )
        expected = (count_before / n_before, count_after / n_after, count_after / n_after - count_before / n_before)
        names = ("share_before", "share_after", "difference", "ci_low", "ci_high", "z", "p_value")
        assert [float(row[name]) for name in names] == pytest.approx([*expected, low, high, z, p], rel=1e-9, abs=1e-11)


def test_other_columns_pass_through_in_their_place(tmp_path: Path) -> None:
    result = run(tmp_path, '\ufeffspørgsmål,count_before,note,n_before,n_after,count_after\n"a, ""b""",5,æ,10,10,5\n')
    header, row = csv.reader(io.StringIO(result.stdout))
    assert header[:6] == ["spørgsmål", "count_before", "note", "n_before", "n_after", "count_after"]
    assert header[6:] == [
        "share_before",
        "share_after",
        "difference",
        "ci_low",
        "ci_high",
        "z",
        "p_value",
        "significant",
    ]
    assert row[:6] == ['a, "b"', "5", "æ", "10", "10", "5"]
    assert row[8] == row[11] == "0"
    assert row[12:] == ["1", "no"]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("1,2,x,4", "count_after must be a whole number"),
        ("1,2,1.5,4", "count_after must be a whole number"),
        ("1,2,-1,4", "count_after must be a whole number"),
        ("1,2,,4", "count_after must be a whole number"),
        ("1,2,1_0,40", "count_after must be a whole number"),
        ("1,2,3", "n_after must be a whole number"),
        ("1,2,3,4,5", "more values than columns"),
        ("1,0,3,4", "n_before is 0"),
        ("3,2,3,4", "count_before is larger than n_before"),
    ],
)
def test_a_bad_row_ends_it_with_its_number(tmp_path: Path, row: str, why: str) -> None:
    result = run(tmp_path, f"{HEADER}\n1,2,3,4\n{row}\n1,2,3,4\n")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "row 2 (line 3)" in result.stderr
    assert why in result.stderr


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("count_before,n_before,count_after\n1,2,3\n", "lacks n_after"),
        ("", "lacks count_before, n_before, count_after, n_after"),
        (f"{HEADER},z\n1,2,3,4,5\n", "already has z"),
        (f"{HEADER}\n1,2,3,4\n".encode("utf-16"), "not UTF-8"),
        (f'{HEADER}\n"1,2,3,4\n', "unexpected end"),
    ],
)
def test_a_file_of_another_form_ends_it(tmp_path: Path, text: str | bytes, why: str) -> None:
    result = run(tmp_path, text)
    assert result.exit_code == 2
    assert why in result.stderr


def test_a_missing_file_ends_it(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(compare)
    result = CliRunner().invoke(app, [str(tmp_path / "none.csv")])
    assert result.exit_code == 2
    assert "can't be read" in result.stderr


def test_a_file_without_rows_answers_the_header(tmp_path: Path) -> None:
    result = run(tmp_path, f"{HEADER}\n")
    assert result.exit_code == 0
    assert result.stdout.count("\n") == 1
