"""One question of a bank, from plain JSON to the model: checked so that a mistake is found where it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chalicelib.shared.errors import BorgerpulsError
from chalicelib.shared.identifiers import QuestionId, is_slug
from chalicelib.shared.languages import COMPLETE, Language
from chalicelib.surveys.audience import tags_contradict
from chalicelib.surveys.model import (
    DONT_KNOW,
    OTHER,
    RESERVED_QUESTION_IDS,
    Direction,
    Option,
    Question,
    QuestionType,
    Scale,
    Tag,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.shared.languages import Text

Location = tuple[str | int, ...]

_CHOSEN: Final = frozenset({QuestionType.SINGLE, QuestionType.MULTI})
_REQUIRED_KEYS: Final = frozenset({"id", "version", "type", "text", "short"})
_OPTIONAL_KEYS: Final = frozenset(
    {
        *("scale", "options", "max_choices", "direction", "favourable", "favourable_text", "unfavourable"),
        *("unfavourable_text", "dont_know", "other", "randomise", "tags", "follows"),
    }
)
MAX_SCALE_POINTS: Final = 11
"""More points than 0 to 10 don't fit one row of targets on a phone."""


class QuestionnaireInvalid(BorgerpulsError):
    """A questionnaire or the bank breaks a rule; the message names question and rule, `location` the place."""

    code = "questionnaire_invalid"

    def __init__(self, message: str, location: Location = ()) -> None:
        super().__init__(message)
        self.location = location


def demand(holds: bool, where: str, rule: str, *location: str | int) -> None:
    """Nothing, if the rule holds.

    Raises:
        QuestionnaireInvalid: it doesn't.
    """
    if not holds:
        raise QuestionnaireInvalid(f"{where}: {rule}", location)


def question_from(document: Any, answer_sets: Mapping[str, Any], *, required: bool = False) -> Question:
    """One question of the bank.

    Raises:
        QuestionnaireInvalid: a rule is broken.
    """
    demand(isinstance(document, dict), "?", "a question must be a mapping")
    where = f"{document.get('id', '?')} {document.get('version', '?')}"
    _check_keys(where, document)
    kind = QuestionType(document["type"])
    tags = frozenset(Tag(tag) for tag in document.get("tags", ()))
    question = Question(
        id=QuestionId(document["id"]),
        version=str(document["version"]),
        type=kind,
        text=text_of(where, document, "text"),
        short=text_of(where, document, "short"),
        required=required,
        scale=_scale(where, kind, document.get("scale")),
        options=_options(where, kind, document, answer_sets),
        max_choices=document.get("max_choices"),
        direction=Direction(document.get("direction", Direction.HIGHER_IS_BETTER)),
        favourable=_answers(document, "favourable"),
        favourable_text=text_of(where, document, "favourable_text") if document.get("favourable") else {},
        unfavourable=_answers(document, "unfavourable"),
        unfavourable_text=text_of(where, document, "unfavourable_text") if document.get("unfavourable") else {},
        dont_know=bool(document.get("dont_know", False)),
        other=bool(document.get("other", False)),
        randomise=bool(document.get("randomise", False)),
        tags=tags,
    )
    _check(where, question)
    return question


def _check_keys(where: str, document: Mapping[str, Any]) -> None:
    strange = sorted(set(document) - _REQUIRED_KEYS - _OPTIONAL_KEYS)
    demand(not strange, where, f"unknown keys: {', '.join(strange)}", *strange[:1])
    demand(is_slug(str(document.get("id"))), where, "id must be lower-case letters, digits and hyphens", "id")
    demand(document["id"] not in RESERVED_QUESTION_IDS, where, "this id is an address of the survey pages", "id")
    demand(isinstance(document.get("version"), str), where, "version is missing, or no text in quotes", "version")
    demand(bool(document["version"]), where, "version is missing", "version")
    demand(document.get("type") in set(QuestionType), where, f"type must be one of {', '.join(QuestionType)}", "type")
    direction = document.get("direction", Direction.HIGHER_IS_BETTER)
    demand(direction in set(Direction), where, f"direction must be one of {', '.join(Direction)}", "direction")
    tags = document.get("tags", [])
    listed = isinstance(tags, list) and set(tags) <= set(Tag)
    demand(listed, where, f"tags must be among {', '.join(Tag)}", "tags")
    contradiction = tags_contradict({Tag(tag) for tag in tags})
    demand(contradiction is None, where, contradiction or "", "tags")
    follows = document.get("follows")
    complete = follows is None or (isinstance(follows, dict) and {"version", "note"} <= set(follows))
    demand(complete, where, "follows needs the version that it took the place of, and a note (GL-10)", "follows")
    if follows:
        text_of(where, follows, "note", "follows")


