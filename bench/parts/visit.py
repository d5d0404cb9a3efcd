"""One visit from the first page to the answer, through the functions of `app.py` on the embedded AWS."""

from __future__ import annotations

import importlib
import io
import json
import os
import re
import time
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import boto3

from bench.parts.recording import Call, Recorder
from chalicelib import bootstrap
from chalicelib.adapters.tables import connection
from chalicelib.shared.clock import parse_moment
from chalicelib.telemetry import logging_to
from local.athena import AthenaEndpoint
from local.clock import next_working_morning
from local.environment import forget_everything
from local.functions import Functions
from local.operations import DeliveryLogs
from local.routing import HttpRequest, RouteTree, proxy_event
from local.sms import SentMessages
from local.workers import Workers
from tests.builders import MONDAY, FixedClock, a_municipality_document
from tests.embedded import Embedded, embedded_aws, store_municipality

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

TENANT: Final = "bench"
OFFICE: Final = "raadhuset"
_ATHENA_RUNS_HERE: Final = "refresh_reports"


@dataclass(slots=True)
class Invocation:
    """One call of a function: its CPU time, its calls to AWS and what it logged. `label` says what it was about."""

    function: str
    label: str
    event: Mapping[str, Any]
    at: datetime
    milliseconds: float = 0.0
    logged: int = 0
    calls: list[Call] = field(default_factory=list)


