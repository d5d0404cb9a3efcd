from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime

import pytest

from chalicelib.telemetry import logger
from local.athena import text_of
from local.athena_catalogue import CatalogueError, CatalogueTable
from local.athena_pruning import Range
from local.logs import LogFile

METRICS = {
    "_aws": {
        "Timestamp": 1,
        "CloudWatchMetrics": [
            {"Namespace": "Borgerpuls", "Dimensions": [["service"]], "Metrics": [{"Name": "Sent", "Unit": "Count"}]}
        ],
    },
    "service": "borgerpuls",
    "Sent": 2.0,
}


def test_what_the_functions_print_and_log_goes_to_the_file_and_metrics_are_handed_on(tmp_path):
    handed_on = []
    log = LogFile(tmp_path / "product.log", on_metrics=lambda *found: handed_on.append(found))

    with log.instead_of_stdout():
        print("half a ", end="")
        print("line")
        print(json.dumps(METRICS, separators=(",", ":")))
        logger.info("a record")
    print("not in the file")

    lines = (tmp_path / "product.log").read_text().splitlines()
    assert lines[0] == "half a line"
    assert json.loads(lines[2])["message"] == "a record"
    assert len(lines) == 3
    assert [(namespace, data[0]["MetricName"], data[0]["Values"]) for namespace, data in handed_on] == [
        ("Borgerpuls", "Sent", [2.0])
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        (True, "true"),
        (7, "7"),
        (0.5, "0.5"),
        (1e20, "1E+20"),
        (math.inf, "Infinity"),
        (math.nan, "NaN"),
        (date(2026, 11, 22), "2026-11-22"),
        (datetime(2026, 11, 22, 9, 5), "2026-11-22 09:05:00.000"),
        (datetime(2026, 11, 22, 9, 5, tzinfo=UTC), "2026-11-22 09:05:00.000 UTC"),
        (["a", None], "[a, null]"),
    ],
)
def test_values_are_written_as_athena_writes_them(value, text):
    assert text_of(value) == text


def a_table(**parameters: str) -> CatalogueTable:
    named = {name.replace("_", "."): value for name, value in parameters.items()}
    return CatalogueTable("t", {"x": "varchar", "k": "varchar"}, ("k",), None, named, "s3://bucket/t/")


@pytest.mark.parametrize(
    ("parameters", "wanted", "values"),
    [
        ({"projection_k_type": "enum", "projection_k_values": "a,b"}, {}, ["a", "b"]),
        ({"projection_k_type": "enum", "projection_k_values": "a,b"}, {"k": Range(low="b")}, ["b"]),
        (
            {"projection_k_type": "integer", "projection_k_range": "8,11", "projection_k_digits": "2"},
            {},
            ["08", "09", "10", "11"],
        ),
        (
            {
                "projection_k_type": "date",
                "projection_k_format": "yyyy-MM",
                "projection_k_range": "2025-11,2026-02",
                "projection_k_interval": "1",
                "projection_k_interval_unit": "MONTHS",
            },
            {"k": Range(high="2026-01")},
            ["2025-11", "2025-12", "2026-01"],
        ),
        (
            {
                "projection_k_type": "date",
                "projection_k_format": "yyyy-MM-dd",
                "projection_k_range": "2026-02-27,2026-03-01",
            },
            {},
            ["2026-02-27", "2026-02-28", "2026-03-01"],
        ),
        ({"projection_k_type": "injected"}, {"k": Range(values=frozenset({"z"}))}, ["z"]),
    ],
)
def test_partitions_are_projected_as_athena_projects_them(parameters, wanted, values):
    assert [(found["k"], place) for found, place in a_table(**parameters).partitions(wanted)] == [
        (value, f"s3://bucket/t/k={value}/") for value in values
    ]


def test_a_relative_range_reaches_from_the_first_month_to_the_next_one():
    table = a_table(
        projection_k_type="date",
        projection_k_format="yyyy-MM",
        projection_k_range="2024-01,NOW+1MONTHS",
        projection_k_interval="1",
        projection_k_interval_unit="MONTHS",
    )
    now = datetime.now(UTC)
    months = (now.year - 2024) * 12 + now.month

    assert len(list(table.partitions({}))) == months + 1


def test_an_injected_column_must_be_fixed_by_the_query():
    with pytest.raises(CatalogueError, match="CONSTRAINT_VIOLATION"):
        list(a_table(projection_k_type="injected").partitions({}))
