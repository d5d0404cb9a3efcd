"""The lake's files on S3: landed JSON lines in, one typed Parquet file per partition out.

awswrangler lists (its paging, retries and clean errors). It neither reads nor writes here, for two measured reasons:
`wr.s3.read_json` makes a dataframe per object and guesses types (the answer "7" becomes a number, a column of nulls a
float); and when `wr.s3.to_parquet` loses a conditional put, its writer tries the put again while it is being collected
as garbage, at a time nobody chose. So lines are read as they are and checked against the schema; the file is made in
memory (a partition is a few megabytes) and put once to its one key, with `If-Match` (`If-None-Match: *` for the first).
A temporary key and a copy would need a second conditional step and leave litter after a crash.
"""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import awswrangler as wr
import boto3
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from botocore.exceptions import ClientError

from chalicelib.adapters.lake.s3_lake import CONNECTIONS, LOST_RACE, S3Lake, s3_client
from chalicelib.lake.columns import Kind
from chalicelib.lake.compaction import curated_key, manifest_key
from chalicelib.lake.landing import landing_prefix
from chalicelib.lake.schemas import TABLES, arrow_types, pandas_types
from chalicelib.shared.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.lake.compaction import Accounts, Mark, Row


class S3CuratedStore:
    """`CuratedStore` on S3."""

    def __init__(self, bucket: str, *, region: str) -> None:
        self._bucket = bucket
        self._region = region

    @cached_property
    def _client(self) -> Any:
        return s3_client(self._region)

    @cached_property
    def _session(self) -> boto3.Session:
        return boto3.Session(region_name=self._region)

    def token(self, mark: Mark) -> str | None:
        """The ETag of the partition's file; None when there is none."""
        return self.token_of(_key(mark))

    def token_of(self, key: str) -> str | None:
        """The ETag of a file; None when there is none."""
        try:
            answer = self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as exc:
            if exc.response["Error"]["Code"] in {"404", "NoSuchKey", "NotFound"}:
                return None
            raise
        return str(answer["ETag"])

    def landed(self, mark: Mark) -> Sequence[bytes]:
        """The bodies of every landed object of the partition, in the order of their keys."""
        prefix = landing_prefix(mark.table, mark.municipality, mark.month)
        paths = sorted(wr.s3.list_objects(f"s3://{self._bucket}/{prefix}", boto3_session=self._session))
        skipped = len(f"s3://{self._bucket}/")
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            return list(pool.map(self._body, (path[skipped:] for path in paths)))

    def replace(self, mark: Mark, rows: Sequence[Row], token: str | None) -> None:
        """The partition's file holds exactly these rows.

        Raises:
            Conflict: the file is no longer the one of the token; nothing was changed.
        """
        self.write_rows(mark.table, _key(mark), rows, token)

    def write_rows(self, table: str, key: str, rows: Sequence[Row], token: str | None) -> None:
        """A file of the table holds exactly these rows.

        Raises:
            Conflict: the file is no longer the one of the token; nothing was changed.
        """
        self.write_frame(table, key, frame_of(table, rows), token)

    def write_frame(self, table: str, key: str, frame: pd.DataFrame, token: str | None) -> None:
        """A file of the table holds exactly this frame.

        Raises:
            Conflict: the file is no longer the one of the token; nothing was changed.
        """
        condition = {"IfMatch": token} if token else {"IfNoneMatch": "*"}
        try:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=parquet_of(table, frame), **condition)
        except ClientError as exc:
            if exc.response["Error"]["Code"] in LOST_RACE:
                raise Conflict("another run has replaced the file") from exc
            raise

    def account(self, accounts: Accounts) -> None:
        """The partition's manifest says this, unless a later rebuild has said something."""
        body = json.dumps(asdict(accounts) | {"balanced": accounts.balanced}, indent=1).encode()
        key = manifest_key(accounts.table, accounts.municipality, accounts.month)
        lake = S3Lake(self._bucket, region=self._region)
        lake.put_versioned(key, body, accounts.mark_version, content_type="application/json")

    def _body(self, key: str) -> bytes:
        body: bytes = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return body


def frame_of(table: str, rows: Sequence[Row]) -> pd.DataFrame:
    """The rows as a frame with exactly the table's columns and types; times without an offset, in UTC."""
    definition, types = TABLES[table], pandas_types(table)
    columns: dict[str, Any] = {}
    for column in definition.columns:
        values = [row.get(column.name) for row in rows]
        if column.kind is Kind.TIMESTAMP:
            moments = pd.to_datetime(pd.Series(values, dtype="object"), utc=True, format="ISO8601")
            columns[column.name] = moments.dt.tz_localize(None).astype(types[column.name])
        elif column.kind is Kind.DATE:
            days = [None if value is None else date.fromisoformat(value) for value in values]
            columns[column.name] = pd.Series(days, dtype="object")
        else:
            columns[column.name] = pd.Series(values, dtype=types[column.name])
    return pd.DataFrame(columns, columns=[column.name for column in definition.columns])


def arrow_schema(table: str) -> pa.Schema:
    """The table's columns as Arrow has them."""
    return pa.schema(
        [
            (name, pa.list_(pa.string()) if kind == "list<string>" else pa.type_for_alias(kind))
            for name, kind in arrow_types(table).items()
        ]
    )


def parquet_of(table: str, frame: pd.DataFrame) -> bytes:
    """The frame as a Parquet file, the same bytes for the same frame."""
    content = pa.Table.from_pandas(frame, schema=arrow_schema(table), preserve_index=False)
    buffer = io.BytesIO()
    # The schema says all: pandas' own metadata would only be a second opinion.
    # Not zstd: AWS builds pyarrow without it for the managed pandas layer.
    pq.write_table(content.replace_schema_metadata(None), buffer, compression="snappy", version="2.6")
    return buffer.getvalue()


def _key(mark: Mark) -> str:
    return curated_key(mark.table, mark.municipality, mark.month)
