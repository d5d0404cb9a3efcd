"""A questionnaire as its respondent sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chalicelib.shared.languages import COMPLETE, Language
from chalicelib.surveys.model import Facts, Mode, State
from chalicelib.surveys.routing import following, path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.surveys.model import Option, Question, Questionnaire, Response, Value


@dataclass(frozen=True, slots=True)
class Survey:
    """A questionnaire as its citizen sees it. `answers` is empty once finished: a link must not tell what was said.

    `route` are the questions of this respondent as far as the answers decide it, `languages` what can be chosen.
    `may_quote` is what was said about quoting, also afterwards, as it can be taken back; None: nothing.
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
    may_quote: bool | None = None

    def choices(self, question: Question) -> tuple[Option, ...]:
        """The options in the order of this respondent."""
        return question.choices_for(self.seed)

    def next_after(self, question: Question, value: Value | None) -> Question | None:
        """The question that comes when this is answered so; None: that was the last."""
        given = {**self.answers, question.id: value} if value is not None else self.answers
        return following(path(self.questionnaire, self.facts, given), question.id)


@dataclass(frozen=True, slots=True)
class Opened:
    """A way in that is open, with what it leads to: a stored response, or (version 0) one that has not begun."""

    response: Response
    questionnaire: Questionnaire
    languages: tuple[Language, ...]
    language: str


def seen(opened: Opened) -> Survey:
    """What the respondent sees of it."""
    response = opened.response
    over = response.state is State.FINISHED
    given: Mapping[str, Value] = {} if over else response.given
    return Survey(
        municipality=response.municipality,
        questionnaire=opened.questionnaire,
        language=opened.language,
        finished=over,
        answers=given,
        route=path(opened.questionnaire, response.facts, given),
        languages=opened.languages,
        seed=response.contact_id,
        facts=response.facts,
        mode=response.mode,
        eligible=response.eligible,
        may_quote=response.comment_use.granted if response.comment_use else None,
    )
