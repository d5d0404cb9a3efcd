"""The promise of the thanks page, kept: after an erasure nothing of the contact is left but what is kept on purpose (I9).

On the whole product: citizens book, are served, answer; the lake is compacted and counted. Then one after the other is
erased, by code, by link, by id, and with the process dying before every single write.
"""

from __future__ import annotations

import gzip
import io
import json
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

import pandas as pd
import pytest
from typer.testing import CliRunner

from chalicelib import bootstrap
from chalicelib.adapters.booking.dynamodb_booking import DynamoDbBookings
from chalicelib.adapters.booking.dynamodb_find_attempts import DynamoDbFindAttempts
from chalicelib.adapters.citizens.dynamodb_erasure import DynamoDbSubjectRows
from chalicelib.adapters.citizens.s3_erasure import S3SubjectLake
from chalicelib.adapters.citizens.standing_promises import StandingPromises
from chalicelib.adapters.lake.dynamodb_lake_marks import DynamoDbLakeMarks
from chalicelib.adapters.lake.s3_lake import S3Lake
from chalicelib.adapters.tables import connection
from chalicelib.contacts.document import to_document
from chalicelib.contacts.erasure import ErasureService
from chalicelib.lake.compaction import curated_key
from chalicelib.lake.landing import Fact, contact_objects, landing_prefix
from chalicelib.lake.schemas import LANDED
from chalicelib.settings import settings
from chalicelib.shared.errors import InvalidInput, NotFound, WrongState
from cli.main import app
from tests.builders import a_contact
from tests.e2e.walk import OFFICE, M, Walk, every_object
from tests.fakes.dispatch_store import Crash, Fuse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.product import Product

DAY, MONTH = "2026-11-23", "2026-11"
_DEATHS = 17
_WRITES = {"TransactWriteItems", "UpdateItem", "PutItem", "DeleteItem", "DeleteObject"}
_COMMENT = "Rolig betjening, fin udsigt"


class Citizen:
    """Somebody who booked, was served and answered."""

    def __init__(self, number: int, booked: dict[str, str]) -> None:
        self.phone, self.id, self.code = phone(number), booked["id"], booked["code"]


def phone(number: int) -> str:
    return f"+45201155{number:02d}"


@pytest.fixture(scope="module")
def walk(product: Product) -> Walk:
    walk = Walk(product.url)
    walk.set_clock(f"{DAY}T08:00:00+01:00")
    return walk


