"""From counts to published figures: every number that pages, API, files and QuickSight show is made here, once.

A cell carries its base, its interval and its status; a hidden one carries nothing but its status (design 4.7). Numbers
stay unrounded: whoever prints them rounds last (GL-27).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.reporting.cell import FUNNEL_DIMENSION, Cell, Measure
from chalicelib.reporting.funnel import funnel_steps, hidden_steps
from chalicelib.reporting.model import ALL, DIMENSIONS
from chalicelib.reporting.served import PublishedServed, published
from chalicelib.reporting.statistics import (
    BaseStatus,
    ChangeStatus,
    Comparison,
    Interval,
    Moments,
    Proportion,
    base_status,
    change_status,
    compare_means,
    compare_shares,
    may_compare,
    mean_interval,
    moments,
    wilson,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chalicelib.municipalities.model import Thresholds
    from chalicelib.reporting.model import Group, PeriodCounts, QuestionDefinition
    from chalicelib.reporting.published import PublishedGroups


def cells(
    counts: PeriodCounts,
    previous: PeriodCounts | None,
    thresholds: Thresholds,
    *,
    tested: bool = True,
    months: tuple[Sequence[PeriodCounts], Sequence[PeriodCounts]] = ((), ()),
    only: str | None = None,
) -> list[Cell]:
    """Every figure of a period: scores by dimension in the order of `DIMENSIONS`, then the funnel.

    `tested=False` for a period that still runs: changes are shown and never tested, because looking every day at a
    growing sample finds a false star sooner or later. `months` are those of longer periods, now and before. `only` one
    dimension's scores are made where nothing else is asked for; what is hidden is decided on all the same.
    """
    served = PublishedServed(counts, thresholds, months[0])
    now = published(counts, thresholds, months[0], served)
    before = published(previous, thresholds, months[1]) if previous else None
    maker = _Maker(counts, previous, thresholds, (now, before, served), tested=tested)
    if only is not None:
        return list(maker.scores((only,)))
    return [*maker.scores(), *maker.funnel(months)]


@dataclass(frozen=True, slots=True)
class _Sample:
    """A figure's raw side: a proportion or moments, whichever the measure needs."""

    measure: Measure
    proportion: Proportion | None = None
    moments: Moments | None = None

    @property
    def n(self) -> int:
        source = self.proportion or self.moments
        return source.n if source else 0

    @property
    def number(self) -> float:
        if self.moments:
            return self.moments.mean
        return self.proportion.share if self.proportion else 0.0

    def interval(self, definition: QuestionDefinition | None) -> Interval | None:
        if self.proportion:
            return wilson(self.proportion)
        found = mean_interval(self.moments) if self.moments else None
        if found is None or definition is None or definition.minimum is None or definition.maximum is None:
            return found
        return found.within(definition.minimum, definition.maximum)

    def compared_with(self, before: _Sample) -> Comparison | None:
        if self.proportion and before.proportion:
            return compare_shares(before.proportion, self.proportion)
        if self.moments and before.moments:
            return compare_means(before.moments, self.moments)
        return None


