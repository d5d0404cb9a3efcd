"""Contacts that other systems report: repeated, late, wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.contacts.document import from_document, to_document
from chalicelib.contacts.model import contact_id_of
from chalicelib.contacts.service import ContactService, Outcome, Rejected, Sender
from chalicelib.entrypoints.contacts.schemas import reported_contact
from chalicelib.shared.clock import rfc3339
from chalicelib.shared.work import WorkKind
from tests.builders import MONDAY, FixedClock, a_contact, a_municipality
from tests.fakes.visits import InMemoryContacts

FJORDBY = a_municipality()
SENDER = Sender.named("switchboard")
YES = {"granted": True, "text_version": "phone-1"}


def entry(**changes: Any) -> dict[str, Any]:
    facts = {
        "source_id": "call-1",
        "channel": "phone",
        "department": "citizen-service",
        "reason": "passport",
        "started_at": rfc3339(MONDAY - timedelta(minutes=10)),
        "ended_at": rfc3339(MONDAY - timedelta(minutes=4)),
    }
    return {**facts, **changes}


@pytest.fixture
def store():
    return InMemoryContacts()


@pytest.fixture
def service(store):
    clock = FixedClock()
    return ContactService(store=store, clock=lambda: clock)


def test_a_report_is_recorded_once_however_often_it_comes(service, store):
    outcomes = [service.record(FJORDBY, SENDER, reported_contact(entry())) for _ in range(3)]
    assert outcomes == [Outcome.CREATED, Outcome.DUPLICATE, Outcome.DUPLICATE]
    [contact] = store.contacts.values()
    assert contact.id == contact_id_of("fjordby", SENDER.key, "call-1")
    assert (contact.service_seconds, contact.waiting_seconds, contact.origin) == (360, None, "system")
    assert [item.kind for item in store.work] == [WorkKind.DECIDE, WorkKind.LAND_CONTACT]


@pytest.mark.requirement("SK-27")
def test_late_and_out_of_order_reports_are_recorded(service, store):
    old = entry(source_id="old", started_at="2024-01-05T10:00:00+01:00", ended_at="2024-01-05T10:09:00+01:00")
    for item in (entry(), old):
        assert service.record(FJORDBY, SENDER, reported_contact(item)) is Outcome.CREATED
    assert len(store.contacts) == 2


@pytest.mark.parametrize(
    ("more", "kept"),
    [
        ({"survey_consent": YES}, True),
        ({"survey_consent": YES, "internal": True}, False),
        ({"survey_consent": {"granted": False, "text_version": "phone-1"}}, False),
        ({}, False),
    ],
)
def test_a_number_goes_on_only_with_a_yes_from_somebody_outside(service, store, more, kept):
    service.record(FJORDBY, SENDER, reported_contact(entry(phone="20 12 34 56", **more)))
    assert store.work[0].payload["phone"] == ("+4520123456" if kept else None)
    assert bool(store.phones[0]) is kept
    assert not store.work[1].payload


@pytest.mark.parametrize(
    ("spelt", "channel"), [("email", "e_mail"), ("e-mail", "e_mail"), ("self-service", "self_service")]
)
def test_a_channel_may_be_spelt_as_senders_spell_it(spelt, channel):
    assert reported_contact(entry(channel=spelt)).channel == channel


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"source_id": ""}, "invalid_source_id"),
        ({"source_id": "x" * 201}, "invalid_source_id"),
        ({"channel": "pigeon"}, "unknown_channel"),
        ({"channel": None}, "unknown_channel"),
        ({"channel": ["phone"]}, "unknown_channel"),
        ({"department": "Ring til Birthe på 20 12 34 56"}, "invalid_department"),
        ({"reason": "wedding"}, "unknown_reason"),
        ({"reason": None}, "unknown_reason"),
        ({"started_at": "yesterday"}, "invalid_time"),
        ({"started_at": "2026-11-23T10:00:00"}, "invalid_time"),
        ({"ended_at": None}, "invalid_time"),
        ({"started_at": "1970-01-01T00:00:00Z"}, "invalid_time"),
        ({"started_at": rfc3339(MONDAY)}, "ends_before_start"),
        ({"ended_at": rfc3339(MONDAY + timedelta(minutes=6))}, "in_the_future"),
        ({"phone": "12"}, "invalid_phone"),
        ({"phone": 20123456}, "invalid_phone"),
        ({"language": "tlh"}, "unknown_language"),
        ({"survey_consent": "yes"}, "invalid_consent"),
        ({"survey_consent": {"granted": "yes"}}, "invalid_consent"),
        ({"survey_consent": {"granted": True}}, "invalid_consent"),
        ({"internal": "no"}, "invalid_field"),
        ({"transfers": -1}, "invalid_field"),
        ({"transfers": True}, "invalid_field"),
    ],
)
def test_what_can_not_be_is_rejected_with_a_stable_code(service, store, changes, code):
    with pytest.raises(Rejected) as caught:
        service.record(FJORDBY, SENDER, reported_contact(entry(**changes)))
    assert caught.value.reason == code
    assert store.contacts == {}


@pytest.mark.parametrize("item", [None, [], "x", 7, {}])
def test_what_is_no_contact_at_all_is_rejected(item):
    with pytest.raises(Rejected):
        reported_contact(item)


def test_a_contact_survives_the_way_through_its_document():
    contact = a_contact(internal=True, transfers=2, resolved_first_contact=False, booked_start=MONDAY)
    assert from_document(to_document(contact)) == contact


def test_two_systems_that_count_alike_don_t_meet(service, store):
    other = Sender.named("self-service")
    outcomes = [service.record(FJORDBY, each, reported_contact(entry())) for each in (SENDER, other, SENDER)]
    assert outcomes == [Outcome.CREATED, Outcome.CREATED, Outcome.DUPLICATE]
    assert [contact.system for contact in store.contacts.values()] == ["switchboard", "self-service"]


def test_no_two_pairs_of_sender_and_id_are_written_alike():
    parts = ["", "1", "11", "a", "a|1", "1:a", "system:a"]
    ids = {contact_id_of("fjordby", sender, source) for sender in parts for source in parts}
    assert len(ids) == len(parts) ** 2
    assert Sender.signed_by("a").key != Sender.named("a").key


@pytest.mark.requirement("GL-70")
@pytest.mark.requirement("GE-14")
def test_the_next_step_and_the_hand_over_are_kept(service, store):
    service.record(
        FJORDBY, SENDER, reported_contact(entry(channel="ai_assistant", handed_over=True, next_step_given=False))
    )
    [contact] = store.contacts.values()
    assert (contact.handed_over, contact.next_step_given) == (True, False)
    assert from_document(to_document(contact)) == contact
