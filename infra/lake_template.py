"""Completes `lake.yaml`: a Glue table per `chalicelib/lake/schemas.py` schema, a view per `athena_queries/v_*.sql`.

Neither the columns nor the SQL stands a second time in a template, so none can drift. A view is a Glue table of type
VIRTUAL_VIEW, the layout that `CREATE VIEW` itself writes: a change set shows a changed view, a rollback restores it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from chalicelib.lake.schemas import TABLES, glue_columns, partition_columns
from infra import cfnyaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.cfnyaml import Template

ROOT: Final = Path(__file__).resolve().parents[1]
QUERIES: Final = ROOT / "athena_queries"

_PARQUET: Final = "org.apache.hadoop.hive.ql.io.parquet"
# What a view's column is called in Glue (Hive) and in the view's own text (Trino).
_HIVE: Final = {
    "VARCHAR": "string", "TEXT": "string", "BIGINT": "bigint", "INT": "int", "INTEGER": "int", "DOUBLE": "double",
    "BOOLEAN": "boolean",
    "DATE": "date", "TIMESTAMP": "timestamp", "SMALLINT": "smallint", "FLOAT": "float",
}  # fmt: skip
_TRINO: Final = {"string": "varchar", "int": "integer", "float": "real"}
Columns = dict[str, str]


class ViewUnreadable(ValueError):
    """A view's SQL does not say which columns it has; the message names file and column."""


def lake_template() -> Template:
    """The whole template of the lake's catalogue."""
    template = cfnyaml.load(Path(__file__).with_name("lake.yaml"))
    for name in TABLES:
        template["Resources"][f"{_logical(name)}Table"] = _table(name)
    below = {name: _table_columns(name) for name in TABLES}
    for name, sql in _views_in_order().items():
        below[name] = view_columns(name, sql, below)
        template["Resources"][f"{_logical(name)}View"] = _view(name, sql, below[name])
    return template


def views() -> dict[str, str]:
    """Name and SQL, without header and final semicolon, of each view file."""
    return {path.stem: statement_of(path.read_text(encoding="utf-8")) for path in sorted(QUERIES.glob("v_*.sql"))}


def statement_of(text: str) -> str:
    """The statement of an SQL file: no header comment, no `CREATE … AS`, no semicolon."""
    lines = text.splitlines()
    while lines and (not lines[0].strip() or lines[0].startswith("--")):
        lines.pop(0)
    body = "\n".join(lines).strip().rstrip(";").strip()
    return re.sub(r"\A\s*create\s+(or\s+replace\s+)?view\s+\S+\s+as\s+", "", body, flags=re.IGNORECASE)


def view_columns(name: str, sql: str, below: Mapping[str, Columns]) -> Columns:
    """Column → Glue type of a view, inferred from its SQL and the tables and views that it reads.

    Raises:
        ViewUnreadable: a column has no name or a type that can't be inferred (CAST it).
    """
    schema: dict[str, object] = {
        table: {column: _trino(kind) for column, kind in columns.items()} for table, columns in below.items()
    }
    query = annotate_types(
        qualify(sqlglot.parse_one(sql, dialect="athena"), schema=schema, dialect="athena", quote_identifiers=False),
        schema=schema,
        dialect="athena",
    )
    if not isinstance(query, exp.Query):
        raise ViewUnreadable(f"{name}.sql is not a query")
    found: Columns = {}
    for column in query.selects:
        kind = column.type.sql(dialect="athena").upper() if column.type else "UNKNOWN"
        hive = _HIVE.get(kind.split("(")[0])
        if hive is None:
            raise ViewUnreadable(f"{name}.sql: the type of column {column.alias_or_name!r} is {kind}; CAST it")
        found[column.alias_or_name] = hive
    return found


def _views_in_order() -> dict[str, str]:
    """Views after the views that they read."""
    waiting, ready = views(), dict[str, str]()
    while waiting:
        free = [name for name, sql in waiting.items() if not (_reads(sql) & (set(waiting) - {name}))]
        if not free:
            raise ViewUnreadable(f"views read each other in a circle: {', '.join(waiting)}")
        ready |= {name: waiting.pop(name) for name in free}
    return ready


