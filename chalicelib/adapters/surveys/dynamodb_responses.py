"""Survey links and responses in DynamoDB. A response's item holds no phone number and no token, only a contact's id."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.citizens.dynamodb_consents import consent_rows
from chalicelib.adapters.dynamodb_work import pending_item
from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.surveys.response_rows import consent_of, response_from, response_key, response_row
from chalicelib.adapters.tables import ContactItem, InvitationItem, LinkItem, ResponseItem, bound
from chalicelib.adapters.transactions import Steps
from chalicelib.shared.clock import parse_moment
from chalicelib.shared.errors import Conflict
from chalicelib.shared.work import WorkItem, WorkKind
from chalicelib.surveys.model import Facts
from chalicelib.surveys.ports import Invited, SurveyLink

if TYPE_CHECKING:
    from chalicelib.surveys.comment_use import CommentUse
    from chalicelib.surveys.model import Response


class DynamoDbResponses:
    """`SurveyStore` on the tables links, invitations and contacts (read only), responses and consents."""

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
        """The facts of the contact's invitation, which the sender wrote before the link existed, and of the contact."""
        model = bound(InvitationItem)
        try:
            item = model.get(f"{municipality}#invitation#{contact_id}", "invitation")
        except model.DoesNotExist:
            return None
        document: dict[str, Any] = item.document
        contact = _contact(municipality, contact_id)
        return Invited(
            contact_ended_at=parse_moment(document["contact_ended_at"]),
            questionnaire=document.get("questionnaire"),
            language=document.get("language"),
            facts=_facts(contact) if contact else Facts(),
        )

    @busy_if_unread
    def served(self, municipality: str, contact_id: str) -> Invited | None:
        """The facts of a completed contact; None while there is none."""
        contact = _contact(municipality, contact_id)
        if contact is None:
            return None
        return Invited(parse_moment(contact["ended_at"]), language=contact["language"], facts=_facts(contact))

    @busy_if_unread
    def response(self, municipality: str, contact_id: str) -> Response | None:
        """The contact's response, read strongly."""
        model = bound(ResponseItem)
        try:
            item = model.get(response_key(municipality, contact_id), "response", consistent_read=True)
        except model.DoesNotExist:
            return None
        return response_from(item)

    def save(self, response: Response, *, land: bool, answer: CommentUse | None = None) -> None:
        """Store version n over version n - 1; with `land`, put its pending landing in the same transaction.

        A new `answer` about quoting goes to the ledger in it too.

        Raises:
            Conflict: another version is there; nothing was changed.
            Busy: contention did not end; nothing was changed.
            Ambiguous: the answer was lost; it is stored or not.
        """
        model, steps, before = bound(ResponseItem), Steps(), response.version - 1
        condition = model.pk.does_not_exist() if before == 0 else (model.version == before)
        steps.put("response", response_row(response), condition)
        if land:
            steps.put("landing", pending_item(_landing(response)))
        for row in consent_rows(consent_of(response, answer)) if answer else ():
            steps.put("consent", row)
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


def _contact(municipality: str, contact_id: str) -> dict[str, Any] | None:
    model = bound(ContactItem)
    try:
        item = model.get(f"{municipality}#contact#{contact_id}", "contact")
    except model.DoesNotExist:
        return None
    document: dict[str, Any] = item.document
    return document


def _facts(contact: dict[str, Any]) -> Facts:
    return Facts(
        channel=contact["channel"],
        department=contact["department"],
        reason=next(iter(contact["reasons"]), None),
        office=contact.get("office"),
    )
