"""Runs the event source mappings on SQS queues, with partial batches."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from local.delivery import FunctionFailed
from local.ministack import REGION

if TYPE_CHECKING:
    from local.functions import Functions
    from local.sources import QueueSource

_RETRY_SECONDS: Final = 5
"""A failed message comes back after this and not after the queue's visibility time-out of minutes: nobody waits
locally for a function that has ended. After `maxReceiveCount` it goes to the dead-letter queue all the same."""


class QueueMapping:
    """One mapping. What the function did not name as failed is deleted; the rest comes back."""

    def __init__(self, source: QueueSource, functions: Functions, *, queues: Any) -> None:
        """`queues` is a client of SQS."""
        self.source = source
        self._functions = functions
        self._queues = queues
        self._url: str | None = None
        self._turn = threading.Lock()

    def run_once(self) -> int:
        """Processes the messages that can be received now, at most one batch, and answers how many."""
        with self._turn:
            messages = self._receive()
            if messages:
                failed = self._failures(messages)
                for message in messages:
                    self._settle(message, retry=message["MessageId"] in failed)
            return len(messages)

    def stop(self) -> None:
        """A running call ends; what it did not delete comes back at the next start."""

    def _receive(self) -> list[dict[str, Any]]:
        if self._url is None:
            self._url = self._queues.get_queue_url(QueueName=self.source.queue_arn.rpartition(":")[2])["QueueUrl"]
        answer = self._queues.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=min(self.source.batch_size, 10),
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return list(answer.get("Messages", []))

    def _failures(self, messages: list[dict[str, Any]]) -> set[str]:
        everything = {message["MessageId"] for message in messages}
        event = {"Records": [self._event_record(message) for message in messages]}
        try:
            answer = self._functions.invoke(self.source.function, event)
        except FunctionFailed:
            return everything
        named = (answer or {}).get("batchItemFailures") if self.source.partial_batches else None
        failed = {str((item or {}).get("itemIdentifier")) for item in named or []}
        return everything if failed - everything else failed

    def _event_record(self, message: dict[str, Any]) -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": {
                name: {"stringValue": value.get("StringValue"), "dataType": value["DataType"]}
                for name, value in message.get("MessageAttributes", {}).items()
            },
            "md5OfBody": message.get("MD5OfBody", ""),
            "eventSource": "aws:sqs",
            "eventSourceARN": self.source.queue_arn,
            "awsRegion": REGION,
        }

    def _settle(self, message: dict[str, Any], *, retry: bool) -> None:
        handle = {"QueueUrl": self._url, "ReceiptHandle": message["ReceiptHandle"]}
        if retry:
            self._queues.change_message_visibility(**handle, VisibilityTimeout=_RETRY_SECONDS)
        else:
            self._queues.delete_message(**handle)
