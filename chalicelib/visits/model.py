"""A visit: one citizen's way from check-in to completion, as a frozen value with one transition table.

A visit of a booked citizen has the appointment's ULID, so checking in twice is the same visit. Every change is a step
in the visit's trail (when, from which state, to which, at which desk; never who), and the facts that are measured
(called, served, ended) are read from that trail, so an undone step leaves no trace in them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chalicelib.municipalities.model import Meeting
from chalicelib.shared.errors import WrongState
from chalicelib.shared.identifiers import DeskGroupId, DeskId, OfficeId, ReasonId, VisitId
from chalicelib.visits.facts import Booking, ConsentFacts, WaitRange
from chalicelib.visits.keys import VisitKey, parse_visit_id, visit_id_of
from chalicelib.visits.states import (
    AT_DESK_STATES,
    CALLS,
    FINAL_STEPS,
    OPEN_STATES,
    SENT_ON,
    TRANSITIONS,
    WAITING_STATES,
    Action,
    Origin,
    PriorityReason,
    State,
    WaitingFrom,
)

if TYPE_CHECKING:
    from datetime import date, datetime

    from chalicelib.shared.phone import PhoneNumber

__all__ = [
    "AT_DESK_STATES",
    "CALLS",
    "OPEN_STATES",
    "TRANSITIONS",
    "WAITING_STATES",
    "Action",
    "Booking",
    "ConsentFacts",
    "Origin",
    "PriorityReason",
    "State",
    "Step",
    "Visit",
    "VisitKey",
    "WaitRange",
    "WaitingFrom",
    "checked_in_step",
    "missed_step",
    "parse_visit_id",
    "visit_id_of",
]


@dataclass(frozen=True, slots=True)
class Step:
    """One change: when, from, to, at which desk. `id` lets a writer recognise its own write after a lost answer.

    `detail` is the reason of a priority, or the office that a moved visit came from.
    """

    id: str
    action: Action
    at: datetime
    before: State
    after: State
    desk: DeskId | None = None
    group_before: DeskGroupId | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """A citizen at an office on a day. Times are aware UTC to the second.

    `checked_in_at` says where the citizen reported: `desk` when staff did it (GL-64); `waiting_from` names what the
    waiting time is measured from. `note` is for colleagues and holds no personal data; it goes when the visit ends.
    `outage`: something that the visit needed was down meanwhile (BF-14). `persons` come together, as it was booked.
    """

    id: VisitId
    municipality: str
    office: OfficeId
    desk_group: DeskGroupId
    department: str
    reasons: tuple[ReasonId, ...]
    ticket: str
    language: str
    origin: Origin
    checked_in_at: Origin
    state: State
    trail: tuple[Step, ...]
    consent: ConsentFacts
    booked_start: datetime | None = None
    booked_at: datetime | None = None
    code: str | None = None
    phone: PhoneNumber | None = None
    note: str | None = None
    expected: WaitRange | None = None
    outage: bool = False
    persons: int = 1
    meeting: Meeting = Meeting.IN_PERSON
    version: int = 1

    @property
    def ulid(self) -> str:
        """The opaque key that appointment, visit, contact, invitation and response share (SK-05)."""
        return self.id.rsplit(".", 1)[1]

    @property
    def number(self) -> int:
        """The ticket's number, counted per office and day."""
        return int(self.ticket[1:])

    @property
    def day(self) -> date:
        """The local service day."""
        return parse_visit_id(self.id).day

    @property
    def standing(self) -> tuple[Step, ...]:
        """The steps that no undo took back."""
        steps: list[Step] = []
        for step in self.trail:
            if step.action is Action.UNDO:
                steps.pop()
            else:
                steps.append(step)
        return tuple(steps)

    @property
    def arrived_at(self) -> datetime:
        """Check-in, or the ticket of a walk-in; at the first office, for who was sent on to another."""
        return self.trail[0].at

    @property
    def waiting_from(self) -> WaitingFrom:
        """What the waiting time is measured from."""
        if self.checked_in_at is not Origin.DESK:
            return WaitingFrom.CHECK_IN
        unseen = self.booked_start is not None and self.booked_start < self.arrived_at
        return WaitingFrom.BOOKED_TIME if unseen else WaitingFrom.STAFF_CHECK_IN

    @property
    def waiting_since(self) -> datetime:
        """The beginning of the waiting time."""
        is_booked_time = self.waiting_from is WaitingFrom.BOOKED_TIME
        return self.booked_start if is_booked_time and self.booked_start else self.arrived_at

    @property
    def called_at(self) -> datetime | None:
        """The first call: the end of the waiting time (SK-06)."""
        return self._first(Action.CALL)

    @property
    def served_at(self) -> datetime | None:
        """The start of service (SK-08)."""
        return self._first(Action.START)

    @property
    def ended_at(self) -> datetime | None:
        """Completion; for an unclosed visit when it was swept; None before and for those who never came to a desk."""
        return self._first(Action.COMPLETE) or self._first(Action.CLOSE)

    @property
    def priority(self) -> PriorityReason | None:
        """Why staff let the citizen go first; None for everyone else. It ends with the next call."""
        last = self.standing[-1]
        return PriorityReason(last.detail) if last.action is Action.PRIORITISE and last.detail else None

    @property
    def came_from(self) -> str | None:
        """The office that sent the citizen on to this one."""
        return next((step.detail for step in reversed(self.standing) if step.action is Action.MOVE), None)

    @property
    def calls(self) -> tuple[datetime, ...]:
        """When the citizen was called since waiting last, oldest first: what a no-show is judged by."""
        steps = self.standing
        since = max((place for place, step in enumerate(steps) if step.action in SENT_ON), default=0)
        return tuple(step.at for step in steps[since:] if step.action in CALLS)

    @property
    def desk(self) -> DeskId | None:
        """The desk that called the citizen last; None for those who wait."""
        if self.state in WAITING_STATES:
            return None
        calls = [step for step in self.standing if step.action in CALLS]
        return calls[-1].desk if calls else None

    @property
    def transfers(self) -> int:
        """How often the citizen was sent on to another desk group or office."""
        return sum(step.action in SENT_ON for step in self.standing)

    def _first(self, action: Action) -> datetime | None:
        return next((step.at for step in self.standing if step.action is action), None)

    def has_step(self, step_id: str) -> bool:
        """True if the write with that step took place."""
        return any(step.id == step_id for step in self.trail)

    def after(
        self,
        action: Action,
        *,
        at: datetime,
        step_id: str,
        desk: DeskId | None = None,
        detail: str | None = None,
    ) -> Visit:
        """The visit after the action. Time never runs backwards in a trail, whatever the clocks of two hosts say.

        Raises:
            WrongState: the action is not possible now.
        """
        if action is Action.UNDO:
            return self._undone(at=at, step_id=step_id)
        target = TRANSITIONS[action].get(self.state)
        if target is None:
            raise WrongState(f"{action} is not possible for a visit that is {self.state}")
        step = Step(step_id, action, self._at(at), self.state, target, desk or self.desk, detail=detail)
        return replace(self, state=target, trail=(*self.trail, step), version=self.version + 1)

    def forwarded_to(self, group: DeskGroupId, *, at: datetime, step_id: str) -> Visit:
        """The visit, waiting at another desk group.

        Raises:
            WrongState: nobody has called the visit, or it belongs to that group already.
        """
        if group == self.desk_group:
            raise WrongState("the visit belongs to that desk group already")
        sent = self.after(Action.FORWARD, at=at, step_id=step_id)
        step = replace(sent.trail[-1], group_before=self.desk_group)
        return replace(sent, desk_group=group, trail=(*sent.trail[:-1], step))

    def noted(self, note: str | None) -> Visit:
        """The visit with a note for colleagues. It is no step: undo takes back what happened, not what was written.

        Raises:
            WrongState: the visit has ended.
        """
        if self.state not in OPEN_STATES:
            raise WrongState("the visit has ended")
        return replace(self, note=note, version=self.version + 1)

    def arriving_at(self, office: OfficeId, group: DeskGroupId, ticket: str) -> Visit:
        """The other half of a move: the same visit and contact at another office, where it waits since it first came.

        Raises:
            WrongState: it is not moved.
        """
        if self.state is not State.MOVED:
            raise WrongState("the visit has not left its office")
        sent = replace(self.trail[-1], after=State.FORWARDED, group_before=self.desk_group, detail=self.office)
        return replace(
            self,
            id=VisitId(f"{self.day:%Y%m%d}.{office}.{self.ulid}"),
            office=office,
            desk_group=group,
            ticket=ticket,
            state=State.FORWARDED,
            trail=(*self.trail[:-1], sent),
        )

    def _undone(self, *, at: datetime, step_id: str) -> Visit:
        last = self.standing[-1]
        if last.action in FINAL_STEPS:
            raise WrongState(f"{last.action} can't be undone")
        step = Step(step_id, Action.UNDO, self._at(at), self.state, last.before, last.desk)
        return replace(
            self,
            state=last.before,
            desk_group=last.group_before or self.desk_group,
            trail=(*self.trail, step),
            version=self.version + 1,
        )

    def _at(self, moment: datetime) -> datetime:
        return max(moment.replace(microsecond=0), self.trail[-1].at)


def checked_in_step(at: datetime, step_id: str) -> Step:
    """The first step of every trail, but for those of citizens who never came."""
    return Step(step_id, Action.CHECK_IN, at.replace(microsecond=0), State.BOOKED, State.WAITING)


def missed_step(at: datetime, step_id: str) -> Step:
    """The only step of a visit that never began: booked, and nobody came."""
    return Step(step_id, Action.MISS, at.replace(microsecond=0), State.BOOKED, State.NO_SHOW)