@pytest.fixture(scope="module")
def citizens(walk: Walk) -> list[Citizen]:
    starts = walk.free(DAY)
    booked = [Citizen(n, walk.book(phone(n), start=starts[n])) for n in range(_DEATHS + 5)]
    walk.set_clock(starts[0])
    for citizen in booked:
        walk.serve(citizen.code, wait=1, service=3)
    walk.tick()
    for citizen in booked:
        walk.answer(walk.survey_token(citizen.phone), comment=f"{_COMMENT} {citizen.phone[-2:]}.")
    walk.advance(70)
    walk.tick()
    return booked


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, [*arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def rows_with(product: Product, *texts: str) -> dict[str, list[str]]:
    """The sort keys of all rows that hold one of the texts, by table."""
    dynamodb, found = product.client("dynamodb"), dict[str, list[str]]()
    for name in dynamodb.list_tables()["TableNames"]:
        for page in dynamodb.get_paginator("scan").paginate(TableName=name):
            for item in page["Items"]:
                if any(text in json.dumps(item, ensure_ascii=False) for text in texts):
                    found.setdefault(name.rsplit("borgerpuls-local-", 1)[-1], []).append(item["sk"]["S"])
    return found


def objects_with(product: Product, *texts: str) -> list[str]:
    return [
        name
        for name, content in every_object(product).items()
        if any(text.encode() in _readable(name, content) for text in texts)
    ]


def _readable(name: str, content: bytes) -> bytes:
    if name.endswith(".parquet"):
        return pd.read_parquet(io.BytesIO(content)).to_csv().encode()
    return gzip.decompress(content) if name.endswith(".gz") else content


def finished(walk: Walk) -> int:
    cells = walk.get(f"{M}/reports/overview?period={MONTH}", **walk.as_role("leader"))["cells"]
    found = [c for c in cells if (c["dimension"], c["question"], c["measure"]) == ("all", "satisfaction", "mean")]
    return int(found[0]["n"])


def nothing_is_left_of(product: Product, citizen: Citizen) -> None:
    rows = rows_with(product, citizen.id, citizen.code, citizen.phone)
    assert set(rows) == {"consents", "lake-marks"}
    assert all(sk.startswith("survey_sms#") for sk in rows["consents"])
    assert {sk.rsplit("#", 1)[-1] for sk in rows["consents"]} == {"granted", "withdrawn"}
    assert rows["lake-marks"] == [MONTH] * len(LANDED)
    comment = f"{_COMMENT} {citizen.phone[-2:]}."
    files = [name for name in objects_with(product, citizen.id, comment) if "lake" in name]
    assert files == []


def test_erased_by_code_nothing_is_left_and_nobody_else_is_touched(
    walk: Walk, product: Product, citizens: list[Citizen]
) -> None:
    gone, stays = citizens[-1], citizens[-2]
    before = rows_with(product, stays.id), objects_with(product, stays.id)
    assert {"appointments", "visits", "contacts", "consents", "invitations", "responses", "links"} <= set(before[0])
    assert sum("/landing/" in name for name in before[1]) == sum(".parquet" in name for name in before[1]) == 5
    asked = finished(walk)
    DynamoDbFindAttempts().count("fjordby", gone.code, datetime(2026, 11, 23, 12, tzinfo=UTC))

    printed = run("erase", "--municipality", "fjordby", "--code", gone.code.lower())
    for secret in (gone.code, gone.id, gone.phone[3:], _COMMENT):
        assert secret.lower() not in printed.lower()
    assert "responses 1" in printed
    assert "5 objects removed" in printed
    assert "consents: 2 rows: the proof of what was agreed to" in printed
    rows = rows_with(product, gone.id, gone.code)
    assert set(rows) <= {"appointments", "consents", "lake-marks"}, rows
    assert rows.get("appointments", []) in ([], ["request"])  # the answered request: 24 hours

    walk.advance(70)
    walk.tick()
    assert finished(walk) == asked - 1
    assert objects_with(product, gone.id) == []
    walk.advance(24 * 60)
    walk.tick()
    nothing_is_left_of(product, gone)
    landed_meanwhile = [name for name in objects_with(product, stays.id) if "/bookings/" in name]  # the day is over
    assert landed_meanwhile
    assert sorted({*objects_with(product, stays.id)} - {*landed_meanwhile}) == sorted(before[1])
    after = rows_with(product, stays.id)
    passed = {"capacity", "work"}  # time removes these
    assert {k: sorted(v) for k, v in after.items() if k not in passed} == {
        k: sorted(sk for sk in v if sk != "request") for k, v in before[0].items() if k not in passed
    }

    assert "nothing is held under that code" in run("erase", "--municipality", "fjordby", "--code", gone.code)
    assert "nothing was left to erase" in run("erase", "--municipality", "fjordby", "--contact", gone.id)


class Dying:
    """Erasures of this thread die before the n-th write to DynamoDB or S3, as a killed process does."""

    def __init__(self) -> None:
        self.fuse, self._thread = Fuse(), threading.get_ident()
        self._lake = S3SubjectLake(settings().lake_bucket, region=settings().region)
        self.service = ErasureService(
            rows=DynamoDbSubjectRows(bootstrap.keys, lambda _: [OFFICE]),
            lake=self._lake,
            standing=StandingPromises(
                bootstrap.booking(), DynamoDbBookings(), bootstrap.consents(), bootstrap.municipalities()
            ),
            clock=bootstrap.clock,
        )

    def __enter__(self) -> Self:
        for client in (connection().client, self._lake._client):
            client.meta.events.register("before-call", self._before)
        return self

    def __exit__(self, *_: object) -> None:
        for client in (connection().client, self._lake._client):
            client.meta.events.unregister("before-call", self._before)

    def _before(self, model: Any, **_: Any) -> None:
        if model.name in _WRITES and threading.get_ident() == self._thread:
            self.fuse.point()


def test_killed_before_any_write_the_next_run_completes(walk: Walk, product: Product, citizens: list[Citizen]) -> None:
    with Dying() as dying:
        for step, citizen in enumerate(citizens[:_DEATHS]):
            dying.fuse.left, dying.fuse.passed = step, 0
            try:
                dying.service.erase("fjordby", citizen.id)
            except Crash:
                assert step < _DEATHS - 1
            else:
                # Once the day is over its booking has landed too: one object more to remove.
                assert step >= _DEATHS - 2, f"there are only {dying.fuse.passed} writes"
                continue
            if step % 5 == 0:  # what had been compacted in between is no obstacle
                walk.advance(70)
                walk.tick()
            # By code as long as it leads somewhere: then nothing of the rest may be missing.
            if step % 2:
                assert "erased one contact" in run("erase", "--municipality", "fjordby", "--code", citizen.code)
            else:
                assert "erased one contact" in run("erase", "--municipality", "fjordby", "--contact", citizen.id)
    walk.advance(25 * 60)
    walk.tick()
    for citizen in citizens[:_DEATHS]:
        nothing_is_left_of(product, citizen)
    assert run("reconcile", "--municipality", "fjordby").count("adds up") >= 1


def test_what_lands_after_its_tombstone_does_not_come_back(walk: Walk, product: Product, citizens: list[Citizen]):
    citizen = citizens[-3]
    rows = bootstrap.erasure().export("fjordby", citizen.id)["tables"]
    late = contact_objects(Fact("fjordby", citizen.id, rows["contacts"][0]["document"]))[0]
    run("erase", "--municipality", "fjordby", "--code", citizen.code)
    assert S3Lake(settings().lake_bucket, region=settings().region).land(late)
    DynamoDbLakeMarks().touch("fjordby", "contacts", MONTH)
    walk.advance(70)
    walk.tick()
    assert [name for name in objects_with(product, citizen.id) if "/landing/" not in name] == []
    assert "1 objects removed" in run("erase", "--municipality", "fjordby", "--contact", citizen.id)
    assert objects_with(product, citizen.id) == []


def test_the_export_holds_everything_under_one_contact(citizens: list[Citizen]) -> None:
    citizen, other = citizens[-4], citizens[-5]
    text = run("export-subject", "--municipality", "fjordby", "--code", citizen.code)
    held = json.loads(text)
    assert set(held["tables"]) >= {
        "appointments",
        "visits",
        "contacts",
        "consents",
        "invitations",
        "responses",
        "links",
    }
    assert held["tables"]["responses"][0]["document"]["answers"]["satisfaction"] == 9
    landed = held["lake"][MONTH]
    assert {table: len(lines) > 0 for table, lines in landed.items()} == dict.fromkeys(landed, True)
    assert landed["comments"][0]["text"].startswith(_COMMENT)
    assert other.id not in text
    with pytest.raises(NotFound):
        run("export-subject", "--municipality", "sandholm", "--code", citizen.code)
    with pytest.raises(InvalidInput):
        run("export-subject", "--municipality", "fjordby")


def test_a_time_to_come_is_cancelled_and_free_again(walk: Walk, product: Product, citizens: list[Citizen]) -> None:
    walk.set_clock("2026-12-01T09:00:00+01:00")
    start = walk.free("2026-12-02")[0]
    booked = walk.book("+4520116601", start=start)
    walk.tick()
    for _ in range(2):
        run("erase", "--municipality", "fjordby", "--contact", booked["id"])
    rows = rows_with(product, booked["id"], booked["code"], "20116601")
    assert set(rows) == {"appointments", "consents"}
    assert rows["appointments"] == ["request"]
    assert start in walk.free("2026-12-02")
    assert walk.call("GET", f"/fjordby/appointments/{booked['manage_url'].rsplit('/', 1)[1]}").status == 404


def test_a_walk_in_is_erased_by_the_link_and_not_while_being_served(walk: Walk, product: Product) -> None:
    walk.set_clock("2026-12-03T10:00:00+01:00")
    desk, number = walk.as_role("desk"), "+4520116602"
    asked = {"granted": True, "text_version": "2026-1"}
    ticket = {"office": OFFICE, "reasons": ["passport"], "phone": number, "language": "da", "survey_consent": asked}
    visit = walk.post(f"{M}/visits", ticket, status=201, Idempotency_Key="walk-in", **desk)["visit_id"]
    walk.post(f"{M}/offices/{OFFICE}/call-next", {"desk": "1"}, Idempotency_Key="call", **desk)
    walk.post(f"{M}/visits/{visit}/start", **desk)
    with pytest.raises(WrongState):
        run("erase", "--municipality", "fjordby", "--contact", visit)
    walk.advance(5)
    walk.post(f"{M}/visits/{visit}/complete", **desk)
    walk.tick()
    text = walk.sms(number)[-1]["text"]
    link = next(word for word in text.split() if "/s/" in word)
    subject = visit.rsplit(".", 1)[1]
    assert "nothing is held" in run("erase", "--municipality", "sandholm", "--code", link)
    assert "#request#" in "".join(rows_with(product, subject)["visits"])
    assert "erased one contact" in run("erase", "--municipality", "fjordby", "--code", link)
    rows = rows_with(product, subject, number)
    assert set(rows) == {"consents", "lake-marks"}
    token = link.rsplit("/", 1)[1]
    assert walk.call("GET", f"/api/v1/surveys/{token}").status == 404


def test_a_contact_of_a_bulk_load_leaves_the_files(walk: Walk, product: Product) -> None:
    month, ids = "2025-03", ("01JQ0000000000000000000001", "01JQ0000000000000000000002")
    facts = [to_document(a_contact(id=one)) | {"ended_at": "2025-03-28T09:30:00Z"} for one in ids]
    bodies = [contact_objects(Fact("fjordby", one, fact))[0].body for one, fact in zip(ids, facts, strict=True)]
    key = f"{landing_prefix('contacts', 'fjordby', month)}demo-000.json"
    product.client("s3").put_object(Bucket=settings().lake_bucket, Key=key, Body=b"".join(bodies))
    DynamoDbLakeMarks().touch("fjordby", "contacts", month)
    walk.advance(70)
    walk.tick()
    assert json.loads(run("export-subject", "--municipality", "fjordby", "--contact", ids[0]))["lake"][month][
        "contacts"
    ]
    assert f"tombstones in {month}" in run("erase", "--municipality", "fjordby", "--contact", ids[0])
    walk.advance(70)
    walk.tick()
    body = every_object(product)[f"{settings().lake_bucket}/{curated_key('contacts', 'fjordby', month)}"]
    assert list(pd.read_parquet(io.BytesIO(body))["contact_id"]) == [ids[1]]


@pytest.fixture(autouse=True)
def _quiet(citizens: list[Citizen], capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """No phone number, code or answer in anything that is logged."""
    yield
    printed = "".join(capfd.readouterr())
    assert not [secret for secret in ("+452011", _COMMENT, *(c.code for c in citizens)) if secret in printed]
