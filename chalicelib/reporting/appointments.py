"""Appointments as shares: where they were booked, how many were cancelled, how often another way was taken.

Each is a `rates.Maker`: what may be shown of a month, and of longer periods, is decided there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.model import ALL, Asked
from chalicelib.reporting.rates import Rate, Told, alone, hidden_of_both, rates
from chalicelib.reporting.statistics import Proportion, change_status, compare_shares, may_compare
from chalicelib.reporting.suppression import Sum, hidden_places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from chalicelib.reporting.cell import Cell
    from chalicelib.reporting.model import PeriodCounts
    from chalicelib.reporting.rates import Maker
    from chalicelib.reporting.reading import Compared, Reading
    from chalicelib.reporting.served import PublishedServed

BOOKED_BY, CANCELLED, TAKEN = "booked_by", "cancelled", "alternative"
ONLINE, KIOSK, HELPED = "online", "kiosk", "helped"
_WAYS: Final = {"web": ONLINE, "kiosk": KIOSK, "desk": HELPED, "phone": HELPED}
"""Origin → way. Desk and phone stand together: by either, staff book for the citizen (GL-67)."""
_WHOLE: Final = (ALL, ALL)


def booked_by(counts: PeriodCounts, limit: int, told: Told) -> Iterator[Rate]:
    """Each way's part of the appointments: online, at the kiosk, with help (FR-07, FR-16)."""
    ways: dict[str, int] = {}
    for origin, booked in counts.bookings.get("origin", {}).items():
        way = _WAYS.get(origin, origin)
        ways[way] = ways.get(way, 0) + booked.appointments
    everyone = sum(ways.values())
    places = {(BOOKED_BY, way): n for way, n in ways.items() if n}
    also = told.also & places.keys()
    sums = [Sum(_WHOLE, tuple(places))]
    hidden = hidden_places(places | {_WHOLE: everyone}, sums, limit=limit, known=told.known, also=also)
    for (_, way), n in places.items():
        unseen = bool({(BOOKED_BY, way), _WHOLE} & hidden)
        yield Rate(BOOKED_BY, way, Proportion(n, everyone), hidden=unseen, summed=True)


def cancelled(counts: PeriodCounts, limit: int, told: Told) -> Iterator[Rate]:
    """How many appointments were cancelled in time, in all and by office."""
    offices = counts.bookings.get("office", {})
    whole = counts.bookings.get(ALL, {}).get(ALL)
    if whole is None or not whole.appointments:
        return
    total = Asked(whole.appointments, whole.cancelled)
    share = Proportion(whole.cancelled, whole.appointments)
    everyone_hidden = share.n < limit or 0 < share.count < limit or (CANCELLED, ALL) in told.also
    yield Rate(CANCELLED, ALL, share, hidden=everyone_hidden)
    asked: Mapping[str, Asked] = {office: Asked(each.appointments, each.cancelled) for office, each in offices.items()}
    hidden = hidden_of_both(CANCELLED, asked, total, limit, told)
    for office, each in asked.items():
        part = Proportion(each.granted, each.offered)
        few = part.n < limit or 0 < part.count < limit
        yield Rate(CANCELLED, office, part, hidden=everyone_hidden or few or (CANCELLED, office) in hidden, summed=True)


def beside(cell: Cell, before: Cell | None, *, tested: bool) -> Cell:
    """The share beside the earlier one, with its change where both bases are large enough to be compared."""
    if before is None or before.share is None or cell.share is None:
        return cell
    cell = replace(cell, previous=before.share, previous_n=before.n)
    if not may_compare(cell.base_status, before.base_status):
        return cell
    found = compare_shares(Proportion(before.count or 0, before.n or 0), Proportion(cell.count or 0, cell.n or 0))
    low, high = found.interval.low, found.interval.high
    cell = replace(cell, change=found.difference, change_low=low, change_high=high)
    if not tested:
        return cell
    return replace(cell, p_value=found.p_value, significant=found.significant, change_status=change_status(found))


def beside_before(found: Compared, makers: Callable[[Reading, PublishedServed], Iterable[Maker]]) -> list[Cell]:
    """Operational shares beside those of the period compared with, each change tested (FR-10, SK-12).

    What may be shown of either period depends on who was served in it.
    """
    before: dict[tuple[str, str], Cell] = {}
    if found.before:
        then = makers(found.before, found.before.served(found.thresholds))
        earlier = (cell for make in then for cell in rates(make, found.before, found.thresholds))
        before = {(cell.dimension, cell.value): cell for cell in earlier}
    now = (cell for make in makers(found.now, found.served) for cell in rates(make, found.now, found.thresholds))
    return [beside(cell, before.get((cell.dimension, cell.value)), tested=found.closed) for cell in now]


def taken(counts: PeriodCounts, limit: int, told: Told) -> Iterator[Rate]:
    """How often another way than an appointment was taken, of the times that it was offered, by reason (FR-12)."""
    offered = ((reason, each) for reason, each in counts.alternatives.items() if each.offered >= each.granted)
    found = [(TAKEN, reason, Proportion(each.granted, each.offered)) for reason, each in offered if each.offered]
    yield from alone(found, limit, told)
