"""Stored report counts in S3: one gzipped JSON object per municipality and period, written by the refresh job."""

from __future__ import annotations

import gzip
import json
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from chalicelib.adapters.lake.s3_lake import PAGE_SECONDS, s3_client
from chalicelib.lake.compaction import frozen_key
from chalicelib.reporting.model import PeriodCounts

if TYPE_CHECKING:
    from chalicelib.shared.identifiers import MunicipalityId

_SUFFIX: Final = ".json.gz"


def cells_key(municipality: MunicipalityId | str, period: str) -> str:
    """Where the counts of a period are."""
    return f"cells/municipality={municipality}/period={period}{_SUFFIX}"


class S3ReportCells:
    """`ReportCells` on S3."""

    def __init__(self, bucket: str, *, region: str) -> None:
        self._bucket = bucket
        self._region = region

    @cached_property
    def _client(self) -> Any:
        return s3_client(self._region, read_seconds=PAGE_SECONDS)

    def periods(self, municipality: str) -> list[str]:
        """Every period that has counts, oldest first."""
        start = cells_key(municipality, "").removesuffix(_SUFFIX)
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=start)
        keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
        return sorted(key.removeprefix(start).removesuffix(_SUFFIX) for key in keys if key.endswith(_SUFFIX))

    def read(self, municipality: str, period: str) -> PeriodCounts | None:
        """The counts of a month; None when there are none."""
        return self._read(cells_key(municipality, period))

    def frozen(self, municipality: str, digest: str) -> PeriodCounts | None:
        """An earlier edition of a month's counts; None when none is kept under that digest."""
        return self._read(frozen_key(municipality, digest))

    def _read(self, key: str) -> PeriodCounts | None:
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise
        return PeriodCounts.from_document(json.loads(gzip.decompress(answer["Body"].read())))
