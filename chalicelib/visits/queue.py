"""One queue of appointments and walk-ins per desk group, as a pure rule that can say why somebody is next.

Whom staff let go first goes first, for a reason of a fixed list. Then an appointment goes first once its booked time is
reached; until then it waits like everyone, first come first served. Who comes late to an appointment gets the place of
the time of arrival, so nobody on time is overtaken by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from chalicelib.visits.model import WAITING_STATES, Visit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from chalicelib.shared.identifiers import DeskGroupId


class Why(StrEnum):
    """Why a visit is the next one."""

    PRIORITY = "priority"
    BOOKED_TIME = "booked_time"
    LONGEST_WAIT = "longest_wait"


@dataclass(frozen=True, slots=True)
class Turn:
    """A waiting visit with its rule: `since` is the booked time that was reached, the check-in, or the granting."""

    visit: Visit
    why: Why
    since: datetime


def in_order(visits: Iterable[Visit], group: DeskGroupId, now: datetime) -> tuple[Turn, ...]:
    """Those who wait for a desk group, the next one first; the same visits always give the same order."""
    turns = [_turn(visit, now) for visit in visits if waits_for(visit, group)]
    return tuple(sorted(turns, key=_rank))


def next_turn(visits: Iterable[Visit], group: DeskGroupId, now: datetime) -> Turn | None:
    """Who is next; None when nobody waits."""
    return next(iter(in_order(visits, group, now)), None)


def people_ahead(visit: Visit, visits: Iterable[Visit], now: datetime) -> int:
    """How many are called before this visit if nobody else comes and no booked time is reached."""
    order = in_order(visits, visit.desk_group, now)
    return next((place for place, turn in enumerate(order) if turn.visit.id == visit.id), 0)


def waits_for(visit: Visit, group: DeskGroupId) -> bool:
    """True if the visit waits for that desk group."""
    return visit.state in WAITING_STATES and visit.desk_group == group


def _turn(visit: Visit, now: datetime) -> Turn:
    if visit.priority is not None:
        return Turn(visit, Why.PRIORITY, visit.standing[-1].at)
    if visit.booked_start is not None and visit.booked_start <= now:
        return Turn(visit, Why.BOOKED_TIME, visit.booked_start)
    return Turn(visit, Why.LONGEST_WAIT, visit.waiting_since)


_RANKS: Final = {why: rank for rank, why in enumerate(Why)}


def _rank(turn: Turn) -> tuple[int, datetime, datetime, int, str]:
    """Those who came in the same second stand in the order of their ticket numbers.

    An appointment whom staff checked in late was there at its time, unseen (GL-64), and keeps the place of that time.
    """
    visit = turn.visit
    return _RANKS[turn.why], max(turn.since, visit.waiting_since), visit.arrived_at, visit.number, visit.id
