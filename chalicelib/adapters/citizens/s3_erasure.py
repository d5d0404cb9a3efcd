"""One contact in the lake: its landed objects on S3 and its tombstones in the marks.

Parquet files, manifests and reports are not touched here: they are rebuilt from what landed, without the contact, by
the compaction and the refresh that a tombstone causes.
"""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from chalicelib.adapters.lake.dynamodb_lake_marks import DynamoDbLakeMarks
from chalicelib.adapters.lake.s3_lake import S3Lake, s3_client
from chalicelib.adapters.tables import LakeMarkItem, bound
from chalicelib.lake.landing import landing_prefix
from chalicelib.lake.schemas import LANDED

if TYPE_CHECKING:
    from collections.abc import Iterator

_SINGLE: Final = re.compile(r"[0-9A-Z]{26}\.json")
"""The object of one contact; any other name is a bulk load's."""


class S3SubjectLake:
    """`SubjectLake` on the lake's bucket and the marks table."""

    def __init__(self, bucket: str, *, region: str) -> None:
        self._bucket = bucket
        self._region = region
        self._lake = S3Lake(bucket, region=region)
        self._marks = DynamoDbLakeMarks()

    @cached_property
    def _client(self) -> Any:
        return s3_client(self._region)

    def months(self, municipality: str, contact_id: str, hinted: frozenset[str]) -> frozenset[str]:
        """Tombstones tell an interrupted run where it was; only a contact without any trace is searched for."""
        model = bound(LakeMarkItem)
        marks = [row for table in LANDED for row in model.query(f"{municipality}#{table}", consistent_read=True)]
        buried = {str(row.sk) for row in marks if contact_id in (row.tombstones or ())}
        if hinted or buried:
            return hinted | buried
        months = sorted({str(row.sk) for row in marks}, reverse=True)
        return frozenset(month for month in months if self._has_line(municipality, month, contact_id))

    def bury(self, municipality: str, month: str, contact_id: str) -> int:
        """A tombstone in every table's mark, which also makes the partition dirty; how many are new."""
        marks = (self._marks.find(municipality, table, month) for table in LANDED)
        new = [mark.table for mark in marks if contact_id not in mark.tombstones]
        for table in new:
            self._marks.bury(municipality, table, month, contact_id)
        return len(new)

    def remove(self, municipality: str, month: str, contact_id: str) -> int:
        """The contact's landed objects are gone; how many there were."""
        removed = 0
        for table in LANDED:
            key = f"{landing_prefix(table, municipality, month)}{contact_id}.json"
            if self._lake.get(key) is not None:
                self._client.delete_object(Bucket=self._bucket, Key=key)
                removed += 1
        return removed

    def rows(self, municipality: str, month: str, contact_id: str) -> dict[str, list[dict[str, Any]]]:
        """The contact's landed lines by table, those of bulk loads too."""
        return {table: list(self._lines(table, municipality, month, contact_id)) for table in LANDED}

    def _has_line(self, municipality: str, month: str, contact_id: str) -> bool:
        """An appointment that came to nothing is in no other table than its own."""
        tables = ("contacts", "bookings")
        return any(True for table in tables for _ in self._lines(table, municipality, month, contact_id))

    def _lines(self, table: str, municipality: str, month: str, contact_id: str) -> Iterator[dict[str, Any]]:
        prefix = landing_prefix(table, municipality, month)
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        names = (item["Key"].removeprefix(prefix) for page in pages for item in page.get("Contents", ()))
        wanted = contact_id.encode()
        for name in names:
            if name != f"{contact_id}.json" and _SINGLE.fullmatch(name):
                continue
            body = self._lake.get(prefix + name) or b""
            lines = (json.loads(line) for line in body.splitlines() if wanted in line)
            yield from (line for line in lines if line["contact_id"] == contact_id)
