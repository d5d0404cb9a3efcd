"""docs/requirements.md says what the markers say."""

from __future__ import annotations

from tests.requirements_trace import DOCUMENT, KNOWN, covered, text


def test_the_document_is_current():
    assert DOCUMENT.read_text(encoding="utf-8") == text(), "run `make requirements`"


def test_every_marker_names_a_known_kind_of_requirement():
    assert covered()
    assert [requirement for requirement in covered() if not KNOWN.fullmatch(requirement)] == []
