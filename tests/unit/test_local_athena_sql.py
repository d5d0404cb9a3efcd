"""What Athena (Trino) answers, by its documentation, where DuckDB alone would say something else."""

from __future__ import annotations

import duckdb
import pytest

from local.athena_sql import MACROS, Refused, parse, to_duckdb, typed


def run(sql: str, *parameters: str):
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(MACROS)
    return connection.execute(to_duckdb(typed(parse(sql, parameters), {}))).fetchall()


def value(sql: str, *parameters: str):
    return run(sql, *parameters)[0][0]


@pytest.mark.parametrize(
    ("sql", "answer"),
    [
        ("SELECT 7/2", 3),
        ("SELECT -7/2", -3),
        ("SELECT sum(x)/count(*) FROM (VALUES 1, 2, 4) AS t(x)", 2),
        ("SELECT x/y FROM (VALUES (7, 2)) AS t(x, y)", 3),
        ("SELECT CAST(7 AS double)/2", 3.5),
        ("SELECT 7 % 4", 3),
        ("SELECT 1e0/4", 0.25),
        ("SELECT date_diff('day', timestamp '2026-01-01 23:00:00', timestamp '2026-01-02 01:00:00')", 0),
        ("SELECT date_diff('hour', timestamp '2026-01-01 10:59:00', timestamp '2026-01-01 11:01:00')", 0),
        ("SELECT date_diff('minute', timestamp '2026-01-01 10:00:30', timestamp '2026-01-01 10:05:00')", 4),
        ("SELECT try_cast('1.5' AS integer)", None),
        ("SELECT try_cast(' 12 ' AS integer)", 12),
        ("SELECT try_cast('x' AS double)", None),
        ("SELECT CAST(2.5e0 AS integer)", 3),
        ("SELECT CAST(-2.5e0 AS integer)", -3),
        ("SELECT regexp_extract('abc', '([0-9]+)', 1)", None),
        ("SELECT regexp_extract('ab12', '([0-9]+)', 1)", "12"),
        ("SELECT split_part('a b', ' ', 5)", None),
        ("SELECT split_part('a b', ' ', 2)", "b"),
        ("SELECT approx_percentile(x, 0.5) FROM (VALUES 1, 2, 3) AS t(x)", 2),
        ("SELECT json_extract_scalar('{\"a\": {\"b\": 1}}', '$.a')", None),
        ("SELECT json_extract_scalar('{\"a\": \"q\"}', '$.a')", "q"),
        ("SELECT json_extract_scalar('not json', '$.a')", None),
        ("SELECT format('%.2f', 3.14159e0)", "3.14"),
        ("SELECT concat('a', NULL)", None),
        ("SELECT greatest(1, NULL)", None),
        ("SELECT count_if(x > 1) FROM (VALUES 1, 2, 3) AS t(x)", 2),
        ("SELECT count_if(x > 1) FROM (VALUES CAST(NULL AS integer)) AS t(x)", 0),
        ("SELECT count_if(x / 2 = 1) FROM (VALUES 1, 2, 3) AS t(x)", 2),
        ("SELECT CAST(date_trunc('week', date '2026-01-01') AS varchar)", "2025-12-29"),
        ("SELECT CAST(floor(CAST(119 AS double) / 60e0) AS integer)", 1),
        ("SELECT day_of_week(date '2026-01-04')", 7),
        ("SELECT x FROM (VALUES 2, NULL, 1) AS t(x) ORDER BY x DESC LIMIT 1", 2),
        ("SELECT lpad(CAST(7 AS varchar), 2, '0')", "07"),
        ("SELECT coalesce(NULL = 'delivered', false)", False),
    ],
)
def test_the_answer_is_trinos(sql, answer):
    if answer is None:
        assert value(sql) is None
    else:
        assert value(sql) == answer


@pytest.mark.parametrize("sql", ["SELECT 1/0", "SELECT 5 % 0", "SELECT x/y FROM (VALUES (1, 0)) AS t(x, y)"])
def test_dividing_whole_numbers_by_zero_is_an_error(sql):
    with pytest.raises(duckdb.Error, match="DIVISION_BY_ZERO"):
        run(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1.0/3",
        "SELECT count(*)*1.0/3 FROM (VALUES 1) AS t(x)",
        "SELECT CAST(x AS integer) FROM (VALUES 'a') AS t(x)",
    ],
)
def test_what_differs_and_cannot_be_mended_is_refused(sql):
    with pytest.raises(Refused):
        run(sql)


@pytest.mark.parametrize("sql", ["DROP TABLE contacts", "SELECT 1; SELECT 2", "INSERT INTO a VALUES (1)"])
def test_only_one_query_runs(sql):
    with pytest.raises(Refused):
        parse(sql)


def test_parameters_are_literals_in_the_order_of_the_question_marks():
    found = run(
        "SELECT x FROM (VALUES 'a', 'b', 'it''s') AS t(x) WHERE x >= ? AND x IN (?, ?)", "'b'", "'a'", "'it''s'"
    )

    assert found == [("it's",)]


@pytest.mark.parametrize("parameters", [(), ("'a'", "'b'"), ("fjordby",), ("(SELECT 1)",)])
def test_parameters_that_do_not_fit_are_refused(parameters):
    with pytest.raises(Refused):
        parse("SELECT ?", parameters)


def test_columns_without_a_name_are_called_as_athena_calls_them():
    connection = duckdb.connect()
    described = connection.execute(to_duckdb(typed(parse("SELECT 1, 2 AS two, 3"), {}))).description

    assert [column[0] for column in described] == ["_col0", "two", "_col2"]
