"""The single logger and metrics of the product (Powertools). Logs carry ids only; a test with canaries proves it.

No tracer: X-Ray would store paths, and survey tokens travel in paths (design 4.4).
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import wraps
from logging import StreamHandler, getLogger
from typing import TYPE_CHECKING, Any, Final, TextIO

from aws_lambda_powertools import Logger, Metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import TextIOBase

SERVICE: Final = "borgerpuls"
NAMESPACE: Final = "Borgerpuls"

logger: Final = Logger(service=SERVICE, log_uncaught_exceptions=False)
metrics: Final = Metrics(namespace=NAMESPACE, service=SERVICE)


@contextmanager
def logging_to(stream: TextIO | TextIOBase) -> Iterator[None]:
    """Log lines go there inside the block: the logger took hold of its stream when it was made."""
    handlers = [handler for handler in getLogger(SERVICE).handlers if isinstance(handler, StreamHandler)]
    before = [handler.setStream(stream) for handler in handlers]
    try:
        yield
    finally:
        for handler, earlier in zip(handlers, before, strict=True):
            handler.setStream(earlier or sys.stdout)


def flushing_metrics(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Print what the handler measured, also when it failed. Unlike `log_metrics`, silence is no warning."""

    @wraps(handler)
    def flushed(event: Any, context: Any) -> Any:
        try:
            return handler(event, context)
        finally:
            if metrics.provider.metric_set:
                metrics.flush_metrics()

    return flushed
