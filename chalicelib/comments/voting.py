"""The month's best word from a citizen: a leader picks up to three, the team votes, the winner gets a diploma (BF-11).

Comments are voted on, never people, and nobody sees how many voted for which. A comment that named a colleague can be
picked only if that colleague has said yes (BF-13): of everybody else's names nothing is left but that there was one.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.comments.model import Use, month_of_comment
from chalicelib.shared.errors import InvalidInput, NotFound, WrongState
from chalicelib.shared.hashing import staff_pseudonym
from chalicelib.shared.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from chalicelib.comments.model import Comment
    from chalicelib.comments.service import PickedComments, Shown
    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.hashing import Keys

MOST: Final = 3
FEWEST: Final = 2
"""There must be something to choose between."""
_MONTH: Final = re.compile(r"\d{4}-\d{2}")
_NAME: Final = "[navn]"
"""What stands where a name was taken out (`surveys/redaction.py`)."""


class Stage(StrEnum):
    """How far a vote has come."""

    PICKING = "picking"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Ballot:
    """A team's vote of one month. `winners` are the comments with the most votes, once it is closed."""

    month: str
    team: str
    stage: Stage = Stage.PICKING
    candidates: tuple[str, ...] = ()
    winners: tuple[str, ...] = ()
    version: int = 0


@dataclass(frozen=True, slots=True)
class Vote:
    """A team's vote as somebody sees it. `mine` is what they have voted for."""

    ballot: Ballot
    shown: tuple[Shown, ...]
    mine: str = ""

    @property
    def won(self) -> tuple[Shown, ...]:
        """The winners whose words may still be shown."""
        return tuple(each for each in self.shown if each.comment.id in self.ballot.winners)


class BallotStore(Protocol):
    """Where votes are kept."""

    def since(self, municipality: str, month: str) -> Sequence[Ballot]:
        """The ballots of that month and later."""
        ...

    def save(self, municipality: str, ballot: Ballot) -> None:
        """It is there, in place of the version before.

        Raises:
            Outrun: that version is not the one that stands.
        """
        ...

    def votes(self, municipality: str, ballot: Ballot) -> Mapping[str, str]:
        """Voter → comment, of each who has voted."""
        ...

    def vote(self, municipality: str, ballot: Ballot, voter: str, comment_id: str) -> None:
        """The voter's one vote is for that comment, in place of an earlier one; the ballot is one version further.

        Raises:
            Outrun: the ballot is not the version that was read.
        """
        ...


