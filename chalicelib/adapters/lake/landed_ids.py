"""What has landed in the lake, from the names of its objects: one listing of a month's prefix, no object is read."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

from chalicelib.adapters.lake.s3_lake import s3_client
from chalicelib.lake.landing import landing_prefix

_SUFFIX: Final = ".json"
_BULK: Final = "demo-"
"""Bulk loads hold many contacts in one object and never went through dispatch."""


class S3LandedIds:
    """`LandedIds` on the lake's bucket."""

    def __init__(self, bucket: str, *, region: str) -> None:
        self._bucket = bucket
        self._region = region

    @cached_property
    def _client(self) -> Any:
        return s3_client(self._region)

    def ids(self, table: str, municipality: str, month: str) -> frozenset[str]:
        """The contact ids that have a landed object of a table in a month."""
        prefix = landing_prefix(table, municipality, month)
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        names = (item["Key"].removeprefix(prefix) for page in pages for item in page.get("Contents", ()))
        return frozenset(
            name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX) and not name.startswith(_BULK)
        )
