"""Control charts of weekly shares (GL-68): which weeks lie outside what chance alone explains.

A p-chart: the centre is the pooled share of a baseline, each week's limits are three standard errors of its own n
(Montgomery, "Introduction to Statistical Quality Control", 7.2). An annotated event (a new system, other hours) starts
a new baseline, so that what was changed on purpose is not called an accident, nor an accident a change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.statistics import BaseStatus, Proportion

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SIGMAS: Final = 3.0
RUN: Final = 8
"""So many weeks in a row on one side of the centre are a signal (Western Electric's fourth rule, with Nelson's 8)."""
LEAST_WEEKS: Final = 8
"""Fewer weeks give no limits: the centre itself would be chance."""


@dataclass(frozen=True, slots=True)
class Week:
    """A week's answers: ISO week such as `2026-W41`, in order of time."""

    week: str
    proportion: Proportion
    status: BaseStatus


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: from this week on, a new baseline. `id` is the annotation's."""

    week: str
    id: str


@dataclass(frozen=True, slots=True)
class Point:
    """A week on the chart. Limits are None in a phase of too few weeks; `outside` and `run` are the two signals."""

    week: str
    share: float
    n: int
    centre: float | None
    low: float | None
    high: float | None
    outside: bool = False
    run: bool = False

    @property
    def signal(self) -> bool:
        """True when chance alone is a poor explanation."""
        return self.outside or self.run


def weeks_between(first: str, second: str) -> int:
    """How many weeks later the second of two ISO weeks is."""
    one, two = (date.fromisocalendar(int(week[:4]), int(week[-2:]), 1) for week in (first, second))
    return (two - one).days // 7


def control_chart(weeks: Sequence[Week], events: Iterable[Event] = ()) -> list[Point]:
    """The weeks that may be shown, with centre, limits, signals; hidden ones are left out, small signal nothing."""
    starts = sorted({event.week for event in events})
    shown = [week for week in weeks if week.status is not BaseStatus.SUPPRESSED]
    phases: dict[int, list[Week]] = {}
    for week in shown:
        phases.setdefault(sum(start <= week.week for start in starts), []).append(week)
    return [point for _, phase in sorted(phases.items()) for point in _phase(phase)]


def _phase(weeks: Sequence[Week]) -> list[Point]:
    full = [week.proportion for week in weeks if week.status is BaseStatus.OK]
    if len(full) < LEAST_WEEKS:
        return [Point(week.week, week.proportion.share, week.proportion.n, None, None, None) for week in weeks]
    centre = sum(each.count for each in full) / sum(each.n for each in full)
    points, side, length = [], 0, 0
    for week in weeks:
        n, share = week.proportion.n, week.proportion.share
        half = SIGMAS * sqrt(centre * (1 - centre) / n)
        low, high = max(0.0, centre - half), min(1.0, centre + half)
        if week.status is not BaseStatus.OK:
            points.append(Point(week.week, share, n, centre, low, high))
            continue
        where = (share > centre) - (share < centre)
        side, length = where, (length + 1 if where and where == side else int(where != 0))
        points.append(Point(week.week, share, n, centre, low, high, not low <= share <= high, length >= RUN))
    return points
