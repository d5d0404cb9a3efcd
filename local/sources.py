"""What triggers which function: the decorators of `app.py`, with what `infra/app.yaml` lays over them.

The same mappings that AWS gets, no second list.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from infra import cfnyaml
from local.delivery import StreamSource
from local.ministack import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

APP_TEMPLATE: Final = ROOT / "infra" / "app.yaml"


class UnreadableTemplate(ValueError):
    """`infra/app.yaml` says something that can't be understood here; the message names the place."""


@dataclass(frozen=True, slots=True)
class QueueSource:
    """One event source mapping on an SQS queue."""

    function: str
    queue_arn: str
    batch_size: int = 10
    partial_batches: bool = False


@dataclass(frozen=True, slots=True)
class Sources:
    """Every mapping of the application."""

    streams: tuple[StreamSource, ...]
    queues: tuple[QueueSource, ...]


def sources(chalice_app: Any, known: Mapping[str, str], template: Mapping[str, Any] | None = None) -> Sources:
    """The mappings, with the parameters and outputs in `known` filled in.

    Raises:
        UnreadableTemplate: a value can't be resolved.
    """
    declared = {source.name: source for source in chalice_app.event_sources}
    document = template if template is not None else cfnyaml.load(APP_TEMPLATE)
    defaults = {name: item["Default"] for name, item in document.get("Parameters", {}).items() if "Default" in item}
    values = {**{name: str(value) for name, value in defaults.items()}, **known}
    streams, queues = [], []
    for function, properties in _mappings(document):
        resolved = _resolve(properties, values)
        if "Stream" in properties:
            streams.append(_stream(declared[function], resolved))
        elif "Queue" in properties:
            queues.append(_queue(declared[function], resolved))
    return Sources(tuple(streams), tuple(queues))


def _mappings(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The function's name in app.py and the properties of each event of each function."""
    for logical, resource in document["Resources"].items():
        for event in resource.get("Properties", {}).get("Events", {}).values():
            yield _snake(logical), event.get("Properties", {})


def _stream(declared: Any, found: Mapping[str, Any]) -> StreamSource:
    return StreamSource(
        function=declared.name,
        stream_arn=found["Stream"],
        batch_size=int(found.get("BatchSize", declared.batch_size)),
        partial_batches="ReportBatchItemFailures" in found.get("FunctionResponseTypes", []),
        bisect=str(found.get("BisectBatchOnFunctionError", False)).lower() == "true",
        maximum_retries=int(found.get("MaximumRetryAttempts", -1)),
        maximum_age_seconds=int(found.get("MaximumRecordAgeInSeconds", -1)),
        patterns=tuple(json.loads(item["Pattern"]) for item in found.get("FilterCriteria", {}).get("Filters", [])),
        on_failure_arn=found.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"),
        from_latest=found.get("StartingPosition", declared.starting_position) == "LATEST",
    )


def _queue(declared: Any, found: Mapping[str, Any]) -> QueueSource:
    return QueueSource(
        function=declared.name,
        queue_arn=found["Queue"],
        batch_size=int(found.get("BatchSize", declared.batch_size)),
        partial_batches="ReportBatchItemFailures" in found.get("FunctionResponseTypes", []),
    )


def _resolve(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_resolve(item, known) for item in value]
    if not isinstance(value, dict):
        return value
    if "Ref" in value:
        return _named(value["Ref"], known)
    if "Fn::Sub" in value:
        return re.sub(r"\$\{([^!}]+)\}", lambda match: _named(match[1], known), value["Fn::Sub"])
    return {key: _resolve(item, known) for key, item in value.items()}


def _named(name: str, known: Mapping[str, str]) -> str:
    if name not in known:
        raise UnreadableTemplate(f"infra/app.yaml: no value for {name}")
    return known[name]


def _snake(logical: str) -> str:
    """`DispatchContact`, Chalice's name of the resource, to `dispatch_contact`, the handler's in app.py."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", logical).lower()
