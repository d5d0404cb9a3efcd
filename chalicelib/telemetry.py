"""The single logger and metrics of the product (Powertools). Logs carry ids only; a test with canaries proves it.

No tracer: X-Ray would store paths, and survey tokens travel in paths (design 4.4).
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Final

from aws_lambda_powertools import Logger, Metrics

if TYPE_CHECKING:
    from collections.abc import Callable

SERVICE: Final = "borgerpuls"
NAMESPACE: Final = "Borgerpuls"

logger: Final = Logger(service=SERVICE, log_uncaught_exceptions=False)
metrics: Final = Metrics(namespace=NAMESPACE, service=SERVICE)


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
