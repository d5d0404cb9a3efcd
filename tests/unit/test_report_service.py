"""Which month is shown, what it is compared with, and what stands beside the scores."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from chalicelib.municipalities.model import Thresholds
from chalicelib.reporting.merging import merged
from chalicelib.reporting.model import Comment
from chalicelib.reporting.operations import readable_comments, waiting_times
from chalicelib.reporting.periods import period_of
from chalicelib.reporting.published import PublishedGroups
from chalicelib.reporting.reading import Reading
from chalicelib.reporting.service import ReportService
from chalicelib.shared.errors import InvalidInput, NotFound
from chalicelib.web.charts_csv import COLUMNS, csv_of
from chalicelib.web.charts_names import group_names
from chalicelib.web.charts_report import BY_SHARE, BY_SIZE, ReportFigures
from tests.builders import FixedClock, a_municipality
from tests.fakes.reporting import (
    SATISFACTION,
    InMemoryReportCells,
    answers,
    band_of,
    counts,
    groups,
    realistic_counts,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.reporting.model import PeriodCounts
    from chalicelib.reporting.operations import Waiting
    from chalicelib.reporting.service import Overview

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
LIMITS = Thresholds(suppress_below=5, small_base=30)
FJORDBY = a_municipality()


def service(*stored: PeriodCounts) -> ReportService:
    return ReportService(cells=InMemoryReportCells(*stored), clock=lambda: FixedClock(NOW))


def month(period: str, good: int = 84, bad: int = 16) -> PeriodCounts:
    return counts(period=period, groups=groups(raadhuset=(good, bad)))


def overview(*stored: PeriodCounts, **view: str) -> Overview:
    found = service(*stored).overview(FJORDBY, **view)
    assert found is not None
    return found


def csv_text(found: Overview, language: str, *, name: Callable[[str, str], str]) -> str:
    return csv_of(found.cells, language, period=found.period, compare=found.compare, name=name)


def test_without_counts_there_is_no_report() -> None:
    assert service().overview(FJORDBY) is None


def test_the_last_closed_month_with_a_full_base_is_shown() -> None:
    stored = [month("2026-08"), month("2026-09"), month("2026-10", 20, 10), month("2026-11")]
    found = overview(*stored)
    assert (found.period, found.closed, found.compare) == ("2026-09", True, "2026-08")
    assert found.periods == ("2026-08", "2026-09", "2026-10", "2026-11")


def test_when_every_month_is_small_the_last_closed_one_is_shown() -> None:
    assert overview(month("2026-09", 5, 5), month("2026-10", 6, 5), month("2026-11")).period == "2026-10"


def test_a_running_month_alone_is_shown_as_running() -> None:
    found = overview(month("2026-11"))
    assert (found.period, found.closed) == ("2026-11", False)


@pytest.mark.parametrize(
    ("compare", "against"),
    [
        (None, "2025-02"),
        ("previous", "2026-01"),
        ("year", "2025-02"),
        ("none", None),
        ("2025-11", "2025-11"),
        ("2024-01", None),
    ],
)
def test_what_a_month_is_compared_with(compare: str | None, against: str | None) -> None:
    stored = [month(period) for period in ("2025-02", "2025-11", "2026-01", "2026-02")]
    found = service(*stored).overview(FJORDBY, "2026-02", compare)
    assert found is not None
    assert found.compare == against


def test_january_is_compared_with_december() -> None:
    assert overview(month("2025-12"), month("2026-01")).compare == "2025-12"


@pytest.mark.requirement("BF-28")
@pytest.mark.parametrize(
    ("view", "field"),
    [
        ({"period": "2026-13"}, "period"),
        ({"period": "../2026-10"}, "period"),
        ({"compare": "later"}, "compare"),
        ({"compare": "2026-10"}, "compare"),
        ({"by": "employee"}, "by"),
    ],
)
def test_a_view_that_can_not_be_is_refused(view: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        overview(month("2026-10"), **view)
    assert list(refused.value.fields) == [field]


def test_a_month_without_counts_is_not_found() -> None:
    with pytest.raises(NotFound):
        overview(month("2026-10"), period="2020-01")


def test_one_dimension_can_be_asked_for() -> None:
    found = overview(realistic_counts(), by="office")
    assert {cell.dimension for cell in found.cells} == {"all", "office", "funnel"}


@pytest.mark.requirement("GL-59")
def test_many_comparisons_are_counted_and_adjusted() -> None:
    before = counts(period="2026-09", groups=groups(a=(50, 50), b=(80, 20)))
    found = overview(before, counts(groups=groups(a=(95, 5), b=(80, 20))))
    assert (found.multiplicity.tested, found.multiplicity.significant) == (3, 2)
    assert ("office", "a", "satisfaction") in found.multiplicity.adjusted
    assert found.multiplicity.certain == 2


@pytest.mark.requirement("GL-59")
def test_holm_is_stricter_than_benjamini_and_hochberg() -> None:
    before = counts(period="2026-09", groups=groups(a=(60, 40), b=(60, 40)))
    found = overview(before, counts(groups=groups(a=(74, 26), b=(74, 26)))).multiplicity
    assert (found.significant, len(found.adjusted), found.certain) == (3, 3, 1)


def waited(**by_month: dict[str, int]) -> Waiting | None:
    months = []
    for name, minutes in by_month.items():
        bands: Counter[str] = Counter()
        for minute, n in minutes.items():
            bands[band_of(int(minute))] += n
        served = {"all": {"all": sum(bands.values())}, "waiting": dict(bands)}
        months.append(counts(period=f"2026-{name[1:]}", waiting=minutes, served=served))
    period = months[0].period if len(months) == 1 else "2026-Q4"
    return waiting_times(Reading(period_of(period), merged(period, months), tuple(months), ()), LIMITS)


@pytest.mark.requirement("FR-05", "BF-03")
def test_waiting_times_in_classes() -> None:
    waiting = waited(m10={"0": 10, "4": 30, "5": 40, "22": 10, "29": 10, "30": 5, "90": 5})
    assert waiting is not None
    assert [(each.first, each.last, each.count) for each in waiting.bins][:2] == [(0, 4, 40), (5, 9, 40)]
    assert (waiting.bins[-1].first, waiting.bins[-1].last, waiting.bins[-1].count) == (30, None, 10)
    assert (waiting.n, waiting.median, waiting.ninth) == (110, 5, 29)
    assert waited(m10={"3": 4}) is None
    assert waited(m10={}) is None


@pytest.mark.requirement("GL-53")
def test_a_class_of_few_is_part_of_its_band_and_a_band_of_few_is_hidden_with_another() -> None:
    month = {"3": 40, "7": 30, "12": 3, "17": 20, "22": 6, "41": 2}
    alone, quarter = waited(m10=month), waited(m10=month, m11={"3": 40, "12": 8, "17": 8}, m12={"3": 9})
    assert alone is not None
    assert [(b.first, b.last, b.count) for b in alone.bins] == [
        *((0, 4, 40), (5, 9, 30), (10, 19, 23)),
        *((20, 29, None), (30, None, None)),
    ]
    assert quarter is not None
    assert [(b.first, b.count) for b in quarter.bins] == [(0, 89), (5, 30), (10, 39), (20, None), (30, None)]


def _comment(office: str | None, reason: str = "passport", channel: str = "in_person") -> Comment:
    return Comment("Tak", "da", office, reason, channel, "2026-W42", "10")


@pytest.mark.requirement("SK-21")
def test_comments_need_ten_answers_where_they_come_from() -> None:
    said = (_comment("a"), _comment("b"), _comment("a", "rare"), _comment(None, channel="phone"))
    split = (
        answers("all", "all", 60, 4),
        answers("office", "a", 40, 5),
        answers("office", "b", 9, 0),
        answers("reason", "passport", 50, 5),
        answers("reason", "rare", 9, 0),
        answers("channel", "phone", 10, 0),
        answers("language", "da", 51, 5),
        answers("language", "pl", 9, 0),
    )
    said = (*said, replace(_comment("a"), language="pl"))
    made = counts(groups=split, comments=said)
    readable = readable_comments(made, PublishedGroups(made, LIMITS))
    assert [(comment.office, comment.reason) for comment in readable] == [
        ("a", "passport"),
        ("a", ""),
        (None, "passport"),
    ]
    nobody = counts(questions=(), groups=(), comments=said)
    assert readable_comments(nobody, PublishedGroups(nobody, LIMITS)) == []


def figures(of: Overview, language: str = "da") -> ReportFigures:
    return ReportFigures(of, language, name=group_names(FJORDBY, language), csv="/x.csv")


@pytest.mark.requirement("GL-53")
def test_small_bases_are_ranked_with_nobody() -> None:
    found = overview(counts(groups=groups(a=(60, 40), b=(28, 0), c=(90, 10), d=(2, 1), e=(3, 1))))
    svg = str(figures(found).breakdown("office", SATISFACTION, BY_SHARE))
    assert [svg.index(f">{name}</text>") for name in "cabde"] == sorted(
        svg.index(f">{name}</text>") for name in "abcde"
    )
    by_size = str(figures(found).breakdown("office", SATISFACTION, BY_SIZE))
    assert by_size.index(">a</text>") < by_size.index(">c</text>") < by_size.index(">b</text>")


@pytest.mark.requirement("GL-17")
def test_many_hidden_groups_are_named_in_one_line() -> None:
    found = overview(counts(groups=groups(a=(60, 40), **dict.fromkeys("defg", (2, 1))), served={}))
    svg = str(figures(found).breakdown("office", SATISFACTION, BY_SIZE))
    assert "Ikke vist (for få svar): d, e, f, g." in svg
    assert ">d</text>" not in svg


def test_ten_bars_are_drawn_and_all_groups_stand_in_the_table() -> None:
    many = {f"o{number}": (60 + number, 40) for number in range(12)}
    figure = str(figures(overview(counts(groups=groups(**many), served={}))).breakdown("office", SATISFACTION, BY_SIZE))
    assert "De 10 største er tegnet" in figure
    assert figure.count('<th scope="row">') == 12
    assert ">o0</text>" not in figure


@pytest.mark.requirement("SK-11", "SK-13", "SK-14", "SK-15", "SK-16")
def test_the_figures_of_a_month_in_both_languages() -> None:
    stored = realistic_counts("2026-09", visits=4000), realistic_counts(visits=4000, worse={"biblioteket": 0.3})
    for language, words in (
        (
            "da",
            (
                "Sagde ja",
                "af de spurgte",
                "på en skala fra 0 til 10",
                "Lave svar (0 til 4)",
                "Ventetid i minutter",
                "Hul prik",
            ),
        ),
        (
            "en",
            (
                "Said yes",
                "of those asked",
                "on a scale from 0 to 10",
                "Low answers (0 to 4)",
                "Waiting time in minutes",
                "Hollow dot",
            ),
        ),
    ):
        made = figures(overview(*stored), language)
        page = f"{made.funnel()}{made.waiting()}{made.change()}{made.distribution(SATISFACTION)}"
        for word in words:
            assert word in page
        assert [key.label for key in made.key_figures()][-1] == {"da": "Klar information", "en": "Clear information"}[
            language
        ]


def test_an_empty_month_draws_nothing_and_breaks_nothing() -> None:
    made = figures(overview(counts(groups=groups(a=(2, 1)), funnel={}, waiting={}, served={})))
    assert [made.funnel(), made.waiting(), made.change(), made.distribution(SATISFACTION)] == [None] * 4
    assert made.breakdown("office", SATISFACTION, BY_SIZE) is None
    assert made.breakdown("reason", SATISFACTION, BY_SIZE) is None
    assert made.key_figures()[0].number == "ikke vist"


@pytest.mark.requirement("GL-60")
def test_the_file_holds_what_the_page_shows_and_hides_what_it_hides() -> None:
    found = overview(counts(groups=groups(raadhuset=(84, 16), oen=(2, 1), by=(6, 1))))
    danish = csv_text(found, "da", name=group_names(FJORDBY, "da"))
    header, first, *rest = danish.removeprefix("\ufeff").split("\r\n")
    assert header == ";".join(COLUMNS)
    assert first.startswith("2026-10;;all;all;Alle;satisfaction;0-10.1;share;92;110;2000;0,836364;")
    hidden = next(row for row in rest if ";oen;" in row)
    assert hidden == "2026-10;;office;oen;oen;satisfaction;0-10.1;share" + ";" * 17 + "suppressed"
    assert "share,92,110,2000,0.836364," in csv_text(found, "en", name=group_names(FJORDBY, "en"))


def test_a_name_is_never_a_formula() -> None:
    text = csv_text(overview(month("2026-10")), "en", name=lambda *_: "=1+1")
    assert "'=1+1" in text
    assert ",=1+1" not in text


def test_periods_of_another_municipality_stay_there() -> None:
    assert service(replace(month("2026-10"), municipality="sandholm")).overview(FJORDBY) is None
