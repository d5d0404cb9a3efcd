"""How Lambda delivers a batch of stream records: partial batches, bisecting, retry limits, age limits, giving up.

Pure: what happens in the world (invoking, waiting, the time, the on-failure queue) is handed in. MiniStack's own
mappings lose records here (it ignores the list of failed items), which is why the product brings its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Record = dict[str, Any]

_FIRST_WAIT: Final = 0.1
_LONGEST_WAIT: Final = 10.0


class FunctionFailed(Exception):
    """The function raised, or answered what is not JSON."""


@dataclass(frozen=True, slots=True)
class StreamSource:
    """One event source mapping on a DynamoDB stream, as `infra/app.yaml` declares it. -1 means without limit."""

    function: str
    stream_arn: str
    batch_size: int = 100
    partial_batches: bool = False
    bisect: bool = False
    maximum_retries: int = -1
    maximum_age_seconds: int = -1
    patterns: tuple[Mapping[str, Any], ...] = ()
    on_failure_arn: str | None = None
    from_latest: bool = False


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Records that will not be tried again, and why."""

    records: tuple[Record, ...]
    condition: str
    invocations: int


@dataclass(slots=True)
class Delivery:
    """Delivers batches of one source.

    `invoke` raises FunctionFailed. `wait` waits that many seconds and answers False when the world is ending: then
    what was not delivered stays undelivered.
    """

    source: StreamSource
    invoke: Callable[[Sequence[Record]], Any]
    wait: Callable[[float], bool]
    now: Callable[[], float]
    give_up: Callable[[GivenUp], None]
    _stopped: bool = field(default=False, init=False)

    def deliver(self, records: Sequence[Record]) -> bool:
        """Every record was processed or given up afterwards; False: stopped before that."""
        self._stopped = False
        self._deliver(list(records), failures=0)
        return not self._stopped

    def _deliver(self, records: list[Record], failures: int) -> None:
        pause = _FIRST_WAIT
        while records and not self._stopped:
            done = self._attempt(records)
            if done == len(records):
                return
            if done > 0:
                records, failures = records[done:], 0
            if self.source.bisect and len(records) > 1 and done == 0:
                self._split(records, failures)
                return
            failures += 1
            if condition := self._hopeless(records, failures):
                self.give_up(GivenUp(tuple(records), condition, failures))
                return
            self._stopped = not self.wait(pause)
            pause = min(pause * 2, _LONGEST_WAIT)

    def _split(self, records: list[Record], failures: int) -> None:
        """Halves, so that a poisonous record ends up alone. Splitting does not count as a retry."""
        self._stopped = not self.wait(_FIRST_WAIT)
        middle = len(records) // 2
        self._deliver(records[:middle], failures)
        self._deliver(records[middle:], failures)

    def _attempt(self, records: Sequence[Record]) -> int:
        """How many records from the front are done: all before the lowest one that failed."""
        try:
            answer = self.invoke(records)
        except FunctionFailed:
            return 0
        if not self.source.partial_batches:
            return len(records)
        return _done_before_failures(records, answer)

    def _hopeless(self, records: Sequence[Record], failures: int) -> str | None:
        oldest = min(float(record["dynamodb"]["ApproximateCreationDateTime"]) for record in records)
        if 0 <= self.source.maximum_age_seconds < self.now() - oldest:
            return "RecordAgeExceeded"
        if 0 <= self.source.maximum_retries < failures:
            return "RetryAttemptsExhausted"
        return None


def _done_before_failures(records: Sequence[Record], answer: Any) -> int:
    """A missing list means success; an item that names no record of the batch means that the whole batch failed."""
    failed = answer.get("batchItemFailures") if isinstance(answer, dict) else None
    if not failed:
        return len(records)
    places = {record["dynamodb"]["SequenceNumber"]: place for place, record in enumerate(records)}
    named = [places.get((item or {}).get("itemIdentifier")) for item in failed]
    return 0 if None in named else min(place for place in named if place is not None)
