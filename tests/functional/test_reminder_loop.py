"""The reminder on the embedded AWS: from the delivered invitation by the sweep to a second message, and no third."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest

from chalicelib import bootstrap
from chalicelib.adapters.dispatch.dynamodb_invitations import DynamoDbInvitations
from chalicelib.adapters.lake.lake_facts import DynamoDbFacts
from chalicelib.dispatch.model import InvitationState, Reason, Receipt, Wave
from chalicelib.entrypoints.events import sweep as sweep_events
from chalicelib.lake.landing import invitation_objects
from chalicelib.shared.clock import SystemClock
from chalicelib.shared.hashing import link_token
from chalicelib.shared.identifiers import ContactId, new_ulid
from chalicelib.shared.work import WorkKind
from tests.builders import FixedClock, a_contact, a_municipality_document
from tests.dispatch_rows import store_completed
from tests.embedded import store_municipality

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.dispatch.model import Invitation

REMINDED = {**a_municipality_document()["survey"], "reminder_after_days": 3}
TOWN = "remindby"
_NUMBERS = count(234000)


@pytest.fixture
def clock(embedded) -> Iterator[FixedClock]:
    fixed = FixedClock()
    bootstrap.use_clock(fixed)
    store_municipality(a_municipality_document(id=TOWN, survey=REMINDED))
    yield fixed
    bootstrap.use_clock(SystemClock())


@pytest.fixture
def delivered(clock: FixedClock) -> Invitation:
    contact = a_contact(id=ContactId(new_ulid(clock.now())), municipality=TOWN)
    store_completed(contact, f"+4531{next(_NUMBERS)}")
    clock.advance(minutes=17)
    bootstrap.dispatch().decide_contact(contact)
    sent = bootstrap.dispatch().send(TOWN, contact.id)
    assert sent is not None
    bootstrap.receipts().record(Receipt(str(sent.message_id), clock.now(), delivered=True))
    clock.advance(days=3)
    return sent


def test_the_sweep_reminds_once(clock: FixedClock, delivered: Invitation) -> None:
    store, contact_id = DynamoDbInvitations(), delivered.contact_id
    for _ in range(2):
        assert sweep_events.sweep_dispatch(TOWN, clock.now())["failed"] == 0
        bootstrap.dispatch().send(TOWN, contact_id, Wave.REMINDER)
    reminder = store.get(TOWN, contact_id, Wave.REMINDER)
    assert reminder is not None
    assert (reminder.state, reminder.attempts) == (InvitationState.ACCEPTED, 1)
    assert reminder.message_id != delivered.message_id
    fact = DynamoDbFacts(bootstrap.keys).find(WorkKind.LAND_INVITATION, TOWN, contact_id)
    assert fact is not None
    [landed] = invitation_objects(fact)
    assert landed.rows[0]["reminder_planned_at"]
    assert (landed.rows[0]["state"], landed.rows[0]["no_reminder_reason"]) == ("delivered", None)
    bootstrap.receipts().record(Receipt(str(reminder.message_id), clock.now(), delivered=True))
    left = [item for item in bootstrap.pending_work().due(TOWN, clock.now()) if item.subject == contact_id]
    assert {item.kind for item in left} == {WorkKind.LAND_INVITATION}


def test_who_opted_out_meanwhile_is_not_reminded_and_the_reason_lands(clock: FixedClock, delivered: Invitation) -> None:
    token = link_token(bootstrap.keys(), "survey", f"{TOWN}|{delivered.contact_id}")
    bootstrap.dispatch().opt_out(token)
    sweep_events.sweep_dispatch(TOWN, clock.now())
    stored = DynamoDbInvitations().get(TOWN, delivered.contact_id)
    assert stored is not None
    assert stored.no_reminder_reason is Reason.WITHDRAWN
    assert DynamoDbInvitations().get(TOWN, delivered.contact_id, Wave.REMINDER) is None
