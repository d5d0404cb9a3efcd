"""Who is invited and when: tables of facts and what follows from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.contacts.model import Ending
from chalicelib.dispatch.model import Reason
from chalicelib.dispatch.policy import (
    ConsentState,
    History,
    Invite,
    NotInvited,
    QuotaUse,
    decide,
    is_sampled,
    percent_of,
    quota_places,
)
from chalicelib.dispatch.quiet_hours import is_quiet_day, next_allowed
from chalicelib.municipalities.model import Channel
from chalicelib.shared.clock import to_local
from chalicelib.shared.phone import PhoneNumber
from tests.builders import MONDAY, a_contact, a_municipality, a_municipality_document

PHONE = PhoneNumber("+4520123456")
PAUSE = {"first": "2026-11-23T10:00", "last": "2026-11-23T12:00", "offices": ["raadhuset"]}  # local times
NOW = MONDAY + timedelta(minutes=16)


def survey(**changes: Any) -> Any:
    return {**a_municipality_document()["survey"], **changes}


def reasons(**changes: Any) -> list[Any]:
    passport, licence = a_municipality_document()["reasons"]
    return [{**passport, **changes}, licence]


def decided(
    *,
    contact: dict[str, Any] | None = None,
    consent: ConsentState | None = ConsentState.GRANTED,
    history: History | None = None,
    municipality: dict[str, Any] | None = None,
    phone: PhoneNumber | None = PHONE,
    now: datetime = NOW,
) -> Invite | NotInvited:
    return decide(
        a_contact(**(contact or {})),
        consent,
        history or History(),
        a_municipality(**(municipality or {})),
        now,
        phone=phone,
    )


@pytest.mark.requirement("SK-02")
@pytest.mark.requirement("SK-24")
@pytest.mark.requirement("GE-05")
@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"consent": None}, Reason.NO_CONSENT),
        ({"consent": ConsentState.REFUSED}, Reason.NO_CONSENT),
        ({"consent": ConsentState.WITHDRAWN}, Reason.WITHDRAWN),
        ({"phone": None}, Reason.NO_PHONE),
        ({"phone": PhoneNumber("+4620123456")}, Reason.COUNTRY_NOT_ALLOWED),
        ({"phone": PhoneNumber("+298212345")}, Reason.COUNTRY_NOT_ALLOWED),
        ({"history": History(opted_out=True)}, Reason.OPTED_OUT),
        ({"history": History(quarantine_until=NOW + timedelta(seconds=1))}, Reason.QUARANTINE),
        ({"contact": {"internal": True}}, Reason.INTERNAL),
        ({"municipality": {"reasons": reasons(surveyed=False)}}, Reason.REASON_EXCLUDED),
        ({"municipality": {"survey": survey(sampling_percent=0)}}, Reason.SAMPLING),
        ({"now": NOW + timedelta(hours=49)}, Reason.TOO_LATE),
        ({"contact": {"ending": Ending.NO_SHOW}}, Reason.NO_SHOW),
        ({"contact": {"ending": Ending.UNCLOSED}}, Reason.UNCLOSED),
        ({"contact": {"outage": True}}, Reason.OUTAGE),
        ({"municipality": {"survey": survey(pauses=[PAUSE])}}, Reason.OUTAGE),
        ({"municipality": {"survey": survey(pilot=True)}}, Reason.NOT_IN_PILOT),
        ({"phone": PhoneNumber("+4570000000")}, Reason.NO_MOBILE),
        ({"phone": PhoneNumber("+4590123456")}, Reason.NO_MOBILE),
        ({"history": History(used={QuotaUse("pulse", "2026-11", 5): 5})}, Reason.QUOTA),
        ({"municipality": {"survey": survey(delay_minutes=60, not_after_hours=0)}}, Reason.TOO_LATE),
        # The first reason in the order of the report counts.
        ({"consent": None, "phone": None, "contact": {"internal": True}}, Reason.INTERNAL),
        ({"consent": None, "phone": None}, Reason.NO_CONSENT),
        ({"phone": None, "history": History(opted_out=True)}, Reason.NO_PHONE),
        ({"history": History(opted_out=True, quarantine_until=NOW + timedelta(days=1))}, Reason.OPTED_OUT),
    ],
)
def test_a_contact_that_is_not_invited_has_a_reason(facts: dict[str, Any], reason: Reason) -> None:
    assert decided(**facts) == NotInvited(reason)


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"history": History(quarantine_until=NOW)},
        {"history": History(quarantine_until=NOW - timedelta(days=1))},
        {"contact": {"reasons": ("licence",)}, "municipality": {"reasons": reasons(surveyed=False)}},
        {"contact": {"reasons": ("no-longer-configured",)}},
        {
            "phone": PhoneNumber("+298212345"),
            "municipality": {"survey": survey(allowed_country_codes=["45", "298"])},
        },
    ],
)
def test_everybody_else_is_invited(facts: dict[str, Any]) -> None:
    assert decided(**facts) == Invite(NOW, NOW + timedelta(hours=48))


def test_every_reason_can_come_up() -> None:
    """A reason that no rule gives would be a column of zeros in every report."""
    import inspect

    from chalicelib.dispatch import policy

    source = inspect.getsource(policy)
    assert {reason.name for reason in Reason if f"Reason.{reason.name}" not in source} == set()


@pytest.mark.requirement("SK-03")
def test_the_delay_counts_from_the_end_of_the_contact() -> None:
    delayed = decided(municipality={"survey": survey(delay_minutes=90)})
    assert delayed == Invite(NOW + timedelta(minutes=90), NOW + timedelta(hours=48))
    late = decided(municipality={"survey": survey(delay_minutes=90)}, now=NOW + timedelta(hours=3))
    assert isinstance(late, Invite)
    assert late.send_at == NOW + timedelta(hours=3), "a contact that was reported late is asked at once"


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "expected", "why"),
    [
        ("2026-11-23T10:00+01:00", "2026-11-23T10:00+01:00", "an ordinary Monday"),
        ("2026-11-23T07:59:59+01:00", "2026-11-23T08:00+01:00", "too early"),
        ("2026-11-23T08:00+01:00", "2026-11-23T08:00+01:00", "from eight, inclusive"),
        ("2026-11-23T19:59:59+01:00", "2026-11-23T19:59:59+01:00", "the last second"),
        ("2026-11-23T20:00+01:00", "2026-11-24T08:00+01:00", "until twenty, exclusive"),
        ("2026-11-23T23:30+01:00", "2026-11-24T08:00+01:00", "at night"),
        ("2026-11-28T20:00+01:00", "2026-11-30T08:00+01:00", "Saturday night, and Sunday is quiet"),
        ("2026-11-29T12:00+01:00", "2026-11-30T08:00+01:00", "Sunday"),
        ("2026-12-23T20:30+01:00", "2026-12-28T08:00+01:00", "a closing day, two holidays, a Sunday"),
        ("2026-04-02T10:00+02:00", "2026-04-04T08:00+02:00", "Maundy Thursday and Good Friday"),
        ("2026-04-04T20:00+02:00", "2026-04-07T08:00+02:00", "Easter Sunday and Monday"),
        ("2026-05-14T10:00+02:00", "2026-05-15T08:00+02:00", "Ascension Day"),
        ("2026-05-25T10:00+02:00", "2026-05-26T08:00+02:00", "Whit Monday"),
        ("2024-04-26T10:00+02:00", "2024-04-26T10:00+02:00", "the fourth Friday after Easter is a working day now"),
        ("2023-05-05T10:00+02:00", "2023-05-06T08:00+02:00", "and was a holiday until 2023"),
        # Both clock changes (I10): a night of 23 hours and one of 25.
        ("2026-03-28T20:00+01:00", "2026-03-30T08:00+02:00", "over the spring change"),
        ("2026-10-24T20:00+02:00", "2026-10-26T08:00+01:00", "over the autumn change"),
    ],
)
def test_messages_arrive_in_waking_hours_of_working_days(moment: str, expected: str, why: str) -> None:
    municipality = a_municipality()
    found = next_allowed(local(moment), municipality.survey, municipality.closing_days)
    assert found == local(expected), why
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("moment", "send_from", "expected", "why"),
    [
        ("2026-03-28T23:00+01:00", "02:30", "2026-03-29T03:30+02:00", "the hour that spring skips"),
        ("2026-03-29T01:59+01:00", "02:30", "2026-03-29T03:30+02:00", "just before the change"),
        ("2026-10-25T01:00+02:00", "02:30", "2026-10-25T02:30+02:00", "the first of the two half past twos"),
        ("2026-10-25T02:10+01:00", "02:30", "2026-10-25T02:10+01:00", "the second two o'clock is after the first 2:30"),
    ],
)
def test_both_clock_changes_have_a_beginning_of_the_day(moment: str, send_from: str, expected: str, why: str) -> None:
    policy = replace(a_municipality().survey, send_from=time.fromisoformat(send_from), send_on_sundays=True)
    assert next_allowed(local(moment), policy) == local(expected), why


def test_sundays_and_holidays_are_allowed_where_the_municipality_says_so_but_closing_days_are_not() -> None:
    policy = replace(a_municipality().survey, send_on_sundays=True)
    assert next_allowed(local("2026-11-29T12:00+01:00"), policy) == local("2026-11-29T12:00+01:00")
    assert next_allowed(local("2026-12-25T12:00+01:00"), policy) == local("2026-12-25T12:00+01:00")
    closed = frozenset({date(2026, 12, 25)})
    assert next_allowed(local("2026-12-25T12:00+01:00"), policy, closed) == local("2026-12-26T08:00+01:00")


def test_a_policy_without_any_hour_ends_as_too_late() -> None:
    hours = survey(send_from="20:00", send_until="08:00")
    assert decided(municipality={"survey": hours}) == NotInvited(Reason.TOO_LATE)


def test_a_friday_evening_before_a_long_weekend_expires_instead_of_coming_late() -> None:
    ended = datetime(2026, 12, 23, 18, 0, tzinfo=UTC)
    contact = {"arrived_at": ended - timedelta(minutes=16)}
    assert decided(contact=contact, now=ended + timedelta(hours=2)) == NotInvited(Reason.TOO_LATE)


@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
def test_what_is_allowed_is_within_the_hours_and_never_earlier(moment: datetime) -> None:
    policy = a_municipality().survey
    found = next_allowed(moment, policy)
    assert moment <= found < moment + timedelta(days=8)
    wall = to_local(found)
    assert policy.send_from <= wall.time().replace(tzinfo=None) < policy.send_until
    assert not is_quiet_day(wall.date(), policy, frozenset())
    assert next_allowed(found, policy) == found


def test_sampling_takes_the_share_and_the_same_contacts_every_time() -> None:
    ids = [f"contact-{number}" for number in range(20_000)]
    taken = {each for each in ids if is_sampled("fjordby", each, 30)}
    assert 0.285 < len(taken) / len(ids) < 0.315
    assert taken == {each for each in ids if is_sampled("fjordby", each, 30)}
    assert taken < {each for each in ids if is_sampled("fjordby", each, 60)}, "a larger share keeps the smaller one"
    assert taken != {each for each in ids if is_sampled("sandholm", each, 30)}
    assert not any(is_sampled("fjordby", each, 0) for each in ids)
    assert all(is_sampled("fjordby", each, 100) for each in ids)


@pytest.mark.parametrize(
    "facts",
    [
        {"contact": {"ending": Ending.UNCLOSED}, "municipality": {"survey": survey(ask_unclosed=True)}},
        {"contact": {"outage": True}, "municipality": {"survey": survey(ask_in_outage=True)}},
        {"municipality": {"survey": survey(pauses=[{**PAUSE, "offices": ["nordby"]}])}},
        {"municipality": {"survey": survey(pauses=[{**PAUSE, "last": "2026-11-23T10:15"}])}},
        {"municipality": {"survey": survey(pilot=True)}, "history": History(in_pilot=True)},
        {"history": History(used={QuotaUse("pulse", "2026-11", 5): 4})},
    ],
)
def test_what_the_municipality_allows_is_asked(facts: dict[str, Any]) -> None:
    assert isinstance(decided(**facts), Invite)


SHARES = [
    {"percent": 20, "offices": ["raadhuset"], "reasons": ["passport"]},
    {"percent": 50, "offices": ["raadhuset"]},
    {"percent": 0, "channels": ["phone"]},
]


@pytest.mark.parametrize(
    ("changes", "percent"),
    [
        ({}, 20),
        ({"reasons": ("licence", "passport")}, 20),
        ({"reasons": ("licence",)}, 50),
        ({"office": "nordby"}, 80),
        ({"office": None, "channel": Channel.PHONE}, 0),
    ],
)
def test_the_first_sampling_rule_that_covers_a_contact_counts(changes: dict[str, Any], percent: int) -> None:
    policy = a_municipality(survey=survey(sampling_percent=80, sampling=SHARES)).survey
    assert percent_of(a_contact(**changes), policy) == percent


QUOTAS = [
    {"id": "town-hall", "period": "day", "most": 3, "offices": ["raadhuset"]},
    {"id": "all", "period": "month", "most": 100},
    {"id": "phone", "period": "week", "most": 7, "channels": ["phone"]},
]


def test_a_contact_takes_a_place_in_every_quota_that_covers_it_in_its_local_period() -> None:
    policy = a_municipality(survey=survey(quotas=QUOTAS)).survey
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)  # half past midnight in Denmark
    expected = (QuotaUse("town-hall", "2027-01-01", 3), QuotaUse("all", "2027-01", 100))
    assert quota_places(a_contact(), policy, new_year) == expected
    call = a_contact(office=None, channel=Channel.PHONE)
    assert quota_places(call, policy, new_year) == (expected[1], QuotaUse("phone", "2026-W53", 7))
