"""A contact as plain JSON: what stands in its item, in its stream image and in the lake's landed facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.contacts.model import Consent, Contact, Ending, Origin
from chalicelib.municipalities.model import Channel
from chalicelib.shared.clock import parse_moment, utc_text
from chalicelib.shared.identifiers import ContactId

if TYPE_CHECKING:
    from datetime import datetime

Document = dict[str, Any]


def to_document(contact: Contact) -> Document:
    """Every field of the contact; times as UTC text, to the second. No phone number exists to be written (SK-05)."""
    return {
        "id": contact.id,
        "municipality": contact.municipality,
        "channel": str(contact.channel),
        "department": contact.department,
        "office": contact.office,
        "desk_group": contact.desk_group,
        "reasons": list(contact.reasons),
        "origin": str(contact.origin),
        "language": contact.language,
        "booked_start": _text(contact.booked_start),
        "booked_at": _text(contact.booked_at),
        "arrived_at": utc_text(contact.arrived_at),
        "called_at": _text(contact.called_at),
        "served_at": _text(contact.served_at),
        "ended_at": utc_text(contact.ended_at),
        "consent": {
            "offered": contact.consent.offered,
            "granted": contact.consent.granted,
            "text_version": contact.consent.text_version,
        },
        "internal": contact.internal,
        "resolved_first_contact": contact.resolved_first_contact,
        "transfers": contact.transfers,
        "ending": str(contact.ending),
        "waiting_from": contact.waiting_from,
        "checked_in_at": contact.checked_in_at,
        "next_step_given": contact.next_step_given,
        "handed_over": contact.handed_over,
        "outage": contact.outage,
        "system": contact.system,
        "outside_hours": contact.outside_hours,
    }


def from_document(document: Document) -> Contact:
    """The contact of a document that `to_document` wrote.

    Raises:
        KeyError, ValueError: another document.
    """
    return Contact(
        id=ContactId(document["id"]),
        municipality=document["municipality"],
        channel=Channel(document["channel"]),
        department=document["department"],
        office=document.get("office"),
        desk_group=document.get("desk_group"),
        reasons=tuple(document["reasons"]),
        origin=Origin(document["origin"]),
        language=document["language"],
        booked_start=_moment(document.get("booked_start")),
        booked_at=_moment(document.get("booked_at")),
        arrived_at=parse_moment(document["arrived_at"]),
        called_at=_moment(document.get("called_at")),
        served_at=_moment(document.get("served_at")),
        ended_at=parse_moment(document["ended_at"]),
        consent=Consent(**document["consent"]),
        internal=bool(document.get("internal", False)),
        resolved_first_contact=document.get("resolved_first_contact"),
        transfers=document.get("transfers"),
        ending=Ending(document.get("ending") or Ending.SERVED),
        waiting_from=document.get("waiting_from"),
        checked_in_at=document.get("checked_in_at"),
        next_step_given=document.get("next_step_given"),
        handed_over=document.get("handed_over"),
        outage=bool(document.get("outage", False)),
        system=document.get("system"),
        outside_hours=document.get("outside_hours"),
    )


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else utc_text(moment)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_moment(text)
