"""The overview of a period and its figures. No Athena, no dataframes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.cell import Cell, Measure, find
from chalicelib.reporting.cells import cells
from chalicelib.reporting.control import Event
from chalicelib.reporting.crossings import Crossings, first_editions
from chalicelib.reporting.editions import is_settled
from chalicelib.reporting.findings import Finding, Recomputed, digest_of, finding_of, of_same_data, recomputed
from chalicelib.reporting.model import ALL, DIMENSIONS
from chalicelib.reporting.multiplicity import Multiplicity, multiplicity
from chalicelib.reporting.operations import Waiting, distribution, readable_comments, waiting_times
from chalicelib.reporting.periods import closed_periods, period_of
from chalicelib.reporting.reading import NO_COMPARISON, Compared, PeriodReader, ReportCells
from chalicelib.reporting.statistics import BaseStatus
from chalicelib.reporting.themes import (
    CELLS,
    CROSSINGS,
    TARGETS,
    TREND,
    score_cells,
    target_cells,
    trend_cells,
    with_text_cells,
)
from chalicelib.reporting.traffic import MOST, QUARTER, Slice, slices
from chalicelib.reporting.trend import Trend, trend
from chalicelib.shared.clock import local_date, month_of
from chalicelib.shared.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from chalicelib.municipalities.model import Municipality, Thresholds
    from chalicelib.reporting.model import Comment, PeriodCounts, QuestionDefinition
    from chalicelib.reporting.periods import Period
    from chalicelib.reporting.reading import Reading
    from chalicelib.shared.clock import Clock

MONTHS_OF_TREND: Final = 13
_OVERVIEW_DIMENSIONS: Final = ("office", "reason", "channel", "language")


@dataclass(frozen=True, slots=True)
class Overview:
    """A period's report, already suppressed: raw counts never leave the service.

    `compare` is None when the period stands alone; `closed` is False while it still runs. `missing` are months of the
    period without counts. `periods` are the months that have some.
    """

    period: str
    closed: bool
    compare: str | None
    periods: tuple[str, ...]
    generated_at: str
    questions: tuple[QuestionDefinition, ...]
    """One wording per question: where it changed within the period, the one that most answered."""
    thresholds: Thresholds
    cells: tuple[Cell, ...]
    distributions: Mapping[str, Mapping[str, int]]
    """How often each answer was given, by question; only of questions whose total is shown."""
    changed_questions: frozenset[str]
    asked_in_two_ways: frozenset[str]
    waiting: Waiting | None
    comments: tuple[Comment, ...]
    multiplicity: Multiplicity
    missing: tuple[str, ...] = ()
    with_text: Cell | None = None
    """How many of those who finished also wrote something (BF-07)."""
    source: Compared | None = None

    def address_of(self, cell: Cell, like: Finding | None = None) -> Finding | None:
        """What names this figure for good; None for a period that still runs and for operational shares.

        `like` is the address of another figure of this overview, where there is one.
        """
        found = self.source
        if found is None or not self.closed or not cell.question or cell.base_status is BaseStatus.SUPPRESSED:
            return None
        if like is not None:
            return of_same_data(like, cell)
        before = (found.before.period.id, found.before.months) if found.before else None
        return finding_of(cell, (self.period, found.now.months), before, self.thresholds)

    def total(self, question: QuestionDefinition, measure: Measure = Measure.SHARE) -> Cell | None:
        """The figure of everyone; None when nobody was asked."""
        found = self.of(ALL, question, measure)
        return found[0] if found else None

    def of(self, dimension: str, question: QuestionDefinition, measure: Measure = Measure.SHARE) -> list[Cell]:
        """The figures of one dimension."""
        found = find(self.cells, dimension, question.id, measure)
        return [cell for cell in found if cell.question_version == question.version]


@dataclass(frozen=True, slots=True)
class FindingThenAndNow:
    """A published figure, and today's. `then` is None where its data were preliminary and have changed since."""

    then: Recomputed | None
    now: Cell | None
    settled: bool


