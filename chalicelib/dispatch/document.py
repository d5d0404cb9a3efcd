"""An invitation as plain JSON: what stands in its item, its stream image and, column by column, in the lake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chalicelib.dispatch.model import Failure, Invitation, InvitationState, Reason, Wave
from chalicelib.municipalities.model import Channel
from chalicelib.shared.clock import parse_moment, utc_text
from chalicelib.shared.identifiers import ContactId

if TYPE_CHECKING:
    from chalicelib.shared.phone import PhoneNumber

Document = dict[str, Any]

_MOMENTS: Final = (
    "decided_at",
    "contact_ended_at",
    "send_at",
    "not_after",
    "claimed_at",
    "sent_at",
    "delivered_at",
    "reminder_planned_at",
)
_PLAIN: Final = (
    *("language", "phone_hash", "code", "link_version"),
    *("attempts", "claim", "message_id", "parts", "delayed_by"),
)


def to_document(invitation: Invitation) -> Document:
    """Everything but the phone number, the state and the version, which are attributes of the item."""
    moments = {name: getattr(invitation, name) for name in _MOMENTS}
    return {
        **{name: None if moment is None else utc_text(moment) for name, moment in moments.items()},
        **{name: getattr(invitation, name) for name in _PLAIN},
        "not_invited_reason": _text(invitation.reason),
        "failure": _text(invitation.failure),
        "wave": str(invitation.wave),
        "channel": str(invitation.channel),
        "reminder_days": invitation.reminder_days,
        "no_reminder_reason": _text(invitation.no_reminder_reason),
    }


def from_document(
    document: Document, *, municipality: str, contact_id: str, state: str, version: int, phone: PhoneNumber | None
) -> Invitation:
    """The invitation of a document that `to_document` wrote.

    Raises:
        KeyError, ValueError: another document.
    """
    reason, failure = document.get("not_invited_reason"), document.get("failure")
    no_reminder = document.get("no_reminder_reason")
    moments = {name: document.get(name) for name in _MOMENTS}
    facts: dict[str, Any] = {name: None if text is None else parse_moment(text) for name, text in moments.items()}
    facts |= {name: document.get(name) for name in _PLAIN}
    return Invitation(
        municipality=municipality,
        contact_id=ContactId(contact_id),
        state=InvitationState(state),
        version=version,
        phone=phone,
        reason=None if reason is None else Reason(reason),
        failure=None if failure is None else Failure(failure),
        wave=Wave(document.get("wave") or Wave.INVITATION),
        channel=str(document.get("channel") or Channel.IN_PERSON),
        reminder_days=int(document.get("reminder_days") or 0),
        no_reminder_reason=None if no_reminder is None else Reason(no_reminder),
        **facts,
    )


def _text(value: Reason | Failure | None) -> str | None:
    return None if value is None else str(value)
