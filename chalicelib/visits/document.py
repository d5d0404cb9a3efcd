"""A visit as plain JSON, as it is stored. The phone number stands apart from it, in an attribute of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.municipalities.model import Meeting
from chalicelib.shared.clock import parse_moment, utc_text
from chalicelib.shared.identifiers import DeskGroupId, DeskId, OfficeId, ReasonId, VisitId
from chalicelib.visits.model import Action, ConsentFacts, Origin, State, Step, Visit, WaitRange

if TYPE_CHECKING:
    from chalicelib.shared.phone import PhoneNumber

Document = dict[str, Any]


def to_document(visit: Visit) -> Document:
    """Everything but the phone number and the version."""
    return {
        "id": visit.id,
        "municipality": visit.municipality,
        "office": visit.office,
        "desk_group": visit.desk_group,
        "department": visit.department,
        "reasons": list(visit.reasons),
        "ticket": visit.ticket,
        "language": visit.language,
        "origin": str(visit.origin),
        "checked_in_at": str(visit.checked_in_at),
        "state": str(visit.state),
        "trail": [_step_document(step) for step in visit.trail],
        "consent": {
            "offered": visit.consent.offered,
            "granted": visit.consent.granted,
            "text_version": visit.consent.text_version,
        },
        "booked_start": utc_text(visit.booked_start) if visit.booked_start else None,
        "booked_at": utc_text(visit.booked_at) if visit.booked_at else None,
        "code": visit.code,
        "note": visit.note,
        "expected": [visit.expected.low, visit.expected.high] if visit.expected else None,
        "outage": visit.outage,
        "persons": visit.persons,
        "meeting": str(visit.meeting),
    }


def from_document(document: Document, *, phone: PhoneNumber | None, version: int) -> Visit:
    """The visit of a document that `to_document` wrote."""
    return Visit(
        id=VisitId(document["id"]),
        municipality=document["municipality"],
        office=OfficeId(document["office"]),
        desk_group=DeskGroupId(document["desk_group"]),
        department=document["department"],
        reasons=tuple(ReasonId(reason) for reason in document["reasons"]),
        ticket=document["ticket"],
        language=document["language"],
        origin=Origin(document["origin"]),
        checked_in_at=Origin(document["checked_in_at"]),
        state=State(document["state"]),
        trail=tuple(_step(step) for step in document["trail"]),
        consent=ConsentFacts(**document["consent"]),
        booked_start=parse_moment(document["booked_start"]) if document["booked_start"] else None,
        booked_at=parse_moment(document["booked_at"]) if document["booked_at"] else None,
        code=document["code"],
        note=document.get("note"),
        expected=WaitRange(*document["expected"]) if document.get("expected") else None,
        outage=bool(document.get("outage")),
        persons=document.get("persons", 1),
        meeting=Meeting(document.get("meeting", Meeting.IN_PERSON)),
        phone=phone,
        version=version,
    )


def _step_document(step: Step) -> Document:
    return {
        "id": step.id,
        "action": str(step.action),
        "at": utc_text(step.at),
        "from": str(step.before),
        "to": str(step.after),
        "desk": step.desk,
        "group_before": step.group_before,
        "detail": step.detail,
    }


def _step(document: Document) -> Step:
    desk, group = document["desk"], document["group_before"]
    return Step(
        id=document["id"],
        action=Action(document["action"]),
        at=parse_moment(document["at"]),
        before=State(document["from"]),
        after=State(document["to"]),
        desk=DeskId(desk) if desk else None,
        group_before=DeskGroupId(group) if group else None,
        detail=document.get("detail"),
    )
