"""The one transition table of a visit, and the fixed lists that its facts are taken from."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class State(StrEnum):
    """Where a visit stands (design 5). `booked` and `cancelled` are an appointment's, before anyone checked in.

    `forwarded` waits like `waiting`, but at another desk group, after having been served at a first one. `moved`: the
    visit goes on at another office. `unclosed`: nobody had completed it when the office closed, so nobody knows whether
    and when it ended; it is counted, and kept out of every time.
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
    MOVED = "moved"
    UNCLOSED = "unclosed"


class Action(StrEnum):
    """What can be done to a visit; the names are those of the API's paths.

    `move` sends it to another office. `close` and `miss` are the sweep's: what nobody completed, and who never came.
    """

    CHECK_IN = "check-in"
    CALL = "call"
    RECALL = "recall"
    START = "start"
    COMPLETE = "complete"
    NO_SHOW = "no-show"
    PARK = "park"
    FORWARD = "forward"
    MOVE = "move"
    PRIORITISE = "priority"
    CLOSE = "close"
    MISS = "miss"
    UNDO = "undo"


_S = State

TRANSITIONS: Final[Mapping[Action, Mapping[State, State]]] = {
    Action.CHECK_IN: {_S.BOOKED: _S.WAITING},
    Action.CALL: {_S.WAITING: _S.CALLED, _S.FORWARDED: _S.CALLED},
    Action.RECALL: {_S.CALLED: _S.CALLED, _S.PARKED: _S.CALLED},
    Action.START: {_S.CALLED: _S.IN_SERVICE},
    Action.COMPLETE: {_S.IN_SERVICE: _S.COMPLETED},
    Action.NO_SHOW: {_S.CALLED: _S.NO_SHOW, _S.PARKED: _S.NO_SHOW},
    Action.PARK: {_S.CALLED: _S.PARKED, _S.IN_SERVICE: _S.PARKED},
    Action.FORWARD: {_S.CALLED: _S.FORWARDED, _S.IN_SERVICE: _S.FORWARDED, _S.PARKED: _S.FORWARDED},
    Action.MOVE: {_S.CALLED: _S.MOVED, _S.IN_SERVICE: _S.MOVED, _S.PARKED: _S.MOVED},
    Action.PRIORITISE: {_S.WAITING: _S.WAITING, _S.FORWARDED: _S.FORWARDED},
    Action.CLOSE: {
        _S.WAITING: _S.UNCLOSED,
        _S.FORWARDED: _S.UNCLOSED,
        _S.CALLED: _S.UNCLOSED,
        _S.IN_SERVICE: _S.UNCLOSED,
        _S.PARKED: _S.UNCLOSED,
    },
    Action.MISS: {_S.BOOKED: _S.NO_SHOW},
}
"""Everything that may happen, but for undo, which goes back where the latest standing step came from."""

# A completion has been handed on to dispatch and the lake, a move to another office, and a check-in has no state of a
# visit before it.
FINAL_STEPS: Final = frozenset({Action.CHECK_IN, Action.COMPLETE, Action.MOVE, Action.CLOSE, Action.MISS})
WAITING_STATES: Final = frozenset({_S.WAITING, _S.FORWARDED})
AT_DESK_STATES: Final = frozenset({_S.CALLED, _S.IN_SERVICE})
OPEN_STATES: Final = WAITING_STATES | AT_DESK_STATES | {_S.PARKED}
CALLS: Final = frozenset({Action.CALL, Action.RECALL})
SENT_ON: Final = frozenset({Action.FORWARD, Action.MOVE})


class Origin(StrEnum):
    """Where a visit's record began (SK-01), and where a consent was given (SK-02)."""

    WEB = "web"
    KIOSK = "kiosk"
    DESK = "desk"
    PHONE = "phone"


class PriorityReason(StrEnum):
    """Why staff let somebody go first: a fixed list, so that it says nothing about anybody (audited)."""

    FRAIL = "frail"  # can't wait standing, or long: age, illness, pregnancy
    CHILD = "child"  # small children along
    OUR_MISTAKE = "our_mistake"  # sent to a wrong place, or booked wrongly by us
    DEADLINE = "deadline"  # leaves today, such as for an acute passport
    INTERPRETER = "interpreter"  # an interpreter or companion waits along
    SAFETY = "safety"  # calm for the room


class WaitingFrom(StrEnum):
    """From when the waiting time is measured (GL-64).

    A citizen whom staff check in after the booked time was probably there at that time, unseen: so it counts from it.
    """

    CHECK_IN = "check_in"
    BOOKED_TIME = "booked_time"
    STAFF_CHECK_IN = "staff_check_in"
