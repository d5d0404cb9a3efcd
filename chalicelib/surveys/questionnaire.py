"""Loading questionnaires from the shipped bank, checked so that a mistake is found where it was made.

`questionnaires/bank.json` holds every wording of every question; a questionnaire names the wordings that it asks. A
changed questionnaire keeps its old file as `{id}.{version}.json`, so that a response that was begun can be finished.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from chalicelib.shared.errors import BorgerpulsError, NotFound
from chalicelib.shared.identifiers import QuestionId, QuestionnaireId, is_slug
from chalicelib.shared.languages import Language
from chalicelib.surveys.model import (
    DONT_KNOW,
    RESERVED_QUESTION_IDS,
    Direction,
    Option,
    Question,
    Questionnaire,
    QuestionType,
    Scale,
    Tag,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.shared.languages import Text

Document = dict[str, Any]

_FOLDER: Final = Path(__file__).parent / "questionnaires"
_BANK: Final = "bank"
_CHOSEN: Final = frozenset({QuestionType.SINGLE, QuestionType.MULTI})
_REQUIRED_KEYS: Final = frozenset({"id", "version", "type", "text", "short"})
_OPTIONAL_KEYS: Final = frozenset(
    {"scale", "options", "max_choices", "direction", "favourable", "favourable_text", "dont_know", "tags"}
)
MAX_SCALE_POINTS: Final = 11
"""More points than 0 to 10 don't fit one row of targets on a phone."""


class QuestionnaireInvalid(BorgerpulsError):
    """A questionnaire or the bank breaks a rule; the message names file, question and rule."""

    code = "questionnaire_invalid"


def available() -> tuple[str, ...]:
    """The ids of every questionnaire that a municipality can choose."""
    return tuple(sorted(p.stem for p in _FOLDER.glob("*.json") if p.stem != _BANK and "." not in p.stem))


@cache
def questionnaire(questionnaire_id: str, version: str | None = None) -> Questionnaire:
    """The questionnaire in force, or the version that a response was begun with.

    Raises:
        NotFound: there is none, or not in that version.
        QuestionnaireInvalid: its file or the bank breaks a rule.
    """
    for name in (questionnaire_id, f"{questionnaire_id}.{version}"):
        path = _FOLDER / f"{name}.json"
        if not is_slug(questionnaire_id) or questionnaire_id == _BANK or not path.is_file():
            continue
        document = json.loads(path.read_text(encoding="utf-8"))
        if version in {None, document.get("version")}:
            return questionnaire_from(document, bank())
    raise NotFound(fields={"questionnaire": "unknown questionnaire or version"})


@cache
def bank() -> Document:
    """The shipped question bank, as it stands in its file."""
    document: Document = json.loads((_FOLDER / f"{_BANK}.json").read_text(encoding="utf-8"))
    return document


def questionnaire_from(document: Mapping[str, Any], questions: Mapping[str, Any]) -> Questionnaire:
    """The questionnaire of a document whose items name wordings in the bank `questions`.

    Raises:
        QuestionnaireInvalid: a rule is broken.
    """
    name = str(document.get("id", "?"))
    _demand(is_slug(name), name, "id must be lower-case letters, digits and hyphens")
    _demand(bool(document.get("version")), name, "version is missing")
    items = tuple(_item(name, item, questions) for item in document.get("items", []))
    _demand(bool(items), name, "items is empty: a questionnaire asks at least one question")
    ids = [item.id for item in items]
    repeated = sorted({question for question in ids if ids.count(question) > 1})
    _demand(not repeated, name, f"items repeats {', '.join(repeated)}")
    return Questionnaire(QuestionnaireId(name), str(document["version"]), items)


def _item(name: str, item: Mapping[str, Any], questions: Mapping[str, Any]) -> Question:
    wanted = (item.get("question"), item.get("version"))
    found = [q for q in questions["questions"] if (q.get("id"), q.get("version")) == wanted]
    where = f"{name}: {wanted[0]} {wanted[1]}"
    _demand(len(found) == 1, where, f"the bank has this wording {len(found)} times; it must be there once")
    return question_from(found[0], questions.get("answer_sets", {}), required=bool(item.get("required", False)))


