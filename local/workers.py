"""Everything that happens without a request: streams, queues, schedules, receipts. In threads, or at once on demand."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.telemetry import logger
from local.delivery import FunctionFailed
from local.queues import QueueMapping
from local.schedules import Schedule, schedules_of
from local.sources import sources
from local.streams import StreamMapping

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from chalicelib.shared.clock import Clock
    from local.functions import Functions

_IDLE_SECONDS: Final = 1.0
_SCHEDULE_SECONDS: Final = 2.0
_ROUNDS_BETWEEN_CLEANING: Final = 300
_DRAIN_SECONDS: Final = 120.0
_QUIET_ROUNDS: Final = 2


class StillBusy(RuntimeError):
    """The streams and queues did not empty in time: something fails again and again. The message names it."""


class Mapping_(Protocol):  # noqa: N801 - `Mapping` is the standard library's
    """A stream or queue mapping."""

    def run_once(self) -> int:
        """Processes what is there and answers how much it was."""
        ...

    def stop(self) -> None:
        """Tries nothing again."""
        ...


class Workers:
    """The mappings and schedules of one application on one embedded AWS."""

    def __init__(
        self,
        chalice_app: Any,
        functions: Functions,
        known: Mapping[str, str],
        *,
        clock: Clock,
        housekeeping: Sequence[Callable[[], int]] = (),
        before_tick: Sequence[Callable[[], int]] = (),
    ) -> None:
        """`known` are the outputs of the stacks.

        `housekeeping` runs every few seconds and until it finds nothing more, `before_tick` once per tick.
        """
        streams, queues = boto3.client("dynamodbstreams"), boto3.client("sqs")
        found = sources(chalice_app, known)
        self._functions = functions
        self._clock = clock
        self._housekeeping = housekeeping
        self._before_tick = before_tick
        self._mappings: list[tuple[str, Mapping_]] = [
            *((s.function, StreamMapping(s, functions, streams=streams, queues=queues)) for s in found.streams),
            *((s.function, QueueMapping(s, functions, queues=queues)) for s in found.queues),
        ]
        self._schedules = schedules_of(chalice_app)
        self._last_runs: dict[str, datetime] = {}
        self._ticking = threading.Lock()
        self._stopping = threading.Event()
        self._wake = [threading.Event() for _ in self._mappings]
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Events are processed as they come, schedules run by the product's clock."""
        for (name, mapping), wake in zip(self._mappings, self._wake, strict=True):
            self._start_thread(name, partial(self._follow, mapping, wake))
        self._start_thread("schedules", self._keep_time)

    def stop(self) -> None:
        """Nothing runs afterwards; what is in flight is finished."""
        self._stopping.set()
        for _, mapping in self._mappings:
            mapping.stop()
        self.wake()
        for thread in self._threads:
            thread.join()

    def wake(self) -> None:
        """There may be something to do: look now and not in a second."""
        for event in self._wake:
            event.set()

    def drain(self) -> int:
        """No stream or queue holds anything, and nothing is in flight; answers how many records that took.

        Raises:
            StillBusy: that did not happen within two minutes.
        """
        total, quiet, deadline = 0, 0, time.monotonic() + _DRAIN_SECONDS
        while True:
            counts = {name: mapping.run_once() for name, mapping in self._mappings}
            total += sum(counts.values())
            # Twice: what a background thread took last may have written to a stream that this round had passed already.
            quiet = 0 if any(counts.values()) else quiet + 1
            if quiet == _QUIET_ROUNDS:
                return total
            if time.monotonic() > deadline:
                raise StillBusy(", ".join(name for name, count in counts.items() if count))

    def tick(self, *, everything: bool = False) -> dict[str, Any]:
        """Runs what is due by the product's clock, and drains before, between and after; answers what ran."""
        with self._ticking:
            for step in self._before_tick:
                step()
            records = self._settle()
            ran: list[str] = []
            failed: list[str] = []
            for schedule in self._due(everything=everything):
                (ran if self._run(schedule) else failed).append(schedule.function)
                records += self._settle()
            return {"ran": ran, "failed": failed, "records": records, "now": self._clock.now().isoformat()}

    def _settle(self) -> int:
        """Drains and does the housekeeping until neither finds anything: a receipt causes records, a record an SMS."""
        total = self.drain()
        while done := sum(step() for step in self._housekeeping):
            total += done + self.drain()
        return total

    def _due(self, *, everything: bool) -> list[Schedule]:
        """Those that are due, in the order of app.py: compaction before the refresh that reads what it wrote."""
        now = self._clock.now()
        return [s for s in self._schedules if everything or s.due_at(self._last_runs.get(s.function), now)]

    def _run(self, schedule: Schedule) -> bool:
        now = self._clock.now()
        self._last_runs[schedule.function] = now
        event = {
            "version": "0",
            "id": f"{schedule.function}-{now.timestamp():.0f}",
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": "000000000000",
            "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": "eu-north-1",
            "resources": [f"arn:aws:events:eu-north-1:000000000000:rule/{schedule.function}"],
            "detail": {},
        }
        try:
            self._functions.invoke(schedule.function, event)
        except FunctionFailed:
            return False
        return True

    def _follow(self, mapping: Mapping_, wake: threading.Event) -> None:
        while not self._stopping.is_set():
            try:
                found = mapping.run_once()
            except (BotoCoreError, ClientError):
                # The emulator is ending or was too busy to answer; nothing was acknowledged, so nothing is lost.
                logger.warning("a local event source could not be read; trying again")
                found = 0
            if not found:
                wake.wait(_IDLE_SECONDS)
                wake.clear()

    def _keep_time(self) -> None:
        rounds = 0
        while not self._stopping.wait(_SCHEDULE_SECONDS):
            rounds += 1
            if not self._ticking.acquire(blocking=False):
                continue  # somebody ticks; that does the same
            try:
                rarely = self._before_tick if rounds % _ROUNDS_BETWEEN_CLEANING == 0 else ()
                for step in (*self._housekeeping, *rarely):
                    step()
                if due := self._due(everything=False):
                    self._settle()  # as in a tick: what happened before a schedule's time, the schedule finds
                    for schedule in due:
                        self._run(schedule)
            except (BotoCoreError, ClientError, OSError, StillBusy):
                logger.warning("the local schedules could not be looked at; trying again")
            finally:
                self._ticking.release()

    def _start_thread(self, name: str, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=f"local-{name}", daemon=True)
        self._threads.append(thread)
        thread.start()
