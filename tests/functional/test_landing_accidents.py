"""Landing on the embedded DynamoDB, streams and S3, with an accident at every write (I5).

`tests/unit/test_landing_machine.py` does the same to fakes in random order; here the table names the places. Stream events
come again, in reverse order or never: every contact, invitation and response is in S3 once, as it was last, in Parquet
once, and the equation adds up.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from chalicelib import bootstrap
from chalicelib.adapters.citizens.dynamodb_contacts import DynamoDbContacts
from chalicelib.adapters.lake.dynamodb_lake_marks import DynamoDbLakeMarks
from chalicelib.adapters.lake.lake_facts import DynamoDbFacts
from chalicelib.lake.compaction import curated_key, manifest_key
from chalicelib.lake.landing import contact_objects, invitation_objects, response_objects
from chalicelib.settings import settings
from chalicelib.shared.clock import month_of
from chalicelib.shared.errors import AlreadyAnswered
from chalicelib.shared.hashing import link_token
from chalicelib.shared.identifiers import ContactId, new_ulid
from chalicelib.shared.phone import PhoneNumber
from chalicelib.shared.work import WorkItem, WorkKind
from tests.accidents import Accident
from tests.builders import a_contact, a_municipality_document
from tests.embedded import store_municipality

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.accidents import Fate, Platform
    from tests.builders import FixedClock
    from tests.embedded import Embedded

pytestmark = pytest.mark.unwatched

SOURCES = {
    WorkKind.LAND_CONTACT: contact_objects,
    WorkKind.LAND_INVITATION: invitation_objects,
    WorkKind.LAND_RESPONSE: response_objects,
}
TABLES = ["answers", "comments", "contacts", "invitations", "responses"]
ANSWERS = {"satisfaction": 8, "friendliness": 9, "got-answer": "yes", "clear-information": "high", "comment": "Fint."}
_NUMBERS = count(1)

# One object, one mark and the end of the work for each table that a fact lands in: three for a finished response.
ONE = ("PutObject", 1), ("UpdateItem", 1), ("DeleteItem", 1)
THREE = tuple((operation, n) for n in (1, 2, 3) for operation in ("PutObject", "UpdateItem"))
PLACES = [
    *(Accident("land_contact", *place) for place in ONE),
    Accident("land_invitation", "UpdateItem"),
    *(Accident("land_response", *place) for place in (*THREE, ("DeleteItem", 1))),
]
LOST = [
    Accident("land_invitation", "DeleteItem", lost=True),
    *(Accident("land_response", *place, lost=True) for place in (("PutObject", 2), ("UpdateItem", 2))),
]
IN_THE_SWEEP = [Accident("sweep", *place) for place in (*THREE[2:5], ("DeleteItem", 1))]
IN_THE_REBUILD = [Accident("compact_lake", *place) for place in (("PutObject", 1), ("PutObject", 2), ("UpdateItem", 2))]


@dataclass
class Citizen:
    """Somebody who was served, is asked, and answers."""

    embedded: Embedded
    platform: Platform
    clock: FixedClock
    number: int = field(default_factory=lambda: next(_NUMBERS))

    def __post_init__(self) -> None:
        self.municipality = store_municipality(a_municipality_document(id=f"landby{self.number}")).id
        self.contact = a_contact(
            id=ContactId(new_ulid(self.clock.now())), municipality=self.municipality, arrived_at=self.clock.now()
        )

    def leave(self) -> None:
        """The contact, its consent and its work, in the product's own transaction."""
        self.clock.advance(minutes=16)
        contact, phone = self.contact, PhoneNumber(f"+4552{self.number:06d}")
        payload = {"phone": phone.reveal(), "language": contact.language, "code": None}
        work = [
            WorkItem(self.municipality, WorkKind.DECIDE, contact.id, contact.ended_at, payload),
            WorkItem(self.municipality, WorkKind.LAND_CONTACT, contact.id, contact.ended_at),
        ]
        assert DynamoDbContacts(bootstrap.keys, bootstrap.clock).add(contact, work, phone)
        self.platform.flow()

    def answer(self) -> None:
        """Some answers, another one, and the end."""
        token = link_token(bootstrap.keys(), "survey", f"{self.municipality}|{self.contact.id}")
        bootstrap.surveys().save(token, {"satisfaction": 3})
        bootstrap.surveys().finish(token, ANSWERS)
        with pytest.raises(AlreadyAnswered):
            bootstrap.surveys().finish(token, ANSWERS)

    def everything_again(self) -> None:
        """A quiet minute, then every event once more, the last one first."""
        self.clock.advance(minutes=2)
        self.platform.sweep(self.municipality)
        self.platform.flow()
        self.platform.happens_again()

    def landed(self) -> dict[str, bytes]:
        """Every object of the landing area that is this citizen's, wherever it stands."""
        objects, bucket = self.embedded.client("s3"), settings().lake_bucket
        pages = objects.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="landing/")
        keys = [item["Key"] for page in pages for item in page.get("Contents", ()) if self.contact.id in item["Key"]]
        return {key: objects.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}

    def is_landed_once(self) -> bool:
        """What the lake holds is what the tables hold now, in one object each, marked; no work is left, I5 adds up."""
        wanted: dict[str, bytes] = {}
        for kind, objects_of in SOURCES.items():
            fact = DynamoDbFacts(bootstrap.keys).find(kind, self.municipality, self.contact.id)
            assert fact is not None
            wanted |= {landed.key: landed.body for landed in objects_of(fact)}
        assert self.landed() == wanted
        later = self.clock.now() + timedelta(days=365)
        left = {item.kind for item in bootstrap.pending_work().due(self.municipality, later)}
        assert not left & SOURCES.keys()
        marks, month = DynamoDbLakeMarks(), month_of(self.contact.ended_at)
        assert all(marks.find(self.municipality, table, month).dirty for table in tables_of([*wanted]))
        equation = bootstrap.reconciliation().equation(self.municipality, month, later)
        return equation.adds_up and equation.completed == equation.invited == 1


