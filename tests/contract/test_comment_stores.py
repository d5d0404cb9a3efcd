"""The same promises of marks on comments and of the wall, by the fakes and by DynamoDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import count

import pytest

from chalicelib.adapters.comments.dynamodb_ballots import DynamoDbBallots
from chalicelib.adapters.comments.dynamodb_marks import DynamoDbMarks
from chalicelib.adapters.comments.dynamodb_wall import DynamoDbWall
from chalicelib.adapters.comments.mark_rows import marks_pk
from chalicelib.adapters.tables import FACTS_KEPT, OperationItem, bound
from chalicelib.comments.model import Mark, Status, Use
from chalicelib.comments.voting import Ballot, Stage
from chalicelib.comments.wall import Wall
from chalicelib.shared.errors import Outrun
from tests.builders import MONDAY
from tests.fakes.comments import InMemoryBallots, InMemoryMarks, InMemoryWall, comment_id

_NUMBERS = count(1)
FIRST, LAST = date(2026, 11, 23), date(2026, 11, 30)


@pytest.fixture
def municipality() -> str:
    return f"marks{next(_NUMBERS)}"


@pytest.fixture(params=["fake", "real"])
def marks(request):
    if request.param == "fake":
        return InMemoryMarks()
    request.getfixturevalue("embedded")
    return DynamoDbMarks()


@pytest.fixture(params=["fake", "real"])
def walls(request):
    if request.param == "fake":
        return InMemoryWall()
    request.getfixturevalue("embedded")
    return DynamoDbWall()


@pytest.mark.requirement("SK-21")
def test_a_mark_is_read_as_it_was_written(marks, municipality):
    whole = Mark(
        comment_id(),
        Status.ACTED,
        urgent=True,
        theme="waiting",
        department="technical",
        note="Tag det op",
        answer="Vi har åbnet en skranke mere.",
        uses=frozenset({Use.WALL, Use.SHARED}),
        taken_back=True,
        version=1,
    )
    assert marks.get(municipality, whole.id) is None
    marks.save(municipality, whole)
    assert marks.get(municipality, whole.id) == whole
    assert marks.get("another", whole.id) is None


def test_months_are_read_together_and_apart(marks, municipality):
    made = [Mark(comment_id(1, month), version=1) for month in ("2026-08", "2026-09", "2026-10")]
    for mark in made:
        marks.save(municipality, mark)
    for first, last, expected in (("2026-09", "2026-10", made[1:]), ("2026-09", "2026-09", made[1:2])):
        assert marks.between(municipality, first, last) == {mark.id: mark for mark in expected}
    assert marks.between("another", "2026-08", "2026-10") == {}


def test_of_two_who_write_over_the_same_version_one_is_told(marks, municipality):
    marks.save(municipality, Mark(comment_id(), version=1))
    for late in (Mark(comment_id(), version=1), Mark(comment_id(), version=3)):
        with pytest.raises(Outrun):
            marks.save(municipality, late)
    marks.save(municipality, Mark(comment_id(), urgent=True, version=2))
    assert marks.get(municipality, comment_id()).urgent


def test_a_mark_is_gone_before_the_response_from_which_an_erasure_finds_it(embedded, municipality):
    DynamoDbMarks().save(municipality, Mark(comment_id(1, "2026-11"), version=1))
    row = bound(OperationItem).get(marks_pk(municipality), comment_id(1, "2026-11"))
    earliest_response = MONDAY.replace(day=1, hour=0)
    assert row.expires_at + timedelta(days=2).total_seconds() <= (earliest_response + FACTS_KEPT).timestamp()


@pytest.mark.requirement("BF-08")
def test_the_wall_is_on_in_its_days_and_off_whatever_stood_there(walls, municipality):
    assert walls.get(municipality) == Wall()
    walls.save(municipality, Wall(FIRST, LAST, 1))
    assert walls.get(municipality) == Wall(FIRST, LAST, 1)
    with pytest.raises(Outrun):
        walls.save(municipality, Wall(FIRST, LAST, 1))
    for version in (2, 3):
        walls.clear(municipality)
        assert walls.get(municipality) == Wall(version=version)
    with pytest.raises(Outrun):
        walls.save(municipality, Wall(FIRST, LAST, 2))
    walls.save(municipality, Wall(FIRST, LAST, 4))
    assert walls.get(municipality).is_on(FIRST)
    assert walls.get("another") == Wall()


def test_a_wall_that_never_was_on_can_be_switched_off(walls, municipality):
    walls.clear(municipality)
    assert walls.get(municipality) == Wall(version=1)
    walls.save(municipality, Wall(FIRST, LAST, 2))
    assert walls.get(municipality).first == FIRST


@pytest.fixture(params=["fake", "real"])
def ballots(request):
    if request.param == "fake":
        return InMemoryBallots()
    request.getfixturevalue("embedded")
    return DynamoDbBallots()


@pytest.mark.requirement("BF-11")
def test_a_ballot_is_read_as_it_was_written_with_those_of_later_months(ballots, municipality):
    early = Ballot("2026-09", "oen", version=1)
    whole = Ballot("2026-10", "raadhuset", Stage.CLOSED, (comment_id(1), comment_id(2)), (comment_id(2),), version=1)
    for ballot in (early, whole):
        ballots.save(municipality, ballot)
        with pytest.raises(Outrun):
            ballots.save(municipality, ballot)
    assert ballots.since(municipality, "2026-10") == [whole]
    assert ballots.since(municipality, "2026-09") == [early, whole]
    assert ballots.since("another", "2026-09") == []


@pytest.mark.requirement("BF-11")
def test_a_vote_is_one_per_voter_and_never_in_a_ballot_that_has_changed(ballots, municipality):
    ballot = Ballot("2026-10", "raadhuset", Stage.OPEN, (comment_id(1), comment_id(2)), version=1)
    ballots.save(municipality, ballot)
    ballots.vote(municipality, ballot, "anna", comment_id(1))
    with pytest.raises(Outrun):
        ballots.vote(municipality, ballot, "bo", comment_id(1))
    for version, voter, number in ((2, "bo", 1), (3, "anna", 2)):
        ballots.vote(municipality, replace(ballot, version=version), voter, comment_id(number))
    assert ballots.votes(municipality, ballot) == {"anna": comment_id(2), "bo": comment_id(1)}
    assert [each.version for each in ballots.since(municipality, "2026-10")] == [4]
    assert ballots.votes(municipality, replace(ballot, team="oen")) == {}
