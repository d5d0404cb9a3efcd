"""The nightly account: counts every night, also when all is well, and names what does not add up (I5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chalicelib import bootstrap
from chalicelib.adapters.dynamodb_work import pending_item
from chalicelib.adapters.tables import OperationItem, bound
from chalicelib.entrypoints.events import reconcile as reconcile_events
from chalicelib.shared.clock import SystemClock
from chalicelib.shared.identifiers import ContactId, new_ulid
from chalicelib.shared.work import WorkItem, WorkKind
from chalicelib.telemetry import metrics
from tests.builders import FixedClock, a_contact, a_municipality_document
from tests.dispatch_rows import store_completed
from tests.embedded import empty_directory, store_municipality

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.contacts.model import Contact
    from chalicelib.municipalities.model import Municipality


@pytest.fixture
def clock(embedded) -> Iterator[FixedClock]:
    fixed = FixedClock()
    bootstrap.use_clock(fixed)
    yield fixed
    bootstrap.use_clock(SystemClock())


@pytest.fixture
def tenant(clock: FixedClock) -> Municipality:
    """The one municipality that the job finds."""
    empty_directory()
    return store_municipality(a_municipality_document(id="regnskab"))


@pytest.fixture
def completed(tenant: Municipality, clock: FixedClock) -> Contact:
    """A contact whose landing and decision are pending."""
    contact = a_contact(id=ContactId(new_ulid(clock.now())), municipality=tenant.id)
    store_completed(contact, "+4531234500")
    pending_item(WorkItem(tenant.id, WorkKind.LAND_CONTACT, contact.id, contact.ended_at)).save()
    clock.advance(hours=1)
    return contact


def run() -> tuple[dict[str, Any], list[float]]:
    """What the job answers and counts, for this test's municipality alone wrong or not."""
    answer = reconcile_events.on_reconcile()
    counted = metrics.provider.metric_set["AccountsWrong"]["Value"]
    metrics.clear_metrics()
    return answer, counted


def test_it_counts_also_when_all_is_well(tenant: Municipality, completed: Contact) -> None:
    before, counted = run()
    assert counted == [before["wrong"]]
    bootstrap.dispatch().decide_contact(completed)
    after, _ = run()
    assert after == before


@pytest.mark.requirement("SK-27")
def test_where_senders_can_not_be_read_that_counts_as_a_silent_one(tenant: Municipality) -> None:
    assert run()[0]["silent"] == 0
    row = bound(OperationItem)(f"{tenant.id}#senders#contacts", "broken", state="no day", document={"system": "x"})
    row.save()
    assert run()[0]["silent"] == 1
    row.delete()


def test_what_does_not_add_up_is_counted_and_named(
    tenant: Municipality, completed: Contact, caplog: pytest.LogCaptureFixture
) -> None:
    before, _ = run()
    pending_item(WorkItem(tenant.id, WorkKind.DECIDE, completed.id, completed.ended_at)).delete()
    after, counted = run()
    assert after["wrong"] == before["wrong"] + 1
    assert counted == [after["wrong"]]
    [said] = [vars(record) for record in caplog.records if vars(record).get("municipality") == tenant.id]
    assert (said["month"], said["missing"]) == ("2026-11", [completed.id])
