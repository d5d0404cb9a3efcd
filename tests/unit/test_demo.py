from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from chalicelib.adapters.lake.compaction import frame_of, parquet_of
from chalicelib.adapters.lake.period_counts import definitions
from chalicelib.adapters.lake.report_refresh import preceding
from chalicelib.lake.compaction import compacted
from chalicelib.lake.schemas import LANDED
from chalicelib.municipalities.document import municipality_from
from chalicelib.municipalities.hours import is_closed
from chalicelib.reporting.cells import cells
from chalicelib.reporting.model import Group, PeriodCounts
from chalicelib.shared.clock import month_of
from chalicelib.shared.identifiers import new_ulid
from chalicelib.surveys.questionnaire import questionnaire
from cli.municipality_file import read_file
from demo.answers import _COMMENTS
from demo.contacts import ulids
from demo.history import history, landed_lines, partitions
from demo.scenario import changes_of, scenario_of

if TYPE_CHECKING:
    from chalicelib.municipalities.model import Municipality

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def stored(name: str) -> Municipality:
    return municipality_from(read_file(ROOT / "demo" / f"{name}.yaml"))


@pytest.fixture(scope="module")
def fjordby() -> dict[str, pd.DataFrame]:
    return history(stored("fjordby"), NOW)


@pytest.fixture(scope="module")
def sandholm() -> dict[str, pd.DataFrame]:
    return history(stored("sandholm"), NOW)


@pytest.fixture(scope="module")
def lindeby() -> dict[str, pd.DataFrame]:
    return history(stored("lindeby"), NOW)


def test_the_same_seed_and_day_invent_the_same_history(sandholm: dict[str, pd.DataFrame]) -> None:
    again = history(stored("sandholm"), NOW)
    other = history(stored("sandholm"), NOW, seed=1)
    for table, frame in sandholm.items():
        pd.testing.assert_frame_equal(frame, again[table])
    assert not set(other["contacts"]["contact_id"]) & set(sandholm["contacts"]["contact_id"])


@pytest.mark.requirement("SK-23")
@pytest.mark.requirement("SK-11")
def test_fjordby_is_as_large_as_it_says(fjordby: dict[str, pd.DataFrame]) -> None:
    contacts = fjordby["contacts"]
    visits = contacts[contacts["channel"] == "in_person"]
    assert 34_000 < len(visits) / 2 < 37_500  # two years and the running month
    assert visits["office"].nunique() == 3
    assert visits["reason"].nunique() == 12
    accepted = visits["consent_granted"].sum() / visits["consent_offered"].sum()
    assert 0.06 < accepted < 0.08
    shares = contacts["channel"].value_counts(normalize=True)
    assert 0.1 < shares["phone"] < 0.25
    assert 0.05 < shares["e_mail"] < 0.15
    assert contacts["month"].nunique() == 25
    assert contacts["contact_id"].is_unique


def test_every_fact_is_in_its_order_and_none_in_the_future(fjordby: dict[str, pd.DataFrame]) -> None:
    visits = fjordby["contacts"].query("channel == 'in_person' and ending == 'served'")
    assert (visits["arrived_at"] <= visits["called_at"]).all()
    assert (visits["called_at"] < visits["served_at"]).all()
    assert (visits["served_at"] < visits["ended_at"]).all()
    booked = visits[visits["booked_start"].notna()]
    assert (booked["booked_at"] < booked["arrived_at"]).all()
    assert 0.5 < len(booked) / len(visits) < 0.7
    present = pd.Timestamp(NOW).tz_localize(None)
    for frame in fjordby.values():
        for name in frame.columns[frame.dtypes.astype(str).str.startswith("datetime")]:
            assert not (frame[name] > present).any() or name in {"send_at", "sent_at", "delivered_at"}
    wide = fjordby["responses"].merge(fjordby["invitations"], on="contact_id")
    assert (wide["delivered_at"] < wide["started_at"]).all()
    assert (wide["state_y"] == "delivered").all()


