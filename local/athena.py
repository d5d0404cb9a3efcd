"""Athena on loopback: its JSON protocol, so that the product's own client code runs queries for real (design 4.14)."""

from __future__ import annotations

import json
import math
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

import boto3
import duckdb
from sqlglot.errors import SqlglotError

from local.athena_catalogue import Catalogue
from local.athena_engine import Engine, Result
from local.ministack import CREDENTIALS
from local.routing import HttpAnswer, HttpRequest
from local.server import LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_JSON: Final = ("Content-Type", "application/x-amz-json-1.1")
_PAGE: Final = 1000
_DONE: Final = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})


class InvalidRequest(Exception):
    """Athena's InvalidRequestException."""


class AthenaEndpoint:
    """Start it, point AWS_ENDPOINT_URL_ATHENA at `url`, stop it. Answers no browser."""

    def __init__(self, endpoint: str, folder: Path, *, results: str) -> None:
        """`endpoint` is the embedded AWS with Glue and S3; `results` the bucket for results; `folder` a cache."""
        options = {
            "endpoint_url": endpoint,
            "region_name": CREDENTIALS["AWS_REGION"],
            "aws_access_key_id": CREDENTIALS["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        }
        self._objects = boto3.client("s3", **options)
        self._engine = Engine(Catalogue(glue=boto3.client("glue", **options), objects=self._objects, folder=folder))
        self._results = results
        self._server = LoopbackServer(0, self._answer)
        self._workers = ThreadPoolExecutor(2, thread_name_prefix="local-athena")
        self._executions: dict[str, dict[str, Any]] = {}
        self._answers: dict[str, Result] = {}
        self._lock = threading.Lock()
        self._calls: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "StartQueryExecution": self._start_query,
            "GetQueryExecution": lambda given: {"QueryExecution": self._execution(given)},
            "BatchGetQueryExecution": self._batch,
            "GetQueryResults": self._query_results,
            "StopQueryExecution": self._stop_query,
            "GetWorkGroup": self._work_group,
        }

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"http://127.0.0.1:{self._server.port}"

    def start(self) -> None:
        """Answers from now on."""
        self._server.start()

    def stop(self) -> None:
        """Answers no more; running queries end first."""
        self._server.stop()
        self._workers.shutdown(wait=True, cancel_futures=True)

    def _answer(self, request: HttpRequest) -> HttpAnswer:
        if any(name == "origin" or name.startswith("sec-fetch-") for name in request.headers):
            return HttpAnswer(403, [("Content-Type", "text/plain")], b"This answers no browser.\n")
        name = (request.header("x-amz-target") or "").rpartition(".")[2]
        try:
            call = self._calls.get(name) or _unknown(name)
            return HttpAnswer(200, [_JSON], json.dumps(call(json.loads(request.body or b"{}"))).encode())
        except InvalidRequest as exc:
            body = {"__type": "InvalidRequestException", "Message": str(exc)}
            return HttpAnswer(400, [_JSON], json.dumps(body).encode())

    def _start_query(self, given: dict[str, Any]) -> dict[str, Any]:
        query = str(uuid.uuid4())
        group = given.get("WorkGroup", "primary")
        execution = {
            "QueryExecutionId": query,
            "Query": given["QueryString"],
            "StatementType": "DML",
            "ResultConfiguration": {"OutputLocation": f"s3://{self._results}/reports/{query}.csv"},
            "QueryExecutionContext": given.get("QueryExecutionContext", {}),
            "Status": {"State": "QUEUED", "SubmissionDateTime": time.time()},
            "Statistics": {"EngineExecutionTimeInMillis": 0, "DataScannedInBytes": 0},
            "WorkGroup": group,
            "ExecutionParameters": given.get("ExecutionParameters", []),
        }
        with self._lock:
            self._executions[query] = execution
        self._workers.submit(self._run, execution)
        return {"QueryExecutionId": query}

    def _run(self, execution: dict[str, Any]) -> None:
        status, query = execution["Status"], execution["QueryExecutionId"]
        if status["State"] == "CANCELLED":
            return
        status["State"] = "RUNNING"
        begun = time.monotonic()
        database = execution["QueryExecutionContext"].get("Database", "default")
        try:
            result = self._engine.run(execution["Query"], database, execution["ExecutionParameters"])
            self._store(query, result)
            self._answers[query] = result
            execution["Statistics"]["DataScannedInBytes"] = result.scanned
            outcome = "SUCCEEDED"
        except (ValueError, SqlglotError, duckdb.Error) as exc:
            status["StateChangeReason"] = str(exc)[:1000]
            outcome = "FAILED"
        except Exception as exc:  # noqa: BLE001 - the outermost edge of a worker: whoever waits must hear that it ended
            status["StateChangeReason"] = f"INTERNAL_ERROR: {type(exc).__name__}: {exc}"[:1000]
            outcome = "FAILED"
        execution["Statistics"]["EngineExecutionTimeInMillis"] = int((time.monotonic() - begun) * 1000)
        status["CompletionDateTime"] = time.time()
        if status["State"] == "RUNNING":
            status["State"] = outcome

    def _store(self, query: str, result: Result) -> None:
        lines = [",".join(_field(name) for name in result.columns)]
        lines += [",".join(_field(text_of(value)) for value in row) for row in result.rows]
        body = "".join(f"{line}\n" for line in lines).encode()
        self._objects.put_object(Bucket=self._results, Key=f"reports/{query}.csv", Body=body)

    def _execution(self, given: dict[str, Any]) -> dict[str, Any]:
        query = given.get("QueryExecutionId", "")
        if query not in self._executions:
            raise InvalidRequest(f"QueryExecution {query} was not found")
        return self._executions[query]

    def _batch(self, given: dict[str, Any]) -> dict[str, Any]:
        asked = given.get("QueryExecutionIds", [])
        found = [self._executions[query] for query in asked if query in self._executions]
        return {"QueryExecutions": found, "UnprocessedQueryExecutionIds": []}

    def _stop_query(self, given: dict[str, Any]) -> dict[str, Any]:
        status = self._execution(given)["Status"]
        if status["State"] not in _DONE:
            status.update(State="CANCELLED", CompletionDateTime=time.time())
        return {}

    def _work_group(self, given: dict[str, Any]) -> dict[str, Any]:
        where = {"OutputLocation": f"s3://{self._results}/reports/"}
        version = dict.fromkeys(("SelectedEngineVersion", "EffectiveEngineVersion"), "Athena engine version 3")
        configuration = {
            "ResultConfiguration": where,
            "EnforceWorkGroupConfiguration": True,
            "EngineVersion": version,
        }
        return {
            "WorkGroup": {"Name": given.get("WorkGroup", ""), "State": "ENABLED", "Configuration": configuration},
        }

    def _query_results(self, given: dict[str, Any]) -> dict[str, Any]:
        execution = self._execution(given)
        if execution["Status"]["State"] != "SUCCEEDED":
            raise InvalidRequest(f"Query has not yet finished. Current state: {execution['Status']['State']}")
        result = self._answers[execution["QueryExecutionId"]]
        start, size = int(given.get("NextToken") or 0), int(given.get("MaxResults") or _PAGE)
        lines = [result.columns, *result.rows][start : start + size]
        columns = [
            {"Name": name, "Label": name, "Type": kind, "CatalogName": "hive", "Nullable": "UNKNOWN"}
            for name, kind in zip(result.columns, result.types, strict=True)
        ]
        rows = [{"Data": [_datum(value) for value in line]} for line in lines]
        more = {"NextToken": str(start + size)} if start + size <= len(result.rows) else {}
        metadata = {"ColumnInfo": columns}
        return {"ResultSet": {"Rows": rows, "ResultSetMetadata": metadata}, "UpdateCount": 0, **more}


def text_of(value: Any) -> str | None:
    """A value as Athena writes it; None for NULL."""
    if value is None:
        return None
    write = next((write for kind, write in _WRITERS if isinstance(value, kind)), str)
    return write(value)


def _moment(value: datetime) -> str:
    zone = " UTC" if value.tzinfo else ""
    moment = value.astimezone(UTC) if value.tzinfo else value
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d}{zone}"


def _number(value: float) -> str:
    return "NaN" if math.isnan(value) else repr(value).replace("inf", "Infinity").replace("e", "E")


def _list(value: list[Any]) -> str:
    return "[" + ", ".join("null" if item is None else str(text_of(item)) for item in value) + "]"


# The first that fits: a bool is an int, a datetime a date.
_WRITERS: Final[tuple[tuple[type, Callable[[Any], str]], ...]] = (
    (bool, lambda value: "true" if value else "false"),
    (datetime, _moment),
    (date, date.isoformat),
    (float, _number),
    (list, _list),
)


def _unknown(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    raise InvalidRequest(f"the local Athena has no {name}")


def _field(text: str | None) -> str:
    """Everything is quoted but NULL, which is nothing at all."""
    return "" if text is None else '"' + text.replace('"', '""') + '"'


def _datum(value: Any) -> dict[str, str]:
    text = text_of(value)
    return {} if text is None else {"VarCharValue": text}
