"""The lake's tables and views in DuckDB, over a folder of Parquet files laid out as on S3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import sqlglot

from chalicelib.adapters.lake.compaction import frame_of, parquet_of
from chalicelib.lake.compaction import curated_key
from chalicelib.lake.schemas import LANDED, TABLES, glue_columns
from infra.lake_template import views

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_TYPES = {"string": "VARCHAR", "array<string>": "VARCHAR[]", "int": "INTEGER"}


def put(lake: Path, table: str, municipality: str, month: str, body: bytes) -> None:
    """The file of a partition."""
    file = lake / curated_key(table, municipality, month)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(body)


def put_rows(lake: Path, table: str, municipality: str, month: str, rows: Sequence[dict[str, Any]]) -> None:
    """The file of a partition, as compaction writes it."""
    put(lake, table, municipality, month, parquet_of(table, frame_of(table, rows)))


def connect(lake: Path, **config: Any) -> duckdb.DuckDBPyConnection:
    """Every landed table, null where an older file lacks a column, and every view, as the catalogue has them."""
    connection = duckdb.connect(config=config)
    for table in LANDED:
        types = [(column["Name"], _TYPES.get(column["Type"], column["Type"])) for column in glue_columns(table)]
        types += [(name, "VARCHAR") for name in TABLES[table].partitions]
        columns = ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in types)
        relation = f"SELECT {columns} WHERE false"
        if any((lake / "curated" / table).glob("**/*.parquet")):
            relation += (
                f" UNION ALL BY NAME SELECT * FROM read_parquet('{lake}/curated/{table}/**/*.parquet',"  # noqa: S608 - our names
                " union_by_name = true, hive_partitioning = true,"
                " hive_types = {'municipality': VARCHAR, 'month': VARCHAR})"
            )
        connection.execute(f"CREATE VIEW {table} AS {relation}")
    waiting = dict(views())
    while waiting:
        name = next(n for n, sql in waiting.items() if not any(o in sql.split() for o in waiting if o != n))
        (sql,) = sqlglot.transpile(waiting.pop(name), read="athena", write="duckdb")
        connection.execute(f"CREATE VIEW {name} AS {sql}")
    return connection


def rows_of(connection: duckdb.DuckDBPyConnection, name: str) -> list[tuple[Any, ...]]:
    """Every row of a table or view, in an order of its own."""
    return sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr)  # noqa: S608 - our names