@pytest.mark.requirement("GL-04", "FR-12", "GL-67", "BF-14")
def test_the_history_has_what_reports_tell_apart(fjordby: dict[str, pd.DataFrame]) -> None:
    contacts, bookings, responses = (fjordby[name] for name in ("contacts", "bookings", "responses"))
    down = contacts[contacts["outage"].astype(bool)]
    assert len(down["arrived_at"].dt.date.unique()) == 2
    waited = contacts.groupby(contacts["outage"].astype(bool))["waiting_seconds"].mean()
    assert waited[True] > 1.4 * waited[False]
    assert len(down) > 60
    unclosed = contacts[contacts["ending"] == "unclosed"]
    assert 0.001 < len(unclosed) / len(contacts) < 0.005
    assert unclosed["service_seconds"].isna().all()
    outcomes = bookings["outcome"].value_counts(normalize=True, dropna=False)
    assert 0.03 < outcomes["no_show"] < 0.07
    assert outcomes["cancelled"] > 0.05
    assert bookings["contact_id"].is_unique
    assert (bookings["booked_at"] < bookings["booked_start"]).all()
    cancelled = bookings[bookings["outcome"] == "cancelled"]
    assert (cancelled["cancelled_at"] >= cancelled["booked_at"]).all()
    assert (cancelled["cancelled_at"] < cancelled["booked_start"]).all()
    kept = bookings[bookings["outcome"].isin(["served", "unclosed"])]
    assert set(kept["contact_id"]) == set(contacts.loc[contacts["booked_start"].notna(), "contact_id"])
    assert bookings[["assisted", "alternatives_seen"]].astype(bool).mean().between(0.01, 0.6).all()
    assert set(responses["mode"]) == {"sms_link", "kiosk", "qr", "face_to_face"}
    alone = responses[responses["mode"] != "sms_link"]
    assert 0.05 < len(alone) / len(responses) < 0.15
    assert not set(alone["contact_id"]) & set(contacts["contact_id"])
    assert alone["office"].notna().all()
    assert responses.loc[responses["mode"] != "face_to_face", "seconds"].notna().mean() > 0.9
    assert responses.loc[responses["state"] == "started", "stopped_at"].notna().all()


def test_nobody_comes_when_the_office_is_closed(fjordby: dict[str, pd.DataFrame]) -> None:
    municipality = stored("fjordby")
    days = fjordby["contacts"].query("channel == 'in_person'")["local_date"].unique()
    assert not [day for day in days if is_closed(municipality, day) or day.isoweekday() > 5]


@pytest.mark.requirement("BF-04")
def test_satisfaction_falls_with_waiting(fjordby: dict[str, pd.DataFrame]) -> None:
    scores = fjordby["answers"].query("question == 'satisfaction'")[["contact_id", "value_number"]]
    both = scores.merge(fjordby["contacts"], on="contact_id").dropna(subset=["waiting_seconds"])
    assert both["value_number"].astype(float).corr(both["waiting_seconds"].astype(float)) < -0.15


def test_every_answer_is_one_that_the_questionnaire_offers(
    fjordby: dict[str, pd.DataFrame], sandholm: dict[str, pd.DataFrame], lindeby: dict[str, pd.DataFrame]
) -> None:
    for name, frames in (("fjordby", fjordby), ("sandholm", sandholm), ("lindeby", lindeby)):
        form = questionnaire(stored(name).survey.questionnaire)
        for (question, version), part in frames["answers"].groupby(["question", "question_version"]):
            item = form.find(str(question))
            assert item is not None
            assert item.version == version
            offered = {choice.id for choice in item.choices} | {
                str(p) for p in (item.scale.points if item.scale else ())
            }
            assert set(part["value"]) <= offered
            assert part["value_number"].notna().all() == (item.scale is not None)


def test_lines_compact_to_exactly_the_file(sandholm: dict[str, pd.DataFrame]) -> None:
    for table in LANDED:
        for month, part in list(partitions(sandholm[table]))[::8]:
            result = compacted(table, [landed_lines(table, part)])
            assert (result.rejected, result.superseded) == (0, 0), (table, month)
            assert parquet_of(table, frame_of(table, result.rows)) == parquet_of(table, part), (table, month)


def test_ids_are_ulids_of_their_moment() -> None:
    moments = np.array([int(NOW.timestamp())], dtype="datetime64[s]")
    (made,) = ulids(moments, np.random.default_rng(1))
    assert made[:10] == new_ulid(NOW)[:10]
    assert len(made) == 26


@pytest.mark.parametrize("mood", ["positive", "mixed", "negative"])
def test_comments_are_many_varied_and_about_nobody(mood: str) -> None:
    lines = {la: (_COMMENTS / f"{mood}.{la}.txt").read_text(encoding="utf-8").splitlines() for la in ("da", "en")}
    everything = lines["da"] + lines["en"]
    assert len(set(everything)) == len(everything) >= 60
    assert all(line.strip() == line and 5 < len(line) < 200 for line in everything)
    assert not [line for line in everything if re.search(r"\d|@|www", line)]
    staff = {word for name in stored("fjordby").staff_names for word in name.split()}
    assert not [line for line in everything if staff & set(re.findall(r"\w+", line))]


