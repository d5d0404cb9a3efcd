"""decide → claim → send → record on the embedded DynamoDB, SQS and SNS, with a kill at every step (I3, I4)."""

from __future__ import annotations

import base64
import gzip
import json
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from chalice.app import DynamoDBEvent, SQSEvent

from chalicelib import bootstrap
from chalicelib.adapters.dispatch.dynamodb_invitations import DynamoDbInvitations
from chalicelib.adapters.dispatch.dynamodb_receipts import DynamoDbReceipts
from chalicelib.adapters.dispatch.send_queue import SqsSendQueue
from chalicelib.adapters.dispatch.sms_sender import SnsSmsSender
from chalicelib.adapters.dynamodb_work import DynamoDbPendingWork
from chalicelib.dispatch import sms_text
from chalicelib.dispatch.model import InvitationState
from chalicelib.dispatch.receipts import ReceiptService
from chalicelib.dispatch.service import DispatchService
from chalicelib.entrypoints.events import dispatch as dispatch_events
from chalicelib.entrypoints.events import sweep as sweep_events
from chalicelib.shared.clock import SystemClock
from chalicelib.shared.identifiers import ContactId, new_ulid
from chalicelib.shared.work import WorkKind
from chalicelib.telemetry import metrics
from tests.builders import FixedClock, a_contact
from tests.dispatch_rows import store_completed
from tests.fakes.dispatch_store import Crash, Fuse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.contacts.model import Contact
    from chalicelib.municipalities.model import Municipality
    from tests.embedded import Embedded

_NUMBERS = count(30_000_000)
_WRITES = {"add", "claim", "advance", "release_quarantine", "enqueue", "send", "park", "park_for_phone"}
_STEPS = 12


@pytest.fixture
def clock(embedded: Embedded) -> Iterator[FixedClock]:
    """The product runs on a clock that tests move."""
    fixed = FixedClock()
    bootstrap.use_clock(fixed)
    yield fixed
    bootstrap.use_clock(SystemClock())
    metrics.clear_metrics()


class Loop:
    """One citizen's way through dispatch on real adapters."""

    def __init__(self, embedded: Embedded, municipality: Municipality, clock: FixedClock) -> None:
        self.embedded, self.municipality, self.clock = embedded, municipality, clock
        self.phone = f"+45{next(_NUMBERS)}"
        arrived = clock.now()
        self.contact: Contact = a_contact(
            id=ContactId(new_ulid(arrived)), municipality=municipality.id, arrived_at=arrived
        )

    def complete(self) -> dict[str, Any]:
        """What completing a visit writes; the answer is its stream event."""
        contact = self.contact
        row = store_completed(contact, self.phone)
        self.clock.advance(minutes=17)
        record = {
            "eventID": contact.id,
            "eventName": "INSERT",
            "eventSource": "aws:dynamodb",
            "dynamodb": {"SequenceNumber": "1", "NewImage": row.to_dynamodb_dict()},
        }
        return {"Records": [record]}

    def messages(self) -> list[dict[str, Any]]:
        address = f"{self.embedded.endpoint}/_ministack/sns/sms-messages?phoneNumber={quote(self.phone)}"
        with urlopen(address, timeout=10) as answer:
            return list(json.load(answer)["sms_messages"].get(self.phone, []))

    def queued(self) -> dict[str, Any]:
        """What waits in the queue, as the event that Lambda would get; the messages are gone afterwards."""
        queue, url = self.embedded.client("sqs"), self.embedded.environment["SEND_QUEUE_URL"]
        messages: list[dict[str, Any]] = []
        while found := queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                queue.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                messages.append({"messageId": message["MessageId"], "body": message["Body"], "eventSource": "aws:sqs"})
        return {"Records": messages}

    def state(self) -> InvitationState | None:
        found = DynamoDbInvitations().get(self.municipality.id, self.contact.id)
        return None if found is None else found.state

    def receipt(self, message_id: str) -> dict[str, Any]:
        at = self.clock.now().strftime("%Y-%m-%d %H:%M:%S.000")
        line = {
            "notification": {"messageId": message_id, "timestamp": at},
            "delivery": {
                "destination": self.phone,
                "numberOfMessageParts": 1,
                "providerResponse": "Message has been accepted by phone carrier",
            },
            "status": "SUCCESS",
        }
        envelope = {"messageType": "DATA_MESSAGE", "logEvents": [{"message": json.dumps(line)}]}
        return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(envelope).encode())).decode()}}


@pytest.fixture
def loop(embedded: Embedded, tenant: Municipality, clock: FixedClock) -> Loop:
    loop = Loop(embedded, tenant, clock)
    loop.queued()
    return loop


