"""From a stored document to landed lines and the object that holds them. Pure; nothing that is not named here can pass.

One object per subject and table, with a key that depends on nothing but the subject: a replay overwrites itself. Every
table's object is written even when it has no lines, so that a later version without a comment replaces the comment.
Rows are built from named fields and checked against the schema; codes that don't look like codes are withheld (I6).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from chalicelib.lake.columns import Kind
from chalicelib.lake.schemas import TABLES, checked_row
from chalicelib.municipalities.units import department_of, sub_department_of
from chalicelib.shared.clock import month_of, parse_moment, to_local

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

Document = dict[str, Any]
Row = dict[str, Any]

ROW_VERSION: Final = "row_version"
"""Stands in every landed line beside the table's columns: the last version of a subject wins when it is compacted."""
WITHHELD: Final = "withheld"

# A code: letters of any language, digits and a few joints. Eight digits in a row could be a phone or CPR number, so
# only the opaque key may have them.
_CODE: Final = re.compile(r"[\w .:/&,+()-]{1,120}")
_LONG_NUMBER: Final = re.compile(r"(?:\d[ .-]?){8}")
_UNTIMED: Final = frozenset({"unclosed", "at_door"})
"""Endings of which nobody knows how long the service took."""
_FREE: Final = frozenset({"contact_id", "text"})
_ASSISTED: Final = frozenset({"desk", "phone"})
_OUTCOMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "completed": "served",
        "no_show": "no_show",
        "cancelled": "cancelled",
        "unclosed": "unclosed",
        "moved": "sent_on",
    }
)
"""The state of an appointment, or of its visit, as its outcome; any other is not known."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A stored document about a contact, and the version of its item; never printed."""

    municipality: str
    subject: str
    document: Document = field(repr=False)
    version: int = 0


@dataclass(frozen=True, slots=True)
class LandedObject:
    """One object of the landing area. `version` is the subject's: an older one never replaces a newer one."""

    table: str
    municipality: str
    month: str
    subject: str
    version: int
    rows: tuple[Row, ...] = field(repr=False)

    @property
    def key(self) -> str:
        """Where it lands."""
        return f"{landing_prefix(self.table, self.municipality, self.month)}{self.subject}.json"

    @property
    def body(self) -> bytes:
        """JSON lines, byte for byte the same for the same facts."""
        return lines({**row, ROW_VERSION: self.version} for row in self.rows)


def landing_prefix(table: str, municipality: str, month: str) -> str:
    """The folder of a partition's landed objects."""
    return f"landing/{table}/municipality={municipality}/month={month}/"


def lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """JSON lines in UTF-8; no line for no row."""
    return b"".join(
        json.dumps(row, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode() + b"\n" for row in rows
    )


def contact_objects(fact: Fact) -> tuple[LandedObject, ...]:
    """The contact's facts (`contacts/document.py` wrote the document)."""
    contact = fact.document
    arrived, ended = parse_moment(contact["arrived_at"]), parse_moment(contact["ended_at"])
    called, served = _moment(contact.get("called_at")), _moment(contact.get("served_at"))
    consent = contact["consent"]
    row = {
        "contact_id": fact.subject,
        **_taken(contact, ("channel", "office", "desk_group", "origin", "language")),
        **_unit(contact),
        "reason": next(iter(contact["reasons"]), None),
        "reasons": contact["reasons"],
        **_taken(contact, ("arrived_at", "called_at", "served_at", "ended_at", "booked_start", "booked_at")),
        "waiting_seconds": None if called is None else _seconds(_waiting_since(contact, arrived), called),
        "service_seconds": None if contact.get("ending") in _UNTIMED else _seconds(served or arrived, ended),
        "consent_offered": consent["offered"],
        "consent_granted": consent["granted"],
        "consent_text_version": consent.get("text_version"),
        "internal": bool(contact.get("internal")),
        **_taken(
            contact, ("resolved_first_contact", "transfers", "ending", "next_step_given", "handed_over", "system")
        ),
        "outage": bool(contact.get("outage")),
        **_taken(contact, ("waiting_from", "checked_in_at", "outside_hours")),
        "local_date": to_local(ended).date().isoformat(),
        "local_hour": to_local(arrived).hour,
        "local_weekday": to_local(arrived).isoweekday(),
    }
    return (_object("contacts", fact, ended, [row]),)


def invitation_objects(fact: Fact) -> tuple[LandedObject, ...]:
    """Where the invitation stands, or why there is none."""
    named = tuple(column.name for column in TABLES["invitations"].columns)
    row = {**_taken(fact.document, named), "contact_id": fact.subject}
    return (_object("invitations", fact, parse_moment(fact.document["contact_ended_at"]), [row]),)


def response_objects(fact: Fact) -> tuple[LandedObject, ...]:
    """The response; once it is finished its answers (no free text) and its redacted comments too."""
    response = fact.document
    common = {
        "contact_id": fact.subject,
        **_taken(response, ("language", "finished_at", "contact_ended_at")),
    }
    finished = response.get("finished_at") is not None
    facts: Document = response.get("facts") or {}
    common |= _taken(facts, ("channel", "office", "reason")) | _unit(facts)
    seconds: Mapping[str, int] = response.get("seconds") or {}
    head = {
        **common,
        "state": "finished" if finished else "started",
        **_taken(response, ("questionnaire", "questionnaire_version", "mode", "started_at")),
        "answered": len(response["answers"]),
        "has_comment": bool(response["comments"]),
        **_taken(facts, ("place", "interviewer")),
        **_taken(response, ("eligible", "stopped_at")),
        "seconds": sum(seconds.values()) if seconds else None,
    }
    ended = parse_moment(response["contact_ended_at"])
    objects = [_object("responses", fact, ended, [head])]
    if finished:
        objects.append(_object("answers", fact, ended, _answers(response, common)))
        objects.append(_object("comments", fact, ended, _comments(response, common)))
    return tuple(objects)


def booking_objects(fact: Fact) -> tuple[LandedObject, ...]:
    """The appointment and what became of it, in the month of its time (ADR 25). A day that is not closed: not known."""
    booking = fact.document
    start, booked = parse_moment(booking["start"]), parse_moment(booking["booked_at"])
    row = {
        "contact_id": fact.subject,
        "outcome": _OUTCOMES.get(booking["state"] or ""),
        **_taken(booking, ("office", "desk_group", "origin", "language", "persons", "meeting", "booked_at")),
        "reason": next(iter(booking["reasons"]), None),
        "reasons": booking["reasons"],
        "booked_start": booking["start"],
        "lead_seconds": _seconds(booked, start),
        "assisted": booking.get("origin") in _ASSISTED,
        **_taken(booking, ("alternatives_seen", "want_earlier", "moves", "cancelled_at")),
        "consent_offered": booking["consent"]["offered"],
        "consent_granted": booking["consent"]["granted"],
        "local_date": to_local(start).date().isoformat(),
        "local_hour": to_local(start).hour,
        "local_weekday": to_local(start).isoweekday(),
    }
    return (_object("bookings", fact, start, [row]),)


def _unit(facts: Document) -> Row:
    """Department and sub-department, which stand in one path."""
    path = facts.get("department")
    return {"department": department_of(path), "sub_department": sub_department_of(path)} if path else {}


def _waiting_since(contact: Document, arrived: datetime) -> datetime:
    """Whom staff checked in after the booked time was there at that time, unseen (GL-64)."""
    booked = _moment(contact.get("booked_start"))
    return booked if booked and contact.get("waiting_from") == "booked_time" else arrived


def _answers(response: Document, common: Row) -> list[Row]:
    versions: Mapping[str, str] = response.get("question_versions") or {}
    seconds: Mapping[str, int] = response.get("seconds") or {}
    return [
        {
            **common,
            **_taken(response, ("questionnaire", "mode")),
            "question": question,
            "question_version": versions.get(question),
            "value": str(value),
            "value_number": float(value) if type(value) in {int, float} else None,
            "seconds": seconds.get(question),
        }
        for question, given in sorted(response["answers"].items())
        for value in (given if isinstance(given, list) else [given])
    ]


def _comments(response: Document, common: Row) -> list[Row]:
    use: Document = response.get("comment_use") or {}
    return [
        {
            **common,
            **_taken(response, ("mode",)),
            "question": question,
            "text": text,
            "nominees": response.get("nominees") or None,
            "may_be_quoted": use.get("granted"),
            "comment_key": response.get("comment_key"),
        }
        for question, text in sorted(response["comments"].items())
        if text
    ]


def _object(table: str, fact: Fact, ended: datetime, rows: Iterable[Row]) -> LandedObject:
    """All facts of a contact stand in the month of its end, whenever they came, so that they share a partition."""
    clean = tuple(checked_row(table, _withheld(table, row)) for row in rows)
    return LandedObject(table, fact.municipality, month_of(ended), fact.subject, fact.version, clean)


def _withheld(table: str, row: Row) -> Row:
    """The row with every text that can't be a code replaced: a carrier's message may quote a number."""
    columns = {column.name: column.kind for column in TABLES[table].columns}
    return {
        name: WITHHELD
        if isinstance(value, str) and columns.get(name) is Kind.STRING and name not in _FREE and not is_code(value)
        else value
        for name, value in row.items()
    }


def is_code(text: str) -> bool:
    """True for what may stand in a column that nobody reads as prose."""
    return _CODE.fullmatch(text) is not None and _LONG_NUMBER.search(text) is None


def _taken(document: Mapping[str, Any], names: Iterable[str]) -> Row:
    return {name: document.get(name) for name in names}


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_moment(text)


def _seconds(start: datetime, end: datetime) -> int:
    return max(0, round((end - start).total_seconds()))