def question_from(document: Mapping[str, Any], answer_sets: Mapping[str, Any], *, required: bool = False) -> Question:
    """One question of the bank.

    Raises:
        QuestionnaireInvalid: a rule is broken.
    """
    where = f"{document.get('id', '?')} {document.get('version', '?')}"
    strange = sorted(set(document) - _REQUIRED_KEYS - _OPTIONAL_KEYS)
    _demand(not strange, where, f"unknown keys: {', '.join(strange)}")
    _demand(is_slug(str(document.get("id"))), where, "id must be lower-case letters, digits and hyphens")
    _demand(document["id"] not in RESERVED_QUESTION_IDS, where, "this id is an address of the survey pages")
    _demand(bool(document.get("version")), where, "version is missing")
    _demand(document.get("type") in set(QuestionType), where, f"type must be one of {', '.join(QuestionType)}")
    direction = document.get("direction", Direction.HIGHER_IS_BETTER)
    _demand(direction in set(Direction), where, f"direction must be one of {', '.join(Direction)}")
    tags = set(document.get("tags", ()))
    _demand(tags <= set(Tag), where, f"tags must be among {', '.join(Tag)}")
    kind = QuestionType(document["type"])
    question = Question(
        id=QuestionId(document["id"]),
        version=str(document["version"]),
        type=kind,
        text=_text(where, document, "text"),
        short=_text(where, document, "short"),
        required=required,
        scale=_scale(where, kind, document.get("scale")),
        options=_options(where, kind, document, answer_sets),
        max_choices=document.get("max_choices"),
        direction=Direction(direction),
        favourable=tuple(document.get("favourable", ())),
        favourable_text=_text(where, document, "favourable_text") if document.get("favourable") else {},
        dont_know=bool(document.get("dont_know", False)),
        tags=frozenset(Tag(tag) for tag in tags),
    )
    _check(where, question)
    return question


def _check(where: str, question: Question) -> None:
    """The rules that concern several fields."""
    points = question.scale.points if question.scale else ()
    known = {option.id for option in question.options} | {str(point) for point in points}
    strangers = [answer for answer in question.favourable if answer not in known]
    _demand(not strangers, where, f"favourable names answers that don't exist: {', '.join(strangers)}")
    is_multi = question.type is QuestionType.MULTI
    _demand(is_multi or question.max_choices is None, where, "max_choices belongs to multi only")
    most = question.max_choices
    _demand(most is None or 1 <= most <= len(question.options), where, "max_choices must be 1 to the number of options")
    _demand(not (question.is_text and question.dont_know), where, "a text can simply be left empty: no dont_know")


def _scale(where: str, kind: QuestionType, document: Mapping[str, Any] | None) -> Scale | None:
    _demand(
        (document is not None) == (kind is QuestionType.SCALE), where, "scale belongs to type scale, and only there"
    )
    if document is None:
        return None
    low: Any = document.get("min")
    high: Any = document.get("max")
    whole = type(low) is int and type(high) is int  # True is an int for isinstance
    _demand(whole and 1 <= high - low < MAX_SCALE_POINTS, where, "scale needs whole min < max, at most 11 points")
    return Scale(low, high, _text(where, document, "min_text"), _text(where, document, "max_text"))


def _options(
    where: str, kind: QuestionType, document: Mapping[str, Any], answer_sets: Mapping[str, Any]
) -> tuple[Option, ...]:
    own: Sequence[Mapping[str, Any]] | None = document.get("options")
    _demand((own is not None) == (kind in _CHOSEN), where, "options belong to single and multi, and only there")
    if kind in {QuestionType.SCALE, QuestionType.TEXT}:
        return ()
    given: Sequence[Mapping[str, Any]] = (answer_sets.get(kind) if own is None else own) or ()
    _demand(len(given) > 1, where, "at least two options are needed")
    options = tuple(Option(str(option.get("id")), _text(where, option, "text")) for option in given)
    ids = [option.id for option in options]
    _demand(all(is_slug(o) for o in ids) and len(set(ids)) == len(ids), where, "option ids must be different slugs")
    _demand(DONT_KNOW not in ids, where, "write dont_know: true instead of an option")
    return options


def _text(where: str, document: Mapping[str, Any], key: str) -> Text:
    text = document.get(key)
    complete = isinstance(text, dict) and all(text.get(language) for language in Language)
    _demand(complete, where, f"{key} is needed in {' and '.join(Language)}")
    return dict(text or {})


def _demand(holds: bool, where: str, rule: str) -> None:
    if not holds:
        raise QuestionnaireInvalid(f"{where}: {rule}")


def question_definitions(asked: Questionnaire) -> list[dict[str, Any]]:
    """Every question that can be counted, as plain data that fits `QuestionDefinition` of the reports (GL-24).

    Free text is left out. `don't know` stands among the options, because it stays in the denominator (GL-35).
    """
    return [_definition(question) for question in asked.items if not question.is_text]


def _definition(question: Question) -> dict[str, Any]:
    return {
        "id": question.id,
        "version": question.version,
        "text": question.text,
        "short": question.short,
        "favourable": question.favourable,
        "favourable_text": question.favourable_text,
        "minimum": question.scale.minimum if question.scale else None,
        "maximum": question.scale.maximum if question.scale else None,
        "options": {choice.id: choice.text for choice in question.choices},
    }
