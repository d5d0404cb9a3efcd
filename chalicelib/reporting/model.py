"""What a period holds in counts: the only thing that Athena computes. Everything else is `statistics.py`'s.

One document per municipality and period (a local calendar month of the contact's end), written by the refresh job and
read by pages and API without Athena (design 4.6). Counts are raw; nothing leaves the service before suppression.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from chalicelib.reporting.noted import noted_from

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.reporting.noted import NotedFacts, Paths
    from chalicelib.shared.languages import Text

DONT_KNOW: Final = "dont_know"
FORGOTTEN: Final = "forgotten"
"""Stands for the answers of a group of few that somebody has left since (`editions.py`)."""
ALL: Final = "all"
"""The dimension of everyone, and its one value."""
DIMENSIONS: Final = (
    *("office", "reason", "channel", "language", "department", "sub_department", "outage"),
    *("weekday", "hour", "waiting", "service", "mode"),
)
"""What a figure may be split by, in the order of the reports. Employees are not among them (BF-28)."""
WEEK: Final = "week"
"""The dimension of trends. Weeks run across months, so they are published whole or not at all (`trend.py`)."""
FACE_TO_FACE: Final = ("channel", "in_person")
"""Only those who came have an office and a measured waiting."""
MEASURED: Final = ("measured", "waiting")
"""Those whose waiting was measured: how many they are stands beside the distribution of it."""
WITHIN_FACE_TO_FACE: Final = ("office", "waiting", "service")
BOOKED_BY: Final = (ALL, "office", "origin")
"""What appointments are counted by."""
FUNNEL: Final = ("completed", "offered", "consented", "sent", "delivered", "started", "finished")
"""The way from a served contact to an answer, step by step."""


@dataclass(frozen=True, slots=True)
class QuestionDefinition:
    """A question as it stood when the counts were made: what a figure prints as its answer definition.

    `favourable` are the answers that count as positive (top box or top-2); `minimum` and `maximum` bound a numeric
    scale and are None for options. `don't know` stays in the denominator (GL-35). `unfavourable` are the answers that
    count as dissatisfied, tested on their own (SK-16, GL-26); what is in neither is neutral.
    """

    id: str
    version: str
    text: Text
    short: Text
    favourable: tuple[str, ...]
    favourable_text: Text
    minimum: int | None = None
    maximum: int | None = None
    options: Mapping[str, Text] = field(default_factory=dict)
    unfavourable: tuple[str, ...] = ()
    unfavourable_text: Text = field(default_factory=dict)

    @property
    def is_scale(self) -> bool:
        """True when the answers are numbers, so that they have a mean."""
        return self.minimum is not None and self.maximum is not None

    @property
    def low_answers(self) -> tuple[str, ...]:
        """The unfavourable answers; on a scale that names none, the numbers below its middle."""
        if self.unfavourable or self.minimum is None or self.maximum is None:
            return self.unfavourable
        middle = (self.minimum + self.maximum) / 2
        return tuple(str(point) for point in range(self.minimum, self.maximum + 1) if point < middle)

    def same_as(self, other: QuestionDefinition) -> bool:
        """True when figures of both may be compared: same wording, same scale, same answers counted (GL-10, BF-10)."""
        return self._identity == other._identity

    @property
    def _identity(self) -> tuple[object, ...]:
        return (self.id, self.version, self.favourable, self.low_answers, self.minimum, self.maximum)


@dataclass(frozen=True, slots=True)
class Group:
    """Answers to one question from one group of contacts: how many gave each answer."""

    dimension: str
    value: str
    question: str
    question_version: str
    counts: Mapping[str, int]

    @property
    def n(self) -> int:
        """Everyone who answered, don't know included."""
        return sum(self.counts.values())

    def count(self, answers: tuple[str, ...]) -> int:
        """How many gave one of these answers."""
        return sum(self.counts.get(answer, 0) for answer in answers)

    @property
    def numbers(self) -> dict[float, int]:
        """How often each number of a scale was given; `don't know` is none of them."""
        return {float(answer): count for answer, count in self.counts.items() if answer not in {DONT_KNOW, FORGOTTEN}}


@dataclass(frozen=True, slots=True)
class Comment:
    """A redacted comment with what may stand beside it: week, never a time of day.

    `score_wording` is the version of the overall question that got the score; empty where that was not kept.
    `nominees` are keys of colleagues whom it names and who have said yes to the monthly vote (BF-13).
    `may_be_quoted` is what its writer answered; None: not asked. `id` begins with its month and is opaque beyond that;
    empty: it landed before there were any.
    """

    text: str
    language: str
    office: str | None
    reason: str
    channel: str
    week: str
    score: str | None
    may_be_quoted: bool | None = None
    id: str = ""
    score_wording: str = ""
    nominees: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """How many were asked for their consent, and how many gave it (SK-11)."""

    offered: int
    granted: int


@dataclass(frozen=True, slots=True)
class Booked:
    """Appointments whose day is over, and how many of them were cancelled."""

    appointments: int
    cancelled: int


@dataclass(frozen=True, slots=True)
class Resolution:
    """Contacts of a channel, how many of them say whether they were solved at once, and how many were (GE-08)."""

    contacts: int
    known: int
    resolved: int


@dataclass(frozen=True, slots=True)
class Called:
    """Contacts whose waiting was measured, and how many were called within ten minutes."""

    measured: int
    soon: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """Answers that were given together: question → (wording, answer), the waiting band, and by how many."""

    answers: Mapping[str, tuple[str, str]]
    waiting: str | None
    count: int


