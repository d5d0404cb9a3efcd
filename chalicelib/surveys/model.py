"""Questionnaires, their questions, and a citizen's response. Frozen values; `questionnaire.py` loads and checks them.

A question is data: its scale, its answers, which of them count as favourable, and a version that changes whenever the
wording does, so that a trend is only ever drawn between identical wordings (GL-10).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from chalicelib.municipalities.units import department_of
from chalicelib.shared.languages import Language

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chalicelib.shared.identifiers import QuestionId, QuestionnaireId
    from chalicelib.shared.languages import Text
    from chalicelib.surveys.comment_use import CommentUse

DONT_KNOW: Final = "dont_know"
DONT_KNOW_TEXT: Final[dict[str, str]] = {
    "da": "Ved ikke",
    "en": "Don't know",
    "ar": "لا أعرف",
    "uk": "Не знаю",
    "pl": "Nie wiem",
    "de": "Weiß nicht",
}
OTHER: Final = "other"
OTHER_TEXT: Final[dict[str, str]] = {
    "da": "Andet",
    "en": "Other",
    "ar": "غير ذلك",
    "uk": "Інше",
    "pl": "Inne",
    "de": "Anderes",
}
MAX_COMMENT: Final = 2000
"""Characters of a comment, as the citizen counts them."""

# Path segments and anchors that the survey pages use themselves; no question may be called so.
RESERVED_QUESTION_IDS: Final = frozenset({"stop", "thanks", "start", "callback"})

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
    """What a question is about. `audience.py` says what follows for an employee's view (BF-24, BF-25).

    `knowledge` and `communication` are two sides of `employee`; `channel` and `background` describe the citizen.
    """

    EMPLOYEE = "employee"
    KNOWLEDGE = "knowledge"
    COMMUNICATION = "communication"
    OUTCOME = "outcome"
    WAIT = "wait"
    SYSTEM = "system"
    CHANNEL = "channel"
    BACKGROUND = "background"


class Fact(StrEnum):
    """What may be known of a contact without asking, so that a question can be left out or chosen by it (GL-19)."""

    CHANNEL = "channel"
    DEPARTMENT = "department"
    REASON = "reason"
    OFFICE = "office"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the contact that the answers are about, and of where they were taken.

    `place` and `interviewer` (a code, never a name) are the fieldwork's (GL-05); everything else may be None.
    """

    channel: str | None = None
    department: str | None = None
    reason: str | None = None
    office: str | None = None
    place: str | None = None
    interviewer: str | None = None

    def value(self, fact: Fact) -> str | None:
        """What is known under that name; of a sub-department its department, which is what questions name (GL-18)."""
        known: str | None = getattr(self, fact)
        return department_of(known) if known and fact is Fact.DEPARTMENT else known


@dataclass(frozen=True, slots=True)
class Condition:
    """A question is asked only if a fact, or the answer to an earlier question, is `among` these."""

    about: Fact | str
    among: frozenset[str]


@dataclass(frozen=True, slots=True)
class Screening:
    """Who is asked on: those whose answer to `question` is in `continues`; for the others it ends there (GL-03)."""

    question: str
    continues: frozenset[str]


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
    """One item. `favourable` are the answers that count as positive, printed as `favourable_text` (GL-24).

    `unfavourable` count as negative and are tested on their own (SK-16, GL-25). It is asked only where all of `when`
    hold; if `known_from` is known of the contact, that is the answer and nobody is asked.
    """

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
    unfavourable: tuple[str, ...] = ()
    unfavourable_text: Text = field(default_factory=dict)
    other: bool = False
    randomise: bool = False
    when: tuple[Condition, ...] = ()
    known_from: Fact | None = None

    @property
    def choices(self) -> tuple[Option, ...]:
        """The options offered, `other` and `don't know` last where they are allowed; on a scale only these."""
        other = (Option(OTHER, OTHER_TEXT),) if self.other else ()
        unknown = (Option(DONT_KNOW, DONT_KNOW_TEXT),) if self.dont_know else ()
        return self.options + other + unknown

    def choices_for(self, seed: str) -> tuple[Option, ...]:
        """The options in the order that this respondent sees: shuffled where set, and then always the same way."""
        if not self.randomise:
            return self.choices

        def place(option: Option) -> bytes:
            return hashlib.sha256(f"{seed}|{self.id}|{option.id}".encode()).digest()

        return tuple(sorted(self.options, key=place)) + self.choices[len(self.options) :]

    @property
    def texts(self) -> tuple[Text, ...]:
        """Every text that a respondent reads."""
        ends = (self.scale.minimum_text, self.scale.maximum_text) if self.scale else ()
        return (self.text, *ends, *(choice.text for choice in self.choices))

    @property
    def is_text(self) -> bool:
        """True for free text, which is redacted and never lands among the answers."""
        return self.type is QuestionType.TEXT


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """Questions in the order in which they are asked; `routing.py` says which of them a respondent gets."""

    id: QuestionnaireId
    version: str
    items: tuple[Question, ...]
    title: Text = field(default_factory=dict)
    screening: Screening | None = None

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages in which every text is there: a half translated questionnaire is not offered."""
        texts = [text for item in self.items for text in item.texts]
        return tuple(language for language in Language if all(text.get(language) for text in texts))

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
    KIOSK = "kiosk"
    QR = "qr"
    OPEN_LINK = "open_link"


INTERVIEWS: Final = frozenset({Mode.PHONE, Mode.FACE_TO_FACE})
"""Modes in which an interviewer enters what a citizen says."""


@dataclass(frozen=True, slots=True)
class Response:
    """What one contact answered. It knows the contact's opaque id and nothing else about the citizen (SK-05).

    `answers` holds no free text and `comments` holds only redacted text. `version` counts the writes, from 1.
    `seconds` is how long each question was looked at, coarsely; `stopped_at` the question that comes next, until the
    end; `eligible` what the screening said (GL-03); `nominees` the keys of colleagues praised in a comment (BF-13);
    `comment_use` whether it may be quoted.
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
    facts: Facts = field(default_factory=Facts)
    seconds: Mapping[str, int] = field(default_factory=dict)
    stopped_at: str | None = None
    eligible: bool | None = None
    nominees: tuple[str, ...] = ()
    comment_use: CommentUse | None = None

    @property
    def state(self) -> State:
        """Finished once it has an end."""
        return State.STARTED if self.finished_at is None else State.FINISHED

    @property
    def given(self) -> dict[str, Value]:
        """Everything answered, free text included, by question."""
        return {**self.answers, **self.comments}
