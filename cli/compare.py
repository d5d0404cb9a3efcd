"""`borgerpuls compare FILE`: shares before and after, tested as the reports test them (design 5, GL-47).

The file is CSV with `count_before,n_before,count_after,n_after`; every column is passed on. Nothing is printed before
the whole file has been read, so a bad row leaves no half answer behind.
"""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path  # noqa: TC003 - Typer reads the annotation at run time
from typing import IO, TYPE_CHECKING, Annotated, Final

import typer

from chalicelib.reporting.statistics import Proportion, compare_shares

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

INPUTS: Final = ("count_before", "n_before", "count_after", "n_after")
OUTPUTS: Final = ("share_before", "share_after", "difference", "ci_low", "ci_high", "z", "p_value", "significant")
_WHOLE_NUMBER: Final = re.compile(r"[0-9]{1,15}")
_BAD_INPUT: Final = 2


class BadRow(Exception):
    """The file can't be compared; the message says where and why."""


def compare(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV with count_before,n_before,count_after,n_after")],
) -> None:
    """Test each row's change from before to after and print the rows with the results as CSV."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as source:
            columns, rows = compare_rows(source)
    except (BadRow, csv.Error) as exc:
        _stop(str(exc))
    except UnicodeDecodeError:
        _stop(f"{file.name} is not UTF-8")
    except OSError as exc:
        _stop(f"{file.name} can't be read: {exc.strerror}")
    writer = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def compare_rows(source: IO[str]) -> tuple[list[str], list[dict[str, str]]]:
    """The columns and rows of the answer.

    Raises:
        BadRow: a column is missing, or a row is not four whole numbers with 0 ≤ count ≤ n and n > 0.
    """
    reader = csv.DictReader(source, strict=True)
    columns = list(reader.fieldnames or ())
    missing = [name for name in INPUTS if name not in columns]
    if missing:
        raise BadRow(f"the header (line 1) lacks {', '.join(missing)}")
    taken = [name for name in OUTPUTS if name in columns]
    if taken:
        raise BadRow(f"the header (line 1) already has {', '.join(taken)}")
    return [*columns, *OUTPUTS], list(_compared(reader))


def _compared(reader: csv.DictReader[str]) -> Iterator[dict[str, str]]:
    for number, row in enumerate(reader, start=1):
        try:
            yield {**row, **_result(row)}
        except ValueError as exc:
            raise BadRow(f"row {number} (line {reader.line_num}): {exc}") from exc


def _result(row: Mapping[str, str | None]) -> dict[str, str]:
    if None in row:  # Where csv keeps the values that stand beyond the last column.
        raise ValueError("more values than columns")
    before, after = _proportion(row, "before"), _proportion(row, "after")
    found = compare_shares(before, after)
    numbers = (before.share, after.share, found.difference, found.interval.low, found.interval.high)
    texts = [f"{number:.12g}" for number in (*numbers, found.statistic, found.p_value)]
    return dict(zip(OUTPUTS, (*texts, "yes" if found.significant else "no"), strict=True))


def _proportion(row: Mapping[str, str | None], side: str) -> Proportion:
    count, n = (_whole_number(row, f"{name}_{side}") for name in ("count", "n"))
    if n == 0:
        raise ValueError(f"n_{side} is 0, and there is no share of nothing")
    if count > n:
        raise ValueError(f"count_{side} is larger than n_{side}")
    return Proportion(count, n)


def _whole_number(row: Mapping[str, str | None], column: str) -> int:
    text = (row[column] or "").strip()
    if not _WHOLE_NUMBER.fullmatch(text):
        raise ValueError(f"{column} must be a whole number, 0 or more")
    return int(text)


def _stop(message: str) -> None:
    sys.stderr.write(f"borgerpuls compare: {message}\n")
    raise typer.Exit(_BAD_INPUT)