@pytest.fixture
def citizen(embedded: Embedded, platform: Platform, still_clock: FixedClock) -> Citizen:
    return Citizen(embedded, platform.forget(), still_clock)


def tables_of(keys: Sequence[str]) -> list[str]:
    return sorted(key.split("/")[1] for key in keys)


@pytest.mark.requirement("I5")
@pytest.mark.parametrize("accident", [*PLACES, *LOST], ids=str)
def test_what_the_stream_brings_lands_once(citizen: Citizen, fate: Fate, accident: Accident) -> None:
    about_answers = accident.function == "land_response"
    if not about_answers:
        fate.send(accident)
    citizen.leave()
    citizen.answer()
    if about_answers:
        fate.send(accident)
    citizen.platform.flow()
    assert fate.accident is None, "a place that nobody passes tests nothing"
    assert citizen.is_landed_once()
    citizen.everything_again()
    assert citizen.is_landed_once()
    assert tables_of([*citizen.landed()]) == TABLES


@pytest.mark.requirement("I5")
@pytest.mark.parametrize("accident", IN_THE_SWEEP, ids=str)
def test_what_the_stream_loses_the_sweep_lands_once(citizen: Citizen, fate: Fate, accident: Accident) -> None:
    citizen.leave()
    citizen.answer()
    citizen.platform.is_lossy = True
    citizen.platform.flow()
    citizen.platform.is_lossy = False
    assert tables_of([*citizen.landed()]) == ["contacts", "invitations"]
    citizen.clock.advance(minutes=2)
    fate.send(accident)
    citizen.platform.sweep(citizen.municipality)
    assert fate.accident is None, "a place that nobody passes tests nothing"
    citizen.everything_again()
    assert citizen.is_landed_once()
    assert tables_of([*citizen.landed()]) == TABLES


@pytest.mark.parametrize("accident", IN_THE_REBUILD, ids=str)
def test_a_rebuild_that_dies_is_done_again_and_holds_each_response_once(
    citizen: Citizen, fate: Fate, accident: Accident
) -> None:
    citizen.leave()
    citizen.answer()
    citizen.platform.flow()
    rebuild = lambda: list(bootstrap.compaction().run([citizen.municipality]))  # noqa: E731
    fate.send(accident)
    assert not citizen.platform.task("compact_lake", rebuild)
    citizen.platform.happens_again()
    assert citizen.platform.task("compact_lake", rebuild)
    assert citizen.platform.task("compact_lake", rebuild)
    for table in TABLES:
        place = (table, citizen.municipality, month_of(citizen.contact.ended_at))
        objects, bucket = citizen.embedded.client("s3"), settings().lake_bucket
        file = objects.get_object(Bucket=bucket, Key=curated_key(*place))["Body"].read()
        rows = pq.read_table(io.BytesIO(file)).to_pylist()
        assert {row["contact_id"] for row in rows} == {citizen.contact.id}
        assert len(rows) == (len(ANSWERS) - 1 if table == "answers" else 1)
        accounts = json.loads(objects.get_object(Bucket=bucket, Key=manifest_key(*place))["Body"].read())
        assert (accounts["balanced"], accounts["rows_out"]) == (True, len(rows))
