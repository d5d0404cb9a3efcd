"""Invitation and reminder on the embedded DynamoDB, streams, queue and SNS, with an accident at every write (I3 to I5).

`tests/unit/test_dispatch_machine.py` does the same to fakes in random order; here the table names the places. Events and
hints come twice, in reverse order or never, receipts twice and late: never more than one message and one reminder, none
lost without a reason, and the equation adds up at every moment.
"""

from __future__ import annotations

import base64
import gzip
import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from chalicelib import bootstrap
from chalicelib.adapters.dispatch.dynamodb_invitations import DynamoDbInvitations
from chalicelib.contacts.model import Consent, contact_id_of
from chalicelib.contacts.service import Outcome, ReportedContact, Sender
from chalicelib.dispatch.model import InvitationState, Wave
from chalicelib.municipalities.model import Channel
from chalicelib.shared.clock import month_of
from chalicelib.shared.phone import PhoneNumber
from chalicelib.shared.work import WorkKind
from local.delivery import FunctionFailed
from tests.accidents import Accident
from tests.builders import a_municipality_document
from tests.embedded import store_municipality

if TYPE_CHECKING:
    from chalicelib.dispatch.reconciliation import Equation
    from tests.accidents import Fate, Platform
    from tests.builders import FixedClock
    from tests.embedded import Embedded

pytestmark = pytest.mark.unwatched

REMINDED = {**a_municipality_document()["survey"], "reminder_after_days": 3}
SENDER = Sender.named("accidents")
_NUMBERS = count(1)
DELIVERED, FAILED = "delivered", "failed"

# Decide, hint, claim, send, record, receipt. Only who died between claim and send sent nothing, and that is known.
ON_THE_WAY = [
    (Accident("dispatch_contact", "TransactWriteItems"), DELIVERED),
    (Accident("dispatch_contact", "TransactWriteItems", lost=True), DELIVERED),
    (Accident("dispatch_contact", "SendMessageBatch"), DELIVERED),
    (Accident("send_invitation", "TransactWriteItems"), DELIVERED),
    (Accident("send_invitation", "TransactWriteItems", lost=True), DELIVERED),
    (Accident("send_invitation", "Publish"), FAILED),
    (Accident("send_invitation", "Publish", lost=True), DELIVERED),
    (Accident("send_invitation", "TransactWriteItems", 2), DELIVERED),
    (Accident("send_invitation", "TransactWriteItems", 2, lost=True), DELIVERED),
    (Accident("record_receipt", "TransactWriteItems"), DELIVERED),
]
OF_THE_REMINDER = [
    (Accident("sweep", "TransactWriteItems"), DELIVERED),
    (Accident("sweep", "TransactWriteItems", lost=True), DELIVERED),
    (Accident("sweep", "SendMessageBatch"), DELIVERED),
    *ON_THE_WAY[3:],
]


