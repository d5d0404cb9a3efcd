"""The overview of a period and its figures. No Athena, no dataframes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.cells import Cell, Measure, cells, find
from chalicelib.reporting.model import ALL, DIMENSIONS
from chalicelib.reporting.operations import Waiting, distribution, readable_comments, waiting_times
from chalicelib.reporting.reading import NO_COMPARISON, PREVIOUS, YEAR, Compared, PeriodReader, ReportCells
from chalicelib.reporting.statistics import SIGNIFICANCE_LEVEL, benjamini_hochberg
from chalicelib.shared.clock import month_of
from chalicelib.shared.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chalicelib.municipalities.model import Municipality, Thresholds
    from chalicelib.reporting.model import Comment, PeriodCounts, QuestionDefinition
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.languages import Text

OVERVIEW: Final = "overview"
__all__ = ["NO_COMPARISON", "PREVIOUS", "YEAR", "Multiplicity", "Overview", "ReportService", "overview_of"]

REPORTS: Final[dict[str, Text]] = {OVERVIEW: {"da": "Overblik", "en": "Overview"}}
_OVERVIEW_DIMENSIONS: Final = ("office", "reason", "channel", "language")


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
        self._reader = PeriodReader(cells)
        self._clock = clock

    def periods(self, municipality: str) -> list[str]:
        """Every month with counts, oldest first; the running one may be among them."""
        return self._cells.periods(municipality)

    def compared(
        self, municipality: Municipality, period: str | None = None, compare: str | None = None
    ) -> Compared | None:
        """A period's counts and those of its comparison, for the reports of one theme; see `PeriodReader.compared`."""
        return self._reader.compared(municipality, period, compare, running=month_of(self._clock().now()))

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
        distributions={q.id: distribution(counts, q, thresholds) for q in questions},
        changed_questions=_changed(counts, previous),
        asked_in_two_ways=counts.asked_in_two_ways,
        waiting=waiting_times(counts.waiting, thresholds),
        comments=tuple(readable_comments(counts, thresholds)),
        multiplicity=_multiplicity(made),
        missing=found.now.missing,
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


def _multiplicity(made: Sequence[Cell]) -> Multiplicity:
    tested = [cell for cell in made if cell.measure is Measure.SHARE and cell.p_value is not None]
    adjusted = benjamini_hochberg([cell.p_value or 0.0 for cell in tested])
    holding = [cell for cell, p in zip(tested, adjusted, strict=True) if p < SIGNIFICANCE_LEVEL]
    return Multiplicity(
        tested=len(tested),
        significant=sum(bool(cell.significant) for cell in tested),
        adjusted=frozenset((cell.dimension, cell.value, cell.question) for cell in holding),
    )
