"""Accidents at the product's writes, on the embedded AWS: a process dies before one, or its answer gets lost.

The handlers of `app.py` run unchanged, behind the real streams and the real queue; the accident happens where botocore
sends the request. Dying before a write is dying after the one before it. A lost answer is one whose write was done: the
request goes out, and then the client waits in vain, with its own retries and time limits.
"""

from __future__ import annotations

import importlib
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import boto3
from botocore.exceptions import ReadTimeoutError
from botocore.httpsession import URLLib3Session

from chalicelib import bootstrap
from chalicelib.adapters.tables import connection
from chalicelib.entrypoints.events import sweep as sweep_events
from local.delivery import FunctionFailed
from local.environment import forget_everything
from local.functions import Functions
from local.queues import QueueMapping
from local.sources import sources
from local.streams import StreamMapping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.embedded import Embedded

_STREAMS = {"ContactsStreamArn": "contacts", "InvitationsStreamArn": "invitations", "ResponsesStreamArn": "responses"}


class Died(BaseException):
    """The process is gone: nothing in the product may catch this."""


@dataclass(frozen=True)
class Accident:
    """What happens at a function's n-th call of an operation, once."""

    function: str
    operation: str
    nth: int = 1
    lost: bool = False

    def __str__(self) -> str:
        """The name of the test that has it."""
        return f"{self.function}-{'lost answer of' if self.lost else 'dies before'}-{self.operation}-{self.nth}"


@dataclass
class Fate:
    """Watches every request; `accident` waits for its moment, and is None when it has happened."""

    accident: Accident | None = None
    _function: str = ""
    _seen: int = 0
    _wire: URLLib3Session = field(default_factory=URLLib3Session)

    def send(self, accident: Accident) -> None:
        """From now on counted."""
        self.accident, self._seen = accident, 0

    @contextmanager
    def running(self, function: str) -> Iterator[None]:
        """Only what a function sends can meet its fate; what a test itself asks never does."""
        self._function = function
        try:
            yield
        finally:
            self._function = ""

    def at_a_request(self, request: Any, event_name: str, **_: Any) -> None:
        """What botocore calls before it sends; without an answer from here it sends."""
        planned, operation = self.accident, event_name.rpartition(".")[2]
        if planned is None or (planned.function, planned.operation) != (self._function, operation):
            return
        self._seen += 1
        if self._seen < planned.nth:
            return
        self.accident = None
        if not planned.lost:
            raise Died
        self._wire.send(request)
        raise ReadTimeoutError(endpoint_url=request.url)


class Platform:
    """Streams, queue and the minute's sweep around the functions, as AWS has them; it starts with what comes next."""

    def __init__(self, embedded: Embedded, fate: Fate) -> None:
        app = importlib.import_module("app")
        tables, prefix = embedded.client("dynamodb"), embedded.outputs["Prefix"]
        arns = {
            output: tables.describe_table(TableName=f"{prefix}-{table}")["Table"]["LatestStreamArn"]
            for output, table in _STREAMS.items()
        }
        found, functions = sources(app.app, {**embedded.outputs, **arns}), Functions(app)
        clients = {"streams": embedded.client("dynamodbstreams"), "queues": embedded.client("sqs")}
        self._fate, self._functions, self._busy = fate, functions, functions.busy
        self.events: list[tuple[str, Mapping[str, Any]]] = []
        self.is_lossy = False
        into: Any = self
        self._streams = [StreamMapping(replace(each, from_latest=True), into, **clients) for each in found.streams]
        self._queues = [QueueMapping(each, into, queues=clients["queues"]) for each in found.queues]
        self.is_lossy = True
        self.flow()  # what others left behind
        self.is_lossy = False

    def invoke(self, name: str, event: Mapping[str, Any]) -> Any:
        """One call of a function: an event that gets lost is acknowledged and never seen.

        Raises:
            FunctionFailed: it died, or raised.
        """
        if self.is_lossy:
            return {}
        self.events.append((name, event))
        return self._call(name, event)

    def flow(self) -> None:
        """Nothing moves any more afterwards."""
        mappings: list[StreamMapping | QueueMapping] = [*self._streams, *self._queues]
        while sum(mapping.run_once() for mapping in mappings):
            pass

    def sweep(self, municipality: str) -> None:
        """What the minute's sweep does about one municipality's dispatch and landing."""
        now = bootstrap.clock().now()
        self.task("sweep", lambda: sweep_events.sweep_dispatch(municipality, now))
        self.task("sweep", lambda: bootstrap.landing().sweep(municipality, now))

    def task(self, name: str, work: Callable[[], object]) -> bool:
        """A process that does this; True if it lived to the end."""
        try:
            with self._fate.running(name):
                work()
        except Died:
            return False
        return True

    def happens_again(self) -> None:
        """Every event once more, the last one first."""
        for name, event in reversed(self.events.copy()):
            self._call(name, event)

    def forget(self) -> Self:
        """What happened before is not replayed."""
        self.events.clear()
        return self

    def _call(self, name: str, event: Mapping[str, Any]) -> Any:
        try:
            with self._fate.running(name):
                return self._functions.invoke(name, event)
        except Died:
            raise FunctionFailed(name) from None


@contextmanager
def watched() -> Iterator[Fate]:
    """Every client that the product makes in this block is watched."""
    fate = Fate()
    forget_everything()
    boto3.setup_default_session()
    session: Any = boto3.DEFAULT_SESSION
    session.events.register("before-send", fate.at_a_request)
    connection().client.meta.events.register("before-send", fate.at_a_request)
    try:
        yield fate
    finally:
        forget_everything()
