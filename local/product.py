"""The whole product in this process, on an embedded AWS of its own: what `make run` starts and end-to-end tests use."""

from __future__ import annotations

import fcntl
import importlib
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import bootstrap
from chalicelib.shared.clock import SystemClock
from chalicelib.telemetry import logger
from local.athena import AthenaEndpoint
from local.clock import OffsetClock
from local.environment import activated, deploy_foundation, product_environment
from local.functions import Functions
from local.gateway import Gateway
from local.mail import SentLetters, VerifiedSenders, sending_addresses
from local.ministack import CREDENTIALS, EmbeddedAwsFailed, MiniStack
from local.operations import DeliveryLogs, ExpiredItems
from local.pages import LocalPages
from local.server import LoopbackServer
from local.sms import SentMessages
from local.staff_keys import StaffKeys
from local.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from local.routing import HttpAnswer, HttpRequest


@dataclass
class Product:
    """Start it, use `url`, stop it. One at a time in a process: it is this process's environment while it runs.

    `folder` keeps everything; with `persistent` the next start finds it again. `background` False leaves streams,
    queues and schedules to `workers.tick()`, so that a test decides what happens when.
    """

    folder: Path
    port: int = 0
    persistent: bool = False
    background: bool = True
    municipalities: Iterable[str] = ()
    progress: Callable[[str], None] = lambda _: None
    clock: OffsetClock = field(default_factory=OffsetClock)
    url: str = ""
    endpoint: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    keys: StaffKeys = field(init=False)
    workers: Workers = field(init=False)
    messages: SentMessages = field(init=False)
    letters: SentLetters = field(init=False)
    _gateway: Gateway | None = field(default=None, init=False, repr=False)
    _undo: ExitStack = field(default_factory=ExitStack, init=False, repr=False)

    def __enter__(self) -> Self:
        """Starts it."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stops it."""
        self.stop()

    def start(self) -> None:
        """The pages answer, events flow.

        Raises:
            EmbeddedAwsFailed: a port or the folder is in use, or MiniStack is missing.
        """
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Nothing that it started runs afterwards; the process's environment is what it was."""
        self._undo.close()

    def _start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._undo.callback(_lock(self.folder))
        server = LoopbackServer(self.port, self._answer)
        self._undo.callback(server.stop)
        self.port, self.url = server.port, f"http://127.0.0.1:{server.port}"
        self.keys = StaffKeys(self.folder / "staff.pem")
        emulator = MiniStack(self.folder / "aws", persistent=self.persistent)
        self._undo.callback(emulator.stop)
        emulator.start()
        self.endpoint = emulator.endpoint
        self.progress("embedded AWS runs")
        deployed = self._deploy()
        self.progress("tables, buckets, queues and the lake's catalogue are there")
        self._connect(deployed, server)
        server.start()
        if self.background:
            self.workers.start()

    def _deploy(self) -> dict[str, str]:
        jwks_url = f"{self.url}/local/jwks.json"
        deployed = deploy_foundation(
            self.endpoint, public_url=self.url, jwks_url=jwks_url, municipalities=self.municipalities
        )
        athena = AthenaEndpoint(self.endpoint, self.folder / "athena", results=deployed["ResultsBucket"])
        self._undo.callback(athena.stop)
        athena.start()
        self.environment = product_environment(deployed, endpoint=self.endpoint, athena_endpoint=athena.url)
        self._undo.enter_context(activated(self.environment))
        self._undo.callback(bootstrap.use_clock, SystemClock())
        bootstrap.use_clock(self.clock)
        return deployed

    def _connect(self, deployed: dict[str, str], server: LoopbackServer) -> None:
        module = importlib.import_module("app")
        functions = Functions(module, after_call=lambda: self.workers.wake())  # noqa: PLW0108 - there is none yet
        self.messages = SentMessages(self.endpoint, self.folder / "sms.jsonl", self.clock)
        self.letters = SentLetters(self.endpoint, self.folder / "mail.jsonl", self.clock)
        senders = VerifiedSenders(boto3.client("sesv2"), sending_addresses)
        receipts = DeliveryLogs(self.messages, functions, self.folder / "receipts.txt")
        expired = ExpiredItems(boto3.client("dynamodb"), deployed["Prefix"], self.clock)
        expired.take_over()
        self.workers = Workers(
            module.app,
            functions,
            deployed,
            clock=self.clock,
            housekeeping=[receipts.write, senders.verify],
            before_tick=[expired.remove],
        )
        self._undo.callback(self.workers.stop)
        self._gateway = Gateway(functions, module.app.routes, self._local_pages(server))

    def _local_pages(self, server: LoopbackServer) -> Callable[[HttpRequest], HttpAnswer | None]:
        return LocalPages(
            keys=self.keys,
            clock=self.clock,
            messages=self.messages,
            letters=self.letters,
            workers=self.workers,
            has_page=lambda path: self._gateway is not None and self._gateway.has_page(path),
            hosts=server.hosts,
        ).answer

    def _answer(self, request: HttpRequest) -> HttpAnswer:
        if self._gateway is None:
            raise RuntimeError("the server answers before the product is there")
        return self._gateway.answer(request)

    def record_metrics(self, namespace: str, data: list[dict[str, Any]]) -> None:
        """The functions' metrics are in CloudWatch, for its alarms. Lost while nothing runs, as in AWS."""
        if not self.environment:
            return
        try:
            self.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=data)
        except (BotoCoreError, ClientError):
            logger.warning("metrics could not be stored")

    def client(self, service: str) -> Any:
        """An AWS client for looking at what the product did."""
        return boto3.client(service, endpoint_url=self.endpoint, region_name=CREDENTIALS["AWS_REGION"])


def _lock(folder: Path) -> Callable[[], None]:
    """The folder belongs to this process until the answer is called.

    Raises:
        EmbeddedAwsFailed: another process has it.
    """
    file = (folder / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        file.close()
        message = f"The product runs already on {folder}. Stop it, or choose another folder with DATA=."
        raise EmbeddedAwsFailed(message) from exc
    return file.close
