"""Athena's SQL as DuckDB's, with Trino's meaning where the two differ without saying so.

Only what our own queries may use is treated (a test lists each case with Trino's documented answer). What is known to
differ and can't be mended is refused, so that no query gives another answer here than in AWS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ATHENA: Final = "athena"
DUCKDB: Final = "duckdb"

MACROS: Final = """
CREATE MACRO trino_divide(a, b) AS CASE WHEN b = 0 THEN error('DIVISION_BY_ZERO: Division by zero') ELSE a // b END;
CREATE MACRO trino_modulo(a, b) AS CASE WHEN b = 0 THEN error('DIVISION_BY_ZERO: Division by zero') ELSE a % b END;
CREATE MACRO trino_extract(s, p, g) AS CASE WHEN regexp_matches(s, p) THEN regexp_extract(s, p, g) END;
CREATE MACRO trino_split_part(s, d, i) AS list_extract(string_split(s, d), i);
CREATE MACRO trino_scalar(j, p) AS CASE
    WHEN json_valid(j) AND json_type(j, p) NOT IN ('OBJECT', 'ARRAY', 'NULL') THEN json_extract_string(j, p) END;
CREATE MACRO trino_whole(s) AS CASE WHEN regexp_full_match(s, '\\s*[+-]?[0-9]+\\s*') THEN s END;
CREATE MACRO trino_round_half(x) AS CASE WHEN x < 0 THEN -floor(-x + 0.5) ELSE floor(x + 0.5) END;
"""
"""Run once per connection; each carries the meaning of one Trino function or operator."""


class Refused(ValueError):
    """The query means something else in Athena than it would here; the message says what to write."""


def parse(sql: str, parameters: Sequence[str] = ()) -> exp.Query:
    """The query with its parameters (SQL literals, as Athena takes them) in place of the question marks.

    Raises:
        Refused: not one query, or the number of parameters does not fit.
        sqlglot.ParseError: not SQL.
    """
    statements = [statement for statement in sqlglot.parse(sql, read=ATHENA) if statement is not None]
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise Refused("The local Athena runs one SELECT at a time; tables and views come from infra/lake.yaml.")
    tree = statements[0]
    marks = list(tree.find_all(exp.Placeholder, bfs=False))
    if len(marks) != len(parameters):
        raise Refused(f"INVALID_PARAMETER_USAGE: {len(marks)} parameters expected, {len(parameters)} given.")
    for mark, parameter in zip(marks, parameters, strict=True):
        literal = sqlglot.parse_one(parameter, read=ATHENA)
        if literal.find(exp.Column, exp.Query, exp.Anonymous) is not None:
            raise Refused("An execution parameter is a literal; text needs its own quotes.")
        mark.replace(literal)
    _name_columns(tree)
    return tree


def typed(tree: exp.Expr, schema: Mapping[str, Mapping[str, str]]) -> exp.Expr:
    """The tree with every column resolved and every expression's type known, as Athena's analyser has it."""
    names: dict[str, object] = {table: dict(columns) for table, columns in schema.items()}
    resolved = qualify(tree, schema=names, dialect=ATHENA, quote_identifiers=False)
    return annotate_types(resolved, schema=names, dialect=ATHENA)


def to_duckdb(tree: exp.Expr) -> str:
    """DuckDB's text of a typed tree.

    Raises:
        Refused: the query relies on something that the two engines do differently.
    """
    for node in tree.walk():
        _refuse(node)
    return tree.transform(_translate).sql(DUCKDB)


def _name_columns(query: exp.Query) -> None:
    """Athena calls a column without a name `_col0`, by its place."""
    for place, column in enumerate(query.selects):
        if not isinstance(column, exp.Alias | exp.Column | exp.Star | exp.Dot | exp.Subquery):
            column.replace(exp.Alias(this=column.copy(), alias=exp.to_identifier(f"_col{place}")))


def _refuse(node: exp.Expr) -> None:
    if isinstance(node, exp.Div) and any(_is_decimal(part) for part in node.walk()):
        raise Refused("Division of decimals keeps few digits in Athena (1.0/3 is 0.3): write 1e0 or CAST AS double.")
    if isinstance(node, exp.Cast) and not isinstance(node, exp.TryCast) and _cuts_text(node):
        raise Refused("CAST of text to a whole number: Athena refuses '1.5', this would round. Use TRY_CAST.")


def _is_decimal(node: exp.Expr) -> bool:
    """Also a bare `1.0`, which is a decimal in Athena; `1e0` is a double."""
    bare = isinstance(node, exp.Literal) and not node.is_string and "." in node.name and "e" not in node.name.lower()
    in_double = isinstance(node.parent, exp.Cast) and node.parent.is_type(exp.DataType.Type.DOUBLE)
    return (bare or _is(node, exp.DataType.Type.DECIMAL)) and not in_double


def _cuts_text(node: exp.Cast) -> bool:
    return _is_whole(node.to) and node.this.is_type(*exp.DataType.TEXT_TYPES) and not isinstance(node.this, exp.Literal)


def _translate(node: exp.Expr) -> exp.Expr:
    for kind, translate in _TRANSLATIONS.items():
        if isinstance(node, kind):
            return translate(node)
    return node


def _divide(node: exp.Expr) -> exp.Expr:
    """Whole numbers divide to whole numbers, towards zero; by zero is an error, not infinity."""
    if not (_is_whole(node.this.type) and _is_whole(node.expression.type)):
        return node
    name = "trino_divide" if isinstance(node, exp.Div) else "trino_modulo"
    return exp.cast(_call(name, node.this, node.expression), node.type or exp.DataType.build("bigint"))


def _count_if(node: exp.Expr) -> exp.Expr:
    """Nothing that holds is none; DuckDB has NULL where the condition is unknown for every row."""
    counted = exp.CountIf(this=node.this.transform(_translate))
    return exp.Coalesce(this=counted, expressions=[exp.Literal.number(0)])


def _difference(node: exp.Expr) -> exp.Expr:
    """Complete units; DuckDB's own function counts boundaries."""
    unit = exp.Literal.string((node.text("unit") or "day").lower())
    return _call("date_sub", unit, node.expression, node.this)


