"""Calls the event handlers of `app.py` in this process as Lambda would: events and answers pass through JSON."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Any

from chalice.local import LambdaContext, LocalChalice

from chalicelib.telemetry import metrics
from local.delivery import FunctionFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MEMORY_MB = 1024
_TIMEOUT_MS = 900_000


class PerThread(MutableMapping[str, Any]):
    """A mapping whose content each thread has for itself.

    In Lambda a process handles one event at a time, and Powertools collects what is measured in dictionaries of the
    process; here several functions run at once and must not print each other's metrics.
    """

    def __init__(self) -> None:
        """Empty for everybody."""
        self._local = threading.local()

    @property
    def _mine(self) -> dict[str, Any]:
        content: dict[str, Any] = self._local.__dict__.setdefault("content", {})
        return content

    def __getitem__(self, key: str) -> Any:
        return self._mine[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._mine[key] = value

    def __delitem__(self, key: str) -> None:
        del self._mine[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._mine)

    def __len__(self) -> int:
        return len(self._mine)


class Functions:
    """The functions of one Chalice application. `after_call` is told when one has ended: there may be new records."""

    def __init__(self, module: Any, *, after_call: Callable[[], None] = lambda: None) -> None:
        """`module` is `app`, whose `app` is the Chalice object; requests of several threads don't mix."""
        self._module = module
        self._after_call = after_call
        self._busy = 0
        self._counting = threading.Lock()
        module.app.__class__ = LocalChalice
        for name in ("metric_set", "dimension_set", "metadata_set"):
            if not isinstance(getattr(metrics.provider, name), PerThread):
                setattr(metrics.provider, name, PerThread())

    @property
    def busy(self) -> int:
        """How many calls are running."""
        return self._busy

    def invoke(self, name: str, event: Mapping[str, Any]) -> Any:
        """What the function answers.

        Raises:
            FunctionFailed: it raised, or its answer is not JSON.
        """
        handler = getattr(self._module, name)
        with self._counting:
            self._busy += 1
        try:
            return _as_json(handler(_as_json(event), LambdaContext(name, _MEMORY_MB, _TIMEOUT_MS)))
        except Exception as exc:  # the outermost edge: whatever a function raises, Lambda reports it
            self._module.app.log.exception("a function failed", extra={"function": name})
            raise FunctionFailed(f"{name}: {type(exc).__name__}") from exc
        finally:
            with self._counting:
                self._busy -= 1
            self._after_call()

    def request(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """What the API answers to a proxy event."""
        answer = _as_json(self._module.app(_as_json(event), LambdaContext("api_handler", _MEMORY_MB, 30_000)))
        self._after_call()
        return dict(answer)


def _as_json(value: Any) -> Any:
    return json.loads(json.dumps(value))
