"""Questionnaires, their questions, and a citizen's response. Frozen values; `questionnaire.py` loads and checks them.

A question is data: its scale, its answers, which of them count as favourable, and a version that changes whenever the
wording does, so that a trend is only ever drawn between identical wordings (GL-10).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chalicelib.shared.identifiers import QuestionId, QuestionnaireId
    from chalicelib.shared.languages import Text

DONT_KNOW: Final = "dont_know"
DONT_KNOW_TEXT: Final[dict[str, str]] = {"da": "Ved ikke", "en": "Don't know"}
MAX_COMMENT: Final = 2000
"""Characters of a comment, as the citizen counts them."""

# Path segments and anchors that the survey pages use themselves; no question may be called so.
RESERVED_QUESTION_IDS: Final = frozenset({"stop", "thanks"})

Value = int | str | list[str]
"""One answer: a number on a scale, an option's id (or `dont_know`), the ids of several options, or a text."""


class QuestionType(StrEnum):
    """How a question is answered."""

    SCALE = "scale"
    YES_NO = "yes_no"
    SINGLE = "single"
    MULTI = "multi"
    AGREE5 = "agree5"
    DEGREE4 = "degree4"
    SATISFIED5 = "satisfied5"
    TEXT = "text"


class Direction(StrEnum):
    """Which way is better (GL-32: for some measures a lower share is)."""

    HIGHER_IS_BETTER = "higher_is_better"
    LOWER_IS_BETTER = "lower_is_better"


class Tag(StrEnum):
    """What a question is about; only `employee` items may ever reach an employee's view (BF-24)."""

    EMPLOYEE = "employee"
    OUTCOME = "outcome"
    WAIT = "wait"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Scale:
    """Whole numbers from `minimum` to `maximum`, with a word at each end."""

    minimum: int
    maximum: int
    minimum_text: Text
    maximum_text: Text

    @property
    def points(self) -> range:
        """Every number that can be chosen, lowest first."""
        return range(self.minimum, self.maximum + 1)


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose; the id is what is stored and counted."""

    id: str
    text: Text


@dataclass(frozen=True, slots=True)
class Question:
    """One item. `favourable` are the answers that count as positive, printed as `favourable_text` (GL-24)."""

    id: QuestionId
    version: str
    type: QuestionType
    text: Text
    short: Text
    required: bool
    scale: Scale | None = None
    options: tuple[Option, ...] = ()
    max_choices: int | None = None
    direction: Direction = Direction.HIGHER_IS_BETTER
    favourable: tuple[str, ...] = ()
    favourable_text: Text = field(default_factory=dict)
    dont_know: bool = False
    tags: frozenset[Tag] = frozenset()

    @property
    def choices(self) -> tuple[Option, ...]:
        """The options offered, `don't know` last where it is allowed; on a scale only that one."""
        extra = (Option(DONT_KNOW, DONT_KNOW_TEXT),) if self.dont_know else ()
        return self.options + extra

    @property
    def is_text(self) -> bool:
        """True for free text, which is redacted and never lands among the answers."""
        return self.type is QuestionType.TEXT


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """Questions in the order in which they are asked."""

    id: QuestionnaireId
    version: str
    items: tuple[Question, ...]

    def find(self, question: str) -> Question | None:
        """The question with that id, if the questionnaire asks it."""
        return next((item for item in self.items if item.id == question), None)


class State(StrEnum):
    """A response's states. `finished` is final."""

    STARTED = "started"
    FINISHED = "finished"


class Mode(StrEnum):
    """How the answers were collected; stored with every response and never pooled silently (GL-04)."""

    SMS_LINK = "sms_link"
    PHONE = "phone"
    FACE_TO_FACE = "face_to_face"


@dataclass(frozen=True, slots=True)
class Response:
    """What one contact answered. It knows the contact's opaque id and nothing else about the citizen (SK-05).

    `answers` holds no free text and `comments` holds only redacted text. `version` counts the writes, from 1.
    """

    municipality: str
    contact_id: str
    contact_ended_at: datetime
    questionnaire: str
    questionnaire_version: str
    language: str
    started_at: datetime
    mode: Mode = Mode.SMS_LINK
    answers: Mapping[str, Value] = field(default_factory=dict, repr=False)
    comments: Mapping[str, str] = field(default_factory=dict, repr=False)
    question_versions: Mapping[str, str] = field(default_factory=dict)
    finished_at: datetime | None = None
    version: int = 0

    @property
    def state(self) -> State:
        """Finished once it has an end."""
        return State.STARTED if self.finished_at is None else State.FINISHED

    @property
    def given(self) -> dict[str, Value]:
        """Everything answered, free text included, by question."""
        return {**self.answers, **self.comments}
