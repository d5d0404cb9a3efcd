"""Waiting while something was down, beside all other waiting; and from which moment it was measured (BF-14, GL-64)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalicelib.reporting.model import ALL, Asked
from chalicelib.reporting.rates import Rate, Told, hidden_of_both
from chalicelib.reporting.statistics import Proportion
from chalicelib.reporting.suppression import Sum, hidden_places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.reporting.model import PeriodCounts

CALLED_SOON, MEASURED_FROM = "called_soon", "waiting_from"
_WHOLE: Final = (ALL, ALL)


def called_soon(counts: PeriodCounts, limit: int, told: Told) -> Iterator[Rate]:
    """How many were called within ten minutes, during outages and otherwise. Together they are the service level.

    Nothing where nothing was down: then there is nothing to set beside the rest.
    """
    found = {value: Asked(each.measured, each.soon) for value, each in counts.called_soon.items() if each.measured}
    if "yes" not in found:
        return
    total = Asked(sum(each.offered for each in found.values()), sum(each.granted for each in found.values()))
    hidden = hidden_of_both(CALLED_SOON, found, total, limit, told)
    for value, each in found.items():
        share = Proportion(each.granted, each.offered)
        few = share.n < limit or 0 < share.count < limit
        yield Rate(CALLED_SOON, value, share, hidden=few or (CALLED_SOON, value) in hidden, summed=True)


def measured_from(counts: PeriodCounts, limit: int, told: Told) -> Iterator[Rate]:
    """From which moment waiting was measured: check-in, the booked time, or when staff saw somebody (GL-64)."""
    places = {(MEASURED_FROM, moment): n for moment, n in counts.waiting_from.items() if n}
    everyone = sum(places.values())
    sums = [Sum(_WHOLE, tuple(places))]
    also = told.also & places.keys()
    hidden = hidden_places(places | {_WHOLE: everyone}, sums, limit=limit, known=told.known, also=also)
    for (_, moment), n in places.items():
        unseen = bool({(MEASURED_FROM, moment), _WHOLE} & hidden)
        yield Rate(MEASURED_FROM, moment, Proportion(n, everyone), hidden=unseen, summed=True)