class ReportService:
    """Reports of one deployment."""

    def __init__(self, *, cells: ReportCells, clock: Callable[[], Clock]) -> None:
        self._cells = cells
        self._reader = PeriodReader(cells)
        self._clock = clock

    def periods(self, municipality: str) -> list[str]:
        """Every month with counts, oldest first; the running one may be among them."""
        return self._cells.periods(municipality)

    def counts(self, municipality: Municipality, first: str, last: str) -> tuple[PeriodCounts, ...]:
        """The counts of the months from `first` to `last` that have any; never to be shown unsuppressed."""
        months = [month for month in self._cells.periods(municipality.id) if first <= month <= last]
        found = (self._cells.read(municipality.id, month) for month in months)
        return tuple(counts for counts in found if counts is not None)

    def readable(self, municipality: Municipality, period: str) -> tuple[Comment, ...]:
        """The comments of a period that may be read.

        Raises:
            InvalidInput, NotFound: as `compared`.
        """
        found = self.compared(municipality, period, NO_COMPARISON)
        return tuple(readable_comments(found.now.counts, found.published)) if found else ()

    def compared(
        self, municipality: Municipality, period: str | None = None, compare: str | None = None
    ) -> Compared | None:
        """A period's counts and those of its comparison, for the reports of one theme; see `PeriodReader.compared`."""
        now = self._clock().now()
        found = self._reader.compared(municipality, period, compare, running=month_of(now))
        return found and replace(found, settled=all(is_settled(month, now) for month in found.now.months))

    def overview(
        self, municipality: Municipality, period: str | None = None, compare: str | None = None, by: str | None = None
    ) -> Overview | None:
        """The overview of a period, compared with another, of all dimensions or of one; None without any counts.

        Raises:
            InvalidInput: no such period or dimension.
            NotFound: the period asked for has no counts.
        """
        dimensions = _dimensions(by)
        found = self.compared(municipality, period, compare)
        return None if found is None else overview_of(found, dimensions)

    def report_cells(self, found: Compared, municipality: Municipality, report: str) -> list[Cell]:
        """The cells of a report other than the overview.

        Raises:
            NotFound: there is no such report.
        """
        if report in CELLS:
            return CELLS[report](found, municipality)
        if report == TREND:
            return trend_cells(self.trend(found, municipality))
        if report == TARGETS:
            return target_cells(found, municipality)
        if report == CROSSINGS:
            return list(self.crossings(municipality, found.now).cells())
        raise NotFound(fields={"report": "unknown report"})

    def finding(self, municipality: Municipality, finding: Finding) -> FindingThenAndNow:
        """A figure computed again from the data that its address names, and the same figure of today's data.

        Raises:
            NotFound, InvalidInput: see `recomputed`; data that are no longer kept are no error.
        """
        current = self._current(municipality.id, finding)
        known = {
            digest: month
            for digest in (*finding.data, *finding.before)
            if (month := current.get(digest) or self._cells.frozen(municipality.id, digest))
        }
        kept = known.keys() >= {*finding.data, *finding.before}
        then = recomputed(finding, known.get, municipality.thresholds) if kept else None
        found = self.compared(municipality, finding.period, finding.compare or NO_COMPARISON)
        now = score_cells(found, (finding.dimension,)) if found else []
        same = (c for c in now if (c.dimension, c.value, c.question, c.measure) == _place_of(finding))
        return FindingThenAndNow(then, next(same, None), settled=bool(found and found.settled))

    def _current(self, municipality: str, finding: Finding) -> dict[str, PeriodCounts]:
        """What stands today of the months that a figure is of, by its name."""
        periods = [period_of(period) for period in (finding.period, finding.compare) if period]
        read = (self._cells.read(municipality, month) for period in periods for month in period.months)
        return {digest_of(each): each for each in read if each is not None}

    def trend(self, found: Compared, municipality: Municipality, question: str | None = None) -> Trend | None:
        """The weeks of a question in the period and the year before it; None when nobody was asked."""
        chosen = next((q for q in found.now.counts.main_questions if question in {None, q.id}), None)
        if chosen is None:
            return None
        last = found.now.period.months[-1]
        first = [month for month in found.known if month <= last][-MONTHS_OF_TREND:][0]
        read = [self._cells.read(municipality.id, month) for month in found.known if first[:4] <= month[:4] <= last[:4]]
        counts = [each for each in read if each is not None]
        events = [Event(week_of(each.day), each.day.isoformat()) for each in municipality.events]
        running = week_of(local_date(self._clock().now()))
        # The whole of each year decides what is hidden, so a year is read to its end; shown is what the period has.
        return trend(counts, chosen, found.thresholds, events, first=first, last=last, running_week=running)

    def crossings(self, municipality: Municipality, reading: Reading) -> Crossings:
        """What may be shown of a period by two fields at once: only a settled quarter has any (ADR 36)."""
        months = first_editions(self._cells, reading.months)
        settled = reading.period.is_settled(month_of(self._clock().now()))
        return Crossings(reading.period, months, municipality.thresholds, settled=settled)

    def crossing_quarters(self, municipality: Municipality) -> list[str]:
        """The settled quarters of which every month is known, the latest first."""
        known, running = self.periods(municipality.id), month_of(self._clock().now())
        return [each.id for each in _complete(known, running, QUARTER) if each.is_settled(running)]

    def traffic(self, found: Compared, municipality: Municipality, length: int) -> tuple[Slice, ...]:
        """The contacts of the latest closed quarters or years (`length` in months) of which every month is known."""
        running = month_of(self._clock().now())
        periods = _complete(found.known, running, length)[: MOST[length]]
        read = (self._reader.read(municipality.id, period, found.known) for period in reversed(periods))
        return slices((reading for reading in read if reading), found.thresholds)


