"""A questionnaire's document: its head, its items with their routes, its screening, and wordings of its own.

The shipped questionnaires and a municipality's file have the same shape. `problems_of` finds everything that is wrong,
each with its place in the document, so that the command line can print lines.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from chalicelib.shared.identifiers import QuestionnaireId, is_slug
from chalicelib.surveys.model import Condition, Fact, Question, Questionnaire, Screening
from chalicelib.surveys.question_document import Location, QuestionnaireInvalid, demand, question_from, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Document = dict[str, Any]

_ITEM_KEYS: Final = frozenset({"question", "version", "required", "when", "known_from"})
_FILE_KEYS: Final = frozenset({"id", "version", "title", "questions", "items", "screening"})


def questionnaire_from(document: Mapping[str, Any], bank: Mapping[str, Any]) -> Questionnaire:
    """The questionnaire of a document whose items name wordings in the `bank`, or in the document itself.

    Raises:
        QuestionnaireInvalid: a rule is broken; the first of `problems_of`.
    """
    for problem in problems_of(document, bank):
        raise problem
    name, wordings = str(document["id"]), merged(bank, document)
    screening = document.get("screening")
    return Questionnaire(
        id=QuestionnaireId(name),
        version=str(document["version"]),
        items=tuple(_item(name, item, wordings) for item in document["items"]),
        title=dict(document.get("title") or {}),
        screening=_screening(name, screening) if screening else None,
    )


def merged(bank: Mapping[str, Any], document: Mapping[str, Any]) -> Document:
    """The bank together with the wordings that the document brings."""
    own = document.get("questions")
    return {**bank, "questions": [*bank["questions"], *(own if isinstance(own, list) else ())]}


def problems_of(document: Mapping[str, Any], bank: Mapping[str, Any]) -> Iterator[QuestionnaireInvalid]:
    """Everything that is wrong with a questionnaire's document; nothing when it can be used."""
    name, wordings = str(document.get("id", "?")), merged(bank, document)
    heads = list(_caught((), partial(_check_head, name, document)))
    yield from heads
    if heads:
        return
    own = document.get("questions") or ()
    broken = [
        problem
        for index, question in enumerate(own)
        for problem in _caught(("questions", index), partial(question_from, question, wordings.get("answer_sets", {})))
    ]
    yield from broken
    if broken:  # what follows would say the same again, at the items
        return
    asked: dict[str, Question] = {}
    for index, item in enumerate(document["items"]):
        yield from _caught(("items", index), partial(_add, name, item, wordings, asked))
    yield from _caught((), partial(_check_screening, name, document.get("screening"), asked))


def _caught(prefix: Location, check: Callable[[], object]) -> Iterator[QuestionnaireInvalid]:
    try:
        check()
    except QuestionnaireInvalid as problem:
        yield QuestionnaireInvalid(str(problem), (*prefix, *problem.location))


def _check_head(name: str, document: Mapping[str, Any]) -> None:
    strange = sorted(set(document) - _FILE_KEYS)
    demand(not strange, name, f"unknown keys: {', '.join(strange)}", *strange[:1])
    demand(is_slug(name), name, "id must be lower-case letters, digits and hyphens", "id")
    version = document.get("version")
    demand(isinstance(version, str) and bool(version), name, "version is missing, or no text in quotes", "version")
    if document.get("title") is not None:
        text_of(name, document, "title")
    items, own = document.get("items"), document.get("questions") or []
    demand(isinstance(own, list), name, "questions must be a list", "questions")
    demand(bool(items), name, "items is empty: a questionnaire asks at least one question", "items")
    listed = isinstance(items, list) and all(isinstance(item, dict) for item in items)
    demand(listed, name, "items must be a list of mappings", "items")
    ids = [str(item.get("question")) for item in items or ()]
    repeated = sorted({question for question in ids if ids.count(question) > 1})
    demand(not repeated, name, f"items repeats {', '.join(repeated)}", "items")


def _add(name: str, item: Mapping[str, Any], wordings: Mapping[str, Any], asked: dict[str, Question]) -> None:
    """Check an item's wording and route; conditions ask about questions and answers that came before."""
    question = _item(name, item, wordings)
    for condition in question.when:
        if isinstance(condition.about, Fact):
            continue
        earlier, place = asked.get(condition.about), ("when", "answers", condition.about)
        where = f"{name}: {question.id}"
        demand(earlier is not None, where, f"{condition.about} is not asked before this", *place)
        unknown = sorted(condition.among - _answers_of(earlier)) if earlier else []
        demand(not unknown, where, f"{condition.about} has no answer {', '.join(unknown)}", *place)
    asked[question.id] = question


def _item(name: str, item: Mapping[str, Any], wordings: Mapping[str, Any]) -> Question:
    wanted = (item.get("question"), item.get("version"))
    where = f"{name}: {wanted[0]} {wanted[1]}"
    strange = sorted(set(item) - _ITEM_KEYS)
    demand(not strange, where, f"unknown keys: {', '.join(strange)}", *strange[:1])
    found = [q for q in wordings["questions"] if isinstance(q, dict) and (q.get("id"), q.get("version")) == wanted]
    rule = f"the bank has this wording {len(found)} times; it must be there once"
    demand(len(found) == 1, where, rule, "question")
    known_from = item.get("known_from")
    facts = ", ".join(Fact)
    demand(known_from is None or known_from in set(Fact), where, f"known_from must be one of {facts}", "known_from")
    question = question_from(found[0], wordings.get("answer_sets", {}), required=bool(item.get("required", False)))
    conditions = tuple(_conditions(where, item.get("when") or {}))
    return replace(question, when=conditions, known_from=Fact(known_from) if known_from else None)


def _conditions(where: str, when: Any) -> Iterator[Condition]:
    demand(isinstance(when, dict), where, "when must be a mapping", "when")
    for about, among in when.items():
        if about != "answers":
            demand(about in set(Fact), where, f"when knows answers and {', '.join(Fact)}", "when", about)
            yield Condition(Fact(about), _among(where, among, "when", about))
            continue
        demand(isinstance(among, dict), where, "answers must map a question to its answers", "when", about)
        for question, answers in among.items():
            yield Condition(str(question), _among(where, answers, "when", about, question))


def _among(where: str, values: Any, *location: str | int) -> frozenset[str]:
    demand(isinstance(values, list) and bool(values), where, "a list of values is needed", *location)
    plain = {True: "yes", False: "no"}  # YAML reads a bare `yes` as true; the answer is called `yes`
    return frozenset(plain[value] if isinstance(value, bool) else str(value) for value in values)


def _screening(name: str, document: Any) -> Screening:
    complete = isinstance(document, dict) and set(document) == {"question", "continues"}
    demand(complete, name, "screening has a question, and the answers with which it continues", "screening")
    return Screening(str(document["question"]), _among(name, document["continues"], "screening", "continues"))


def _check_screening(name: str, document: Any, asked: Mapping[str, Question]) -> None:
    if document is None:
        return
    screening = _screening(name, document)
    question = asked.get(screening.question)
    demand(question is not None, name, "the screening question is not asked", "screening", "question")
    unknown = sorted(screening.continues - _answers_of(question)) if question else []
    demand(not unknown, name, f"the question has no answer {', '.join(unknown)}", "screening", "continues")


def _answers_of(question: Question) -> frozenset[str]:
    points = question.scale.points if question.scale else ()
    return frozenset({choice.id for choice in question.choices} | {str(point) for point in points})
