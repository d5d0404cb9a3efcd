"""Hints to the sending function, through SQS. The queue bounds the sending rate by its maximum concurrency."""

from __future__ import annotations

import json
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from chalicelib.dispatch.model import Wave
from chalicelib.dispatch.ports import Hint, QueueUnavailable
from chalicelib.shared.errors import Busy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_BATCH: Final = 10
_LONGEST_DELAY: Final = 900


class SqsSendQueue:
    """`SendQueue` on SQS. A message holds two ids and which of the two messages is meant, nothing else."""

    def __init__(self, url: str, *, region: str) -> None:
        self._url = url
        self._region = region

    @cached_property
    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        config = Config(retries={"total_max_attempts": 3, "mode": "standard"}, connect_timeout=2, read_timeout=5)
        return boto3.client("sqs", region_name=self._region, config=config)

    def enqueue(self, hints: Iterable[Hint]) -> None:
        """Queue them, ten in a call.

        Raises:
            QueueUnavailable: some may not be queued.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        for batch in _batches(hints):
            try:
                answer = self._client.send_message_batch(QueueUrl=self._url, Entries=batch)
            except (BotoCoreError, ClientError) as exc:
                raise QueueUnavailable from exc
            if answer.get("Failed"):
                raise QueueUnavailable

    def enqueue_code(self, municipality: str, challenge_id: str) -> None:
        """Send this one-time code soon.

        Raises:
            Busy: nobody may send it.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        body = json.dumps({"municipality": municipality, "code": challenge_id})
        try:
            self._client.send_message(QueueUrl=self._url, MessageBody=body)
        except (BotoCoreError, ClientError) as exc:
            raise Busy from exc

    def depth(self) -> int:
        """About how many hints wait, for `borgerpuls status`.

        Raises:
            QueueUnavailable: the queue does not answer.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        name = "ApproximateNumberOfMessages"
        try:
            answer = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=[name])
        except (BotoCoreError, ClientError) as exc:
            raise QueueUnavailable from exc
        return int(answer["Attributes"][name])


def hint_from(body: str) -> Hint:
    """The hint of a message body.

    Raises:
        ValueError, KeyError: another message.
    """
    ids = json.loads(body)
    wave = Wave(ids.get("wave") or Wave.INVITATION)
    return Hint(str(ids["municipality"]), str(ids["contact_id"]), wave=wave)


def code_from(body: str) -> tuple[str, str] | None:
    """Municipality and id of the one-time code that a message body asks for; None for another message."""
    ids = json.loads(body)
    return (str(ids["municipality"]), str(ids["code"])) if isinstance(ids, dict) and "code" in ids else None


def _batches(hints: Iterable[Hint]) -> Iterator[list[dict[str, Any]]]:
    waiting = iter(hints)
    while batch := list(islice(waiting, _BATCH)):
        yield [
            {
                "Id": str(number),
                "MessageBody": json.dumps(
                    {"municipality": hint.municipality, "contact_id": hint.contact_id, "wave": str(hint.wave)}
                ),
                "DelaySeconds": min(hint.delay_seconds, _LONGEST_DELAY),
            }
            for number, hint in enumerate(batch)
        ]
