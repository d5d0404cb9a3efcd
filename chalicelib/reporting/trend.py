"""Weeks of one question across months, for control charts (GL-68).

Months are published with their total, and weeks run across them, so a week is shown whole or not at all: a week of
which a month holds only a few answers would give those away, and so would a month's rest. What is hidden is decided for
a calendar year, whatever part of it a reader looks at: two views never hide different weeks.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.control import Event, Point, Week, control_chart
from chalicelib.reporting.model import ALL, WEEK
from chalicelib.reporting.statistics import Proportion, base_status
from chalicelib.reporting.suppression import Place, Sum, hidden_places

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chalicelib.municipalities.model import Thresholds
    from chalicelib.reporting.model import Group, PeriodCounts, QuestionDefinition


_SUNDAY: Final = 7


@dataclass(frozen=True, slots=True)
class Trend:
    """A question's weeks in order; `hidden` are how many had answers and are not shown."""

    points: tuple[Point, ...]
    hidden: int


def trend(
    months: Sequence[PeriodCounts],
    question: QuestionDefinition,
    thresholds: Thresholds,
    events: Iterable[Event] = (),
    *,
    first: str = "",
    last: str = "~",
    running_week: str,
) -> Trend:
    """The weeks from the month `first` to the month `last` that are over and lie in them; of one wording.

    Months that asked otherwise give none. The months are those of whole calendar years, as far as they have counts.
    """
    parts: dict[str, dict[str, Group]] = {
        month.period: {
            group.value: group for group in month.groups if group.dimension == WEEK and _is_of(group, question)
        }
        for month in months
    }
    totals = {
        month.period: group.n
        for month in months
        for group in month.groups
        if group.dimension == ALL and _is_of(group, question)
    }
    hidden: set[str] = set()
    for year in sorted({month[:4] for month in parts}):
        mine = {month: weeks for month, weeks in parts.items() if month[:4] == year}
        hidden |= _hidden(mine, totals, thresholds.suppress_below) | _across(year)
    counts: Counter[str] = Counter()
    bases: Counter[str] = Counter()
    for weeks in parts.values():
        for week, group in weeks.items():
            bases[week] += group.n
            counts[week] += group.count(question.favourable)
    wanted = {week for month, weeks in parts.items() if first <= month <= last for week in weeks}
    wanted -= {week for month, weeks in parts.items() if not first <= month <= last for week in weeks}
    shown = [
        Week(
            week,
            Proportion(counts[week], bases[week]),
            base_status(bases[week], suppress_below=thresholds.suppress_below, small_base=thresholds.small_base),
        )
        for week in sorted(wanted)
        if bases[week] and week not in hidden and week < running_week
    ]
    return Trend(tuple(control_chart(shown, events)), len(hidden & wanted))


def _across(year: str) -> set[str]:
    """The weeks that a year shares with its neighbours: without them, each year's sums are closed in themselves."""
    first, last = date(int(year), 1, 1), date(int(year), 12, 31)
    shared = [first] * (first.isoweekday() > 1) + [last] * (last.isoweekday() < _SUNDAY)
    return {f"{each.isocalendar().year}-W{each.isocalendar().week:02d}" for each in shared}


def _is_of(group: Group, question: QuestionDefinition) -> bool:
    return (group.question, group.question_version) == (question.id, question.version)


def _hidden(parts: dict[str, dict[str, Group]], totals: dict[str, int], limit: int) -> frozenset[str]:
    """The weeks to hide. A week's part in a month is never shown; a large one need not be protected."""
    bases: dict[Place, int] = {("month", month): n for month, n in totals.items()}
    whole: Counter[str] = Counter()
    for weeks in parts.values():
        for week, group in weeks.items():
            whole[week] += group.n
    bases |= {(WEEK, week): n for week, n in whole.items()}
    sums, small_parts = [], set()
    split = {week for week in whole if sum(week in weeks for weeks in parts.values()) > 1}
    for month, weeks in parts.items():
        places = tuple((f"{WEEK} in {month}", week) if week in split else (WEEK, week) for week in weeks)
        bases |= {place: weeks[place[1]].n for place in places}
        small_parts |= {place for place in places if place[1] in split and bases[place] < limit}
        if month in totals:
            sums.append(Sum(("month", month), places))
    straddling = {(WEEK, week) for _, week in small_parts}
    hidden = hidden_places(bases, sums, limit=limit, also=straddling | small_parts)
    # A part that had to be hidden for its month's sake takes its week along.
    return frozenset(week for dimension, week in hidden if dimension.startswith(WEEK) and whole[week])
