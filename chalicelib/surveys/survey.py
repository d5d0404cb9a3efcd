"""A questionnaire as its respondent sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chalicelib.shared.languages import COMPLETE, Language
from chalicelib.surveys.model import Facts, Mode
from chalicelib.surveys.routing import following, path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.surveys.model import Option, Question, Questionnaire, Value


@dataclass(frozen=True, slots=True)
class Survey:
    """A questionnaire as its citizen sees it. `answers` is empty once finished: a link must not tell what was said.

    `route` are the questions of this respondent as far as the answers decide it, `languages` what can be chosen.
    """

    municipality: str
    questionnaire: Questionnaire
    language: str
    finished: bool
    answers: Mapping[str, Value] = field(default_factory=dict, repr=False)
    route: tuple[Question, ...] = ()
    languages: tuple[Language, ...] = COMPLETE
    seed: str = ""
    facts: Facts = field(default_factory=Facts)
    mode: Mode = Mode.SMS_LINK
    eligible: bool | None = None

    def choices(self, question: Question) -> tuple[Option, ...]:
        """The options in the order of this respondent."""
        return question.choices_for(self.seed)

    def next_after(self, question: Question, value: Value | None) -> Question | None:
        """The question that comes when this is answered so; None: that was the last."""
        given = {**self.answers, question.id: value} if value is not None else self.answers
        return following(path(self.questionnaire, self.facts, given), question.id)