def _try_cast(node: exp.Expr) -> exp.Expr:
    """Text that is not a whole number becomes NULL; DuckDB would round 1.5."""
    if _is_whole(node.args["to"]) and node.this.is_type(*exp.DataType.TEXT_TYPES):
        return exp.TryCast(this=_call("trino_whole", node.this), to=node.args["to"].copy())
    return node


def _cast(node: exp.Expr) -> exp.Expr:
    """A double becomes the nearest whole number, halves away from zero; DuckDB takes the even one."""
    if _is_whole(node.args["to"]) and _is(node.this, *exp.DataType.FLOAT_TYPES):
        return exp.Cast(this=_call("trino_round_half", node.this), to=node.args["to"].copy())
    return node


def _percentile(node: exp.Expr) -> exp.Expr:
    """The exact quantile that stands in for the approximation: a value that occurs, as Trino gives."""
    return _call("quantile_disc", node.this, node.args["quantile"])


def _scalar(node: exp.Expr) -> exp.Expr:
    path = node.expression
    text = path.sql(ATHENA).strip("'") if not isinstance(path, exp.Literal) else path.name
    return _call("trino_scalar", node.this, exp.Literal.string(text))


def _format(node: exp.Expr) -> exp.Expr:
    return _call("printf", node.this, *node.expressions)


def _truncate(node: exp.Expr) -> exp.Expr:
    """A date stays a date; DuckDB would make a timestamp of it."""
    whole = exp.Anonymous(this="date_trunc", expressions=[exp.Literal.string(node.text("unit")), node.this.copy()])
    return exp.cast(whole, "date") if _is(node.this, exp.DataType.Type.DATE) else whole


def _call(name: str, *arguments: Any) -> exp.Anonymous:
    return exp.Anonymous(this=name, expressions=[argument.copy() for argument in arguments])


_TRANSLATIONS: Final[dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]]] = {
    exp.Div: _divide,
    exp.Mod: _divide,
    exp.CountIf: _count_if,
    exp.DateDiff: _difference,
    exp.DateTrunc: _truncate,
    exp.TimestampTrunc: _truncate,
    exp.TryCast: _try_cast,
    exp.Cast: _cast,
    exp.ApproxQuantile: _percentile,
    exp.RegexpExtract: lambda node: _call(
        "trino_extract", node.this, node.expression, node.args.get("group") or exp.Literal.number(0)
    ),
    exp.SplitPart: lambda node: _call("trino_split_part", node.this, node.args["delimiter"], node.args["part_index"]),
    exp.JSONExtractScalar: _scalar,
    exp.Format: _format,
}


def _is(node: exp.Expr | None, *kinds: Any) -> bool:
    return node is not None and node.is_type(*kinds)


def _is_whole(kind: Any) -> bool:
    return isinstance(kind, exp.DataType) and kind.is_type(*exp.DataType.INTEGER_TYPES)
