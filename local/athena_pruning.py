"""Which partitions a query can want: conditions on partition columns, followed from the outermost query to the tables.

Says too much rather than too little: whatever is not understood limits nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_TEXTS: Final = (exp.EQ, exp.GTE, exp.GT, exp.LTE, exp.LT)
_MIRRORED: Final[dict[type[exp.Expr], type[exp.Expr]]] = {
    exp.GTE: exp.LTE,
    exp.GT: exp.LT,
    exp.LTE: exp.GTE,
    exp.LT: exp.GT,
    exp.EQ: exp.EQ,
}


@dataclass(frozen=True, slots=True)
class Range:
    """Which values of a column a query wants; None is no limit."""

    values: frozenset[str] | None = None
    low: str | None = None
    high: str | None = None

    def wants(self, value: str) -> bool:
        """True if a row with this value can be in the result."""
        if self.values is not None and value not in self.values:
            return False
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


def partition_ranges(tree: exp.Expr, keys: Mapping[str, Iterable[str]]) -> dict[str, dict[str, Range]]:
    """For each table the values of its partition columns that can matter. `tree` is typed (every column qualified).

    A table that is read twice is limited only if it is read twice with the same limits.
    """
    readings: dict[str, list[dict[str, Range]]] = {}
    reached: set[int] = set()
    _follow(tree, {}, readings, reached)
    for table in tree.find_all(exp.Table):
        if id(table) not in reached:
            readings.setdefault(table.name, []).append({})
    return {
        name: {key: limits[0][key] for key in keys.get(name, ()) if key in limits[0]}
        for name, limits in readings.items()
        if all(other == limits[0] for other in limits)
    }


def _follow(
    query: exp.Expr, wanted: Mapping[str, Range], readings: dict[str, list[dict[str, Range]]], reached: set[int]
) -> None:
    """Notes, for the tables that the query reads directly or through subqueries, what is wanted of its columns."""
    if not isinstance(query, exp.Select):
        return
    limits = _limits(query.args.get("where"))
    for column, limit in _through(query, wanted):
        limits[column] = _both(limits.get(column, Range()), limit)
    joins = query.args.get("joins") or []
    for join in joins:
        _pass_on(join, limits)
    source = query.args.get("from_")
    for node in [*([source.this] if source else []), *(join.this for join in joins)]:
        mine = {column: limit for (alias, column), limit in limits.items() if alias == node.alias_or_name}
        if isinstance(node, exp.Subquery):
            _follow(node.this, mine, readings, reached)
        elif isinstance(node, exp.Table):
            reached.add(id(node))
            readings.setdefault(node.name, []).append(mine)


def _through(query: exp.Select, wanted: Mapping[str, Range]) -> Iterable[tuple[tuple[str, str], Range]]:
    """What is wanted of the result's columns, said of the columns that they are copies of.

    Not past a LIMIT or a window, which see rows that the condition does not want; past a GROUP BY only its keys.
    """
    if query.args.get("limit") or query.args.get("offset") or query.find(exp.Window):
        return
    group = query.args.get("group")
    grouped = {key.sql() for key in group.expressions} if group else None
    for item in query.selects:
        column = item.unalias()
        if (
            item.alias_or_name in wanted
            and isinstance(column, exp.Column)
            and (grouped is None or column.sql() in grouped)
        ):
            yield _place(column), wanted[item.alias_or_name]


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
