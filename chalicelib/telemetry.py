"""The single logger and metrics of the product (Powertools). Logs carry ids only; a test with canaries proves it.

No tracer: X-Ray would store paths, and survey tokens travel in paths (design 4.4).
"""

from __future__ import annotations

from typing import Final

from aws_lambda_powertools import Logger, Metrics

SERVICE: Final = "borgerpuls"
NAMESPACE: Final = "Borgerpuls"

logger: Final = Logger(service=SERVICE, log_uncaught_exceptions=False)
metrics: Final = Metrics(namespace=NAMESPACE, service=SERVICE)
