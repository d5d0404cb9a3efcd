"""What the screen in the waiting room shows: ticket numbers and desks, and nothing about anybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chalicelib.municipalities.model import Meeting
from chalicelib.shared.clock import local_date
from chalicelib.visits.access import VisitAccess
from chalicelib.visits.model import WAITING_STATES, Action, State, Visit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from chalicelib.municipalities.model import Municipality

MOST_CALLING: Final = 3
"""More at once can't be read from ten metres; the others stand among the latest."""
MOST_LATEST: Final = 5

_CALLS: Final = frozenset({Action.CALL, Action.RECALL})
# Who waits again (parked, forwarded, called by mistake) will be called anew: the old call would lead to a wrong desk.
_CALLED: Final = frozenset({State.CALLED, State.IN_SERVICE, State.COMPLETED, State.NO_SHOW})


@dataclass(frozen=True, slots=True)
class Call:
    """A number that was called. `id` tells a repeated call of the same number from the first.

    `is_open` while the citizen is on the way to the desk.
    """

    id: str
    ticket: str
    desk: str
    at: datetime
    is_open: bool


@dataclass(frozen=True, slots=True)
class Hall:
    """A waiting room at a moment: who is asked to come now, newest first; the latest before them; how many wait."""

    now: datetime
    calling: tuple[Call, ...]
    latest: tuple[Call, ...]
    waiting: int


class Display(VisitAccess):
    """The use case of looking up."""

    def hall(self, municipality: Municipality, office: str) -> Hall:
        """The waiting room of an office now.

        Raises:
            NotFound: no such office.
        """
        place, now = municipality.office(office), self.now()
        return hall_of(self.store.of_day(municipality.id, place.id, local_date(now)), now)


def hall_of(visits: Iterable[Visit], now: datetime) -> Hall:
    """The waiting room of these visits; a step that was taken back leaves no trace.

    A desk asks for one number at a time: who did not come before it called another is not sent there any more. Meetings
    by phone and video keep a desk busy, but nobody in the room is meant by them.
    """
    known = tuple(visits)
    here = {visit.ticket for visit in known if visit.meeting is Meeting.IN_PERSON}
    calls = sorted(filter(None, map(_last_call, known)), key=lambda call: (call.at, call.ticket), reverse=True)
    newest_of_desk = {call.desk: call for call in reversed(calls)}
    shown = [call for call in calls if call.ticket in here]
    calling = tuple(call for call in shown if call.is_open and newest_of_desk[call.desk] is call)[:MOST_CALLING]
    latest = tuple(call for call in shown if call not in calling)[:MOST_LATEST]
    return Hall(now, calling, latest, sum(visit.state in WAITING_STATES and visit.ticket in here for visit in known))


def _last_call(visit: Visit) -> Call | None:
    calls = [step for step in visit.standing if step.action in _CALLS]
    if visit.state not in _CALLED or not calls or visit.desk is None:
        return None
    return Call(calls[-1].id, visit.ticket, visit.desk, calls[-1].at, visit.state is State.CALLED)