class Voting:
    """Picking, voting, closing."""

    def __init__(
        self,
        *,
        store: BallotStore,
        picked: PickedComments,
        participants: Callable[[Municipality], Collection[str]],
        keys: Callable[[], Keys],
        retry: Retry | None = None,
    ) -> None:
        """`participants` gives the keys of the colleagues who have said yes."""
        self._store = store
        self._picked = picked
        self._participants = participants
        self._keys = keys
        self._retry = retry or Retry()

    def votes(self, municipality: Municipality, subject: str) -> list[Vote]:
        """The votes of the recent months that have candidates, newest first, as `subject` sees them."""
        praise = {each.comment.id: each for each in self.choosable(municipality)}
        first = min((month_of_comment(name) for name in praise), default="9999-99")
        ballots = [ballot for ballot in self._store.since(municipality.id, first) if ballot.candidates]
        newest = sorted(ballots, key=lambda ballot: ballot.team)
        newest.sort(key=lambda ballot: ballot.month, reverse=True)
        return [
            Vote(
                ballot,
                tuple(praise[name] for name in ballot.candidates if name in praise),
                self._store.votes(municipality.id, ballot).get(self._voter(municipality.id, ballot, subject), ""),
            )
            for ballot in newest
        ]

    def choosable(self, municipality: Municipality) -> list[Shown]:
        """The praise of the recent months that may be voted on."""
        joined = self._participants(municipality)
        return [each for each in self._picked.of(municipality, Use.PRAISE) if may_be_nominated(each.comment, joined)]

    def pick(self, municipality: Municipality, comment_id: str) -> Ballot:
        """A candidate more, of its team and month; twice is once.

        Raises:
            NotFound: it is no praise, or may not be nominated.
            InvalidInput: there are three already.
            WrongState: the vote has begun.
        """
        comment = self._choosable(municipality, comment_id)

        def add(ballot: Ballot) -> Ballot:
            if comment_id in ballot.candidates:
                return ballot
            if len(ballot.candidates) == MOST:
                raise InvalidInput(fields={"comment": "three at most"})
            return replace(ballot, candidates=(*ballot.candidates, comment_id))

        return self._changed(municipality, month_of_comment(comment_id), team_of(comment), Stage.PICKING, add)

    def drop(self, municipality: Municipality, month: str, team: str, comment_id: str) -> Ballot:
        """A candidate less, before the vote begins.

        Raises:
            WrongState: it has begun.
        """
        return self._changed(
            *(municipality, month, team, Stage.PICKING),
            lambda ballot: replace(ballot, candidates=tuple(c for c in ballot.candidates if c != comment_id)),
        )

    def open(self, municipality: Municipality, month: str, team: str) -> Ballot:
        """The team may vote.

        Raises:
            InvalidInput: there is nothing to choose between.
            WrongState: it may already.
        """

        def begin(ballot: Ballot) -> Ballot:
            if len(ballot.candidates) < FEWEST:
                raise InvalidInput(fields={"comment": "two at least"})
            return replace(ballot, stage=Stage.OPEN)

        return self._changed(municipality, month, team, Stage.PICKING, begin)

    def vote(self, municipality: Municipality, month: str, team: str, comment_id: str, subject: str) -> None:
        """One vote each, which may be changed until the end.

        Raises:
            InvalidInput: that is no candidate.
            WrongState: the vote has not begun, or is over.
        """

        def attempt() -> None:
            ballot = self._ballot(municipality.id, month, team)
            _demand(ballot, Stage.OPEN)
            if comment_id not in ballot.candidates:
                raise InvalidInput(fields={"comment": "no candidate"})
            self._store.vote(municipality.id, ballot, self._voter(municipality.id, ballot, subject), comment_id)

        self._retry.run(attempt)

    def close(self, municipality: Municipality, month: str, team: str) -> Ballot:
        """The winner stands: whoever has the most votes, of several all.

        Raises:
            InvalidInput: nobody has voted.
            WrongState: the vote has not begun, or is over.
        """

        def end(ballot: Ballot) -> Ballot:
            votes = Counter(self._store.votes(municipality.id, ballot).values())
            if not votes:
                raise InvalidInput(fields={"comment": "nobody has voted"})
            most = max(votes.values())
            winners = tuple(name for name in ballot.candidates if votes[name] == most)
            return replace(ballot, stage=Stage.CLOSED, winners=winners)

        return self._changed(municipality, month, team, Stage.OPEN, end)

    def _changed(
        self, municipality: Municipality, month: str, team: str, stage: Stage, change: Callable[[Ballot], Ballot]
    ) -> Ballot:
        def attempt() -> Ballot:
            before = self._ballot(municipality.id, month, team)
            _demand(before, stage)
            after = change(before)
            if after != before:
                after = replace(after, version=before.version + 1)
                self._store.save(municipality.id, after)
            return after

        return self._retry.run(attempt)

    def _voter(self, municipality: str, ballot: Ballot, subject: str) -> str:
        """Another one in every vote, so that nobody's taste is followed from month to month."""
        return staff_pseudonym(self._keys(), municipality, f"{ballot.month}|{ballot.team}|{subject}")

    def _ballot(self, municipality: str, month: str, team: str) -> Ballot:
        if not _MONTH.fullmatch(month):
            raise InvalidInput(fields={"month": "YYYY-MM"})
        found = (each for each in self._store.since(municipality, month) if (each.month, each.team) == (month, team))
        return next(found, Ballot(month, team))

    def _choosable(self, municipality: Municipality, comment_id: str) -> Comment:
        for each in self.choosable(municipality):
            if each.comment.id == comment_id:
                return each.comment
        raise NotFound


def team_of(comment: Comment) -> str:
    """Whose vote it is in: the office's, else that of the channel."""
    return comment.office or comment.channel


def may_be_nominated(comment: Comment, participants: Collection[str]) -> bool:
    """False where it names anybody who has not said yes, or not any more, as far as what is left tells (BF-13)."""
    return comment.text.count(_NAME) <= len(set(comment.nominees) & set(participants))


def _demand(ballot: Ballot, stage: Stage) -> None:
    if ballot.stage is not stage:
        raise WrongState
