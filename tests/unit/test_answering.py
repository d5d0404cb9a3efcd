"""When channels without a desk are answered: by reason, by date, by the calendar (GE-07)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path

import pytest
from pydantic import ValidationError

from chalicelib.contacts.document import from_document, to_document
from chalicelib.contacts.service import ContactService, Sender
from chalicelib.entrypoints.contacts.schemas import reported_contact
from chalicelib.municipalities.answering import AnsweringHours, outside_hours
from chalicelib.municipalities.document import municipality_from
from chalicelib.shared.clock import COPENHAGEN
from cli.municipality_file import read_file
from cli.schema_answering import AnsweringFile, demand_known_reasons
from tests.builders import FixedClock, a_municipality
from tests.fakes.visits import InMemoryContacts

WEEKDAYS = frozenset(range(1, 6))
FJORDBY = replace(
    a_municipality(),
    answering=(
        AnsweringHours("phone", WEEKDAYS, time(9), time(15)),
        AnsweringHours("phone", frozenset({4}), time(15), time(17)),
        AnsweringHours("phone", WEEKDAYS, time(10), time(12), reasons=frozenset({"pension"})),
        AnsweringHours(
            "e_mail", WEEKDAYS, time(8), time(16), valid_from=date(2026, 10, 1), valid_to=date(2026, 11, 30)
        ),
    ),
)


@pytest.mark.requirement("GE-07")
@pytest.mark.parametrize(
    ("channel", "reason", "begun", "outside"),
    [
        ("phone", "passport", datetime(2026, 11, 23, 9, 0), False),
        ("phone", "passport", datetime(2026, 11, 23, 8, 59), True),
        ("phone", "passport", datetime(2026, 11, 23, 15, 0), True),
        ("phone", "passport", datetime(2026, 11, 26, 16, 59), False),  # Thursday has a second row
        ("phone", "passport", datetime(2026, 11, 28, 11, 0), True),  # Saturday
        ("phone", "passport", datetime(2026, 12, 25, 11, 0), True),  # Christmas, on a Friday
        ("phone", "pension", datetime(2026, 11, 23, 11, 0), False),
        ("phone", "pension", datetime(2026, 11, 26, 16, 0), True),  # its own hours alone
        ("e_mail", "passport", datetime(2026, 11, 23, 17, 0), True),
        ("e_mail", "passport", datetime(2026, 12, 1, 17, 0), None),  # its hours are not known any more
        ("letter", "passport", datetime(2026, 11, 23, 11, 0), None),
    ],
)
def test_a_contact_is_outside_the_hours_of_its_channel_and_reason(channel, reason, begun, outside):
    assert outside_hours(FJORDBY, channel, reason, begun.replace(tzinfo=COPENHAGEN)) is outside


@pytest.mark.requirement("GE-07")
def test_what_another_system_reports_is_judged_when_it_is_recorded():
    store, clock = InMemoryContacts(), FixedClock()
    times = {"started_at": "2026-11-20T15:30:00+01:00", "ended_at": "2026-11-20T15:40:00+01:00"}
    call = {"source_id": "1", "channel": "phone", "department": "citizen-service", "reason": "passport", **times}
    ContactService(store=store, clock=lambda: clock).record(FJORDBY, Sender.named("phones"), reported_contact(call))
    (contact,) = store.contacts.values()
    assert contact.outside_hours is True
    assert from_document(to_document(contact)) == contact


def test_the_file_says_when_a_channel_is_answered():
    fjordby = municipality_from(read_file(Path(__file__).resolve().parents[2] / "demo" / "fjordby.yaml"))
    assert {row.channel for row in fjordby.answering} == {"phone"}
    assert next(row for row in fjordby.answering if row.reasons).opens == time(9)
    assert fjordby.silent_after_days == 3


def test_hours_that_can_not_be_are_refused():
    good = {"channel": "phone", "weekdays": [1], "opens": "09:00", "closes": "15:00"}
    assert AnsweringFile.model_validate(good).model_dump(mode="json")["opens"] == "09:00"
    for wrong in ({"channel": "in_person"}, {"closes": "09:00"}, {"weekdays": []}, {"weekdays": [8]}):
        with pytest.raises(ValidationError):
            AnsweringFile.model_validate({**good, **wrong})
    with pytest.raises(ValueError, match="unknown reasons: tax"):
        demand_known_reasons([AnsweringFile.model_validate({**good, "reasons": ["tax", "passport"]})], ["passport"])
