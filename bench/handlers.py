"""What the main calls of the API cost beyond the DynamoDB calls that they must make: `python -m bench.handlers`.

One visit goes through the embedded AWS while everything that botocore sends and gets is recorded. Then each request is
handled again and again with the recorded answers, in turns with the same DynamoDB calls by a plain client of botocore
on the same answers: no network, so only CPU time counts, and a busy machine disturbs both sides alike. Messages (SNS)
are left out on the bare side.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalice.local import LambdaContext

from bench.parts.recording import bare
from bench.parts.visit import TENANT, world
from chalicelib import bootstrap
from chalicelib.adapters.tables import connection

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.parts.visit import Invocation, World

ROUNDS = 80
MEASURED = (
    "page: times", "slots", "hold", "book", "check in", "desk: page", "call next", "start", "complete",
    "survey page", "answer", "finish",
)  # fmt: skip


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, world(Path(folder)) as running:
        running.visit(0)  # warms what a process keeps: connections, configuration, the staff's keys, templates
        running.functions.seen.clear()
        running.visit(1)
        requests = {seen.label: seen for seen in running.functions.seen if seen.function == "api_handler"}
        print(f"{'one request':14}{'handler ms':>12}{'bare ms':>9}{'ratio':>7}{'calls':>7}  read, write units, calls")
        for label in MEASURED:
            _compare(running, requests[label])


def _compare(running: World, seen: Invocation) -> None:
    client = connection().client
    ours: list[float] = []
    theirs: list[float] = []
    running.at(seen.at)
    bootstrap.municipalities().get(TENANT)  # kept for a minute
    with running.recorder.replaying(seen.calls):
        handle, calls = _handler(seen), bare(client, seen.calls)
        for _ in range(ROUNDS):
            for work, took in ((handle, ours), (calls, theirs)):
                running.recorder.rewind()
                took.append(_cpu(work))
    mine, other = (1000 * statistics.median(took) for took in (ours, theirs))
    database = [call for call in seen.calls if call.service == "dynamodb"]
    units = [sum(pair) for pair in zip(*(call.units() for call in database), strict=True)]
    names = Counter(call.name.partition(".")[2] for call in database)
    made = ", ".join(f"{count} {name}" for name, count in names.most_common())
    shown = f"{mine:12.1f}{other:9.1f}{mine / other:7.2f}{len(database):7}"
    print(f"{seen.label:14}{shown}  {units[0]:g}, {units[1]:g}: {made}")


def _handler(seen: Invocation) -> Callable[[], Any]:
    """The API function on this event, as Lambda calls it."""
    import app

    def handle() -> None:
        answer = app.app(seen.event, LambdaContext("api_handler", 512, 29_000))
        assert answer["statusCode"] < 400, answer["statusCode"]

    return handle


def _cpu(work: Callable[[], Any]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


if __name__ == "__main__":
    main()
