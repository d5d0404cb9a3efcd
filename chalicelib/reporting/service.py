"""Reading a report: which periods there are, which one is meant, and its figures. No Athena, no dataframes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.reporting.cells import Cell, Measure, cells, find
from chalicelib.reporting.model import ALL, DIMENSIONS
from chalicelib.reporting.operations import Waiting, distribution, readable_comments, waiting_times
from chalicelib.reporting.statistics import SIGNIFICANCE_LEVEL, benjamini_hochberg
from chalicelib.shared.clock import month_of
from chalicelib.shared.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chalicelib.municipalities.model import Municipality, Thresholds
    from chalicelib.reporting.model import Comment, PeriodCounts, QuestionDefinition
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.languages import Text

OVERVIEW: Final = "overview"
REPORTS: Final[dict[str, Text]] = {OVERVIEW: {"da": "Overblik", "en": "Overview"}}
PREVIOUS, YEAR, NO_COMPARISON = "previous", "year", "none"
_OVERVIEW_DIMENSIONS: Final = ("office", "reason", "channel", "language")
_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_MONTHS_TO_LOOK_BACK: Final = 24


class ReportCells(Protocol):
    """Where the counts of the periods are kept."""

    def periods(self, municipality: str) -> list[str]:
        """Every period that has counts, oldest first."""
        ...

    def read(self, municipality: str, period: str) -> PeriodCounts | None:
        """The counts of a period; None when there are none."""
        ...


@dataclass(frozen=True, slots=True)
class Multiplicity:
    """How many changes were tested, how many are significant, and how many stay so after Benjamini-Hochberg (GL-59)."""

    tested: int
    significant: int
    adjusted: frozenset[tuple[str, str, str]]
    """(dimension, value, question) of the shares whose change holds after the adjustment."""


@dataclass(frozen=True, slots=True)
class Overview:
    """A period's report, already suppressed: raw counts never leave the service.

    `compare` is None when the period stands alone; `closed` is False while it still runs.
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

    def total(self, question: QuestionDefinition, measure: Measure = Measure.SHARE) -> Cell | None:
        """The figure of everyone; None when nobody was asked."""
        found = self.of(ALL, question, measure)
        return found[0] if found else None

    def of(self, dimension: str, question: QuestionDefinition, measure: Measure = Measure.SHARE) -> list[Cell]:
        """The figures of one dimension."""
        found = find(self.cells, dimension, question.id, measure)
        return [cell for cell in found if cell.question_version == question.version]


class ReportService:
    """Reports of one deployment."""

    def __init__(self, *, cells: ReportCells, clock: Callable[[], Clock]) -> None:
        self._cells = cells
        self._clock = clock

    def periods(self, municipality: str) -> list[str]:
        """Every period with counts, oldest first; the running one may be among them."""
        return self._cells.periods(municipality)

    def overview(
        self, municipality: Municipality, period: str | None = None, compare: str | None = None, by: str | None = None
    ) -> Overview | None:
        """The overview of a period, compared with another, of all dimensions or of one; None without any counts.

        Without `period`: the last closed month with more answers than a small base. `compare` is a month or `previous`
        (the default), `year` (the same month a year earlier) or `none`.

        Raises:
            InvalidInput: no such month or dimension.
            NotFound: the period asked for has no counts.
        """
        dimensions = _dimensions(by)
        known = self.periods(municipality.id)
        counts = self._counts(municipality, _month("period", period), known)
        if counts is None:
            return None
        against = _against(counts.period, compare)
        previous = self._cells.read(municipality.id, against) if against in known else None
        closed = counts.period < month_of(self._clock().now())
        made = cells(counts, previous, municipality.thresholds, tested=closed)
        questions = counts.main_questions
        return Overview(
            period=counts.period,
            closed=closed,
            compare=previous.period if previous else None,
            periods=tuple(known),
            generated_at=counts.generated_at,
            questions=questions,
            thresholds=municipality.thresholds,
            cells=tuple(cell for cell in made if cell.dimension in dimensions),
            distributions={q.id: distribution(counts, q, municipality.thresholds) for q in questions},
            changed_questions=_changed(counts, previous),
            asked_in_two_ways=counts.asked_in_two_ways,
            waiting=waiting_times(counts.waiting, municipality.thresholds),
            comments=tuple(readable_comments(counts, municipality.thresholds)),
            multiplicity=_multiplicity(made),
        )

    def _counts(self, municipality: Municipality, period: str | None, known: Sequence[str]) -> PeriodCounts | None:
        if period is not None:
            counts = self._cells.read(municipality.id, period)
            if counts is None:
                raise NotFound(fields={"period": "no counts"})
            return counts
        running = month_of(self._clock().now())
        closed = [month for month in reversed(known) if month < running][:_MONTHS_TO_LOOK_BACK]
        first: PeriodCounts | None = None
        for month in closed or list(known[-1:]):
            counts = self._cells.read(municipality.id, month)
            first = first or counts
            if counts is not None and _answers(counts) > municipality.thresholds.small_base:
                return counts
        return first


def _answers(counts: PeriodCounts) -> int:
    return max((group.n for group in counts.groups if group.dimension == ALL), default=0)


def _dimensions(by: str | None) -> frozenset[str]:
    if by is None:
        return frozenset({ALL, *_OVERVIEW_DIMENSIONS, "funnel"})
    if by not in DIMENSIONS:
        raise InvalidInput(fields={"by": f"one of {', '.join(DIMENSIONS)}"})
    return frozenset({ALL, by, "funnel"})


def _month(name: str, value: str | None) -> str | None:
    if value is not None and not _MONTH.fullmatch(value):
        raise InvalidInput(fields={name: "a month such as 2026-10"})
    return value


def _against(period: str, compare: str | None) -> str | None:
    if compare == NO_COMPARISON:
        return None
    year, month = int(period[:4]), int(period[5:])
    if compare in {None, PREVIOUS}:
        return f"{year}-{month - 1:02d}" if month > 1 else f"{year - 1}-12"
    if compare == YEAR:
        return f"{year - 1}-{month:02d}"
    against = _month("compare", compare)
    if against is not None and against >= period:
        raise InvalidInput(fields={"compare": "a month before the period"})
    return against


def _changed(counts: PeriodCounts, previous: PeriodCounts | None) -> frozenset[str]:
    """The questions that both periods asked, in different ways: the series breaks there (SK-33)."""
    before = {definition.id: definition for definition in previous.main_questions} if previous else {}
    now = {definition.id: definition for definition in counts.main_questions}
    return frozenset(id_ for id_, definition in now.items() if id_ in before and not definition.same_as(before[id_]))


def _multiplicity(made: Sequence[Cell]) -> Multiplicity:
    tested = [cell for cell in made if cell.measure is Measure.SHARE and cell.p_value is not None]
    adjusted = benjamini_hochberg([cell.p_value or 0.0 for cell in tested])
    holding = [cell for cell, p in zip(tested, adjusted, strict=True) if p < SIGNIFICANCE_LEVEL]
    return Multiplicity(
        tested=len(tested),
        significant=sum(bool(cell.significant) for cell in tested),
        adjusted=frozenset((cell.dimension, cell.value, cell.question) for cell in holding),
    )
