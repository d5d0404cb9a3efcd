"""Puts the invented history where real history would be: landed lines, Parquet with its accounts, then the reports.

A partition that holds nothing yet gets its file and its accounts at once. Where real facts have landed, or the demo was
loaded before, only the lines are put and the partition is marked: compaction then merges both, as it always does.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import awswrangler as wr
import boto3

from chalicelib import bootstrap
from chalicelib.adapters.lake.compaction import S3CuratedStore
from chalicelib.adapters.lake.dynamodb_lake_marks import DynamoDbLakeMarks
from chalicelib.adapters.lake.s3_lake import JSON_LINES, S3Lake
from chalicelib.lake.compaction import REPORTS, Accounts, curated_key
from chalicelib.lake.landing import landing_prefix
from chalicelib.lake.schemas import VERSIONS
from chalicelib.settings import settings
from demo.actions import write_actions
from demo.appointments import fill_diary
from demo.comment_work import work_on_comments
from demo.expectations import write_estimates
from demo.history import VERSION, history, landed_lines, partitions
from demo.operations import note_alternatives, note_outages, note_senders
from demo.waves import OWNER, load_waves

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import pandas as pd

    from chalicelib.municipalities.model import Municipality

OBJECT: Final = "demo-000"
_THREADS: Final = 4

Report = Callable[[int, int, str], None]
"""Called with how many steps are done, how many there are, and what is being done."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one municipality got."""

    municipality: str
    rows: dict[str, int]
    periods: int
    appointments: int


@dataclass(frozen=True, slots=True)
class _Part:
    """One table's rows of one month."""

    municipality: str
    table: str
    month: str
    rows: pd.DataFrame

    @property
    def prefix(self) -> str:
        return landing_prefix(self.table, self.municipality, self.month)


def load(municipalities: Sequence[Municipality], now: datetime, report: Report) -> list[Loaded]:
    """Two years of history, the reports on them and a filled diary; doing it again changes nothing."""
    frames = {}
    for municipality in municipalities:
        report(0, 1, f"inventing {municipality.id}")
        frames[municipality.id] = history(municipality, now)
    parts = [
        _Part(name, table, month, rows)
        for name, tables in frames.items()
        for table, frame in tables.items()
        for month, rows in partitions(frame)
    ]
    for municipality in municipalities:
        note_outages(municipality, now)
        note_alternatives(municipality, now)
        note_senders(municipality, now)
    steps = len(parts) + 1
    _put_all(parts, lambda done, text: report(done, steps, text))
    report(steps, steps, "compacting what was not new")
    names = [municipality.id for municipality in municipalities]
    for _ in bootstrap.compaction().run(names):
        pass
    report(steps, steps, "counting the reports")
    periods = [counts.municipality for counts in bootstrap.report_refresh().run(names)]
    loaded = []
    for municipality in municipalities:
        report(steps, steps, f"filling the diary of {municipality.id}")
        rows = {table: len(frame) for table, frame in frames[municipality.id].items()}
        booked = fill_diary(municipality, now)
        loaded.append(Loaded(municipality.id, rows, periods.count(municipality.id), booked))
    for municipality in municipalities:
        if municipality.id == OWNER:
            load_waves()
            work_on_comments(municipality, now)
            write_actions(municipality, now)
            write_estimates(municipality.id, now)
    return loaded


def _put_all(parts: Sequence[_Part], tell: Callable[[int, str], None]) -> None:
    bucket, region = settings().lake_bucket, settings().region
    lake, store, marks = S3Lake(bucket, region=region), S3CuratedStore(bucket, region=region), DynamoDbLakeMarks()
    occupied = _occupied(bucket, {(part.table, part.municipality) for part in parts})

    def put(part: _Part) -> _Part:
        lake.put_versioned(
            f"{part.prefix}{OBJECT}.json", landed_lines(part.table, part.rows), VERSION, content_type=JSON_LINES
        )
        marks.touch(part.municipality, part.table, part.month)
        if part.prefix not in occupied:
            _write_file(part, store, marks)
        return part

    with ThreadPoolExecutor(_THREADS) as pool:
        for done, part in enumerate(pool.map(put, parts), start=1):
            tell(done, f"{part.municipality}: {part.table} {part.month}")


def _write_file(part: _Part, store: S3CuratedStore, marks: DynamoDbLakeMarks) -> None:
    """The steps of a compaction, in its order; only the reading of the lines that were just written is spared."""
    mark = marks.find(part.municipality, part.table, part.month)
    key = curated_key(part.table, part.municipality, part.month)
    store.write_frame(part.table, key, part.rows, store.token_of(key))
    store.account(
        Accounts(
            table=part.table,
            municipality=part.municipality,
            month=part.month,
            mark_version=mark.version,
            schema_version=VERSIONS[part.table],
            landed_objects=1,
            rows_in=len(part.rows),
            rejected=0,
            superseded=0,
            tombstoned=0,
            rows_out=len(part.rows),
        )
    )
    if part.table == "contacts":  # every month has contacts: one touch of its report is enough
        marks.touch(part.municipality, REPORTS, part.month)
    marks.finish(mark)


def _occupied(bucket: str, tables: set[tuple[str, str]]) -> set[str]:
    """The prefixes of partitions in which something has landed."""
    session = boto3.Session(region_name=settings().region)
    start = len(f"s3://{bucket}/")
    return {
        path[start:].rpartition("/")[0] + "/"
        for table, municipality in tables
        for path in wr.s3.list_objects(
            f"s3://{bucket}/landing/{table}/municipality={municipality}/", boto3_session=session
        )
    }
