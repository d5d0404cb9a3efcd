"""What may happen to a visit, state by state, and what its trail says afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.shared.errors import NotFound, WrongState
from chalicelib.shared.identifiers import DeskGroupId, DeskId
from chalicelib.visits.document import from_document, to_document
from chalicelib.visits.model import TRANSITIONS, Action, State, parse_visit_id
from tests.builders import MONDAY
from tests.fakes.visits import a_visit

LATER = MONDAY + timedelta(minutes=5)
ALLOWED = {
    ("booked", "check-in"): "waiting",
    ("waiting", "call"): "called",
    ("forwarded", "call"): "called",
    ("called", "recall"): "called",
    ("parked", "recall"): "called",
    ("called", "start"): "in_service",
    ("in_service", "complete"): "completed",
    ("called", "no-show"): "no_show",
    ("parked", "no-show"): "no_show",
    ("called", "park"): "parked",
    ("in_service", "park"): "parked",
    ("called", "forward"): "forwarded",
    ("in_service", "forward"): "forwarded",
    ("parked", "forward"): "forwarded",
    ("called", "move"): "moved",
    ("in_service", "move"): "moved",
    ("parked", "move"): "moved",
    ("waiting", "priority"): "waiting",
    ("forwarded", "priority"): "forwarded",
    ("waiting", "close"): "unclosed",
    ("forwarded", "close"): "unclosed",
    ("called", "close"): "unclosed",
    ("in_service", "close"): "unclosed",
    ("parked", "close"): "unclosed",
    ("booked", "miss"): "no_show",
}


def at_desk(*actions: Action, visit=None):
    visit = visit or a_visit()
    for minute, action in enumerate(actions, start=1):
        at = MONDAY + timedelta(minutes=minute)
        visit = visit.after(action, at=at, step_id=f"s{minute}", desk=DeskId("1") if action is Action.CALL else None)
    return visit


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", [action for action in Action if action is not Action.UNDO])
def test_only_the_listed_transitions_are_possible(state: State, action: Action):
    visit = replace(a_visit(), state=state)
    expected = ALLOWED.get((state, action))
    if expected is None:
        with pytest.raises(WrongState):
            visit.after(action, at=LATER, step_id="x")
    else:
        after = visit.after(action, at=LATER, step_id="x", desk=DeskId("1"))
        assert after.state == expected
        step = after.trail[-1]
        assert (step.at, step.before, step.after, step.desk) == (LATER, state, expected, "1")
        assert after.version == visit.version + 1


def test_the_table_of_this_test_is_the_whole_table():
    told = {(before, action) for action, row in TRANSITIONS.items() for before in row}
    assert {(str(b), str(a)) for b, a in told} == set(ALLOWED)


@pytest.mark.requirement("SK-06")
@pytest.mark.requirement("SK-08")
def test_waiting_ends_with_the_first_call_and_service_with_completion():
    visit = at_desk(Action.CALL, Action.RECALL, Action.START, Action.COMPLETE)
    assert visit.called_at == MONDAY + timedelta(minutes=1)
    assert visit.served_at == MONDAY + timedelta(minutes=3)
    assert visit.ended_at == MONDAY + timedelta(minutes=4)
    assert visit.desk == "1"


def test_an_undone_step_leaves_no_trace_in_what_is_measured_but_stays_in_the_trail():
    visit = at_desk(Action.CALL, Action.UNDO)
    assert (visit.state, visit.called_at, visit.desk) == (State.WAITING, None, None)
    assert [step.action for step in visit.trail] == [Action.CHECK_IN, Action.CALL, Action.UNDO]


def test_undo_walks_back_step_by_step_but_never_before_the_check_in():
    visit = at_desk(Action.CALL, Action.START, Action.UNDO, Action.UNDO)
    assert visit.state is State.WAITING
    with pytest.raises(WrongState):
        visit.after(Action.UNDO, at=LATER, step_id="x")


def test_a_completion_can_not_be_undone_because_its_survey_may_be_on_the_way():
    with pytest.raises(WrongState):
        at_desk(Action.CALL, Action.START, Action.COMPLETE, Action.UNDO)


def test_a_forwarded_visit_waits_at_the_other_group_and_comes_back_by_undo():
    visit = at_desk(Action.CALL, Action.START).forwarded_to(DeskGroupId("drop-in"), at=LATER, step_id="f")
    assert (visit.state, visit.desk_group, visit.desk, visit.transfers) == (State.FORWARDED, "drop-in", None, 1)
    back = visit.after(Action.UNDO, at=LATER, step_id="u")
    assert (back.state, back.desk_group, back.transfers) == (State.IN_SERVICE, "counter", 0)
    with pytest.raises(WrongState):
        at_desk(Action.CALL).forwarded_to(DeskGroupId("counter"), at=LATER, step_id="f")


def test_time_never_runs_backwards_in_a_trail():
    visit = a_visit().after(Action.CALL, at=MONDAY - timedelta(seconds=3), step_id="x", desk=DeskId("1"))
    assert visit.called_at == visit.arrived_at


def test_times_are_kept_to_the_second():
    visit = a_visit().after(Action.CALL, at=LATER.replace(microsecond=999_999), step_id="x")
    assert visit.called_at == LATER


@given(st.lists(st.sampled_from([a for a in Action if a is not Action.FORWARD]), max_size=12))
def test_no_order_of_presses_breaks_a_visit(actions: list[Action]):
    visit = a_visit()
    for number, action in enumerate(actions):
        try:
            visit = visit.after(action, at=LATER, step_id=str(number), desk=DeskId("2"))
        except WrongState:
            continue
    assert visit.version == len(visit.trail)
    assert visit.standing[0].action is Action.CHECK_IN
    assert visit.standing[-1].after == visit.state
    assert from_document(to_document(visit), phone=visit.phone, version=visit.version) == visit


def test_the_document_holds_no_phone_number_and_names_nobody():
    text = repr(to_document(at_desk(Action.CALL)))
    assert "20123456" not in text
    assert "+45" not in text


@pytest.mark.parametrize(
    "text", ["", "x", "20261123.raadhuset", "20261399.raadhuset.01JDC0NTACT0000000000000A1", "../x.y.z"]
)
def test_an_id_that_no_visit_has_is_not_found(text: str):
    with pytest.raises(NotFound):
        parse_visit_id(text)
