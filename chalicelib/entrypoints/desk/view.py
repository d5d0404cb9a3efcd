"""What the desk page shows, worked out before the template: who is here, who is next and why, who is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.visits.access import group_of_desk
from chalicelib.visits.days import figures_of
from chalicelib.visits.desk import no_show_from
from chalicelib.visits.model import Action, State

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chalicelib.municipalities.model import DeskGroup, Municipality, Office
    from chalicelib.shared.languages import Text
    from chalicelib.visits.days import DayFigures
    from chalicelib.visits.model import Booking, Visit
    from chalicelib.visits.notices import Notice
    from chalicelib.visits.queue import Turn
    from chalicelib.visits.reception import Queue
    from chalicelib.visits.today import Alarm, Today

_REMEMBERED: Final = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a citizen can be sent on to: the desks of another group here, or another office that serves the errand."""

    value: str
    desks: tuple[str, ...] = ()
    office: Text | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """One desk's view of its office. It shows no name, and no phone number but those of meetings by phone.

    The keys stay the same until what they are for has happened, so a form that is sent twice counts once.
    """

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
    walk_in_key: str
    door_key: str
    notice_key: str
    no_show_from: datetime | None
    targets: tuple[Target, ...]
    alarms: tuple[Alarm, ...]
    notices: tuple[Notice, ...]
    door_counts: Mapping[str, int]
    figures: DayFigures

    @property
    def current(self) -> Visit | None:
        """The citizen at this desk now; the one called last, should there be two."""
        return _current(self.here)

    @property
    def may_be_absent(self) -> bool:
        """True once the citizen who was called may be marked as not having come."""
        return self.no_show_from is not None and self.no_show_from <= self.now

    def minutes(self, since: datetime) -> int:
        """Whole minutes until now."""
        return max(0, int((self.now - since).total_seconds() // 60))

    def waited(self, visit: Visit) -> int:
        """Whole minutes from the beginning of the waiting time to the first call."""
        return max(0, int(((visit.called_at or self.now) - visit.waiting_since).total_seconds() // 60))


def board_of(
    municipality: Municipality,
    office_id: str,
    desk: str,
    queue: Queue,
    *,
    today: Today,
    notices: tuple[Notice, ...],
) -> Board:
    """The board of a desk.

    Raises:
        NotFound: no such office. InvalidInput: the office has no such desk.
    """
    office = municipality.office(office_id)
    group = group_of_desk(municipality, office_id, desk)
    others = [other for other in office.desk_groups if other.id != group.id]
    gone = queue.in_state(State.NO_SHOW)
    here = tuple(visit for visit in queue.in_state(State.CALLED, State.IN_SERVICE) if visit.desk == desk)
    current = _current(here)
    return Board(
        office=office,
        desk=desk,
        group=group,
        now=queue.now,
        turns=queue.waiting(group.id),
        here=here,
        parked=tuple(visit for visit in queue.in_state(State.PARKED) if visit.desk_group == group.id),
        absent=tuple(v for v in gone if v.desk == desk and queue.now - v.trail[-1].at < _REMEMBERED),
        missing=tuple(b for b in queue.not_checked_in if b.reasons and b.reasons[0] in group.reasons),
        waiting_elsewhere=sum(len(queue.waiting(other.id)) for other in others),
        call_key=_call_key(queue, desk),
        walk_in_key=f"desk-{desk}-{len(queue.visits)}",
        door_key=f"desk-{desk}-{len(today.at_door)}-{today.at_door[-1].id if today.at_door else ''}",
        notice_key=f"desk-{desk}-{office_id}-{queue.now:%Y%m%d}-{'-'.join(notice.id for notice in notices)}",
        no_show_from=no_show_from(municipality, current) if current else None,
        targets=targets_of(municipality, office, current) if current else (),
        alarms=tuple(alarm for alarm in today.alarms if alarm.shows(queue.now)),
        notices=notices,
        door_counts=today.door_counts(),
        figures=figures_of(queue.visits, (entry.reason for entry in today.at_door)),
    )


def targets_of(municipality: Municipality, office: Office, visit: Visit) -> tuple[Target, ...]:
    """Where the visit can be sent on to."""
    groups = [g for g in office.desk_groups if g.id != visit.desk_group]
    others = [o for o in municipality.offices if o.id != office.id and visit.reasons[0] in o.reasons]
    return (
        *(Target(f"group:{group.id}", desks=group.desks) for group in groups),
        *(Target(f"office:{other.id}", office=other.name) for other in others),
    )


def _current(here: tuple[Visit, ...]) -> Visit | None:
    return max(here, key=lambda visit: visit.trail[-1].at, default=None)


def _call_key(queue: Queue, desk: str) -> str:
    """The same until this desk has called somebody, so pressing twice on one page calls one citizen."""
    calls = [step for visit in queue.visits for step in visit.trail if step.action is Action.CALL and step.desk == desk]
    latest = max(calls, key=lambda step: (step.at, step.id), default=None)
    return f"{desk}-after-{latest.id if latest else 'none'}"
