"""What booking costs beyond the DynamoDB calls that it must make: `python -m bench.booking`.

Bookings and looks at a fortnight in a second, with 1, 8 and 32 clients; the handler's CPU time; capacity units.

Both sides run interleaved in one process on a transport that answers at once, so only our own CPU time counts and a
busy machine disturbs both alike. The bare side makes exactly the calls that the handler made, with a plain botocore
client: same operations, same parameters.
"""

from __future__ import annotations

import json
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
from botocore.awsrequest import AWSResponse

from chalicelib.booking.model import BookingRequest, ConsentAnswer
from chalicelib.shared.clock import utc_text
from chalicelib.shared.phone import PhoneNumber
from local.environment import VARIABLES, activated
from local.ministack import CREDENTIALS
from tests.builders import MONDAY, FixedClock, a_municipality_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ROUNDS = 60
CROWDS = (1, 8, 32)
CROWD_REQUESTS = 400
CONTEXT = SimpleNamespace(
    function_name="api", memory_limit_in_mb=512, invoked_function_arn="arn:aws:lambda:::x", aws_request_id="r"
)
ENVIRONMENT = {**dict.fromkeys(VARIABLES, "x"), **CREDENTIALS, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}


class Transport:
    """Answers every DynamoDB call at once; the configuration is there, everything else is empty."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.document = json.dumps(a_municipality_document())

    def __call__(self, request: Any, **_: Any) -> AWSResponse:
        operation = request.headers["X-Amz-Target"].decode().rsplit(".", 1)[1]
        body = json.loads(request.body)
        self.calls.append((operation, body))
        answer: dict[str, Any] = {}
        if operation == "Query":
            answer = {"Items": [], "Count": 0, "ScannedCount": 0}
        elif operation == "GetItem" and body["Key"]["pk"]["S"].endswith("#config"):
            item = {**body["Key"], "document": {"S": self.document}, "version": {"N": "1"}}
            answer = {"Item": item}
        return _answer(answer)


def _secret(**_: Any) -> AWSResponse:
    """The seed of the keys."""
    return _answer({"SecretString": json.dumps({"seed": "bench"})})


def _answer(content: dict[str, Any]) -> AWSResponse:
    response = AWSResponse("http://127.0.0.1:9", 200, {"x-amzn-RequestId": "r"}, None)
    response._content = json.dumps(content).encode()  # noqa: SLF001 - how botocore's own stubs do it
    return response


def main() -> None:
    with activated(ENVIRONMENT):
        boto3.setup_default_session()
        boto3.DEFAULT_SESSION.events.register("before-send.secrets-manager", _secret)
        import app
        from chalicelib import bootstrap
        from chalicelib.adapters.tables import connection

        transport, client = Transport(), connection().client
        client.meta.events.register("before-send.dynamodb", transport)
        clock = FixedClock(MONDAY)
        bootstrap.use_clock(clock)
        requests = {"book": _book, "slots of a fortnight": _slots}
        print(f"{'one request':22}{'handler ms':>12}{'bare calls ms':>15}{'calls':>7}{'ratio':>7}  consumed, computed")
        for name, event in requests.items():
            _handler(name, lambda event=event: app.app(event(), CONTEXT), transport, client)
        _crowds(transport, client)


def _handler(name: str, handle: Callable[[], Any], transport: Transport, client: Any) -> None:
    """CPU of the whole handler, as Lambda calls it, against the calls that it makes."""
    handle()
    transport.calls.clear()
    answer = handle()
    assert answer["statusCode"] in {200, 201}, answer["body"]
    calls = list(transport.calls)
    bare = _bare(client, calls)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(_cpu(handle))
        theirs.append(_cpu(bare))
    mine, other = statistics.median(ours) * 1000, statistics.median(theirs) * 1000
    reads, writes = consumed(calls)
    units = f"{reads:g} read and {writes:g} write units"
    print(f"{name:22}{mine:12.2f}{other:15.2f}{len(calls):7}{mine / other:7.2f}  {units}")


def _crowds(transport: Transport, client: Any) -> None:
    """Use cases in threads of one process, as local servers and containers run them; the transport answers at once."""
    from chalicelib import bootstrap

    municipality = bootstrap.municipalities().get("fjordby")
    first = MONDAY.date()
    cases = {
        "book": lambda: bootstrap.booking().book(municipality, _wish(), f"k{next(_numbers)}"),
        "fortnight": lambda: bootstrap.booking().slots(
            municipality, "raadhuset", ["passport"], first, first + timedelta(days=13)
        ),
    }
    print(f"\n{'in one process':22}{'clients':>8}{'per second':>12}{'p95 ms':>9}{'bare per second':>17}{'ratio':>7}")
    for name, work in cases.items():
        transport.calls.clear()
        work()
        bare = _bare(client, list(transport.calls))
        for clients in CROWDS:
            ours, theirs = _crowd(work, clients), _crowd(bare, clients)
            ratio = theirs.per_second / ours.per_second
            shown = f"{ours.per_second:12.0f}{ours.p95 * 1000:9.1f}{theirs.per_second:17.0f}{ratio:7.2f}"
            print(f"{name:22}{clients:8}{shown}")


@dataclass(frozen=True, slots=True)
class Measured:
    """What a crowd saw."""

    per_second: float
    p95: float


def _crowd(work: Callable[[], Any], clients: int) -> Measured:
    def one(_: int) -> float:
        begin = time.perf_counter()
        work()
        return time.perf_counter() - begin

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(one, range(clients)))
        begin = time.perf_counter()
        took = sorted(pool.map(one, range(CROWD_REQUESTS)))
    return Measured(CROWD_REQUESTS / (time.perf_counter() - begin), took[int(len(took) * 0.95)])


def _bare(client: Any, calls: list[tuple[str, dict[str, Any]]]) -> Callable[[], None]:
    call = client._make_api_call  # noqa: SLF001 - a method for every operation, by its name

    def run() -> None:
        for operation, body in calls:
            call(operation, body)

    return run


def consumed(calls: Iterable[tuple[str, dict[str, Any]]]) -> tuple[float, float]:
    """Capacity units of the calls, by DynamoDB's price rules and the sizes of the items as sent.

    A consistent read costs one unit for each 4 KB begun; a write in a transaction two for each KB of the item. The
    stub's answers are empty: a tick that others have lanes of is some hundred bytes more, within the same KB.
    """
    reads = writes = 0.0
    for operation, body in calls:
        if operation == "TransactWriteItems":
            writes += sum(2 * -(-_size(entry) // 1024) for entry in body["TransactItems"])
        elif operation in {"PutItem", "DeleteItem", "UpdateItem"}:
            writes += -(-_size({operation: body}) // 1024)
        elif operation == "BatchGetItem":
            reads += sum(len(table["Keys"]) for table in body["RequestItems"].values())
        else:
            reads += 1 if body.get("ConsistentRead") else 0.5
    return reads, writes


def _size(entry: dict[str, dict[str, Any]]) -> int:
    (step,) = entry.values()
    values = step.get("Item") or {**step["Key"], **step.get("ExpressionAttributeValues", {})}
    return max(1, sum(len(name) + len(json.dumps(value)) for name, value in values.items()))


def _wish() -> BookingRequest:
    consent = ConsentAnswer(granted=True, text_version="2026-1")
    start = MONDAY.replace(day=24, hour=8)
    return BookingRequest("raadhuset", ("passport",), start, "da", consent, phone=PhoneNumber("+4520123456"))


def _cpu(work: Callable[[], Any]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


_numbers = iter(range(1_000_000))


def _book() -> dict[str, Any]:
    body = {
        "office": "raadhuset",
        "reasons": ["passport"],
        "start": utc_text(MONDAY.replace(day=24, hour=8)),
        "language": "da",
        "phone": "+4520123456",
        "survey_consent": {"granted": True, "text_version": "2026-1"},
    }
    path = "/api/v1/municipalities/{municipality}/appointments"
    headers = {"content-type": "application/json", "idempotency-key": f"k{next(_numbers)}"}
    return _event("POST", path, {"municipality": "fjordby"}, headers=headers, body=json.dumps(body))


def _slots() -> dict[str, Any]:
    path = "/api/v1/municipalities/{municipality}/offices/{office}/slots"
    asked = {"reason": ["passport"], "from": ["2026-11-23"], "to": ["2026-12-06"]}
    return _event("GET", path, {"municipality": "fjordby", "office": "raadhuset"}, asked=asked)


def _event(
    method: str, path: str, parameters: dict[str, str], *, headers: Any = None, body: str = "", asked: Any = None
) -> dict[str, Any]:
    context = {"httpMethod": method, "resourcePath": path, "path": path, "stage": "api", "requestId": "r"}
    return {
        "requestContext": {**context, "identity": {"sourceIp": "127.0.0.1"}},
        "pathParameters": parameters,
        "multiValueQueryStringParameters": asked,
        "headers": headers or {},
        "body": body,
        "isBase64Encoded": False,
        "stageVariables": None,
    }


if __name__ == "__main__":
    main()
