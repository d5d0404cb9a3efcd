"""The puzzle against robots: solvable, signed, bound to one town, good for one booking, and with a way for everybody."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.booking.challenge import FILLING_IN, VALID_FOR, Challenges, Proof, solve
from tests.builders import KEYS, FixedClock
from tests.fakes.guard import FakeSpentChallenges

M = "fjordby"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def challenges(clock: FixedClock) -> Challenges:
    return Challenges(spent=FakeSpentChallenges(), keys=lambda: KEYS, clock=lambda: clock)


def solved(challenges: Challenges, municipality: str = M) -> str:
    return solve(challenges.new(municipality).to_document())


def changed(solution: str, **values: object) -> str:
    return base64.b64encode(json.dumps({**json.loads(base64.b64decode(solution)), **values}).encode()).decode()


def test_a_solution_counts_once_but_its_own_booking_may_come_again(challenges):
    solution = solved(challenges)
    assert challenges.judge(M, solution=solution, by="a") is Proof.SOLVED
    assert challenges.judge(M, solution=solution, by="a") is Proof.SOLVED
    assert challenges.judge(M, solution=solution, by="b") is Proof.NONE


def test_what_was_tampered_with_does_not_count(challenges):
    solution = solved(challenges)
    number = json.loads(base64.b64decode(solution))["number"]
    for wrong in (
        changed(solution, number=number + 1),
        changed(solution, number=float(number)),
        changed(solution, number=str(number)),
        changed(solution, salt="x?expires=9999999999"),
        changed(solution, signature="0" * 64),
        changed(solution, signature="æ"),
        changed(solution, challenge="0" * 64),
    ):
        assert challenges.judge(M, solution=wrong, by="a") is Proof.NONE
    assert challenges.judge("sandholm", solution=solution, by="a") is Proof.NONE


def test_it_expires(challenges, clock):
    solution = solved(challenges)
    clock.advance(seconds=VALID_FOR.total_seconds())
    assert challenges.judge(M, solution=solution, by="a") is Proof.NONE


def test_without_scripts_the_slip_counts_once_somebody_can_have_filled_in_the_form(challenges, clock):
    slip = challenges.slip(M)
    assert challenges.judge(M, solution="", slip=slip, by="a") is Proof.TOO_EARLY
    clock.advance(seconds=FILLING_IN.total_seconds())
    assert challenges.judge("sandholm", solution="", slip=slip, by="a") is Proof.NONE
    assert challenges.judge(M, solution="", slip=slip, by="a") is Proof.PATIENT
    assert challenges.judge(M, solution="", slip=slip, by="a") is Proof.PATIENT
    assert challenges.judge(M, solution="", slip=slip, by="b") is Proof.NONE
    late = challenges.slip(M)
    clock.advance(seconds=VALID_FOR.total_seconds() + 1)
    assert challenges.judge(M, solution="", slip=late, by="c") is Proof.NONE


@given(junk=st.one_of(st.text(max_size=80), st.binary(max_size=80).map(lambda raw: base64.b64encode(raw).decode())))
def test_junk_is_no_proof_and_no_error(junk):
    challenges = Challenges(spent=FakeSpentChallenges(), keys=lambda: KEYS, clock=FixedClock)
    assert challenges.judge(M, solution=junk, slip=junk, by="a") is Proof.NONE


@pytest.mark.parametrize("body", [[], {}, {"number": 1}, {"salt": "x", "number": 10**30, "challenge": None}, None, "x"])
def test_other_json_is_no_proof(challenges, body):
    packed = base64.b64encode(json.dumps(body).encode()).decode()
    assert challenges.judge(M, solution=packed, by="a") is Proof.NONE


def test_solving_what_has_no_solution_says_so(challenges):
    with pytest.raises(ValueError, match="no number"):
        solve({**challenges.new(M).to_document(), "maxnumber": 1, "salt": "other"})
