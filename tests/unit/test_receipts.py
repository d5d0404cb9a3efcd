"""Lines of the SMS delivery log, and what they do to invitations in whatever order they come."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.adapters.dispatch.delivery_log import log_lines
from chalicelib.dispatch.model import Failure, InvitationState, Receipt
from chalicelib.dispatch.receipts import Settlement, parse_line, provider_words
from chalicelib.shared.errors import MalformedRequest
from chalicelib.shared.hashing import phone_hash
from chalicelib.shared.phone import PhoneNumber
from tests.builders import KEYS, a_contact
from tests.fakes.dispatch import A_PHONE, World


def line(**changes: Any) -> str:
    document: dict[str, Any] = {
        "notification": {"messageId": "m-1", "timestamp": "2026-11-23 09:20:00.123"},
        "delivery": {
            "phoneCarrier": "TDC",
            "numberOfMessageParts": 1,
            "destination": A_PHONE,
            "priceInUSD": 0.04,
            "smsType": "Transactional",
            "providerResponse": "Message has been accepted by phone carrier",
            "dwellTimeMs": 599,
        },
        "status": "SUCCESS",
    }
    document["delivery"] |= changes.pop("delivery", {})
    return json.dumps({**document, **changes})


def test_a_success_is_read() -> None:
    receipt = parse_line(line())
    assert receipt == Receipt(
        "m-1",
        datetime(2026, 11, 23, 9, 20, 0, 123000, tzinfo=UTC),
        delivered=True,
        parts=1,
        destination=PhoneNumber(A_PHONE),
    )
    assert A_PHONE not in repr(receipt)


@pytest.mark.parametrize(
    ("words", "failure"),
    [
        ("Blocked as spam by phone carrier", Failure.SPAM),
        ("Destination is on a blocked list", Failure.BLOCKED_LIST),
        ("Invalid phone number", Failure.INVALID_NUMBER),
        ("Message body is invalid", Failure.INVALID_TEXT),
        ("Phone carrier has blocked this message", Failure.CARRIER_BLOCKED),
        ("Phone carrier is currently unreachable/unavailable", Failure.CARRIER_UNREACHABLE),
        ("Phone has blocked SMS", Failure.PHONE_BLOCKED),
        ("Phone is on a blocked list", Failure.BLOCKED_LIST),
        ("Phone is currently unreachable/unavailable", Failure.PHONE_UNREACHABLE),
        ("Phone number is opted out", Failure.OPTED_OUT),
        ("This delivery would exceed max price", Failure.MAX_PRICE),
        ("Unknown error attempting to reach phone", Failure.PROVIDER_ERROR),
        ("No quota left for account", Failure.SPEND_LIMIT),
    ],
)
def test_documented_failures_have_names(words: str, failure: Failure) -> None:
    receipt = parse_line(line(status="FAILURE", delivery={"providerResponse": words}))
    assert receipt is not None
    assert (receipt.delivered, receipt.failure, receipt.recognised) == (False, failure, True)


def test_other_words_are_a_failure_that_somebody_must_look_at() -> None:
    text = line(status="FAILURE", delivery={"providerResponse": "Unhandled provider for 4520123456"})
    receipt = parse_line(text)
    assert receipt is not None
    assert (receipt.failure, receipt.recognised) == (Failure.UNRECOGNISED, False)
    assert provider_words(text) == "Unhandled provider for ##########"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        "{}",
        line(status="PENDING"),
        line(notification={"messageId": "m"}),
        '{"status": "SUCCESS"}',
    ],
)
def test_what_is_no_receipt_is_not_guessed_at(text: str) -> None:
    assert parse_line(text) is None


def test_a_masked_destination_is_no_destination() -> None:
    receipt = parse_line(line(delivery={"destination": "+1XXX5550100", "numberOfMessageParts": "many"}))
    assert receipt is not None
    assert receipt.destination is None
    assert receipt.parts is None


def envelope(document: Any) -> dict[str, Any]:
    return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(document).encode())).decode()}}


def test_the_envelope_of_cloudwatch_is_opened() -> None:
    events = [{"id": "1", "timestamp": 1, "message": line()}, {"id": "2", "timestamp": 2, "message": "x"}]
    assert log_lines(envelope({"messageType": "DATA_MESSAGE", "logEvents": events})) == (line(), "x")
    assert log_lines(envelope({"messageType": "CONTROL_MESSAGE", "logEvents": events})) == ()


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"awslogs": {}},
        {"awslogs": {"data": "%%%"}},
        {"awslogs": {"data": base64.b64encode(b"x").decode()}},
        {"awslogs": {"data": base64.b64encode(gzip.compress(b"{}")[:-4]).decode()}},
        envelope({"messageType": "DATA_MESSAGE"}),
    ],
)
def test_another_envelope_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(MalformedRequest):
        log_lines(event)


@pytest.fixture
def world() -> World:
    world = World()
    world.complete(a_contact())
    world.clock.advance(minutes=16)
    return world


def test_a_delivery_is_applied_once_and_a_contradiction_changes_nothing(world: World) -> None:
    world.drain()
    [receipt] = world.sender.log
    assert world.receipts.record(receipt).how is Settlement.APPLIED
    assert world.receipts.record(receipt).how is Settlement.IGNORED
    bounce = replace(receipt, delivered=False, failure=Failure.PHONE_UNREACHABLE)
    assert world.receipts.record(bounce).how is Settlement.IGNORED
    invitation = world.invitation(a_contact())
    assert invitation.state is InvitationState.DELIVERED
    assert invitation.phone is None


def test_a_failure_is_final_as_well(world: World) -> None:
    world.drain()
    [receipt] = world.sender.log
    world.receipts.record(replace(receipt, delivered=False, failure=Failure.SPAM))
    assert world.receipts.record(receipt).how is Settlement.IGNORED
    assert world.invitation(a_contact()).failure is Failure.SPAM


def test_a_lost_answer_is_settled_by_the_receipt_of_that_number_and_time(world: World) -> None:
    world.sender.plan = ["lost_after"]
    world.drain()
    assert world.invitation(a_contact()).state is InvitationState.AMBIGUOUS
    settled = world.receipts.record(world.sender.log[0])
    assert settled.how is Settlement.APPLIED
    assert world.invitation(a_contact()).state is InvitationState.DELIVERED
    assert len(world.sender.published) == 1


def test_a_receipt_for_another_number_or_another_time_settles_nothing(world: World) -> None:
    world.sender.plan = ["lost_after"]
    world.drain()
    receipt = world.sender.log[0]
    other = replace(receipt, message_id="m-8", destination=PhoneNumber("+4529999999"))
    late = replace(receipt, message_id="m-9", published_at=receipt.published_at + timedelta(minutes=4))
    nameless = replace(receipt, message_id="m-7", destination=None)
    for each in (other, late, nameless):
        assert world.receipts.record(each).how is Settlement.PARKED
    assert world.invitation(a_contact()).state is InvitationState.AMBIGUOUS


def test_two_receipts_that_may_be_the_one_prove_nothing(world: World) -> None:
    world.sender.plan = ["lost_after"]
    world.drain()
    number = phone_hash(KEYS, "fjordby", PhoneNumber(A_PHONE))
    world.store.park_for_phone("fjordby", number, Receipt("m-8", world.clock.now(), delivered=True))
    assert world.receipts.record(world.sender.log[0]).how is Settlement.PARKED
    assert world.invitation(a_contact()).state is InvitationState.AMBIGUOUS


def test_a_receipt_while_the_claimer_may_still_answer_waits_for_the_lease(world: World) -> None:
    world.sweep()
    invitation = world.invitation(a_contact())
    claimed = invitation.claimed(world.clock.now(), "dies")
    world.store.claim(invitation, claimed, None)  # and then its process dies after publishing
    receipt = Receipt("m-1", world.clock.now(), delivered=True, destination=PhoneNumber(A_PHONE))
    assert world.receipts.record(receipt).how is Settlement.PARKED
    world.clock.advance(minutes=3)
    world.sweep()
    assert world.invitation(a_contact()).state is InvitationState.DELIVERED
    assert world.sender.published == []


def test_72_hours_without_a_receipt_end_as_unknown_and_a_late_receipt_still_tells(world: World) -> None:
    world.drain()
    world.clock.advance(hours=71, minutes=59)
    world.sweep()
    assert world.invitation(a_contact()).state is InvitationState.ACCEPTED
    world.clock.advance(minutes=1)
    world.sweep()
    invitation = world.invitation(a_contact())
    assert (invitation.state, invitation.failure) == (InvitationState.FAILED, Failure.UNKNOWN)
    assert world.receipts.record(world.sender.log[0]).how is Settlement.APPLIED
    assert world.invitation(a_contact()).state is InvitationState.DELIVERED
