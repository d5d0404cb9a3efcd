"""The SQL files and statements as text: headers, two parsers, no dialect traps, values as parameters only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest
import sqlglot
from sqlglot import exp

from chalicelib.adapters.lake.athena_queries import STATEMENTS, bound_statement, literal
from chalicelib.lake.schemas import TABLES
from infra.lake_template import QUERIES, statement_of, views
from tests.sql_parsers import complaints, trees

if TYPE_CHECKING:
    from pathlib import Path

FILES = sorted(QUERIES.glob("*.sql"))
HEADER: Final = ("name", "purpose", "grain", "parameters", "owner", "requirements")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_says_what_it_is_and_two_parsers_read_it_in_two_dialects(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    said = dict(re.findall(r"^-- (\w+): (.+)$", text, re.MULTILINE))
    assert tuple(said)[: len(HEADER)] == HEADER
    assert said["name"] == path.stem
    read = trees(statement_of(text))
    assert all(isinstance(tree, exp.Query) for tree in read)
    assert read[0].sql(dialect="trino") == read[1].sql(dialect="trino")
    assert not complaints(statement_of(text))


@pytest.mark.parametrize("name", STATEMENTS)
def test_two_parsers_read_every_statement(name: str) -> None:
    sql, _ = bound_statement(name, first="2026-09", last="2026-10", municipalities=["fjordby"])
    assert all(isinstance(tree, exp.Select) for tree in trees(sql))
    assert not complaints(sql)


@pytest.mark.parametrize("sql", ["SELECT a FROM b GROUP a", "SELECT a b c FROM d", "SELECT a FROM b WHERE"])
def test_both_parsers_refuse_what_is_no_sql(sql: str) -> None:
    with pytest.raises(sqlglot.errors.ParseError):
        trees(sql)
    assert complaints(sql)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_file_uses_what_two_engines_read_differently(path: Path) -> None:
    tree = sqlglot.parse_one(statement_of(path.read_text(encoding="utf-8")), dialect="athena")
    decimals = [n.sql() for n in tree.find_all(exp.Literal) if not n.is_string and "." in n.this]
    assert not decimals, "Trino reads 1.0 as decimal(2,1); write 1e0 or CAST"
    for division in tree.find_all(exp.Div):
        assert isinstance(division.this, exp.Cast), "integer division differs; CAST AS double"
    assert not list(tree.find_all(exp.Star)) or all(isinstance(s.parent, exp.Count) for s in tree.find_all(exp.Star))


def test_values_travel_as_parameters_and_never_in_the_text() -> None:
    for name in STATEMENTS:
        sql, parameters = bound_statement(name, first="2026-09", last="2026-10", municipalities=["fjordby", "x'y"])
        assert sql.count("?") == len(parameters) == 4
        assert "'" not in sql
        assert isinstance(sqlglot.parse_one(sql, dialect="athena"), exp.Select)
    assert literal("x'; DROP TABLE y --") == "'x''; DROP TABLE y --'"


def test_many_municipalities_are_not_named() -> None:
    sql, parameters = bound_statement(
        "funnel", first="2026-09", last="2026-09", municipalities=[str(i) for i in range(98)]
    )
    assert "municipality IN" not in sql
    assert parameters == ("2026-09", "2026-09")


def test_the_views_read_only_tables_of_the_lake() -> None:
    known = {*TABLES, *views()}
    for name, sql in views().items():
        assert {t.name for t in sqlglot.parse_one(sql, dialect="athena").find_all(exp.Table) if t.name} <= known, name
