"""What readers of the register are told: only a certain change is called one, and English is complete."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.actions.model import NoteKind, Status
from chalicelib.actions.results import Held, Outcome
from chalicelib.actions.rules import Problem
from chalicelib.entrypoints.actions import words as module
from chalicelib.entrypoints.actions.words import FIELDS, HELD, KINDS, PROBLEMS, RESULTS, ROLES, STATUSES, Words
from chalicelib.reporting.cell import Cell, Measure
from chalicelib.reporting.followed import Followed
from chalicelib.reporting.statistics import BaseStatus
from chalicelib.web.catalogue import translator
from tests.fakes.reporting import SATISFACTION
from tests.unit.test_translations import said_in

TABLES: tuple[dict[Any, str], ...] = (STATUSES, KINDS, PROBLEMS, FIELDS, ROLES, HELD, RESULTS)
TEXTS = sorted({text for table in TABLES for text in table.values()} | set(said_in(Path(module.__file__))))
DIRECTION = re.compile(r"forbedring|forværring|stigning|fald|bedre|værre")


def words(language: str = "da") -> Words:
    return Words(language, lambda _, value: value)


def followed(**changed: Any) -> Followed:
    facts: dict[str, Any] = {"n": 81, "share": 0.88, "previous": 0.6, "previous_n": 82, "change": 0.279}
    interval = {"change_low": 0.145, "change_high": 0.4, "p_value": 0.00005, "significant": True}
    cell = Cell("all", "all", "satisfaction", Measure.SHARE, BaseStatus.OK, **{**facts, **interval})
    return Followed("2026-10", replace(cell, **changed), SATISFACTION, preliminary=False)


@pytest.mark.requirement("GL-66")
@pytest.mark.parametrize("text", TEXTS)
def test_every_text_has_english(text: str):
    catalogues = Path(module.__file__).parents[2] / "web" / "translations" / "en"
    own = any(f'msgid "{text}"' in each.read_text(encoding="utf-8") for each in catalogues.glob("*.po"))
    assert own
    assert translator("en").gettext(text)


def test_every_value_has_its_words():
    assert set(STATUSES) == set(Status)
    assert set(KINDS) == set(NoteKind)
    assert set(PROBLEMS) == set(Problem)
    assert set(HELD) == set(Held)
    assert set(RESULTS) == set(Outcome)


@pytest.mark.requirement("GL-50")
@pytest.mark.parametrize("outcome", Outcome)
def test_only_a_certain_change_has_a_direction(outcome: Outcome):
    said = words().result(outcome, followed(), "2025-10")
    assert bool(DIRECTION.search(said)) == (outcome in {Outcome.BETTER, Outcome.WORSE})
    assert "oktober 2025" in said


def test_a_change_is_said_with_its_base_its_interval_and_its_test():
    said = words().result(Outcome.BETTER, followed(), "2025-10").replace("\xa0", " ")
    assert said == (
        "88 % (n = 81) i oktober 2026 mod 60 % (n = 82) i oktober 2025: "
        "en statistisk sikker forbedring på 27,9 procentpoint."
    )
    cell = followed().cell
    assert cell is not None
    assert words().test(cell) == (
        "Tosidet z-test for to andele: p < 0,0001. 95 %-intervallet for ændringen går fra 14,5 til 40,0 procentpoint."
    )
    assert "p = 0.2000" in words("en").test(replace(cell, p_value=0.2, change_low=-0.1))
    assert "−10.0" in words("en").test(replace(cell, p_value=0.2, change_low=-0.1))


def test_a_mean_is_a_number_on_its_scale():
    changed = {"measure": Measure.MEAN, "share": None, "mean": 8.26, "previous": 7.5, "change": 0.76}
    found = followed(**changed, scale_min=0, scale_max=10)
    said = words().result(Outcome.BETTER, found, "2025-10").replace("\xa0", " ")
    assert said.startswith("8,3 (n = 81) i oktober 2026 mod 7,5 (n = 82)")
    assert said.endswith("forbedring på 0,76.")
    assert words().counted(found) == "Gennemsnit på en skala fra 0 til 10"
    assert found.cell is not None
    assert words().test(found.cell).startswith("Welchs test")


def test_which_answers_are_counted_is_said():
    assert words().counted(followed()) == "8, 9 eller 10 på en skala fra 0 til 10"
    assert words().counted(followed(measure=Measure.UNFAVOURABLE)) == "0 til 4 på en skala fra 0 til 10"
    unnamed = replace(followed(measure=Measure.UNFAVOURABLE), question=replace(SATISFACTION, unfavourable_text={}))
    assert words().counted(unnamed) == "0, 1, 2, 3, 4"
    assert words().counted(replace(followed(), cell=None)) == ""


def test_a_limit_says_which_way_it_goes():
    assert words().limit("share", 80, "Tilfredshed") == "Tilfredshed: mindst 80 % tilfredse"
    assert words("en").limit("share_unfavourable", 10, "Satisfaction") == "Satisfaction: at most 10% dissatisfied"
    assert words().problems({"day": "a date such as 2026-10-31"}) == {"day": "Skriv en dato."}
    assert words().role("kiosk") == "kiosk"
