"""Our event source mappings on the embedded AWS's real streams and queues."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from types import SimpleNamespace
from uuid import uuid4

import pytest
from chalice import Chalice

from chalicelib.telemetry import flushing_metrics, logger, metrics
from local.delivery import FunctionFailed, StreamSource
from local.functions import Functions
from local.queues import QueueMapping
from local.sources import QueueSource
from local.streams import StreamMapping


@dataclass
class Recorder:
    """A function that notes the keys it got and fails on those named `bad…`."""

    batches: list[list[str]] = field(default_factory=list)
    cured: bool = False

    def __call__(self, event, context):
        assert context.function_name == "recorder"
        records = event["Records"]
        names = [record["dynamodb"]["Keys"]["pk"]["S"] for record in records]
        self.batches.append(names)
        bad = [r for r, name in zip(records, names, strict=True) if name.startswith("bad") and not self.cured]
        return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]} for record in bad]}


def functions_with(handler) -> Functions:
    chalice_app = Chalice("test", configure_logs=False)
    chalice_app.log = logger
    return Functions(SimpleNamespace(app=chalice_app, recorder=handler))


@pytest.fixture
def table(embedded):
    name = f"stream-{uuid4().hex[:8]}"
    dynamodb = embedded.client("dynamodb")
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    arn = dynamodb.describe_table(TableName=name)["Table"]["LatestStreamArn"]
    yield SimpleNamespace(
        arn=arn, put=lambda *keys: [dynamodb.put_item(TableName=name, Item={"pk": {"S": k}}) for k in keys]
    )
    dynamodb.delete_table(TableName=name)


def a_mapping(embedded, table, handler, **changes) -> StreamMapping:
    source = StreamSource(
        **{"function": "recorder", "stream_arn": table.arn, "partial_batches": True, "maximum_retries": 2, **changes}
    )
    functions = functions_with(handler)
    return StreamMapping(source, functions, streams=embedded.client("dynamodbstreams"), queues=embedded.client("sqs"))


def test_records_come_once_in_order_and_in_batches(embedded, table):
    recorder = Recorder()
    mapping = a_mapping(embedded, table, recorder, batch_size=2)
    table.put("a", "b", "c")

    assert mapping.run_once() == 3
    assert mapping.run_once() == 0
    table.put("d")
    assert mapping.run_once() == 1
    assert recorder.batches == [["a", "b"], ["c"], ["d"]]


def test_the_record_is_what_lambda_hands_over(embedded, table):
    got = []

    def handler(event, _context):
        got.extend(event["Records"])

    table.put("a")
    a_mapping(embedded, table, handler).run_once()

    record = got[0]
    assert record["eventName"] == "INSERT"
    assert record["eventSource"] == "aws:dynamodb"
    assert record["eventSourceARN"] == table.arn
    assert record["dynamodb"]["NewImage"] == {"pk": {"S": "a"}}
    assert isinstance(record["dynamodb"]["ApproximateCreationDateTime"], float)
    assert json.loads(json.dumps(record)) == record


def test_a_poisonous_record_goes_to_the_failure_queue_as_metadata_and_the_rest_arrives(embedded, table):
    name = f"failures-{uuid4().hex[:8]}"
    url = embedded.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    recorder = Recorder()
    arn = f"arn:aws:sqs:eu-north-1:000000000000:{name}"
    table.put("a", "bad-secret", "c")

    a_mapping(embedded, table, recorder, bisect=True, maximum_retries=1, on_failure_arn=arn).run_once()

    message = embedded.client("sqs").receive_message(QueueUrl=url)["Messages"][0]["Body"]
    assert json.loads(message)["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert json.loads(message)["DDBStreamBatchInfo"]["batchSize"] == 1
    assert "secret" not in message
    assert recorder.batches[-1] == ["c"]


def test_filtered_records_never_reach_the_function(embedded, table):
    recorder = Recorder()
    table.put("a", "b")

    a_mapping(embedded, table, recorder, patterns=({"dynamodb": {"Keys": {"pk": {"S": ["b"]}}}},)).run_once()

    assert recorder.batches == [["b"]]


def test_stopping_interrupts_a_function_that_fails_for_ever(embedded, table):
    recorder = Recorder()
    mapping = a_mapping(embedded, table, recorder, maximum_retries=-1)
    table.put("bad")
    mapping.stop()

    assert mapping.run_once() == 0
    assert recorder.batches == [["bad"]]


def test_what_a_function_raises_is_a_failed_call(embedded):
    functions = functions_with(lambda *_: 1 / 0)

    with pytest.raises(FunctionFailed, match="ZeroDivisionError"):
        functions.invoke("recorder", {})
    assert functions.busy == 0


def test_an_answer_that_is_not_json_is_a_failed_call(embedded):
    with pytest.raises(FunctionFailed):
        functions_with(lambda *_: {1, 2}).invoke("recorder", {})


@pytest.fixture
def queue(embedded):
    sqs = embedded.client("sqs")
    name = f"queue-{uuid4().hex[:8]}"
    url = sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "360"})["QueueUrl"]
    yield SimpleNamespace(url=url, arn=f"arn:aws:sqs:eu-north-1:000000000000:{name}", sqs=sqs)
    sqs.delete_queue(QueueUrl=url)


def hidden(queue) -> int:
    answer = queue.sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["All"])["Attributes"]
    return int(answer["ApproximateNumberOfMessagesNotVisible"])


def test_messages_that_are_not_named_as_failed_are_deleted_and_the_others_come_back(embedded, queue):
    seen = []

    def handler(event, _context):
        seen.append(sorted(record["body"] for record in event["Records"]))
        return {
            "batchItemFailures": [{"itemIdentifier": r["messageId"]} for r in event["Records"] if r["body"] == "bad"]
        }

    for body in ("a", "bad"):
        queue.sqs.send_message(QueueUrl=queue.url, MessageBody=body)
    source = QueueSource("recorder", queue.arn, partial_batches=True)
    mapping = QueueMapping(source, functions_with(handler), queues=queue.sqs)

    assert mapping.run_once() == 2
    assert mapping.run_once() == 0
    assert hidden(queue) == 1
    deadline = time.monotonic() + 15
    while len(seen) < 2 and time.monotonic() < deadline:
        mapping.run_once()
        time.sleep(0.2)
    assert seen == [["a", "bad"], ["bad"]]


@pytest.mark.parametrize("answer", [None, {"batchItemFailures": []}])
def test_a_queue_function_that_returns_has_done_its_work(embedded, queue, answer):
    queue.sqs.send_message(QueueUrl=queue.url, MessageBody="a")
    source = QueueSource("recorder", queue.arn, partial_batches=True)

    QueueMapping(source, functions_with(lambda *_: answer), queues=queue.sqs).run_once()

    assert hidden(queue) == 0


def test_a_queue_function_that_raises_loses_nothing(embedded, queue):
    queue.sqs.send_message(QueueUrl=queue.url, MessageBody="a")
    source = QueueSource("recorder", queue.arn, partial_batches=True)

    QueueMapping(source, functions_with(lambda *_: 1 / 0), queues=queue.sqs).run_once()

    assert hidden(queue) == 1


def test_functions_that_run_at_once_do_not_print_each_others_metrics(embedded, capsys):
    gate = threading.Barrier(4)

    @flushing_metrics
    def handler(event, _context):
        for _ in range(20):
            metrics.add_metric(event["name"], "Count", 1)
        gate.wait()

    functions = functions_with(handler)
    threads = [threading.Thread(target=functions.invoke, args=("recorder", {"name": f"m{n}"})) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith('{"_aws"')]
    assert sorted(name for line in printed for name in line if name.startswith("m")) == ["m0", "m1", "m2", "m3"]
    assert all(len(next(value for name, value in line.items() if name.startswith("m"))) == 20 for line in printed)
