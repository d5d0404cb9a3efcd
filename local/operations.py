"""What AWS does around the product and MiniStack does not: SMS delivery logs and the removal of expired items."""

from __future__ import annotations

import base64
import gzip
import json
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from chalicelib.dispatch.sms_text import measure
from local.delivery import FunctionFailed
from local.ministack import ACCOUNT, REGION

if TYPE_CHECKING:
    from pathlib import Path

    from chalicelib.shared.clock import Clock
    from local.functions import Functions
    from local.sms import SentMessage, SentMessages

FAILING_NUMBER: Final = "+4525919215"
"""AWS's own simulator number for Denmark whose messages always fail."""

_PRICE_USD: Final = 0.0456
_LOG_GROUP: Final = f"sns/{REGION}/{ACCOUNT}/DirectPublishToPhoneNumber"


class DeliveryLogs:
    """Writes one delivery-status record per accepted message, as SNS does, and hands it to `record_receipt`."""

    def __init__(self, messages: SentMessages, functions: Functions, file: Path) -> None:
        """`file` keeps which messages have been reported."""
        self._messages = messages
        self._functions = functions
        self._file = file
        self._reported = set(file.read_text().split()) if file.exists() else set()

    def write(self) -> int:
        """Reports what was not yet reported; answers how many. What the function fails on comes again."""
        waiting = [message for message in self._messages.all() if message.id not in self._reported]
        for message in waiting:
            try:
                self._functions.invoke("record_receipt", subscription_event(message))
            except FunctionFailed:
                return 0
            self._reported.add(message.id)
            with self._file.open("a") as file:
                file.write(f"{message.id}\n")
        return len(waiting)


def subscription_event(message: SentMessage) -> dict[str, Any]:
    """The record as CloudWatch Logs delivers it to a subscribed function."""
    failed = message.to == FAILING_NUMBER
    payload = {
        "messageType": "DATA_MESSAGE",
        "owner": ACCOUNT,
        "logGroup": f"{_LOG_GROUP}/Failure" if failed else _LOG_GROUP,
        "logStream": str(uuid.uuid4()),
        "subscriptionFilters": ["receipts"],
        "logEvents": [
            {
                "id": f"{uuid.uuid4().int:056d}"[:56],
                "timestamp": int(datetime.fromisoformat(message.sent_at).timestamp() * 1000),
                "message": json.dumps(delivery_record(message)),
            },
        ],
    }
    return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(payload).encode())).decode()}}


def delivery_record(message: SentMessage) -> dict[str, Any]:
    """One line of SNS's delivery-status log. Its time has no offset and means UTC."""
    failed = message.to == FAILING_NUMBER
    sent_at = datetime.fromisoformat(message.sent_at)
    answer = "Phone is currently unreachable/unavailable" if failed else "Message has been accepted by phone carrier"
    return {
        "notification": {
            "messageId": message.id,
            "timestamp": sent_at.strftime("%Y-%m-%d %H:%M:%S.") + f"{sent_at.microsecond // 1000:03d}",
        },
        "delivery": {
            "phoneCarrier": "Embedded carrier",
            "mnc": 1,
            "mcc": 238,
            "numberOfMessageParts": measure(message.text).parts,
            "destination": message.to,
            "priceInUSD": _PRICE_USD * measure(message.text).parts,
            "smsType": "Transactional",
            "providerResponse": answer,
            "dwellTimeMs": 120,
            "dwellTimeMsUntilDeviceAck": 900,
        },
        "status": "FAILURE" if failed else "SUCCESS",
    }


class ExpiredItems:
    """Removes what has expired by the product's clock, as DynamoDB's own time to live does by the real one."""

    def __init__(self, dynamodb: Any, prefix: str, clock: Clock) -> None:
        """`dynamodb` is a client; only tables whose names start with the prefix are touched."""
        self._dynamodb = dynamodb
        self._prefix = prefix
        self._clock = clock

    def take_over(self) -> None:
        """MiniStack's own removal is off: it goes by the real clock, and would take what the product still needs."""
        for name in self._tables():
            found = self._dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
            if found["TimeToLiveStatus"] == "ENABLED":
                off = {"Enabled": False, "AttributeName": found["AttributeName"]}
                self._dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=off)

    def remove(self) -> int:
        """No expired item is left; answers how many went."""
        return sum(self._remove_from(name) for name in self._tables())

    def _tables(self) -> list[str]:
        pages = self._dynamodb.get_paginator("list_tables").paginate()
        return [name for page in pages for name in page["TableNames"] if name.startswith(f"{self._prefix}-")]

    def _remove_from(self, table: str) -> int:
        now = {":now": {"N": str(int(self._clock.now().timestamp()))}}
        pages = self._dynamodb.get_paginator("scan").paginate(
            TableName=table,
            FilterExpression="expires_at < :now",
            ExpressionAttributeValues=now,
            ProjectionExpression="pk, sk",
        )
        keys = [item for page in pages for item in page["Items"]]
        for key in keys:
            self._dynamodb.delete_item(TableName=table, Key=key)
        return len(keys)
