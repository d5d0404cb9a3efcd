"""Consent wordings: every citizen sees one, always the same, each as often; and the result is a fair test (SK-11)."""

from __future__ import annotations

from collections import Counter

import pytest

from chalicelib.municipalities.model import SURVEY_SMS
from chalicelib.reporting.consent_wordings import wording_test
from chalicelib.reporting.model import Asked
from cli.consent_wordings import wording_lines
from tests.builders import a_municipality, a_municipality_document
from tests.fakes.reporting import counts

pytestmark = pytest.mark.requirement("SK-11")

TEXT = a_municipality_document()["consent_texts"][SURVEY_SMS]
TRIED = [{**TEXT, "version": "2026-2"}, {**TEXT, "version": "2026-3"}]


def test_every_subject_sees_one_wording_always_the_same_and_each_as_often() -> None:
    text = a_municipality(consent_texts={SURVEY_SMS: {**TEXT, "tried": TRIED}}).consent_texts[SURVEY_SMS]
    shown = Counter(text.wording_for(f"key-{number}").version for number in range(3000))
    assert set(shown) == {"2026-1", "2026-2", "2026-3"}
    assert all(900 < number < 1100 for number in shown.values())
    assert all(text.wording_for("key-7") == text.wording_for("key-7") for _ in range(3))
    assert text.knows("2026-2")
    assert not text.knows("2025-1")
    assert not text.knows(None)


def test_a_single_wording_is_shown_to_everybody() -> None:
    text = a_municipality().consent_texts[SURVEY_SMS]
    assert {text.wording_for(f"key-{number}").version for number in range(50)} == {"2026-1"}


def test_a_wording_that_did_better_beyond_chance_is_said_to_be() -> None:
    asked = {"2026-1": Asked(1000, 70), "2026-2": Asked(1000, 110), "2026-3": Asked(1000, 75)}
    before, better, same = wording_test(asked, "2026-1", ["2026-2", "2026-3"], small_base=30)
    assert before.against is None
    assert better.against is not None
    assert better.against.difference == pytest.approx(0.04)
    assert (better.is_better, better.is_worse) == (True, False)
    assert (same.is_better, same.is_worse) == (False, False)
    assert better.interval.low < 0.11 < better.interval.high
    worse = wording_test(asked, "2026-2", ["2026-1"], small_base=30)[1]
    assert (worse.is_better, worse.is_worse) == (False, True)


def test_two_tests_are_stricter_than_one() -> None:
    asked = {"a": Asked(400, 40), "b": Asked(400, 58), "c": Asked(400, 41)}
    alone = wording_test(asked, "a", ["b"], small_base=30)[1]
    together = wording_test(asked, "a", ["b", "c"], small_base=30)[1]
    assert alone.p_adjusted is not None
    assert together.p_adjusted == pytest.approx(2 * alone.p_adjusted)


def test_small_bases_are_shown_and_not_compared() -> None:
    asked = {"a": Asked(1000, 70), "b": Asked(30, 20), "c": Asked(0, 0)}
    found = wording_test(asked, "a", ["b", "c", "d"], small_base=30)
    assert [(each.version, each.against) for each in found] == [("a", None), ("b", None)]
    assert wording_test({}, "a", ["b"], small_base=30) == []


def test_the_command_says_which_wording_did_better_and_hides_small_numbers() -> None:
    town = a_municipality(consent_texts={SURVEY_SMS: {**TEXT, "tried": TRIED}})
    wordings = {"2026-1": Asked(1000, 70), "2026-2": Asked(1000, 110), "2026-3": Asked(3, 1)}
    before, better, few = wording_lines(town, [counts(consents={"wording": wordings})])
    assert before == "  2026-1 (in force): 70 of 1000 said yes, 7.0% (5.6% to 8.8%)"
    assert better.startswith("  2026-2: 110 of 1000 said yes, 11.0%")
    assert better.endswith("better")
    assert few == "  2026-3: fewer than 5 asked, not shown"
    assert list(wording_lines(town, [])) == ["  nobody was asked"]
