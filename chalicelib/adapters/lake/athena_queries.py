"""Counts of periods from Athena: short statements on the views of `athena_queries/`, which hold the logic.

The statements are constants with `?`; what varies travels as execution parameters. Athena puts those in as SQL
literals, so text is quoted here, once. One query answers for many municipalities and months, never one each.
"""

from __future__ import annotations

import csv
import io
import time
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import boto3

from chalicelib.shared.errors import Busy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Row = dict[str, str]

STATEMENTS: Final[dict[str, str]] = {
    "answers": """
        SELECT municipality, month, dimension, dimension_value, question, question_version, answer, answers
        FROM v_answers_by_dimension""",
    "crossed": """
        SELECT municipality, month, row_field, row_value, column_field, column_value, question, question_version,
            answer, answers
        FROM v_answers_crossed""",
    "respondents": "SELECT municipality, month, question, question_version, respondents FROM v_respondents",
    "served": "SELECT municipality, month, dimension, dimension_value, contacts FROM v_served_by_dimension",
    "funnel": """
        SELECT municipality, month, completed, offered, consented, sent, delivered, started, finished, with_text
        FROM v_funnel""",
    "not_invited": "SELECT municipality, month, not_invited_reason, contacts FROM v_not_invited",
    "waiting": "SELECT municipality, month, minute, contacts FROM v_waiting_histogram",
    "consents": "SELECT municipality, month, dimension, dimension_value, offered, granted FROM v_consents",
    "booked_times": "SELECT municipality, month, measure, measured, contacts FROM v_booked_times",
    "bookings": "SELECT municipality, month, dimension, dimension_value, bookings, cancelled FROM v_bookings",
    "waiting_kinds": "SELECT municipality, month, waiting_from, outage, contacts, soon FROM v_waiting_kinds",
    "endings": "SELECT municipality, month, channel, office, ending, contacts FROM v_endings",
    "resolution": "SELECT municipality, month, channel, contacts, known, resolved FROM v_resolution",
    "noted": "SELECT municipality, month, fact, dimension, dimension_value, known, yes FROM v_noted",
    "paths": "SELECT municipality, month, channel, department, contacts FROM v_contact_paths",
    "patterns": "SELECT municipality, month, waiting_band, pattern, responses FROM v_answer_patterns",
    "comments": """
        SELECT municipality, month, comment_id, text, language, office, reason, channel, week_start, score,
            score_wording, may_be_quoted, nominees
        FROM v_comments""",
}
_NAMED_AT_MOST: Final = 20
"""More municipalities than this are not named in a statement: the whole month is read and the rest left out."""
_DONE: Final = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})


class QueryFailed(Busy):
    """Athena could not answer. The log has the query's id; its text holds no value of anyone."""

    code = "query_failed"


class AthenaQueries:
    """Runs a statement in the workgroup, which decides where results go and how much may be read."""

    def __init__(
        self,
        *,
        workgroup: str,
        database: str,
        region: str,
        wait_seconds: float = 300,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._workgroup = workgroup
        self._database = database
        self._region = region
        self._wait_seconds = wait_seconds
        self._sleep = sleep

    @cached_property
    def _athena(self) -> Any:
        return boto3.client("athena", region_name=self._region)

    @cached_property
    def _s3(self) -> Any:
        return boto3.client("s3", region_name=self._region)

    def rows(self, sql: str, parameters: Sequence[str] = ()) -> list[Row]:
        """The result, every value as text; NULL and the empty text are both "".

        The result file is read at once: Athena's own pages hold a thousand rows each.

        Raises:
            QueryFailed: refused, failed, or not done in time (then it is stopped, as bytes are billed).
        """
        arguments: dict[str, Any] = {
            "QueryString": sql,
            "QueryExecutionContext": {"Database": self._database},
            "WorkGroup": self._workgroup,
        }
        if parameters:
            arguments["ExecutionParameters"] = [literal(value) for value in parameters]
        query = self._athena.start_query_execution(**arguments)["QueryExecutionId"]
        place = urlsplit(self._finished(query))
        body = self._s3.get_object(Bucket=place.netloc, Key=place.path.lstrip("/"))["Body"].read().decode()
        return list(csv.DictReader(io.StringIO(body, newline="")))

    def _finished(self, query: str) -> str:
        pause, waited = 0.05, 0.0
        while waited < self._wait_seconds:
            execution = self._athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            state = execution["Status"]["State"]
            if state == "SUCCEEDED":
                return str(execution["ResultConfiguration"]["OutputLocation"])
            if state in _DONE:
                reason = execution["Status"].get("StateChangeReason", "no reason given")
                raise QueryFailed(f"query {query} {state.lower()}: {reason}")
            self._sleep(pause)
            waited, pause = waited + pause, min(pause * 1.5, 2.0)
        self._athena.stop_query_execution(QueryExecutionId=query)
        raise QueryFailed(f"query {query} was not done in {self._wait_seconds:.0f} seconds")


def literal(value: str) -> str:
    """A text as an SQL literal: what Athena expects of an execution parameter."""
    return "'" + value.replace("'", "''") + "'"


def bound_statement(name: str, *, first: str, last: str, municipalities: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """A statement and its parameters for the months from `first` to `last`, both included."""
    named = tuple(municipalities) if len(municipalities) <= _NAMED_AT_MOST else ()
    where = " WHERE month >= ? AND month <= ?"
    if named:
        where += f" AND municipality IN ({', '.join('?' * len(named))})"
    return STATEMENTS[name].strip() + where, (first, last, *named)
