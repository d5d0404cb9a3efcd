from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

import app
from local.clock import next_working_morning
from local.ministack_server import is_allowed
from local.schedules import Schedule, UnknownSchedule, schedules_of
from local.sources import UnreadableTemplate, sources

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def due(expression: str, *, last_minutes_ago: float, now: datetime = NOON) -> bool:
    return Schedule("f", expression).due_at(now - timedelta(minutes=last_minutes_ago), now) is not None


@pytest.mark.parametrize(
    ("expression", "minutes", "expected"),
    [
        ("rate(1 minute)", 1, True),
        ("rate(1 minute)", 0.5, False),
        ("rate(2 hours)", 119, False),
        ("rate(2 hours)", 121, True),
        ("cron(7 * * * ? *)", 30, False),
        ("cron(7 * * * ? *)", 54, True),
        ("cron(0 12 * * ? *)", 1, True),
        ("cron(0/15 * * * ? *)", 1, True),
        ("cron(0 3 ? * 1 *)", 600, True),
        ("cron(0 3 ? * 2 *)", 600, False),
        ("cron(0 8-11 * * ? *)", 61, True),
    ],
)
def test_a_schedule_is_due_when_its_time_has_passed_since_the_last_run(expression, minutes, expected):
    assert due(expression, last_minutes_ago=minutes) is expected


def test_what_never_ran_is_due():
    assert Schedule("f", "cron(7 * * * ? *)").due_at(None, NOON) == NOON


def test_an_unknown_expression_is_refused():
    with pytest.raises(UnknownSchedule):
        due("cron(0 12 L * ? *)", last_minutes_ago=5)


def test_the_schedules_are_those_of_the_application_in_its_order():
    assert [schedule.function for schedule in schedules_of(app.app)] == [
        *("sweep", "compact_lake", "refresh_reports", "reconcile_accounts")
    ]


KNOWN = {
    "Stage": "local",
    "Prefix": "p",
    "SendQueueArn": "arn:aws:sqs:eu-north-1:000000000000:p-send",
    "StreamFailureQueueArn": "arn:aws:sqs:eu-north-1:000000000000:p-failures",
    "ContactsStreamArn": "arn:contacts",
    "InvitationsStreamArn": "arn:invitations",
    "ResponsesStreamArn": "arn:responses",
    "SendConcurrency": "5",
}


def test_every_event_source_of_the_application_is_read_from_the_template_that_aws_gets():
    found = sources(app.app, KNOWN)

    assert {(source.function, source.stream_arn) for source in found.streams} == {
        ("dispatch_contact", "arn:contacts"),
        ("land_contact", "arn:contacts"),
        ("land_invitation", "arn:invitations"),
        ("land_response", "arn:responses"),
    }
    assert all(s.partial_batches and s.bisect and s.maximum_retries > 0 for s in found.streams)
    assert all(s.patterns and s.on_failure_arn == KNOWN["StreamFailureQueueArn"] for s in found.streams)
    assert {s.function: s.batch_size for s in found.streams}["dispatch_contact"] == 25
    assert [(queue.function, queue.partial_batches) for queue in found.queues] == [("send_invitation", True)]


def test_a_value_that_nobody_gives_is_named():
    with pytest.raises(UnreadableTemplate, match="ContactsStreamArn"):
        sources(app.app, {name: value for name, value in KNOWN.items() if name != "ContactsStreamArn"})


HOSTS = frozenset({b"127.0.0.1:4566"})


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ([(b"host", b"127.0.0.1:4566")], True),
        ([(b"Host", b"127.0.0.1:4566")], True),
        ([(b"host", b"evil.example:4566")], False),
        ([(b"host", b"127.0.0.1")], False),
        ([], False),
        ([(b"host", b"127.0.0.1:4566"), (b"host", b"evil.example")], False),
        ([(b"host", b"127.0.0.1:4566"), (b"origin", b"null")], False),
        ([(b"host", b"127.0.0.1:4566"), (b"Origin", b"http://127.0.0.1:4566")], False),
        ([(b"host", b"127.0.0.1:4566"), (b"sec-fetch-mode", b"navigate")], False),
        ([(b"host", b"127.0.0.1:4566"), (b"referer", b"https://evil.example")], False),
    ],
)
def test_the_guard_lets_through_only_what_no_browser_can_have_sent(headers, allowed):
    assert is_allowed(headers, HOSTS) is allowed


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        ("2026-11-22T03:00:00+00:00", "2026-11-23T09:00:00+00:00"),
        ("2026-11-23T08:59:00+00:00", "2026-11-23T09:00:00+00:00"),
        ("2026-11-27T12:00:00+00:00", "2026-11-30T09:00:00+00:00"),
        ("2026-12-24T10:00:00+00:00", "2026-12-28T09:00:00+00:00"),
    ],
)
def test_the_next_working_morning_skips_weekends_and_holidays(now, morning):
    assert next_working_morning(datetime.fromisoformat(now)) == datetime.fromisoformat(morning)
