"""What a report says beside the scores: the way to an answer, how long citizens waited, which comments may be read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.model import ALL, FUNNEL
from chalicelib.reporting.statistics import Proportion
from chalicelib.reporting.suppression import gives_away

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chalicelib.municipalities.model import Thresholds
    from chalicelib.reporting.model import Comment, PeriodCounts, QuestionDefinition
    from chalicelib.reporting.published import PublishedGroups

COMMENT_MINIMUM: Final = 10
"""Comments have a limit of their own: a group of fewer answers could be recognised by what was written."""
_BIN_MINUTES: Final = 5
_LAST_BIN: Final = 30


@dataclass(frozen=True, slots=True)
class WaitingBin:
    """Contacts that waited from `first` up to and including `last` whole minutes; `last` is None without an end."""

    first: int
    last: int | None
    count: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """The distribution of waiting times; half of the citizens waited `median` minutes or less, nine of ten `ninth`."""

    n: int
    median: int
    ninth: int
    bins: tuple[WaitingBin, ...]


def waiting_times(waiting: Mapping[str, int], thresholds: Thresholds) -> Waiting | None:
    """The distribution in bins of five minutes; None when too few waited to show it."""
    minutes = {int(minute): count for minute, count in waiting.items()}
    n = sum(minutes.values())
    if n < thresholds.suppress_below or not n:
        return None
    edges = [*range(0, _LAST_BIN, _BIN_MINUTES)]
    bins = [
        WaitingBin(first, first + _BIN_MINUTES - 1, _between(minutes, first, first + _BIN_MINUTES - 1))
        for first in edges
    ]
    bins.append(WaitingBin(_LAST_BIN, None, sum(count for minute, count in minutes.items() if minute >= _LAST_BIN)))
    return Waiting(n, _quantile(minutes, n, 0.5), _quantile(minutes, n, 0.9), tuple(bins))


def distribution(published: PublishedGroups, question: QuestionDefinition) -> dict[str, int]:
    """How often everyone gave each answer: lowest number or first option first; nothing when the base is hidden."""
    total = next((group for group in published.of(question, ALL) if not published.hides(group, question)), None)
    if total is None:
        return {}
    if question.minimum is not None and question.maximum is not None:
        order = [str(point) for point in range(question.minimum, question.maximum + 1)]
    else:
        order = list(question.options)
    others = [answer for answer in total.counts if answer not in order]
    return {answer: total.counts.get(answer, 0) for answer in [*order, *others]}


def readable_comments(counts: PeriodCounts, published: PublishedGroups) -> list[Comment]:
    """The comments of groups with at least ten answers.

    A comment is left out when its office (or, without an office, its channel) gave fewer; its reason is taken off when
    that did. The week stands beside it, never a day or a time.
    """
    if not counts.questions:
        return []
    overall = counts.questions[0]
    enough = {
        (group.dimension, group.value)
        for dimension in (ALL, "office", "channel", "reason")
        for group in published.of(overall, dimension)
        if group.n >= COMMENT_MINIMUM and not published.hides(group, overall)
    }
    return [
        comment if ("reason", comment.reason) in enough else replace(comment, reason="")
        for comment in counts.comments
        if (ALL, ALL) in enough and _place(comment) in enough
    ]


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


def hidden_steps(months: Sequence[PeriodCounts], thresholds: Thresholds) -> frozenset[str]:
    """The steps that a longer period hides, because with the other months they would tell what one of them hides.

    A step is the base of the next: both are hidden.
    """
    limit, hidden = thresholds.suppress_below, set()
    for step, following in zip(FUNNEL, (*FUNNEL[1:], None), strict=True):
        few = [n for month in months if 0 < (n := month.funnel.get(step, 0)) < limit]
        if gives_away(few, limit):
            hidden |= {step, following}
    return frozenset(step for step in hidden if step)


def _place(comment: Comment) -> tuple[str, str]:
    return ("office", comment.office) if comment.office else ("channel", comment.channel)


def _between(minutes: Mapping[int, int], first: int, last: int) -> int:
    return sum(count for minute, count in minutes.items() if first <= minute <= last)


def _quantile(minutes: Mapping[int, int], n: int, share: float) -> int:
    seen = 0
    for minute in sorted(minutes):
        seen += minutes[minute]
        if seen >= share * n:
            return minute
    return max(minutes)
