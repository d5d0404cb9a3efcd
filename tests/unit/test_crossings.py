"""Scores by two fields: which quarters have them, what is merged, what stands, and what follows from them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from chalicelib.municipalities.model import Thresholds
from chalicelib.reporting import themes
from chalicelib.reporting.crossing_findings import channel_shifts, differences, use_with_choice
from chalicelib.reporting.crossing_merge import OTHERS
from chalicelib.reporting.crossing_views import VIEWS, CrossedCell, halves_of
from chalicelib.reporting.crossings import Crossings, Missing, first_editions
from chalicelib.reporting.editions import gone, next_edition
from chalicelib.reporting.findings import digest_of
from chalicelib.reporting.model import FORGOTTEN, Group, PeriodCounts
from chalicelib.reporting.periods import period_of
from chalicelib.reporting.service import ReportService
from tests.builders import FixedClock, a_municipality
from tests.crossed_months import People, month
from tests.fakes.reporting import GOT_ANSWER, SATISFACTION, InMemoryReportCells, answers

if TYPE_CHECKING:
    from collections.abc import Sequence

LIMITS: Final = Thresholds(suppress_below=5, small_base=30)
QUARTER: Final = period_of("2026-Q1")
VIEW: Final = {view.name: view for view in VIEWS}
USUAL: Final = (
    People(40, 30),
    People(30, 24, channel="phone"),
    People(30, 15, reason="moving"),
    People(20, 10, reason="moving", channel="phone", language="en"),
    People(30, 20, reason="pension"),
    People(20, 16, reason="pension", channel="phone"),
)


def months(people: Sequence[People] = USUAL, **changes: Any) -> list[PeriodCounts]:
    return [month(name, people, **changes) for name in QUARTER.months]


def crossings(found: Sequence[PeriodCounts] | None = None, *, settled: bool = True) -> Crossings:
    return Crossings(QUARTER, months() if found is None else found, LIMITS, settled=settled)


def cells(found: Crossings, view: str) -> dict[tuple[str, str], tuple[int, int | None]]:
    table = found.of(SATISFACTION, VIEW[view])
    return {place: (cell.count or 0, cell.n) for place, cell in table.cells.items()} if table else {}


# ---- what is shown


@pytest.mark.requirement("SK-22")
def test_a_quarter_is_the_sum_of_its_months_in_both_depths() -> None:
    found = crossings()
    assert cells(found, "reason|channel")["citizens/moving", "phone"] == (30, 60)
    assert cells(found, "reason|office")["benefits/pension", "in_person/hall"] == (60, 90)
    assert cells(found, "department|channel") == {
        ("citizens", "in_person"): (135, 210),
        ("citizens", "phone"): (102, 150),
        ("benefits", "in_person"): (60, 90),
        ("benefits", "phone"): (48, 60),
    }


def test_cells_of_few_are_merged_with_the_rest_and_nothing_is_lost() -> None:
    few = [*USUAL, People(1, 0, reason="debt", channel="phone"), People(1, 1, reason="debt")]
    found = crossings(months(few))
    table = found.of(SATISFACTION, VIEW["reason|channel"])
    assert table is not None
    assert "benefits/debt" not in table.rows
    assert "benefits/*" in table.rows
    assert sum(cell.n for cell in table.cells.values()) == 3 * (170 + 2)
    assert cells(found, "department|channel")["benefits", "phone"] == (48, 63)


@pytest.mark.requirement("GL-20")
def test_a_department_that_is_hidden_by_itself_is_not_shown_with_a_channel_either() -> None:
    people = [*USUAL[:4], People(1, 1, reason="pension"), People(60, 50, reason="")]
    table = crossings(months(people)).of(SATISFACTION, VIEW["department|channel"])
    assert table is None or "benefits" not in table.rows


@pytest.mark.requirement("GL-06")
def test_channel_results_are_split_by_mode() -> None:
    people = [*USUAL, People(20, 4, channel="phone", mode="phone"), People(10, 9, mode="kiosk")]
    found = cells(crossings(months(people)), "channel|mode")
    assert found["phone", "phone"] == (12, 60)
    assert found["in_person", "kiosk"] == (27, 30)
    assert ("phone", "kiosk") not in found


@pytest.mark.requirement("FR-16")
def test_satisfaction_of_those_who_were_helped_to_book_stands_apart() -> None:
    people = [*USUAL, People(15, 12, booked_by="helped"), People(40, 20, booked_by="online")]
    found = cells(crossings(months(people)), "channel|booked_by")
    assert found["in_person", "helped"] == (36, 45)
    assert found["in_person", "online"] == (60, 120)
    assert found["in_person", OTHERS] == (195, 300)


def test_cells_are_what_the_tables_say() -> None:
    found = crossings()
    made = list(found.cells())
    assert {cell.dimension for cell in made} == {view.name for view in found.offered}
    for cell in made:
        assert cells(found, cell.dimension)[halves_of(cell.value)] == (cell.count, cell.n)
        assert cell.significant is None
        assert cell.ci_low is not None
    assert all(cell.n >= LIMITS.suppress_below for cell in made if cell.n is not None)


def test_a_question_asked_of_some_has_no_crossing() -> None:
    some = [
        replace(
            each,
            questions=(*each.questions, GOT_ANSWER),
            groups=(*each.groups, answers("all", "all", 40, 20, GOT_ANSWER)),
        )
        for each in months()
    ]
    found = crossings(some)
    assert found.why_not(GOT_ANSWER) is Missing.QUESTION
    assert found.questions == [SATISFACTION]
    assert found.of(SATISFACTION, VIEW["department|channel"]) is not None


# ---- which quarters


@pytest.mark.parametrize(
    ("period", "settled", "found", "missing"),
    [
        ("2026-01", True, months()[:1], Missing.PERIOD),
        ("2026", True, months(), Missing.PERIOD),
        ("2026-Q1", True, months()[:2], Missing.PERIOD),
        ("2026-Q1", False, months(), Missing.SETTLED),
        ("2026-Q1", True, months(crossed=()), Missing.COUNTED),
        ("2026-Q1", True, months([People(1, 1)]), Missing.FEW),
    ],
)
def test_nothing_but_a_settled_quarter_has_crossings(
    period: str, settled: bool, found: list[PeriodCounts], missing: Missing
) -> None:
    made = Crossings(period_of(period), found, LIMITS, settled=settled)
    assert made.missing is missing
    assert made.why_not(SATISFACTION) is missing
    assert list(made.cells()) == []
    assert made.questions == []
    assert made.offered == []


def service(*found: PeriodCounts, now: datetime = datetime(2026, 6, 3, tzinfo=UTC)) -> ReportService:
    return ReportService(cells=InMemoryReportCells(*found), clock=lambda: FixedClock(now))


def test_the_reports_know_when_a_quarter_is_settled() -> None:
    town, stored = a_municipality(), months()
    now, soon = service(*stored), service(*stored, now=datetime(2026, 4, 30, tzinfo=UTC))
    assert now.crossing_quarters(town) == ["2026-Q1"]
    assert soon.crossing_quarters(town) == []
    for each, expected in ((now, None), (soon, Missing.SETTLED)):
        found = each.compared(town, "2026-Q1")
        assert found is not None
        assert each.crossings(town, found.now).missing is expected
        made = each.report_cells(found, town, themes.CROSSINGS)
        assert bool(made) is (expected is None)


# ---- what stands


class Kept:
    """Earlier editions by their names."""

    def __init__(self, *editions: PeriodCounts) -> None:
        self._editions = {digest_of(each): each for each in editions}

    def periods(self, municipality: str) -> list[str]:
        return []

    def read(self, municipality: str, period: str) -> PeriodCounts | None:
        return None

    def frozen(self, municipality: str, digest: str) -> PeriodCounts | None:
        return self._editions.get(digest)


def test_a_later_edition_changes_no_crossing() -> None:
    stood, *others = months()
    counted = month(stood.period, [*USUAL, People(6, 6)])
    made = next_edition(stood, counted, settled=True, limit=5)
    assert made.crossed == counted.crossed
    assert made.earlier == (digest_of(stood),)
    assert first_editions(Kept(stood), [made, *others]) == [stood, *others]
    again = next_edition(made, month(stood.period, [*USUAL, People(12, 12)]), settled=True, limit=5)
    assert first_editions(Kept(stood, made), [again]) == [stood]
    before = next_edition(replace(stood, crossed=()), counted, settled=True, limit=5)
    assert first_editions(Kept(replace(stood, crossed=())), [before]) == [before]


def test_a_change_that_is_held_back_brings_no_crossing_that_tells_it() -> None:
    stood = replace(months()[0], crossed=())
    made = next_edition(stood, month(stood.period, [*USUAL, People(1, 1)]), settled=True, limit=5)
    assert made.held_back
    assert made.crossed == ()


@pytest.mark.requirement("SK-22")
def test_whoever_is_erased_leaves_every_small_cell_and_no_table_changes_shape() -> None:
    small = [*USUAL, People(2, 1, reason="debt"), People(12, 9, reason="debt", channel="phone")]
    stood, *others = months(small)
    erased = [*USUAL, People(1, 1, reason="debt"), People(12, 9, reason="debt", channel="phone")]
    made = next_edition(stood, month(stood.period, erased), settled=True, limit=5)
    cell = next(g for g in made.crossed if g.value == "benefits/debt|in_person/hall")
    assert cell.counts == {FORGOTTEN: 2}
    assert ("unit|place", cell.value, SATISFACTION.id, SATISFACTION.version) in gone(stood, made)
    before, after = crossings([stood, *others]), crossings([made, *others])
    for view in VIEWS:
        then, now = before.of(SATISFACTION, view), after.of(SATISFACTION, view)
        assert (then and {place: each.n for place, each in then.cells.items()}) == (
            now and {place: each.n for place, each in now.cells.items()}
        )
    shape = before.shown_in(VIEW["reason|channel"])
    assert shape == after.shown_in(VIEW["reason|channel"])
    assert shape is not None
    place = shape[0]["benefits/debt"], shape[1]["in_person/hall"]
    table = after.of(SATISFACTION, VIEW["reason|channel"])
    assert table is not None
    assert table.cells[place].count is None
    hidden = next(c for c in after.cells() if (c.dimension, halves_of(c.value)) == ("reason|channel", place))
    assert (hidden.n is not None, hidden.share, hidden.count) == (True, None, None)
    assert differences(after) is None


def test_an_accepted_edition_makes_earlier_ones_forget_who_left_a_small_cell() -> None:
    small = [*USUAL, *(People(2, 2, language=f"l{n}", channel="phone") for n in range(3))]
    stood, counted = month("2026-01", small), month("2026-01", USUAL)
    left = {key[:2] for key in gone(stood, counted)}
    assert ("unit|language", "citizens/passport|l1") in left
    assert ("unit|language", "citizens/moving|en") not in left


def test_older_documents_have_no_crossings_and_new_ones_keep_theirs() -> None:
    stored = months()[0]
    document = stored.to_document()
    assert PeriodCounts.from_document(document).crossed == stored.crossed
    del document["crossed"]
    assert PeriodCounts.from_document(document).crossed == ()


# ---- what follows


def aged(old_good: int) -> list[People]:
    return [
        *(replace(each, age="young") for each in USUAL),
        *(replace(each, age="old", good=each.n * old_good // 100) for each in USUAL),
        People(10, 5),
    ]


@pytest.mark.requirement("GL-13")
def test_no_difference_by_background_is_said_as_well() -> None:
    checked = differences(crossings(months(aged(68))))
    assert checked is not None
    assert (checked.fields, checked.tested, checked.found) == (("age",), 2, ())


@pytest.mark.requirement("GL-13", "GL-59")
def test_a_certain_difference_by_background_is_found_with_its_bases() -> None:
    checked = differences(crossings(months(aged(40))))
    assert checked is not None
    assert {(each.field, each.value) for each in checked.found} == {("age", "young"), ("age", "old")}
    old = next(each for each in checked.found if each.value == "old")
    assert old.group.n == 510
    assert old.others.n == 540
    assert old.comparison.difference < 0


def test_where_no_background_is_known_nothing_is_said() -> None:
    assert differences(crossings()) is None


@pytest.mark.requirement("GL-57")
def test_a_channel_whose_departments_moved_is_named() -> None:
    moved = [*USUAL[:5], replace(USUAL[5], n=120, good=100)]
    shifts = channel_shifts(crossings(months(moved)), crossings())
    assert {(each.channel, each.department) for each in shifts} == {("phone", "benefits"), ("phone", "citizens")}
    pension = next(each for each in shifts if each.department == "benefits")
    assert (pension.before.n, pension.now.n) == (210, 510)
    assert channel_shifts(crossings(), crossings()) == []
    assert channel_shifts(crossings(), crossings(settled=False)) == []


@pytest.mark.requirement("GL-21")
def test_channels_are_judged_where_there_is_a_choice() -> None:
    use = use_with_choice(crossings(), {"passport": "citizens"})
    assert use is not None
    every, free = use
    assert every.channels == {"in_person": 300, "phone": 210}
    assert free.channels == {"in_person": 180, "phone": 120}
    assert use_with_choice(crossings(), {}) is None


def test_rows_that_may_hold_an_errand_without_choice_are_left_out() -> None:
    few = [*USUAL, People(1, 0, reason="debt", channel="phone"), People(1, 1, reason="debt")]
    use = use_with_choice(crossings(months(few)), {"debt": "benefits"})
    assert use is not None
    assert use[1].n == 3 * 120


def test_a_sum_with_a_deleted_part_has_no_count() -> None:
    table = crossings().of(SATISFACTION, VIEW["department|channel"])
    assert table is not None
    with_hole = replace(table, cells={**table.cells, ("citizens", "phone"): CrossedCell(150, None)})
    assert with_hole.row("citizens") == CrossedCell(360, None)
    assert with_hole.column("in_person") == CrossedCell(300, 195)
    assert with_hole.whole.count is None


def test_the_crossed_counts_of_a_month_add_up_to_the_groups() -> None:
    stored = months()[0]
    everyone = next(group for group in stored.groups if group.dimension == "all")
    by_pair: dict[str, Counter[str]] = {}
    for group in stored.crossed:
        by_pair.setdefault(group.dimension, Counter()).update(group.counts)
    assert all(dict(found) == everyone.counts for found in by_pair.values())
    assert isinstance(stored.crossed[0], Group)
