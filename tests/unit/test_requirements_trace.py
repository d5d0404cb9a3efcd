"""docs/requirements.md says what the markers say, and every requirement is either covered or named as not built."""

from __future__ import annotations

from tests.requirements_open import NOT_BUILT, PARTLY, REQUIREMENTS
from tests.requirements_trace import DOCUMENT, INVARIANTS, KNOWN, covered, text


def test_the_document_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == text(), "run `make requirements`"


def test_every_marker_and_every_sentence_is_about_a_known_requirement() -> None:
    assert sorted(covered().keys() - KNOWN) == []
    assert sorted(NOT_BUILT.keys() - set(REQUIREMENTS)) == []
    assert len(REQUIREMENTS) == 186


def test_every_invariant_has_tests() -> None:
    assert sorted(set(INVARIANTS) - covered().keys()) == []


def test_every_requirement_is_covered_or_named_as_not_built() -> None:
    said = covered().keys() | NOT_BUILT.keys()
    assert [requirement for requirement in REQUIREMENTS if requirement not in said] == []


def test_what_is_covered_and_yet_not_built_says_that_it_is_built_in_part() -> None:
    in_part = {requirement for requirement, sentence in NOT_BUILT.items() if sentence.startswith(PARTLY)}
    assert in_part == NOT_BUILT.keys() & covered().keys()


def test_what_is_missing_is_said_in_one_sentence() -> None:
    for sentence in NOT_BUILT.values():
        assert sentence.endswith(".")
        assert sentence.count(". ") == 0
        assert "|" not in sentence
