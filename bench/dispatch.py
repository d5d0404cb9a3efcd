"""What dispatch costs as contacts become many, and beyond the calls that it must make: `python -m bench.dispatch`.

1. In memory: 10,000 and 100,000 completed contacts through `on_contacts` and `on_send_queue` on the adapters of the
   tests, which keep everything. Ten times the contacts may take at most 10.5 times the CPU time, and a call may not
   need more memory, nor leave anything behind. Both sizes run in turns of some hundred contacts, so that a busy machine
   disturbs both alike: one store that fills up to the end against stores that begin anew at the smaller size.
2. On the embedded AWS: 2,000 contacts through the real stream, queue and handlers. Every call that a handler made is
   made again with a plain client on rows of its own: the same operations, parameters and conditions, in turn.

Ends with status 1 if a bound is broken or a message is missing or doubled. CONTACTS and EMBEDDED shorten it; whole, it
takes about ten minutes of one CPU. Figures stand in `bench/README.md`.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import resource
import statistics
import sys
import time
import tracemalloc
from dataclasses import dataclass, field
from typing import Any

from chalice.app import DynamoDBEvent, SQSEvent

from bench.parts.dispatch_embedded import on_the_embedded_aws
from chalicelib import bootstrap
from chalicelib.contacts.document import to_document
from chalicelib.dispatch.policy import ConsentState
from chalicelib.entrypoints.events import dispatch as dispatch_events
from chalicelib.shared.identifiers import ContactId
from chalicelib.telemetry import logger, metrics
from tests.builders import MONDAY, a_contact
from tests.fakes.dispatch import World

MANY = int(os.environ.get("CONTACTS", "100000"))
FEW = MANY // 10
EMBEDDED = int(os.environ.get("EMBEDDED", "2000"))
BATCH = 25
TURN = min(500, FEW)
GROWTH_LIMIT = 10.5
CALL_GROWTH_LIMIT = 1.1
LEFT_BEHIND_LIMIT = 1000
"""Blocks of memory: one that stayed for each contact would be a hundred thousand."""


class InMemory:
    """Contacts, each of another citizen, through the handlers into one store that keeps them all."""

    def __init__(self) -> None:
        self.world, self.done = World(), 0
        self.world.clock.advance(minutes=20)

    def turn(self, contacts: int) -> float:
        """CPU seconds of the handlers, the fakes' own included."""
        took = 0.0
        gc.freeze()  # what the store keeps is DynamoDB's in AWS: no collection of ours walks through it there
        for _ in range(contacts // BATCH):
            took += self._batch()
        return took

    def _batch(self) -> float:
        world, records = self.world, []
        bootstrap.dispatch = lambda: world.dispatch  # type: ignore[assignment]
        for number in range(self.done, self.done + BATCH):
            contact = a_contact(id=ContactId(f"01BENCH{number:010d}"), arrived_at=MONDAY)
            world.store.complete(contact, phone=f"+45{20_000_000 + number}", consent=ConsentState.GRANTED, code=None)
            image = {"document": {"S": json.dumps(to_document(contact))}}
            change = {"SequenceNumber": str(number), "NewImage": image}
            records.append({"eventID": "1", "eventName": "INSERT", "eventSource": "aws:dynamodb", "dynamodb": change})
        took = _cpu(dispatch_events.on_contacts, DynamoDBEvent({"Records": records}, None))
        bodies = [json.dumps({"municipality": h.municipality, "contact_id": h.contact_id}) for h in world.queue.hints]
        world.queue.hints.clear()
        hints = [{"messageId": str(n), "body": body, "eventSource": "aws:sqs"} for n, body in enumerate(bodies)]
        took += _cpu(dispatch_events.on_send_queue, SQSEvent({"Records": hints}, None))
        self.done += BATCH
        assert len(world.sender.published) == self.done
        return took

    def bytes_of_a_call(self) -> int:
        """What one batch needed at most, the rows that it leaves in the store included."""
        tracemalloc.start()
        try:
            self._batch()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


def _cpu(handler: Any, event: Any) -> float:
    with contextlib.redirect_stdout(io.StringIO()):
        begin = time.process_time()
        answer = handler(event)
        took = time.process_time() - begin
        metrics.clear_metrics()
    assert answer == {"batchItemFailures": []}
    return took


@dataclass
class Growth:
    """Of the many against the few."""

    many: float = 0.0
    few: float = 0.0
    turns: list[float] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)

    def measure(self) -> None:
        large, small = InMemory(), InMemory()
        for number in range(MANY // TURN):
            if number % (FEW // TURN) == 0:
                small = InMemory()
            first, second = (large, small) if number % 2 else (small, large)
            took = {first: first.turn(TURN), second: second.turn(TURN)}
            self.many, self.few = self.many + took[large], self.few + took[small] / 10
            self.turns.append(took[large] / took[small])
            self.calls.append(large.bytes_of_a_call())

    @property
    def turn_at_the_ends(self) -> tuple[float, float]:
        """A turn of the large store against the small one's, while both are small and when the large one is full."""
        tenth = FEW // TURN
        return statistics.median(self.turns[:tenth]), statistics.median(self.turns[-tenth:])

    @property
    def call(self) -> float:
        """Memory of a call at the end of the many, against that at the end of the few."""
        tenth = FEW // TURN
        return statistics.median(self.calls[-tenth:]) / statistics.median(self.calls[:tenth])


def in_memory() -> list[str]:
    """What is wrong."""
    real = bootstrap.dispatch
    InMemory().turn(FEW)  # what every process holds after a while
    growth, blocks = Growth(), _blocks(real)
    growth.measure()
    left = _blocks(real) - blocks
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    ratio = growth.many / growth.few
    per_contact = statistics.median(growth.calls) / BATCH / 1024
    print(f"in memory, CPU time: {FEW} contacts {growth.few:.2f} s, {MANY} contacts {growth.many:.2f} s")
    first, last = growth.turn_at_the_ends
    print(f"  {ratio:.2f} times (limit {GROWTH_LIMIT}); of {len(growth.turns)} turns against the small store's, median")
    print(f"    {first:.3f} in the first tenth, when both are small, and {last:.3f} in the last")
    print(f"  {MANY / growth.many:.0f} contacts for a second of one CPU, the fakes' work included")
    print(f"  memory of a call at most: {per_contact:.1f} KiB for each of its {BATCH} contacts;")
    print(f"    after {MANY} contacts {growth.call:.2f} times that after {FEW} (limit {CALL_GROWTH_LIMIT})")
    print(f"  left when the stores are gone: {left} blocks (limit {LEFT_BEHIND_LIMIT})")
    print(f"  not ours: with the fakes' stores, which keep everything, the process had {peak:.0f} MiB")
    bounds = {
        "growth": ratio <= GROWTH_LIMIT,
        "memory of a call": growth.call <= CALL_GROWTH_LIMIT,
        "memory left behind": left <= LEFT_BEHIND_LIMIT,
    }
    return [name for name, holds in bounds.items() if not holds]


def _blocks(real: Any) -> int:
    """Blocks of memory in use in this process, when nobody holds a store any more."""
    bootstrap.dispatch = real
    gc.unfreeze()
    gc.collect()
    return sys.getallocatedblocks()


def main() -> int:
    logger.setLevel("ERROR")
    wrong = in_memory() + on_the_embedded_aws(EMBEDDED)
    for what in wrong:
        print(f"BROKEN: {what}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
