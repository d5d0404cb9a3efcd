"""Imported waves in S3, beside the counts of the months: counts of published surveys, no personal data."""

from __future__ import annotations

import gzip
import json
from functools import cached_property
from typing import Any, Final

from chalicelib.adapters.lake.s3_lake import PAGE_SECONDS, s3_client
from chalicelib.reporting.waves import Wave

_SUFFIX: Final = ".json.gz"


class S3Waves:
    """`Waves` on S3."""

    def __init__(self, bucket: str, *, region: str) -> None:
        self._bucket = bucket
        self._region = region

    @cached_property
    def _client(self) -> Any:
        return s3_client(self._region, read_seconds=PAGE_SECONDS)

    def all(self, municipality: str) -> list[Wave]:
        """Every wave of a municipality, the earliest first."""
        start = _key(municipality, "").removesuffix(_SUFFIX)
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=start)
        keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
        return sorted((self._read(key) for key in keys), key=lambda wave: (wave.first, wave.id))

    def save(self, municipality: str, wave: Wave) -> None:
        """Store a wave; one of the same id is replaced."""
        body = gzip.compress(json.dumps(wave.to_document(), ensure_ascii=False).encode(), mtime=0)
        self._client.put_object(
            Bucket=self._bucket,
            Key=_key(municipality, wave.id),
            Body=body,
            ContentType="application/json",
            ContentEncoding="gzip",
        )

    def _read(self, key: str) -> Wave:
        body = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return Wave.from_document(json.loads(gzip.decompress(body)))


def _key(municipality: str, wave: str) -> str:
    return f"cells/municipality={municipality}/wave={wave}{_SUFFIX}"
