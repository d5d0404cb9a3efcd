"""The store of report counts: the fake and S3 keep the same promises."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.adapters.lake.s3_report_cells import S3ReportCells, cells_key
from chalicelib.settings import settings
from tests.fakes.reporting import InMemoryReportCells, counts, realistic_counts

if TYPE_CHECKING:
    from chalicelib.reporting.service import ReportCells

STORED = (
    replace(realistic_counts("2026-10"), municipality="cells-by"),
    counts(municipality="cells-by", period="2025-12"),
    counts(municipality="cells-by-2", period="2026-09"),
)


@pytest.fixture(params=["fake", "s3"])
def store(request: pytest.FixtureRequest) -> ReportCells:
    if request.param == "fake":
        return InMemoryReportCells(*STORED)
    objects: Any = request.getfixturevalue("embedded").client("s3")
    for each in STORED:
        body = gzip.compress(json.dumps(each.to_document()).encode())
        objects.put_object(Bucket=settings().lake_bucket, Key=cells_key(each.municipality, each.period), Body=body)
    return S3ReportCells(settings().lake_bucket, region=settings().region)


def test_periods_come_oldest_first_and_only_of_the_municipality(store: ReportCells) -> None:
    assert store.periods("cells-by") == ["2025-12", "2026-10"]
    assert store.periods("cells-by-2") == ["2026-09"]
    assert store.periods("cells-none") == []


def test_counts_come_back_as_they_were_stored(store: ReportCells) -> None:
    assert store.read("cells-by", "2026-10") == STORED[0]


def test_a_period_without_counts_is_none(store: ReportCells) -> None:
    assert store.read("cells-by", "2020-01") is None
    assert store.read("cells-by-2", "2026-10") is None
