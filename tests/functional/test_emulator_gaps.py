"""Where MiniStack differs from AWS and we rely on it or work around it: an upgrade that changes one shows itself here.

Each test says what AWS does, and what we do instead. When one fails after an upgrade, look whether the work-around in
`local/` can go.
"""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from urllib.request import urlopen
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from chalicelib.settings import settings
from local.ministack import interpreter

REQUIREMENTS = Path(__file__).parents[2] / "requirements-ministack.lock"


def a_table(embedded, *, stream: bool = False, **changes) -> str:
    name = f"gap-{uuid4().hex[:8]}"
    embedded.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        **({"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}} if stream else {}),
        **changes,
    )
    return name


def stream_records(embedded, table: str) -> list[dict]:
    streams = embedded.client("dynamodbstreams")
    arn = embedded.client("dynamodb").describe_table(TableName=table)["Table"]["LatestStreamArn"]
    shards = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shards[0]["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    return streams.get_records(ShardIterator=iterator)["Records"]


def test_the_installed_emulator_is_the_pinned_one():
    command = [str(interpreter()), "-c", "from importlib.metadata import version; print(version('ministack'))"]
    installed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603

    assert f"ministack=={installed}\n" in REQUIREMENTS.read_text()


def test_a_stream_has_one_shard(embedded):
    """AWS splits shards. `local/streams.py` reads the first only."""
    table = a_table(embedded, stream=True)
    arn = embedded.client("dynamodb").describe_table(TableName=table)["Table"]["LatestStreamArn"]

    shards = embedded.client("dynamodbstreams").describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]

    assert len(shards) == 1


def test_a_put_that_changes_nothing_writes_no_stream_record(embedded):
    """As in AWS: re-putting an unchanged item triggers nobody."""
    table = a_table(embedded, stream=True)
    for _ in range(2):
        embedded.client("dynamodb").put_item(TableName=table, Item={"pk": {"S": "a"}})

    assert len(stream_records(embedded, table)) == 1


def test_sequence_numbers_rise(embedded):
    table = a_table(embedded, stream=True)
    for name in "abc":
        embedded.client("dynamodb").put_item(TableName=table, Item={"pk": {"S": name}})

    numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in stream_records(embedded, table)]

    assert numbers == sorted(set(numbers))


def test_cancelled_transactions_name_a_reason_per_item(embedded):
    """As in AWS; the stores read which condition failed by its place."""
    table = a_table(embedded)
    dynamodb = embedded.client("dynamodb")
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "taken"}})

    def put(name: str) -> dict:
        return {
            "Put": {
                "TableName": table,
                "Item": {"pk": {"S": name}},
                "ConditionExpression": "attribute_not_exists(pk)",
            }
        }

    with pytest.raises(ClientError) as caught:
        dynamodb.transact_write_items(TransactItems=[put("free"), put("taken")])

    assert [reason["Code"] for reason in caught.value.response["CancellationReasons"]] == [
        "None",
        "ConditionalCheckFailed",
    ]


def test_an_item_that_expired_stays_readable_until_somebody_removes_it(embedded):
    """AWS removes within days, MiniStack within a minute by the real clock; `ExpiredItems` does it by the product's."""
    table = a_table(embedded)
    dynamodb = embedded.client("dynamodb")
    dynamodb.update_time_to_live(
        TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"}
    )
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "a"}, "expires_at": {"N": str(int(time.time()) + 3600)}})

    assert "Item" in dynamodb.get_item(TableName=table, Key={"pk": {"S": "a"}})


def test_sns_accepts_any_phone_number_and_writes_no_delivery_log(embedded):
    """AWS refuses what is not E.164 and writes a log record per message: `DeliveryLogs` writes them here."""
    embedded.client("sns").publish(PhoneNumber="not a number", Message="x")

    groups = embedded.client("logs").describe_log_groups(logGroupNamePrefix="sns/")["logGroups"]

    assert groups == []


