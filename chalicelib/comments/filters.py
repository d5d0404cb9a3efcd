"""Which of a period's comments a reader wants to see: chosen on the page, and kept in its address."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from chalicelib.comments.model import Use

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from chalicelib.comments.model import Comment, Mark

URGENT: Final = "urgent"
PICKED: Final = (URGENT, *Use)
"""What a comment can be picked for."""


class Score(StrEnum):
    """Scores in four heaps, as the question itself counts them."""

    LOW = "low"
    MIDDLE = "middle"
    HIGH = "high"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Scores:
    """Which answers of the overall question are which."""

    favourable: Collection[str] = ()
    unfavourable: Collection[str] = ()

    def of(self, score: str | None) -> Score:
        """The heap of a score."""
        if score is None:
            return Score.NONE
        if score in self.favourable:
            return Score.HIGH
        return Score.LOW if score in self.unfavourable else Score.MIDDLE


@dataclass(frozen=True, slots=True)
class Filters:
    """What is chosen; empty means everything. `picked` is a `Use`, or what is urgent."""

    office: str = ""
    reason: str = ""
    channel: str = ""
    theme: str = ""
    department: str = ""
    status: str = ""
    score: str = ""
    picked: str = ""

    def matching(
        self, comments: Iterable[Comment], marks: Mapping[str, Mark], scores: Scores
    ) -> list[tuple[Comment, Mark]]:
        """Those that are wanted with their marks, what is urgent and not closed first, else in their order."""
        pairs = [(comment, marks[comment.id]) for comment in comments]
        found = [pair for pair in pairs if all(test(*pair) for test in self._tests(scores))]
        return sorted(found, key=lambda pair: not (pair[1].urgent and pair[1].status != "closed"))

    def _tests(self, scores: Scores) -> list[Callable[[Comment, Mark], bool]]:
        tests: list[tuple[str, Callable[[Comment, Mark], str | None]]] = [
            (self.office, lambda comment, _: comment.office),
            (self.reason, lambda comment, _: comment.reason),
            (self.channel, lambda comment, _: comment.channel),
            (self.theme, lambda _, mark: mark.theme),
            (self.department, lambda _, mark: mark.department),
            (self.status, lambda _, mark: mark.status),
            (self.score, lambda comment, _: scores.of(comment.score)),
        ]
        made = [_equals(value, read) for value, read in tests if value]
        return [*made, *([self._is_picked] if self.picked else [])]

    def _is_picked(self, _: Comment, mark: Mark) -> bool:
        return mark.urgent if self.picked == URGENT else self.picked in mark.uses


def _equals(value: str, read: Callable[[Comment, Mark], str | None]) -> Callable[[Comment, Mark], bool]:
    return lambda comment, mark: read(comment, mark) == value
