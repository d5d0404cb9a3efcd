"""The handlers of dispatch on recorded envelopes, and the operators' commands, on the embedded AWS."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer
from chalice.app import DynamoDBEvent, SQSEvent
from typer.testing import CliRunner

from chalicelib import bootstrap
from chalicelib.adapters.dispatch.dynamodb_invitations import DynamoDbInvitations
from chalicelib.adapters.dispatch.dynamodb_receipts import DynamoDbReceipts
from chalicelib.adapters.dynamodb_work import pending_item
from chalicelib.adapters.tables import PendingItem, bound
from chalicelib.dispatch.model import InvitationState, Receipt
from chalicelib.dispatch.receipts import Settlement
from chalicelib.entrypoints.events import dispatch as dispatch_events
from chalicelib.entrypoints.events import sweep as sweep_events
from chalicelib.shared.clock import SystemClock
from chalicelib.shared.identifiers import ContactId, new_ulid
from chalicelib.shared.work import WorkItem, WorkKind
from chalicelib.telemetry import metrics
from cli.operations import reconcile, redrive, status
from cli.sms import sms_app
from tests.builders import FixedClock, a_contact, a_municipality_document
from tests.dispatch_rows import store_completed
from tests.embedded import empty_directory, store_municipality

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.municipalities.model import Municipality

EVENTS = Path(__file__).parents[1] / "events"


def recorded(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return event


@pytest.fixture(autouse=True)
def clock(embedded: object) -> Iterator[FixedClock]:
    empty_directory()
    fixed = FixedClock()
    bootstrap.use_clock(fixed)
    yield fixed
    bootstrap.use_clock(SystemClock())
    metrics.clear_metrics()


def test_a_poison_contact_is_named_and_the_others_are_done() -> None:
    answer = dispatch_events.on_contacts(DynamoDBEvent(recorded("contacts_stream"), None))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1002"}]}


def test_a_poison_hint_is_named_and_the_others_are_done() -> None:
    answer = dispatch_events.on_send_queue(SQSEvent(recorded("send_queue"), None))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "00000000-0000-0000-0000-000000000002"}]}


def test_a_delivery_log_of_unknown_messages_is_kept() -> None:
    assert dispatch_events.on_delivery_log(recorded("delivery_log")) == {"parked": 2, "unreadable": 1}


def complete(municipality: Municipality, clock: FixedClock) -> str:
    contact = a_contact(id=ContactId(new_ulid(clock.now())), municipality=municipality.id, arrived_at=clock.now())
    store_completed(contact, "+4541414141")
    clock.advance(minutes=17)
    return contact.id


def run(command: Any, *arguments: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(command)
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_the_sweep_of_everything_goes_through(tenant: Municipality, clock: FixedClock) -> None:
    contact_id = complete(tenant, clock)
    clock.advance(minutes=2)
    found = sweep_events.on_sweep()
    assert found["decide"] >= 1
    assert found["failed"] == 0
    assert DynamoDbInvitations().get(tenant.id, contact_id) is not None


def test_work_that_cannot_be_done_stops_nothing_and_is_counted(tenant: Municipality, clock: FixedClock) -> None:
    orphan = WorkItem(tenant.id, WorkKind.DECIDE, "01ORPHAN", clock.now(), {"phone": None})
    pending_item(orphan).save()
    contact_id = complete(tenant, clock)
    clock.advance(minutes=2)
    found = sweep_events.sweep_dispatch(tenant.id, clock.now())
    assert found["failed"] == 1
    assert DynamoDbInvitations().get(tenant.id, contact_id) is not None


def test_a_municipality_whose_work_cannot_be_read_holds_up_no_other(tenant: Municipality, clock: FixedClock) -> None:
    later = store_municipality(a_municipality_document(id=f"{tenant.id}-later"))
    unknown = bound(PendingItem)(f"{tenant.id}#0", "2026-11-23T00:00:00Z#fax#01X", kind="fax", subject="01X")
    unknown.save()  # what a version that was rolled back left behind
    contact_id = complete(later, clock)
    clock.advance(minutes=2)
    found = sweep_events.on_sweep()
    unknown.delete()
    assert found["failed"] > 0
    assert DynamoDbInvitations().get(later.id, contact_id) is not None


def test_status_says_what_is_overdue(tenant: Municipality, clock: FixedClock) -> None:
    code, output = run(status, "--municipality", tenant.id)
    assert (code, output.splitlines()[0]) == (0, f"{tenant.id}: nothing pending")
    complete(tenant, clock)
    clock.advance(minutes=20)
    code, output = run(status, "--municipality", tenant.id)
    assert code == 1
    assert f"{tenant.id}: decide 1" in output
    assert "1 overdue, the oldest for 21 minutes" in output
    assert "send queue: " in output


def test_redrive_does_what_is_pending_and_reconcile_adds_up(tenant: Municipality, clock: FixedClock) -> None:
    contact_id = complete(tenant, clock)
    landing = WorkItem(tenant.id, WorkKind.LAND_CONTACT, contact_id, a_contact(arrived_at=FixedClock().now()).ended_at)
    pending_item(landing).save()
    month = ("--from", "2026-11", "--to", "2026-11", "--municipality", tenant.id)
    code, output = run(reconcile, *month)
    assert code == 0, output
    assert "completed 1; not invited 0 + invited 0 + undecided 1 = 1" in output
    code, output = run(redrive, "--municipality", tenant.id)
    assert code == 0, output
    assert "decide 1" in output
    code, output = run(reconcile, *month)
    assert code == 0, output
    assert "completed 1; not invited 0 + invited 1 + undecided 0 = 1" in output
    assert "invited: scheduled 1" in output

    stored = DynamoDbInvitations().get(tenant.id, contact_id)
    assert stored is not None
    for row in bound(PendingItem).query(f"{tenant.id}#{landing.shard}"):
        if row.kind == WorkKind.SEND.value:
            row.delete()
    code, output = run(reconcile, *month)
    assert code == 1
    assert f"stuck 1: {contact_id}" in output


def test_an_unknown_municipality_is_an_error_of_ours(tenant: Municipality) -> None:
    app = typer.Typer()
    app.command()(status)
    result = CliRunner().invoke(app, ["--municipality", "nowhere"])
    assert getattr(result.exception, "code", None) == "not_found"


def test_sms_preview_shows_every_message(tenant: Municipality) -> None:
    result = CliRunner().invoke(sms_app, ["preview", tenant.id])
    assert result.exit_code == 0, result.output
    assert f"{tenant.id} · invitation · da · from Fjordby: gsm7, " in result.output
    assert "https://borgerpuls.example/s/" in result.output
    assert result.output.count("1 part") == result.output.count(f"{tenant.id} · ") >= 4
    priced = CliRunner().invoke(sms_app, ["preview", tenant.id, "--price-per-part", "0.35"])
    assert "1 part, 0.35 at the list price you gave" in priced.output


def test_a_contact_that_the_sweep_finds_too_late_is_not_invited_for_that_reason(
    tenant: Municipality, clock: FixedClock
) -> None:
    contact_id = complete(tenant, clock)
    clock.advance(hours=49)
    sweep_events.sweep_dispatch(tenant.id, clock.now())
    found = DynamoDbInvitations().get(tenant.id, contact_id)
    assert found is not None
    assert (found.state, str(found.reason)) == (InvitationState.NOT_INVITED, "too_late")


def test_a_receipt_for_a_confirmation_is_nobodys(tenant: Municipality, clock: FixedClock) -> None:
    receipts = DynamoDbReceipts()
    receipts.note_other("00000000-1111-5555-9999-000000000077", clock.now())
    receipt = Receipt("00000000-1111-5555-9999-000000000077", clock.now(), delivered=True)
    assert bootstrap.receipts().record(receipt).how is Settlement.IGNORED
    assert receipts.parked(receipt.message_id) is None
