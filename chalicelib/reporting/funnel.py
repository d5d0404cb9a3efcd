"""The way from a served contact to an answer, step by step, and which steps stay hidden (SK-11, design 4.7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.reporting.merging import published_parts
from chalicelib.reporting.model import FUNNEL
from chalicelib.reporting.statistics import Proportion
from chalicelib.reporting.suppression import gives_away

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chalicelib.reporting.model import PeriodCounts
    from chalicelib.reporting.published import PublishedGroups

_FOLLOWING = dict(zip(FUNNEL, (*FUNNEL[1:], ""), strict=True))
_SERVED, _SENT, _FINISHED = FUNNEL[0], "sent", "finished"


def funnel_steps(counts: PeriodCounts) -> Iterator[tuple[str, Proportion]]:
    """Each funnel step as a share of the step before; the first as a share of itself.

    Steps are counted where they happen, so a link may be opened whose delivery no carrier ever reported: then the base
    is what was counted, and the rate 100 %.
    """
    base = counts.funnel.get(FUNNEL[0], 0)
    for step in FUNNEL:
        count = counts.funnel.get(step, 0)
        if max(base, count):
            yield step, Proportion(count, max(base, count))
        base = count


def hidden_steps(
    counts: PeriodCounts, months: Sequence[PeriodCounts], published: PublishedGroups, limit: int
) -> dict[str, frozenset[str]]:
    """The steps that a period hides, and each shorter one in it, by period.

    A longer period hides what would tell, with the other shorter ones, what one of them hides; a step is the base of
    the next, so both are hidden. Where how many answered is hidden, so are the steps that come near it; where how many
    were served is, so is the first.
    """
    return dict(_steps(counts, months, published, limit).by_period())


@dataclass(frozen=True, slots=True)
class _Steps:
    """`untold` is how much of each step's count nobody can know, once the shorter periods are known."""

    period: str
    hidden: frozenset[str]
    untold: Mapping[str, int]
    parts: Sequence[_Steps]

    def by_period(self) -> Iterator[tuple[str, frozenset[str]]]:
        yield self.period, self.hidden
        for part in self.parts:
            yield from part.by_period()


def _steps(counts: PeriodCounts, months: Sequence[PeriodCounts], published: PublishedGroups, limit: int) -> _Steps:
    shorter = published_parts(counts.period, months) if months else []
    parts = [
        _steps(part, its_months, gate, limit) for (part, its_months), gate in zip(shorter, published.parts, strict=True)
    ]
    hidden = {step for step, share in funnel_steps(counts) if 0 < share.count < limit or share.n < limit}
    hidden |= _near_the_answers(counts, limit) if published.hides_everyone else set()
    hidden |= {_SERVED, _FOLLOWING[_SERVED]} if published.hides_served else set()
    for step in FUNNEL:
        if gives_away([part.untold[step] for part in parts], limit):
            hidden |= {step, _FOLLOWING[step]}
    untold = {
        step: (sum(part.untold[step] for part in parts) if parts else counts.funnel.get(step, 0))
        for step in FUNNEL
        if step in hidden and _FOLLOWING[step] in {*hidden, ""}
    }
    return _Steps(counts.period, frozenset(hidden), dict.fromkeys(FUNNEL, 0) | untold, parts)


def _near_the_answers(counts: PeriodCounts, limit: int) -> set[str]:
    """The steps after the yes, and those before that so few left later that they tell how many answered."""
    finished = counts.funnel.get(_FINISHED, 0)
    near = {step for step in FUNNEL if counts.funnel.get(step, 0) - finished < limit}
    return near | set(FUNNEL[FUNNEL.index(_SENT) :])
