"""One queue of appointments and walk-ins per desk group, as a pure rule that can say why somebody is next.

An appointment goes first once its booked time is reached; until then it waits like everyone, first come first served.
Who comes late to an appointment gets the place of the time of arrival, so nobody on time is overtaken by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from chalicelib.visits.model import WAITING_STATES, Visit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from chalicelib.shared.identifiers import DeskGroupId


class Why(StrEnum):
    """Why a visit is the next one."""

    BOOKED_TIME = "booked_time"
    LONGEST_WAIT = "longest_wait"


@dataclass(frozen=True, slots=True)
class Turn:
    """A waiting visit with its rule: `since` is the booked time that was reached, or the check-in."""

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
    if visit.booked_start is not None and visit.booked_start <= now:
        return Turn(visit, Why.BOOKED_TIME, visit.booked_start)
    return Turn(visit, Why.LONGEST_WAIT, visit.arrived_at)


def _rank(turn: Turn) -> tuple[bool, datetime, datetime, int, str]:
    """Those who came in the same second stand in the order of their ticket numbers."""
    visit = turn.visit
    late = turn.why is not Why.BOOKED_TIME
    return late, max(turn.since, visit.arrived_at), visit.arrived_at, visit.number, visit.id
