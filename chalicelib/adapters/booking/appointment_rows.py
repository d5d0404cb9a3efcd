"""Appointments, holds and requests as rows of the appointments table, and back."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from chalicelib.adapters.booking.message_rows import messages_document, messages_from
from chalicelib.adapters.tables import AppointmentItem, bound, gone_by
from chalicelib.booking.model import (
    FIRST_LINK_VERSION,
    Appointment,
    AppointmentState,
    ConsentAnswer,
    Hold,
    Origin,
    StoredRequest,
)
from chalicelib.municipalities.model import Meeting
from chalicelib.shared.clock import local_date, parse_moment, utc_text
from chalicelib.shared.identifiers import AppointmentId, DeskGroupId, HoldId, OfficeId, ReasonId
from chalicelib.shared.phone import PhoneNumber

if TYPE_CHECKING:
    from datetime import date, datetime

KEEP: Final = timedelta(days=30)
"""An appointment, its code and its link stay this long after its time; contacts and consents have their own terms."""

Key = tuple[str, str]


def appointment_key(municipality: str, appointment: str) -> Key:
    """Where an appointment is."""
    return f"{municipality}#appointment#{appointment}", "appointment"


def code_key(municipality: str, code: str) -> Key:
    """Where a booking code points from."""
    return f"{municipality}#code#{code}", "code"


def hold_key(municipality: str, hold: str) -> Key:
    """Where a hold is."""
    return f"{municipality}#hold#{hold}", "hold"


def request_key(municipality: str, key: str) -> Key:
    """Where the request with an Idempotency-Key is. Hashed, because a caller may write anything into a header."""
    return f"{municipality}#idempotency#{hashlib.sha256(key.encode()).hexdigest()}", "request"


def day_pk(municipality: str, office: str, day: date) -> str:
    """The partition of an office's day list."""
    return f"{municipality}#{office}#{day.isoformat()}"


def day_key(appointment: Appointment) -> Key:
    """The place of an appointment in its office's day."""
    pk = day_pk(appointment.municipality, appointment.office, local_date(appointment.start))
    return pk, f"{utc_text(appointment.start)}#{appointment.id}"


def expiry(end: datetime) -> int:
    """Epoch seconds of when everything about an appointment that ended then is removed."""
    return int((end + KEEP).timestamp())


def appointment_row(appointment: Appointment) -> AppointmentItem:
    """The appointment as stored; personal fields are attributes of their own, so that each can be removed."""
    return bound(AppointmentItem)(
        *appointment_key(appointment.municipality, appointment.id),
        state=appointment.state.value,
        document={
            "id": appointment.id,
            "municipality": appointment.municipality,
            "code": appointment.code,
            "office": appointment.office,
            "desk_group": appointment.desk_group,
            "reasons": list(appointment.reasons),
            "start": utc_text(appointment.start),
            "end": utc_text(appointment.end),
            "language": appointment.language,
            "booked_at": utc_text(appointment.booked_at),
            "origin": appointment.origin.value,
            "persons": appointment.persons,
            "meeting": appointment.meeting.value,
            "want_earlier": appointment.want_earlier,
            "reminder": appointment.reminder,
            "alternatives_seen": appointment.alternatives_seen,
            "desk_until": utc_text(appointment.desk_until) if appointment.desk_until else None,
            "link_version": appointment.link_version,
            "consent": _answer_document(appointment.consent),
            "reminder_consent": _answer_document(appointment.reminder_consent),
            "messages": messages_document(appointment.messages),
            "earlier_offered": [utc_text(moment) for moment in appointment.earlier_offered],
            "moves": appointment.moves,
            "cancelled_at": utc_text(appointment.cancelled_at) if appointment.cancelled_at else None,
        },
        phone=appointment.phone.reveal() if appointment.phone else None,
        email=appointment.email,
        name=appointment.name,
        version=appointment.version,
        expires_at=gone_by(appointment.end + KEEP),
    )


