"""The lake's schedules: rebuild what changed, then count it. Every partition and period is logged with its accounts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from chalicelib import bootstrap
from chalicelib.telemetry import logger, metrics


def on_compact() -> dict[str, Any]:
    """Every partition that changed has been rebuilt; how many, and what became of their lines (I5)."""
    totals = {"partitions": 0, "rows_out": 0, "rejected": 0, "unbalanced": 0}
    for accounts in bootstrap.compaction().run(_everyone()):
        logger.info("compacted", **asdict(accounts))
        totals["partitions"] += 1
        totals["rows_out"] += accounts.rows_out
        totals["rejected"] += accounts.rejected
        totals["unbalanced"] += not accounts.balanced
    metrics.add_metric(name="PartitionsCompacted", unit=MetricUnit.Count, value=totals["partitions"])
    metrics.add_metric(name="LakeLinesRejected", unit=MetricUnit.Count, value=totals["rejected"])
    return totals


def on_refresh() -> dict[str, Any]:
    """Every period that changed has been counted again; how many, and the answers in them."""
    totals = {"periods": 0, "finished": 0}
    for counts in bootstrap.report_refresh().run(_everyone()):
        finished = counts.funnel.get("finished", 0)
        logger.info("refreshed", municipality=counts.municipality, period=counts.period, finished=finished)
        totals["periods"] += 1
        totals["finished"] += finished
    metrics.add_metric(name="PeriodsRefreshed", unit=MetricUnit.Count, value=totals["periods"])
    return totals


def _everyone() -> list[str]:
    return [entry.id for entry in bootstrap.municipalities().directory()]
