"""A published figure followed over time: the one that somebody acted on, beside the same one after the change.

Both pass the gate of the reports, today's thresholds included, and are compared by the same test. Of a settled period
the counts that were named once are read again, so that a figure stays what it was (ADR 27, ADR 31).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from chalicelib.reporting.cell import Measure
from chalicelib.reporting.cells import cells
from chalicelib.reporting.editions import is_settled
from chalicelib.reporting.findings import digest_of, finding_of, of_same_data
from chalicelib.reporting.merging import merged
from chalicelib.reporting.model import ALL, DIMENSIONS
from chalicelib.reporting.periods import period_between
from chalicelib.reporting.reading import Reading
from chalicelib.reporting.statistics import BaseStatus
from chalicelib.shared.clock import month_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.municipalities.model import Municipality, Thresholds
    from chalicelib.reporting.cell import Cell
    from chalicelib.reporting.findings import Finding
    from chalicelib.reporting.model import PeriodCounts, QuestionDefinition
    from chalicelib.reporting.periods import Period
    from chalicelib.reporting.reading import ReportCells
    from chalicelib.shared.clock import Clock

Names = tuple[str, ...]


class PlaceLike(Protocol):
    """Which figure, whoever keeps it."""

    @property
    def dimension(self) -> str:
        """What is split by."""
        ...

    @property
    def value(self) -> str:
        """Which group."""
        ...

    @property
    def question(self) -> str:
        """Which question."""
        ...

    @property
    def version(self) -> str:
        """In which wording."""
        ...

    @property
    def measure(self) -> str:
        """What is counted."""
        ...


@dataclass(frozen=True)
class _Pair:
    """Two periods, and the cells of one dimension."""

    now: Reading
    old: Reading | None
    cells: list[Cell]
    rule: Thresholds

    @cached_property
    def address(self) -> Finding:
        """The address of one of them: naming the counts takes long, and not every page links to them."""
        before = (self.old.period.id, self.old.months) if self.old else None
        return finding_of(self.cells[0], (self.now.period.id, self.now.months), before, self.rule)


@dataclass(frozen=True, slots=True)
class Followed:
    """A figure of a period, compared with an earlier one where asked. `cell` is None where there is nothing to show.

    `preliminary`: answers may still come in. `asked_otherwise`: the wording has changed, so nothing is compared.
    """

    period: str
    cell: Cell | None
    question: QuestionDefinition | None
    preliminary: bool
    asked_otherwise: bool = False
    pair: _Pair | None = None

    @property
    def is_full(self) -> bool:
        """True for a base that carries a judgement (GL-53)."""
        return self.cell is not None and self.cell.base_status is BaseStatus.OK

    @property
    def finding(self) -> Finding | None:
        """Its address, where it can be computed again."""
        return of_same_data(self.pair.address, self.cell) if self.pair and self.cell else None


class FollowedFigures:
    """Figures of one deployment's reports, for one request: what it has read it does not read again."""

    def __init__(self, *, cells: ReportCells, clock: Callable[[], Clock]) -> None:
        self._cells = cells
        self._clock = clock
        self._pairs: dict[object, _Pair | None] = {}

    def is_shown(self, municipality: Municipality, place: PlaceLike, first: str, last: str) -> bool:
        """True for a figure that the reports show, of a period that is over."""
        period = period_between(first, last)
        if not period.is_closed(month_of(self._clock().now())):
            return False
        found = self.figure(municipality, place, (first, last))
        return found.cell is not None and found.cell.question_version == place.version

    def settled(self, municipality: Municipality, first: str, last: str) -> Names:
        """The names of a period's counts, once no answer comes in any more and every month has some."""
        now, period = self._clock().now(), period_between(first, last)
        if not period.is_settled(month_of(now)):
            return ()
        found = self._current(municipality.id, period)
        if len(found) < len(period.months) or not all(is_settled(each, now) for each in found):
            return ()
        return tuple(digest_of(each) for each in found)

    def is_asked(self, municipality: Municipality, place: PlaceLike) -> bool:
        """True for a question of the latest counts in that wording, and a group that they have."""
        if place.dimension not in {ALL, *DIMENSIONS} or place.measure not in set(Measure):
            return False
        return any((q.id, q.version) == (place.question, place.version) for q in self.questions(municipality))

    def questions(self, municipality: Municipality) -> tuple[QuestionDefinition, ...]:
        """What is asked, by the latest month that has answers."""
        for month in reversed(self._cells.periods(municipality.id)):
            counts = self._cells.read(municipality.id, month)
            if counts is not None and counts.main_questions:
                return counts.main_questions
        return ()

    def months(self, municipality: str) -> list[str]:
        """The months that are over and have counts."""
        running = month_of(self._clock().now())
        return [month for month in self._cells.periods(municipality) if month < running]

    def figure(
        self,
        municipality: Municipality,
        place: PlaceLike,
        span: tuple[str, str],
        before: tuple[str, str] | None = None,
        pins: Mapping[str, Names] | None = None,
    ) -> Followed:
        """The figure of `span` (its first and last month), compared with that of `before`.

        `pins` are the names of a period's counts by its first month.
        """
        kept, moment, period = pins or {}, self._clock().now(), period_between(*span)
        pair = None
        if period.is_closed(month_of(moment)):
            names = kept.get(span[0]), kept.get(before[0]) if before else None
            pair = self._pair(municipality, place.dimension, (span, before), names)
        if pair is None:
            return Followed(period.id, None, None, preliminary=True)
        preliminary = not all(is_settled(month, moment) for month in pair.now.months)
        found = [each for each in pair.cells if _is_at(each, place)]
        cell = next((each for each in found if each.question_version == place.version), next(iter(found), None))
        if cell is None or cell.base_status is BaseStatus.SUPPRESSED:
            return Followed(period.id, None, None, preliminary)
        asked = {(q.id, q.version): q for q in pair.now.counts.questions}
        question = asked.get((cell.question, cell.question_version))
        otherwise = cell.previous is None and _asked_otherwise(question, place, pair.old)
        return Followed(period.id, cell, question, preliminary, otherwise, pair)

    def _pair(
        self,
        municipality: Municipality,
        dimension: str,
        spans: tuple[tuple[str, str], tuple[str, str] | None],
        names: tuple[Names | None, Names | None],
    ) -> _Pair | None:
        """One dimension of two periods, computed once; None where the later one has no counts."""
        span, before = spans
        key = (municipality.id, municipality.thresholds, dimension, spans, names)
        if key not in self._pairs:
            now = self._reading(municipality.id, period_between(*span), names[0])
            old = self._reading(municipality.id, period_between(*before), names[1]) if before else None
            self._pairs[key] = _paired(now, old, municipality.thresholds, dimension) if now else None
        return self._pairs[key]

    def _reading(self, municipality: str, period: Period, names: Names | None) -> Reading | None:
        current = self._current(municipality, period)
        if names:
            known = {digest_of(each): each for each in current}
            kept = [known.get(name) or self._cells.frozen(municipality, name) for name in names]
            current = tuple(each for each in kept if each is not None)
        if not current:
            return None
        missing = tuple(month for month in period.months if month not in {each.period for each in current})
        return Reading(period, merged(period.id, current), current, missing)

    def _current(self, municipality: str, period: Period) -> tuple[PeriodCounts, ...]:
        found = (self._cells.read(municipality, month) for month in period.months)
        return tuple(each for each in found if each is not None)


def _paired(now: Reading, old: Reading | None, rule: Thresholds, dimension: str) -> _Pair:
    months = now.parts, old.parts if old else ()
    made = cells(now.counts, old.counts if old else None, rule, months=months, only=dimension)
    return _Pair(now, old, made, rule)


def _asked_otherwise(question: QuestionDefinition | None, place: PlaceLike, old: Reading | None) -> bool:
    """True where both periods asked the question, in two ways."""
    if question is None or old is None:
        return question is not None and question.version != place.version
    then = [each for each in old.counts.main_questions if each.id == question.id]
    return bool(then) and not any(each.same_as(question) for each in then)


def _is_at(cell: Cell, place: PlaceLike) -> bool:
    return (cell.dimension, cell.value, cell.question, str(cell.measure)) == (
        *(place.dimension, place.value, place.question),
        place.measure,
    )