class _Maker:
    def __init__(
        self,
        counts: PeriodCounts,
        previous: PeriodCounts | None,
        thresholds: Thresholds,
        published: tuple[PublishedGroups, PublishedGroups | None, PublishedServed],
        *,
        tested: bool,
    ) -> None:
        self._counts, self._previous = counts, previous
        self._thresholds, self._tested = thresholds, tested
        self._now, self._before, self._served = published

    def scores(self, dimensions: Sequence[str] = (ALL, *DIMENSIONS)) -> Iterator[Cell]:
        for dimension in dimensions:
            for definition in self._counts.main_questions:
                groups = self._now.of(definition, dimension)
                for group in groups:
                    yield from self._group(group, definition)
                yield from self._silent(definition, dimension, {group.value for group in groups})

    def _silent(self, definition: QuestionDefinition, dimension: str, heard: set[str]) -> Iterator[Cell]:
        """Served groups of which nobody answered look like hidden ones: nothing says that the base was 0."""
        for value in self._counts.served.get(dimension, {}):
            if value not in heard:
                yield from self._hidden(dimension, value, definition)

    @staticmethod
    def _hidden(dimension: str, value: str, definition: QuestionDefinition) -> Iterator[Cell]:
        for measure in _measures(definition):
            yield Cell(dimension, value, definition.id, measure, BaseStatus.SUPPRESSED, definition.version)

    def _group(self, group: Group, definition: QuestionDefinition) -> list[Cell]:
        if group.n and self._now.hides(group, definition):
            # Every measure, whatever they answered: who all said "don't know" has no mean, and that is an answer too.
            return list(self._hidden(group.dimension, group.value, definition))
        before = self._before.same_group(group, definition) if self._before else None
        samples = _samples(before, definition) if before else ()
        old = {each.measure: each for each in samples if not self._is_too_small(each, group.dimension)}
        served = self._served.of(group.dimension, group.value)
        made = []
        for sample in _samples(group, definition):
            blank = Cell(
                group.dimension,
                group.value,
                group.question,
                sample.measure,
                BaseStatus.SUPPRESSED,
                question_version=group.question_version,
            )
            if self._is_too_small(sample, group.dimension):
                made.append(blank)
            else:
                cell = self._cell(blank, sample, definition, old.get(sample.measure))
                made.append(replace(cell, served=served))
        return _with_indications(made)

    def _is_too_small(self, sample: _Sample, dimension: str) -> bool:
        """A mean and its interval tell the sum of the scores and of the squares: of few, nearly the scores themselves.

        Where how many answered is hidden, that can tell it; where it is shown, so is how many gave each answer.
        """
        status = self._status(sample.n)
        few = status is BaseStatus.SMALL and sample.moments is not None and dimension != ALL
        return (few and self._hides_everyone) or status is BaseStatus.SUPPRESSED

    @cached_property
    def _hides_everyone(self) -> bool:
        """True where the total is hidden, in a period or in a shorter one in it."""
        periods = [gate.hidden_by_period() for gate in (self._now, self._before) if gate]
        return any((ALL, ALL) in hidden for found in periods for hidden in found.values())

    def _cell(
        self, blank: Cell, sample: _Sample, definition: QuestionDefinition | None, before: _Sample | None
    ) -> Cell:
        interval = sample.interval(definition)
        scale = definition if definition and sample.measure is Measure.MEAN else None
        cell = replace(
            blank,
            base_status=self._status(sample.n),
            count=sample.proportion.count if sample.proportion else None,
            n=sample.n,
            share=sample.number if sample.proportion else None,
            mean=sample.number if sample.moments else None,
            scale_min=scale.minimum if scale else None,
            scale_max=scale.maximum if scale else None,
            ci_low=interval.low if interval else None,
            ci_high=interval.high if interval else None,
        )
        if before is None:
            return cell
        return self._compared(replace(cell, previous=before.number, previous_n=before.n), sample, before)

    def _compared(self, cell: Cell, sample: _Sample, before: _Sample) -> Cell:
        comparison = sample.compared_with(before)
        if comparison is None or not may_compare(cell.base_status, self._status(before.n)):
            return cell
        changed = replace(
            cell,
            change=comparison.difference,
            change_low=comparison.interval.low,
            change_high=comparison.interval.high,
        )
        if not self._tested:
            return changed
        return replace(
            changed,
            p_value=comparison.p_value,
            significant=comparison.significant,
            change_status=change_status(comparison),
        )

    def funnel(self, months: tuple[Sequence[PeriodCounts], Sequence[PeriodCounts]]) -> Iterator[Cell]:
        now = self._steps(self._counts, months[0], self._now)
        before = self._steps(self._previous, months[1], self._before) if self._previous and self._before else {}
        for step, share in now.items():
            blank = Cell(FUNNEL_DIMENSION, step, "", Measure.RATE, BaseStatus.SUPPRESSED)
            if share is None:
                yield blank
            else:
                old = before.get(step)
                sample = _Sample(Measure.RATE, old) if old else None
                yield self._cell(blank, _Sample(Measure.RATE, share), None, sample)

    def _steps(
        self, counts: PeriodCounts, months: Sequence[PeriodCounts], gate: PublishedGroups
    ) -> dict[str, Proportion | None]:
        """The steps of a period; None for one that is hidden."""
        hidden = hidden_steps(counts, months, gate, self._thresholds.suppress_below)[counts.period]
        return {step: None if step in hidden else share for step, share in funnel_steps(counts)}

    def _status(self, n: int) -> BaseStatus:
        return base_status(n, suppress_below=self._thresholds.suppress_below, small_base=self._thresholds.small_base)


def _samples(group: Group, definition: QuestionDefinition) -> Iterator[_Sample]:
    """What one group's answers to one question are published as. Nothing when nobody answered."""
    if not group.n:
        return
    yield _Sample(Measure.SHARE, Proportion(group.count(definition.favourable), group.n))
    if definition.low_answers:
        yield _Sample(Measure.UNFAVOURABLE, Proportion(group.count(definition.low_answers), group.n))
    if definition.is_scale and (found := moments(group.numbers)) is not None:
        yield _Sample(Measure.MEAN, moments=found)


def _measures(definition: QuestionDefinition) -> Iterator[Measure]:
    yield Measure.SHARE
    if definition.low_answers:
        yield Measure.UNFAVOURABLE
    if definition.is_scale:
        yield Measure.MEAN


def _with_indications(made: list[Cell]) -> list[Cell]:
    """Let share and mean of one group speak for each other.

    Where one moved for certain, the other's uncertain move the same way becomes an indication (GL-49).
    """
    sure = {_better(cell) for cell in made if cell.significant}
    return [
        replace(cell, change_status=ChangeStatus.INDICATION)
        if cell.change_status is ChangeStatus.NONE and cell.change and _better(cell) in sure
        else cell
        for cell in made
    ]


def _better(cell: Cell) -> bool:
    rose = (cell.change or 0) > 0
    return not rose if cell.measure is Measure.UNFAVOURABLE else rose