def _complete(known: Sequence[str], running: str, length: int) -> list[Period]:
    return [period for period in closed_periods(list(known), running, length) if set(known).issuperset(period.months)]


def week_of(day: date) -> str:
    """The ISO week of a day, such as `2026-W41`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def _place_of(finding: Finding) -> tuple[str, str, str, Measure]:
    return finding.dimension, finding.value, finding.question, finding.measure


def overview_of(found: Compared, dimensions: frozenset[str]) -> Overview:
    """The figures of a period, of some dimensions."""
    counts, previous = found.now.counts, found.before.counts if found.before else None
    thresholds = found.thresholds
    parts = found.now.parts, found.before.parts if found.before else ()
    every = cells(counts, previous, thresholds, tested=found.closed, months=parts)
    made = tuple(cell for cell in every if cell.dimension in dimensions)
    questions = counts.main_questions
    return Overview(
        period=found.now.period.id,
        closed=found.closed,
        compare=found.before.period.id if found.before else None,
        periods=found.known,
        generated_at=counts.generated_at,
        questions=questions,
        thresholds=thresholds,
        cells=made,
        distributions={q.id: distribution(found.published, q) for q in questions},
        changed_questions=_changed(counts, previous),
        asked_in_two_ways=counts.asked_in_two_ways,
        waiting=waiting_times(found.now, thresholds),
        comments=tuple(readable_comments(counts, found.published)),
        multiplicity=multiplicity(made),
        missing=found.now.missing,
        with_text=next(iter(with_text_cells(found)), None),
        source=found,
    )


def _dimensions(by: str | None) -> frozenset[str]:
    if by is None:
        return frozenset({ALL, *_OVERVIEW_DIMENSIONS, "funnel"})
    if by not in DIMENSIONS:
        raise InvalidInput(fields={"by": f"one of {', '.join(DIMENSIONS)}"})
    return frozenset({ALL, by, "funnel"})


def _changed(counts: PeriodCounts, previous: PeriodCounts | None) -> frozenset[str]:
    """The questions that both periods asked, in different ways: the series breaks there (SK-33)."""
    before = {definition.id: definition for definition in previous.main_questions} if previous else {}
    now = {definition.id: definition for definition in counts.main_questions}
    return frozenset(id_ for id_, definition in now.items() if id_ in before and not definition.same_as(before[id_]))
