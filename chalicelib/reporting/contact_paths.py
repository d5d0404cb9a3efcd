"""The ways that contacts take, from channel to department, as far as they may be shown (GE-10). Pure.

Channels by departments are a table whose margins are published elsewhere, so hiding single numbers protects none of
them. Here a channel's row is shown whole or not at all: not if a number in it is of few, if the channel or a department
of it is hidden elsewhere, or if it is needed to cover another row. Of any number that is hidden, another hidden row has
somebody in the same department, and both rows have somebody elsewhere: so one contact more here, one less there fits
all margins as well. Longer periods show the rows that all of their months show, so they tell nothing that those don't.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.rates import rate
from chalicelib.reporting.statistics import Proportion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.reporting.cell import Cell
    from chalicelib.reporting.model import PeriodCounts
    from chalicelib.reporting.reading import Compared
    from chalicelib.reporting.suppression import Place

PATH: Final = "path"
SEPARATOR: Final = "/"


def path_cells(found: Compared) -> list[Cell]:
    """Each department's part of a channel's contacts; the value is `channel/department`.

    Nothing where the ways were counted at another time than the contacts (`editions.py`): the difference would tell.
    """
    paths, limit = found.now.counts.paths, found.thresholds.suppress_below
    if not all(_fits(month) for month in found.now.months):
        return []
    hidden = found.served.gate.hidden_by_period()
    months = found.now.parts or (found.now.counts,)
    closed = {channel for month in months for channel in _closed(month.paths, hidden[month.period], limit)}
    closed |= {channel for channel, row in paths.items() if _touches(channel, row, hidden[found.now.period.id])}
    departments = sorted({department for row in paths.values() for department in row})
    return [
        rate(
            PATH,
            f"{channel}{SEPARATOR}{department}",
            Proportion(row.get(department, 0), sum(row.values())),
            found.thresholds,
            hidden=channel in closed,
        )
        for channel, row in paths.items()
        for department in departments
        # Where nobody took a way is told by the row's sum, or else it is not told at all.
        if row.get(department) or channel in closed
    ]


def _fits(month: PeriodCounts) -> bool:
    """True if the ways add up to the contacts of each channel and department."""
    by_department: Counter[str] = Counter()
    for row in month.paths.values():
        by_department.update(row)
    by_department.pop("", None)
    channels = {channel: sum(row.values()) for channel, row in month.paths.items()}
    return channels == month.served.get("channel", {}) and by_department == month.served.get("department", {})


def _closed(paths: Mapping[str, Mapping[str, int]], hidden: frozenset[Place], limit: int) -> frozenset[str]:
    """The channels of a month that stay closed."""
    closed = {
        channel
        for channel, row in paths.items()
        if _touches(channel, row, hidden) or any(0 < n < limit for n in row.values())
    }
    while more := _needed(paths, closed, limit):
        closed.add(more)
    return frozenset(closed)


def _touches(channel: str, row: Mapping[str, int], hidden: frozenset[Place]) -> bool:
    places = {("channel", channel), *(("department", department) for department, n in row.items() if n)}
    return bool(places & hidden)


def _needed(paths: Mapping[str, Mapping[str, int]], closed: set[str], limit: int) -> str | None:
    """The smallest open channel that must be closed too, so that what a department's total leaves tells of nobody."""
    for department in sorted({department for row in paths.values() for department in row}):
        left = [n for channel in closed if (n := paths[channel].get(department, 0))]
        if not left or (len(left) > 1 and sum(left) >= limit):
            continue
        others = [channel for channel, row in paths.items() if channel not in closed and row.get(department)]
        if others:
            return min(others, key=lambda channel: (sum(paths[channel].values()), channel))
    return None
