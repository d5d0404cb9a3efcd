"""Which rows and which columns of a table by two fields are shown together, until every cell may be shown (ADR 36).

Rows and columns are merged, never cells: a blank among numbers follows from its row's sum. A cell is of nobody or of at
least `limit`. Where the same two fields are published month by month, each by itself, months and table together form a
circle, in which a cell of one month can follow though the table's cell is large. So for every cell of few of a month
there must be an exchange that nobody can see: two citizens of that month swap their columns, two of another month swap
them back, and all sums stay. Counts alone decide, not answers, which may be forgotten (`editions.py`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Cells = Counter[tuple[str, str]]
"""(row, column) → answers."""
OTHERS: Final = "*"
"""Whatever is not shown by itself."""
BELOW: Final = "/"
"""Between a part's whole and the part: a reason stands below its department."""
_LEAST: Final = 2


@dataclass(frozen=True, slots=True)
class Merges:
    """Row → the row that it is shown in, and the same of columns. A part may be shown in `{whole}/*` or in `OTHERS`."""

    rows: Mapping[str, str]
    columns: Mapping[str, str]

    def applied(self, cells: Mapping[tuple[str, str], int]) -> Cells:
        """The table that is shown."""
        made: Cells = Counter()
        for (row, column), n in cells.items():
            made[self.rows[row], self.columns[column]] += n
        return made


@dataclass(frozen=True, slots=True)
class Rule:
    """What the table must hold to.

    `linked`: rows and columns are both published by month, each by itself. `columns_first`: the columns are what
    matters, so rows are merged as long as there are two.
    """

    limit: int
    linked: bool = False
    columns_first: bool = False


def merges(
    tables: Sequence[Sequence[Cells]], rows: Mapping[str, str], columns: Mapping[str, str], rule: Rule
) -> Merges | None:
    """As few merges as this finds; None where fewer than two rows or two columns would be left.

    Where the columns are what matters, one row will do. `tables` are, by question, the months of the period; all
    questions share the merges. `rows` and `columns` say what each value is shown in to begin with: by itself, or in
    others. Parts are merged below their whole, so that it can be told as well, unless more is seen if they are not.
    """
    made = [
        found
        for deep, wide in ((True, True), (True, False), (False, True), (False, False))
        if (
            found := _merged(
                tables, _Axis(tables, 0, rows, nested=deep), _Axis(tables, 1, columns, nested=wide), rule=rule
            )
        )
    ]
    return max(made, key=_worth, default=None)


def _worth(merged: Merges) -> int:
    """The cells that there are to see, in both depths."""
    sides = [[set(side.values()), _wholes(side)] for side in (merged.rows, merged.columns)]
    return sum(len(rows) * len(columns) for rows, columns in zip(*sides, strict=True))


def _wholes(shown_in: Mapping[str, str]) -> set[str]:
    """The groups in which whole departments stand, or all else."""
    mixed = {value.partition(BELOW)[0] for value, group in shown_in.items() if group == OTHERS}
    return {OTHERS if (whole := value.partition(BELOW)[0]) in mixed else whole for value in shown_in}


def _merged(tables: Sequence[Sequence[Cells]], *found: _Axis, rule: Rule) -> Merges | None:
    while True:
        merged = Merges(found[0].shown_in, found[1].shown_in)
        bad = _bad(tables, merged, rule)
        if not bad:
            break
        axes = found[:1] if rule.columns_first and found[0].may_grow else found
        steps = [step for axis in axes for cell in bad if (step := axis.step(cell))]
        if not steps:
            return None
        cheapest = min(steps, key=lambda step: (step.loses, step.axis.number, step.group))
        cheapest.axis.take(cheapest)
    if any(len(axis.groups) < _LEAST for axis in found if axis.number or not rule.columns_first):
        return None
    return Merges(found[0].named, found[1].named)