def appointment_from(row: AppointmentItem) -> Appointment:
    """The appointment of a row; what rows of earlier versions lack has the product's default."""
    document: dict[str, Any] = row.document
    reminder_consent = document.get("reminder_consent")
    desk_until, cancelled_at = document.get("desk_until"), document.get("cancelled_at")
    return Appointment(
        id=AppointmentId(document["id"]),
        municipality=document["municipality"],
        code=document["code"],
        office=OfficeId(document["office"]),
        desk_group=DeskGroupId(document["desk_group"]),
        reasons=tuple(ReasonId(reason) for reason in document["reasons"]),
        start=parse_moment(document["start"]),
        end=parse_moment(document["end"]),
        language=document["language"],
        booked_at=parse_moment(document["booked_at"]),
        consent=ConsentAnswer(**document["consent"]),
        state=AppointmentState(row.state),
        phone=PhoneNumber(row.phone) if row.phone else None,
        email=row.email,
        name=row.name,
        messages=messages_from(document.get("messages", ())),
        earlier_offered=tuple(parse_moment(text) for text in document.get("earlier_offered", ())),
        persons=document.get("persons", 1),
        meeting=Meeting(document.get("meeting", Meeting.IN_PERSON)),
        origin=Origin(document.get("origin", Origin.WEB)),
        want_earlier=document.get("want_earlier", False),
        reminder=document.get("reminder", True),
        alternatives_seen=document.get("alternatives_seen", False),
        desk_until=parse_moment(desk_until) if desk_until else None,
        link_version=document.get("link_version", FIRST_LINK_VERSION),
        moves=int(document.get("moves", 0)),
        cancelled_at=parse_moment(cancelled_at) if cancelled_at else None,
        reminder_consent=ConsentAnswer(**reminder_consent) if reminder_consent else None,
        version=int(row.version),
    )


def _answer_document(answer: ConsentAnswer | None) -> dict[str, Any] | None:
    if answer is None:
        return None
    return {"offered": answer.offered, "granted": answer.granted, "text_version": answer.text_version}


def hold_row(hold: Hold) -> AppointmentItem:
    """The hold as stored."""
    return bound(AppointmentItem)(
        *hold_key(hold.municipality, hold.id),
        document={
            "office": hold.office,
            "desk_group": hold.desk_group,
            "start": utc_text(hold.start),
            "end": utc_text(hold.end),
            "expires_at": utc_text(hold.expires_at),
            "extended": hold.extended,
        },
        expires_at=int(hold.expires_at.timestamp()),
    )


def hold_from(municipality: str, hold: str, row: AppointmentItem) -> Hold:
    """The hold of a row."""
    document: dict[str, Any] = row.document
    return Hold(
        id=HoldId(hold),
        municipality=municipality,
        office=OfficeId(document["office"]),
        desk_group=DeskGroupId(document["desk_group"]),
        start=parse_moment(document["start"]),
        end=parse_moment(document["end"]),
        expires_at=parse_moment(document["expires_at"]),
        extended=document.get("extended", 0),
    )


def request_row(municipality: str, key: str, request: StoredRequest, until: datetime) -> AppointmentItem:
    """The request as stored until then: its keyed hash and its answer, without token, phone number or name."""
    return bound(AppointmentItem)(
        *request_key(municipality, key),
        document={
            "request_hash": request.request_hash,
            "appointment": request.appointment,
            "code": request.code,
            "start": utc_text(request.start),
            "end": utc_text(request.end),
            "link_version": request.link_version,
        },
        expires_at=int(until.timestamp()),
    )


def request_from(row: AppointmentItem) -> StoredRequest:
    """The request of a row."""
    document: dict[str, Any] = row.document
    return StoredRequest(
        request_hash=document["request_hash"],
        appointment=AppointmentId(document["appointment"]),
        code=document["code"],
        start=parse_moment(document["start"]),
        end=parse_moment(document["end"]),
        link_version=document["link_version"],
    )
