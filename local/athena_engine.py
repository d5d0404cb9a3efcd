"""Runs one query: views are put in, partitions chosen, objects fetched, DuckDB asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import duckdb
from sqlglot import exp

from local.athena_pruning import partition_ranges
from local.athena_sql import MACROS, parse, to_duckdb, typed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from local.athena_catalogue import Catalogue, CatalogueTable
    from local.athena_pruning import Range

_SETTINGS: Final = """
SET TimeZone = 'UTC';
SET autoinstall_known_extensions = false;
SET autoload_known_extensions = false;
SET threads = 2;
"""


@dataclass(frozen=True, slots=True)
class Result:
    """Column names, their Athena types, rows, and the bytes of the objects that were read."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    scanned: int


class Engine:
    """Queries on one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Nothing is read before the first query."""
        self._catalogue = catalogue

    def run(self, sql: str, database: str, parameters: Sequence[str] = ()) -> Result:
        """The result.

        Raises:
            Refused, CatalogueError, sqlglot.errors.SqlglotError, duckdb.Error: what Athena, too, would not answer.
        """
        tables: dict[str, CatalogueTable] = {}
        expanded = self._expand(parse(sql, parameters), database, tables)
        tree = typed(expanded, {name: table.columns for name, table in tables.items()})
        wanted = partition_ranges(tree, {name: table.keys for name, table in tables.items()})
        connection = duckdb.connect()
        try:
            connection.execute(_SETTINGS)
            connection.execute(MACROS)
            scanned = sum(self._attach(connection, table, wanted.get(name, {})) for name, table in tables.items())
            connection.execute("SET lock_configuration = true")
            answer = connection.execute(to_duckdb(tree))
            columns = tuple(column[0] for column in answer.description)
            types = tuple(_athena_type(str(column[1])) for column in answer.description)
            return Result(columns, types, answer.fetchall(), scanned)
        finally:
            connection.close()

    def _expand(self, tree: exp.Query, database: str, tables: dict[str, CatalogueTable]) -> exp.Query:
        """The query with every view's own text in its place, down to tables, which are noted in `tables`."""
        named = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
        for node in list(tree.find_all(exp.Table)):
            if not isinstance(node.this, exp.Identifier) or (not node.db and node.name in named):
                continue
            table = self._catalogue.table(node.db or database, node.name)
            if table.view is None:
                tables[table.name] = table
                node.set("db", None)
                node.set("catalog", None)
            else:
                body = self._expand(parse(table.view), database, tables)
                alias = exp.TableAlias(this=exp.to_identifier(node.alias_or_name))
                node.replace(exp.Subquery(this=body, alias=alias))
        return tree

    def _attach(self, connection: Any, table: CatalogueTable, wanted: Mapping[str, Range]) -> int:
        """The table is there for DuckDB under its name; answers the bytes that it may read."""
        files, size = self._catalogue.files(table, wanted)
        columns = ", ".join(f'CAST(NULL AS {table.duckdb_type(name)}) AS "{name}"' for name in table.columns)
        # The empty rows bring the columns that older files lack.
        relation = f"SELECT {columns} WHERE false"
        if files:
            listed = ", ".join(_quoted(str(file)) for file in files)
            keys = ", ".join(f"{_quoted(key)}: VARCHAR" for key in table.keys)
            hive = f", hive_partitioning=true, hive_types={{{keys}}}" if keys else ""
            relation += f" UNION ALL BY NAME SELECT * FROM read_parquet([{listed}], union_by_name=true{hive})"  # noqa: S608 - names of ours
        connection.execute(f'CREATE VIEW "{table.name}" AS {relation}')
        return size


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _athena_type(duckdb_type: str) -> str:
    if duckdb_type.endswith("[]"):
        return "array"
    if duckdb_type.startswith(("DECIMAL", "STRUCT", "MAP")):
        return {"DEC": "decimal", "STR": "row", "MAP": "map"}[duckdb_type[:3]]
    return {"HUGEINT": "bigint", "BLOB": "varbinary", "FLOAT": "real"}.get(duckdb_type, duckdb_type.lower())
