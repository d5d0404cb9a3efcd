"""One contract for both providers: one attempt, and an answer that is never a guess (I4)."""

from __future__ import annotations

import os
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.adapters.dispatch.eum_sender import EumSmsSender
from chalicelib.adapters.dispatch.sms_sender import MAX_PRICE_USD, SnsSmsSender
from chalicelib.adapters.dispatch.trial_sender import SIMULATED, TrialSmsSender
from chalicelib.dispatch.model import Failure
from chalicelib.dispatch.ports import AnswerLost, NotSent, Refused, Sent
from chalicelib.shared.phone import PhoneNumber
from tests.fakes.eum import fake_eum
from tests.fakes.sns import fake_sns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.dispatch.ports import Outcome, SmsSender

PHONE = PhoneNumber("+4520123456")
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_MAX_ATTEMPTS": "5"}
_ENDPOINTS = {"sns": "AWS_ENDPOINT_URL_SNS", "eum": "AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2"}


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


class Provider:
    """One of the two, with the service that it talks to."""

    def __init__(self, name: str, service: Any) -> None:
        self.name, self.service = name, service

    @property
    def sender(self) -> SmsSender:
        if self.name == "sns":
            return SnsSmsSender(region="eu-north-1", read_seconds=0.3)
        return EumSmsSender(region="eu-north-1", read_seconds=0.3, configuration_set="surveys")

    def send(self) -> Outcome:
        return self.sender.send(PHONE, "Hej", "Fjordby")

    def answers(self, status: int, sns: str, eum: str, **more: Any) -> None:
        self.service.answer = (status, sns) if self.name == "sns" else (status, eum, more)

    def asked(self) -> list[tuple[str, str]]:
        """Number and text of every call."""
        names = ("PhoneNumber", "Message") if self.name == "sns" else ("DestinationPhoneNumber", "MessageBody")
        return [(request[names[0]], request[names[1]]) for request in self.service.requests]


@pytest.fixture(params=["sns", "eum"])
def provider(request: pytest.FixtureRequest) -> Iterator[Provider]:
    serve: Any = fake_sns if request.param == "sns" else fake_eum
    with serve() as service, environment({**_CREDENTIALS, _ENDPOINTS[request.param]: service.endpoint}):
        yield Provider(request.param, service)


def test_an_accepted_message_has_an_id(provider: Provider) -> None:
    assert provider.send() == Sent(provider.service.message_id)
    assert provider.asked() == [(PHONE.reveal(), "Hej")]
    sent = str(provider.service.requests[0])
    assert all(fact in sent for fact in ("Fjordby", MAX_PRICE_USD))
    assert "transactional" in sent.lower()


@pytest.mark.parametrize("answer", ["hang", "hang up"])
def test_no_answer_is_a_lost_answer_and_is_not_asked_for_again(provider: Provider, answer: str) -> None:
    provider.service.answer = answer
    assert provider.send() == AnswerLost()
    assert len(provider.service.requests) == 1, "botocore must not try again, whatever the environment says"


@pytest.mark.parametrize(
    ("status", "sns", "eum", "more", "outcome"),
    [
        (500, "InternalError", "InternalServerException", {}, AnswerLost()),
        (503, "ServiceUnavailable", "ServiceUnavailable", {}, AnswerLost()),
        (400, "Throttling", "ThrottlingException", {}, NotSent("throttled")),
        (429, "Whatever", "Whatever", {}, NotSent("throttled")),
        (
            400,
            "InvalidParameter",
            "ValidationException",
            {"Reason": "INVALID_PARAMETER", "Fields": [{"Name": "DestinationPhoneNumber", "Message": "no"}]},
            Refused(Failure.INVALID_NUMBER),
        ),
        (
            400,
            "OptedOut",
            "ConflictException",
            {"Reason": "DESTINATION_PHONE_NUMBER_OPTED_OUT"},
            Refused(Failure.OPTED_OUT),
        ),
        (403, "AuthorizationError", "AccessDeniedException", {"Reason": "ACCOUNT_DISABLED"}, NotSent("not_permitted")),
        (404, "NotFound", "ResourceNotFoundException", {"ResourceType": "sender-id"}, NotSent("not_permitted")),
    ],
)
def test_each_answer_has_one_meaning_and_is_asked_for_once(
    provider: Provider, status: int, sns: str, eum: str, more: dict[str, Any], outcome: Outcome
) -> None:
    provider.answers(status, sns, eum, **more)
    assert provider.send() == outcome
    assert len(provider.service.requests) == 1


def test_a_connection_that_was_refused_has_sent_nothing(provider: Provider) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with environment({_ENDPOINTS[provider.name]: f"http://127.0.0.1:{port}"}):
        assert provider.send() == NotSent("unreachable")


def test_in_trial_mode_nobody_is_written_to(provider: Provider) -> None:
    assert TrialSmsSender(provider.sender).send(PHONE, "Hej", "Fjordby") == Sent(provider.service.message_id)
    assert provider.asked() == [(SIMULATED.reveal(), "Hej")]
    assert SIMULATED.reveal() == "+4525919410"


@pytest.mark.parametrize(
    ("code", "more", "outcome"),
    [
        ("ServiceQuotaExceededException", {"Reason": "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT"}, NotSent("spend_limit")),
        ("ServiceQuotaExceededException", {"Reason": "DAILY_DESTINATION_CALL_LIMIT"}, NotSent("not_permitted")),
        ("ConflictException", {"Reason": "DESTINATION_PHONE_NUMBER_NOT_VERIFIED"}, NotSent("not_permitted")),
        ("ValidationException", {"Reason": "DESTINATION_COUNTRY_BLOCKED"}, Refused(Failure.BLOCKED_LIST)),
        ("ValidationException", {"Reason": "PRICE_OVER_THRESHOLD"}, Refused(Failure.MAX_PRICE)),
        ("ValidationException", {"Fields": [{"Name": "MessageBody", "Message": "no"}]}, Refused(Failure.INVALID_TEXT)),
        ("ValidationException", {"Fields": [{"Name": "MaxPrice", "Message": "no"}]}, NotSent("not_permitted")),
        ("ValidationException", {"Reason": "SENDER_ID_NOT_REGISTERED"}, NotSent("not_permitted")),
    ],
)
def test_what_only_end_user_messaging_says(code: str, more: dict[str, Any], outcome: Outcome) -> None:
    with fake_eum() as service, environment({**_CREDENTIALS, _ENDPOINTS["eum"]: service.endpoint}):
        service.answer = (400, code, more)
        assert Provider("eum", service).send() == outcome
        assert service.requests[0]["ConfigurationSetName"] == "surveys"
