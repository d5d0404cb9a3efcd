"""What a period holds in counts: the only thing that Athena computes. Everything else is `statistics.py`'s.

One document per municipality and period (a local calendar month of the contact's end), written by the refresh job and
read by pages and API without Athena (design 4.6). Counts are raw; nothing leaves the service before suppression.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.shared.languages import Text

DONT_KNOW = "dont_know"


@dataclass(frozen=True, slots=True)
class QuestionDefinition:
    """A question as it stood when the counts were made: what a figure prints as its answer definition.

    `favourable` are the answers that count as positive (top box or top-2); `minimum` and `maximum` bound a numeric
    scale and are None for options. `don't know` stays in the denominator (GL-35).
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


@dataclass(frozen=True, slots=True)
class Comment:
    """A redacted comment with what may stand beside it: week, never a time of day."""

    text: str
    language: str
    office: str | None
    reason: str
    channel: str
    week: str
    score: str | None


@dataclass(frozen=True, slots=True)
class PeriodCounts:
    """A municipality's counts of one period.

    `funnel` maps a step (completed, offered, consented, sent, delivered, started, finished) to contacts; `served` maps
    dimension → value → completed contacts (the base of non-response); `waiting` maps a whole minute to contacts.
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

    def to_document(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> PeriodCounts:
        """The inverse of `to_document`."""
        return cls(
            **{
                **document,
                "questions": tuple(
                    QuestionDefinition(**{**q, "favourable": tuple(q["favourable"])}) for q in document["questions"]
                ),
                "groups": tuple(Group(**g) for g in document["groups"]),
                "comments": tuple(Comment(**c) for c in document["comments"]),
            }
        )
