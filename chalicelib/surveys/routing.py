"""Which questions a respondent gets: by channel, reason and earlier answers (GL-19), and who is asked at all (GL-03).

Pure, and always computed from what is stored, so that going back and answering otherwise simply gives another route.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.surveys.model import Fact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.surveys.model import Condition, Facts, Question, Questionnaire, Value


def path(asked: Questionnaire, facts: Facts, given: Mapping[str, Value]) -> tuple[Question, ...]:
    """The questions of this respondent, as far as the answers so far decide it, in their order."""
    known: dict[str, Value] = {}
    route: list[Question] = []
    for question in asked.items:
        if _is_answered_by_coming(asked, question, facts) or not all(_holds(c, facts, known) for c in question.when):
            continue
        preset = preset_of(question, facts)
        if preset is not None:
            known[question.id] = preset
            continue
        route.append(question)
        if question.id in given:
            known[question.id] = given[question.id]
            if screened_out(asked, {question.id: given[question.id]}):
                break
    return tuple(route)


def reachable(asked: Questionnaire, facts: Facts) -> tuple[tuple[Question, tuple[Condition, ...]], ...]:
    """Every question that some answers lead to, each with those of its conditions that answers still decide."""
    presets: dict[str, Value] = {}
    found = []
    for question in asked.items:
        decided = [c for c in question.when if isinstance(c.about, Fact) or c.about in presets]
        if _is_answered_by_coming(asked, question, facts) or not all(_holds(c, facts, presets) for c in decided):
            continue
        preset = preset_of(question, facts)
        if preset is not None:
            presets[question.id] = preset
            continue
        found.append((question, tuple(c for c in question.when if c not in decided)))
    return tuple(found)


def preset_of(question: Question, facts: Facts) -> str | None:
    """The answer that the contact's facts give, so that nobody has to be asked; None if somebody has."""
    value = facts.value(question.known_from) if question.known_from else None
    return value if value in {option.id for option in question.options} else None


def screened_out(asked: Questionnaire, given: Mapping[str, Value]) -> bool:
    """True for a respondent whom the questionnaire is not for."""
    screening = asked.screening
    answer = given.get(screening.question) if screening else None
    return screening is not None and answer is not None and not _chosen(answer) & screening.continues


def eligible(asked: Questionnaire, facts: Facts, given: Mapping[str, Value]) -> bool | None:
    """What the screening said; None where there is none, or no answer to it. A known contact is answer enough."""
    if asked.screening is None:
        return None
    if facts.reason is not None:
        return True
    return None if asked.screening.question not in given else not screened_out(asked, given)


def following(route: tuple[Question, ...], question: str) -> Question | None:
    """The question after that one; None after the last."""
    ids: list[str] = [item.id for item in route]
    position = ids.index(question) + 1 if question in ids else len(ids)
    return route[position] if position < len(route) else None


def next_open(route: tuple[Question, ...], given: Mapping[str, Value]) -> Question | None:
    """The first question after the last answered one: where a respondent stands (drop-off) and goes on."""
    answered = [position for position, item in enumerate(route) if item.id in given]
    position = answered[-1] + 1 if answered else 0
    return route[position] if position < len(route) else None


def told(asked: Questionnaire, facts: Facts, given: Mapping[str, Value]) -> Facts:
    """The facts, completed by what the respondent said: exactly one channel and department per response (GL-18)."""
    values: dict[Fact, str] = {}
    for question in path(asked, facts, given):
        answer = given.get(question.id)
        offered = {option.id for option in question.options}
        if question.known_from and isinstance(answer, str) and answer in offered:
            values[question.known_from] = answer
    return replace(facts, **{str(fact): value for fact, value in values.items()})


def _is_answered_by_coming(asked: Questionnaire, question: Question, facts: Facts) -> bool:
    """Nobody whose contact we know is asked whether there was one."""
    return asked.screening is not None and question.id == asked.screening.question and facts.reason is not None


def _holds(condition: Condition, facts: Facts, known: Mapping[str, Value]) -> bool:
    if isinstance(condition.about, Fact):
        return facts.value(condition.about) in condition.among
    return condition.about in known and bool(_chosen(known[condition.about]) & condition.among)


def _chosen(answer: Value) -> set[str]:
    return set(answer) if isinstance(answer, list) else {str(answer)}