def _answers(document: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Answers as text; YAML reads a bare `yes` as true and a 9 as a number."""
    plain = {True: "yes", False: "no"}
    return tuple(plain[value] if isinstance(value, bool) else str(value) for value in document.get(key, ()))


def _check(where: str, question: Question) -> None:
    """The rules that concern several fields."""
    points = question.scale.points if question.scale else ()
    known = {option.id for option in question.options} | {str(point) for point in points}
    for key, answers in (("favourable", question.favourable), ("unfavourable", question.unfavourable)):
        strangers = [answer for answer in answers if answer not in known]
        demand(not strangers, where, f"{key} names answers that don't exist: {', '.join(strangers)}", key)
    both = set(question.favourable) & set(question.unfavourable)
    demand(not both, where, f"both favourable and unfavourable: {', '.join(sorted(both))}", "unfavourable")
    is_multi = question.type is QuestionType.MULTI
    demand(is_multi or question.max_choices is None, where, "max_choices belongs to multi only", "max_choices")
    most = question.max_choices
    fits = most is None or (type(most) is int and 1 <= most <= len(question.options))
    demand(fits, where, "max_choices must be 1 to the number of options", "max_choices")
    plain_text = question.is_text and (question.dont_know or question.other)
    demand(not plain_text, where, "a text can simply be left empty: no dont_know, no other", "type")
    demand(not question.other or bool(question.options), where, "other belongs to questions with options", "other")
    ordered = question.type not in _CHOSEN
    demand(not (ordered and question.randomise), where, "only single and multi can be randomised", "randomise")


def _scale(where: str, kind: QuestionType, document: Any) -> Scale | None:
    demand(
        (document is not None) == (kind is QuestionType.SCALE),
        where,
        "scale belongs to type scale, and only there",
        "scale",
    )
    if document is None:
        return None
    demand(isinstance(document, dict), where, "scale must be a mapping", "scale")
    low: Any = document.get("min")
    high: Any = document.get("max")
    whole = type(low) is int and type(high) is int  # True is an int for isinstance
    fits = whole and 1 <= high - low < MAX_SCALE_POINTS
    demand(fits, where, "scale needs whole min < max, at most 11 points", "scale")
    ends = (text_of(where, document, key, "scale") for key in ("min_text", "max_text"))
    return Scale(low, high, *ends)


def _options(
    where: str, kind: QuestionType, document: Mapping[str, Any], answer_sets: Mapping[str, Any]
) -> tuple[Option, ...]:
    own: Sequence[Mapping[str, Any]] | None = document.get("options")
    rule = "options belong to single and multi, and only there"
    demand((own is not None) == (kind in _CHOSEN), where, rule, "options")
    if kind in {QuestionType.SCALE, QuestionType.TEXT}:
        return ()
    given: Sequence[Mapping[str, Any]] = (answer_sets.get(kind) if own is None else own) or ()
    demand(len(given) > 1, where, "at least two options are needed", "options")
    options = tuple(
        Option(str(option.get("id")), text_of(where, option, "text", "options", index))
        for index, option in enumerate(given)
    )
    ids = [option.id for option in options]
    different = all(is_slug(o.replace("_", "-")) for o in ids) and len(set(ids)) == len(ids)
    demand(different and OTHER not in ids, where, "option ids must be different slugs, and not `other`", "options")
    demand(DONT_KNOW not in ids, where, "write dont_know: true instead of an option", "options")
    return options


def text_of(where: str, document: Mapping[str, Any], key: str, *above: str | int) -> Text:
    """A text in every language that is needed, and in no unknown one; `above` is where the document stands."""
    text = document.get(key)
    complete = isinstance(text, dict) and all(text.get(language) for language in COMPLETE)
    demand(complete, where, f"{key} is needed in {' and '.join(COMPLETE)}", *above, key)
    unknown = sorted(set(text or {}) - set(Language))
    demand(not unknown, where, f"{key} is in unknown languages: {', '.join(unknown)}", *above, key)
    return dict(text or {})
