"""One DynamoDB transaction as named steps, so that a refusal says which condition failed.

PynamoDB sends condition checks, then deletes, puts, updates, whatever the order of the calls, and DynamoDB lists its
reasons in the order sent. Contention is tried again with jitter: a cancelled transaction has written nothing.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.adapters.tables import connection
from chalicelib.shared.errors import Ambiguous, Busy

if TYPE_CHECKING:
    from collections.abc import Callable

    from pynamodb.exceptions import PynamoDBException
    from pynamodb.expressions.condition import Condition
    from pynamodb.expressions.update import Action

    from chalicelib.adapters.tables import Table

ATTEMPTS: Final = 6
_BASE_SECONDS: Final = 0.02
_CONDITION: Final = "ConditionalCheckFailed"
_NOTHING_WRITTEN: Final = frozenset(
    {"ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"}
    | {"TransactionInProgressException"}
)


@dataclass
class Steps:
    """Collects steps; `commit` does all of them or none. A step without a condition can't fail."""

    sleep: Callable[[float], None] = time.sleep
    _checks: list[tuple[str, tuple[type[Table], str, str, Condition]]] = field(default_factory=list)
    _deletes: list[tuple[str, Table, Condition | None]] = field(default_factory=list)
    _puts: list[tuple[str, Table, Condition | None]] = field(default_factory=list)

    _updates: list[tuple[str, Table, list[Action], Condition | None]] = field(default_factory=list)

    def check(self, name: str, model: type[Table], key: tuple[str, str], condition: Condition) -> None:
        """Only if the condition holds on the item with that key."""
        self._checks.append((name, (model, *key, condition)))

    def delete(self, name: str, item: Table, condition: Condition | None = None) -> None:
        """Delete an item; nothing happens if there is none."""
        self._deletes.append((name, item, condition))

    def put(self, name: str, item: Table, condition: Condition | None = None) -> None:
        """Write a whole item."""
        self._puts.append((name, item, condition))

    def update(self, name: str, item: Table, actions: list[Action], condition: Condition | None = None) -> None:
        """Change parts of an item; without a condition, one that is not there is made."""
        self._updates.append((name, item, actions, condition))

    def commit(self) -> frozenset[str]:
        """The names of the steps whose condition failed; empty when everything is written.

        Raises:
            Busy: contention did not end; nothing is written.
            Ambiguous: the answer was lost; all or nothing is written.
        """
        for attempt in range(ATTEMPTS):
            try:
                self._send()
            except TransactWriteError as exc:
                failed = self._failed(exc)
                if failed:
                    return failed
            else:
                return frozenset()
            self.sleep(random.uniform(0, _BASE_SECONDS * 2**attempt))
        raise Busy

    def _send(self) -> None:
        with TransactWrite(connection=connection()) as transaction:
            for _, check in self._checks:
                transaction.condition_check(*check)
            for _, item, condition in self._deletes:
                transaction.delete(item, condition=condition)
            for _, item, condition in self._puts:
                transaction.save(item, condition=condition)
            for _, item, actions, condition in self._updates:
                transaction.update(item, actions=actions, condition=condition)

    def _failed(self, error: TransactWriteError) -> frozenset[str]:
        """Steps whose condition failed; empty if trying again may help."""
        code = response_code(error)
        if code in _NOTHING_WRITTEN:
            return frozenset()
        if code != "TransactionCanceledException":
            raise Ambiguous from error
        steps: list[tuple[Any, ...]] = [*self._checks, *self._deletes, *self._puts, *self._updates]
        names = [str(step[0]) for step in steps]
        codes = [reason.code if reason else None for reason in error.cancellation_reasons]
        if "ValidationError" in codes:
            raise error
        return frozenset(name for name, code in zip(names, codes, strict=False) if code == _CONDITION)


def response_code(error: PynamoDBException) -> str | None:
    """DynamoDB's error code; None when no answer came.

    PynamoDB's own property fails on a time-out, because botocore's has an attribute `response` that is None.
    """
    answer: dict[str, Any] = getattr(error.cause, "response", None) or {}
    code: str | None = answer.get("Error", {}).get("Code")
    return code