def _bad(tables: Sequence[Sequence[Cells]], merged: Merges, rule: Rule) -> list[tuple[str, str]]:
    """The shown cells that may not be shown, or that leave a month's cell of few without a way out."""
    found: set[tuple[str, str]] = set()
    for months in tables:
        shown = [merged.applied(month) for month in months]
        whole = sum(shown, Cells())
        found |= {cell for cell, n in whole.items() if 0 < n < rule.limit}
        if rule.linked:
            found |= set(_pinned(shown, rule.limit))
    return sorted(found)


def _pinned(months: Sequence[Cells], limit: int) -> Iterator[tuple[str, str]]:
    """The cells of few of a month that no exchange with another month could change."""
    rows = {row for month in months for row, _ in month}
    columns = {column for month in months for _, column in month}
    for month in months:
        others = [each for each in months if each is not month]
        for (row, column), n in month.items():
            if 0 < n < limit and not any(
                _exchange(month, other, (row, column), (second, another))
                for other in others
                for second in rows - {row}
                for another in columns - {column}
            ):
                yield row, column


def _exchange(month: Cells, other: Cells, cell: tuple[str, str], opposite: tuple[str, str]) -> bool:
    """True if one more or one fewer could be in the cell, with another month's opposite making up for it."""
    (row, column), (second, another) = cell, opposite
    fewer = month[second, another], other[row, another], other[second, column]
    more = month[row, another], month[second, column], other[row, column], other[second, another]
    return all(fewer) or all(more)


@dataclass(frozen=True, slots=True)
class _Step:
    """A merge: what goes where, and how many answers lose their own row or column by it."""

    axis: _Axis
    group: str
    into: str
    loses: int


class _Axis:
    """The rows, or the columns, and what each is shown in so far."""

    def __init__(
        self, tables: Sequence[Sequence[Cells]], number: int, at_first: Mapping[str, str], *, nested: bool
    ) -> None:
        self.number, self._nested, self._at_first = number, nested, at_first
        self.shown_in = {value: group if nested or group == value else OTHERS for value, group in at_first.items()}
        self._sizes: Counter[str] = Counter()
        for month in (month for months in tables for month in months):
            for cell, n in month.items():
                self._sizes[cell[number]] += n

    @property
    def named(self) -> dict[str, str]:
        """What each value is shown in; one that nothing was merged with bears its own name again."""
        alone = {group for group, n in Counter(self.shown_in.values()).items() if n == 1}
        return {v: v if group in alone and self._at_first[v] == v else group for v, group in self.shown_in.items()}

    @property
    def groups(self) -> set[str]:
        return set(self.shown_in.values())

    @property
    def may_grow(self) -> bool:
        return len(self.groups) > 1

    def step(self, cell: tuple[str, str]) -> _Step | None:
        """What to merge so that the cell's row or column grows; None where all are together."""
        return self._from(cell[self.number]) if self.may_grow else None

    def take(self, step: _Step) -> None:
        self.shown_in = {value: step.into if group == step.group else group for value, group in self.shown_in.items()}

    def _from(self, group: str) -> _Step:
        if group == OTHERS:
            # Others grow by the smallest there is, with whatever stands in its way below its own whole.
            return self._from(min(self.groups - {OTHERS}, key=self._size))
        together, whole = others_of(group), group.rpartition(BELOW)[0]
        beside = {each for each in self.groups - {group} if whole and each.startswith(whole + BELOW)}
        if not beside or not self._nested:
            return _Step(self, group, OTHERS, self._size(group)[0])
        if group == together:
            group = min(beside, key=self._size)
        return _Step(self, group, together, self._size(group)[0])

    def _size(self, group: str) -> tuple[int, str]:
        return sum(self._sizes[value] for value, shown_in in self.shown_in.items() if shown_in == group), group


def others_of(value: str) -> str:
    """What a value is shown in that is not shown by itself: the others of its whole, or of all."""
    whole, _, _ = value.rpartition(BELOW)
    return f"{whole}{BELOW}{OTHERS}" if whole else OTHERS
