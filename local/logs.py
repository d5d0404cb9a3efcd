"""The log of the functions, and the metrics that they write into it (CloudWatch's embedded metric format)."""

from __future__ import annotations

import io
import json
import threading
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any

from chalicelib.telemetry import logging_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Metric = dict[str, Any]


class LogFile(io.TextIOBase):
    """A text stream that appends whole lines to a file, and hands embedded metrics on."""

    def __init__(self, path: Path, *, on_metrics: Callable[[str, list[Metric]], None] = lambda *_: None) -> None:
        """`on_metrics` gets a namespace and data as PutMetricData takes them."""
        self._path = path
        self._on_metrics = on_metrics
        self._turn = threading.Lock()
        self._line = ""

    def writable(self) -> bool:
        """It is there to be written to."""
        return True

    def write(self, text: str) -> int:
        """The text is in the file once its line is complete."""
        with self._turn:
            *lines, self._line = (self._line + text).split("\n")
            if lines:
                with self._path.open("a", encoding="utf-8") as file:
                    file.writelines(f"{line}\n" for line in lines)
        for line in lines:
            if line.startswith('{"_aws"'):
                for namespace, data in embedded_metrics(line):
                    self._on_metrics(namespace, data)
        return len(text)

    @contextmanager
    def instead_of_stdout(self) -> Iterator[None]:
        """What the functions print inside the block goes here, as it goes to CloudWatch Logs in AWS."""
        with logging_to(self), redirect_stdout(self):
            yield


def embedded_metrics(line: str) -> list[tuple[str, list[Metric]]]:
    """Namespace and data of each directive of one line; nothing for a line that holds no metrics."""
    try:
        document = json.loads(line)
        directives = document["_aws"]["CloudWatchMetrics"]
    except (ValueError, KeyError, TypeError):
        return []
    return [(directive["Namespace"], _data(directive, document)) for directive in directives]


def _data(directive: Metric, document: Metric) -> list[Metric]:
    data = []
    for names in directive["Dimensions"]:
        dimensions = [{"Name": name, "Value": str(document[name])} for name in names]
        for metric in directive["Metrics"]:
            value = document[metric["Name"]]
            values = value if isinstance(value, list) else [value]
            named = {"MetricName": metric["Name"], "Unit": metric.get("Unit", "None")}
            data.append({**named, "Dimensions": dimensions, "Values": values})
    return data
