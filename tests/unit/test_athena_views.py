"""Each view, run for real over generated facts, beside an oracle in pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import sqlglot

from chalicelib.adapters.lake.athena_queries import STATEMENTS, bound_statement
from chalicelib.adapters.lake.compaction import frame_of, parquet_of
from chalicelib.adapters.lake.period_counts import by_period, definitions, period_counts
from chalicelib.lake.schemas import LANDED
from chalicelib.reporting.noted import NOTED_BY
from infra.lake_template import views
from tests.lake_facts import invented_facts
from tests.lake_tables import connect, put, rows_of

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

_MONTHS = ("2026-09", "2026-10")
_WHO = ("fjordby", "sandholm")


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in LANDED}
    for seed, (municipality, month) in enumerate((w, m) for w in _WHO for m in _MONTHS):
        for name, rows in invented_facts(municipality, month, seed).items():
            parts[name].append(frame_of(name, rows).assign(municipality=municipality, month=month))
    return {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}


@pytest.fixture(scope="module")
def lake(frames: dict[str, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """The facts as partitioned Parquet, the views over them."""
    folder: Path = tmp_path_factory.mktemp("lake")
    for name, frame in frames.items():
        for (municipality, month), part in frame.groupby(["municipality", "month"]):
            put(folder, name, municipality, month, parquet_of(name, part.drop(columns=["municipality", "month"])))
    return connect(folder)


def counted(lake: duckdb.DuckDBPyConnection, sql: str) -> dict[tuple[Any, ...], int]:
    return {tuple(row[:-1]): row[-1] for row in lake.execute(sql).fetchall()}


@pytest.mark.parametrize("name", [name for name in views() if name != "v_not_invited"])
def test_every_view_can_be_cut_by_municipality_and_month(name: str, lake: duckdb.DuckDBPyConnection) -> None:
    sql = f"SELECT count(*) FROM {name} WHERE municipality = 'fjordby' AND month = '2026-09'"  # noqa: S608 - our names
    assert lake.execute(sql).fetchall()[0][0] > 0


# ---- the oracle: independent, in pandas


@pytest.fixture(scope="module")
def joined(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    keys = ["municipality", "month", "contact_id"]
    contacts = frames["contacts"]
    served = contacts["ending"].fillna("served").isin(["served", "at_door"])
    citizens = contacts[~contacts["internal"].fillna(value=False).astype(bool) & served]
    invited = frames["invitations"][[*keys, "state", "not_invited_reason", "sent_at"]]
    answered = frames["responses"][[*keys, "state", "has_comment"]].rename(columns={"state": "response"})
    return citizens.merge(invited, on=keys, how="left").merge(answered, on=keys, how="left")


@pytest.mark.requirement("SK-11")
def test_funnel(lake: duckdb.DuckDBPyConnection, joined: pd.DataFrame) -> None:
    expected = {}
    for key, part in joined.groupby(["municipality", "month"]):
        expected[key] = (
            len(part),
            int(part["consent_offered"].fillna(value=False).sum()),
            int(part["consent_granted"].sum()),
            int(part["sent_at"].notna().sum()),
            int((part["state"] == "delivered").fillna(value=False).sum()),
            int(part["response"].notna().sum()),
            int((part["response"] == "finished").fillna(value=False).sum()),
            int(((part["response"] == "finished") & part["has_comment"].fillna(value=False).astype(bool)).sum()),
        )
    found = {tuple(row[:2]): tuple(row[2:]) for row in lake.execute("SELECT * FROM v_funnel").fetchall()}
    assert found == expected
    assert min(expected[("fjordby", "2026-09")]) > 0


def test_not_invited(lake: duckdb.DuckDBPyConnection, joined: pd.DataFrame) -> None:
    expected = joined.groupby(["municipality", "month", "not_invited_reason"]).size().to_dict()
    assert counted(lake, "SELECT * FROM v_not_invited") == expected


@pytest.mark.requirement("SK-06", "FR-05")
def test_waiting_histogram(lake: duckdb.DuckDBPyConnection, joined: pd.DataFrame) -> None:
    waited = joined[joined["waiting_seconds"].notna()].assign(minute=lambda f: f["waiting_seconds"].astype(int) // 60)
    expected = waited.groupby(["municipality", "month", "minute"]).size().to_dict()
    sql = "SELECT municipality, month, minute, sum(contacts) FROM v_waiting_histogram GROUP BY ALL"
    assert counted(lake, sql) == expected


@pytest.mark.requirement("BF-14", "GL-64")
def test_waiting_kinds(lake: duckdb.DuckDBPyConnection, joined: pd.DataFrame) -> None:
    waited = joined[joined["waiting_seconds"].notna()].assign(
        begun=lambda f: f["waiting_from"].fillna(""),
        down=lambda f: f["outage"].astype("boolean").fillna(value=False).map({True: "yes", False: "no"}),
        soon=lambda f: f["waiting_seconds"].astype(int) < 600,
    )
    groups = waited.groupby(["municipality", "month", "begun", "down"])["soon"]
    expected = {key: (int(part.size), int(part.sum())) for key, part in groups}
    found = {tuple(row[:4]): tuple(row[4:]) for row in lake.execute("SELECT * FROM v_waiting_kinds").fetchall()}
    assert found == expected
    assert {key[3] for key in expected} == {"yes", "no"}


_BANDS = [("00-05", 0, 300), ("05-10", 300, 600), ("10-20", 600, 1200), ("20-30", 1200, 1800), ("30+", 1800, 10**9)]


def _banded(waited: pd.Series) -> pd.Series:
    waited = waited.astype("Int64")
    bands = pd.Series(pd.NA, index=waited.index, dtype="string")
    for name, low, high in _BANDS:
        bands[(waited >= low).fillna(value=False) & (waited < high).fillna(value=False)] = name
    return bands


def _dimensions(frame: pd.DataFrame) -> dict[str, pd.Series]:
    dates = pd.to_datetime(frame["local_date"])
    iso = dates.dt.isocalendar()
    return {
        "all": pd.Series("all", index=frame.index),
        **{name: frame[name] for name in ("office", "reason", "channel", "department", "sub_department", "language")},
        "weekday": frame["local_weekday"].astype("Int64").astype("string"),
        "hour": frame["local_hour"].astype("Int64").astype("string").str.zfill(2),
        "waiting": _banded(frame["waiting_seconds"]),
        "service": _banded(frame["service_seconds"]),
        "outage": frame["outage"].astype("boolean").map({True: "yes", False: "no"}),
        "week": (iso["year"].astype("string") + "-W" + iso["week"].astype("string").str.zfill(2)).where(dates.notna()),
    }


@pytest.mark.requirement("SK-12", "BF-04", "SK-07", "SK-08", "SK-22", "SK-30")
def test_answers_by_dimension(lake: duckdb.DuckDBPyConnection, frames: dict[str, pd.DataFrame]) -> None:
    keys = ["municipality", "month", "contact_id"]
    contacts = frames["contacts"].drop(columns=["ended_at"])
    merged = frames["answers"].merge(contacts, on=keys, how="left", suffixes=("_answer", ""))
    merged = merged[~merged["internal"].fillna(value=False).astype(bool)]
    told = merged["department"].isna()
    merged["sub_department"] = merged["sub_department"].where(~told, merged["sub_department_answer"])
    for name in ("language", "channel", "department", "office", "reason"):
        merged[name] = merged[name].fillna(merged[f"{name}_answer"])
    expected: dict[tuple[Any, ...], int] = {}
    for dimension, group in (_dimensions(merged) | {"mode": merged["mode"]}).items():
        by = merged.assign(group=group).dropna(subset=["group"])
        sizes = by.groupby(["municipality", "month", "group", "question", "question_version", "value"]).size()
        expected |= {(m, p, dimension, g, q, v, a): n for (m, p, g, q, v, a), n in sizes.to_dict().items()}
    assert counted(lake, "SELECT * FROM v_answers_by_dimension") == expected
    assert {key[2] for key in expected} == {*_dimensions(merged), "mode"}


def test_served_by_dimension(lake: duckdb.DuckDBPyConnection, joined: pd.DataFrame) -> None:
    expected: dict[tuple[Any, ...], int] = {}
    for dimension, group in _dimensions(joined).items():
        sizes = joined.assign(group=group).dropna(subset=["group"]).groupby(["municipality", "month", "group"]).size()
        expected |= {(m, p, dimension, g): n for (m, p, g), n in sizes.to_dict().items()}
    assert counted(lake, "SELECT * FROM v_served_by_dimension") == expected


@pytest.mark.requirement("SK-11", "SK-12")
def test_consents(lake: duckdb.DuckDBPyConnection, joined: pd.DataFrame) -> None:
    asked = joined[joined["consent_offered"].fillna(value=False).astype(bool)]
    by = {
        "all": pd.Series("all", index=asked.index),
        **{name: asked[name] for name in ("origin", "office", "reason")},
        "wording": asked["consent_text_version"],
    }
    expected = {}
    for dimension, group in by.items():
        for key, part in asked.assign(group=group).dropna(subset=["group"]).groupby(["municipality", "month", "group"]):
            expected[(*key[:2], dimension, key[2])] = (len(part), int(part["consent_granted"].sum()))
    found = {tuple(row[:4]): tuple(row[4:]) for row in lake.execute("SELECT * FROM v_consents").fetchall()}
    assert found == expected


@pytest.mark.requirement("SK-25", "FR-06", "FR-05")
def test_booked_times(lake: duckdb.DuckDBPyConnection, joined: pd.DataFrame) -> None:
    booked = joined[joined["booked_start"].notna()]
    owed = booked[["booked_start", "arrived_at"]].max(axis=1)
    delay = ((booked["called_at"] - owed).dt.total_seconds() // 60).clip(lower=0).astype(int)
    lead = ((booked["booked_start"] - booked["booked_at"]).dt.total_seconds() // 86400).astype(int)
    expected = {}
    for measure, values in (("delay", delay), ("lead", lead)):
        sizes = booked.assign(value=values).groupby(["municipality", "month", "value"]).size()
        expected |= {(m, p, measure, v): n for (m, p, v), n in sizes.to_dict().items()}
    assert counted(lake, "SELECT * FROM v_booked_times") == expected
    assert {key[3] for key in expected if key[2] == "delay"} == {0, 4, 61}


@pytest.mark.requirement("GE-08")
def test_resolution(lake: duckdb.DuckDBPyConnection, joined: pd.DataFrame) -> None:
    expected = {
        key: (len(part), int(part["resolved_first_contact"].notna().sum()), int(part["resolved_first_contact"].sum()))
        for key, part in joined.groupby(["municipality", "month", "channel"])
    }
    found = {tuple(row[:3]): tuple(row[3:]) for row in lake.execute("SELECT * FROM v_resolution").fetchall()}
    assert found == expected


@pytest.mark.requirement("SK-03", "GL-77")
def test_endings_count_everyone(lake: duckdb.DuckDBPyConnection, frames: dict[str, pd.DataFrame]) -> None:
    contacts = frames["contacts"]
    citizens = contacts[~contacts["internal"].fillna(value=False).astype(bool)].copy()
    citizens["ending"] = citizens["ending"].fillna("served")
    bookings = frames["bookings"].query("outcome == 'no_show'")
    away = bookings[~bookings["contact_id"].isin(contacts["contact_id"])].assign(channel="in_person", ending="no_show")
    assert len(away) > 0
    citizens = pd.concat([citizens, away])
    keys = ["municipality", "month", "channel", "office", "ending"]
    expected = {
        tuple(None if pd.isna(part) else part for part in key): n
        for key, n in citizens.groupby(keys, dropna=False).size().to_dict().items()
    }
    assert counted(lake, "SELECT * FROM v_endings") == expected
    assert sum(expected.values()) == len(citizens)


def test_answer_patterns(lake: duckdb.DuckDBPyConnection, frames: dict[str, pd.DataFrame]) -> None:
    keys = ["municipality", "month", "contact_id"]
    facts = frames["contacts"][[*keys, "internal", "waiting_seconds"]]
    merged = frames["answers"].merge(facts, on=keys, how="left")
    merged = merged[~merged["internal"].fillna(value=False).astype(bool)]
    merged["waiting"] = _banded(merged["waiting_seconds"])
    expected: dict[tuple[Any, ...], int] = {}
    for key, part in merged.groupby(keys):
        pattern = ";".join(sorted(f"{row.question}@{row.question_version}={row.value}" for row in part.itertuples()))
        band = part["waiting"].iloc[0]
        place = (*key[:2], None if pd.isna(band) else band, pattern)
        expected[place] = expected.get(place, 0) + 1
    assert counted(lake, "SELECT * FROM v_answer_patterns") == expected


@pytest.mark.requirement("GL-37")
def test_respondents_are_counted_once_however_many_options_they_chose(
    lake: duckdb.DuckDBPyConnection, frames: dict[str, pd.DataFrame]
) -> None:
    keys = ["municipality", "month", "contact_id"]
    merged = frames["answers"].merge(frames["contacts"][[*keys, "internal"]], on=keys, how="left")
    merged = merged[~merged["internal"].fillna(value=False).astype(bool)]
    grouped = merged.groupby(["municipality", "month", "question", "question_version"])["contact_id"].nunique()
    assert counted(lake, "SELECT * FROM v_respondents") == {key: int(n) for key, n in grouped.items()}


@pytest.mark.requirement("FR-12", "FR-16", "GL-67")
def test_bookings(lake: duckdb.DuckDBPyConnection, frames: dict[str, pd.DataFrame]) -> None:
    keys = ["municipality", "month", "contact_id"]
    merged = frames["bookings"].merge(frames["contacts"][[*keys, "internal"]], on=keys, how="left")
    merged = merged[~merged["internal"].fillna(value=False).astype(bool)]
    expected = {}
    by = {"all": pd.Series("all", index=merged.index)} | {
        name: merged[name] for name in ("office", "reason", "origin", "meeting", "language")
    }
    for dimension, group in by.items():
        known = merged.assign(group=group).dropna(subset=["group"])
        for key, part in known.groupby(["municipality", "month", "group"]):
            expected[(*key[:2], dimension, key[2])] = (
                len(part),
                *(int((part["outcome"] == name).sum()) for name in ("served", "no_show", "cancelled")),
                int(part["outcome"].isna().sum()),
                int(part["assisted"].sum()),
                int(part["alternatives_seen"].sum()),
                int((part["moves"] > 0).sum()),
                int(part["persons"].fillna(1).sum()),
            )
    found = {tuple(row[:4]): tuple(row[4:]) for row in lake.execute("SELECT * FROM v_bookings").fetchall()}
    assert found == expected
    assert 0 < len(merged) < len(frames["bookings"])


@pytest.mark.requirement("SK-11", "GL-04")
def test_drop_off(lake: duckdb.DuckDBPyConnection, frames: dict[str, pd.DataFrame]) -> None:
    keys = ["municipality", "month", "contact_id"]
    merged = frames["responses"].merge(frames["contacts"][[*keys, "internal"]], on=keys, how="left")
    merged = merged[~merged["internal"].fillna(value=False).astype(bool)]
    merged["stopped"] = merged["stopped_at"].fillna("?").mask(merged["state"] == "finished", "")
    by = ["municipality", "month", "mode", "questionnaire", "questionnaire_version", "stopped"]
    expected = {
        tuple(None if pd.isna(value) else value for value in key): (
            len(part),
            int((~part["eligible"].fillna(value=True).astype(bool)).sum()),
            None if part["seconds"].isna().all() else pytest.approx(part["seconds"].astype(float).mean()),
        )
        for key, part in merged.groupby(by, dropna=False)
    }
    found = {tuple(row[:6]): tuple(row[6:]) for row in lake.execute("SELECT * FROM v_drop_off").fetchall()}
    assert found == expected
    assert len({key[5] for key in expected}) == 3


@pytest.mark.requirement("GE-05")
def test_what_is_about_a_colleague_is_in_no_view(frames: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    """Without those rows every view says the same: nothing of them counts anywhere, except in their own share."""
    internal = frames["contacts"].loc[frames["contacts"]["internal"].fillna(value=False).astype(bool), "contact_id"]
    for name, frame in frames.items():
        for where, kept in (("with", frame), ("without", frame[~frame["contact_id"].isin(internal)])):
            for (municipality, month), part in kept.groupby(["municipality", "month"]):
                body = parquet_of(name, part.drop(columns=["municipality", "month"]).reset_index(drop=True))
                put(tmp_path / where, name, municipality, month, body)
    everything, citizens = connect(tmp_path / "with"), connect(tmp_path / "without")
    assert len(internal) > 0
    for name in views():
        found = [[row for row in rows_of(lake, name) if "internal" not in row] for lake in (everything, citizens)]
        assert found[0] == found[1], name
    shares = [[row for row in rows_of(lake, "v_noted") if "internal" in row] for lake in (everything, citizens)]
    assert len(shares[0]) > 0
    assert {row[-1] for row in shares[1]} == {0}


@pytest.mark.requirement("GE-08", "GE-25", "GL-70", "BF-23")
def test_what_is_noted(lake: duckdb.DuckDBPyConnection, joined: pd.DataFrame) -> None:
    facts = {
        "resolved": joined["resolved_first_contact"],
        "passed_on": joined["transfers"].astype("Int64") > 0,
        "passed_again": joined["transfers"].astype("Int64") > 1,
        "next_step": joined["next_step_given"],
        "handed_over": joined["handed_over"],
        "outside_hours": joined["outside_hours"],
    }
    expected = {}
    for fact, holds in facts.items():
        known = joined.assign(holds=holds, all="all")[holds.notna()]
        for by in ("all", "channel", "reason", "department"):
            for (municipality, month, value), part in known.groupby(["municipality", "month", by]):
                expected[municipality, month, fact, by, value] = (len(part), int(part["holds"].astype(bool).sum()))
    sql = "SELECT * FROM v_noted WHERE fact <> 'internal'"
    found = {tuple(row[:5]): tuple(row[5:]) for row in lake.execute(sql).fetchall()}
    assert found == expected


@pytest.mark.requirement("GE-05")
def test_the_share_of_colleagues_is_of_what_systems_report(
    lake: duckdb.DuckDBPyConnection, frames: dict[str, pd.DataFrame]
) -> None:
    contacts = frames["contacts"]
    reported = contacts[
        (contacts["origin"] == "system") & contacts["ending"].fillna("served").isin(["served", "at_door"])
    ]
    reported = reported.assign(colleague=reported["internal"].fillna(value=False).astype(bool))
    groups = reported.groupby(["municipality", "month", "channel"])["colleague"]
    sql = """SELECT municipality, month, dimension_value, known, yes FROM v_noted
        WHERE fact = 'internal' AND dimension = 'channel'"""
    found = {tuple(row[:3]): tuple(row[3:]) for row in lake.execute(sql).fetchall()}
    assert found == {key: (int(part.size), int(part.sum())) for key, part in groups}
    assert min(known for known, _ in found.values()) > max(yes for _, yes in found.values()) > 0


@pytest.mark.requirement("GE-10")
def test_the_ways_of_contacts(lake: duckdb.DuckDBPyConnection, joined: pd.DataFrame) -> None:
    ways = joined.assign(department=joined["department"].fillna(""))
    expected = ways.groupby(["municipality", "month", "channel", "department"]).size().to_dict()
    assert counted(lake, "SELECT * FROM v_contact_paths") == expected
    assert {key[3] for key in expected} == {"citizen-service", "benefits", ""}


def test_comments_have_their_week_and_score_and_no_key(
    lake: duckdb.DuckDBPyConnection, frames: dict[str, pd.DataFrame], joined: pd.DataFrame
) -> None:
    keys = ["municipality", "month", "contact_id"]
    scores = frames["answers"].query("question == 'satisfaction'")[[*keys, "value", "question_version"]]
    comments = frames["comments"].rename(columns={"office": "told", "mode": "asked"})
    comments = comments[[*keys, "text", "told", "asked", "may_be_quoted", "question", "comment_key", "nominees"]]
    merged = comments.merge(joined, on=keys).merge(scores, on=keys, how="left")
    merged["office"] = merged["office"].fillna(merged["told"])
    merged = merged.astype(object).where(merged.notna(), None)
    expected = {
        (
            *(
                row.municipality,
                row.text,
                str(pd.Timestamp(row.local_date).to_period("W").start_time.date()),
                row.value,
            ),
            *(row.office, row.asked, row.may_be_quoted),
            *(row.comment_key and f"{row.comment_key}.{row.question}", row.question_version),
            None if row.nominees is None else " ".join(row.nominees),
        )
        for row in merged.itertuples()
    }
    found = lake.execute(
        "SELECT municipality, text, week_start, score, office, mode, may_be_quoted, comment_id, score_wording, nominees "
        "FROM v_comments"
    ).fetchall()
    assert set(found) == expected
    assert len(found) == len(merged) > 0
    columns = [row[0] for row in lake.execute("DESCRIBE v_comments").fetchall()]
    assert not {"contact_id", "local_date", "finished_at"} & set(columns)


# ---- from statements to counts


def _rows(lake: duckdb.DuckDBPyConnection, name: str, **bounds: Any) -> list[dict[str, str]]:
    sql, parameters = bound_statement(name, **bounds)
    (translated,) = sqlglot.transpile(sql, read="athena", write="duckdb")
    cursor = lake.execute(translated, list(parameters))
    names = [column[0] for column in cursor.description]
    return [
        {n: "" if value is None else str(value) for n, value in zip(names, row, strict=True)}
        for row in cursor.fetchall()
    ]


def test_the_statements_make_period_counts(lake: duckdb.DuckDBPyConnection, joined: pd.DataFrame) -> None:
    bounds = {"first": "2026-09", "last": "2026-10", "municipalities": ["fjordby"]}
    periods = by_period({name: _rows(lake, name, **bounds) for name in STATEMENTS})
    assert set(periods) == {("fjordby", "2026-09"), ("fjordby", "2026-10")}
    counts = period_counts(
        "fjordby", "2026-10", periods["fjordby", "2026-10"], asked="skive", generated_at="2026-11-01T00:00:00+01:00"
    )
    mine = joined[(joined["municipality"] == "fjordby") & (joined["month"] == "2026-10")]
    assert counts.funnel["completed"] == len(mine) == counts.served["all"]["all"]
    assert sum(counts.waiting.values()) == mine["waiting_seconds"].notna().sum()
    assert list(counts.waiting) == sorted(counts.waiting, key=int)
    total = next(g for g in counts.groups if (g.dimension, g.question) == ("all", "satisfaction"))
    assert total.n == counts.funnel["finished"] + 1  # the interview of no contact
    assert all(comment.week.startswith("2026-W") for comment in counts.comments)
    assert counts.consents["all"]["all"].offered == counts.funnel["offered"]
    assert counts.with_text is not None
    assert 0 < counts.with_text <= counts.funnel["finished"]
    assert counts.respondents["satisfaction@0-10.1"] == total.n
    assert sum(counts.delays.values()) == sum(counts.lead_days.values()) == mine["booked_start"].notna().sum()
    assert sum(each.contacts for each in counts.resolution.values()) == len(mine)
    assert sum(n for row in counts.paths.values() for n in row.values()) == len(mine)
    assert {fact: tuple(by) for fact, by in counts.noted.items()} == {fact: NOTED_BY[fact] for fact in counts.noted}
    assert counts.noted.keys() == NOTED_BY.keys()
    assert sum(pattern.count for pattern in counts.patterns) == total.n
    assert {tuple(pattern.answers) for pattern in counts.patterns} == {
        ("got-answer", "satisfaction"),
        ("satisfaction",),
    }
    assert type(counts).from_document(counts.to_document()) == counts


def test_a_period_without_rows_is_all_zeros() -> None:
    counts = period_counts("fjordby", "2026-10", {}, asked="skive", generated_at="")
    assert set(counts.funnel.values()) == {0}
    assert not counts.groups


def test_wordings_that_are_no_longer_asked_keep_their_definition() -> None:
    found = definitions("skive", {("satisfaction", "1-9.1"), ("gone", "1")})
    assert [d.id for d in found].count("satisfaction") == 2
    assert {(d.minimum, d.maximum) for d in found if d.id == "satisfaction"} == {(0, 10), (1, 9)}
