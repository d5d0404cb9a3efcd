"""What DynamoDB can do to a booking: conflicts, throttles, time-outs and lost answers, put between botocore and the net."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from chalicelib.adapters.booking.dynamodb_booking import DynamoDbBookings
from chalicelib.adapters.booking.dynamodb_messages import DynamoDbMessages
from chalicelib.adapters.tables import connection
from chalicelib.booking.model import BookingRequest, ConsentAnswer
from chalicelib.shared.errors import Ambiguous, Busy, SlotTaken
from chalicelib.shared.work import WorkItem, WorkKind
from local.environment import VARIABLES, activated
from local.ministack import CREDENTIALS
from tests.builders import MONDAY, a_municipality
from tests.fakes.booking import a_booking_service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ENVIRONMENT = {**dict.fromkeys(VARIABLES, "x"), **CREDENTIALS, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
NINE = MONDAY.replace(day=24, hour=8)
WISH = BookingRequest("raadhuset", ("passport",), NINE, "da", ConsentAnswer(granted=False, text_version="2026-1"))
TWO_TICKS = 2


class Net:
    """Answers instead of DynamoDB: each transaction takes the next fate, reads see what was written."""

    def __init__(self) -> None:
        self.fates: list[Any] = []
        self.transactions: list[dict[str, Any]] = []
        self.items: dict[tuple[str, str, str], dict[str, Any]] = {}

    def __call__(self, request: Any, **_: Any) -> AWSResponse:
        operation = request.headers["X-Amz-Target"].decode().rsplit(".", 1)[1]
        body = json.loads(request.body)
        if operation == "GetItem":
            found = self.items.get((body["TableName"], body["Key"]["pk"]["S"], body["Key"]["sk"]["S"]))
            return answer({"Item": found} if found else {})
        if operation == "Query":
            return answer({"Items": [], "Count": 0, "ScannedCount": 0})
        return self._transaction(body)

    def _transaction(self, body: dict[str, Any]) -> AWSResponse:
        self.transactions.append(body)
        fate = self.fates.pop(0) if self.fates else "done"
        if fate in {"done", "done, answer lost"}:
            for step in body["TransactItems"]:
                if put := step.get("Put"):
                    self.items[put["TableName"], put["Item"]["pk"]["S"], put["Item"]["sk"]["S"]] = put["Item"]
        if fate == "done":
            return answer({})
        if fate == "done, answer lost":
            raise ReadTimeoutError(endpoint_url="x")
        if isinstance(fate, Exception):
            raise fate
        return fate(len(body["TransactItems"]))


def answer(body: dict[str, Any], status: int = 200) -> AWSResponse:
    raw = json.dumps(body).encode()
    response = AWSResponse("http://127.0.0.1:9", status, {"x-amzn-RequestId": "r"}, None)
    response._content = raw
    return response


def cancelled(code: str) -> Callable[[int], AWSResponse]:
    def made(size: int) -> AWSResponse:
        reasons = [{"Code": code, "Message": "x"}] + [{"Code": "None"}] * (size - 1)
        kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException"
        message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{code}]"
        return answer({"__type": kind, "Message": message, "CancellationReasons": reasons}, 400)

    return made


def refused(code: str) -> Callable[[int], AWSResponse]:
    kind = f"com.amazonaws.dynamodb.v20120810#{code}"
    return lambda _: answer({"__type": kind, "message": "slow down"}, 400)


@pytest.fixture
def net() -> Iterator[Net]:
    with activated(ENVIRONMENT):
        net = Net()
        connection().client.meta.events.register("before-send.dynamodb", net)
        yield net


def book(key: str = "key") -> Any:
    return a_booking_service(DynamoDbBookings()).book(a_municipality(), WISH, key)


def test_nothing_goes_wrong(net):
    assert book().code
    (body,) = net.transactions
    names = [next(iter(step)) for step in body["TransactItems"]]
    assert names == ["Put"] * (TWO_TICKS + 8), "ticks, request, appointment, code, day, consent twice, phone, link"


@pytest.mark.parametrize(
    "fate",
    [
        cancelled("TransactionConflict"),
        cancelled("ThrottlingError"),
        cancelled("ProvisionedThroughputExceeded"),
        cancelled("ConditionalCheckFailed"),
        refused("TransactionInProgressException"),
    ],
)
def test_contention_is_tried_again_until_it_is_booked(net, fate):
    net.fates = [fate, fate]
    booked = book()
    assert len(net.transactions) == 3
    assert book() == booked, "and the same key says so again"


def test_contention_that_does_not_end_is_busy_and_nothing_is_written(net):
    net.fates = [cancelled("ConditionalCheckFailed")] * 50
    with pytest.raises(Busy) as caught:
        book()
    assert not isinstance(caught.value, Ambiguous)
    assert net.items == {}


@pytest.mark.parametrize("error", [ReadTimeoutError(endpoint_url="x"), ConnectTimeoutError(endpoint_url="x")])
def test_a_time_out_before_anything_was_done_is_tried_again(net, error):
    net.fates = [error] * 3
    assert book().code


def test_a_lost_answer_is_found_by_its_key_and_never_booked_twice(net):
    net.fates = ["done, answer lost"] + [cancelled("ConditionalCheckFailed")] * 3
    booked = book()
    appointments = [key for key in net.items if "#appointment#" in key[1]]
    assert len(appointments) == 1
    assert appointments[0][1].endswith(booked.id)


def test_answers_that_stay_lost_are_said_to_be_lost(net):
    net.fates = [ReadTimeoutError(endpoint_url="x")] * 60
    with pytest.raises(Ambiguous):
        book()


def test_neither_phone_number_nor_name_nor_token_is_stored_with_the_request(net):
    service = a_booking_service(DynamoDbBookings())
    wish = BookingRequest(**{**{f: getattr(WISH, f) for f in WISH.__dataclass_fields__}, "name": "Canary Name"})
    booked = service.book(a_municipality(), wish, "key")
    holding = [key for key, item in net.items.items() if "Canary" in json.dumps(item)]
    assert len(holding) == 1
    assert "#appointment#" in holding[0][1]
    assert booked.token not in json.dumps(list(net.items.values()))


def test_slot_taken_is_said_of_what_was_read(net):
    lanes = {str(n): {"M": {"owner": {"S": "other"}}} for n in range(2)}
    tick = {"pk": {"S": "x"}, "sk": {"S": "counter#09:00"}, "lanes": {"M": lanes}}
    connection().client.meta.events.register_first(
        "before-send.dynamodb.Query", lambda **_: answer({"Items": [tick], "Count": 1, "ScannedCount": 1})
    )
    with pytest.raises(SlotTaken):
        book()
    assert net.transactions == []


def test_a_claim_whose_answer_was_lost_sends_nothing(net):
    def lost(**_: Any) -> AWSResponse:
        raise ReadTimeoutError(endpoint_url="x")

    connection().client.meta.events.register_first("before-send.dynamodb.DeleteItem", lost)
    with pytest.raises(Ambiguous):
        DynamoDbMessages(DynamoDbBookings()).claim(WorkItem("fjordby", WorkKind.CONFIRM, "id", MONDAY))


@pytest.mark.parametrize("operation", ["GetItem", "Query"])
def test_reads_that_fail_are_tried_again_and_then_busy(net, operation):
    failing = [0]

    def fail(**_: Any) -> AWSResponse | None:
        failing[0] -= 1
        if failing[0] >= 0:
            raise ReadTimeoutError(endpoint_url="x")
        return None

    connection().client.meta.events.register_first(f"before-send.dynamodb.{operation}", fail)
    failing[0] = 3
    assert book().code
    failing[0] = 1000
    with pytest.raises(Busy):
        book("another")
