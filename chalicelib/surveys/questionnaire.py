"""The shipped questionnaires and their bank, and what reports need to know of a questionnaire.

`questionnaires/bank*.json` hold every wording of every question; a questionnaire names the wordings that it asks. A
changed questionnaire keeps its old file as `{id}.{version}.json`, so that a response that was begun can be finished.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from chalicelib.shared.errors import NotFound
from chalicelib.shared.identifiers import is_slug
from chalicelib.surveys.model import Tag
from chalicelib.surveys.question_document import QuestionnaireInvalid, question_from
from chalicelib.surveys.questionnaire_document import Document, questionnaire_from

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chalicelib.surveys.model import Question, Questionnaire

__all__ = [
    "QuestionnaireInvalid",
    "Questionnaires",
    "ShippedQuestionnaires",
    "available",
    "bank",
    "distribution_definitions",
    "question_definitions",
    "question_from",
    "questionnaire",
    "questionnaire_from",
    "wordings_in",
]

_FOLDER: Final = Path(__file__).parent / "questionnaires"
_BANK: Final = "bank"


class Questionnaires(Protocol):
    """Every questionnaire that a municipality can ask: the product's and its own."""

    def find(self, municipality: str, questionnaire_id: str, version: str | None = None) -> Questionnaire:
        """The questionnaire in force, or the version that a response was begun with.

        Raises:
            NotFound: there is none, or not in that version.
        """
        ...

    def available(self, municipality: str) -> Sequence[str]:
        """The ids of all of them, in order."""
        ...

    def wordings(self, municipality: str) -> Document:
        """The bank with the wordings of the municipality's own questionnaires, older versions included."""
        ...


class ShippedQuestionnaires:
    """The product's alone."""

    def find(self, municipality: str, questionnaire_id: str, version: str | None = None) -> Questionnaire:  # noqa: ARG002 - the same for all
        """The shipped questionnaire.

        Raises:
            NotFound: there is none, or not in that version.
        """
        return questionnaire(questionnaire_id, version)

    def available(self, municipality: str) -> Sequence[str]:  # noqa: ARG002 - the same for all
        """The ids of all of them, in order."""
        return available()

    def wordings(self, municipality: str) -> Document:  # noqa: ARG002 - the same for all
        """The bank."""
        return bank()


def available() -> tuple[str, ...]:
    """The ids of every shipped questionnaire."""
    names = (path.stem for path in _FOLDER.glob("*.json"))
    return tuple(sorted(name for name in names if not name.startswith(_BANK) and "." not in name))


@cache
def questionnaire(questionnaire_id: str, version: str | None = None) -> Questionnaire:
    """The shipped questionnaire in force, or the version that a response was begun with.

    Raises:
        NotFound: there is none, or not in that version.
        QuestionnaireInvalid: its file or the bank breaks a rule.
    """
    for name in (questionnaire_id, f"{questionnaire_id}.{version}"):
        path = _FOLDER / f"{name}.json"
        if not is_slug(questionnaire_id) or questionnaire_id.startswith(_BANK) or not path.is_file():
            continue
        document = json.loads(path.read_text(encoding="utf-8"))
        if version in {None, document.get("version")}:
            return questionnaire_from(document, bank())
    raise NotFound(fields={"questionnaire": "unknown questionnaire or version"})


@cache
def bank() -> Document:
    """The shipped question bank: its files put together."""
    whole: Document = {"answer_sets": {}, "questions": []}
    for path in sorted(_FOLDER.glob(f"{_BANK}*.json")):
        part = json.loads(path.read_text(encoding="utf-8"))
        whole["answer_sets"] |= part.get("answer_sets", {})
        whole["questions"] += part["questions"]
    return whole


def wordings_in(wordings: Document, wanted: Iterable[tuple[str, str]]) -> tuple[Question, ...]:
    """The questions of a bank with these ids and versions, in the bank's order."""
    names, sets = set(wanted), wordings.get("answer_sets", {})
    return tuple(question_from(q, sets) for q in wordings["questions"] if (q["id"], q["version"]) in names)


def question_definitions(asked: Questionnaire) -> list[dict[str, Any]]:
    """Every question that can be counted, as plain data that fits `QuestionDefinition` of the reports (GL-24).

    Left out are free text, and questions of which no answer counts as favourable: a share needs its answer definition.
    So is background: who was screened in is no score (GL-03). `don't know` stands among the options, because it stays
    in the denominator (GL-35).
    """
    return [_definition(question) for question in asked.items if _is_scored(question)]


def distribution_definitions(asked: Questionnaire) -> list[dict[str, Any]]:
    """The questions that are only ever counted by answer: channels, what matters most, background (GL-13, GL-38)."""
    return [_definition(question) for question in asked.items if not question.is_text and not _is_scored(question)]


def _is_scored(question: Question) -> bool:
    return bool(question.favourable) and Tag.BACKGROUND not in question.tags


def _definition(question: Question) -> dict[str, Any]:
    return {
        "id": question.id,
        "version": question.version,
        "text": question.text,
        "short": question.short,
        "favourable": question.favourable,
        "favourable_text": question.favourable_text,
        "unfavourable": question.unfavourable,
        "unfavourable_text": question.unfavourable_text,
        "minimum": question.scale.minimum if question.scale else None,
        "maximum": question.scale.maximum if question.scale else None,
        "options": {choice.id: choice.text for choice in question.choices},
    }
