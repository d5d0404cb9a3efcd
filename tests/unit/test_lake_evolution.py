"""Files and lines of earlier versions are read for good: columns are only ever added, and null where they were not.

`tests/data/lake_version_1.json` is frozen: it says what version 1 wrote. Never adapt it to the schemas.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chalicelib.adapters.lake.compaction import frame_of
from chalicelib.lake.compaction import compacted
from chalicelib.lake.landing import ROW_VERSION, lines
from chalicelib.lake.schemas import LANDED, TABLES, VERSIONS
from infra.lake_template import views
from tests.lake_tables import connect, put, put_rows

if TYPE_CHECKING:
    import duckdb

FROZEN: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "data" / "lake_version_1.json").read_text(encoding="utf-8")
)
OLD: dict[str, Any] = FROZEN["tables"]
WHO, THEN = FROZEN["municipality"], FROZEN["month"]
NOW = "2026-11"


def landed_then(table: str) -> bytes:
    """What version 1 put into the landing area."""
    return lines({**row, ROW_VERSION: FROZEN[ROW_VERSION]} for row in OLD[table]["rows"])


def file_then(table: str) -> bytes:
    """What version 1 wrote as Parquet: by the types that are frozen, not by those of today."""
    columns = OLD[table]["columns"]
    schema = pa.schema(
        [
            (name, pa.list_(pa.string()) if said["arrow"] == "list<string>" else pa.type_for_alias(said["arrow"]))
            for name, said in columns.items()
        ]
    )
    frame = frame_of(table, OLD[table]["rows"])[list(columns)]
    buffer = io.BytesIO()
    content = pa.Table.from_pandas(frame, schema=schema, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(content, buffer, compression="snappy", version="2.6")
    return buffer.getvalue()


def added(table: str) -> list[str]:
    """The columns that version 1 did not have."""
    return [column.name for column in TABLES[table].columns if column.name not in OLD[table]["columns"]]


@pytest.mark.parametrize("table", OLD)
def test_columns_are_only_ever_added(table: str) -> None:
    definition = TABLES[table]
    assert list(definition.key) == OLD[table]["key"]
    for name, said in OLD[table]["columns"].items():
        column = definition.column(name)
        assert column is not None, f"{table}.{name} is gone"
        assert (str(column.kind), column.since) == (said["kind"], 1)
        assert column.required <= said["required"], f"{table}.{name}: older rows may lack it"
    for name in added(table):
        column = definition.column(name)
        assert column is not None
        assert 1 < column.since <= VERSIONS[table]
        assert not column.required


@pytest.mark.parametrize("table", OLD)
def test_lines_of_version_1_still_compact(table: str) -> None:
    result = compacted(table, [landed_then(table)])
    assert (result.rejected, len(result.rows)) == (0, len(OLD[table]["rows"]))
    for row in result.rows:
        assert all(row[name] is None for name in added(table))


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """A month as version 1 left it beside the same facts in a month of today."""
    lake = tmp_path_factory.mktemp("mixed")
    for table in OLD:
        put(lake, table, WHO, THEN, file_then(table))
        put_rows(lake, table, WHO, NOW, compacted(table, [landed_then(table)]).rows)
    return connect(lake)


@pytest.mark.parametrize("table", LANDED)
def test_a_file_of_version_1_reads_beside_one_of_today_with_nulls(mixed: duckdb.DuckDBPyConnection, table: str) -> None:
    found = mixed.execute(f"SELECT * FROM {table} WHERE month = '{THEN}'").fetchdf()  # noqa: S608 - our names
    assert {column.name for column in TABLES[table].columns} <= set(found.columns)
    if table not in OLD:
        assert found.empty  # there were no such files yet
        return
    assert len(found) == len(OLD[table]["rows"])
    assert found[added(table)].isna().all(axis=None)


@pytest.mark.parametrize("name", views())
def test_every_view_says_the_same_of_the_same_facts_in_any_version(mixed: duckdb.DuckDBPyConnection, name: str) -> None:
    sql = f"SELECT * EXCLUDE (month) FROM {name} WHERE month = ?"  # noqa: S608 - our names
    then, now = (sorted(mixed.execute(sql, [month]).fetchall(), key=repr) for month in (THEN, NOW))
    assert then == now
    assert bool(then) is (name != "v_bookings")  # there were no bookings yet
