"""Runs one query: views are put in, partitions chosen, objects fetched, DuckDB asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import duckdb
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.pushdown_predicates import pushdown_predicates
from sqlglot.optimizer.scope import traverse_scope

from local.athena_catalogue import Catalogue, CatalogueTable, Range
from local.athena_sql import ATHENA, MACROS, parse, to_duckdb, typed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_SETTINGS: Final = """
SET TimeZone = 'UTC';
SET autoinstall_known_extensions = false;
SET autoload_known_extensions = false;
SET threads = 2;
"""
_TEXTS: Final = (exp.EQ, exp.GTE, exp.GT, exp.LTE, exp.LT)
_MIRRORED: Final[dict[type[exp.Expr], type[exp.Expr]]] = {
    exp.GTE: exp.LTE,
    exp.GT: exp.LT,
    exp.LTE: exp.GTE,
    exp.LT: exp.GT,
    exp.EQ: exp.EQ,
}


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
        wanted = partition_ranges(tree.copy(), {name: table.keys for name, table in tables.items()})
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


def partition_ranges(tree: exp.Expr, keys: Mapping[str, Iterable[str]]) -> dict[str, dict[str, Range]]:
    """For each table the values of its partition columns that can matter, from WHERE and from equal joins.

    Wider than needed at worst: a table that is read twice gets what both readings want.
    """
    try:
        tree = pushdown_predicates(tree, dialect=ATHENA)
    except SqlglotError:
        return {}
    found: dict[str, list[dict[str, Range]]] = {}
    for scope in traverse_scope(tree):
        select = scope.expression
        sources = {alias: source for alias, source in scope.sources.items() if isinstance(source, exp.Table)}
        limits = _limits(select.args.get("where")) if isinstance(select, exp.Select) else {}
        for join in select.args.get("joins") or []:
            _pass_on(join, limits)
        for alias, source in sources.items():
            mine = {key: limits[alias, key] for key in keys.get(source.name, ()) if (alias, key) in limits}
            found.setdefault(source.name, []).append(mine)
    return {name: readings[0] for name, readings in found.items() if len(readings) == 1}


def _limits(where: exp.Expr | None) -> dict[tuple[str, str], Range]:
    """(alias, column) → range, from the conditions that all must hold."""
    limits: dict[tuple[str, str], Range] = {}
    for condition in where.this.flatten() if where and isinstance(where.this, exp.And) else [where and where.this]:
        if (limit := _limit(condition)) is not None:
            place, new = limit
            limits[place] = _both(limits.get(place, Range()), new)
    return limits


def _limit(condition: exp.Expr | None) -> tuple[tuple[str, str], Range] | None:
    condition = condition.unnest() if condition is not None else None
    if isinstance(condition, exp.In) and isinstance(condition.this, exp.Column) and condition.expressions:
        if all(isinstance(item, exp.Literal) and item.is_string for item in condition.expressions):
            return _place(condition.this), Range(values=frozenset(item.name for item in condition.expressions))
        return None
    if not isinstance(condition, _TEXTS):
        return None
    left, right = condition.this, condition.expression
    kind: type[exp.Expr] = type(condition)
    if isinstance(right, exp.Column):
        left, right, kind = right, left, _MIRRORED[kind]
    if not (isinstance(left, exp.Column) and isinstance(right, exp.Literal) and right.is_string):
        return None
    if kind is exp.EQ:
        return _place(left), Range(values=frozenset({right.name}))
    return _place(left), Range(low=right.name) if kind in {exp.GTE, exp.GT} else Range(high=right.name)


def _pass_on(join: exp.Join, limits: dict[tuple[str, str], Range]) -> None:
    """What is joined by an equal column can't match outside the other side's range."""
    if join.side not in {"", "LEFT"} or join.args.get("on") is None:
        return
    joined = join.this.alias_or_name
    condition = join.args["on"]
    for part in condition.flatten() if isinstance(condition, exp.And) else [condition]:
        if isinstance(part, exp.EQ) and isinstance(part.this, exp.Column) and isinstance(part.expression, exp.Column):
            one, other = _place(part.this), _place(part.expression)
            mine, theirs = (one, other) if one[0] == joined else (other, one)
            if mine[0] == joined and theirs in limits:
                limits[mine] = _both(limits.get(mine, Range()), limits[theirs])


def _place(column: exp.Column) -> tuple[str, str]:
    return column.table, column.name


def _both(one: Range, other: Range) -> Range:
    values = one.values if other.values is None else other.values if one.values is None else one.values & other.values
    lows = [low for low in (one.low, other.low) if low is not None]
    highs = [high for high in (one.high, other.high) if high is not None]
    return Range(values, max(lows, default=None), min(highs, default=None))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _athena_type(duckdb_type: str) -> str:
    if duckdb_type.endswith("[]"):
        return "array"
    if duckdb_type.startswith(("DECIMAL", "STRUCT", "MAP")):
        return {"DEC": "decimal", "STR": "row", "MAP": "map"}[duckdb_type[:3]]
    return {"HUGEINT": "bigint", "BLOB": "varbinary", "FLOAT": "real"}.get(duckdb_type, duckdb_type.lower())
