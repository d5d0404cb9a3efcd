"""The lake's bucket: an object carries the version of what it holds, so an older one never replaces a newer one."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from chalicelib.shared.errors import Busy

if TYPE_CHECKING:
    from chalicelib.lake.landing import LandedObject

JSON_LINES: Final = "application/x-ndjson"
CONNECTIONS: Final = 16
PAGE_SECONDS: Final = 10
"""How long somebody who waits for a page waits for an object."""
_VERSION: Final = "version"
_ATTEMPTS: Final = 8
# 409: S3 saw two conditional writes of one key at the same moment.
LOST_RACE: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})
_ABSENT: Final = frozenset({"404", "NoSuchKey", "NotFound"})


def s3_client(region: str, *, read_seconds: float = 30) -> Any:
    """A client for many requests at once that gives up soon; awswrangler makes its own."""
    config = Config(
        connect_timeout=2, read_timeout=read_seconds, max_pool_connections=CONNECTIONS, retries={"max_attempts": 3}
    )
    return boto3.client("s3", region_name=region, config=config)


class S3Lake:
    """`Lake` on S3."""

    def __init__(self, bucket: str, *, region: str) -> None:
        self._bucket = bucket
        self._region = region

    @cached_property
    def _client(self) -> Any:
        return s3_client(self._region)

    def land(self, landed: LandedObject) -> bool:
        """Write the object, unless one of a newer version stands there: then False, and nothing changes."""
        return self.put_versioned(landed.key, landed.body, landed.version, content_type=JSON_LINES)

    def put_versioned(
        self, key: str, body: bytes, version: int, *, content_type: str, encoding: str | None = None
    ) -> bool:
        """Write the object, unless one of a newer version stands there: then False, and nothing changes.

        Every write is conditional on what was read, so of two writers the newer version wins in any order.

        Raises:
            Busy: others kept writing the same key.
        """
        arguments: dict[str, Any] = {
            "Bucket": self._bucket,
            "Key": key,
            "Body": body,
            "ContentType": content_type,
            "Metadata": {_VERSION: str(version)},
        }
        if encoding is not None:
            arguments["ContentEncoding"] = encoding
        condition = {"IfNoneMatch": "*"}
        for _ in range(_ATTEMPTS):
            if self._put(arguments | condition):
                return True
            present = self._head(key)
            if present is None:
                condition = {"IfNoneMatch": "*"}
            elif present[1] > version:
                return False
            else:
                condition = {"IfMatch": present[0]}
        raise Busy("the object is being written by others")

    def get(self, key: str) -> bytes | None:
        """The object's body; None when there is none."""
        try:
            body: bytes = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as exc:
            if exc.response["Error"]["Code"] in _ABSENT:
                return None
            raise
        return body

    def _put(self, arguments: dict[str, Any]) -> bool:
        try:
            self._client.put_object(**arguments)
        except ClientError as exc:
            # An object that vanished between head and put answers 404 to If-Match.
            if exc.response["Error"]["Code"] in LOST_RACE | _ABSENT:
                return False
            raise
        return True

    def _head(self, key: str) -> tuple[str, int] | None:
        try:
            answer = self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as exc:
            if exc.response["Error"]["Code"] in _ABSENT:
                return None
            raise
        return answer["ETag"], int(answer.get("Metadata", {}).get(_VERSION, 0))
