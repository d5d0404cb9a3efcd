"""Survey links and responses in DynamoDB. A response's item holds no phone number and no token, only a contact's id."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from chalicelib.adapters.dynamodb_work import pending_item
from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import FACTS_KEPT, InvitationItem, LinkItem, ResponseItem, bound
from chalicelib.adapters.transactions import Steps
from chalicelib.shared.clock import parse_moment, utc_text
from chalicelib.shared.errors import Conflict
from chalicelib.shared.work import WorkItem, WorkKind
from chalicelib.surveys.model import Mode, Response
from chalicelib.surveys.service import Invited, SurveyLink


class DynamoDbResponses:
    """`SurveyStore` on the tables links, invitations (read only) and responses."""

    @busy_if_unread
    def link(self, hashed: str) -> SurveyLink | None:
        """The link whose token has that hash."""
        model = bound(LinkItem)
        try:
            item = model.get(hashed, "link")
        except model.DoesNotExist:
            return None
        until = item.until or item.expires_at
        return SurveyLink(
            municipality=item.municipality,
            purpose=item.purpose,
            contact_id=item.subject,
            language=item.language,
            until=None if until is None else datetime.fromtimestamp(until, UTC),
        )

    @busy_if_unread
    def invited(self, municipality: str, contact_id: str) -> Invited | None:
        """The facts of the contact's invitation, which the sender wrote before the link existed."""
        model = bound(InvitationItem)
        try:
            item = model.get(f"{municipality}#invitation#{contact_id}", "invitation")
        except model.DoesNotExist:
            return None
        document: dict[str, Any] = item.document
        return Invited(
            contact_ended_at=parse_moment(document["contact_ended_at"]),
            questionnaire=document.get("questionnaire"),
            language=document.get("language"),
        )

    @busy_if_unread
    def response(self, municipality: str, contact_id: str) -> Response | None:
        """The contact's response, read strongly."""
        model = bound(ResponseItem)
        try:
            item = model.get(_key(municipality, contact_id), "response", consistent_read=True)
        except model.DoesNotExist:
            return None
        return _response(item)

    def save(self, response: Response, *, land: bool) -> None:
        """Store version n over version n - 1; with `land`, put its pending landing in the same transaction.

        Raises:
            Conflict: another version is there; nothing was changed.
            Busy: contention did not end; nothing was changed.
            Ambiguous: the answer was lost; it is stored or not.
        """
        model, steps, before = bound(ResponseItem), Steps(), response.version - 1
        steps.put("response", _row(response), model.pk.does_not_exist() if before == 0 else (model.version == before))
        if land:
            steps.put("landing", pending_item(_landing(response)))
        if steps.commit():
            raise Conflict


def _landing(response: Response) -> WorkItem:
    """Due at the start of the response, so that every version of it is one and the same item."""
    return WorkItem(
        municipality=response.municipality,
        kind=WorkKind.LAND_RESPONSE,
        subject=response.contact_id,
        due_at=response.started_at,
        version=response.version,
    )


def _key(municipality: str, contact_id: str) -> str:
    return f"{municipality}#response#{contact_id}"


def _row(response: Response) -> ResponseItem:
    return bound(ResponseItem)(
        _key(response.municipality, response.contact_id),
        "response",
        municipality=response.municipality,
        contact_id=response.contact_id,
        state=str(response.state),
        document=_document(response),
        version=response.version,
        expires_at=int((response.started_at + FACTS_KEPT).timestamp()),
    )


def _document(response: Response) -> dict[str, Any]:
    return {
        "contact_ended_at": utc_text(response.contact_ended_at),
        "questionnaire": response.questionnaire,
        "questionnaire_version": response.questionnaire_version,
        "question_versions": dict(response.question_versions),
        "mode": str(response.mode),
        "language": response.language,
        "started_at": utc_text(response.started_at),
        "finished_at": utc_text(response.finished_at) if response.finished_at else None,
        "answers": dict(response.answers),
        "comments": dict(response.comments),
    }


def _response(item: ResponseItem) -> Response:
    document: dict[str, Any] = item.document
    finished = document["finished_at"]
    return Response(
        municipality=item.municipality,
        contact_id=item.contact_id,
        contact_ended_at=parse_moment(document["contact_ended_at"]),
        questionnaire=document["questionnaire"],
        questionnaire_version=document["questionnaire_version"],
        question_versions=document["question_versions"],
        mode=Mode(document["mode"]),
        language=document["language"],
        started_at=parse_moment(document["started_at"]),
        finished_at=parse_moment(finished) if finished else None,
        answers=document["answers"],
        comments=document["comments"],
        version=int(item.version),
    )
