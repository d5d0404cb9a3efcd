"""Runs the event source mappings on DynamoDB streams: one thread each, so that a slow function delays no other."""

from __future__ import annotations

import base64
import json
import threading
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from local.delivery import Delivery, GivenUp, StreamSource
from local.filters import passes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.delivery import Record
    from local.functions import Functions

_READ_AT_ONCE: Final = 1000


class StreamMapping:
    """One mapping. Reads from the beginning of the stream at each start: handlers are idempotent, streams forget."""

    def __init__(self, source: StreamSource, functions: Functions, *, streams: Any, queues: Any) -> None:
        """`streams` and `queues` are clients of DynamoDB Streams and SQS."""
        self.source = source
        self._functions = functions
        self._streams = streams
        self._queues = queues
        self._turn = threading.Lock()
        self._stopping = threading.Event()
        self._iterator: str | None = None
        self._last: str | None = None

    def run_once(self) -> int:
        """Processes what is in the stream now and answers how many records it read. One caller at a time."""
        with self._turn:
            records = self._read()
            selected = [record for record in records if passes(record, self.source.patterns)]
            size = self.source.batch_size
            for start in range(0, len(selected), size):
                if not self._delivery().deliver(selected[start : start + size]):
                    return 0
            if records:
                self._last = records[-1]["dynamodb"]["SequenceNumber"]
            return len(records)

    def stop(self) -> None:
        """No further attempt; a running call ends."""
        self._stopping.set()

    def _delivery(self) -> Delivery:
        return Delivery(
            self.source,
            invoke=lambda records: self._functions.invoke(self.source.function, {"Records": list(records)}),
            wait=lambda seconds: not self._stopping.wait(seconds),
            now=time.time,
            give_up=self._give_up,
        )

    def _read(self) -> list[Record]:
        try:
            answer = self._streams.get_records(ShardIterator=self._position(), Limit=_READ_AT_ONCE)
        except self._streams.exceptions.ExpiredIteratorException:
            self._iterator = None
            answer = self._streams.get_records(ShardIterator=self._position(), Limit=_READ_AT_ONCE)
        self._iterator = answer.get("NextShardIterator")
        return [self._event_record(record) for record in answer["Records"]]

    def _position(self) -> str:
        if self._iterator is None:
            shard = self._streams.describe_stream(StreamArn=self.source.stream_arn)["StreamDescription"]["Shards"][0]
            place: dict[str, str] = {"ShardIteratorType": "LATEST" if self.source.from_latest else "TRIM_HORIZON"}
            if self._last is not None:
                place = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self._last}
            answer = self._streams.get_shard_iterator(
                StreamArn=self.source.stream_arn, ShardId=shard["ShardId"], **place
            )
            self._iterator = str(answer["ShardIterator"])
        return self._iterator

    def _event_record(self, record: Any) -> Record:
        """As the function gets it: binary values in base64, times in epoch seconds."""
        plain: Record = json.loads(json.dumps(record, default=_plain))
        return {**plain, "eventSource": "aws:dynamodb", "eventSourceARN": self.source.stream_arn}

    def _give_up(self, what: GivenUp) -> None:
        if self.source.on_failure_arn is None:
            return
        name = self.source.on_failure_arn.rpartition(":")[2]
        body = _failure_message(self.source, what.records, what.condition, what.invocations)
        url = self._queues.get_queue_url(QueueName=name)["QueueUrl"]
        self._queues.send_message(QueueUrl=url, MessageBody=json.dumps(body))


def _failure_message(source: StreamSource, records: Sequence[Record], condition: str, count: int) -> dict[str, Any]:
    """Metadata only, as AWS writes it: no record's content."""
    first, last = records[0]["dynamodb"], records[-1]["dynamodb"]
    return {
        "version": "1.0",
        "timestamp": datetime.now().astimezone().isoformat(),
        "requestContext": {
            "functionArn": source.function,
            "condition": condition,
            "approximateInvokeCount": count,
        },
        "DDBStreamBatchInfo": {
            "streamArn": source.stream_arn,
            "shardId": "shardId-00000000000000000000-00000000",
            "startSequenceNumber": first["SequenceNumber"],
            "endSequenceNumber": last["SequenceNumber"],
            "approximateArrivalOfFirstRecord": first["ApproximateCreationDateTime"],
            "approximateArrivalOfLastRecord": last["ApproximateCreationDateTime"],
            "batchSize": len(records),
        },
    }


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"a stream record holds {type(value).__name__}")
