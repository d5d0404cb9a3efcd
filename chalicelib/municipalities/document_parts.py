"""Offices and policies of the stored document. What an earlier version's document lacks has the product's default."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from chalicelib.municipalities.offices import (
    CheckInPoint,
    DayException,
    DeskGroup,
    MandatoryBooking,
    Office,
    OpeningPeriod,
)
from chalicelib.municipalities.policies import Among, BookingPolicy, Pause, Period, Quota, SamplingRule, SurveyPolicy
from chalicelib.shared.clock import COPENHAGEN
from chalicelib.shared.identifiers import DeskGroupId, DeskId, OfficeId, QuestionnaireId, ReasonId

_Part = dict[str, Any]
_EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]


def office_from(item: _Part) -> Office:
    """An office with its desk groups, hours and exceptions."""
    return Office(
        id=OfficeId(item["id"]),
        name=item["name"],
        address=item["address"],
        check_in_hint=item["check_in_hint"],
        desk_groups=tuple(_group(group) for group in item["desk_groups"]),
        access=item.get("access"),
        pick_up_hint=item.get("pick_up_hint"),
        exceptions=tuple(exception_from(entry) for entry in item.get("exceptions", ())),
        check_in_points=tuple(CheckInPoint(p["id"], p["name"]) for p in item.get("check_in_points", ())),
        mandatory_booking=tuple(
            MandatoryBooking(date.fromisoformat(rule["from_day"]), _reasons(rule.get("reasons")))
            for rule in item.get("mandatory_booking", ())
        ),
    )


def exception_from(item: _Part) -> DayException:
    """Other hours for some days."""
    return DayException(
        first=date.fromisoformat(item["first"]),
        last=date.fromisoformat(item["last"]),
        opening=tuple(_opening(period) for period in item.get("opening", ())),
        groups=frozenset(DeskGroupId(group) for group in item.get("groups") or ()),
        note=item.get("note"),
        id=item.get("id"),
    )


def _group(item: _Part) -> DeskGroup:
    return DeskGroup(
        id=DeskGroupId(item["id"]),
        desks=tuple(DeskId(desk) for desk in item["desks"]),
        reasons=_reasons(item["reasons"]),
        opening=tuple(_opening(period) for period in item["opening"]),
    )


def _opening(item: _Part) -> OpeningPeriod:
    return OpeningPeriod(
        weekdays=frozenset(item.get("weekdays") or _EVERY_DAY),
        opens=time.fromisoformat(item["opens"]),
        closes=time.fromisoformat(item["closes"]),
        desks=item["desks"],
        valid_from=_day(item.get("valid_from")),
        valid_to=_day(item.get("valid_to")),
        reasons=_reasons(item.get("reasons")),
        web=item.get("web"),
        walk_in=item.get("walk_in", 0),
        acute=item.get("acute", 0),
    )


def _reasons(ids: list[str] | None) -> frozenset[ReasonId]:
    return frozenset(ReasonId(reason) for reason in ids or ())


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


_TIMES = ("acute_from", "edge_before", "edge_after", "reminder_at")


def booking_from(item: _Part) -> BookingPolicy:
    """When and how much can be booked."""
    times = {name: time.fromisoformat(item[name]) for name in _TIMES if item.get(name)}
    return BookingPolicy(**{**item, **times})


def survey_from(item: _Part) -> SurveyPolicy:
    """Who is asked, when and how often."""
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
        sampling=tuple(SamplingRule(rule["percent"], _among(rule)) for rule in item.get("sampling", ())),
        quotas=tuple(
            Quota(rule["id"], Period(rule["period"]), rule["most"], _among(rule)) for rule in item.get("quotas", ())
        ),
        pauses=tuple(
            Pause(_instant(rule["first"]), _instant(rule["last"]), _among(rule)) for rule in item.get("pauses", ())
        ),
        ask_unclosed=item.get("ask_unclosed", False),
        ask_in_outage=item.get("ask_in_outage", False),
        reminder_after_days=item.get("reminder_after_days", 0),
        pilot=item.get("pilot", False),
    )


def _among(rule: _Part) -> Among:
    return Among(*(frozenset(rule.get(name) or ()) for name in ("offices", "reasons", "channels")))


def _instant(text: str) -> datetime:
    """A moment; one without an offset is local."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=COPENHAGEN)
