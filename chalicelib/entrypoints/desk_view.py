"""What the desk page shows, worked out before the template: who is here, who is next and why, who is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.visits.access import group_of_desk
from chalicelib.visits.model import Action, State

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.municipalities.model import DeskGroup, Municipality, Office
    from chalicelib.visits.model import Booking, Visit
    from chalicelib.visits.queue import Turn
    from chalicelib.visits.reception import Queue

_REMEMBERED: Final = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class Board:
    """One desk's view of its office. It holds no name and no phone number, because no visit does."""

    office: Office
    desk: str
    group: DeskGroup
    now: datetime
    turns: tuple[Turn, ...]
    here: tuple[Visit, ...]
    parked: tuple[Visit, ...]
    absent: tuple[Visit, ...]
    missing: tuple[Booking, ...]
    waiting_elsewhere: int
    call_key: str

    @property
    def current(self) -> Visit | None:
        """The citizen at this desk now; the one called last, should there be two."""
        return max(self.here, key=lambda visit: visit.trail[-1].at, default=None)

    def minutes(self, since: datetime) -> int:
        """Whole minutes until now."""
        return max(0, int((self.now - since).total_seconds() // 60))

    def waited(self, visit: Visit) -> int:
        """Whole minutes from check-in to the first call."""
        return max(0, int(((visit.called_at or self.now) - visit.arrived_at).total_seconds() // 60))


def board_of(municipality: Municipality, office_id: str, desk: str, queue: Queue) -> Board:
    """The board of a desk.

    Raises:
        NotFound: no such office. InvalidInput: the office has no such desk.
    """
    office = municipality.office(office_id)
    group = group_of_desk(municipality, office_id, desk)
    others = [other for other in office.desk_groups if other.id != group.id]
    gone = queue.in_state(State.NO_SHOW)
    return Board(
        office=office,
        desk=desk,
        group=group,
        now=queue.now,
        turns=queue.waiting(group.id),
        here=tuple(visit for visit in queue.in_state(State.CALLED, State.IN_SERVICE) if visit.desk == desk),
        parked=tuple(visit for visit in queue.in_state(State.PARKED) if visit.desk_group == group.id),
        absent=tuple(v for v in gone if v.desk == desk and queue.now - v.trail[-1].at < _REMEMBERED),
        missing=tuple(b for b in queue.not_checked_in if b.reasons and b.reasons[0] in group.reasons),
        waiting_elsewhere=sum(len(queue.waiting(other.id)) for other in others),
        call_key=_call_key(queue, desk),
    )


def _call_key(queue: Queue, desk: str) -> str:
    """The same until this desk has called somebody, so pressing twice on one page calls one citizen."""
    calls = [step for visit in queue.visits for step in visit.trail if step.action is Action.CALL and step.desk == desk]
    latest = max(calls, key=lambda step: (step.at, step.id), default=None)
    return f"{desk}-after-{latest.id if latest else 'none'}"
