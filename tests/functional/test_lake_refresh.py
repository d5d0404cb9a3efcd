"""From stored facts to the counts that pages read: stream event, landing, compaction, Athena, refresh; all real."""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pyarrow.parquet as pq
import pytest
from chalice.app import DynamoDBEvent
from typer.testing import CliRunner

from chalicelib import bootstrap
from chalicelib.adapters.lake.athena_queries import AthenaQueries, QueryFailed
from chalicelib.adapters.tables import ContactItem, ResponseItem, bound
from chalicelib.contacts.document import to_document
from chalicelib.entrypoints.events import analytics as analytics_events
from chalicelib.entrypoints.events import lake as lake_events
from chalicelib.lake.compaction import counts_key, curated_key
from chalicelib.settings import settings
from cli.main import app
from local.athena import AthenaEndpoint
from local.environment import activated
from tests.builders import a_contact, a_municipality_document
from tests.embedded import store_municipality
from tests.unit.test_landing import a_response

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.embedded import Embedded

ARRIVED = datetime(2025, 3, 28, 9, 0, tzinfo=UTC)
MONTH, NEXT = "2025-03", "2025-04"


@pytest.fixture(scope="module")
def athena(own_embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder: Path = tmp_path_factory.mktemp("athena")
    endpoint = AthenaEndpoint(own_embedded.endpoint, folder, results=own_embedded.outputs["ResultsBucket"])
    endpoint.start()
    try:
        with activated({"AWS_ENDPOINT_URL_ATHENA": endpoint.url}):
            store_municipality(a_municipality_document(id="fjordby"))
            yield
    finally:
        endpoint.stop()


def an_event(*images: dict[str, str], kind: str = "INSERT") -> DynamoDBEvent:
    """The envelope that Lambda gets from a stream."""
    records = [
        {
            "eventID": str(number),
            "eventName": kind,
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "eu-north-1",
            "dynamodb": {
                "Keys": {name: {"S": image[name]} for name in ("pk", "sk")},
                "NewImage": {name: {"S": value} for name, value in image.items()},
                "SequenceNumber": str(100 + number),
                "StreamViewType": "NEW_IMAGE",
                "ApproximateCreationDateTime": 1743152400,
                "SizeBytes": 100,
            },
            "eventSourceARN": "arn:aws:dynamodb:eu-north-1:000000000000:table/x/stream/y",
        }
        for number, image in enumerate(images)
    ]
    return DynamoDBEvent({"Records": records}, None)


def an_image(name: str, subject: str) -> dict[str, str]:
    return {"pk": f"fjordby#{name}#{subject}", "sk": name, "municipality": "fjordby", "contact_id": subject}


def store(subject: str, score: int, arrived: datetime = ARRIVED) -> None:
    contact = to_document(
        a_contact(
            id=subject,
            arrived_at=arrived,
            called_at=arrived + timedelta(minutes=7),
            served_at=arrived + timedelta(minutes=8),
            ended_at=arrived + timedelta(minutes=20),
        )
    )
    ids = {"municipality": "fjordby", "contact_id": subject}
    bound(ContactItem)(f"fjordby#contact#{subject}", "contact", document=contact, **ids).save()
    response = a_response(
        contact_ended_at=contact["ended_at"],
        answers={"satisfaction": score, "got-answer": "yes"},
        comments={"comment": f"Nummer {score}, \"tak\"; 'ok'\nlinje to"} if score == 9 else {},
    ).document
    bound(ResponseItem)(
        f"fjordby#response#{subject}", "response", state="finished", document=response, version=3, **ids
    ).save()


def stored(own_embedded: Embedded, key: str) -> bytes:
    return bytes(own_embedded.client("s3").get_object(Bucket=settings().lake_bucket, Key=key)["Body"].read())


def land(subjects: list[str]) -> None:
    contacts = lake_events.on_contacts(an_event(*(an_image("contact", s) for s in subjects)))
    responses = lake_events.on_responses(an_event(*(an_image("response", s) for s in subjects)))
    assert contacts == responses == {"batchItemFailures": []}


@pytest.mark.usefixtures("athena")
@pytest.mark.requirement("I5")
def test_a_finished_response_is_counted_once_however_often_its_event_comes(own_embedded: Embedded) -> None:
    subjects = [f"01JREFRESH{number:016d}" for number in range(6)]
    for number, subject in enumerate(subjects):
        store(subject, 9 if number < 4 else 2)
    land(subjects)
    land(subjects[:3])
    store("01JREFRESHNEXT000000000000", 5, ARRIVED + timedelta(days=6))
    land(["01JREFRESHNEXT000000000000"])

    totals = {"partitions": 8, "rows_out": 7 + 7 + 14 + 4, "rejected": 0, "unbalanced": 0}
    assert analytics_events.on_compact() == totals
    assert analytics_events.on_refresh() == {"periods": 2, "finished": 7}

    document = json.loads(gzip.decompress(stored(own_embedded, counts_key("fjordby", MONTH))))
    assert document["funnel"]["completed"] == document["funnel"]["finished"] == 6
    total = next(g for g in document["groups"] if (g["dimension"], g["question"]) == ("all", "satisfaction"))
    assert total["counts"] == {"2": 2, "9": 4}
    assert document["waiting"] == {"7": 6}
    assert document["comments"][0]["text"] == "Nummer 9, \"tak\"; 'ok'\nlinje to"
    assert (document["comments"][0]["week"], document["comments"][0]["score"]) == ("2025-W13", "9")

    cells = pq.read_table(io.BytesIO(stored(own_embedded, curated_key("report_cells", "fjordby", MONTH)))).to_pylist()
    by_office = [
        c for c in cells if (c["dimension"], c["question"], c["measure"]) == ("office", "satisfaction", "mean")
    ]
    assert [(c["label"], c["n"], c["base_status"]) for c in by_office] == [("Rådhuset", 6, "small")]
    suppressed = [c for c in cells if c["base_status"] == "suppressed"]
    assert all(c["n"] is None and c["count"] is None and c["share"] is None for c in suppressed)

    assert bootstrap.reports().periods("fjordby")[:2] == [MONTH, NEXT]
    assert analytics_events.on_compact()["partitions"] == 0
    assert analytics_events.on_refresh()["periods"] == 0


@pytest.mark.usefixtures("athena")
def test_a_fact_that_can_not_land_is_named_and_the_others_land() -> None:
    store("01JREFRESHGOOD000000000000", 9)
    subject = "01JREFRESHBAD0000000000000"
    ids = {"municipality": "fjordby", "contact_id": subject}
    bound(ContactItem)(f"fjordby#contact#{subject}", "contact", document={"id": subject}, **ids).save()
    event = an_event(an_image("contact", subject), an_image("contact", "01JREFRESHGOOD000000000000"))
    assert lake_events.on_contacts(event) == {"batchItemFailures": [{"itemIdentifier": "100"}]}


@pytest.mark.usefixtures("own_embedded")
def test_other_items_of_a_table_and_removals_are_passed_over() -> None:
    other: Any = an_image("invitation", "x") | {"sk": "2026-11-23T10:00:00Z"}
    assert lake_events.on_invitations(an_event(other)) == {"batchItemFailures": []}
    removal = an_event(an_image("invitation", "x"), kind="REMOVE")
    del removal.to_dict()["Records"][0]["dynamodb"]["NewImage"]
    assert lake_events.on_invitations(removal) == {"batchItemFailures": []}


@pytest.mark.usefixtures("athena")
def test_a_query_that_athena_refuses_says_so() -> None:
    queries = AthenaQueries(
        workgroup=settings().athena_workgroup, database=settings().glue_database, region=settings().region
    )
    with pytest.raises(QueryFailed):
        queries.rows("SELECT nothing FROM nowhere")
    assert queries.rows("SELECT ? AS text, 1 AS number", ["it's"]) == [{"text": "it's", "number": "1"}]


@pytest.mark.usefixtures("athena")
def test_a_query_that_takes_too_long_is_stopped() -> None:
    queries = AthenaQueries(
        workgroup=settings().athena_workgroup,
        database=settings().glue_database,
        region=settings().region,
        wait_seconds=0,
    )
    with pytest.raises(QueryFailed, match="not done"):
        queries.rows("SELECT 1 AS x")


@pytest.mark.usefixtures("athena")
def test_a_published_figure_is_counted_again_from_the_lake(own_embedded: Embedded) -> None:
    june = datetime(2025, 6, 10, 9, 0, tzinfo=UTC)
    subjects = [f"01JVERIFY0{number:016d}" for number in range(7)]
    for subject in subjects[:6]:
        store(subject, 9, june)
    land(subjects[:6])
    analytics_events.on_compact()
    analytics_events.on_refresh()
    said = CliRunner().invoke(
        app, ["report", "fjordby", "--period", "2025-06", "--compare", "none", "--language", "en"]
    )
    assert said.exit_code == 0, said.output
    assert "100% were satisfied in June 2025 (n = 6)." in said.output
    file = CliRunner().invoke(app, ["report", "fjordby", "--period", "2025-06", "--csv", "--language", "en"])
    assert file.output.startswith("period,compare,dimension")
    overview = bootstrap.reports().overview(bootstrap.municipalities().get("fjordby"), "2025-06", "none")
    assert overview is not None
    total = overview.total(overview.questions[0])
    assert total is not None
    finding = overview.address_of(total)
    assert finding is not None
    link = f"http://127.0.0.1/fjordby/reports/finding?{urlencode(finding.to_query())}"
    same = CliRunner().invoke(app, ["report", "--verify", link])
    assert (same.exit_code, same.output.splitlines()[-1]) == (0, "the same")
    store(subjects[6], 2, june)
    land(subjects[6:])
    analytics_events.on_compact()
    changed = CliRunner().invoke(app, ["report", "--verify", link])
    assert changed.exit_code == 1
    assert "published: 1.0000, n = 6" in changed.output
    assert "counted again from the lake" not in changed.output
    assert "the difference would tell whose" in changed.output
    gone = CliRunner().invoke(app, ["report", "--verify", link.replace(finding.data[0], "0" * 16)])
    assert gone.exit_code != 0


def test_a_report_needs_a_municipality_or_a_figure() -> None:
    assert CliRunner().invoke(app, ["report"]).exit_code == 2
