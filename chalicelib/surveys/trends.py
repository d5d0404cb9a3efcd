"""Where a series of answers breaks because the wording did (GL-10), as data that reports can read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chalicelib.shared.languages import Text


@dataclass(frozen=True, slots=True)
class WordingChange:
    """A question that was asked as `before` is asked as `after`. Unless `comparable`, no trend crosses the change."""

    question: str
    before: str
    after: str
    comparable: bool
    note: Text


def wording_changes(questions: Iterable[Mapping[str, Any]]) -> tuple[WordingChange, ...]:
    """Every declared change among the questions of a bank; `follows` of a question says what it took the place of."""
    return tuple(
        WordingChange(
            question=str(question["id"]),
            before=str(follows["version"]),
            after=str(question["version"]),
            comparable=bool(follows.get("comparable", False)),
            note=dict(follows["note"]),
        )
        for question in questions
        if (follows := question.get("follows"))
    )


def same_series(questions: Iterable[Mapping[str, Any]], question: str, one: str, other: str) -> bool:
    """True if a trend may be drawn between two versions: the same, or joined by comparable changes alone."""
    joined = {one}
    changes = [change for change in wording_changes(questions) if change.question == question and change.comparable]
    for _ in changes:
        for change in changes:
            if {change.before, change.after} & joined:
                joined |= {change.before, change.after}
    return other in joined
