"""Scores by two fields at once (SK-22): what may be shown of a whole quarter (ADR 36).

Only a settled quarter has crossings, never its months and never a year, so no subtraction over time is possible. They
are made of the first editions of its months, so they stand as they are from the first day. Which fields are crossed is
fixed here: they form a tree, in which no two tables together tell what a third would. A reason lies within its
department and an office within personal meetings, so those stand in one table and are shown in two depths.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.cell import Cell, Measure
from chalicelib.reporting.crossing_merge import OTHERS, Cells, Merges, Rule, merges
from chalicelib.reporting.crossing_views import (
    BACKGROUND,
    PAIRS,
    VIEWS,
    CrossedCell,
    Crossing,
    View,
    at_first,
    halves_of,
    in_depth,
    pair_of,
    partial,
)
from chalicelib.reporting.merging import merged
from chalicelib.reporting.model import ALL, FORGOTTEN
from chalicelib.reporting.published import SAME_PEOPLE
from chalicelib.reporting.served import published
from chalicelib.reporting.statistics import Proportion, base_status, wilson

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chalicelib.municipalities.model import Thresholds
    from chalicelib.reporting.model import Group, PeriodCounts, QuestionDefinition
    from chalicelib.reporting.periods import Period
    from chalicelib.reporting.published import PublishedGroups
    from chalicelib.reporting.reading import ReportCells
    from chalicelib.reporting.suppression import Place

_MONTHS: Final = 3
_LEAST: Final = 2


class Missing(StrEnum):
    """Why nothing is shown."""

    PERIOD = "period"
    """Not a whole quarter."""
    SETTLED = "settled"
    """Answers still come in."""
    COUNTED = "counted"
    """The quarter was counted before there were crossings."""
    QUESTION = "question"
    """Asked of some citizens only."""
    FEW = "few"
    """Fewer than two rows or two columns could be shown."""


def first_editions(cells: ReportCells, months: Sequence[PeriodCounts]) -> list[PeriodCounts]:
    """What was first published of each month, of the editions that have crossings: later ones change none of them."""
    made = []
    for month in months:
        kept = (cells.frozen(month.municipality, name) for name in month.earlier)
        made.append(next((each for each in kept if each and each.crossed), month))
    return made


class Crossings:
    """Everything that may be shown of a quarter by two fields."""

    def __init__(
        self, period: Period, months: Sequence[PeriodCounts], thresholds: Thresholds, *, settled: bool
    ) -> None:
        """`months` are the first editions of the period's months."""
        self._months, self.thresholds = months, thresholds
        self.period = period
        self.missing = self._missing(settled=settled)
        self._merges: dict[tuple[str, str], Merges | None] = {}

    def why_not(self, question: QuestionDefinition) -> Missing | None:
        """Why the question has no crossing at all; None if it may have some."""
        if self.missing:
            return self.missing
        return None if (question.id, question.version) in self._asked else Missing.QUESTION

    def of(self, question: QuestionDefinition, view: View) -> Crossing | None:
        """The table of a question; None where too little could be shown."""
        if self.why_not(question) or (found := self.shown_in(view)) is None:
            return None
        rows, columns = found
        groups = [group for month in self._months for group in self._groups(month, view.pair, question)]
        counts: dict[tuple[str, str], Counter[str]] = {}
        for group in groups:
            row, column = halves_of(group.value)
            counts.setdefault((rows[row], columns[column]), Counter()).update(group.counts)
        cells = {place: _cell(found, question) for place, found in counts.items()}
        return Crossing(view, _ordered(cells, 0), _ordered(cells, 1), cells, self.partial(view))

    def shown_in(self, view: View) -> tuple[Mapping[str, str], Mapping[str, str]] | None:
        """Which row each value stands in, and which column; None where too little could be shown."""
        if self.missing or (found := self._merged(view.pair)) is None:
            return None
        rows = in_depth(view.rows, found.rows, self._hidden)
        columns = in_depth(view.columns, found.columns, self._hidden)
        few = len(set(columns.values())) < _LEAST or (len(set(rows.values())) < _LEAST and not PAIRS[view.pair][1])
        return None if few else (rows, columns)

    def partial(self, view: View) -> frozenset[str]:
        """The rows and columns of a table that are the rest of a whole."""
        rows, columns = self.shown_in(view) or ({}, {})
        return partial(view.rows, rows.values(), self._hidden) | partial(view.columns, columns.values(), self._hidden)

    @property
    def offered(self) -> list[View]:
        """The tables that there are."""
        return [view for view in VIEWS if self.shown_in(view)]

    @property
    def background(self) -> list[QuestionDefinition]:
        """The questions by which citizens told of themselves."""
        return [each for each in self._counts.listed if each.id in BACKGROUND]

    @property
    def questions(self) -> list[QuestionDefinition]:
        """Those that most answered."""
        if self.missing:
            return []
        return [each for each in self._counts.main_questions if (each.id, each.version) in self._asked]

    def cells(self) -> Iterator[Cell]:
        """All that may be shown, for files and the API."""
        for view in VIEWS:
            for question in self.questions:
                if found := self.of(question, view):
                    yield from (self.cell(question, view, place, found.cells[place]) for place in _in_order(found))

    def cell(self, question: QuestionDefinition, view: View, place: tuple[str, str], found: CrossedCell) -> Cell:
        """A figure, with its interval and how far its base carries."""
        limits = self.thresholds
        status = base_status(found.n, suppress_below=limits.suppress_below, small_base=limits.small_base)
        blank = Cell(view.name, pair_of(*place), question.id, Measure.SHARE, status, question.version, n=found.n)
        if found.count is None:
            return blank
        interval = wilson(share := Proportion(found.count, found.n))
        return replace(blank, count=found.count, share=share.share, ci_low=interval.low, ci_high=interval.high)

    def _missing(self, *, settled: bool) -> Missing | None:
        if len(self.period.months) != _MONTHS or len(self._months) != _MONTHS:
            return Missing.PERIOD
        if not settled:
            return Missing.SETTLED
        if any(not month.crossed and _answered(month) for month in self._months):
            return Missing.COUNTED
        return Missing.FEW if (ALL, ALL) in self._hidden or not self._asked else None

    @cached_property
    def _counts(self) -> PeriodCounts:
        return merged(self.period.id, [_steady(month) for month in self._months])

    @cached_property
    def _gate(self) -> PublishedGroups:
        return published(self._counts, self.thresholds, [_steady(month) for month in self._months])

    @cached_property
    def _asked(self) -> frozenset[tuple[str, str]]:
        """The wordings that most were asked: all of them about the same citizens, so that they share their merges."""
        totals = {(g.question, g.question_version): g.n for g in self._counts.groups if g.dimension == ALL}
        scored = [(each.id, each.version) for each in self._counts.main_questions]
        most = max((totals.get(wording, 0) for wording in scored), default=0)
        return frozenset(wording for wording in scored if most and totals.get(wording, 0) >= most * SAME_PEOPLE)

    @cached_property
    def _hidden(self) -> frozenset[Place]:
        return self._gate.hidden_of(self._asked)

    def _groups(self, month: PeriodCounts, pair: tuple[str, str], question: QuestionDefinition) -> Iterator[Group]:
        wanted = (pair_of(*pair), question.id, question.version)
        return (each for each in month.crossed if (each.dimension, each.question, each.question_version) == wanted)

    def _merged(self, pair: tuple[str, str]) -> Merges | None:
        if pair not in self._merges:
            self._merges[pair] = self._made(pair)
        return self._merges[pair]

    def _made(self, pair: tuple[str, str]) -> Merges | None:
        tables: dict[tuple[str, str], list[Cells]] = {
            wording: [Counter() for _ in self._months] for wording in self._asked
        }
        for number, month in enumerate(self._months):
            for group in month.crossed:
                wording = group.question, group.question_version
                if group.dimension == pair_of(*pair) and wording in tables and group.n:
                    row, column = halves_of(group.value)
                    tables[wording][number][row, column] += group.n
        places = {place for months in tables.values() for month in months for place in month}
        linked, columns_first = PAIRS[pair]
        return merges(
            [tables[wording] for wording in sorted(tables)],
            at_first(pair[0], {row for row, _ in places}, self._hidden),
            at_first(pair[1], {column for _, column in places}, self._hidden),
            Rule(self.thresholds.suppress_below, linked=linked, columns_first=columns_first),
        )


def _cell(counts: Counter[str], question: QuestionDefinition) -> CrossedCell:
    count = None if FORGOTTEN in counts else sum(counts[answer] for answer in question.favourable)
    return CrossedCell(sum(counts.values()), count)


def _ordered(cells: Mapping[tuple[str, str], CrossedCell], axis: int) -> tuple[str, ...]:
    """The largest first, others last."""
    sizes: Counter[str] = Counter()
    for place, cell in cells.items():
        sizes[place[axis]] += cell.n
    return tuple(sorted(sizes, key=lambda value: (value == OTHERS, -sizes[value], value)))


def _in_order(found: Crossing) -> Iterator[tuple[str, str]]:
    return ((row, column) for row in found.rows for column in found.columns if (row, column) in found.cells)


def _steady(counts: PeriodCounts) -> PeriodCounts:
    """The counts as they stood for the gate before answers were deleted: how many they were stays."""
    groups = tuple(
        replace(group, counts={"" if answer == FORGOTTEN else answer: n for answer, n in group.counts.items()})
        for group in counts.groups
    )
    return replace(counts, groups=groups)


def _answered(counts: PeriodCounts) -> bool:
    return any(group.n for group in counts.groups if group.dimension == ALL)
