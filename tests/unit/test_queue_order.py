"""Who is next, why, and how long it may take."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.shared.identifiers import DeskGroupId, DeskId, ReasonId
from chalicelib.visits.expectation import expected_wait
from chalicelib.visits.facts import WaitRange
from chalicelib.visits.hours import open_desks
from chalicelib.visits.model import Action
from chalicelib.visits.queue import Why, in_order, next_turn, people_ahead
from tests.builders import MONDAY, a_municipality, a_municipality_document
from tests.fakes.visits import a_visit

COUNTER = DeskGroupId("counter")
NOW = MONDAY + timedelta(minutes=30)


def ago(minutes: float):
    return NOW - timedelta(minutes=minutes)


def test_walk_ins_come_in_the_order_of_their_arrival_and_it_says_so():
    early, late = a_visit(arrived=ago(20)), a_visit(arrived=ago(10))
    turn = next_turn([late, early], COUNTER, NOW)
    assert turn
    assert (turn.visit, turn.why, turn.since) == (early, Why.LONGEST_WAIT, ago(20))


def test_an_appointment_goes_first_from_its_booked_time_on_and_not_before():
    waiting = a_visit(arrived=ago(25))
    booked = a_visit(arrived=ago(5), booked_start=NOW)
    turn = next_turn([waiting, booked], COUNTER, NOW)
    assert turn
    assert (turn.visit, turn.why, turn.since) == (booked, Why.BOOKED_TIME, NOW)
    before = next_turn([waiting, booked], COUNTER, NOW - timedelta(seconds=1))
    assert before
    assert before.visit == waiting


def test_who_comes_late_to_an_appointment_does_not_overtake_those_on_time():
    late = a_visit(arrived=ago(2), booked_start=ago(60))
    on_time = a_visit(arrived=ago(15), booked_start=ago(10))
    assert [turn.visit for turn in in_order([late, on_time], COUNTER, NOW)] == [on_time, late]


def test_a_desk_sees_only_the_visits_of_its_group_that_wait():
    other = a_visit(arrived=ago(40), desk_group=DeskGroupId("drop-in"))
    called = a_visit(arrived=ago(30)).after(Action.CALL, at=ago(1), step_id="x", desk=DeskId("1"))
    mine = a_visit(arrived=ago(1))
    assert [turn.visit for turn in in_order([other, called, mine], COUNTER, NOW)] == [mine]
    assert next_turn([other, called], COUNTER, NOW) is None


_VISITS = st.lists(
    st.builds(
        lambda wait, booked: a_visit(
            arrived=ago(wait), booked_start=None if booked is None else NOW + timedelta(minutes=booked)
        ),
        st.integers(0, 29),
        st.one_of(st.none(), st.integers(-60, 60)),
    ),
    max_size=12,
)


@given(_VISITS, st.randoms())
def test_the_order_is_total_fair_and_the_same_whatever_the_reading_order(visits, random):
    order = [turn.visit for turn in in_order(visits, COUNTER, NOW)]
    shuffled = list(visits)
    random.shuffle(shuffled)
    assert [turn.visit for turn in in_order(shuffled, COUNTER, NOW)] == order
    assert {visit.id for visit in order} == {visit.id for visit in visits}
    assert [people_ahead(visit, visits, NOW) for visit in order] == list(range(len(order)))
    reached = [v.booked_start is not None and v.booked_start <= NOW for v in order]
    assert reached == sorted(reached, reverse=True), "nobody goes before a reached appointment"
    walk_ins = [v.arrived_at for v, due in zip(order, reached, strict=True) if not due]
    assert walk_ins == sorted(walk_ins)


@given(_VISITS, st.integers(0, 30))
def test_waiting_never_makes_a_walk_in_lose_a_place_to_a_later_walk_in(visits, minutes):
    walk_ins = [v.id for v in visits if v.booked_start is None]
    now = [t.visit.id for t in in_order(visits, COUNTER, NOW) if t.visit.id in walk_ins]
    later = [t.visit.id for t in in_order(visits, COUNTER, NOW + timedelta(minutes=minutes)) if t.visit.id in walk_ins]
    assert now == later


def test_the_first_in_an_empty_open_office_waits_at_most_five_minutes():
    visit = a_visit(arrived=NOW)
    assert expected_wait(a_municipality(), visit, [visit], NOW) == WaitRange(0, 5)


def test_the_wait_grows_with_the_queue_and_is_a_range_in_steps_of_five():
    ahead = [a_visit(arrived=ago(10 - n), reasons=(ReasonId("licence"),)) for n in range(6)]
    mine = a_visit(arrived=NOW)
    wait = expected_wait(a_municipality(), mine, [*ahead, mine], NOW)
    assert wait == WaitRange(40, 80)  # six times 20 minutes at two desks: 60 minutes, told honestly


def test_who_does_not_come_alone_is_reckoned_with_as_the_booking_did():
    document = a_municipality_document()
    for reason in document["reasons"]:
        reason.update(max_persons=3, minutes_per_person=10)
    family = a_municipality(reasons=document["reasons"])

    def wait(persons: int) -> WaitRange | None:
        ahead = [a_visit(arrived=ago(10 - n), reasons=(ReasonId("licence"),), persons=persons) for n in range(6)]
        mine = a_visit(arrived=NOW)
        return expected_wait(family, mine, [*ahead, mine], NOW)

    assert wait(1) == WaitRange(40, 80)
    assert wait(3) == wait(4) == WaitRange(85, 155), "twice as long, and more than three it does not concern"


def test_an_appointment_whose_time_is_near_does_not_wait_for_the_whole_queue():
    ahead = [a_visit(arrived=ago(10 - n), reasons=(ReasonId("licence"),)) for n in range(6)]
    mine = a_visit(arrived=NOW, booked_start=NOW + timedelta(minutes=10))
    wait = expected_wait(a_municipality(), mine, [*ahead, mine], NOW)
    assert wait
    assert wait.high <= 30


@pytest.mark.parametrize(
    "moment",
    [
        MONDAY + timedelta(hours=8),
        MONDAY - timedelta(days=1),
        MONDAY.replace(month=12, day=24),
        MONDAY.replace(month=12, day=25),
    ],
    ids=["evening", "sunday", "closing day", "public holiday"],
)
def test_nothing_is_promised_while_the_office_is_closed(moment):
    municipality, visit = a_municipality(), a_visit(arrived=moment)
    assert open_desks(municipality, municipality.offices[0], municipality.offices[0].desk_groups[0], moment) == 0
    assert expected_wait(municipality, visit, [visit], moment) is None


def test_who_does_not_wait_has_no_expected_wait():
    called = a_visit().after(Action.CALL, at=NOW, step_id="x", desk=DeskId("1"))
    assert expected_wait(a_municipality(), called, [called], NOW) is None