def test_no_comment_comes_twice_in_a_month_while_others_are_left(fjordby: dict[str, pd.DataFrame]) -> None:
    for _, part in fjordby["comments"].groupby("month"):
        assert max(Counter(part["text"]).values()) <= 2
    assert set(fjordby["comments"]["language"]) == {"da", "en"}


# ---- the two changes


def _counts(municipality: Municipality, frames: dict[str, pd.DataFrame], month: str) -> PeriodCounts:
    """The groups of a month by office, counted without the views."""
    answers = frames["answers"][frames["answers"]["month"] == month].rename(columns={"office": "told"})
    wide = answers.merge(frames["contacts"][["contact_id", "office", "internal"]], on="contact_id", how="left")
    wide = wide[~wide["internal"].fillna(value=False).astype(bool)]
    # The contact's own fact counts; what stands with the answer only for want of one.
    wide["office"] = wide["office"].fillna(wide["told"])
    groups = []
    for dimension, by in (("all", pd.Series("all", index=wide.index)), ("office", wide["office"])):
        keys = wide.assign(group=by).dropna(subset=["group"])
        for (value, question, version), part in keys.groupby(["group", "question", "question_version"]):
            groups.append(Group(dimension, value, question, version, part["value"].value_counts().to_dict()))
    return PeriodCounts(
        municipality=municipality.id,
        period=month,
        generated_at="",
        questions=definitions(municipality.survey.questionnaire, ()),
        groups=tuple(groups),
        funnel={},
        not_invited={},
        served={},
        waiting={},
    )


@pytest.mark.requirement("GL-50")
@pytest.mark.parametrize("now", [NOW, datetime(2026, 12, 1, 7, tzinfo=UTC), datetime(2027, 3, 31, 9, tzinfo=UTC)])
def test_the_report_finds_the_real_change_and_does_not_claim_the_chance_one(now: datetime) -> None:
    municipality = stored("fjordby")
    changes = changes_of(municipality, now)
    assert changes is not None
    frames = history(municipality, now)
    closed = preceding(month_of(now))
    made = cells(
        _counts(municipality, frames, closed),
        _counts(municipality, frames, preceding(closed)),
        municipality.thresholds,
    )
    (planted,), (ripple,) = changes.real, changes.chance
    real = next(c for c in made if (c.value, c.question, c.measure) == (planted.value, planted.question, "share"))
    assert real.significant
    assert real.change is not None
    assert real.change > 0.15
    assert real.n is not None
    assert real.n > 2 * municipality.thresholds.small_base
    chance = [c for c in made if (c.value, c.question) == (ripple.value, ripple.question)]
    assert [c for c in chance if c.change and c.change > 0.01]
    assert not [c for c in chance if c.significant]
    elsewhere = [c for c in made if c.significant and c.question != planted.question]
    assert not elsewhere


def test_another_municipality_gets_visits_by_its_desks() -> None:
    assert scenario_of(stored("fjordby")).changes
    document = read_file(ROOT / "demo" / "sandholm.yaml") | {"id": "elsewhere"}
    scenario = scenario_of(municipality_from(document))
    assert 100 <= scenario.visits_per_year < 10_000
    assert changes_of(municipality_from(document), NOW) is None


# ---- the yearly survey


@pytest.mark.requirement("GL-02", "GL-04", "GL-19")
def test_the_yearly_survey_asks_every_channel_its_own_questions(lindeby: dict[str, pd.DataFrame]) -> None:
    answers, form = lindeby["answers"], questionnaire("gladsaxe")
    waves = answers[answers["month"].isin(["2025-10", "2026-10"])]
    for _, wave in waves.groupby("month"):
        assert set(wave["mode"]) == {"sms_link", "face_to_face", "phone", "open_link"}
    asked = waves.groupby("month")["contact_id"].nunique()
    assert asked.between(400, 800).all()
    told = waves.merge(lindeby["contacts"][["contact_id", "channel"]], on="contact_id", how="left")
    channel = told["channel_y"].fillna(told["channel_x"])
    for question in form.items:
        for condition in question.when:
            assert set(channel[told["question"] == question.id]) <= condition.among
    several = waves[waves["question"] == "meeting-prerequisites"].groupby("contact_id")["value"]
    assert 1 < several.size().mean() <= several.size().max() <= 3
    assert not [values for _, values in several if len(values) > 1 and "dont_know" in set(values)]
    known = waves[waves["question"] == "latest-channel"]
    assert set(known["mode"]) == {"open_link"}, "nobody is asked what is known"
