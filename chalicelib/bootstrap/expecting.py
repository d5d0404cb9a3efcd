"""What is expected to come."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.bootstrap.core import clock
from chalicelib.settings import settings

if TYPE_CHECKING:
    from chalicelib.adapters.expectations.shown_traffic import ShownTraffic
    from chalicelib.expectations.service import Expectations


@cache
def expectations() -> Expectations:
    """Estimates of contacts, and what came."""
    from chalicelib.adapters.expectations.dynamodb_estimates import DynamoDbEstimates
    from chalicelib.expectations.service import Expectations

    return Expectations(store=DynamoDbEstimates(), traffic=_traffic, clock=clock)


@cache
def _traffic() -> ShownTraffic:
    from chalicelib.adapters.expectations.shown_traffic import ShownTraffic
    from chalicelib.adapters.lake.s3_report_cells import S3ReportCells

    return ShownTraffic(cells=S3ReportCells(settings().lake_bucket, region=settings().region), clock=clock)
