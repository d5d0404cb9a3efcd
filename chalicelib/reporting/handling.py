"""How contacts were handled, as shares: solved at once, passed on, told what happens next; colleagues, outside hours.

Each is a `rates.Maker`. Those of whom something is noted are some of those who were served: what is hidden there is
hidden here, so that two tables with two different covers can't bound what both of them hide (ADR 26).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalicelib.reporting.appointments import beside_before
from chalicelib.reporting.model import ALL, Asked
from chalicelib.reporting.noted import (
    HANDED_OVER,
    INTERNAL,
    NEXT_STEP,
    NOTED_BY,
    OUTSIDE_HOURS,
    PASSED_AGAIN,
    PASSED_ON,
    RESOLVED,
)
from chalicelib.reporting.rates import Rate, Told, alone, of_all_and_by, rates
from chalicelib.reporting.statistics import Proportion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chalicelib.reporting.cell import Cell
    from chalicelib.reporting.model import PeriodCounts
    from chalicelib.reporting.noted import Noted
    from chalicelib.reporting.rates import Maker
    from chalicelib.reporting.reading import Compared, Reading
    from chalicelib.reporting.served import PublishedServed
    from chalicelib.reporting.suppression import Place

IN_SUMS: Final = (RESOLVED, PASSED_ON, NEXT_STEP)
"""Shown of all, and of groups that add up to all."""
ALONE: Final = (PASSED_AGAIN, HANDED_OVER, OUTSIDE_HOURS)
"""Shown of groups of which no total is shown."""


def handling_cells(found: Compared) -> list[Cell]:
    """Everything that is noted of contacts, beside the period compared with, each change tested."""
    return beside_before(found, _makers)


def resolved_cells(found: Compared) -> list[Cell]:
    """What was solved at the first contact, by channel (GE-08)."""
    made = rates(handled(RESOLVED, found.served), found.now, found.thresholds)
    return [cell for cell in made if cell.dimension == RESOLVED and cell.value != ALL]


def dimension_of(fact: str, by: str) -> str:
    """What a share's dimension is called: the fact by channel goes by the fact's own name."""
    return fact if by in {ALL, "channel"} else f"{fact}_{by}"


def handled(fact: str, served: PublishedServed) -> Maker:
    """Gives how many contacts a fact of `IN_SUMS` or `ALONE` holds of, among those that say so."""
    hidden = served.gate.hidden_by_period()

    def make(counts: PeriodCounts, limit: int, told: Told) -> Iterator[Rate]:
        known = _known(counts, fact)
        told = Told(told.also | _under(fact, hidden.get(counts.period, frozenset())), told.known)
        if fact in IN_SUMS:
            by = {dimension_of(fact, dimension): values for dimension, values in known.items()}
            yield from of_all_and_by(fact, _sum(known.get("channel", {})), by, limit, told)
        else:
            found = ((value, each) for values in known.values() for value, each in values.items() if each.offered)
            yield from alone([(fact, value, _share(each)) for value, each in found], limit, told)

    return make


def internal(served: PublishedServed) -> Maker:
    """Gives the colleagues' share of what systems reported, by channel (GE-05): the one figure that they are in.

    What is left of the base are citizens, so neither is shown where either is few.
    """
    hidden = served.gate.hidden_by_period()

    def make(counts: PeriodCounts, limit: int, told: Told) -> Iterator[Rate]:
        under = _under(INTERNAL, hidden.get(counts.period, frozenset()))
        found = counts.noted.get(INTERNAL, {}).get("channel", {})
        few = {(INTERNAL, channel) for channel, each in found.items() if 0 < each.known - each.yes < limit}
        shares = [(INTERNAL, channel, Proportion(each.yes, each.known)) for channel, each in found.items()]
        yield from alone(shares, limit, Told(told.also | under | few, told.known))

    return make


def _makers(_: Reading, served: PublishedServed) -> list[Maker]:
    return [*(handled(fact, served) for fact in (*IN_SUMS, *ALONE)), internal(served)]


def _known(counts: PeriodCounts, fact: str) -> dict[str, dict[str, Asked]]:
    """Dimension → value → of how many it is known, and of how many it holds; by channel first."""
    noted = {by: _asked(values) for by, values in counts.noted.get(fact, {}).items() if by in NOTED_BY[fact]}
    if fact != RESOLVED:
        return noted
    channels = {channel: Asked(each.known, each.resolved) for channel, each in counts.resolution.items()}
    return {"channel": channels, **noted}


def _asked(values: Mapping[str, Noted]) -> dict[str, Asked]:
    return {value: Asked(each.known, each.yes) for value, each in values.items()}


def _share(each: Asked) -> Proportion:
    return Proportion(each.granted, each.offered)


def _sum(values: Mapping[str, Asked]) -> Asked:
    found = values.values()
    return Asked(sum(each.offered for each in found), sum(each.granted for each in found))


def _under(fact: str, hidden: frozenset[Place]) -> frozenset[Place]:
    """What is hidden of those served, as places of the fact's shares."""
    return frozenset((dimension_of(fact, by), value) for by, value in hidden if by in {ALL, *_BY})


_BY: Final = frozenset({"channel", "reason", "department"})
