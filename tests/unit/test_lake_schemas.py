from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chalicelib.adapters.lake.compaction import frame_of
from chalicelib.lake.columns import Kind, RowRejected
from chalicelib.lake.schemas import (
    TABLES,
    arrow_types,
    checked_row,
    glue_columns,
    known_columns,
    pandas_types,
    partition_columns,
)

ANSWER = {
    "contact_id": "01JDC0NTACT000000000000001",
    "questionnaire": "skive",
    "question": "satisfaction",
    "question_version": "0-10.1",
    "value": "9",
    "value_number": 9.0,
    "mode": "sms_link",
    "language": "da",
    "finished_at": "2026-11-23T10:00:00Z",
    "contact_ended_at": "2026-11-23T09:16:00Z",
}


@pytest.mark.parametrize("table", TABLES)
def test_every_table_says_the_same_in_glue_arrow_and_pandas(table: str) -> None:
    names = [column.name for column in TABLES[table].columns]
    assert [column["Name"] for column in glue_columns(table)] == names
    assert list(arrow_types(table)) == names
    assert list(pandas_types(table)) == names
    assert len(set(names)) == len(names)
    assert next(column["Name"] for column in partition_columns(table)) == "municipality"
    assert not set(names) & {column["Name"] for column in partition_columns(table)}
    assert set(TABLES[table].key) <= set(names)
    assert all(column.comment for column in TABLES[table].columns)


@pytest.mark.parametrize("table", TABLES)
def test_no_column_could_hold_who_somebody_is(table: str) -> None:
    words = ("phone", "name", "email", "mail", "cpr", "token", "code", "address")
    assert not [c.name for c in TABLES[table].columns if any(word in c.name for word in words)]


def test_a_row_gets_all_columns_in_order() -> None:
    row = checked_row("answers", {k: v for k, v in ANSWER.items() if k != "mode"})
    assert list(row) == [column.name for column in TABLES["answers"].columns]
    assert row["mode"] is None


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"phone": "+4512345678"}, "phone"),
        ({"value": 9}, "value"),
        ({"value": None}, "value"),
        ({"value_number": "9"}, "value_number"),
        ({"value_number": True}, "value_number"),
        ({"finished_at": "yesterday"}, "finished_at"),
        ({"finished_at": "2026-11-23T10:00:00"}, "finished_at"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_without_repeating_the_value(change: dict[str, Any], column: str) -> None:
    with pytest.raises(RowRejected) as caught:
        checked_row("answers", ANSWER | change)
    assert caught.value.column == column
    assert not any(str(value) in str(caught.value) for value in change.values() if value is not None)


def test_integers_must_fit_glues_int() -> None:
    row = {"contact_id": "a", "channel": "phone", "ended_at": "2026-11-23T10:00:00Z"}
    assert checked_row("contacts", row | {"transfers": 2})["transfers"] == 2
    for wrong in (2**31, True, 1.0):
        with pytest.raises(RowRejected):
            checked_row("contacts", row | {"transfers": wrong})


@pytest.mark.parametrize("table", TABLES)
def test_frames_have_the_tables_types_even_when_everything_is_null(table: str) -> None:
    empty = {column.name: None for column in TABLES[table].columns}
    for rows in ([], [empty], [empty, empty]):
        frame = frame_of(table, rows)
        assert list(frame.columns) == list(pandas_types(table))
        assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
            name: {"string": "string", "object": "object"}.get(kind, kind) for name, kind in pandas_types(table).items()
        }


def _file(rows: list[dict[str, Any]], without: str) -> bytes:
    """A file of last version: the column did not exist yet."""
    buffer = io.BytesIO()
    frame = frame_of("answers", rows).drop(columns=[without])
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), buffer)
    return buffer.getvalue()


def test_last_versions_file_reads_with_null_for_the_new_column() -> None:
    duckdb = pytest.importorskip("duckdb")
    old, new = _file([ANSWER], "mode"), _file([ANSWER], "language")
    schema = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in arrow_types("answers").items()])
    tables = []
    for body in (old, new):
        table = pq.read_table(io.BytesIO(body))
        missing = [n for n in schema.names if n not in table.column_names]
        for name in missing:
            table = table.append_column(name, pa.nulls(len(table), schema.field(name).type))
        tables.append(table.select(schema.names).cast(schema))
    answers = pa.concat_tables(tables)
    connection = duckdb.connect()
    connection.register("answers", answers)
    found = connection.execute("SELECT mode, language, value_number FROM answers ORDER BY mode").fetchall()
    assert sorted(found, key=str) == sorted([(None, "da", 9.0), ("sms_link", None, 9.0)], key=str)


def test_lines_of_a_newer_version_are_read_by_the_columns_that_we_know() -> None:
    assert known_columns("answers", ANSWER | {"mood": "sunny"}) == ANSWER


def test_kinds_are_glue_types() -> None:
    assert {str(kind) for kind in Kind} == {
        "string", "array<string>", "int", "double", "boolean", "timestamp", "date",
    }  # fmt: skip
