"""The monthly vote: three comments, one vote each, a winner; nobody against their will (BF-11, BF-13)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.comments.model import Change, Use
from chalicelib.comments.service import CommentDesk, PickedComments
from chalicelib.comments.voting import MOST, Ballot, Stage, Vote, Voting
from chalicelib.shared.errors import InvalidInput, NotFound, WrongState
from chalicelib.shared.retry import Retry
from tests.builders import ALL_CONSENTS, KEYS, FixedClock, a_municipality
from tests.fakes.comments import InMemoryBallots, InMemoryMarks, Readable, a_comment

pytestmark = pytest.mark.requirement("BF-11")

TOWN = a_municipality(consent_texts=ALL_CONSENTS)
MONTH, TEAM, BIRTHE = "2026-10", "raadhuset", "0123456789abcdef"
FIVE = [a_comment(number) for number in range(1, 6)]


class World:
    """Praise, and a vote on it."""

    def __init__(self, *comments: object) -> None:
        self.source, marks = Readable(m2026_10=list(comments) or FIVE), InMemoryMarks()
        self.desk = CommentDesk(store=marks, source=self.source)
        for comment in self.source.months[MONTH]:
            self.desk.change(TOWN, MONTH, comment.id, Change(show=Use.PRAISE))
        self.store, self.joined = InMemoryBallots(), {BIRTHE}
        picked = PickedComments(store=marks, source=self.source, clock=FixedClock)
        self.voting = Voting(
            store=self.store,
            picked=picked,
            participants=lambda _: self.joined,
            keys=lambda: KEYS,
            retry=Retry(sleep=lambda _: None),
        )

    def begun(self, number: int = 3) -> None:
        for comment in FIVE[:number]:
            self.voting.pick(TOWN, comment.id)
        self.voting.open(TOWN, MONTH, TEAM)

    def vote(self, subject: str, number: int) -> None:
        self.voting.vote(TOWN, MONTH, TEAM, FIVE[number].id, subject)

    def seen(self, subject: str = "leader") -> Vote:
        (vote,) = self.voting.votes(TOWN, subject)
        return vote


def test_three_are_picked_and_no_more():
    world = World()
    for comment in (*FIVE[:3], FIVE[0]):
        world.voting.pick(TOWN, comment.id)
    with pytest.raises(InvalidInput):
        world.voting.pick(TOWN, FIVE[3].id)
    assert [each.comment for each in world.seen().shown] == FIVE[:MOST]
    world.voting.drop(TOWN, MONTH, TEAM, FIVE[1].id)
    world.voting.pick(TOWN, FIVE[3].id)
    assert world.seen().ballot.candidates == (FIVE[0].id, FIVE[2].id, FIVE[3].id)


def test_two_leaders_at_once_do_not_make_four():
    world = World()
    for comment in FIVE[:2]:
        world.voting.pick(TOWN, comment.id)
    world.store.meanwhile = lambda: world.voting.pick(TOWN, FIVE[2].id)
    with pytest.raises(InvalidInput):
        world.voting.pick(TOWN, FIVE[3].id)
    assert len(world.seen().ballot.candidates) == MOST


def test_each_has_one_vote_which_may_be_changed():
    world = World()
    world.begun()
    for subject, number in (("a", 0), ("b", 1), ("c", 1), ("a", 1), ("a", 0)):
        world.vote(subject, number)
    assert world.seen("a").mine == FIVE[0].id
    assert world.seen("x").mine == ""
    assert world.voting.close(TOWN, MONTH, TEAM).winners == (FIVE[1].id,)
    assert [each.comment for each in world.seen().won] == [FIVE[1]]
    for after in (lambda: world.vote("d", 0), lambda: world.voting.close(TOWN, MONTH, TEAM)):
        with pytest.raises(WrongState):
            after()


def test_of_several_with_the_most_votes_all_win():
    world = World()
    world.begun()
    world.vote("a", 0)
    world.vote("b", 2)
    assert world.voting.close(TOWN, MONTH, TEAM).winners == (FIVE[0].id, FIVE[2].id)


def test_a_vote_while_somebody_counts_is_counted():
    world = World()
    world.begun()
    world.vote("a", 0)
    world.vote("b", 1)
    world.store.meanwhile = lambda: world.vote("c", 1)
    assert world.voting.close(TOWN, MONTH, TEAM).winners == (FIVE[1].id,)


def test_what_is_out_of_order_is_refused():
    world = World()
    with pytest.raises(InvalidInput):
        world.voting.open(TOWN, MONTH, TEAM)
    world.voting.pick(TOWN, FIVE[0].id)
    with pytest.raises(InvalidInput):
        world.voting.open(TOWN, MONTH, TEAM)
    with pytest.raises(WrongState):
        world.vote("a", 0)
    with pytest.raises(NotFound):
        world.voting.pick(TOWN, a_comment(9).id)
    with pytest.raises(InvalidInput):
        world.voting.open(TOWN, "", TEAM)
    world.voting.pick(TOWN, FIVE[1].id)
    world.voting.open(TOWN, MONTH, TEAM)
    with pytest.raises(WrongState):
        world.voting.pick(TOWN, FIVE[2].id)
    with pytest.raises(InvalidInput):
        world.vote("a", 4)
    with pytest.raises(InvalidInput):
        world.voting.close(TOWN, MONTH, TEAM)


@pytest.mark.requirement("BF-13")
def test_nobody_is_nominated_against_their_will():
    joined = replace(FIVE[0], text="[navn] var en engel", nominees=(BIRTHE,))
    stranger = replace(FIVE[1], text="[navn] var en engel", nominees=())
    both = replace(FIVE[2], text="[navn] og [navn] var engle", nominees=(BIRTHE,))
    world = World(joined, stranger, both, FIVE[3])
    assert [each.comment for each in world.voting.choosable(TOWN)] == [joined, FIVE[3]]
    with pytest.raises(NotFound):
        world.voting.pick(TOWN, stranger.id)
    for comment in (joined, FIVE[3]):
        world.voting.pick(TOWN, comment.id)
    world.joined = set()
    assert [each.comment for each in world.seen().shown] == [FIVE[3]], "whoever steps out is off the ballot too"


def test_voters_can_not_be_followed_from_vote_to_vote():
    world = World()
    world.begun()
    world.vote("a", 0)
    other = Ballot(MONTH, "oen", Stage.OPEN, (FIVE[0].id,), version=1)
    world.store.save(TOWN.id, other)
    world.voting.vote(TOWN, MONTH, "oen", FIVE[0].id, "a")
    (here,), (there,) = (world.store.votes(TOWN.id, Ballot(MONTH, team)) for team in (TEAM, "oen"))
    assert here != there
    assert "a" not in {here, there}
