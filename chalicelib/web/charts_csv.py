"""All cells of a report as a file for spreadsheets: what is hidden on the page is hidden here too."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chalicelib.reporting.cell import Cell

COLUMNS: Final = (
    *("period", "compare", "dimension", "value", "label", "question", "question_version", "measure"),
    *("count", "n", "served", "share", "mean", "scale_min", "scale_max", "ci_low", "ci_high"),
    *("previous", "previous_n", "change", "change_low", "change_high", "p_value", "significant", "base_status"),
)


def csv_of(
    cells: Iterable[Cell], language: str, *, period: str, compare: str | None, name: Callable[[str, str], str]
) -> str:
    """The file. In Danish as Danish spreadsheets read it: semicolons and decimal commas; else commas and points.

    It starts with a byte order mark, without which spreadsheets take it for another encoding.
    """
    return csv_of_periods(((period, cell) for cell in cells), language, compare=compare, name=name)


def csv_of_periods(
    cells: Iterable[tuple[str, Cell]], language: str, *, compare: str | None, name: Callable[[str, str], str]
) -> str:
    """The same of several periods, each cell with its own."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if language == "da" else ",", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for period, cell in cells:
        facts = {"period": period, "compare": compare, "label": name(cell.dimension, cell.value)}
        writer.writerow(_text(facts.get(column, _of(cell, column)), language) for column in COLUMNS)
    return "\ufeff" + out.getvalue()


def _of(cell: Cell, column: str) -> object:
    return getattr(cell, column, None)


def _text(value: object, language: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        text = f"{value:.6g}" if abs(value) < 1e-4 else f"{value:.6f}"  # noqa: PLR2004 - six decimals would be zeros
        return text.replace(".", ",") if language == "da" else text
    text = str(value)
    # A label such as "=1+1" from a municipality's file must stay a text in a spreadsheet.
    return f"'{text}" if text[:1] in set("=+-@\t\r") and not isinstance(value, int) else text
