"""An action: what was found, what is recommended and done, by whom, when it is followed up, and what came of it.

The register keeps no figures. A finding is kept by its place and its period, and by the names of that period's counts
once they are final; whoever reads the action computes it from those counts again, through the gate of the reports.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chalicelib.shared.languages import Text

_MONTHS: Final = 12


class Status(StrEnum):
    """How far an action has come. `maintain`: what works is to be kept as it is (GL-76)."""

    PROPOSED = "proposed"
    DECIDED = "decided"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    MAINTAIN = "maintain"
    DROPPED = "dropped"


class NoteKind(StrEnum):
    """What stands beside an action's figures: evidence by its kind (GL-78, GE-15), and what people make of it."""

    SURVEY = "survey"
    OBSERVATION = "observation"
    LOG = "log"
    STAFF_WORKSHOP = "staff_workshop"
    CITIZEN_WORKSHOP = "citizen_workshop"
    COMPLAINT = "complaint"
    CITIZENS = "citizens"
    """What citizens said of the plan before it was decided (GE-21)."""
    INTERPRETATION = "interpretation"
    """How somebody explains the figures; never among the findings (GL-79)."""
    COMMENT = "comment"


OPINIONS: Final = (NoteKind.INTERPRETATION, NoteKind.COMMENT)
EVIDENCE: Final = tuple(kind for kind in NoteKind if kind not in OPINIONS)
FROM_CITIZENS: Final = frozenset({NoteKind.SURVEY, NoteKind.CITIZEN_WORKSHOP, NoteKind.COMPLAINT, NoteKind.CITIZENS})
"""Evidence that citizens gave themselves."""


@dataclass(frozen=True, slots=True)
class Span:
    """Whole months, from the first to the last, each as `2026-10`."""

    first: str
    last: str

    @property
    def length(self) -> int:
        """How many months."""
        return _number(self.last) - _number(self.first) + 1

    @property
    def begins(self) -> date:
        """Its first day."""
        return date.fromisoformat(f"{self.first}-01")

    @property
    def is_over_on(self) -> date:
        """The day after its last."""
        return date.fromisoformat(f"{_month(_number(self.last) + 1)}-01")

    def first_from(self, day: date) -> Span:
        """The calendar period of the same length in which the day lies."""
        number = day.year * _MONTHS + day.month - 1
        start = number - number % self.length
        return Span(_month(start), _month(start + self.length - 1))

    @property
    def following(self) -> Span:
        """The next one of the same length."""
        start = _number(self.last) + 1
        return Span(_month(start), _month(start + self.length - 1))


@dataclass(frozen=True, slots=True)
class Place:
    """Which figure: of which group, of which question in which wording, and what is counted."""

    dimension: str
    value: str
    question: str
    version: str
    measure: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """The finding that an action rests on, as it stood before the change (GE-22)."""

    place: Place
    span: Span


@dataclass(frozen=True, slots=True)
class Guard:
    """A limit, set before a risky change (FR-15), in percent.

    Of satisfied answers at least so many; of dissatisfied ones (`share_unfavourable`) at most so many.
    """

    place: Place
    limit: int


@dataclass(frozen=True, slots=True)
class Content:
    """What leaders write of an action. `department` may be a sub-department. Texts never say who a citizen is."""

    title: str
    recommendation: str
    found: str = ""
    work: str = ""
    """What is done."""
    owner: str = ""
    """A function, such as the head of citizen service."""
    channel: str = ""
    department: str = ""
    status: Status = Status.PROPOSED
    started: date | None = None
    follow_up_months: int | None = None
    on_trend: bool = False
    """Whether the start is drawn among the weeks of the reports (GE-28)."""
    baseline: Baseline | None = None
    guard: Guard | None = None


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What was concluded at a follow-up, on which day; `span` are the months whose figures were looked at."""

    day: date
    text: str
    span: Span | None


@dataclass(frozen=True, slots=True)
class PublicText:
    """“You said, we did”: shown to citizens who have answered, since that day."""

    said: Text
    did: Text
    since: date


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a municipality. `decided` is the day on which it left the proposals.

    `pins` maps the first month of a period to the names of its final counts: figures of that period stay what they
    were.
    """

    id: str
    municipality: str
    created: datetime
    content: Content
    version: int = 1
    decided: date | None = None
    conclusions: tuple[Conclusion, ...] = ()
    public: PublicText | None = None
    pins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes: the opaque id of the sign-in, and as what."""

    subject: str
    role: str


@dataclass(frozen=True, slots=True)
class Note:
    """Evidence, an interpretation or a comment. Added, never changed; what should not stand there is removed.

    `function` is what the writer called themselves, such as the citizens' adviser (GE-19); `people` how many took part.
    """

    id: str
    kind: NoteKind
    text: str
    day: date
    at: datetime
    role: str
    function: str = ""
    people: int | None = None
    by: str = ""
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One field, from what to what, as in the document."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One step of an action's history: which version it made, when, by whom (a pseudonym when read)."""

    version: int
    at: datetime
    by: str
    role: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class File:
    """All that is kept of one action beside itself."""

    notes: tuple[Note, ...] = ()
    history: tuple[Entry, ...] = ()


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the month's last where it has no such day."""
    number = day.year * _MONTHS + day.month - 1 + months
    year, month = divmod(number, _MONTHS)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _number(month: str) -> int:
    return int(month[:4]) * _MONTHS + int(month[5:7]) - 1


def _month(number: int) -> str:
    return f"{number // _MONTHS}-{number % _MONTHS + 1:02d}"