@dataclass(frozen=True, slots=True)
class PeriodCounts:
    """A municipality's counts of one period.

    `questions` come in the order in which they are asked, the first one being the overall score. `groups` hold one of
    dimension and value `all` per question. `funnel` maps each of `FUNNEL` to contacts; `served` maps dimension → value
    → completed contacts (the base of non-response), `all` among them; `waiting` maps a whole minute to contacts,
    `delays` those after the booked time (FR-06), `lead_days` those between booking and booked time (SK-25).
    `consents` maps dimension → value → who was asked; `resolution` is by channel. `departments` says which department
    or sub-department a reason belongs to, as a path; `sub_departments` which department each sub-department. `endings`
    maps an office (empty: none) to how its contacts ended: served, no_show, unclosed, at_door. `with_text` are the
    finished answers with a comment (None: counted before that was). `listed` are the questions that are only ever
    counted by answer; `respondents` says how many answered them (`question@wording`), which multiple choice does not
    tell. `bookings` maps all, office or origin → value → appointments; `alternatives` a reason to how often another way
    was offered, and taken (FR-12); `called_soon` an outage (yes, no) to the calls, and those within ten minutes;
    `waiting_from` a moment (empty: unknown) to the contacts whose waiting began with it (GL-64). `noted` says what is
    noted of contacts and `paths` which ways they took, from channel to department (GE-10). `crossed` are scores by two
    fields at once, of which only whole quarters are ever shown (`crossings.py`). `edition` names the
    numbers where they no longer do it themselves, `earlier` the editions that were published before, `held_back` is
    True when a change waits, `since` when the month was first counted (`editions.py`), `salt`
    keeps whoever reads the name of the numbers from trying out which numbers have it; it is never shown.
    """

    municipality: str
    period: str
    generated_at: str
    questions: tuple[QuestionDefinition, ...]
    groups: tuple[Group, ...]
    funnel: Mapping[str, int]
    not_invited: Mapping[str, int]
    served: Mapping[str, Mapping[str, int]]
    waiting: Mapping[str, int]
    comments: tuple[Comment, ...] = ()
    consents: Mapping[str, Mapping[str, Asked]] = field(default_factory=dict)
    delays: Mapping[str, int] = field(default_factory=dict)
    lead_days: Mapping[str, int] = field(default_factory=dict)
    resolution: Mapping[str, Resolution] = field(default_factory=dict)
    patterns: tuple[Pattern, ...] = ()
    departments: Mapping[str, str] = field(default_factory=dict)
    sub_departments: Mapping[str, str] = field(default_factory=dict)
    endings: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    with_text: int | None = None
    listed: tuple[QuestionDefinition, ...] = ()
    respondents: Mapping[str, int] = field(default_factory=dict)
    bookings: Mapping[str, Mapping[str, Booked]] = field(default_factory=dict)
    alternatives: Mapping[str, Asked] = field(default_factory=dict)
    called_soon: Mapping[str, Called] = field(default_factory=dict)
    waiting_from: Mapping[str, int] = field(default_factory=dict)
    noted: NotedFacts = field(default_factory=dict)
    paths: Paths = field(default_factory=dict)
    crossed: tuple[Group, ...] = ()
    edition: str = ""
    earlier: tuple[str, ...] = ()
    held_back: bool = False
    since: str = ""
    salt: str = ""

    @property
    def main_questions(self) -> tuple[QuestionDefinition, ...]:
        """One wording per question, in the order of the questions: the one that most were asked.

        Wordings and scales are never pooled (BF-10), so in a month in which one was changed the fewer answers stay out.
        """
        answered = {(g.question, g.question_version): g.n for g in self.groups if g.dimension == ALL}
        main: dict[str, QuestionDefinition] = {}
        for question in self.questions:
            best = main.setdefault(question.id, question)
            if answered.get((question.id, question.version), 0) > answered.get((best.id, best.version), 0):
                main[question.id] = question
        return tuple(main.values())

    @property
    def asked_in_two_ways(self) -> frozenset[str]:
        """The questions that were answered in more than one wording."""
        answered = [g.question for g in self.groups if g.dimension == ALL and g.n]
        return frozenset(question for question in answered if answered.count(question) > 1)

    def to_document(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> PeriodCounts:
        """The inverse of `to_document`; what an older document lacks is empty."""
        made = {
            "questions": tuple(_question(q) for q in document["questions"]),
            "listed": tuple(_question(q) for q in document.get("listed", ())),
            "groups": tuple(Group(**g) for g in document["groups"]),
            "crossed": tuple(Group(**g) for g in document.get("crossed", ())),
            "comments": tuple(Comment(**{**c, "nominees": tuple(c.get("nominees", ()))}) for c in document["comments"]),
            "consents": {
                dimension: {value: Asked(**asked) for value, asked in values.items()}
                for dimension, values in document.get("consents", {}).items()
            },
            "bookings": {
                dimension: {value: Booked(**booked) for value, booked in values.items()}
                for dimension, values in document.get("bookings", {}).items()
            },
            "alternatives": {reason: Asked(**each) for reason, each in document.get("alternatives", {}).items()},
            "called_soon": {value: Called(**each) for value, each in document.get("called_soon", {}).items()},
            "resolution": {channel: Resolution(**r) for channel, r in document.get("resolution", {}).items()},
            "noted": noted_from(document.get("noted", {})),
            "patterns": tuple(_pattern(p) for p in document.get("patterns", ())),
            "earlier": tuple(document.get("earlier", ())),
        }
        return cls(**{**document, **made})


def _question(document: Mapping[str, Any]) -> QuestionDefinition:
    listed = {name: tuple(document.get(name, ())) for name in ("favourable", "unfavourable")}
    return QuestionDefinition(**{**document, **listed})


def _pattern(document: Mapping[str, Any]) -> Pattern:
    answers = {question: (version, answer) for question, (version, answer) in document["answers"].items()}
    return Pattern(answers, document["waiting"], document["count"])
