"""No sentence says more than its figures: generated prose against generated months."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.reporting.cell import Cell, Measure
from chalicelib.reporting.developments import moved_most
from chalicelib.reporting.model import Group, PeriodCounts
from chalicelib.reporting.service import Overview, ReportService
from chalicelib.reporting.statistics import BaseStatus, ChangeStatus
from chalicelib.reporting.wording import NotADevelopment, Wording
from chalicelib.web import formats
from tests.builders import FixedClock, a_municipality
from tests.fakes.reporting import GOT_ANSWER, SATISFACTION, InMemoryReportCells, answers, counts, groups

AFTER = datetime(2026, 11, 10, 12, tzinfo=UTC)
DURING = datetime(2026, 10, 20, 12, tzinfo=UTC)
DIRECTIONS = re.compile(
    r"stigning|steg|fald|øget|bedre|dårligere|\brise|rose|fall|fell|better|worse|increase|decrease", re.IGNORECASE
)


def overview(now: PeriodCounts, before: PeriodCounts | None = None, *, at: datetime = AFTER) -> Overview:
    stored = [now] + ([replace(before, period="2026-09")] if before else [])
    service = ReportService(cells=InMemoryReportCells(*stored), clock=lambda: FixedClock(at))
    found = service.overview(a_municipality(), now.period)
    assert found is not None
    return found


def wording(of: Overview, language: str = "da") -> Wording:
    return Wording(of, language, formats=formats, name=lambda _, value: value)


@pytest.mark.requirement("GL-42", "GL-24", "GL-45", "GL-34", "FR-02", "FR-03")
def test_a_finding_has_its_base_its_definition_and_its_complement() -> None:
    finding = wording(overview(counts(groups=groups(a=(346, 66))), counts(groups=groups(a=(330, 68))))).finding(
        SATISFACTION
    )
    assert finding.statement == "84 % var tilfredse i oktober 2026 (n = 412)."
    assert finding.change == "Det er ikke en sikker ændring fra september 2026 (83 %, n = 398)."
    assert "8, 9 eller 10 på en skala fra 0 til 10" in finding.definition
    assert finding.complement.startswith("66 af 412 (cirka 1 ud af 6) gav et andet svar end “8, 9")


@pytest.mark.requirement("GL-61")
@pytest.mark.parametrize(
    ("before", "language", "expected"),
    [
        ((60, 40), "da", "Det er en sikker stigning på 24 procentpoint fra september 2026 (60 %, n = 100)."),
        ((98, 2), "da", "Det er et sikkert fald på 14 procentpoint fra september 2026 (98 %, n = 100)."),
        ((60, 40), "en", "This is a certain rise of 24 percentage points from September 2026 (60%, n = 100)."),
        ((98, 2), "en", "This is a certain fall of 14 percentage points from September 2026 (98%, n = 100)."),
    ],
)
def test_direction_comes_from_the_data(before: tuple[int, int], language: str, expected: str) -> None:
    found = overview(counts(), counts(groups=groups(raadhuset=before)))
    assert wording(found, language).finding(SATISFACTION).change == expected


@pytest.mark.requirement("GL-50")
def test_a_running_month_states_no_development() -> None:
    found = overview(counts(), counts(groups=groups(raadhuset=(30, 70))), at=DURING)
    said = wording(found)
    assert (
        said.finding(SATISFACTION).change
        == "Måneden er ikke afsluttet, så forskellen til september 2026 er ikke testet."
    )
    assert said.developments() == []
    assert any("ikke afsluttet" in note for note in said.notes())


@pytest.mark.requirement("GL-53", "GL-54")
def test_small_bases_are_said_and_not_compared() -> None:
    found = overview(counts(groups=groups(a=(12, 6))), counts())
    finding = wording(found).finding(SATISFACTION)
    assert "30 svar eller færre" in finding.statement
    assert finding.change == "Der er for få svar til at sammenligne med september 2026."


def test_too_few_answers_are_said_to_be_too_few() -> None:
    finding = wording(overview(counts(groups=groups(a=(3, 1))))).finding(SATISFACTION)
    assert finding.statement == "Der er for få svar i oktober 2026 til at vise et resultat (mindst 5)."
    assert (finding.change, finding.complement) == ("", "")


def test_a_question_that_was_asked_otherwise_breaks_the_series() -> None:
    other = replace(SATISFACTION, version="1-9.1", minimum=1, maximum=9)
    before = counts(questions=(other,), groups=(Group("all", "all", "satisfaction", "1-9.1", {"9": 50}),))
    said = wording(overview(counts(), before))
    assert "Spørgsmålet er ændret siden september 2026" in said.finding(SATISFACTION).change
    assert any("brud" in note for note in said.notes())


def test_nothing_before_is_said() -> None:
    said = wording(overview(counts(), counts(groups=())))
    assert said.finding(SATISFACTION).change == "Der er intet tal fra september 2026 at sammenligne med."
    assert wording(overview(counts())).finding(SATISFACTION).change == ""


@pytest.mark.requirement("GL-49")
def test_an_indication_is_called_one_and_has_no_direction() -> None:
    before = counts(groups=(Group("all", "all", "satisfaction", "0-10.1", {"10": 70, "5": 30}),))
    after = counts(groups=(Group("all", "all", "satisfaction", "0-10.1", {"10": 64, "5": 16, "0": 20}),))
    change = wording(overview(after, before)).finding(SATISFACTION).change
    assert "indikation" in change
    assert not DIRECTIONS.search(change)


def test_a_question_that_we_have_no_phrase_for_is_said_with_its_answer() -> None:
    other = replace(GOT_ANSWER, id="easy", favourable_text={"da": "Nemt", "en": "Easy"})
    found = overview(counts(questions=(other,), groups=(answers("all", "all", 60, 40, other),)))
    assert wording(found).finding(other).statement == "60 % svarede “Nemt” i oktober 2026 (n = 100)."
    assert wording(found, "en").finding(other).statement == "60% answered “Easy” in October 2026 (n = 100)."


def test_everybody_agreeing_has_a_complement_in_words() -> None:
    assert "0 af 40 (ingen)" in wording(overview(counts(groups=groups(a=(40, 0))))).finding(SATISFACTION).complement


@pytest.mark.requirement("GL-47", "GL-52", "GL-59")
def test_the_method_names_test_interval_thresholds_and_corrections() -> None:
    notes = " ".join(wording(overview(counts(), counts(groups=groups(raadhuset=(60, 40))))).notes())
    for words in (
        "z-test for to andele",
        "Wilson",
        "Welch",
        "30 svar eller færre",
        "færre end 5",
        "Benjamini",
        "oktober 2026",
    ):
        assert words in notes


@pytest.mark.requirement("GL-04", "GL-06", "GL-07")
def test_answers_that_came_in_several_ways_are_not_put_together_silently() -> None:
    modes = (answers("mode", "sms_link", 60, 10), answers("mode", "face_to_face", 24, 6))
    notes = " ".join(wording(overview(counts(groups=(*groups(raadhuset=(84, 16)), *modes)))).notes())
    assert "Svarene kom på flere måder: face_to_face (30), sms_link (70)." in notes
    alone = (answers("mode", "sms_link", 84, 16),)
    assert "flere måder" not in " ".join(wording(overview(counts(groups=(*groups(a=(84, 16)), *alone)))).notes())


@pytest.mark.requirement("GL-59")
def test_a_star_among_many_comparisons_is_counted_and_not_stated() -> None:
    before = dict.fromkeys("abcdefgh", (50, 50))
    after = {**dict.fromkeys("bcdefgh", (50, 50)), "a": (64, 36)}
    said = wording(overview(counts(groups=groups(**after)), counts(groups=groups(**before))))
    assert said.developments() == []
    assert said.developments_note().startswith(
        "9 forskelle er testet, og 1 af dem er markeret med *. Det er ikke flere"
    )


def test_nothing_certain_and_nothing_tested_are_told_apart() -> None:
    assert "Ingen af de 2 testede" in wording(overview(counts(), counts())).developments_note()
    assert "for få svar" in wording(overview(counts(groups=groups(a=(12, 6))), counts())).developments_note()


@pytest.mark.requirement("GL-50")
def test_only_the_clearest_three_developments_are_stated() -> None:
    before = dict.fromkeys("abcde", (50, 50))
    after = {"a": (95, 5), "b": (90, 10), "c": (10, 90), "d": (55, 45), "e": (80, 20)}
    said = wording(overview(counts(groups=groups(**after)), counts(groups=groups(**before)))).developments()
    assert len(said) == 3
    assert said[0].startswith("a: Tilfredshed er 95 % (n = 100). Det er en sikker stigning på 45 procentpoint")
    assert any(line.startswith("c:") and "et sikkert fald på 40 procentpoint" in line for line in said)


@pytest.mark.requirement("GL-50")
def test_a_group_that_is_nearly_everybody_is_no_second_development() -> None:
    found = overview(counts(groups=groups(a=(95, 5), b=(8, 2))), counts(groups=groups(a=(50, 50), b=(8, 2))))
    assert [line.split(":")[0] for line in wording(found).developments()] == ["all"]
    half = overview(counts(groups=groups(a=(95, 5), b=(48, 2))), counts(groups=groups(a=(50, 50), b=(48, 2))))
    assert [line.split(":")[0] for line in wording(half).developments()] == ["a", "all"]


def test_what_a_figure_shows_of_many_rows() -> None:
    base = Cell("all", "all", "q", Measure.SHARE, BaseStatus.OK, n=100, share=0.5)
    many = [replace(base, question=f"q{number}", change=number / 100, significant=number == 3) for number in range(14)]
    assert [cell.question for cell in moved_most(many)] == ["q0", "q3", *(f"q{number}" for number in range(6, 14))]
    assert moved_most(many[:10]) == many[:10]


def test_means_are_said_on_their_scale() -> None:
    found = overview(counts(), counts(groups=groups(raadhuset=(60, 40))))
    cell = found.total(SATISFACTION, Measure.MEAN)
    assert cell is not None
    assert wording(found).development(cell) == "en sikker stigning på 1,0 fra september 2026 (6,4, n = 100)"


office = st.tuples(st.integers(0, 120), st.integers(0, 60))
month = st.dictionaries(st.sampled_from("abcd"), office, min_size=1)


@given(month, month, st.sampled_from(["da", "en"]), st.sampled_from([AFTER, DURING]))
@settings(max_examples=400, deadline=None)
@pytest.mark.requirement("GL-50", "GL-53", "GL-61", "I7")
def test_no_sentence_calls_an_uncertain_change_a_development(
    now: dict[str, tuple[int, int]], before: dict[str, tuple[int, int]], language: str, at: datetime
) -> None:
    found = overview(counts(groups=groups(**now)), counts(groups=groups(**before)), at=at)
    said = wording(found, language)
    certain = {
        (cell.dimension, cell.value) for cell in found.cells if cell.significant and cell.measure is Measure.SHARE
    }
    for line in said.developments():
        assert line.split(":")[0] in {value for _, value in certain}
    for cell in found.cells:
        text = said.change(cell, SATISFACTION) if cell.measure is Measure.SHARE and cell.question else ""
        assert bool(DIRECTIONS.search(text)) is _is_development(cell)
        if not cell.significant:
            with pytest.raises(NotADevelopment):
                said.development(cell)
    finding = said.finding(SATISFACTION)
    assert not DIRECTIONS.search(f"{finding.statement} {finding.complement}")
    assert not re.search(r"\d ?%", finding.statement) or "n = " in finding.statement


def _is_development(cell: Cell) -> bool:
    rises = cell.change_status is ChangeStatus.SIGNIFICANT and cell.measure is Measure.SHARE and bool(cell.question)
    assert not rises or ((cell.n or 0) > 30 and (cell.previous_n or 0) > 30 and (cell.p_value or 1) < 0.05)
    return rises


def test_a_forged_cell_is_refused() -> None:
    found = overview(counts(), counts(groups=groups(raadhuset=(30, 70))))
    cell = found.total(SATISFACTION)
    assert cell is not None
    assert cell.significant
    for forged in (replace(cell, previous_n=30), replace(cell, significant=None), replace(cell, change=0.0)):
        with pytest.raises(NotADevelopment):
            wording(found).development(forged)
