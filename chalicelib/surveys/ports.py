"""What the survey service needs of a store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from chalicelib.surveys.model import Facts

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.surveys.comment_use import CommentUse
    from chalicelib.surveys.model import Response


@dataclass(frozen=True, slots=True)
class SurveyLink:
    """What is stored of a link. `until` is when it stops working; None: never."""

    municipality: str
    purpose: str
    contact_id: str
    language: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Invited:
    """What a response takes over from invitation and contact. `questionnaire` is None where none was chosen then."""

    contact_ended_at: datetime
    questionnaire: str | None = None
    language: str | None = None
    facts: Facts = field(default_factory=Facts)


class SurveyStore(Protocol):
    """Links and responses, and the invitations and contacts that they come from."""

    def link(self, hashed: str) -> SurveyLink | None:
        """The link whose token has that hash."""
        ...

    def invited(self, municipality: str, contact_id: str) -> Invited | None:
        """The facts of the contact's invitation, and of the contact as far as it is there."""
        ...

    def served(self, municipality: str, contact_id: str) -> Invited | None:
        """The facts of a completed contact; None while there is none."""
        ...

    def response(self, municipality: str, contact_id: str) -> Response | None:
        """The contact's response, read strongly."""
        ...

    def save(self, response: Response, *, land: bool, answer: CommentUse | None = None) -> None:
        """Store version n of a response that has n - 1 in the store; with `land`, its pending landing with it (I5).

        `answer`, if there is a new one, goes to the consent ledger in the same write (SK-02).

        Raises:
            Conflict: another version is there; nothing was changed.
        """
        ...
