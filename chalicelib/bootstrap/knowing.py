"""The lake and the reports."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.bootstrap.asking import questionnaires
from chalicelib.bootstrap.citizens import alternative_counts
from chalicelib.bootstrap.core import clock, keys, municipalities, pending_work
from chalicelib.settings import settings

if TYPE_CHECKING:
    from chalicelib.adapters.lake.report_refresh import ReportRefresh
    from chalicelib.adapters.lake.s3_waves import S3Waves
    from chalicelib.lake.compaction import CompactionService
    from chalicelib.lake.service import LandingService
    from chalicelib.reporting.service import ReportService


@cache
def landing() -> LandingService:
    """Facts and answers on their way into the lake."""
    from chalicelib.adapters.lake.dynamodb_lake_marks import DynamoDbLakeMarks
    from chalicelib.adapters.lake.lake_facts import DynamoDbFacts
    from chalicelib.adapters.lake.s3_lake import S3Lake
    from chalicelib.lake.service import LandingService

    return LandingService(
        facts=DynamoDbFacts(keys),
        lake=S3Lake(settings().lake_bucket, region=settings().region),
        marks=DynamoDbLakeMarks(),
        clock=clock,
        work=pending_work(),
    )


@cache
def compaction() -> CompactionService:
    """Rebuilds the lake's files. Loads pandas: analytics functions only."""
    from chalicelib.adapters.lake.compaction import S3CuratedStore
    from chalicelib.adapters.lake.dynamodb_lake_marks import DynamoDbLakeMarks
    from chalicelib.lake.compaction import CompactionService

    return CompactionService(
        store=S3CuratedStore(settings().lake_bucket, region=settings().region), marks=DynamoDbLakeMarks()
    )


@cache
def report_refresh() -> ReportRefresh:
    """Counts the periods that changed. Loads pandas: analytics functions only."""
    from chalicelib.adapters.lake.athena_queries import AthenaQueries
    from chalicelib.adapters.lake.compaction import S3CuratedStore
    from chalicelib.adapters.lake.dynamodb_lake_marks import DynamoDbLakeMarks
    from chalicelib.adapters.lake.report_refresh import ReportRefresh
    from chalicelib.adapters.lake.s3_lake import S3Lake

    known = settings()
    return ReportRefresh(
        queries=AthenaQueries(workgroup=known.athena_workgroup, database=known.glue_database, region=known.region),
        lake=S3Lake(known.lake_bucket, region=known.region),
        files=S3CuratedStore(known.lake_bucket, region=known.region),
        marks=DynamoDbLakeMarks(),
        municipalities=municipalities(),
        questionnaires=questionnaires(),
        offered=alternative_counts(),
        clock=clock,
    )


@cache
def reports() -> ReportService:
    """Stored report cells, read without Athena."""
    from chalicelib.adapters.lake.s3_report_cells import S3ReportCells
    from chalicelib.reporting.service import ReportService

    return ReportService(cells=S3ReportCells(settings().lake_bucket, region=settings().region), clock=clock)


@cache
def waves() -> S3Waves:
    """Surveys that were made elsewhere or earlier."""
    from chalicelib.adapters.lake.s3_waves import S3Waves

    return S3Waves(settings().lake_bucket, region=settings().region)
