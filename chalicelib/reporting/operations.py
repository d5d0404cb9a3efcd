"""What a report says beside the scores: the way to an answer, how long citizens waited, which comments may be read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.classes import classes
from chalicelib.reporting.model import ALL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.municipalities.model import Thresholds
    from chalicelib.reporting.classes import Class
    from chalicelib.reporting.model import Comment, PeriodCounts, QuestionDefinition
    from chalicelib.reporting.published import PublishedGroups
    from chalicelib.reporting.reading import Reading

COMMENT_MINIMUM: Final = 10
"""Comments have a limit of their own: a group of fewer answers could be recognised by what was written."""
_BANDS: Final[dict[str, tuple[int, int | None]]] = {
    "00-05": (0, 4),
    "05-10": (5, 9),
    "10-20": (10, 19),
    "20-30": (20, 29),
    "30+": (30, None),
}
"""Whole minutes of the bands that answers and contacts are split by (`v_contacts_responses`)."""
_HALF: Final = 5
_LEAD_STARTS: Final = (0, 1, 2, 4, 7, 14)
"""Days from which the classes of lead times begin."""


@dataclass(frozen=True, slots=True)
class WaitingBin:
    """Contacts that waited from `first` up to and including `last` whole minutes; `last` is None without an end.

    `count` is None where it may not be shown.
    """

    first: int
    last: int | None
    count: int | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The distribution of waiting times; half of the citizens waited `median` minutes or less, nine of ten `ninth`."""

    n: int
    median: int
    ninth: int
    bins: tuple[WaitingBin, ...]


def waiting_times(reading: Reading, thresholds: Thresholds) -> Waiting | None:
    """The distribution in the bands of the reports, in halves of five minutes where those are of nobody or of enough.

    None when too few waited to show it. A band that the reports hide is hidden here too: it is the same number.
    """
    served, n = reading.served(thresholds), sum(reading.counts.waiting.values())
    if served.measured is None or not n:
        return None
    limit = thresholds.suppress_below
    minutes = {int(minute): count for minute, count in reading.counts.waiting.items()}
    months = [{int(minute): count for minute, count in month.waiting.items()} for month in reading.months]
    bins = []
    for band, (first, last) in _BANDS.items():
        halves = _halves(first, last)
        if served.hides("waiting", band):
            bins.append(WaitingBin(first, last, None))
        elif all(_between(m, *half) == 0 or _between(m, *half) >= limit for m in months for half in halves):
            bins += [WaitingBin(*half, _between(minutes, *half)) for half in halves]
        else:
            bins.append(WaitingBin(first, last, _between(minutes, first, last)))
    return Waiting(n, _quantile(minutes, n, 0.5), _quantile(minutes, n, 0.9), tuple(bins))


def lead_times(reading: Reading, thresholds: Thresholds) -> list[Class]:
    """How many days ahead the booked citizens had booked, in classes of nobody or of enough (SK-25)."""
    whole, *parts = (
        {int(day): count for day, count in counts.lead_days.items()} for counts in (reading.counts, *reading.months)
    )
    return classes(_LEAD_STARTS, whole, parts, thresholds.suppress_below)


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


def quotable(comments: Sequence[Comment], *, asked: bool) -> list[Comment]:
    """Those that may stand where others than the page of all comments quote (ADR 29).

    Where the municipality asks, only those with a yes; where it never asked, none that was ever refused.
    """
    return [each for each in comments if (each.may_be_quoted is True if asked else each.may_be_quoted is not False)]


def readable_comments(counts: PeriodCounts, published: PublishedGroups) -> list[Comment]:
    """The comments of groups with at least ten answers.

    A comment is left out when its office (or, without an office, its channel) gave fewer, and when its language did:
    everybody sees which one it is. Its reason is taken off when that gave fewer. Beside it stands a week, not a day.
    """
    if not counts.questions:
        return []
    overall = counts.questions[0]
    enough = {
        (group.dimension, group.value)
        for dimension in (ALL, "office", "channel", "reason", "language")
        for group in published.of(overall, dimension)
        if group.n >= COMMENT_MINIMUM and not published.hides(group, overall)
    }
    return [
        comment if ("reason", comment.reason) in enough else replace(comment, reason="")
        for comment in counts.comments
        if {(ALL, ALL), _place(comment), ("language", comment.language)} <= enough
    ]


def _place(comment: Comment) -> tuple[str, str]:
    return ("office", comment.office) if comment.office else ("channel", comment.channel)


def _halves(first: int, last: int | None) -> list[tuple[int, int | None]]:
    if last is None or last - first < _HALF:
        return [(first, last)]
    return [(first, first + _HALF - 1), (first + _HALF, last)]


def _between(minutes: Mapping[int, int], first: int, last: int | None) -> int:
    return sum(count for minute, count in minutes.items() if first <= minute and (last is None or minute <= last))


def _quantile(minutes: Mapping[int, int], n: int, share: float) -> int:
    seen = 0
    for minute in sorted(minutes):
        seen += minutes[minute]
        if seen >= share * n:
            return minute
    return max(minutes)
