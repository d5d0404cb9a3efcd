"""Dispatch, measured: growth and memory through the real handlers in memory, throughput against the bare AWS calls.

    python bench/dispatch.py [--contacts 20000] [--embedded 300]

1. N/10 and N completed contacts through `on_contacts` and `on_send_queue` on in-memory adapters: ten times the contacts
   may take at most 10.5 times the time, and at most 1 MiB more memory (the store is emptied as it goes: it stands
   for DynamoDB).
2. Contacts through decide → claim → send → record on the embedded AWS, against the same number of bare boto3 calls of
   the same kinds and sizes. The ratio is what our code, PynamoDB and the conditions cost.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sys
import tempfile
import time
import tracemalloc
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from chalice.app import DynamoDBEvent, SQSEvent

from chalicelib import bootstrap
from chalicelib.contacts.document import to_document
from chalicelib.dispatch.policy import ConsentState
from chalicelib.entrypoints import dispatch_events
from chalicelib.shared.identifiers import ContactId, new_ulid
from chalicelib.telemetry import logger, metrics
from tests.builders import MONDAY, a_contact, a_municipality_document
from tests.dispatch_rows import store_completed
from tests.embedded import embedded_aws, store_municipality
from tests.fakes_dispatch import World

if TYPE_CHECKING:
    from collections.abc import Iterator

BATCH = 25
GROWTH_LIMIT = 10.5
MEMORY_LIMIT = 1024 * 1024


def peak_of(contacts: int) -> int:
    """Peak bytes for that many contacts. Apart from the time, because watching memory doubles it."""
    tracemalloc.start()
    in_memory(contacts)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def in_memory(contacts: int) -> float:
    """Seconds for that many contacts, each of another citizen."""
    world = World()
    world.clock.advance(minutes=20)
    bootstrap.dispatch = lambda: world.dispatch  # type: ignore[assignment]
    started = time.process_time()
    for first in range(0, contacts, BATCH):
        records = []
        for number in range(first, min(first + BATCH, contacts)):
            contact = a_contact(id=ContactId(f"01BENCH{number:010d}"), arrived_at=MONDAY)
            world.store.complete(contact, phone=f"+45{20_000_000 + number}", consent=ConsentState.GRANTED, code=None)
            image = {"document": {"S": json.dumps(to_document(contact))}}
            change = {"SequenceNumber": str(number), "NewImage": image}
            records.append({"eventID": "1", "eventName": "INSERT", "eventSource": "aws:dynamodb", "dynamodb": change})
        _quietly(dispatch_events.on_contacts, DynamoDBEvent({"Records": records}, None))
        bodies = [json.dumps({"municipality": h.municipality, "contact_id": h.contact_id}) for h in world.queue.hints]
        hints = [{"messageId": str(n), "body": body, "eventSource": "aws:sqs"} for n, body in enumerate(bodies)]
        _quietly(dispatch_events.on_send_queue, SQSEvent({"Records": hints}, None))
        assert len(world.sender.published) == len(records)
        _empty(world)
    return time.process_time() - started


def _quietly(handler: Any, event: Any) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        handler(event)
        metrics.clear_metrics()


def _empty(world: World) -> None:
    """What DynamoDB, SQS and SNS would hold."""
    store = world.store
    for table in (store.contacts, store.consents, store.rows, store.work, store.links, store.messages):
        table.clear()
    for other in (store.quarantine, store.flying, store.reminders, store.quotas):
        other.clear()
    world.queue.hints.clear()
    world.sender.published.clear()
    world.sender.log.clear()


class Clock:
    def __init__(self) -> None:
        self.time = MONDAY + timedelta(minutes=20)

    def now(self) -> Any:
        return self.time


def embedded(contacts: int) -> tuple[float, float]:
    """Seconds of ours and of the bare calls."""
    with tempfile.TemporaryDirectory() as folder, embedded_aws(Path(folder)) as aws:
        municipality = store_municipality(a_municipality_document(id="bench"))
        bootstrap.use_clock(Clock())
        completed = []
        for number in range(contacts):
            contact = a_contact(id=ContactId(new_ulid(MONDAY)), municipality=municipality.id)
            store_completed(contact, f"+45{20_000_000 + number}")
            completed.append(contact)
        dispatch = _dispatch()
        ours = bare = 0.0
        for number, contact in enumerate(completed):  # in turn, as other processes share the machine
            started = time.perf_counter()
            dispatch.decide_contact(contact)
            dispatch.send(municipality.id, contact.id)
            between = time.perf_counter()
            for call in _bare(aws, number):
                call()
            ours, bare = ours + between - started, bare + time.perf_counter() - between
        return ours, bare


_dispatch = bootstrap.dispatch


def _bare(aws: Any, number: int, cache: dict[str, Any] = {}) -> Iterator[Any]:  # noqa: B006 - the clients, once
    """The calls of one invitation, without conditions and without anything around them."""
    if not cache:
        cache.update({name: aws.client(name) for name in ("dynamodb", "sqs", "sns")})
    dynamodb, prefix = cache["dynamodb"], aws.environment["BORGERPULS_PREFIX"]
    key = {"pk": {"S": f"bench#bare#{number}"}, "sk": {"S": "x"}}
    body = {"document": {"S": "x" * 700}, "municipality": {"S": "bench"}, "contact_id": {"S": str(number)}}

    def get(table: str) -> Any:
        return lambda: dynamodb.get_item(TableName=f"{prefix}-{table}", Key=key, ConsistentRead=True)

    def put(table: str, sk: str) -> dict[str, Any]:
        return {"Put": {"TableName": f"{prefix}-{table}", "Item": {**key, **body, "sk": {"S": sk}}}}

    def transaction(*items: dict[str, Any]) -> Any:
        return lambda: dynamodb.transact_write_items(TransactItems=list(items))

    yield get("work")
    names = [{**key, "sk": {"S": sk}} for sk in ("survey_sms", "opted_out", "quarantine")]
    yield lambda: dynamodb.batch_get_item(RequestItems={f"{prefix}-consents": {"Keys": names}})
    decided = [put("invitations", "x"), put("work", "land"), put("work", "send"), put("links", "x")]
    delete = {"Delete": {"TableName": f"{prefix}-work", "Key": {**key, "sk": {"S": "decide"}}}}
    yield transaction(*decided, delete)
    url = aws.environment["SEND_QUEUE_URL"]
    entries = [{"Id": "0", "MessageBody": "x" * 80}]
    yield lambda: cache["sqs"].send_message_batch(QueueUrl=url, Entries=entries)
    yield get("invitations")
    claimed = [put("consents", "quarantine"), put("invitations", "x"), put("work", "land"), put("work", "settle")]
    checks = [
        {"ConditionCheck": {
            "TableName": f"{prefix}-consents",
            "Key": {**key, "sk": {"S": sk}},
            "ConditionExpression": "attribute_not_exists(pk)",
        }}
        for sk in ("survey_sms", "opted_out")
    ]  # fmt: skip
    yield transaction(*checks, delete, *claimed, put("links", "sent"))
    yield lambda: cache["sns"].publish(PhoneNumber=f"+45{60_000_000 + number}", Message="x" * 140)
    accepted = [put("invitations", "x"), put("work", "land"), put("work", "settle2"), put("links", "sms")]
    gone = {"Delete": {"TableName": f"{prefix}-links", "Key": {**key, "sk": {"S": "sent"}}}}
    yield transaction(delete, gone, *accepted)
    yield get("links")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=20_000, help="in memory; 100000 for the long run")
    parser.add_argument("--embedded", type=int, default=300, help="on the embedded AWS; 2000 for the long run")
    arguments = parser.parse_args()
    logger.setLevel("ERROR")

    few = arguments.contacts // 10
    in_memory(few)  # warm
    before, many, after = (in_memory(number) for number in (few, arguments.contacts, few))
    growth = many / ((before + after) / 2)  # both sides of it, as other processes share the machine
    memory = peak_of(arguments.contacts // 4) - peak_of(arguments.contacts // 40)
    print(f"in memory: {arguments.contacts} contacts in {many:.1f} s, {arguments.contacts / many:.0f} a second")
    print(f"growth at ten times the contacts: {growth:.2f} (limit {GROWTH_LIMIT})")
    print(f"more memory at ten times the contacts: {memory / 1024:.0f} KiB (limit {MEMORY_LIMIT / 1024:.0f})")
    ours, bare = embedded(arguments.embedded)
    print(f"embedded AWS: {arguments.embedded} invitations, {arguments.embedded / ours:.0f} a second")
    print(f"ratio to the bare calls: {ours / bare:.2f}")
    return 0 if growth <= GROWTH_LIMIT and memory <= MEMORY_LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
