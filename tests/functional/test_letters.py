"""E-mail about appointments: what it says, that SES takes it once, and what its refusals mean."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from chalicelib.adapters.dispatch.email_sender import SesLetters
from chalicelib.booking.message_ports import Letter
from chalicelib.booking.planned import MessageKind, PlannedMessage
from chalicelib.web.letters import ACTIONS, LEADS, SUBJECTS, write_letter
from chalicelib.web.pages import gettext
from local.mail import VerifiedSenders
from tests.builders import MONDAY, a_municipality, a_municipality_document
from tests.contract.test_booking_store import NINE, an_appointment
from tests.contract.test_sms_sender import environment
from tests.fakes.messages import FakeLetters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.booking.message_ports import Letters
    from tests.embedded import Embedded

REASONS = [{**reason, "name": {"da": f"Hemmelig {n}", "en": f"Secret {n}"}, "discreet": True}
           for n, reason in enumerate(a_municipality_document()["reasons"])]  # fmt: skip
M = a_municipality(email_from="tid@fjordby.example", reasons=REASONS, name={"da": "Fjordby Kommuné", "en": "Fjordby"})
LINK = "https://svar.example/fjordby/appointments/4kT9xRb27LmQwZ"


def a_letter(
    kind: MessageKind = MessageKind.CONFIRMATION, language: str = "da", to: str = "borger@example.org"
) -> Letter:
    about = NINE + timedelta(days=1) if kind in {MessageKind.CLOSED, MessageKind.EARLIER_TIME} else None
    appointment = an_appointment("fjordby", language=language, email=to)
    return Letter(to, M, appointment, PlannedMessage(kind, MONDAY, about), LINK)


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("kind", list(MessageKind))
def test_every_letter_says_what_and_when_and_names_no_reason(kind: MessageKind, language: str) -> None:
    written = write_letter(a_letter(kind, language))
    for form in (written.text, written.html):
        assert ("24. november 2026" if language == "da" else "24 November 2026") in form
        assert LINK in form
        assert "Hemmelig" not in form
        assert "Secret" not in form
        assert "Åse" not in form
        assert (f"{LINK}/not-me" in form) is (kind is not MessageKind.CANCELLED)
    assert "Rådhuset" in written.text or "Town hall" in written.text
    assert "<" not in written.text
    assert ("CODE31" in written.text) is (kind is not MessageKind.CANCELLED)
    if kind in {MessageKind.CLOSED, MessageKind.EARLIER_TIME}:
        assert f"{LINK}/offer" in written.text
        assert "25" in written.text


@pytest.mark.requirement("GL-63", "GL-65")
@pytest.mark.parametrize("kind", [MessageKind.CONFIRMATION, MessageKind.REMINDER, MessageKind.MOVED])
def test_who_comes_is_told_where_to_check_in(kind: MessageKind) -> None:
    assert "Når du kommer: Standeren til venstre for døren" in write_letter(a_letter(kind)).text


@pytest.mark.requirement("GL-66")
@pytest.mark.parametrize("text", sorted({*SUBJECTS.values(), *LEADS.values(), *ACTIONS.values()}))
def test_every_letter_has_english(text: str) -> None:
    assert gettext("en", text) != text


def test_html_in_a_name_stays_text() -> None:
    letter = a_letter()
    odd = a_municipality(name={"da": "<b>Fjord&by</b>", "en": "x"}, email_from="a@b.example")
    written = write_letter(Letter(letter.to, odd, letter.appointment, letter.message, letter.link))
    assert "<b>Fjord" not in written.html
    assert "<b>Fjord&by</b>" in written.text


# What every sender of letters promises: the fake, and SES in the embedded AWS


@pytest.fixture(params=["fake", "ses"])
def letters(request: pytest.FixtureRequest) -> Letters:
    if request.param == "fake":
        return FakeLetters()
    request.getfixturevalue("verified")
    return SesLetters(region=os.environ["AWS_REGION"])


@pytest.fixture
def verified(embedded: Embedded) -> None:
    """SES sends only from verified addresses."""
    senders = VerifiedSenders(boto3.client("sesv2"), lambda: ["tid@fjordby.example"])
    assert senders.verify() == 1
    assert senders.verify() == 0


@pytest.mark.usefixtures("embedded")
def test_from_an_address_that_is_not_verified_nothing_leaves() -> None:
    letter = a_letter()
    elsewhere = a_municipality(email_from="tid@elsewhere.example")
    stranger = Letter(letter.to, elsewhere, letter.appointment, letter.message, letter.link)
    assert SesLetters(region=os.environ["AWS_REGION"]).send(stranger) is False


def test_a_letter_that_leaves_is_handed_over(letters: Letters) -> None:
    assert letters.send(a_letter()) is True


@pytest.mark.usefixtures("verified")
def test_ses_gets_one_letter_with_both_forms() -> None:
    to = "only-this-one@example.org"
    assert SesLetters(region=os.environ["AWS_REGION"]).send(a_letter(to=to))
    with urlopen(f"{os.environ['AWS_ENDPOINT_URL']}/_ministack/ses/messages", timeout=10) as answer:
        by_account = json.load(answer)["messages"]
    (kept,) = [letter for each in by_account.values() for letter in each if letter["To"] == [to]]
    assert kept["Subject"] == "Din tid hos Fjordby Kommuné"
    assert kept["Source"].endswith("<tid@fjordby.example>")
    assert kept["Source"].isascii(), "headers are encoded"
    assert "Din tid er bestilt." in kept["BodyText"]
    assert "<h1" in kept["BodyHtml"]


# SES on bad days


class Net:
    """Answers instead of SES; counts the tries."""

    def __init__(self, fate: Any) -> None:
        self.fate = fate
        self.tries = 0

    def __call__(self, request: Any, **_: Any) -> AWSResponse:
        self.tries += 1
        if isinstance(self.fate, Exception):
            raise self.fate
        status, code = self.fate
        headers = {"x-amzn-ErrorType": code, "Content-Type": "application/json"}
        response = AWSResponse(request.url, status, headers, None)
        response._content = json.dumps({"message": "no"}).encode()
        return response


@pytest.fixture
def credentials() -> Iterator[None]:
    with environment({"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_MAX_ATTEMPTS": "5"}):
        yield


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize(
    ("fate", "handed_over"),
    [
        ((429, "TooManyRequestsException"), False),
        ((400, "LimitExceededException"), False),
        ((400, "SendingPausedException"), False),
        ((400, "MailFromDomainNotVerifiedException"), False),
        ((403, "AccessDeniedException"), False),
        (ConnectTimeoutError(endpoint_url="x"), False),
        ((400, "MessageRejected"), False),
        ((400, "BadRequestException"), True),
        ((500, "InternalServiceErrorException"), True),
        (ReadTimeoutError(endpoint_url="x"), True),
    ],
)
def test_only_what_certainly_did_not_leave_is_tried_again_and_nothing_at_once(fate: Any, handed_over: bool) -> None:
    sender, net = SesLetters(region="eu-north-1"), Net(fate)
    sender._client.meta.events.register("before-send.sesv2", net)
    assert sender.send(a_letter()) is handed_over
    assert net.tries == 1
