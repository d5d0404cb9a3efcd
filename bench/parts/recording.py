"""What botocore sends and gets while it is watched, to be counted, and to be given again without AWS."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BLOCK_READ, BLOCK_WRITTEN = 4096, 1024


@dataclass(frozen=True, slots=True)
class Call:
    """One call: `service.Operation`, what was sent and what came back."""

    name: str
    sent: bytes
    status: int
    answer: bytes

    @property
    def service(self) -> str:
        """Such as `dynamodb`."""
        return self.name.partition(".")[0]

    def units(self) -> tuple[float, float]:
        """DynamoDB's read and write request units, by its price rules, from the sizes as sent and as answered.

        An eventually consistent read costs half a unit for each 4 KB begun, a write one for each KB, each step of a
        transaction two. JSON is longer than what DynamoDB counts, so this is rather too much.
        """
        if self.service != "dynamodb":
            return 0.0, 0.0
        asked, operation = json.loads(self.sent), self.name.partition(".")[2]
        if operation == "TransactWriteItems":
            return 0.0, sum(2.0 * _blocks(len(json.dumps(step)), BLOCK_WRITTEN) for step in asked["TransactItems"])
        if operation in {"PutItem", "UpdateItem", "DeleteItem"}:
            return 0.0, float(_blocks(len(self.sent), BLOCK_WRITTEN))
        each = len(next(iter(asked["RequestItems"].values()))["Keys"]) if operation == "BatchGetItem" else 1
        blocks = max(each, _blocks(len(self.answer), BLOCK_READ))
        return blocks * (1.0 if b'"ConsistentRead": true' in self.sent else 0.5), 0.0


def _blocks(size: int, block: int) -> int:
    return max(1, -(-size // block))


class Recorder:
    """Hangs on botocore's events. Calls are noted only inside `recording`, answered only inside `replaying`."""

    def __init__(self, *emitters: Any) -> None:
        """Clients that are made later from a session inherit its handlers."""
        self._calls: list[Call] | None = None
        self._answers: list[Call] | None = None
        self._left: dict[str, list[Call]] = {}
        self._lock = threading.Lock()
        self._sent = threading.local()
        for emitter in emitters:
            emitter.register("before-send", self._before, unique_id="bench-before")
            emitter.register("response-received", self._after, unique_id="bench-after")

    @contextmanager
    def recording(self) -> Iterator[list[Call]]:
        """The calls made inside the block, in order."""
        calls: list[Call] = []
        before, self._calls = self._calls, calls
        try:
            yield calls
        finally:
            self._calls = before

    @contextmanager
    def replaying(self, calls: list[Call]) -> Iterator[None]:
        """Inside the block AWS answers what it answered then: to the same request the same, else in the same order."""
        self._answers = calls
        self.rewind()
        try:
            yield
        finally:
            self._answers = None

    def rewind(self) -> None:
        """The answers start again."""
        self._left = defaultdict(list)
        for call in self._answers or ():
            self._left[call.name].append(call)

    def _before(self, request: Any, event_name: str, **_: Any) -> AWSResponse | None:
        body = request.body if isinstance(request.body, bytes) else b""
        self._sent.now = body
        if self._answers is None:
            return None
        with self._lock:
            left = self._left[event_name.removeprefix("before-send.")]
            found = left.pop(next((place for place, call in enumerate(left) if call.sent == body), 0))
        response = AWSResponse(request.url, found.status, {"x-amzn-RequestId": "r"}, None)
        response._content = found.answer  # noqa: SLF001 - how botocore's own stubs do it
        return response

    def _after(self, response_dict: dict[str, Any] | None, event_name: str, **_: Any) -> None:
        if self._calls is not None and response_dict is not None:
            name, body = event_name.removeprefix("response-received."), response_dict["body"]
            answer = body if isinstance(body, bytes) else b""
            self._calls.append(Call(name, self._sent.now, response_dict["status_code"], answer))


def bare(client: Any, calls: list[Call]) -> Callable[[], None]:
    """The same DynamoDB calls without anything around them."""
    call = client._make_api_call  # noqa: SLF001 - a method for every operation, by its name
    asked = [(each.name.partition(".")[2], json.loads(each.sent)) for each in calls if each.service == "dynamodb"]

    def run() -> None:
        for operation, body in asked:
            call(operation, body)

    return run
