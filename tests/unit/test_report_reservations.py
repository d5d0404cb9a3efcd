"""What stands beside a report's figures so that nobody reads more out of them than they hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from chalicelib.reporting.cell import Measure
from chalicelib.reporting.service import ReportService
from chalicelib.reporting.wording import Wording
from chalicelib.web import formats
from chalicelib.web.charts_report import BY_SIZE, ReportFigures
from chalicelib.web.charts_text import CellTexts
from tests.builders import FixedClock, a_municipality
from tests.fakes.reporting import SATISFACTION, InMemoryReportCells, counts, groups

if TYPE_CHECKING:
    from chalicelib.reporting.service import Overview

FAR_APART = groups(a=(95, 5), b=(40, 60))


def overview(**changes: object) -> Overview:
    """October beside a September in which every office had the same figures."""
    months = (counts(**changes), counts(**changes, period="2026-09"))
    clock = FixedClock(datetime(2026, 11, 10, 12, tzinfo=UTC))
    found = ReportService(cells=InMemoryReportCells(*months), clock=lambda: clock).overview(a_municipality(), "2026-10")
    assert found is not None
    return found


def _name(_: str, value: str) -> str:
    return value


@pytest.mark.requirement("GL-48")
def test_groups_of_one_period_carry_no_star_however_far_apart_they_are() -> None:
    found = overview(groups=FAR_APART, served={})
    offices = [c for c in found.cells if (c.dimension, c.measure) == ("office", Measure.SHARE)]
    assert sorted(cell.share for cell in offices if cell.share) == [0.4, 0.95]
    assert {cell.significant for cell in offices} == {False}
    figure = str(ReportFigures(found, "da", name=_name, csv="/x.csv").breakdown("office", SATISFACTION, BY_SIZE))
    assert "95 %" in figure
    assert "%*" not in figure


@pytest.mark.requirement("GL-01", "GL-22", "GL-44", "GL-48")
@pytest.mark.parametrize(
    ("language", "ranking", "average", "within"),
    [
        ("da", "siger ikke i sig selv", "er alle svar i perioden", "samme periode er ikke testet"),
        (
            "en",
            "does not in itself say who does best",
            "is every answer of the period; large groups lie close to it",
            "Differences between groups within the same period are not tested",
        ),
    ],
)
def test_the_notes_make_no_ranking_and_say_what_the_average_is_of(
    language: str, ranking: str, average: str, within: str
) -> None:
    notes = " ".join(Wording(overview(groups=FAR_APART), language, formats=formats, name=_name).notes())
    for words in (ranking, average, within):
        assert words in notes, words


@pytest.mark.requirement("GL-69")
def test_the_time_to_an_answer_by_e_mail_is_called_reply_time() -> None:
    served = {"all": {"all": 2000}, "channel": {"in_person": 1900, "e_mail": 100}}
    by_mail, in_person = overview(served=served), overview()
    assert CellTexts(by_mail, "en", name=_name).by("service") == "by service time (for e-mail: reply time)"
    assert CellTexts(in_person, "en", name=_name).by("service") == "by service time"
