"""From channel to department: a row is shown whole or not at all, and what is hidden stays open (GE-10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.reporting.contact_paths import path_cells
from chalicelib.reporting.reading import NO_COMPARISON
from chalicelib.reporting.service import ReportService
from tests.builders import FixedClock, a_municipality
from tests.fakes.reporting import InMemoryReportCells, counts

if TYPE_CHECKING:
    from chalicelib.reporting.model import PeriodCounts

FJORDBY = a_municipality()
LIMIT = FJORDBY.thresholds.suppress_below
Paths = dict[str, dict[str, int]]


def month(period: str, paths: Paths) -> PeriodCounts:
    channels = {channel: sum(row.values()) for channel, row in paths.items()}
    departments: dict[str, int] = {}
    for row in paths.values():
        for department, n in row.items():
            departments[department] = departments.get(department, 0) + n
    served = {"all": {"all": sum(channels.values())}, "channel": channels, "department": departments}
    return replace(counts(period=period), served=served, paths=paths)


def shown(period: str, *months: PeriodCounts) -> dict[str, int | None]:
    service = ReportService(
        cells=InMemoryReportCells(*months), clock=lambda: FixedClock(datetime(2027, 6, 1, tzinfo=UTC))
    )
    found = service.compared(FJORDBY, period, NO_COMPARISON)
    assert found is not None
    return {cell.value: cell.count for cell in path_cells(found)}


LARGE: Paths = {"phone": {"a": 40, "b": 20}, "in_person": {"a": 90, "b": 30}, "e_mail": {"a": 12}}


@pytest.mark.requirement("GE-10")
def test_every_channel_is_split_by_department() -> None:
    assert shown("2026-10", month("2026-10", LARGE)) == {
        "phone/a": 40,
        "phone/b": 20,
        "in_person/a": 90,
        "in_person/b": 30,
        "e_mail/a": 12,
    }


@pytest.mark.requirement("GE-10")
def test_a_row_with_few_is_hidden_with_another_one_that_covers_it() -> None:
    few = {**LARGE, "e_mail": {"a": 9, "b": 3}}
    found = shown("2026-10", month("2026-10", few))
    assert {value for value, n in found.items() if n is None} == {"e_mail/a", "e_mail/b", "phone/a", "phone/b"}
    assert found["in_person/b"] == 30


def test_where_nobody_went_is_not_told_of_a_hidden_row() -> None:
    few = {"phone": {"a": 40, "b": 20}, "letter": {"a": 9, "b": 3}, "e_mail": {"a": 12}, "in_person": {"b": 80}}
    found = shown("2026-10", month("2026-10", few))
    assert {"letter/a", "letter/b"} <= {value for value, n in found.items() if n is None}
    assert "in_person/a" not in found


@pytest.mark.requirement("GE-10")
def test_a_longer_period_shows_the_rows_that_all_its_months_show() -> None:
    few = {**LARGE, "e_mail": {"a": 9, "b": 3}}
    months = [month("2026-07", LARGE), month("2026-08", few), month("2026-09", LARGE)]
    found = shown("2026-Q3", *months)
    assert {value: n for value, n in found.items() if n is not None} == {"in_person/a": 270, "in_person/b": 90}


def test_nothing_is_shown_where_ways_and_contacts_were_counted_at_different_times() -> None:
    late = replace(month("2026-10", LARGE), served=month("2026-10", {**LARGE, "phone": {"a": 41, "b": 20}}).served)
    assert shown("2026-10", late) == {}
    assert shown("2026-10", replace(month("2026-10", LARGE), paths={})) == {}


numbers = st.sampled_from([0, 0, 1, 2, 4, 5, 6, 9, 30])
tables = st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=2, max_size=4)


@given(tables)
@settings(max_examples=150, deadline=None)
@pytest.mark.requirement("GE-10")
def test_a_hidden_number_of_few_can_always_be_another_one(table: list[list[int]]) -> None:
    """One more here and one less there, in hidden rows alone, leaves every sum that is published as it is."""
    paths = {f"c{i}": {f"d{j}": n for j, n in enumerate(row) if n} for i, row in enumerate(table) if any(row)}
    if not paths:
        return
    made = month("2026-10", paths)
    found = shown("2026-10", made)
    hidden = {value for value, n in found.items() if n is None}
    served = {dimension: shown_margins(made, dimension) for dimension in ("channel", "department")}
    for value in hidden:
        channel, department = value.split("/")
        n = paths[channel].get(department, 0)
        if not 0 < n < LIMIT:
            continue
        others = [c for c in paths if c != channel and f"{c}/{department}" in hidden]
        swaps = any(
            paths[c].get(department, 0) and paths[channel].get(other, 0)
            for c, other in product(others, made.served["department"])
            if other != department
        )
        # Where the row's or the column's total is hidden too, the number may change with it.
        assert swaps or served["channel"][channel] is None or served["department"][department] is None, (paths, value)


def shown_margins(made: PeriodCounts, dimension: str) -> dict[str, int | None]:
    service = ReportService(cells=InMemoryReportCells(made), clock=lambda: FixedClock(datetime(2027, 6, 1, tzinfo=UTC)))
    found = service.compared(FJORDBY, made.period, NO_COMPARISON)
    assert found is not None
    return {value: found.served.of(dimension, value) for value in made.served[dimension]}
