"""Numbers that tell each other are hidden together: the cases that an attack once found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.municipalities.model import Thresholds
from chalicelib.reporting import rates
from chalicelib.reporting.cells import cells
from chalicelib.reporting.classes import classes
from chalicelib.reporting.listed import PREFERRED, listed_cells
from chalicelib.reporting.merging import merged
from chalicelib.reporting.model import Asked, Group, Pattern, PeriodCounts, QuestionDefinition
from chalicelib.reporting.periods import period_of
from chalicelib.reporting.reading import Compared, Reading
from chalicelib.reporting.themes import CELLS, WAITING, target_score
from chalicelib.reporting.trend import trend
from chalicelib.reporting.views import WAITED_BRIEFLY, associations
from chalicelib.reporting.waves import Wave, WaveRow, wave_cells
from tests.builders import a_municipality
from tests.fakes.reporting import GOT_ANSWER, SATISFACTION, answers, counts

LIMITS = Thresholds(suppress_below=5, small_base=30)
FJORDBY = a_municipality()
pytestmark = pytest.mark.requirement("GL-53")


def found(*months: PeriodCounts, period: str = "2026-10") -> Compared:
    whole = merged(period, months)
    return Compared(Reading(period_of(period), whole, tuple(months), ()), None, True, (), LIMITS)


def test_a_segment_of_few_does_not_follow_from_everyone_in_a_wave() -> None:
    rows = [("all", 70, 93), ("a", 2, 3), ("b", 40, 50), ("c", 28, 40)]
    now = Wave("w", {}, "2026-01-01", "2026-01-31", {}, tuple(WaveRow("q", *row) for row in rows))
    before = replace(
        now, id="v", rows=tuple(WaveRow("q", *row) for row in [("all", 60, 90), *rows[1:3], ("c", 20, 37)])
    )
    shown = {cell.value: (cell.n, cell.previous_n) for cell in wave_cells(now, before, LIMITS)}
    assert shown == {"all": (93, 90), "a": (None, None), "b": (50, 50), "c": (None, None)}


def test_who_was_served_beside_a_score_does_not_tell_of_a_group_in_which_nobody_answered() -> None:
    groups = (answers("all", "all", 60, 10), answers("channel", "phone", 40, 5), answers("channel", "e_mail", 20, 5))
    served = {"all": {"all": 163}, "channel": {"phone": 100, "e_mail": 60, "letter": 3}}
    made = {c.value: (c.n, c.served) for c in cells(counts(groups=groups, served=served), None, LIMITS) if c.n}
    assert made["phone"] == (45, 100)
    assert "e_mail" not in made


def test_two_questions_to_the_same_citizens_hide_the_same_groups() -> None:
    def month(question: QuestionDefinition, **unsure: int) -> list[Group]:
        sizes = {"a": 3, "b": 20, "c": 21}
        given = [
            Group("office", office, question.id, question.version, {question.favourable[0]: n - unsure.get(office, 0)})
            for office, n in sizes.items()
        ]
        given = [replace(g, counts={**g.counts, "dont_know": unsure.get(g.value, 0)}) for g in given]
        return [Group("all", "all", question.id, question.version, {question.favourable[0]: 44}), *given]

    # By its means the first would take c as a cover, the second b.
    groups = (*month(SATISFACTION, c=5), *month(GOT_ANSWER))
    made = cells(counts(questions=(SATISFACTION, GOT_ANSWER), groups=groups), None, LIMITS)
    shown = {(c.question, c.value) for c in made if c.dimension == "office" and c.n}
    assert {value for question, value in shown if question == SATISFACTION.id} == {
        value for question, value in shown if question == GOT_ANSWER.id
    }


def test_an_office_of_few_asked_is_hidden_with_another_though_nobody_there_said_yes() -> None:
    asked = {"a": Asked(3, 0), "b": Asked(40, 20), "c": Asked(50, 30)}
    month = counts(consents={"all": {"all": Asked(93, 50)}, "office": asked})
    reading = Reading(period_of("2026-10"), month, (month,), ())
    shown = {
        c.value: c.n for c in rates.rates(rates.consents({}, {}), reading, LIMITS) if c.dimension == "consent_office"
    }
    assert shown == {"a": None, "b": None, "c": 50}


def test_what_nobody_answered_does_not_tell_how_many_a_month_hides() -> None:
    question = QuestionDefinition(PREFERRED, "1", {}, {}, (), {}, options={"phone": {}, "e_mail": {}})
    months = [
        counts(period=f"2026-{m}", listed=(question,), groups=(Group("all", "all", PREFERRED, "1", {"phone": n}),))
        for m, n in (("10", 3), ("11", 20), ("12", 20))
    ]
    assert all(cell.n is None for cell in listed_cells(found(*months, period="2026-Q4")))


def test_the_service_level_is_shown_where_it_is_a_sum_of_what_is_shown() -> None:
    bands = {"00-05": 3, "05-10": 40, "10-20": 30, "20-30": 20}
    few = counts(
        waiting={"3": 3, "7": 40, "12": 30, "22": 20},
        served={"all": {"all": 93}, "channel": {"in_person": 93}, "waiting": bands},
    )
    municipality = replace(FJORDBY, targets={"service_level": 100})
    level = next(c for c in CELLS[WAITING](found(few), municipality) if c.dimension == "service_level")
    assert level.n is None
    assert target_score(found(few), municipality) is None
    many = replace(few, waiting={**few.waiting, "3": 30}, served={**few.served, "waiting": {**bands, "00-05": 30}})
    assert target_score(found(many), municipality) is not None


def test_a_short_wait_is_no_driver_where_a_band_is_hidden() -> None:
    def month(short: int) -> PeriodCounts:
        bands = {"00-05": short, "05-10": 60, "10-20": 70}
        groups = [
            answers("all", "all", sum(bands.values()), 0),
            answers("all", "all", sum(bands.values()), 0, GOT_ANSWER),
        ]
        groups += [answers("waiting", band, n, 0, q) for band, n in bands.items() for q in (SATISFACTION, GOT_ANSWER)]
        patterns = tuple(
            Pattern({"satisfaction": ("0-10.1", score), "got-answer": ("1", answer)}, band, n // 4 or 1)
            for band, n in bands.items()
            for score in ("9", "3")
            for answer in ("yes", "no")
        )
        served = {"all": {"all": 900}, "channel": {"in_person": 900}, "waiting": dict.fromkeys(bands, 300)}
        return counts(questions=(SATISFACTION, GOT_ANSWER), groups=tuple(groups), patterns=patterns, served=served)

    facts = [{d.fact for d in model.drivers} for n in (3, 50) if (model := associations(found(month(n)), SATISFACTION))]
    assert [WAITED_BRIEFLY in each for each in facts] == [False, True]


def test_a_week_is_shown_in_every_window_or_in_none_and_never_in_part() -> None:
    def month(name: str, **weeks: int) -> PeriodCounts:
        groups = [answers("week", f"{name[:4]}-W{week[1:]}", n, 0) for week, n in weeks.items()]
        return counts(period=name, groups=(answers("all", "all", sum(weeks.values()), 0), *groups))

    months = [
        month("2026-08", w32=20, w33=30, w36=9),
        month("2026-09", w36=30, w37=40, w40=20),
        month("2026-10", w40=6, w41=30, w42=30, w44=9),
    ]
    windows = [("2026-08", "2026-09"), ("2026-09", "2026-10"), ("2026-08", "2026-10")]
    seen: dict[str, set[int]] = {}
    for first, last in windows:
        made = trend(months, SATISFACTION, LIMITS, first=first, last=last, running_week="2026-W50")
        for point in made.points:
            seen.setdefault(point.week, set()).add(point.n)
    assert seen["2026-W36"] == {39}
    assert all(len(numbers) == 1 for numbers in seen.values())


def test_classes_are_of_nobody_or_of_enough_in_every_month() -> None:
    whole = {0: 9, 1: 2, 3: 9, 20: 2}
    assert [(c.first, c.last, c.count) for c in classes((0, 1, 2, 4, 7, 14), whole, [whole], 5)] == [
        (0, 0, 9),
        (1, None, 13),
    ]
    assert classes((0, 1), {0: 2, 1: 9}, [], 5) == []
    assert classes((0, 1), {0: 9, 1: 9}, [{0: 9, 1: 3}, {1: 6}], 5) == []
    assert [c.count for c in classes((0, 1), {0: 9, 1: 9}, [{0: 9}, {1: 9}], 5)] == [9, 9]
