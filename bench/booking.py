"""What booking costs beyond the DynamoDB calls that it must make: `python -m bench.booking`.

Both sides run interleaved in one process on a transport that answers at once, so only our own CPU time counts and a
busy machine disturbs both alike. The bare side makes exactly the calls that the handler made, with a plain botocore
client: same operations, same parameters.
"""

from __future__ import annotations

import json
import statistics
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSResponse

from chalicelib.shared.clock import utc_text
from local.environment import VARIABLES, activated
from local.ministack import CREDENTIALS
from tests.builders import KEYS, MONDAY, FixedClock, a_municipality_document

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 60
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
        response = AWSResponse("http://127.0.0.1:9", 200, {"x-amzn-RequestId": "r"}, None)
        response._content = json.dumps(answer).encode()  # noqa: SLF001 - how botocore's own stubs do it
        return response


def main() -> None:
    with activated(ENVIRONMENT):
        import app
        from chalicelib import bootstrap
        from chalicelib.adapters.tables import connection

        transport = Transport()
        connection().client.meta.events.register("before-send.dynamodb", transport)
        clock = FixedClock(MONDAY)
        bootstrap.use_clock(clock)
        bootstrap.keys = lambda: KEYS
        requests = {"book": _book, "slots of a week": _slots}
        print(f"{'':18}{'handler ms':>12}{'bare calls ms':>15}{'calls':>7}{'ratio':>7}")
        for name, event in requests.items():
            _measure(name, lambda event=event: app.app(event(), CONTEXT), transport, connection().client)


def _measure(name: str, handle: Callable[[], Any], transport: Transport, client: Any) -> None:
    handle()
    transport.calls.clear()
    answer = handle()
    assert answer["statusCode"] in {200, 201}, answer["body"]
    calls = list(transport.calls)
    call = client._make_api_call  # noqa: SLF001 - a method for every operation, by its name
    ours, bare = [], []
    for _ in range(ROUNDS):
        ours.append(_cpu(handle))
        bare.append(_cpu(lambda: [call(operation, body) for operation, body in calls]))
    mine, theirs = statistics.median(ours), statistics.median(bare)
    print(f"{name:18}{mine * 1000:12.2f}{theirs * 1000:15.2f}{len(calls):7}{mine / theirs:7.2f}")


def _cpu(work: Callable[[], Any]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


_numbers = iter(range(10_000))


def _book() -> dict[str, Any]:
    body = {
        "office": "raadhuset",
        "reasons": ["passport"],
        "start": utc_text(MONDAY.replace(day=24, hour=8)),
        "language": "da",
        "survey_consent": {"granted": True, "text_version": "2026-1"},
    }
    path = "/api/v1/municipalities/{municipality}/appointments"
    headers = {"content-type": "application/json", "idempotency-key": f"k{next(_numbers)}"}
    return _event("POST", path, {"municipality": "fjordby"}, headers=headers, body=json.dumps(body))


def _slots() -> dict[str, Any]:
    path = "/api/v1/municipalities/{municipality}/offices/{office}/slots"
    asked = {"reason": ["passport"], "from": ["2026-11-23"], "to": ["2026-11-29"]}
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
