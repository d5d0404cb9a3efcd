"""How contacts were handled: hidden where few, where those served are hidden, and where it would tell of either."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.reporting.handling import handling_cells
from chalicelib.reporting.model import PeriodCounts, Resolution
from chalicelib.reporting.noted import Noted
from chalicelib.reporting.reading import NO_COMPARISON
from chalicelib.reporting.service import ReportService
from tests.builders import FixedClock, a_municipality
from tests.fakes.reporting import InMemoryReportCells, counts

if TYPE_CHECKING:
    from chalicelib.reporting.cell import Cell

FJORDBY = a_municipality()
CHANNELS = {"phone": 200, "e_mail": 100, "letter": 40}


def month(period: str = "2026-10", **changes: Any) -> PeriodCounts:
    served = {"all": {"all": 340}, "channel": CHANNELS, "reason": {"passport": 240, "pension": 60, "moving": 40}}
    return replace(counts(period=period), **{"served": served, "paths": {"phone": {"a": 1}}, **changes})


def cells(period: str, *months: PeriodCounts, compare: str = NO_COMPARISON) -> dict[tuple[str, str], Cell]:
    service = ReportService(
        cells=InMemoryReportCells(*months), clock=lambda: FixedClock(datetime(2027, 6, 1, tzinfo=UTC))
    )
    found = service.compared(FJORDBY, period, compare)
    assert found is not None
    return {(cell.dimension, cell.value): cell for cell in handling_cells(found)}


def known(found: dict[tuple[str, str], Cell], dimension: str) -> dict[str, int | None]:
    return {value: cell.count for (name, value), cell in found.items() if name == dimension}


@pytest.mark.requirement("GE-08")
def test_what_was_solved_at_once_adds_up_by_channel_and_by_reason() -> None:
    found = cells(
        "2026-10",
        month(
            resolution={"phone": Resolution(200, 150, 90), "e_mail": Resolution(100, 50, 30)},
            noted={"resolved": {"reason": {"passport": Noted(150, 100), "pension": Noted(50, 20)}}},
        ),
    )
    assert known(found, "resolved") == {"all": 120, "phone": 90, "e_mail": 30}
    assert known(found, "resolved_reason") == {"passport": 100, "pension": 20}
    assert (found["resolved", "all"].n, found["resolved_reason", "pension"].n) == (200, 50)


@pytest.mark.requirement("GE-08")
def test_few_of_a_reason_are_hidden_and_another_reason_with_them() -> None:
    found = cells(
        "2026-10",
        month(
            resolution={"phone": Resolution(200, 200, 120)},
            noted={
                "resolved": {
                    "reason": {"passport": Noted(130, 90), "pension": Noted(50, 28), "moving": Noted(20, 2)},
                }
            },
        ),
    )
    assert known(found, "resolved_reason") == {"passport": 90, "pension": None, "moving": None}
    assert found["resolved", "all"].count == 120


@pytest.mark.requirement("GL-70")
def test_what_is_hidden_of_those_served_is_hidden_of_whom_something_is_noted() -> None:
    served = {"all": {"all": 243}, "channel": {"phone": 200, "e_mail": 40, "letter": 3}}
    noted = {"next_step": {"channel": {"phone": Noted(200, 150), "e_mail": Noted(40, 20)}}}
    found = cells("2026-10", month(served=served, noted=noted))
    # E-mails cover the letters, of which nothing is noted: so what is noted of e-mails would tell how many there are.
    assert known(found, "next_step") == {"all": 170, "phone": None, "e_mail": None}


@pytest.mark.requirement("GE-05")
@pytest.mark.parametrize(
    ("channel", "noted", "shown"),
    [
        ("phone", Noted(212, 12), 12),
        ("phone", Noted(204, 4), None),  # few colleagues
        ("phone", Noted(200, 0), 0),
        ("e_mail", Noted(64, 60), None),  # few citizens beside them
    ],
)
def test_the_share_of_colleagues_tells_of_no_few(channel: str, noted: Noted, shown: int | None) -> None:
    found = cells("2026-10", month(noted={"internal": {"channel": {channel: noted}}}))
    assert known(found, "internal") == {channel: shown}


@pytest.mark.requirement("GE-07")
def test_a_quarter_does_not_tell_what_one_of_its_months_hides() -> None:
    months = [
        month(f"2026-{number:02d}", noted={"outside_hours": {"channel": {"phone": Noted(200, outside)}}})
        for number, outside in ((7, 30), (8, 3), (9, 20))
    ]
    assert known(cells("2026-Q3", *months), "outside_hours") == {"phone": None}
    assert known(cells("2026-09", *months), "outside_hours") == {"phone": 20}


def test_a_month_that_was_counted_before_leaves_the_quarter_without() -> None:
    noted = {"passed_again": {"all": {"all": Noted(340, 20)}}}
    months = [month("2026-07", noted=noted), month("2026-08", paths={}), month("2026-09", noted=noted)]
    assert known(cells("2026-Q3", *months), "passed_again") == {}
    assert PeriodCounts.from_document(months[0].to_document()).noted == noted
    older = {name: value for name, value in months[0].to_document().items() if name not in {"noted", "paths"}}
    assert PeriodCounts.from_document(older).noted == {}


@pytest.mark.requirement("GE-25", "BF-23")
def test_a_change_is_tested_against_the_period_compared_with() -> None:
    def passed(yes: int) -> dict[str, Any]:
        return {"passed_on": {"channel": {"phone": Noted(200, yes)}, "department": {"benefits": Noted(200, yes)}}}

    months = month("2026-09", noted=passed(80)), month("2026-10", noted=passed(40))
    cell = cells("2026-10", *months, compare="previous")["passed_on_department", "benefits"]
    assert (cell.previous, cell.significant) == (0.4, True)