class Watched(Functions):
    """Functions that are watched while they run: everything else that the embedded product does is not theirs."""

    def __init__(self, module: Any, recorder: Recorder) -> None:
        super().__init__(module)
        self._recorder = recorder
        self.seen: list[Invocation] = []
        self.label = ""

    def invoke(self, name: str, event: Mapping[str, Any]) -> Any:
        """As `Functions.invoke`."""
        with self._watching(Invocation(name, self.label or name, event, bootstrap.clock().now())):
            return super().invoke(name, event)

    def request(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """As `Functions.request`."""
        with self._watching(Invocation("api_handler", self.label, event, bootstrap.clock().now())):
            return super().request(event)

    @contextmanager
    def _watching(self, invocation: Invocation) -> Iterator[None]:
        # The embedded Athena works in other threads of this process.
        clock = time.thread_time if invocation.function == _ATHENA_RUNS_HERE else time.process_time
        said = io.StringIO()
        with self._recorder.recording() as invocation.calls, redirect_stdout(said), logging_to(said):
            begin = clock()
            yield
            invocation.milliseconds = 1000 * (clock() - begin)
        invocation.logged = len(said.getvalue().encode())
        self.seen.append(invocation)


class World:
    """The product on an embedded AWS, with one municipality, a clock that is moved and nothing in the background."""

    def __init__(self, aws: Embedded, folder: Path) -> None:
        self.clock = FixedClock(MONDAY)
        bootstrap.use_clock(self.clock)
        self._keys = aws.keys
        session: Any = boto3.DEFAULT_SESSION
        self.recorder = Recorder(session.events, connection().client.meta.events)
        self._module = importlib.import_module("app")
        self.functions = Watched(self._module, self.recorder)
        self._routes = RouteTree(self._module.app.routes)
        store_municipality(a_municipality_document(id=TENANT))
        self.messages = SentMessages(aws.endpoint, folder / "sms.jsonl", self.clock)
        receipts = DeliveryLogs(self.messages, self.functions, folder / "receipts.txt")
        self.workers = Workers(
            self._module.app, self.functions, aws.outputs, clock=self.clock, housekeeping=[receipts.write]
        )

    def call(self, label: str, method: str, path: str, body: Any = None, *, role: str = "", **headers: str) -> Any:
        """One request; answers its JSON, or its text."""
        sent = {"content-type": ["application/json"], "accept": ["*/*"], "host": ["borgerpuls.example"]}
        sent |= {name.replace("_", "-"): [value] for name, value in headers.items()}
        if role:
            sent["authorization"] = [f"Bearer {self._keys.token(role, TENANT)}"]
        target, _, query = path.partition("?")
        match = self._routes.match(target)
        assert match is not None, target
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self.functions.label = label
        answer = self.functions.request(
            proxy_event(HttpRequest(method, target, query, sent, raw), *match, request_id="r")
        )
        self.functions.label = ""
        assert answer["statusCode"] < 400, answer
        text = answer.get("body") or ""
        return json.loads(text) if text.startswith(("{", "[")) else text

    def visit(self, number: int) -> str:
        """Booked by web page and API, served at a desk, asked by text message, answered; gives the link's token."""
        self.at(next_working_morning(self.clock.now()))
        api, day = f"/api/v1/municipalities/{TENANT}", next_working_morning(self.clock.now()).date().isoformat()
        self.call("page: reasons", "GET", f"/{TENANT}/book")
        self.call("page: offices", "GET", f"/{TENANT}/book/passport")
        self.call("page: times", "GET", f"/{TENANT}/book/passport/{OFFICE}")
        slots = self.call("slots", "GET", f"{api}/offices/{OFFICE}/slots?reason=passport&from={day}&to={day}")["slots"]
        wish = {"office": OFFICE, "reasons": ["passport"], "start": slots[0]["start"]}
        held = self.call("hold", "POST", f"{api}/holds", wish)["hold_id"]
        consent = {"granted": True, "text_version": "2026-1"}
        wish |= {"phone": f"+45{20_123_456 + number}", "language": "da", "hold_id": held, "survey_consent": consent}
        booked = self.call("book", "POST", f"{api}/appointments", wish, idempotency_key=f"bench-{number}")
        self.call("page: appointment", "GET", booked["manage_url"].removeprefix("https://borgerpuls.example"))
        self.workers.drain()
        self.at(parse_moment(booked["start"]))
        arrival = {"office": OFFICE, "appointment_code": booked["code"]}
        visit = self.call("check in", "POST", f"{api}/visits", arrival, role="kiosk")["visit_id"]
        self.call("desk: page", "GET", f"/{TENANT}/desk?office={OFFICE}&desk=1", role="desk")
        self.call("call next", "POST", f"{api}/offices/{OFFICE}/call-next", {"desk": "1"}, role="desk")
        self.call("start", "POST", f"{api}/visits/{visit}/start", {}, role="desk")
        self.clock.advance(minutes=9)
        self.call("complete", "POST", f"{api}/visits/{visit}/complete", {}, role="desk")
        token = self._asked()
        self.call("survey page", "GET", f"/s/{token}")
        self.answer(token)
        self.workers.drain()
        return token

    def at(self, moment: datetime) -> None:
        """The product's clock shows that moment."""
        self.clock.advance(minutes=(moment - self.clock.now()).total_seconds() / 60)

    def _asked(self) -> str:
        """The link's token, when everything that follows a completed visit has happened."""
        before = len(self.messages.all())
        self.workers.drain()
        for _ in range(12):
            self.clock.advance(minutes=15)
            self.workers.tick()
            links = [found[1] for m in self.messages.all()[before:] if (found := re.search(r"/s/(\w{14})", m.text))]
            if links:
                return links[-1]
        raise AssertionError("nobody was asked")

    def answer(self, token: str) -> None:
        """Every question that must be answered, in one go, and the end."""
        survey = f"/api/v1/surveys/{token}"
        questions = self.call("survey", "GET", survey)["questionnaire"]["questions"]
        answers = {
            question["id"]: question["scale"]["max"] if "scale" in question else question["options"][0]["id"]
            for question in questions
            if question["required"]
        }
        self.call("answer", "PUT", f"{survey}/answers", {"answers": answers})
        self.call("finish", "POST", f"{survey}/finish", {})


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """Everything started, and gone again afterwards."""
    with embedded_aws(folder) as aws:
        athena = AthenaEndpoint(aws.endpoint, folder / "athena", results=aws.outputs["ResultsBucket"])
        athena.start()
        try:
            os.environ["AWS_ENDPOINT_URL_ATHENA"] = athena.url
            forget_everything()
            boto3.setup_default_session()
            yield World(aws, folder)
        finally:
            athena.stop()
