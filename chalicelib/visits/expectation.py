"""How long somebody may have to wait, as an honest range: the queue is played forward, once quickly and once slowly.

The durations are those that the municipality configured for its enquiry reasons; nothing is learned from single
employees' times, and no desk is compared with another (BF-20).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.shared.clock import to_local
from chalicelib.shared.holidays import public_holidays
from chalicelib.visits.model import AT_DESK_STATES, Visit
from chalicelib.visits.queue import next_turn, waits_for

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from chalicelib.municipalities.model import DeskGroup, Municipality

_QUICK: Final = 0.7
_SLOW: Final = 1.4
_STEP: Final = 5
_LONGEST_QUEUE: Final = 100


@dataclass(frozen=True, slots=True)
class WaitRange:
    """Minutes, in steps of five, rounded outwards."""

    low: int
    high: int


def expected_wait(municipality: Municipality, visit: Visit, visits: Sequence[Visit], now: datetime) -> WaitRange | None:
    """The range in which the visit's wait will probably end.

    None when nothing sensible can be said: no desk of the group is open now, the visit does not wait, or the queue is
    so long that a number would be a guess.
    """
    group = next((g for g in municipality.office(visit.office).desk_groups if g.id == visit.desk_group), None)
    if group is None or not waits_for(visit, visit.desk_group):
        return None
    desks = open_desks(municipality, group, now)
    mine = [other for other in visits if other.desk_group == visit.desk_group]
    if desks == 0 or len(mine) > _LONGEST_QUEUE:
        return None
    low = _minutes_until_called(municipality, visit, mine, desks, now, pace=_QUICK)
    high = _minutes_until_called(municipality, visit, mine, desks, now, pace=_SLOW)
    return WaitRange(math.floor(low / _STEP) * _STEP, max(_STEP, math.ceil(high / _STEP) * _STEP))


def open_desks(municipality: Municipality, group: DeskGroup, now: datetime) -> int:
    """How many desks of the group the opening hours promise at this moment."""
    local = to_local(now)
    if local.date() in municipality.closing_days or local.date() in public_holidays(local.year):
        return 0
    wall = local.time().replace(tzinfo=None)
    return sum(p.desks for p in group.opening if p.covers(local.date()) and p.opens <= wall < p.closes)


def duration_of(municipality: Municipality, visit: Visit) -> int:
    """The configured minutes of everything that the citizen came for."""
    known = {reason.id: reason.duration_minutes for reason in municipality.reasons}
    return sum(known.get(reason, 0) for reason in visit.reasons) or _STEP


def _minutes_until_called(
    municipality: Municipality,
    visit: Visit,
    visits: Sequence[Visit],
    desks: int,
    now: datetime,
    *,
    pace: float,
) -> float:
    busy = [_remaining(municipality, other, now, pace) for other in visits if other.state in AT_DESK_STATES]
    free_in = busy + [0.0] * max(0, desks - len(busy))
    waiting = [other for other in visits if waits_for(other, visit.desk_group)]
    while True:
        free_in.sort()
        turn = next_turn(waiting, visit.desk_group, now + timedelta(minutes=free_in[0]))
        if turn is None or turn.visit.id == visit.id:
            return free_in[0]
        waiting.remove(turn.visit)
        free_in[0] += duration_of(municipality, turn.visit) * pace


def _remaining(municipality: Municipality, visit: Visit, now: datetime, pace: float) -> float:
    """Minutes until the citizen at a desk is probably done; never less than one."""
    since = visit.served_at or now
    elapsed = (now - since).total_seconds() / 60
    return max(1.0, duration_of(municipality, visit) * pace - elapsed)
