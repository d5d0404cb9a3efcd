"""Who may see which items: the one rule that stands between an answer and an employee's view (BF-24).

A citizen who waited an hour may give a low score for the wait, and none of that is the employee's doing. So an employee
view takes its items from here and from nowhere else: those about the meeting with the employee, and no others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalicelib.surveys.model import Tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from chalicelib.surveys.model import Question, Value

QUALITIES: Final = frozenset({Tag.KNOWLEDGE, Tag.COMMUNICATION})
"""The two dimensions of the meeting (BF-25); an item about one of them is about the employee."""
BEYOND: Final = frozenset({Tag.OUTCOME, Tag.WAIT, Tag.SYSTEM, Tag.CHANNEL, Tag.BACKGROUND})
"""What an employee has no influence on."""


def may_reach_employees(question: Question) -> bool:
    """True for an item about the employee and about nothing else. Free text never is: anybody may be meant."""
    return Tag.EMPLOYEE in question.tags and not question.tags & BEYOND and not question.is_text


def employee_items(questions: Iterable[Question]) -> tuple[Question, ...]:
    """The only items that an employee view may show."""
    return tuple(question for question in questions if may_reach_employees(question))


def employee_answers(questions: Iterable[Question], answers: Mapping[str, Value]) -> dict[str, Value]:
    """Of a response, only what may stand in an employee view."""
    allowed = {question.id for question in employee_items(questions)}
    return {name: value for name, value in answers.items() if name in allowed}


def tags_contradict(tags: AbstractSet[Tag]) -> str | None:
    """What is wrong with a combination of tags; None if nothing is."""
    if tags & QUALITIES and Tag.EMPLOYEE not in tags:
        return "knowledge and communication are about the employee: add the tag employee (BF-25)"
    if Tag.EMPLOYEE in tags and tags & BEYOND:
        return "an item about the employee can't be about what the employee has no influence on (BF-24)"
    return None
