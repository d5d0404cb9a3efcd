"""A visit: one citizen's way from check-in to completion, as a frozen value with one transition table.

A visit of a booked citizen has the appointment's ULID, so checking in twice is the same visit. Every change is a step
in the visit's trail (when, from which state, to which, at which desk; never who), and the facts that are measured
(called, served, ended) are read from that trail, so an undone step leaves no trace in them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import NotFound, WrongState
from chalicelib.shared.identifiers import DeskGroupId, DeskId, OfficeId, ReasonId, VisitId

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.shared.phone import PhoneNumber

_ID: Final = re.compile(r"(\d{8})\.([a-z][a-z0-9-]{0,39})\.([0-9A-HJKMNP-TV-Z]{26})")


class State(StrEnum):
    """Where a visit stands (design 5). `booked` and `cancelled` are an appointment's, before anyone checked in.

    `forwarded` waits like `waiting`, but at another desk group, after having been served at a first one.
    """

    BOOKED = "booked"
    WAITING = "waiting"
    CALLED = "called"
    IN_SERVICE = "in_service"
    PARKED = "parked"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    FORWARDED = "forwarded"


class Action(StrEnum):
    """What can be done to a visit; the names are those of the API's paths."""

    CHECK_IN = "check-in"
    CALL = "call"
    RECALL = "recall"
    START = "start"
    COMPLETE = "complete"
    NO_SHOW = "no-show"
    PARK = "park"
    FORWARD = "forward"
    UNDO = "undo"


TRANSITIONS: Final[Mapping[Action, Mapping[State, State]]] = {
    Action.CHECK_IN: {State.BOOKED: State.WAITING},
    Action.CALL: {State.WAITING: State.CALLED, State.FORWARDED: State.CALLED},
    Action.RECALL: {State.CALLED: State.CALLED, State.PARKED: State.CALLED},
    Action.START: {State.CALLED: State.IN_SERVICE},
    Action.COMPLETE: {State.IN_SERVICE: State.COMPLETED},
    Action.NO_SHOW: {State.CALLED: State.NO_SHOW, State.PARKED: State.NO_SHOW},
    Action.PARK: {State.CALLED: State.PARKED, State.IN_SERVICE: State.PARKED},
    Action.FORWARD: {
        State.CALLED: State.FORWARDED,
        State.IN_SERVICE: State.FORWARDED,
        State.PARKED: State.FORWARDED,
    },
}
"""Everything that may happen, but for undo, which goes back where the latest standing step came from."""

# A completion has been handed on to dispatch and the lake, and a check-in has no state of a visit before it.
_FINAL_STEPS: Final = frozenset({Action.CHECK_IN, Action.COMPLETE})
WAITING_STATES: Final = frozenset({State.WAITING, State.FORWARDED})
AT_DESK_STATES: Final = frozenset({State.CALLED, State.IN_SERVICE})


class Origin(StrEnum):
    """Where a visit's record began (SK-01), and where a consent was given (SK-02)."""

    WEB = "web"
    KIOSK = "kiosk"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """Whether the survey question was asked, and what was answered; refusals stay counted (SK-02)."""

    offered: bool = False
    granted: bool = False
    text_version: str | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """What visits need to know of an appointment."""

    id: str
    office: OfficeId
    reasons: tuple[ReasonId, ...]
    start: datetime
    booked_at: datetime
    code: str
    language: str
    origin: Origin
    cancelled: bool
    consent: ConsentFacts
    phone: PhoneNumber | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Step:
    """One change: when, from, to, at which desk. `id` lets a writer recognise its own write after a lost answer."""

    id: str
    action: Action
    at: datetime
    before: State
    after: State
    desk: DeskId | None = None
    group_before: DeskGroupId | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """A citizen at an office on a day. Times are aware UTC to the second.

    `checked_in_at` says where the citizen reported: `desk` when staff did it (GL-64), so read waiting time with care.
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
        """Check-in, or the ticket of a walk-in."""
        return self.trail[0].at

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
        """Completion; None before it and for those who never came to a desk."""
        return self._first(Action.COMPLETE)

    @property
    def desk(self) -> DeskId | None:
        """The desk that called the citizen last; None for those who wait."""
        if self.state in WAITING_STATES:
            return None
        calls = [step for step in self.standing if step.action in {Action.CALL, Action.RECALL}]
        return calls[-1].desk if calls else None

    @property
    def transfers(self) -> int:
        """How often the citizen was sent on to another desk group."""
        return sum(step.action is Action.FORWARD for step in self.standing)

    def _first(self, action: Action) -> datetime | None:
        return next((step.at for step in self.standing if step.action is action), None)

    def has_step(self, step_id: str) -> bool:
        """True if the write with that step took place."""
        return any(step.id == step_id for step in self.trail)

    def after(self, action: Action, *, at: datetime, step_id: str, desk: DeskId | None = None) -> Visit:
        """The visit after the action. Time never runs backwards in a trail, whatever the clocks of two hosts say.

        Raises:
            WrongState: the action is not possible now.
        """
        if action is Action.UNDO:
            return self._undone(at=at, step_id=step_id)
        target = TRANSITIONS[action].get(self.state)
        if target is None:
            raise WrongState(f"{action} is not possible for a visit that is {self.state}")
        step = Step(step_id, action, self._at(at), self.state, target, desk or self.desk)
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

    def _undone(self, *, at: datetime, step_id: str) -> Visit:
        last = self.standing[-1]
        if last.action in _FINAL_STEPS:
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


@dataclass(frozen=True, slots=True)
class VisitKey:
    """The parts of a public visit id: what a strongly consistent read needs."""

    day: date
    office: OfficeId
    ulid: str


def visit_id_of(arrived: datetime, office: str, ulid: str) -> VisitId:
    """The public id: `{yyyymmdd}.{office}.{ULID}`."""
    return VisitId(f"{local_date(arrived):%Y%m%d}.{office}.{ulid}")


def parse_visit_id(text: str) -> VisitKey:
    """The parts of a visit id.

    Raises:
        NotFound: no visit has such an id.
    """
    match = _ID.fullmatch(text)
    if match is None:
        raise NotFound
    try:
        day = datetime.strptime(match[1], "%Y%m%d").date()  # noqa: DTZ007 - a calendar day has no zone
    except ValueError as exc:
        raise NotFound from exc
    return VisitKey(day, OfficeId(match[2]), match[3])


def checked_in_step(at: datetime, step_id: str) -> Step:
    """The first step of every trail."""
    return Step(step_id, Action.CHECK_IN, at.replace(microsecond=0), State.BOOKED, State.WAITING)