def test_accepted_messages_can_be_read_with_text_and_sender_but_without_time(embedded):
    """`SentMessages` reads this address of MiniStack's own and notes the time itself."""
    number = f"+45{uuid4().int % 10**8:08d}"
    identifier = embedded.client("sns").publish(
        PhoneNumber=number,
        Message="Hej æøå",
        MessageAttributes={"AWS.SNS.SMS.SenderID": {"DataType": "String", "StringValue": "Fjordby"}},
    )["MessageId"]

    with urlopen(f"{embedded.endpoint}/_ministack/sns/sms-messages", timeout=5) as answer:
        record = json.load(answer)["sms_messages"][number][0]

    assert record["MessageId"] == identifier
    assert record["Message"] == "Hej æøå"
    assert "Fjordby" in json.dumps(record["MessageAttributes"])
    assert not any("time" in name.lower() for name in record)


def test_its_own_athena_ignores_partition_projection(embedded):
    """`local/athena.py` replaces it."""
    athena = embedded.client("athena")
    query = athena.start_query_execution(
        QueryString="SELECT count(*) AS n FROM contacts",
        QueryExecutionContext={"Database": settings().glue_database},
        WorkGroup=settings().athena_workgroup,
    )["QueryExecutionId"]
    deadline = time.monotonic() + 10
    state = "QUEUED"
    while state in {"QUEUED", "RUNNING"} and time.monotonic() < deadline:
        state = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]["State"]
    rows = athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"] if state == "SUCCEEDED" else []

    assert [row["Data"] for row in rows] != [[{"VarCharValue": "n"}], [{"VarCharValue": "0"}]]


@pytest.mark.parametrize(
    "kind", ["AWS::QuickSight::DataSource", "AWS::Athena::NamedQuery", "AWS::CloudWatch::CompositeAlarm"]
)
def test_cloudformation_refuses_types_that_aws_has(embedded, kind):
    """So these stand in stacks of their own, which only cfn-lint checks here."""
    template = {"Resources": {"Thing": {"Type": kind, "Properties": {}}}}
    cloudformation = embedded.client("cloudformation")
    name = f"gap-{uuid4().hex[:8]}"

    with pytest.raises(ClientError, match="Unrecognized resource types"):
        cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))


def test_embedded_metrics_in_logs_make_no_metrics(embedded):
    """In AWS they do. `local/logs.py` reads them from what the functions print and calls PutMetricData."""
    logs, name = embedded.client("logs"), f"/gap/{uuid4().hex[:8]}"
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    directive = {"Namespace": "Gap", "Dimensions": [["service"]], "Metrics": [{"Name": "Sent"}]}
    line = {"_aws": {"Timestamp": 1, "CloudWatchMetrics": [directive]}, "service": "x", "Sent": 1}
    event = {"timestamp": int(time.time() * 1000), "message": json.dumps(line)}
    logs.put_log_events(logGroupName=name, logStreamName="s", logEvents=[event])

    assert embedded.client("cloudwatch").list_metrics(Namespace="Gap")["Metrics"] == []


def test_a_message_in_flight_is_counted(embedded):
    """As in AWS; draining relies on it."""
    sqs = embedded.client("sqs")
    url = sqs.create_queue(QueueName=f"gap-{uuid4().hex[:8]}")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="a")
    sqs.receive_message(QueueUrl=url)

    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]

    assert attributes["ApproximateNumberOfMessagesNotVisible"] == "1"


def test_conditional_puts_of_objects_hold(embedded):
    """As in AWS; compaction relies on If-Match and If-None-Match."""
    s3, bucket = embedded.client("s3"), settings().lake_bucket
    tag = s3.put_object(Bucket=bucket, Key="gap", Body=b"1", IfNoneMatch="*")["ETag"]

    with pytest.raises(ClientError):
        s3.put_object(Bucket=bucket, Key="gap", Body=b"2", IfNoneMatch="*")
    s3.put_object(Bucket=bucket, Key="gap", Body=b"2", IfMatch=tag)
    with pytest.raises(ClientError):
        s3.put_object(Bucket=bucket, Key="gap", Body=b"3", IfMatch=tag)
    s3.delete_object(Bucket=bucket, Key="gap")
