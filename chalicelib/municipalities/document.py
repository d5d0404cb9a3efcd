"""From the stored document (plain JSON, validated when it was applied) to the frozen model."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from chalicelib.municipalities.model import (
    Alternative,
    BookingPolicy,
    Channel,
    ConsentText,
    Contact,
    DeskGroup,
    EnquiryReason,
    Municipality,
    Office,
    OpeningPeriod,
    SurveyPolicy,
    Thresholds,
)
from chalicelib.shared.identifiers import (
    DeskGroupId,
    DeskId,
    MunicipalityId,
    OfficeId,
    QuestionnaireId,
    ReasonId,
)

Document = dict[str, Any]


def municipality_from(document: Document, *, version: int = 0) -> Municipality:
    """The model of a document that `borgerpuls municipality apply` has validated.

    Raises:
        KeyError, ValueError: the document was not validated.
    """
    return Municipality(
        id=MunicipalityId(document["id"]),
        name=document["name"],
        code=document["code"],
        brand_colour=document["brand_colour"],
        contact=Contact(**document["contact"]),
        offices=tuple(_office(item) for item in document["offices"]),
        reasons=tuple(_reason(item) for item in document["reasons"]),
        closing_days=frozenset(date.fromisoformat(day) for day in document["closing_days"]),
        booking=BookingPolicy(**document["booking"]),
        survey=_survey(document["survey"]),
        consent_texts={scope: ConsentText(**text) for scope, text in document["consent_texts"].items()},
        sms_templates=document["sms_templates"],
        thresholds=Thresholds(**document["thresholds"]),
        staff_names=tuple(document["staff_names"]),
        version=version,
    )


def _office(item: Document) -> Office:
    return Office(
        id=OfficeId(item["id"]),
        name=item["name"],
        address=item["address"],
        check_in_hint=item["check_in_hint"],
        desk_groups=tuple(_group(group) for group in item["desk_groups"]),
    )


def _group(item: Document) -> DeskGroup:
    return DeskGroup(
        id=DeskGroupId(item["id"]),
        desks=tuple(DeskId(desk) for desk in item["desks"]),
        reasons=frozenset(ReasonId(reason) for reason in item["reasons"]),
        opening=tuple(_opening(period) for period in item["opening"]),
    )


def _opening(item: Document) -> OpeningPeriod:
    return OpeningPeriod(
        weekdays=frozenset(item["weekdays"]),
        opens=time.fromisoformat(item["opens"]),
        closes=time.fromisoformat(item["closes"]),
        desks=item["desks"],
        valid_from=_day(item.get("valid_from")),
        valid_to=_day(item.get("valid_to")),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _reason(item: Document) -> EnquiryReason:
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
        department=item["department"],
        kle=item.get("kle"),
    )


def _survey(item: Document) -> SurveyPolicy:
    return SurveyPolicy(
        questionnaire=QuestionnaireId(item["questionnaire"]),
        sender=item["sender"],
        delay_minutes=item["delay_minutes"],
        not_after_hours=item["not_after_hours"],
        send_from=time.fromisoformat(item["send_from"]),
        send_until=time.fromisoformat(item["send_until"]),
        send_on_sundays=item["send_on_sundays"],
        quarantine_days=item["quarantine_days"],
        sampling_percent=item["sampling_percent"],
        link_days=item["link_days"],
        allowed_country_codes=tuple(item["allowed_country_codes"]),
    )
