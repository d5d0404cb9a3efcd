"""The view of answers by two fields, beside an oracle in pandas: every pair, whoever has no value included."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import sqlglot

from chalicelib.adapters.lake.athena_queries import bound_statement
from chalicelib.adapters.lake.compaction import frame_of, parquet_of
from chalicelib.adapters.lake.period_counts import by_period, period_counts
from chalicelib.lake.schemas import LANDED
from chalicelib.reporting.crossing_views import PAIRS, halves_of, pair_of
from tests.lake_facts import invented_facts
from tests.lake_tables import connect, put

if TYPE_CHECKING:
    import duckdb

_AGES = ("under-30", "age-75-or-over", None)
_PLACES = (("fjordby", "2026-09"), ("fjordby", "2026-10"), ("sandholm", "2026-10"))


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    """In one of the months, most told their age."""
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in LANDED}
    for seed, (municipality, month) in enumerate(_PLACES):
        facts = invented_facts(municipality, month, seed)
        for number, row in enumerate(facts["contacts"]):
            row["origin"] = "desk" if number % 3 == 0 and row["origin"] == "web" else row["origin"]
        if seed == 0:
            told = [row for row in facts["answers"] if row["question"] == "satisfaction"]
            ages = ((row, _AGES[number % 3]) for number, row in enumerate(told))
            facts["answers"] = [
                *facts["answers"],
                *(row | {"question": "age", "value": age, "value_number": None} for row, age in ages if age),
            ]
        for name, rows in facts.items():
            parts[name].append(frame_of(name, rows).assign(municipality=municipality, month=month))
    return {name: pd.concat(found, ignore_index=True) for name, found in parts.items()}


@pytest.fixture(scope="module")
def lake(frames: dict[str, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    folder = tmp_path_factory.mktemp("lake")
    for name, frame in frames.items():
        for (municipality, month), part in frame.groupby(["municipality", "month"]):
            put(folder, name, municipality, month, parquet_of(name, part.drop(columns=["municipality", "month"])))
    return connect(folder)


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)


def _expected(frames: dict[str, pd.DataFrame]) -> Counter[tuple[str, ...]]:
    """Answer by answer: what the contact says, and what an interview says of itself."""
    keys = ["municipality", "month", "contact_id"]
    both = ["channel", "department", "reason", "office", "language"]
    facts = frames["contacts"][[*keys, *both, "internal", "origin", "booked_start"]]
    joined = frames["answers"].merge(facts, on=keys, how="left", suffixes=("_told", ""))
    joined = joined[~joined["internal"].fillna(value=False).astype(bool)]
    ages = joined[joined["question"] == "age"].set_index(keys)["value"].to_dict()
    months = {key[:2] for key in ages}
    made: Counter[tuple[str, ...]] = Counter()
    for row in joined.to_dict("records"):
        if row["question"] == "age":
            continue
        own = {name: _text(row[name]) or _text(row[f"{name}_told"]) for name in both}
        booked = {"web": "online", "desk": "helped", "phone": "helped"}.get(row["origin"], row["origin"])
        fields = {
            "unit": f"{own['department']}/{own['reason']}",
            "place": f"{own['channel']}/{own['office']}",
            "channel": own["channel"],
            "language": own["language"],
            "mode": row["mode"],
            "booked_by": _text(booked) if _text(row["booked_start"]) else "",
            "age": ages.get(tuple(row[key] for key in keys), ""),
        }
        place = row["municipality"], row["month"]
        for rows, columns in PAIRS:
            if columns in fields and (columns != "age" or place in months):
                pair = rows, fields[rows], columns, fields[columns]
                made[(*place, *pair, row["question"], row["question_version"], row["value"])] += 1
    return made


@pytest.mark.requirement("SK-22", "GL-06", "GL-20", "FR-16")
def test_answers_by_two_fields(lake: duckdb.DuckDBPyConnection, frames: dict[str, pd.DataFrame]) -> None:
    expected = _expected(frames)
    rows = lake.execute("SELECT * FROM v_answers_crossed").fetchall()
    found = {row[:9]: row[9] for row in rows if row[4] not in {"gender", "education", "employment"}}
    assert found == dict(expected)
    assert {key[5] for key in expected if key[4] == "age"} == {"", "under-30", "age-75-or-over"}
    assert {"", "helped", "online"} <= {key[5] for key in expected if key[4] == "booked_by"}


def _rows(lake: duckdb.DuckDBPyConnection, name: str) -> list[dict[str, str]]:
    sql, parameters = bound_statement(name, first="2026-09", last="2026-10", municipalities=("fjordby",))
    cursor = lake.execute(sqlglot.transpile(sql, read="athena", write="duckdb")[0], list(parameters))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, map(_text, row), strict=True)) for row in cursor.fetchall()]


def test_what_nobody_told_is_not_kept_and_rows_add_up(lake: duckdb.DuckDBPyConnection) -> None:
    results = {name: _rows(lake, name) for name in ("crossed", "answers")}
    for (_, month), rows in by_period(results).items():
        counts = period_counts("fjordby", month, rows, asked="skive", generated_at="2026-11-01T00:00:00Z")
        pairs = {halves_of(group.dimension) for group in counts.crossed}
        assert ("unit", "age") in pairs if month == "2026-09" else ("unit", "age") not in pairs
        assert ("unit", "gender") not in pairs
        for rows_field, columns in pairs:
            mine = [group for group in counts.crossed if group.dimension == pair_of(rows_field, columns)]
            totals: Counter[tuple[str, str]] = Counter()
            for group in mine:
                totals.update({(group.question, answer): n for answer, n in group.counts.items()})
            alone = [group for group in counts.groups if group.dimension == "all"]
            scored = {question.id for question in counts.questions}
            assert totals == {
                (g.question, answer): n for g in alone if g.question in scored for answer, n in g.counts.items()
            }
