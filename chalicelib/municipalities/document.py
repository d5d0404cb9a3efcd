"""From the stored document (plain JSON, validated when it was applied) to the frozen model."""

from __future__ import annotations

from datetime import date
from typing import Any

from chalicelib.municipalities.answering import answering_from
from chalicelib.municipalities.asking import asking_from
from chalicelib.municipalities.commenting import comments_from
from chalicelib.municipalities.document_parts import booking_from, office_from, survey_from
from chalicelib.municipalities.message_templates import DEFAULT_TEMPLATES
from chalicelib.municipalities.model import (
    Alternative,
    Channel,
    ConsentText,
    Contact,
    EnquiryReason,
    Meeting,
    Municipality,
    Thresholds,
    WaitingPolicy,
)
from chalicelib.municipalities.policies import DEFAULT_TARGETS, SILENT_AFTER_DAYS, NamedEvent, Population
from chalicelib.municipalities.units import names_in, parents_in, unit_path
from chalicelib.shared.identifiers import MunicipalityId, ReasonId

Document = dict[str, Any]


def municipality_from(document: Document, *, version: int = 0) -> Municipality:
    """The model of a document that `borgerpuls municipality apply` has validated.

    Raises:
        KeyError, ValueError: the document was not validated.
    """
    parents = parents_in(document.get("departments", {}))
    return Municipality(
        id=MunicipalityId(document["id"]),
        name=document["name"],
        code=document["code"],
        brand_colour=document["brand_colour"],
        contact=Contact(**document["contact"]),
        offices=tuple(office_from(item) for item in document["offices"]),
        reasons=tuple(_reason(item, parents) for item in document["reasons"]),
        closing_days=frozenset(date.fromisoformat(day) for day in document["closing_days"]),
        booking=booking_from(document["booking"]),
        survey=survey_from(document["survey"]),
        consent_texts={scope: _consent_text(text) for scope, text in document["consent_texts"].items()},
        sms_templates={**DEFAULT_TEMPLATES, **document["sms_templates"]},
        thresholds=Thresholds(**document["thresholds"]),
        staff_names=tuple(document["staff_names"]),
        waiting=WaitingPolicy(**document.get("waiting", {})),
        asking=asking_from(document.get("asking", {})),
        comments=comments_from(document.get("comments", {})),
        email_from=document.get("email_from"),
        departments=names_in(document.get("departments", {})),
        sub_departments=parents,
        department_notes=document.get("department_notes", {}),
        targets=document.get("targets") or dict(DEFAULT_TARGETS),
        events=tuple(NamedEvent(date.fromisoformat(e["day"]), e["name"]) for e in document.get("events", ())),
        population=Population(**document["population"]) if document.get("population") else None,
        answering=answering_from(document.get("answering", ())),
        silent_after_days=document.get("silent_after_days", SILENT_AFTER_DAYS),
        version=version,
    )


def _consent_text(item: Document) -> ConsentText:
    tried = tuple(ConsentText(each["version"], each["text"]) for each in item.get("tried", ()))
    return ConsentText(item["version"], item["text"], tried)


def _reason(item: Document, parents: dict[str, str]) -> EnquiryReason:
    return EnquiryReason(
        id=ReasonId(item["id"]),
        name=item["name"],
        group=item["group"],
        duration_minutes=item["duration_minutes"],
        bring=item.get("bring"),
        fee=item.get("fee"),
        who=item.get("who"),
        attendance_required=item["attendance_required"],
        alternatives=tuple(
            Alternative(channel=Channel(a["channel"]), text=a["text"], target=a["target"]) for a in item["alternatives"]
        ),
        discreet=item["discreet"],
        surveyed=item["surveyed"],
        department=unit_path(item["department"], parents),
        kle=item.get("kle"),
        buffer_minutes=item.get("buffer_minutes", 0),
        max_persons=item.get("max_persons", 1),
        minutes_per_person=item.get("minutes_per_person", 0),
        meetings=frozenset(Meeting(name) for name in item.get("meetings", [Meeting.IN_PERSON])),
        pick_up=item.get("pick_up", False),
    )