def _reads(sql: str) -> set[str]:
    return {table.name for table in sqlglot.parse_one(sql, dialect="athena").find_all(exp.Table)}


def _table_columns(name: str) -> Columns:
    return {column["Name"]: column["Type"] for column in (*glue_columns(name), *partition_columns(name))}


def _table(name: str) -> dict[str, Any]:
    definition = TABLES[name]
    tenant, period = definition.partitions
    # `${!x}` keeps Athena's own placeholders out of CloudFormation's hands.
    place = f"s3://${{LakeBucket}}/curated/{name}/{tenant}=${{!{tenant}}}/{period}=${{!{period}}}/"
    return {
        "Type": "AWS::Glue::Table",
        "Properties": {
            "CatalogId": {"Ref": "AWS::AccountId"},
            "DatabaseName": {"Ref": "Database"},
            "TableInput": {
                "Name": name,
                "Description": definition.grain,
                "TableType": "EXTERNAL_TABLE",
                "Parameters": {
                    "EXTERNAL": "TRUE",
                    "classification": "parquet",
                    "projection.enabled": "true",
                    f"projection.{tenant}.type": "enum",
                    f"projection.{tenant}.values": {"Fn::Join": [",", {"Ref": "Municipalities"}]},
                    f"projection.{period}.type": "date",
                    f"projection.{period}.format": "yyyy-MM",
                    # In the first hours of a Danish month it is still the month before by UTC, which NOW means.
                    f"projection.{period}.range": {"Fn::Sub": "${FirstMonth},NOW+1MONTHS"},
                    f"projection.{period}.interval": "1",
                    f"projection.{period}.interval.unit": "MONTHS",
                    "storage.location.template": {"Fn::Sub": place},
                },
                "PartitionKeys": partition_columns(name),
                "StorageDescriptor": {
                    "Location": {"Fn::Sub": f"s3://${{LakeBucket}}/curated/{name}/"},
                    "InputFormat": f"{_PARQUET}.MapredParquetInputFormat",
                    "OutputFormat": f"{_PARQUET}.MapredParquetOutputFormat",
                    "SerdeInfo": {"SerializationLibrary": f"{_PARQUET}.serde.ParquetHiveSerDe"},
                    "Columns": glue_columns(name),
                },
            },
        },
    }


def _view(name: str, sql: str, columns: Columns) -> dict[str, Any]:
    text = json.dumps(
        {
            "originalSql": sql,
            "catalog": "awsdatacatalog",
            "schema": "@database@",
            "columns": [{"name": column, "type": _trino(kind)} for column, kind in columns.items()],
        }
    )
    escaped = {"Fn::Base64": {"Fn::Sub": text.replace("${", "${!").replace("@database@", "${GlueDatabase}")}}
    return {
        "Type": "AWS::Glue::Table",
        "Properties": {
            "CatalogId": {"Ref": "AWS::AccountId"},
            "DatabaseName": {"Ref": "Database"},
            "TableInput": {
                "Name": name,
                "Description": f"See athena_queries/{name}.sql",
                "TableType": "VIRTUAL_VIEW",
                "Parameters": {"presto_view": "true", "comment": "Presto View"},
                "StorageDescriptor": {
                    "Columns": [{"Name": column, "Type": kind} for column, kind in columns.items()],
                    "SerdeInfo": {},
                    "Location": "",
                },
                "ViewOriginalText": {"Fn::Join": ["", ["/* Presto View: ", escaped, " */"]]},
                "ViewExpandedText": "/* Presto View */",
            },
        },
    }


def _trino(kind: str) -> str:
    if kind.startswith("array<"):
        return f"array({_trino(kind[6:-1])})"
    return _TRINO.get(kind, kind)


def _logical(name: str) -> str:
    return "".join(part.title() for part in name.split("_"))
