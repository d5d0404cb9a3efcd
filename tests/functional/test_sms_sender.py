"""The SNS adapter against an SNS that misbehaves: one attempt, and an answer that is never a guess (I4)."""

from __future__ import annotations

import os
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from chalicelib.adapters.sms_sender import MAX_PRICE_USD, SnsSmsSender
from chalicelib.dispatch.model import Failure
from chalicelib.dispatch.ports import AnswerLost, NotSent, Outcome, Refused, Sent
from chalicelib.shared.phone import PhoneNumber
from tests.fake_sns import FakeSns, fake_sns

if TYPE_CHECKING:
    from collections.abc import Iterator

PHONE = PhoneNumber("+4520123456")
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_MAX_ATTEMPTS": "5"}


@contextmanager
def environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value


@pytest.fixture
def sns() -> Iterator[FakeSns]:
    with fake_sns() as sns, environment({**_CREDENTIALS, "AWS_ENDPOINT_URL_SNS": sns.endpoint}):
        yield sns


def send() -> Outcome:
    return SnsSmsSender(region="eu-north-1", read_seconds=0.3).send(PHONE, "Hej", "Fjordby")


def test_an_accepted_message_is_transactional_from_the_municipality_and_has_a_price_limit(sns: FakeSns) -> None:
    assert send() == Sent(sns.message_id)
    [request] = sns.requests
    assert request["PhoneNumber"] == "+4520123456"
    assert request["Message"] == "Hej"
    values = {value for name, value in request.items() if "MessageAttributes" in name}
    assert {"Transactional", "Fjordby", MAX_PRICE_USD} <= values
    assert "TopicArn" not in request


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("hang", AnswerLost()),
        ("hang up", AnswerLost()),
        ((500, "InternalError"), AnswerLost()),
        ((503, "ServiceUnavailable"), AnswerLost()),
        ((400, "Throttling"), NotSent("throttled")),
        ((400, "ThrottlingException"), NotSent("throttled")),
        ((429, "Whatever"), NotSent("throttled")),
        ((503, "Throttling"), NotSent("throttled")),
        ((400, "InvalidParameter"), Refused(Failure.INVALID_NUMBER)),
        ((400, "ParameterValueInvalid"), Refused(Failure.INVALID_NUMBER)),
        ((400, "OptedOut"), Refused(Failure.OPTED_OUT)),
        ((403, "AuthorizationError"), NotSent("not_permitted")),
        ((403, "InvalidClientTokenId"), NotSent("not_permitted")),
        ((404, "NotFound"), NotSent("not_permitted")),
    ],
)
def test_each_answer_has_one_meaning_and_is_asked_for_once(
    sns: FakeSns, answer: tuple[int, str] | str, outcome: Outcome
) -> None:
    sns.answer = answer
    assert send() == outcome
    assert len(sns.requests) == 1, "botocore must not try again, whatever the environment says"


def test_a_connection_that_was_refused_has_sent_nothing() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with environment({**_CREDENTIALS, "AWS_ENDPOINT_URL_SNS": f"http://127.0.0.1:{port}"}):
        assert send() == NotSent("unreachable")
