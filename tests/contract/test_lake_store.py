"""Landing and compaction on the embedded S3 and DynamoDB: what the fakes promise, the real adapters keep."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from chalicelib import bootstrap
from chalicelib.adapters.booking.dynamodb_booking import DynamoDbBookings
from chalicelib.adapters.dynamodb_work import pending_item
from chalicelib.adapters.lake.compaction import S3CuratedStore
from chalicelib.adapters.lake.dynamodb_lake_marks import DynamoDbLakeMarks
from chalicelib.adapters.lake.lake_facts import DynamoDbFacts
from chalicelib.adapters.lake.s3_lake import S3Lake
from chalicelib.adapters.tables import ContactItem, InvitationItem, ResponseItem, VisitItem, bound
from chalicelib.booking.model import AppointmentState
from chalicelib.contacts.document import to_document
from chalicelib.lake.compaction import REPORTS, CompactionService, curated_key, manifest_key
from chalicelib.lake.landing import Fact, landing_prefix, response_objects
from chalicelib.lake.schemas import arrow_types
from chalicelib.lake.service import Landing
from chalicelib.settings import settings
from chalicelib.shared.clock import parse_moment
from chalicelib.shared.errors import Conflict
from chalicelib.shared.work import WorkItem, WorkKind
from tests.builders import a_contact
from tests.contract.test_booking_store import add, an_appointment
from tests.unit.test_landing import ENDED, ID, a_response, an_invitation

if TYPE_CHECKING:
    from chalicelib.lake.landing import LandedObject
    from chalicelib.municipalities.model import Municipality
    from tests.embedded import Embedded

MONTH = "2026-11"
BOOKED = datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.fixture
def lake(embedded: Embedded) -> S3Lake:
    return S3Lake(settings().lake_bucket, region=settings().region)


@pytest.fixture
def store(embedded: Embedded) -> S3CuratedStore:
    return S3CuratedStore(settings().lake_bucket, region=settings().region)


def body(embedded: Embedded, key: str) -> bytes:
    return bytes(embedded.client("s3").get_object(Bucket=settings().lake_bucket, Key=key)["Body"].read())


def a_landed(tenant: Municipality, version: int, subject: str = ID, **changes: Any) -> LandedObject:
    fact = Fact(tenant.id, subject, a_response(**changes).document, version)
    return response_objects(fact)[0]


def table_of(embedded: Embedded, tenant: Municipality, table: str) -> Any:
    return pq.read_table(io.BytesIO(body(embedded, curated_key(table, tenant.id, MONTH))))


def test_of_writers_in_any_order_the_newest_version_stays(
    lake: S3Lake, tenant: Municipality, embedded: Embedded
) -> None:
    objects = [a_landed(tenant, version, language=f"v{version}") for version in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lake.land, [*objects, *reversed(objects)]))
    assert json.loads(body(embedded, objects[0].key))["row_version"] == 5
    assert not lake.land(objects[4])
    assert lake.land(objects[5])


def test_a_missing_object_is_none(lake: S3Lake) -> None:
    assert lake.get("cells/none") is None


def test_marks_count_touches_and_finish_only_forwards(tenant: Municipality) -> None:
    marks = DynamoDbLakeMarks()
    assert marks.find(tenant.id, "answers", MONTH).version == 0
    for _ in range(3):
        marks.touch(tenant.id, "answers", MONTH)
    marks.touch(tenant.id, "answers", "2026-09")
    assert [(m.month, m.version) for m in marks.dirty(tenant.id, "answers")] == [("2026-09", 1), (MONTH, 3)]
    old = marks.find(tenant.id, "answers", MONTH)
    marks.touch(tenant.id, "answers", MONTH)
    marks.finish(marks.find(tenant.id, "answers", MONTH))
    marks.finish(old)
    assert [m.month for m in marks.dirty(tenant.id, "answers")] == ["2026-09"]
    marks.bury(tenant.id, "answers", MONTH, "A")
    marks.bury(tenant.id, "answers", MONTH, "B")
    buried = marks.find(tenant.id, "answers", MONTH)
    assert (buried.dirty, buried.tombstones) == (True, frozenset({"A", "B"}))


def test_work_is_settled_up_to_the_version_that_was_landed(tenant: Municipality) -> None:
    facts, work = DynamoDbFacts(bootstrap.keys), bootstrap.pending_work()
    item = WorkItem(tenant.id, WorkKind.LAND_RESPONSE, ID, ENDED, version=2)
    pending_item(item).save()
    facts.settle(WorkItem(tenant.id, WorkKind.LAND_RESPONSE, ID, ENDED, version=1))
    assert work.find(tenant.id, WorkKind.LAND_RESPONSE, ID, ENDED) is not None
    facts.settle(WorkItem(tenant.id, WorkKind.LAND_RESPONSE, ID, ENDED, version=3))
    assert work.find(tenant.id, WorkKind.LAND_RESPONSE, ID, ENDED) is None
    facts.settle(WorkItem(tenant.id, WorkKind.LAND_RESPONSE, ID, ENDED, version=3))


def store_facts(tenant: Municipality, subject: str = ID) -> None:
    """A contact, its invitation and its finished response, each with its pending work."""
    m = tenant.id
    contact = to_document(a_contact(id=subject, municipality=m))
    bound(ContactItem)(f"{m}#contact#{subject}", "contact", municipality=m, contact_id=subject, document=contact).save()
    invitation, response = an_invitation().document, a_response().document
    common = {"municipality": m, "contact_id": subject, "version": 3}
    bound(InvitationItem)(
        f"{m}#invitation#{subject}", "invitation", state="delivered", document=invitation, phone="+4520304050", **common
    ).save()
    bound(ResponseItem)(f"{m}#response#{subject}", "response", state="finished", document=response, **common).save()
    for kind, due in (
        (WorkKind.LAND_CONTACT, contact["ended_at"]),
        (WorkKind.LAND_INVITATION, invitation["decided_at"]),
        (WorkKind.LAND_RESPONSE, response["started_at"]),
    ):
        pending_item(WorkItem(m, kind, subject, parse_moment(due), version=3 * (kind != WorkKind.LAND_CONTACT))).save()


def test_the_sweep_lands_everything_and_leaves_no_work(tenant: Municipality, embedded: Embedded) -> None:
    store_facts(tenant)
    later = ENDED + timedelta(hours=3)
    assert bootstrap.landing().sweep(tenant.id, later) == 3
    assert not list(bootstrap.pending_work().due(tenant.id, later))
    key = f"{landing_prefix('invitations', tenant.id, MONTH)}{ID}.json"
    landed = body(embedded, key)
    assert json.loads(landed)["state"] == "delivered"
    assert b"+45" not in landed
    assert bootstrap.landing().land_contact(tenant.id, "01NOBODY") is Landing.GONE


def test_an_appointment_lands_in_the_night_after_its_day_with_what_became_of_it(
    tenant: Municipality, embedded: Embedded
) -> None:
    store, night = DynamoDbBookings(), BOOKED + timedelta(hours=19)
    came, gone = (
        an_appointment(tenant.id, number, start=BOOKED, end=BOOKED + timedelta(minutes=10)) for number in (1, 2)
    )
    for number, appointment in enumerate((came, gone)):
        add(store, appointment, f"0{number + 8}:00", key=f"key-{number}")
    day = f"{tenant.id}#{came.office}#2026-11-24"
    bound(VisitItem)(day, came.id, state="no_show", document={}, version=1).save()
    cancelled = replace(
        gone, state=AppointmentState.CANCELLED, phone=None, messages=(), cancelled_at=gone.booked_at, version=2
    )
    store.cancel(gone, cancelled, [], gone.booked_at)
    assert bootstrap.landing().sweep(tenant.id, night) == 0
    assert bootstrap.landing().sweep(tenant.id, night + timedelta(hours=2)) == 2
    found = {}
    for appointment in (came, gone):
        line = body(embedded, f"{landing_prefix('bookings', tenant.id, MONTH)}{appointment.id}.json")
        assert b"+45" not in line
        found[appointment.id] = json.loads(line)["outcome"]
    assert found == {came.id: "no_show", gone.id: "cancelled"}
    assert not list(bootstrap.pending_work().due(tenant.id, night + timedelta(days=9), kind=WorkKind.LAND_BOOKING))


def test_the_landing_of_an_appointment_moves_with_its_day(tenant: Municipality) -> None:
    before = an_appointment(tenant.id, start=BOOKED, end=BOOKED + timedelta(minutes=10))
    store = DynamoDbBookings()
    add(store, before, "09:00")
    later = BOOKED + timedelta(days=40)
    after = replace(before, start=later, end=later + timedelta(minutes=10), moves=1, version=2)
    store.move(before, after, [], token_hash=f"hash-{tenant.id}-{before.id}", now=before.booked_at)
    due = bootstrap.pending_work().due(tenant.id, later + timedelta(days=2), kind=WorkKind.LAND_BOOKING)
    assert [(item.subject, item.due_at) for item in due] == [(after.id, after.known_from)]
    assert store.appointment(tenant.id, after.id).moves == 1


@pytest.mark.requirement("SK-05")
def test_landed_facts_become_typed_parquet_with_balanced_accounts(tenant: Municipality, embedded: Embedded) -> None:
    for number in range(3):
        store_facts(tenant, f"{ID[:-1]}{number}")
    bootstrap.landing().sweep(tenant.id, ENDED + timedelta(hours=3))
    accounts = {a.table: a for a in bootstrap.compaction().run([tenant.id])}
    assert {table: a.rows_out for table, a in accounts.items()} == {
        "contacts": 3, "invitations": 3, "responses": 3, "answers": 15, "comments": 3,
    }  # fmt: skip
    assert all(a.balanced and a.landed_objects == 3 for a in accounts.values())
    for table in accounts:
        written = table_of(embedded, tenant, table)
        kinds = {
            field.name: str(field.type).replace("element: ", "").replace("item: ", "").replace("[day]", "")
            for field in written.schema
        }
        assert kinds == arrow_types(table)
        manifest = json.loads(body(embedded, manifest_key(table, tenant.id, MONTH)))
        assert (manifest["balanced"], manifest["rows_out"]) == (True, len(written))
    contacts = table_of(embedded, tenant, "contacts").to_pylist()
    assert (contacts[0]["waiting_seconds"], contacts[0]["reasons"]) == (300, ["passport"])
    assert contacts[0]["ended_at"].isoformat() == "2026-11-23T09:16:00"
    assert str(contacts[0]["local_date"]) == "2026-11-23"
    assert not list(bootstrap.compaction().run([tenant.id]))
    assert DynamoDbLakeMarks().find(tenant.id, REPORTS, MONTH).dirty


def test_files_are_snappy_with_statistics(tenant: Municipality, embedded: Embedded) -> None:
    store_facts(tenant)
    bootstrap.landing().sweep(tenant.id, ENDED + timedelta(hours=3))
    list(bootstrap.compaction().run([tenant.id]))
    metadata = pq.read_metadata(io.BytesIO(body(embedded, curated_key("contacts", tenant.id, MONTH))))
    columns = [metadata.row_group(0).column(i) for i in range(metadata.num_columns)]
    assert {column.compression for column in columns} == {"SNAPPY"}  # what the managed layer can write
    ended = next(column for column in columns if column.path_in_schema == "ended_at")
    assert ended.physical_type == "INT64"
    assert ended.statistics.has_min_max


def test_the_parquet_put_is_conditional(store: S3CuratedStore, tenant: Municipality) -> None:
    rows = list(a_landed(tenant, 1).rows)
    key = curated_key("responses", tenant.id, "2026-01")
    store.write_rows("responses", key, rows, None)
    with pytest.raises(Conflict):
        store.write_rows("responses", key, rows, None)
    token = store.token_of(key)
    store.write_rows("responses", key, [], token)
    with pytest.raises(Conflict):
        store.write_rows("responses", key, rows, token)


def test_compactions_at_once_lose_nothing(tenant: Municipality, lake: S3Lake, embedded: Embedded) -> None:
    marks = DynamoDbLakeMarks()

    def land(number: int) -> None:
        lake.land(a_landed(tenant, 1, f"S{number:025d}"))
        marks.touch(tenant.id, "responses", MONTH)
        service = CompactionService(
            store=S3CuratedStore(settings().lake_bucket, region=settings().region), marks=DynamoDbLakeMarks()
        )
        list(service.run([tenant.id]))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(land, range(12)))
    list(bootstrap.compaction().run([tenant.id]))
    written = table_of(embedded, tenant, "responses")
    assert written.column("contact_id").to_pylist() == [f"S{number:025d}" for number in range(12)]
    assert json.loads(body(embedded, manifest_key("responses", tenant.id, MONTH)))["rows_out"] == 12