@dataclass
class Citizen:
    """Somebody who called, said yes, and may be asked and reminded."""

    embedded: Embedded
    platform: Platform
    clock: FixedClock
    number: int = field(default_factory=lambda: next(_NUMBERS))

    def __post_init__(self) -> None:
        self.municipality = store_municipality(a_municipality_document(id=f"uheld{self.number}", survey=REMINDED))
        self.phone = f"+4551{self.number:06d}"
        self.contact_id = contact_id_of(self.municipality.id, SENDER.key, "1")
        self.ended_at = self.clock.now()

    def call(self) -> None:
        """The contact is over, and stored with its consent and its work."""
        reported = ReportedContact(
            source_id="1",
            channel=Channel.PHONE,
            department="citizen-service",
            reason="passport",
            started_at=self.ended_at - timedelta(minutes=6),
            ended_at=self.ended_at,
            language="da",
            consent=Consent(offered=True, granted=True, text_version="2026-1"),
            phone=PhoneNumber(self.phone),
        )
        assert bootstrap.contacts().record(self.municipality, SENDER, reported) is Outcome.CREATED

    def messages(self) -> list[dict[str, Any]]:
        address = f"{self.embedded.endpoint}/_ministack/sns/sms-messages?phoneNumber={quote(self.phone)}"
        with urlopen(address, timeout=10) as answer:
            return list(json.load(answer)["sms_messages"].get(self.phone, []))

    def receipts(self) -> None:
        """The delivery log of every message so far, the newest first; what fails comes again with the next."""
        for message in reversed(self.messages()):
            with suppress(FunctionFailed):
                self.platform.invoke("record_receipt", self._log_of(message["MessageId"]))

    def some_minutes(self, rounds: int = 3) -> None:
        """Sweeps, streams, queue and receipts do what they can; the equation adds up all the time."""
        for _ in range(rounds):
            self.platform.sweep(self.municipality.id)
            self.platform.flow()
            assert self.equation().adds_up
            self.receipts()
            self.clock.advance(minutes=4)

    def equation(self) -> Equation:
        """I5, for this municipality's one contact, from the real stores."""
        later = self.clock.now() + timedelta(days=365)
        equation = bootstrap.reconciliation().equation(self.municipality.id, month_of(self.ended_at), later)
        assert equation.completed == 1
        return equation

    def state(self, wave: Wave = Wave.INVITATION) -> InvitationState | None:
        found = DynamoDbInvitations().get(self.municipality.id, self.contact_id, wave)
        return None if found is None else found.state

    def left(self) -> set[WorkKind]:
        due = bootstrap.pending_work().due(self.municipality.id, self.clock.now() + timedelta(days=365))
        return {item.kind for item in due}

    def _log_of(self, message_id: str) -> dict[str, Any]:
        line = {
            "notification": {"messageId": message_id, "timestamp": f"{self.clock.now():%Y-%m-%d %H:%M:%S.000}"},
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
def citizen(embedded: Embedded, platform: Platform, still_clock: FixedClock) -> Citizen:
    return Citizen(embedded, platform.forget(), still_clock)


def all_of_it_again(citizen: Citizen, sent: int) -> None:
    """Every event once more, and four days: whatever waited has its end, nothing is stuck, nobody got one too many."""
    citizen.platform.happens_again()
    citizen.clock.advance(days=4)
    citizen.some_minutes(rounds=2)
    assert len(citizen.messages()) == sent
    assert citizen.left() <= {WorkKind.LAND_INVITATION, WorkKind.LAND_CONTACT}
    assert citizen.equation().adds_up


@pytest.mark.requirement("SK-03", "I4")
@pytest.mark.parametrize(("accident", "end"), ON_THE_WAY, ids=str)
def test_an_accident_on_the_way_of_the_invitation(citizen: Citizen, fate: Fate, accident: Accident, end: str) -> None:
    fate.send(accident)
    citizen.call()
    citizen.platform.flow()
    citizen.some_minutes()
    assert fate.accident is None, "a place that nobody passes tests nothing"
    arrived = end == DELIVERED
    assert len(citizen.messages()) == arrived
    all_of_it_again(citizen, sent=2 * arrived)  # the reminder with it
    assert citizen.state() == end
    assert citizen.state(Wave.REMINDER) == (DELIVERED if arrived else None)
    assert dict(citizen.equation().states) == {end: 1}


@pytest.mark.requirement("SK-03", "I4")
@pytest.mark.parametrize(("accident", "end"), OF_THE_REMINDER, ids=str)
def test_an_accident_on_the_way_of_the_reminder(citizen: Citizen, fate: Fate, accident: Accident, end: str) -> None:
    citizen.call()
    citizen.platform.flow()
    citizen.receipts()
    assert citizen.state() is InvitationState.DELIVERED
    citizen.clock.advance(days=3)
    fate.send(accident)
    citizen.some_minutes()
    assert fate.accident is None, "a place that nobody passes tests nothing"
    all_of_it_again(citizen, sent=1 + (end == DELIVERED))
    assert citizen.state() is InvitationState.DELIVERED
    assert citizen.state(Wave.REMINDER) == end
    assert dict(citizen.equation().reminders) == {end: 1}


def test_what_streams_and_queue_never_deliver_the_sweep_does(citizen: Citizen, fate: Fate) -> None:
    """Every event and every first hint is lost, the sweep dies on the way, and each message is still sent once."""
    citizen.call()
    citizen.platform.is_lossy = True
    citizen.platform.flow()
    for sent, days in ((1, 0), (2, 3)):
        citizen.clock.advance(minutes=3, days=days)
        fate.send(Accident("sweep", "TransactWriteItems"))
        citizen.platform.sweep(citizen.municipality.id)
        assert fate.accident is None
        citizen.platform.sweep(citizen.municipality.id)
        citizen.platform.flow()
        citizen.platform.is_lossy = False
        citizen.some_minutes()
        assert len(citizen.messages()) == sent
        citizen.platform.is_lossy = sent == 1
    all_of_it_again(citizen, sent=2)
    assert (citizen.state(), citizen.state(Wave.REMINDER)) == (DELIVERED, DELIVERED)
