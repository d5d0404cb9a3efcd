"""The monthly votes in DynamoDB: a partition of ballots per municipality, and one of voters per ballot."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import FACTS_KEPT, OperationItem, bound, gone_by
from chalicelib.adapters.transactions import Steps
from chalicelib.comments.voting import Ballot, Stage
from chalicelib.shared.errors import Outrun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class DynamoDbBallots:
    """`BallotStore` on the operations table."""

    @busy_if_unread
    def since(self, municipality: str, month: str) -> Sequence[Ballot]:
        """One query of the ballots from that month on."""
        model = bound(OperationItem)
        return [_ballot(row) for row in model.query(_pk(municipality), model.sk >= month, consistent_read=True)]

    def save(self, municipality: str, ballot: Ballot) -> None:
        """Version n over n - 1."""
        model, steps = bound(OperationItem), Steps()
        known = model.version == ballot.version - 1 if ballot.version > 1 else model.pk.does_not_exist()
        row = model(
            _pk(municipality),
            f"{ballot.month}#{ballot.team}",
            state=str(ballot.stage),
            document={"candidates": list(ballot.candidates), "winners": list(ballot.winners)},
            version=ballot.version,
            expires_at=_expiry(ballot),
        )
        steps.put("ballot", row, known)
        if steps.commit():
            raise Outrun

    @busy_if_unread
    def votes(self, municipality: str, ballot: Ballot) -> Mapping[str, str]:
        """One query of the voters."""
        rows = bound(OperationItem).query(_votes_pk(municipality, ballot), consistent_read=True)
        return {row.sk: row.document["comment"] for row in rows}

    def vote(self, municipality: str, ballot: Ballot, voter: str, comment_id: str) -> None:
        """Vote and the ballot's version in one transaction, so that no vote comes between counting and closing."""
        model, steps = bound(OperationItem), Steps()
        row = model(
            _votes_pk(municipality, ballot), voter, document={"comment": comment_id}, expires_at=_expiry(ballot)
        )
        steps.put("vote", row)
        stands = model(_pk(municipality), f"{ballot.month}#{ballot.team}")
        steps.update("ballot", stands, [model.version.add(1)], model.version == ballot.version)
        if steps.commit():
            raise Outrun


def _pk(municipality: str) -> str:
    return f"{municipality}#ballots"


def _votes_pk(municipality: str, ballot: Ballot) -> str:
    return f"{municipality}#votes#{ballot.month}#{ballot.team}"


def _expiry(ballot: Ballot) -> int:
    """With the marks on its comments."""
    return gone_by(datetime.strptime(ballot.month, "%Y-%m").replace(tzinfo=UTC) + FACTS_KEPT)


def _ballot(row: OperationItem) -> Ballot:
    month, team = row.sk.split("#", 1)
    facts = row.document
    return Ballot(month, team, Stage(row.state), tuple(facts["candidates"]), tuple(facts["winners"]), int(row.version))
