"""The lake against itself: how refresh and bytes grow with the number of municipalities, and what compaction costs.

    .venv/bin/python -m bench.lake            # 1, 3 and 10 municipalities of Fjordby's size, 25 months each
    .venv/bin/python -m bench.lake 1 10 98

Runs the product's own views and statements in DuckDB on local Parquet; on AWS Athena reads the same bytes.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import sqlglot

from chalicelib.adapters.athena_queries import STATEMENTS, bound_statement
from chalicelib.adapters.compaction import parquet_of
from chalicelib.adapters.period_counts import by_period, period_counts
from chalicelib.adapters.report_refresh import packed
from chalicelib.lake.compaction import compacted, curated_key
from chalicelib.lake.schemas import LANDED
from chalicelib.municipalities.document import municipality_from
from cli.municipality_file import read_file
from demo.history import history, landed_lines, partitions
from infra.lake_template import views

ROOT = Path(__file__).parents[1]
MONTH = "2026-10"


def main(sizes: list[int]) -> None:
    municipality = municipality_from(read_file(ROOT / "demo" / "fjordby.yaml"))
    frames = history(municipality, datetime(2026, 11, 22, 12, tzinfo=UTC))
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder)
        for table, frame in frames.items():
            for month, rows in partitions(frame):
                file = lake / curated_key(table, "m000", month)
                file.parent.mkdir(parents=True)
                file.write_bytes(parquet_of(table, rows))
        _compaction(frames)
        print(
            f"{'municipalities':>14} {'lake MB':>8} {'one month: KB':>14} {'share':>9} {'refresh s':>10} {'each ms':>9}"
        )
        for size in sizes:
            _grow(lake, size)
            _measure(lake, size)


def _compaction(frames) -> None:
    """One month, all tables: the work of an hour in which something landed."""
    rows, begun = 0, time.perf_counter()
    spent = 0.0
    for table, frame in frames.items():
        part = dict(partitions(frame))[MONTH]
        body = landed_lines(table, part)
        begun = time.perf_counter()
        result = compacted(table, [body])
        spent += time.perf_counter() - begun
        rows += result.rows_in
    print(f"compaction: {rows:,} landed lines of a month in {spent:.2f} s ({rows / spent:,.0f} lines/s)\n")


def _grow(lake: Path, size: int) -> None:
    for table in LANDED:
        first = lake / "curated" / table / "municipality=m000"
        for number in range(1, size):
            copy = first.with_name(f"municipality=m{number:03d}")
            if not copy.exists():
                shutil.copytree(first, copy)


def _connect(lake: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 2})
    for table in LANDED:
        connection.execute(
            f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{lake}/curated/{table}/**/*.parquet',"  # noqa: S608 - our names
            " hive_partitioning = true, hive_types = {'municipality': VARCHAR, 'month': VARCHAR})"
        )
    waiting = dict(views())
    while waiting:
        name = next(n for n, sql in waiting.items() if not any(o in sql for o in waiting if o != n))
        (sql,) = sqlglot.transpile(waiting.pop(name), read="athena", write="duckdb")
        connection.execute(f"CREATE VIEW {name} AS {sql}")
    return connection


def _measure(lake: Path, size: int) -> None:
    connection = _connect(lake)
    begun = time.perf_counter()
    results = {}
    for name in STATEMENTS:
        sql, parameters = bound_statement(
            name, first=MONTH, last=MONTH, municipalities=[str(n) for n in range(size + 20)]
        )
        (translated,) = sqlglot.transpile(sql, read="athena", write="duckdb")
        cursor = connection.execute(translated, list(parameters))
        names = [column[0] for column in cursor.description]
        results[name] = [
            {key: "" if value is None else str(value) for key, value in zip(names, row, strict=True)}
            for row in cursor.fetchall()
        ]
    periods = by_period(results)
    for (municipality, month), rows in periods.items():
        packed(period_counts(municipality, month, rows, asked="skive", generated_at=""))
    spent = time.perf_counter() - begun
    assert len(periods) == size
    total = sum(file.stat().st_size for file in lake.rglob("*.parquet"))
    one = sum((lake / curated_key(table, "m000", MONTH)).stat().st_size for table in LANDED)
    print(
        f"{size:>14} {total / 1e6:>8.1f} {one / 1e3:>14.1f} {one / total:>9.4%} {spent:>10.2f}"
        f" {spent / size * 1e3:>9.1f}"
    )


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or [1, 3, 10])
