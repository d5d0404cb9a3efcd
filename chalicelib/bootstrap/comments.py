"""What staff do with comments."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.bootstrap.core import clock, keys
from chalicelib.bootstrap.knowing import reports

if TYPE_CHECKING:
    from chalicelib.comments.service import CommentDesk, PickedComments
    from chalicelib.comments.voting import Voting
    from chalicelib.comments.wall import WallService
    from chalicelib.municipalities.model import Municipality
    from chalicelib.surveys.quoting import CommentUseService


@cache
def comment_desk() -> CommentDesk:
    """Marks on comments."""
    from chalicelib.adapters.comments.dynamodb_marks import DynamoDbMarks
    from chalicelib.comments.service import CommentDesk

    return CommentDesk(store=DynamoDbMarks(), source=reports())


@cache
def comment_uses() -> CommentUseService:
    """What citizens say about quoting their comments, after they have said it."""
    from chalicelib.adapters.surveys.dynamodb_responses import DynamoDbResponses
    from chalicelib.surveys.quoting import CommentUseService

    return CommentUseService(store=DynamoDbResponses(), clock=clock, quoted=comment_desk(), keys=keys)


@cache
def picked_comments() -> PickedComments:
    """What was picked for others to see."""
    from chalicelib.adapters.comments.dynamodb_marks import DynamoDbMarks
    from chalicelib.comments.service import PickedComments

    return PickedComments(store=DynamoDbMarks(), source=reports(), clock=clock)


@cache
def voting() -> Voting:
    """The monthly vote on praise."""
    from chalicelib.adapters.comments.dynamodb_ballots import DynamoDbBallots
    from chalicelib.comments.voting import Voting
    from chalicelib.surveys.nominations import nominee_key

    def participants(municipality: Municipality) -> set[str]:
        return {nominee_key(keys(), municipality.id, name) for name in municipality.asking.nominees}

    return Voting(store=DynamoDbBallots(), picked=picked_comments(), participants=participants, keys=keys)


@cache
def wall() -> WallService:
    """The big screen."""
    from chalicelib.adapters.comments.dynamodb_wall import DynamoDbWall
    from chalicelib.comments.wall import WallService

    return WallService(store=DynamoDbWall(), picked=picked_comments(), clock=clock)
