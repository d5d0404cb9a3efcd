"""Contacts through the real stream, queue and handlers of dispatch on the embedded AWS, against the bare calls."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import boto3
from botocore.config import Config

from chalicelib import bootstrap
from chalicelib.adapters.citizens.dynamodb_contacts import DynamoDbContacts
from chalicelib.adapters.tables import connection
from chalicelib.shared.clock import month_of
from chalicelib.shared.identifiers import ContactId
from chalicelib.shared.phone import PhoneNumber
from chalicelib.shared.work import WorkItem, WorkKind
from local.functions import Functions
from local.queues import QueueMapping
from local.sources import sources
from local.streams import StreamMapping
from tests.builders import MONDAY, FixedClock, a_contact, a_municipality_document
from tests.embedded import embedded_aws, store_municipality

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.contacts.model import Contact
    from tests.embedded import Embedded

RATIO_LIMIT = 2.0
OURS, BARE = "bench", "plain"


@dataclass
class Timed:
    """Seconds on the clock, and of this process's CPU."""

    clock: float = 0.0
    cpu: float = 0.0

    @contextlib.contextmanager
    def running(self) -> Any:
        clock, cpu = time.perf_counter(), time.process_time()
        yield
        self.clock, self.cpu = self.clock + time.perf_counter() - clock, self.cpu + time.process_time() - cpu


class TwoWays:
    """Stands where Lambda stands: runs a function on its event, and then its calls again without it."""

    def __init__(self, embedded: Embedded, functions: Functions) -> None:
        self.ours, self.bare, self.counts = Timed(), Timed(), Counter[str]()
        self._functions = functions
        self._calls: list[tuple[str, str, str]] = []
        self._is_handling = False
        plain = Config(parameter_validation=False, retries={"total_max_attempts": 1, "mode": "standard"})
        self._clients = {name: boto3.client(name, config=plain) for name in ("dynamodb", "sqs", "sns")}
        queue = embedded.client("sqs").create_queue(QueueName="bench-bare")["QueueUrl"]
        self._replaced = {
            f"{OURS}#": f"{BARE}#",
            embedded.environment["SEND_QUEUE_URL"]: queue,
            '"+45': '"+47',
        }

    def note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        """What botocore calls with what it was asked."""
        if self._is_handling and model.service_model.service_name in self._clients:
            asked = {name: value for name, value in params.items() if name != "ClientRequestToken"}
            self._calls.append((model.service_model.service_name, model.name, json.dumps(asked)))

    def invoke(self, name: str, event: Mapping[str, Any]) -> Any:
        """As `Functions.invoke`."""
        records = [record for record in event["Records"] if not _is_bare(record)]
        if not records:
            return {}
        self._calls.clear()
        self._is_handling = True
        with contextlib.redirect_stdout(io.StringIO()), self.ours.running():
            answer = self._functions.invoke(name, {"Records": records})
        self._is_handling = False
        calls = [(service, operation, self._on_other_rows(asked)) for service, operation, asked in self._calls]
        with self.bare.running():
            for service, operation, asked in calls:
                self._clients[service]._make_api_call(operation, asked)  # noqa: SLF001 - any operation by its name
        self.counts.update(f"{service} {operation}" for service, operation, _ in calls)
        return answer

    def _on_other_rows(self, asked: str) -> Any:
        for old, new in self._replaced.items():
            asked = asked.replace(old, new)
        return json.loads(asked)


def _is_bare(record: Mapping[str, Any]) -> bool:
    keys = record.get("dynamodb", {}).get("Keys", {})
    return bool(keys) and keys["pk"]["S"].startswith(f"{BARE}#")


def on_the_embedded_aws(many: int) -> list[str]:
    """What is wrong after so many contacts."""
    with tempfile.TemporaryDirectory() as folder, embedded_aws(Path(folder)) as aws:
        clock = FixedClock(MONDAY + timedelta(minutes=20))
        bootstrap.use_clock(clock)
        session: Any = boto3.DEFAULT_SESSION
        two = TwoWays(aws, Functions(importlib.import_module("app")))
        for emitter in (session.events, connection().client.meta.events):
            emitter.register("before-parameter-build", two.note)
        store_municipality(a_municipality_document(id=OURS))
        contacts = [_completed(number, OURS) for number in range(many)]
        for number in range(many):  # what the bare calls find: their conditions hold as ours do
            _completed(number, BARE)
        begin = time.perf_counter()
        _flow(aws, two)
        whole = time.perf_counter() - begin - two.bare.clock
        doubled, missing = _messages(aws, many)
        later = clock.now() + timedelta(days=365)
        equation = bootstrap.reconciliation().equation(OURS, month_of(contacts[0].ended_at), later)
    ratio, cpu = two.ours.clock / two.bare.clock, two.ours.cpu / two.bare.cpu
    each = ", ".join(f"{count / many:.2f} {name}" for name, count in sorted(two.counts.items()))
    print(f"embedded AWS: {many} contacts, {many / whole:.0f} a second through stream, queue and handlers")
    print(f"  handlers alone {many / two.ours.clock:.0f} a second, bare calls {many / two.bare.clock:.0f}")
    print(f"  ratio to the bare calls: {cpu:.2f} of this process's CPU (limit {RATIO_LIMIT}), {ratio:.2f} on the clock")
    print(f"  calls for a contact: {each}")
    print(f"  messages missing {missing}, doubled {doubled}; the account: {dict(equation.states)}")
    bounds = {
        "ratio to the bare calls": cpu <= RATIO_LIMIT,
        "every message once": not (doubled or missing),
        "account": equation.adds_up and equation.states == {"accepted": many},
    }
    return [name for name, holds in bounds.items() if not holds]


def _completed(number: int, municipality: str) -> Contact:
    contact = a_contact(id=ContactId(f"01BENCH{number:010d}"), municipality=municipality, arrived_at=MONDAY)
    phone = PhoneNumber(f"+45{20_000_000 + number}")
    payload = {"phone": phone.reveal(), "language": contact.language, "code": None}
    work = [
        WorkItem(municipality, WorkKind.DECIDE, contact.id, contact.ended_at, payload),
        WorkItem(municipality, WorkKind.LAND_CONTACT, contact.id, contact.ended_at),
    ]
    assert DynamoDbContacts(bootstrap.keys, bootstrap.clock).add(contact, work, phone)
    return contact


def _flow(aws: Embedded, two: Any) -> None:
    """Until no stream and no queue moves."""
    found = sources(importlib.import_module("app").app, aws.outputs)
    streams, queues = aws.client("dynamodbstreams"), aws.client("sqs")
    stream = next(source for source in found.streams if source.function == "dispatch_contact")
    mappings: list[StreamMapping | QueueMapping] = [
        StreamMapping(stream, two, streams=streams, queues=queues),
        *(QueueMapping(source, two, queues=queues) for source in found.queues),
    ]
    while sum(mapping.run_once() for mapping in mappings):
        pass


def _messages(aws: Embedded, many: int) -> tuple[int, int]:
    """How many citizens got more than one message, and how many none."""
    with urlopen(f"{aws.endpoint}/_ministack/sns/sms-messages", timeout=60) as answer:  # noqa: S310 - our own
        sent = json.load(answer)["sms_messages"]
    counts = [len(sent.get(f"+45{20_000_000 + number}", ())) for number in range(many)]
    return sum(count > 1 for count in counts), counts.count(0)
