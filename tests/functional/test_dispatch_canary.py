"""No phone number, booking code, link or token in any log line or metric, also when everything goes wrong (I6)."""

from __future__ import annotations

import base64
import gzip
import json
import logging
import os
from typing import TYPE_CHECKING, Any

import pytest
from chalice.app import DynamoDBEvent, SQSEvent

from chalicelib import bootstrap
from chalicelib.adapters.dispatch.dynamodb_invitations import DynamoDbInvitations
from chalicelib.adapters.tables import InvitationItem, LinkItem, bound
from chalicelib.bootstrap.sending import sms_sender
from chalicelib.dispatch.model import InvitationState
from chalicelib.entrypoints.events import dispatch as dispatch_events
from chalicelib.entrypoints.events import sweep as sweep_events
from chalicelib.shared.clock import SystemClock
from chalicelib.shared.errors import Busy
from chalicelib.shared.hashing import link_token, phone_hash
from chalicelib.shared.identifiers import ContactId, new_ulid
from chalicelib.shared.phone import PhoneNumber
from chalicelib.telemetry import logger, metrics
from tests.builders import FixedClock, a_contact
from tests.dispatch_rows import store_completed
from tests.fakes.sns import FakeSns, fake_sns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.municipalities.model import Municipality
    from tests.embedded import Embedded

PHONE = "+4599887766"
CODE = "CANARY"


class Recorder(logging.Handler):
    """Every line as it would be written."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(str(logger.registered_formatter.format(record)))


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    recorder = Recorder()
    loggers = [logging.getLogger(name) for name in ("borgerpuls", "botocore", "boto3", "pynamodb", "urllib3")]
    for each in loggers:
        each.addHandler(recorder)
    yield recorder
    for each in loggers:
        each.removeHandler(recorder)
    metrics.clear_metrics()


@pytest.fixture
def sns(embedded: Embedded) -> Iterator[FakeSns]:
    with fake_sns() as sns:
        os.environ["AWS_ENDPOINT_URL_SNS"] = sns.endpoint
        _forget_the_sender()
        yield sns
        del os.environ["AWS_ENDPOINT_URL_SNS"]
        _forget_the_sender()


def _forget_the_sender() -> None:
    """Whoever sends is made anew, so that it finds the endpoint of now and none that has gone."""
    for made in (sms_sender, bootstrap.dispatch, bootstrap.text_messages):
        made.cache_clear()


@pytest.fixture
def clock(embedded: Embedded) -> Iterator[FixedClock]:
    fixed = FixedClock()
    bootstrap.use_clock(fixed)
    yield fixed
    bootstrap.use_clock(SystemClock())


def log_event(*lines: str) -> dict[str, Any]:
    envelope = {"messageType": "DATA_MESSAGE", "logEvents": [{"message": line} for line in lines]}
    return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(envelope).encode())).decode()}}


def receipt_line(clock: FixedClock, words: str, status: str, message_id: str) -> str:
    at = clock.now().strftime("%Y-%m-%d %H:%M:%S.000")
    delivery = {"destination": PHONE, "numberOfMessageParts": 1, "providerResponse": words}
    return json.dumps(
        {"notification": {"messageId": message_id, "timestamp": at}, "delivery": delivery, "status": status}
    )


def stream_event(row: Any) -> DynamoDBEvent:
    change = {"SequenceNumber": "1", "NewImage": row.to_dynamodb_dict()}
    record = {"eventID": "1", "eventName": "INSERT", "eventSource": "aws:dynamodb", "dynamodb": change}
    return DynamoDBEvent({"Records": [record]}, None)


def hint_event(municipality: str, contact_id: str) -> SQSEvent:
    body = json.dumps({"municipality": municipality, "contact_id": contact_id})
    return SQSEvent({"Records": [{"messageId": "1", "body": body, "eventSource": "aws:sqs"}]}, None)


@pytest.mark.parametrize("bad_day", ["accept", (400, "InvalidParameter"), (400, "Throttling"), (500, "InternalError")])
def test_nothing_about_a_citizen_is_logged(
    *,
    sns: FakeSns,
    tenant: Municipality,
    clock: FixedClock,
    recorder: Recorder,
    capfd: pytest.CaptureFixture[str],
    bad_day: Any,
) -> None:
    sns.answer = bad_day
    contact = a_contact(id=ContactId(new_ulid(clock.now())), municipality=tenant.id)
    row = store_completed(contact, PHONE, code=CODE)
    clock.advance(minutes=17)
    dispatch_events.on_contacts(stream_event(row))
    dispatch_events.on_send_queue(hint_event(tenant.id, contact.id))
    dispatch_events.on_delivery_log(
        log_event(
            receipt_line(clock, f"Handset {PHONE} melted", "FAILURE", sns.message_id),
            receipt_line(clock, "Message has been accepted", "SUCCESS", "m-unknown"),
            f"garbage about {PHONE}",
        )
    )
    sweep_events.sweep_dispatch(tenant.id, clock.now())
    _break(tenant.id, contact.id, sns.message_id)
    dispatch_events.on_send_queue(hint_event(tenant.id, contact.id))
    with pytest.raises(Busy):
        dispatch_events.on_delivery_log(
            log_event(receipt_line(clock, "Invalid phone number", "FAILURE", sns.message_id))
        )
    clock.advance(hours=80)
    sweep_events.sweep_dispatch(tenant.id, clock.now())

    token = link_token(bootstrap.keys(), "survey", f"{tenant.id}|{contact.id}")
    written = "\n".join([*recorder.lines, *capfd.readouterr()])
    assert contact.id in written, "ids are what operators find things by"
    for secret in (PHONE, PHONE[3:], CODE, token, phone_hash(bootstrap.keys(), tenant.id, PhoneNumber(PHONE))):
        assert secret not in written


def test_what_fails_in_a_batch_is_logged_by_its_ids(
    tenant: Municipality, clock: FixedClock, recorder: Recorder
) -> None:
    contact = a_contact(id=ContactId(new_ulid(clock.now())), municipality=tenant.id)
    row = store_completed(contact, PHONE, code=CODE)
    dispatch_events.on_contacts(stream_event(row))
    _break(tenant.id, contact.id, "m-1")
    answer = dispatch_events.on_send_queue(hint_event(tenant.id, contact.id))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    [line] = [line for line in recorder.lines if "could not be sent" in line]
    assert contact.id in line
    assert PHONE not in line


def _break(municipality: str, contact_id: str, message_id: str) -> None:
    """An invitation that can't be read: whatever is then logged must not quote it."""
    stored = DynamoDbInvitations().get(municipality, contact_id)
    assert stored is not None
    model = bound(InvitationItem)
    item = model.get(f"{municipality}#invitation#{contact_id}", "invitation")
    item.update(actions=[model.state.set(InvitationState.SCHEDULED.value), model.phone.set(f"broken {PHONE}")])
    link = bound(LinkItem)(f"sms#{message_id}", "link", municipality=municipality, purpose="sms", subject=contact_id)
    link.save()
