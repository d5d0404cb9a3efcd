"""The demo on the embedded AWS: lines, files, accounts, reports and a diary; and loading it twice."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chalicelib import bootstrap
from chalicelib.lake.compaction import curated_key, manifest_key
from chalicelib.lake.schemas import LANDED
from chalicelib.settings import settings
from chalicelib.shared.clock import SystemClock
from cli import demo
from cli.municipality_file import read_file
from demo.appointments import fill_diary
from local.athena import AthenaEndpoint
from local.environment import activated
from tests.builders import MONDAY, FixedClock
from tests.embedded import store_municipality

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.municipalities.model import Municipality
    from tests.embedded import Embedded

FILE = Path(__file__).parents[2] / "demo" / "sandholm.yaml"


@pytest.fixture(scope="module")
def athena(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    endpoint = AthenaEndpoint(
        embedded.endpoint, tmp_path_factory.mktemp("athena"), results=embedded.outputs["ResultsBucket"]
    )
    endpoint.start()
    try:
        with activated({"AWS_ENDPOINT_URL_ATHENA": endpoint.url}):
            store_municipality(read_file(FILE))
            yield
    finally:
        endpoint.stop()


def stored(embedded: Embedded, key: str) -> bytes:
    return bytes(embedded.client("s3").get_object(Bucket=settings().lake_bucket, Key=key)["Body"].read())


@pytest.mark.unwatched
@pytest.mark.usefixtures("athena")
def test_history_is_there_and_loading_it_again_changes_nothing(embedded: Embedded) -> None:
    from demo.loading import load

    municipality, now = bootstrap.municipalities().get("sandholm"), datetime.now(UTC)
    steps: list[tuple[int, int, str]] = []
    (loaded,) = load([municipality], now, lambda *step: steps.append(step))
    assert loaded.periods == 25
    assert loaded.appointments > 0
    assert all(done <= total for done, total, _ in steps)
    month = bootstrap.reports().periods("sandholm")[5]
    manifests = {table: json.loads(stored(embedded, manifest_key(table, "sandholm", month))) for table in LANDED}
    assert all(m["balanced"] and m["rows_out"] > 0 for m in manifests.values())
    assert (
        manifests["responses"]["rows_out"] <= manifests["invitations"]["rows_out"] == manifests["contacts"]["rows_out"]
    )
    before = {table: stored(embedded, curated_key(table, "sandholm", month)) for table in LANDED}
    report = bootstrap.reports().overview(municipality)
    assert report is not None
    assert report.cells

    load([municipality], now, lambda *_: None)
    assert {table: stored(embedded, curated_key(table, "sandholm", month)) for table in LANDED} == before
    assert f"{loaded.periods} months" in demo.summary(loaded)


@pytest.fixture
def monday_morning(embedded: Embedded) -> Iterator[None]:
    bootstrap.use_clock(FixedClock(MONDAY))
    yield
    bootstrap.use_clock(SystemClock())


@pytest.mark.usefixtures("monday_morning")
def test_on_an_open_day_somebody_sits_in_the_waiting_room(tenant: Municipality) -> None:
    booked = fill_diary(tenant, MONDAY)
    assert booked > 20
    visits = bootstrap.visits().queue(tenant, "raadhuset").visits
    assert 0 < len(visits) <= booked
    assert fill_diary(tenant, MONDAY) == booked
    assert bootstrap.visits().queue(tenant, "raadhuset").visits == visits


def test_a_real_deployment_is_never_filled(own_stage: None) -> None:
    with pytest.raises(demo.NotHere):
        demo.load(now=MONDAY, progress=lambda _: None)


@pytest.fixture
def own_stage(embedded: Embedded) -> Iterator[None]:
    with activated({"BORGERPULS_STAGE": "production"}):
        yield
