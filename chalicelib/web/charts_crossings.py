"""A score by two fields as a table: the number and its base in every cell, darker where the share is higher."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.appointments import BOOKED_BY
from chalicelib.reporting.crossing_merge import BELOW, OTHERS
from chalicelib.reporting.crossing_views import BACKGROUND
from chalicelib.reporting.statistics import BaseStatus, base_status
from chalicelib.web.charts_names import dimension_names
from chalicelib.web.formats import number, percent
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from chalicelib.municipalities.model import Thresholds
    from chalicelib.reporting.crossing_views import CrossedCell, Crossing
    from chalicelib.reporting.model import QuestionDefinition
    from chalicelib.web.charts_names import Names

SCORE, OF_ROW, OF_COLUMN = "score", "row", "column"
SHOWN: Final = (SCORE, OF_ROW, OF_COLUMN)
_SHADES: Final = 5
_LISTS: Final = {"reason": "unit", "office": "place"}


@dataclass(frozen=True, slots=True)
class ShownCell:
    """What stands in a cell: the number, its base, how dark it is, and whether the base is small."""

    number: str
    base: str
    shade: int
    small: bool


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row with its name and its cells, one for each column and one for all of them."""

    name: str
    cells: tuple[ShownCell, ...]


@dataclass(frozen=True, slots=True)
class ShownTable:
    """The table as it is printed."""

    columns: tuple[str, ...]
    rows: tuple[ShownRow, ...]


class CrossingNames:
    """What rows and columns are called."""

    def __init__(
        self, language: str, name: Names, questions: Sequence[QuestionDefinition], law: Collection[str]
    ) -> None:
        """`questions` are those of background; `law` the reasons for which one must come."""
        self._language, self._name, self._law = language, name, law
        self._options: dict[tuple[str, str], str] = {
            (each.id, option): text.get(language) or text.get("da", option)
            for each in questions
            if each.id in BACKGROUND
            for option, text in each.options.items()
        }
        self._options |= {(field, "dont_know"): gettext(language, "Ved ikke") for field in BACKGROUND}
        self._options |= {(field, "other"): gettext(language, "Andet") for field in BACKGROUND}

    def value(self, field: str, value: str) -> str:
        """The name of a value of a field."""
        if field not in _LISTS:
            return self._options.get((field, value)) or self._name(field, value)
        whole, _, part = value.partition(BELOW)
        if field == "office":
            return self._name("office", part) if part else self._name("channel", whole)
        if not part:
            return gettext(self._language, "%(unit)s, uden ærinde", unit=self._name("department", whole))
        named = self._name("reason", part)
        return gettext(self._language, "%(reason)s (fremmøde kræves)", reason=named) if part in self._law else named

    def group(self, field: str, group: str, partial: Collection[str]) -> str:
        """The name of a row or a column, which may hold several values."""
        if group == OTHERS:
            return gettext(self._language, "Øvrige")
        if not group.endswith(f"{BELOW}{OTHERS}"):
            return self.value(field, group)
        whole = group.partition(BELOW)[0]
        named = self._name("department" if field == "reason" else "channel", whole)
        return gettext(self._language, "Øvrige i %(whole)s", whole=named) if group in partial else named


def field_names(language: str) -> dict[str, str]:
    """What may be crossed, as a choice."""
    return dimension_names(language) | {
        BOOKED_BY: gettext(language, "tidsbestilling"),
        "age": gettext(language, "alder"),
        "gender": gettext(language, "køn"),
        "education": gettext(language, "uddannelse"),
        "employment": gettext(language, "beskæftigelse"),
    }


def shown_table(
    found: Crossing, names: CrossingNames, language: str, thresholds: Thresholds, show: str = SCORE
) -> ShownTable:
    """The table as it is printed; `show` is the score, or how answers are spread over a row or a column."""
    drawn = _Drawn(found, language, thresholds, show)
    view, everyone = found.view, gettext(language, "Alle")
    headings = [names.group(view.columns, column, found.partial) for column in found.columns]
    alone = len(found.rows) == 1
    lines = [
        ShownRow(everyone if alone else names.group(view.rows, row, found.partial), drawn.row(row))
        for row in found.rows
    ]
    if show != OF_ROW and not alone:
        lines.append(ShownRow(everyone, drawn.last_row()))
    return ShownTable((*headings, everyone) if show != OF_COLUMN else tuple(headings), tuple(lines))


@dataclass(frozen=True, slots=True)
class _Drawn:
    found: Crossing
    language: str
    thresholds: Thresholds
    show: str

    def row(self, row: str) -> tuple[ShownCell, ...]:
        made = [self._cell(row, column, self.found.cells.get((row, column))) for column in self.found.columns]
        return tuple(made) if self.show == OF_COLUMN else (*made, self._whole(self.found.row(row)))

    def last_row(self) -> tuple[ShownCell, ...]:
        wholes = [self.found.column(column) for column in self.found.columns]
        return tuple(self._whole(each) for each in (wholes if self.show == OF_COLUMN else [*wholes, self.found.whole]))

    def _cell(self, row: str, column: str, cell: CrossedCell | None) -> ShownCell:
        if cell is None or not cell.n:
            return ShownCell("–", gettext(self.language, "ingen"), 0, small=False)
        if self.show == SCORE:
            return self._score(cell)
        whole = self.found.row(row) if self.show == OF_ROW else self.found.column(column)
        base = f"{number(cell.n, self.language)} / {number(whole.n, self.language)}"
        return self._shown(cell.n / whole.n, base, whole.n)

    def _whole(self, whole: CrossedCell) -> ShownCell:
        if self.show == SCORE:
            return self._score(whole)
        return self._shown(1.0, self._base(whole), whole.n)

    def _score(self, cell: CrossedCell) -> ShownCell:
        if cell.count is None:
            return ShownCell(gettext(self.language, "ikke vist"), self._base(cell), 0, small=True)
        return self._shown(cell.count / cell.n, self._base(cell), cell.n)

    def _base(self, cell: CrossedCell) -> str:
        return f"n = {number(cell.n, self.language)}"

    def _shown(self, share: float, base: str, n: int) -> ShownCell:
        limits = self.thresholds
        status = base_status(n, suppress_below=limits.suppress_below, small_base=limits.small_base)
        small = status is not BaseStatus.OK
        shade = 0 if small else min(int(share * _SHADES), _SHADES - 1) + 1
        return ShownCell(percent(share, self.language), base, shade, small=small)
