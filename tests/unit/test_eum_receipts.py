"""Events of End User Messaging: only the last word counts, and unknown words are an alarm, not a guess."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.dispatch.model import Failure
from chalicelib.dispatch.receipts import is_interim, parse_line, provider_words

EVENT: dict[str, Any] = {
    "eventType": "TEXT_DELIVERED",
    "eventVersion": "1.0",
    "eventTimestamp": 1795329013470,
    "isFinal": True,
    "originationPhoneNumber": "Fjordby",
    "destinationPhoneNumber": "+4520123456",
    "messageId": "m-1",
    "messageRequestTimestamp": 1795329013000,
    "messageEncoding": "GSM",
    "messageType": "TRANSACTIONAL",
    "messageStatus": "DELIVERED",
    "messageStatusDescription": "Message has been accepted by phone",
    "totalMessageParts": 1,
}


def line(**changes: Any) -> str:
    return json.dumps({**EVENT, **changes})


@pytest.mark.parametrize("status", ["DELIVERED", "SUCCESSFUL"])
def test_both_words_for_arrived_mean_the_same(status: str) -> None:
    receipt = parse_line(line(messageStatus=status))
    assert receipt is not None
    assert (receipt.message_id, receipt.delivered, receipt.failure, receipt.parts) == ("m-1", True, None, 1)
    assert receipt.published_at == datetime.fromtimestamp(1795329013, UTC)
    assert receipt.destination is not None
    assert "20123456" not in repr(receipt)


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        ("INVALID", Failure.INVALID_NUMBER),
        ("UNREACHABLE", Failure.PHONE_UNREACHABLE),
        ("CARRIER_BLOCKED", Failure.CARRIER_BLOCKED),
        ("SPAM", Failure.SPAM),
        ("UNKNOWN", Failure.UNKNOWN),
    ],
)
def test_what_is_documented_has_its_name(status: str, failure: Failure) -> None:
    receipt = parse_line(line(messageStatus=status))
    assert receipt is not None
    assert (receipt.delivered, receipt.failure, receipt.recognised) == (False, failure, True)


def test_an_unknown_word_is_a_failure_that_somebody_looks_at() -> None:
    text = line(messageStatus="LOST_AT_SEA_20123456")
    receipt = parse_line(text)
    assert receipt is not None
    assert (receipt.delivered, receipt.failure, receipt.recognised) == (False, Failure.UNRECOGNISED, False)
    assert provider_words(text) == "LOST_AT_SEA_########"


def test_what_is_said_on_the_way_settles_nothing() -> None:
    assert is_interim(line(isFinal=False, messageStatus="PENDING"))
    assert not is_interim(line())
    assert not is_interim("not json")
    assert not is_interim("[]")


@pytest.mark.parametrize("missing", ["messageId", "messageRequestTimestamp", "messageStatus"])
def test_half_an_event_is_not_guessed_at(missing: str) -> None:
    event = {name: value for name, value in EVENT.items() if name != missing}
    assert parse_line(json.dumps(event)) is None
    assert parse_line(line(messageRequestTimestamp=10**30)) is None
    assert parse_line("[]") is None
