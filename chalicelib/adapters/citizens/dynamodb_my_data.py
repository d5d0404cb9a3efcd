"""What is held under a phone number, read for its owner: the contact's few rows by their keys, no search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chalicelib.adapters.booking.appointment_rows import appointment_key
from chalicelib.adapters.citizens.dynamodb_consents import consent_key
from chalicelib.adapters.citizens.phone_pointers import pointer_key, pointers_of_phone
from chalicelib.adapters.dispatch.invitation_rows import invitation_key, phone_key, response_key
from chalicelib.adapters.dynamodb_work import pending_item
from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import (
    AppointmentItem,
    ConsentItem,
    ContactItem,
    InvitationItem,
    ResponseItem,
    Table,
    bound,
)
from chalicelib.adapters.transactions import Steps
from chalicelib.contacts.my_data import Held, HeldConsent, HeldContact
from chalicelib.municipalities.model import SCOPES
from chalicelib.shared.clock import parse_moment
from chalicelib.shared.work import WorkItem, WorkKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

_MOST: Final = 60
"""Contacts shown at once, the newest; deleting takes all of them."""


class DynamoDbHeldRows:
    """`HeldRows` on the tables."""

    @busy_if_unread
    def contact_ids(self, municipality: str, phone_hash: str) -> Sequence[str]:
        """The contacts of a number."""
        return [str(row.state) for row in pointers_of_phone(municipality, phone_hash)]

    @busy_if_unread
    def held(self, municipality: str, phone_hash: str) -> Held:
        """One batch of each table."""
        pointers = {str(row.state): row for row in pointers_of_phone(municipality, phone_hash)}
        ids = sorted(pointers, reverse=True)[:_MOST]
        rows = {
            "appointment": _many(AppointmentItem, {each: appointment_key(municipality, each) for each in ids}),
            "contact": _many(ContactItem, {each: (f"{municipality}#contact#{each}", "contact") for each in ids}),
            **{
                scope: _many(ConsentItem, {each: consent_key(municipality, each, scope) for each in ids})
                for scope in SCOPES
            },
            "invitation": _many(InvitationItem, {each: invitation_key(municipality, each) for each in ids}),
            "response": _many(ResponseItem, {each: response_key(municipality, each) for each in ids}),
        }
        found = (
            _contact(
                each, {kind: of_kind.get(each) for kind, of_kind in rows.items()}, deleting=bool(pointers[each].until)
            )
            for each in ids
        )
        contacts = sorted((each for each in found if each is not None), key=lambda each: each.at, reverse=True)
        wish = _many(ConsentItem, {"wish": phone_key(municipality, phone_hash, "opted_out")})
        return Held(tuple(contacts), opted_out=bool(wish))

    def ask_to_erase(self, municipality: str, phone_hash: str, contact_id: str, now: datetime) -> None:
        """The pointer remembers that it was asked, so that asking twice is asking once."""
        model, steps = bound(ConsentItem), Steps()
        pointer = model(*pointer_key(municipality, phone_hash, contact_id))
        asked = [model.until.set(int(now.timestamp()))]
        steps.update("pointer", pointer, asked, model.pk.exists() & model.until.does_not_exist())
        steps.put("work", pending_item(WorkItem(municipality, WorkKind.ERASE, contact_id, now)))
        steps.commit()


def _many(table: type[Table], keys: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """Rows by contact."""
    if not keys:
        return {}
    rows = {(row.pk, row.sk): row for row in bound(table).batch_get(list(keys.values()), consistent_read=True)}
    return {each: rows[key] for each, key in keys.items() if key in rows}


def _contact(contact_id: str, rows: Mapping[str, Any], *, deleting: bool) -> HeldContact | None:
    """None if all that is left is the pointer."""
    documents = {kind: (row.document or {}) for kind, row in rows.items() if row is not None}
    appointment, contact = documents.get("appointment", {}), documents.get("contact", {})
    asked = [scope for scope in SCOPES if scope in documents]
    at = contact.get("arrived_at") or appointment.get("start") or next((documents[each]["at"] for each in asked), None)
    if at is None:
        return None
    state = {kind: None if row is None else getattr(row, "state", None) for kind, row in rows.items()}
    return HeldContact(
        id=contact_id,
        at=parse_moment(at),
        office=contact.get("office") or appointment.get("office"),
        channel=contact.get("channel"),
        reasons=tuple(contact.get("reasons") or appointment.get("reasons") or ()),
        appointment=state["appointment"],
        completed_at=parse_moment(contact["ended_at"]) if contact else None,
        consents=tuple(HeldConsent(scope, str(state[scope]), parse_moment(documents[scope]["at"])) for scope in asked),
        invitation=state["invitation"],
        response=state["response"],
        deleting=deleting,
    )