@pytest.mark.requirement("SK-03")
@pytest.mark.requirement("SK-04")
def test_a_completed_visit_becomes_one_message_and_then_delivered(loop: Loop) -> None:
    event = loop.complete()
    assert dispatch_events.on_contacts(DynamoDBEvent(event, None)) == {"batchItemFailures": []}
    assert dispatch_events.on_contacts(DynamoDBEvent(event, None)) == {"batchItemFailures": []}
    queued = loop.queued()
    assert len(queued["Records"]) == 1
    assert dispatch_events.on_send_queue(SQSEvent(queued, None)) == {"batchItemFailures": []}
    assert dispatch_events.on_send_queue(SQSEvent(queued, None)) == {"batchItemFailures": []}
    [message] = loop.messages()
    assert sms_text.measure(message["Message"]).parts == 1
    assert "K7RTPQ" in message["Message"]
    assert "/s/" in message["Message"]
    attributes = message["MessageAttributes"]
    assert attributes["AWS.SNS.SMS.SMSType"]["StringValue"] == "Transactional"
    assert attributes["AWS.SNS.SMS.SenderID"]["StringValue"] == "Fjordby"
    assert loop.state() is InvitationState.ACCEPTED

    receipt = loop.receipt(message["MessageId"])
    assert dispatch_events.on_delivery_log(receipt) == {"applied": 1}
    assert dispatch_events.on_delivery_log(receipt) == {"ignored": 1}
    assert loop.state() is InvitationState.DELIVERED
    assert DynamoDbInvitations().get(loop.municipality.id, loop.contact.id).phone is None


def test_what_the_stream_and_the_queue_lost_the_sweep_does(loop: Loop) -> None:
    loop.complete()
    loop.clock.advance(minutes=2)
    found = sweep_events.sweep_dispatch(loop.municipality.id, loop.clock.now())
    assert found["decide"] == 1
    loop.queued()  # and these hints are lost as well
    loop.clock.advance(minutes=2)
    assert sweep_events.sweep_dispatch(loop.municipality.id, loop.clock.now())["send"] == 1
    dispatch_events.on_send_queue(SQSEvent(loop.queued(), None))
    assert len(loop.messages()) == 1


def test_a_receipt_before_its_record_is_applied_with_the_record(loop: Loop) -> None:
    early = EarlyReceipt(loop)
    dispatch = _dispatch(loop, Fuse(), sender=early)
    dispatch_events.on_contacts(DynamoDBEvent(loop.complete(), None))
    dispatch.send(loop.municipality.id, loop.contact.id)
    assert loop.state() is InvitationState.DELIVERED


class EarlyReceipt:
    """A carrier that is faster than our own write."""

    def __init__(self, loop: Loop) -> None:
        self._loop, self._real = loop, SnsSmsSender(region="eu-north-1")

    def send(self, phone: Any, text: str, sender_id: str) -> Any:
        outcome = self._real.send(phone, text, sender_id)
        dispatch_events.on_delivery_log(self._loop.receipt(outcome.message_id))
        return outcome


class Crashing:
    """An adapter whose process may die before or after any of its writes."""

    def __init__(self, real: Any, fuse: Fuse) -> None:
        self._real, self._fuse = real, fuse

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._real, name)
        if name not in _WRITES:
            return method

        def call(*args: Any, **kwargs: Any) -> Any:
            self._fuse.point()
            result = method(*args, **kwargs)
            self._fuse.point()
            return result

        return call


def _dispatch(loop: Loop, fuse: Fuse, sender: Any = None) -> DispatchService:
    store, receipts = Crashing(DynamoDbInvitations(), fuse), Crashing(DynamoDbReceipts(), fuse)
    municipalities = bootstrap.municipalities()
    return DispatchService(
        store=store,
        receipts=ReceiptService(store=store, receipts=receipts, municipalities=municipalities, keys=bootstrap.keys),
        sender=Crashing(sender or SnsSmsSender(region="eu-north-1"), fuse),
        queue=Crashing(SqsSendQueue(loop.embedded.environment["SEND_QUEUE_URL"], region="eu-north-1"), fuse),
        work=DynamoDbPendingWork(),
        municipalities=municipalities,
        keys=bootstrap.keys,
        clock=lambda: loop.clock,
        public_url="https://svar.fjordby.example",
    )


def _do_what_is_due(loop: Loop, dispatch: DispatchService) -> None:
    for item in list(DynamoDbPendingWork().due(loop.municipality.id, loop.clock.now())):
        try:
            if item.kind is WorkKind.DECIDE:
                dispatch.redo_decision(item)
            elif item.kind is WorkKind.SEND:
                dispatch.send(loop.municipality.id, loop.contact.id)
            elif item.kind is WorkKind.SETTLE:
                dispatch.settle(item)
        except Crash:
            continue


@pytest.mark.parametrize("step", range(_STEPS))
def test_killed_at_any_step_it_sends_at_most_once_and_ends_with_a_reason(loop: Loop, step: int) -> None:
    loop.complete()
    fuse = Fuse(left=step)
    dispatch = _dispatch(loop, fuse)
    for _ in range(6):
        _do_what_is_due(loop, dispatch)
        loop.clock.advance(minutes=4)
    sent = len(loop.messages())
    assert sent <= 1
    assert loop.state() in ({InvitationState.AMBIGUOUS} | ({InvitationState.ACCEPTED} if sent else set()))

    for _ in range(2):  # the second time in case the first one dies
        loop.clock.advance(hours=73)
        _do_what_is_due(loop, dispatch)
    assert fuse.left is None, "a step that nobody reaches tests nothing"
    assert loop.state() is InvitationState.FAILED
    left = {item.kind for item in DynamoDbPendingWork().due(loop.municipality.id, loop.clock.now())}
    assert left <= {WorkKind.LAND_INVITATION, WorkKind.LAND_CONTACT}
