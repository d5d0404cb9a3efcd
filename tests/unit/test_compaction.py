from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.lake.compaction import REPORTS, CompactionService, Mark, compacted
from chalicelib.lake.landing import Fact, LandedObject, lines, response_objects
from tests.fakes.lake import FakeLake, FakeMarks, Killed, Lives
from tests.unit.test_landing import ID, a_response

WHERE = ("fjordby", "2026-11")


def a_row(subject: str = "A", version: int = 1, question: str = "satisfaction", value: str = "9") -> dict[str, Any]:
    return {
        "contact_id": subject,
        "questionnaire": "skive",
        "question": question,
        "value": value,
        "contact_ended_at": "2026-11-23T09:16:00Z",
        "row_version": version,
    }


def values(bodies: list[bytes], tombstones: frozenset[str] = frozenset()) -> list[tuple[str, str, str]]:
    rows = compacted("answers", bodies, tombstones).rows
    return [(row["contact_id"], row["question"], row["value"]) for row in rows]


def test_the_last_version_of_a_subject_wins_as_a_whole() -> None:
    old = lines([a_row(version=1), a_row(version=1, question="got-answer", value="yes")])
    new = lines([a_row(version=2, value="3")])
    for bodies in ([old, new], [new, old]):
        assert values(bodies) == [("A", "satisfaction", "3")]
    assert compacted("answers", [old, new]).superseded == 2


def test_the_same_line_twice_is_one_row() -> None:
    result = compacted("answers", [lines([a_row()]), lines([a_row(), a_row("B")])])
    assert (result.rows_in, result.superseded, len(result.rows)) == (3, 1, 2)


def test_tombstones_take_every_row_of_a_subject() -> None:
    result = compacted("answers", [lines([a_row(), a_row(question="x"), a_row("B")])], frozenset({"A"}))
    assert (result.tombstoned, [row["contact_id"] for row in result.rows]) == (2, ["B"])


def test_lines_that_fit_no_schema_are_counted_and_left_where_they_landed() -> None:
    body = b'{"broken\n[1]\n"text"\n{}\n' + lines([a_row() | {"value": 9}, a_row()])
    result = compacted("answers", [body])
    assert (result.rows_in, result.rejected, len(result.rows)) == (6, 5, 1)


def test_lines_of_older_and_newer_schemas_are_read() -> None:
    result = compacted("answers", [lines([a_row() | {"mood": "sunny"}])])
    assert result.rows[0]["mode"] is None


@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.integers(0, 3), st.sampled_from(["q1", "q2"]), st.sampled_from("123")),
        max_size=12,
    ),
    st.frozensets(st.sampled_from("ABC")),
    st.randoms(),
)
@settings(max_examples=80)
def test_accounts_always_balance_and_order_decides_nothing_between_versions(
    facts: list[tuple[str, int, str, str]], tombstones: frozenset[str], random: Any
) -> None:
    bodies = [lines([a_row(subject, version, question, value)]) for subject, version, question, value in facts]
    result = compacted("answers", bodies, tombstones)
    assert result.rows_in == result.rejected + result.superseded + result.tombstoned + len(result.rows)
    shuffled = bodies.copy()
    random.shuffle(shuffled)
    assert compacted("answers", shuffled, tombstones).rows == result.rows
    last = {subject: max(v for s, v, _, _ in facts if s == subject) for subject, *_ in facts}
    expected = {(s, q, x) for s, v, q, x in facts if v == last[s] and s not in tombstones}
    assert {(row["contact_id"], row["question"], row["value"]) for row in result.rows} == expected


# ---- the use case


def a_lake(*subjects: str, lives: Lives | None = None) -> tuple[FakeLake, FakeMarks]:
    lives = lives or Lives()
    lake, marks = FakeLake(lives=lives), FakeMarks(lives=lives)
    for subject in subjects:
        land(lake, marks, subject)
    return lake, marks


def land(lake: FakeLake, marks: FakeMarks, subject: str, version: int = 1) -> None:
    fact = Fact("fjordby", subject, a_response(comments={}).document, version)
    alive, lake.lives, marks.lives = lake.lives, Lives(), Lives()
    for landed in response_objects(fact)[:1]:
        lake.land(landed)
        marks.touch("fjordby", landed.table, landed.month)
    lake.lives = marks.lives = alive


