"""How long somebody may have to wait, as an honest range: the queue is played forward, once quickly and once slowly.

How long an errand takes is learned from recent visits for the same reason at the office, beginning with the duration
that the municipality configured; nothing is learned of single employees, and no desk is compared with another (BF-20).
The range is meant to hold four times out of five; whether it does is measured (`experience.py`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.visits.experience import Experience
from chalicelib.visits.facts import WaitRange
from chalicelib.visits.hours import open_desks
from chalicelib.visits.queue import next_turn, waits_for
from chalicelib.visits.states import AT_DESK_STATES, CALLS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from chalicelib.municipalities.model import DeskGroup, Municipality
    from chalicelib.shared.identifiers import VisitId
    from chalicelib.visits.model import Visit

_STEP: Final = 5
_LONGEST_QUEUE: Final = 100
# The configured duration counts like so many visits that took so long, and as irregularly.
_PRIOR: Final = 5
_PRIOR_SPREAD: Final = 0.5
# Four of five lie within so many standard deviations.
_WIDTH: Final = 1.28
_QUICKEST: Final = 0.3
_SLOWEST: Final = 2.5
_AT_WORK: Final = timedelta(minutes=30)
_NONE: Final = Experience()


@dataclass(frozen=True, slots=True)
class Duration:
    """How long an errand probably takes, in minutes."""

    mean: float
    variance: float


def expected_wait(
    municipality: Municipality,
    visit: Visit,
    visits: Sequence[Visit],
    now: datetime,
    experience: Experience = _NONE,
) -> WaitRange | None:
    """The range in which the visit's wait will probably end.

    None when nothing sensible can be said: no desk of the group is open now, the visit does not wait, or the queue is
    so long that a number would be a guess.
    """
    office = municipality.office(visit.office)
    group = next((g for g in office.desk_groups if g.id == visit.desk_group), None)
    if group is None or not waits_for(visit, visit.desk_group):
        return None
    promised = open_desks(municipality, office, group, now)
    mine = [other for other in visits if other.desk_group == visit.desk_group]
    if promised == 0 or len(mine) > _LONGEST_QUEUE:
        return None
    few, many = _desks(group, visits, promised, now)
    lengths = {other.id: duration_of(municipality, other, experience) for other in mine}
    spread = _spread([lengths[other.id] for other in mine if other.id != visit.id and _is_ahead(other)])
    low = _minutes_until_called(visit, mine, lengths, many, now, pace=max(_QUICKEST, 1 - spread))
    high = _minutes_until_called(visit, mine, lengths, few, now, pace=min(_SLOWEST, 1 + spread))
    return WaitRange(math.floor(low / _STEP) * _STEP, max(_STEP, math.ceil(high / _STEP) * _STEP))


def duration_of(municipality: Municipality, visit: Visit, experience: Experience = _NONE) -> Duration:
    """Everything that the citizen came for: what was configured, corrected by what recent visits took.

    Who does not come alone needs so much longer as the booking reckons with.
    """
    known = {reason.id: reason for reason in municipality.reasons}
    parts = [
        _longer(_learned(known[reason].duration_minutes, reason, experience), known[reason].minutes_more(visit.persons))
        for reason in visit.reasons
        if reason in known
    ]
    parts = parts or [Duration(_STEP, (_PRIOR_SPREAD * _STEP) ** 2)]
    return Duration(sum(part.mean for part in parts), sum(part.variance for part in parts))


def _learned(configured: float, reason: str, experience: Experience) -> Duration:
    recent = experience.service(reason)
    weight = _PRIOR + recent.n
    mean = (_PRIOR * configured + recent.total) / weight
    prior = _PRIOR * ((_PRIOR_SPREAD * configured) ** 2 + (configured - mean) ** 2)
    return Duration(mean, (prior + recent.squares(mean)) / weight)


def _longer(alone: Duration, more: int) -> Duration:
    """With the minutes of those who come along, which vary as the rest does."""
    factor = (alone.mean + more) / alone.mean
    return Duration(alone.mean + more, alone.variance * factor**2)


def _spread(ahead: Sequence[Duration]) -> float:
    """By which share the sum of all that is ahead may differ from its mean."""
    total = sum(duration.mean for duration in ahead)
    return _WIDTH * math.sqrt(sum(duration.variance for duration in ahead)) / total if total else 0.0


def _is_ahead(other: Visit) -> bool:
    return other.state in AT_DESK_STATES or waits_for(other, other.desk_group)


def _desks(group: DeskGroup, visits: Sequence[Visit], promised: int, now: datetime) -> tuple[int, int]:
    """The fewest and the most desks that probably serve: those that were seen at work, and those that were promised."""
    seen = set()
    is_running = False
    for visit in visits:
        for step in visit.standing:
            if step.desk in group.desks:
                is_running = is_running or (step.action in CALLS and step.at <= now - _AT_WORK / 2)
                if step.at > now - _AT_WORK or (visit.state in AT_DESK_STATES and visit.desk == step.desk):
                    seen.add(step.desk)
    if not is_running:
        return promised, promised
    return max(1, min(promised, len(seen))), max(promised, len(seen))


def _minutes_until_called(
    visit: Visit,
    visits: Sequence[Visit],
    lengths: Mapping[VisitId, Duration],
    desks: int,
    now: datetime,
    *,
    pace: float,
) -> float:
    busy = [_remaining(lengths[o.id].mean * pace, o, now) for o in visits if o.state in AT_DESK_STATES]
    free_in = busy + [0.0] * max(0, desks - len(busy))
    waiting = [other for other in visits if waits_for(other, visit.desk_group)]
    while True:
        free_in.sort()
        turn = next_turn(waiting, visit.desk_group, now + timedelta(minutes=free_in[0]))
        if turn is None or turn.visit.id == visit.id:
            return free_in[0]
        waiting.remove(turn.visit)
        free_in[0] += lengths[turn.visit.id].mean * pace


def _remaining(length: float, visit: Visit, now: datetime) -> float:
    """Minutes until the citizen at a desk is probably done; never less than one."""
    since = visit.served_at or now
    return max(1.0, length - (now - since).total_seconds() / 60)
