from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.adapters.lake.athena_queries import STATEMENTS
from chalicelib.adapters.lake.report_refresh import ReportRefresh, batches, following, packed, preceding, unpacked
from chalicelib.lake.compaction import REPORTS, Mark, counts_key, curated_key
from chalicelib.shared.errors import Conflict
from tests.builders import FixedClock, a_municipality
from tests.fakes.lake import FakeMarks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.municipalities.model import Municipality


def a_mark(municipality: str, month: str) -> Mark:
    return Mark(municipality, REPORTS, month, 1)


@pytest.mark.parametrize(("month", "after"), [("2026-10", "2026-11"), ("2026-12", "2027-01"), ("2024-09", "2024-10")])
def test_months_follow_each_other(month: str, after: str) -> None:
    assert following(month) == after
    assert preceding(after) == month


def test_months_in_a_row_of_the_same_municipalities_are_one_batch() -> None:
    marks = [a_mark(m, month) for m in ("a", "b") for month in ("2026-10", "2026-11", "2026-09")]
    (batch,) = batches(marks)
    assert (batch.first, batch.last, batch.municipalities) == ("2026-09", "2026-11", ("a", "b"))
    assert len(batch.marks) == 6


def test_gaps_other_municipalities_and_size_begin_another_batch() -> None:
    assert len(batches([a_mark("a", "2026-08"), a_mark("a", "2026-10")])) == 2
    assert len(batches([a_mark("a", "2026-09"), a_mark("b", "2026-10")])) == 2
    many = [a_mark(f"m{n:02d}", month) for n in range(98) for month in ("2026-09", "2026-10")]
    assert [len(batch.marks) for batch in batches(many)] == [98, 98]
    assert batches([]) == []


@dataclass
class Queries:
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def rows(self, sql: str, parameters: Sequence[str] = ()) -> list[dict[str, str]]:
        self.asked.append((sql, tuple(parameters)))
        if "v_funnel" not in sql:
            return []
        common = {"municipality": "fjordby", "offered": "9", "consented": "9", "sent": "8", "delivered": "8"}
        return [
            common | {"month": month, "completed": "40", "started": "7", "finished": "6"}
            for month in ("2026-09", "2026-10", "2020-01")
        ]


@dataclass
class Objects:
    stored: dict[str, bytes] = field(default_factory=dict)

    def put_versioned(self, key: str, body: bytes, version: int, **_: Any) -> bool:
        self.stored[key] = body
        return bool(version)

    def get(self, key: str) -> bytes | None:
        return self.stored.get(key)


@dataclass
class Files:
    beaten: bool = False
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def token_of(self, key: str) -> str | None:
        return "x" if key in self.rows else None

    def write_rows(self, table: str, key: str, rows: Sequence[dict[str, Any]], token: str | None) -> None:
        if self.beaten:
            raise Conflict
        assert (table, token) == ("report_cells", "x" if key in self.rows else None)
        self.rows[key] = list(rows)


class OneMunicipality:
    def get(self, municipality: str) -> Municipality:
        return a_municipality(id=municipality)

    def directory(self) -> Sequence[Any]:
        return ()


@dataclass
class House:
    queries: Queries = field(default_factory=Queries)
    objects: Objects = field(default_factory=Objects)
    files: Files = field(default_factory=Files)
    marks: FakeMarks = field(default_factory=FakeMarks)

    def run(self) -> list[str]:
        refresh = ReportRefresh(
            queries=self.queries,
            lake=self.objects,
            files=self.files,
            marks=self.marks,
            municipalities=OneMunicipality(),
            clock=FixedClock,
        )
        return [counts.period for counts in refresh.run(["fjordby"])]


def a_house(*months: str) -> House:
    house = House()
    for month in months:
        house.marks.touch("fjordby", REPORTS, month)
    return house


def test_a_refresh_asks_each_question_once_for_all_its_periods() -> None:
    house = a_house("2026-09", "2026-10")
    assert house.run() == ["2026-09", "2026-10"]
    assert len(house.queries.asked) == len(STATEMENTS)
    assert {parameters for _, parameters in house.queries.asked} == {("2026-09", "2026-10", "fjordby")}
    document = json.loads(gzip.decompress(house.objects.stored[counts_key("fjordby", "2026-10")]))
    assert document["funnel"]["completed"] == 40
    assert house.run() == []


def test_the_month_after_is_rewritten_too_because_it_compares() -> None:
    house = a_house("2026-10")
    house.run()
    keys = [curated_key("report_cells", "fjordby", month) for month in ("2026-10", "2026-11")]
    assert set(house.files.rows) == {keys[0]}
    house.marks.touch("fjordby", REPORTS, "2026-09")
    house.files.rows[keys[0]] = []
    house.run()
    assert house.files.rows[keys[0]]


def test_a_refresh_that_another_one_overtook_leaves_its_marks() -> None:
    house = a_house("2026-10")
    house.files.beaten = True
    house.run()
    assert house.marks.find("fjordby", REPORTS, "2026-10").dirty
    house.files.beaten = False
    assert house.run() == ["2026-10"]
    assert not house.marks.find("fjordby", REPORTS, "2026-10").dirty


def test_packed_counts_are_the_same_bytes_for_the_same_counts() -> None:
    house = a_house("2026-10")
    house.run()
    body = house.objects.stored[counts_key("fjordby", "2026-10")]
    assert packed(unpacked(body)) == body