def subjects(lake: FakeLake) -> list[str]:
    return [row["contact_id"] for row in lake.rows("responses", *WHERE)]


def run(lake: FakeLake, marks: FakeMarks) -> int:
    return len(list(CompactionService(store=lake, marks=marks).run(["fjordby"])))


def test_what_has_landed_is_in_the_file_once_with_its_accounts() -> None:
    lake, marks = a_lake("A", "B")
    assert run(lake, marks) == 1
    assert subjects(lake) == ["A", "B"]
    accounts = lake.manifests["responses", *WHERE]
    assert accounts.balanced
    assert (accounts.landed_objects, accounts.rows_in, accounts.rows_out) == (2, 2, 2)
    assert run(lake, marks) == 0
    assert marks.find("fjordby", REPORTS, "2026-11").dirty


def test_late_facts_and_bulk_loads_stay_through_every_rebuild() -> None:
    lake, marks = a_lake("B")
    bulk = response_objects(Fact("fjordby", "A", a_response().document, 1))[0]
    lake.add_lines("responses", *WHERE, "demo-000", [json.loads(bulk.body)])
    run(lake, marks)
    land(lake, marks, "C")
    run(lake, marks)
    assert subjects(lake) == ["A", "B", "C"]


def test_a_buried_subject_leaves_the_file_and_never_returns() -> None:
    lake, marks = a_lake("A", "B")
    run(lake, marks)
    marks.bury("fjordby", "responses", "2026-11", "A")
    run(lake, marks)
    land(lake, marks, "C")
    run(lake, marks)
    assert subjects(lake) == ["B", "C"]


def test_the_last_subject_buried_leaves_an_empty_file() -> None:
    lake, marks = a_lake("A")
    run(lake, marks)
    marks.bury("fjordby", "responses", "2026-11", "A")
    run(lake, marks)
    assert subjects(lake) == []


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(1, 8))
def test_killed_at_any_step_the_next_run_makes_it_right(step: int, *, after: bool) -> None:
    lake, marks = a_lake("A", "B", lives=Lives(at=step, after=after))
    try:
        run(lake, marks)
    except Killed:
        assert marks.find("fjordby", "responses", "2026-11").dirty or (step, after) == (6, True)
    lake.lives = marks.lives = Lives()
    run(lake, marks)
    assert subjects(lake) == ["A", "B"]
    assert lake.manifests["responses", *WHERE].rows_out == 2
    assert marks.find("fjordby", REPORTS, "2026-11").dirty
    assert not marks.find("fjordby", "responses", "2026-11").dirty


class Overtaken(FakeLake):
    """While this run lists, another one lands a fact and compacts to the end."""

    def landed(self, mark: Mark) -> Any:
        listed = super().landed(mark)
        if not hasattr(self, "overtaken"):
            self.overtaken = True
            marks: FakeMarks = self.others
            land(self, marks, "Z")
            run(self, marks)
        return listed


def test_of_two_runs_at_once_the_one_that_listed_first_loses_and_nothing_is_lost() -> None:
    marks = FakeMarks()
    lake = Overtaken()
    lake.others = marks
    land(lake, marks, "A")
    run(lake, marks)
    assert subjects(lake) == ["A", "Z"]
    assert not marks.find("fjordby", "responses", "2026-11").dirty
    assert lake.manifests["responses", *WHERE].rows_out == 2


def test_a_fact_that_lands_during_a_rebuild_keeps_the_partition_marked() -> None:
    class Late(FakeLake):
        def replace(self, mark: Mark, rows: Any, token: str | None) -> None:
            super().replace(mark, rows, token)
            if "late" not in self.bulk:
                self.bulk["late"] = b""
                land(self, marks, "Z")

    marks, lake = FakeMarks(), Late()
    land(lake, marks, "A")
    run(lake, marks)
    assert subjects(lake) == ["A"]
    run(lake, marks)
    assert subjects(lake) == ["A", "Z"]


def test_an_object_is_the_same_bytes_for_the_same_facts() -> None:
    first, again = (response_objects(a_response()) for _ in range(2))
    assert [landed.body for landed in first] == [landed.body for landed in again]
    assert isinstance(first[0], LandedObject)
    assert first[0].subject == ID
