"""What an action may become and when, and when it is looked at again. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from chalicelib.actions.document import CONTENT_FIELDS
from chalicelib.actions.model import Status, months_after
from chalicelib.municipalities.model import Channel
from chalicelib.shared.personal import names_somebody

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from chalicelib.actions.model import Action, Content, Span
    from chalicelib.municipalities.model import Municipality

LONGEST: Final[Mapping[str, int]] = {"title": 120, "found": 2000, "recommendation": 2000, "work": 2000, "owner": 80}
LONGEST_TEXT: Final = 2000
LONGEST_PUBLIC: Final = 300
MOST_MONTHS: Final = 36
MOST_YEARS: Final = 10
WHOLE: Final = 100

NEXT: Final[Mapping[Status, frozenset[Status]]] = {
    Status.PROPOSED: frozenset({Status.DECIDED, Status.IN_PROGRESS, Status.MAINTAIN, Status.DROPPED}),
    Status.DECIDED: frozenset({Status.PROPOSED, Status.IN_PROGRESS, Status.DROPPED}),
    Status.IN_PROGRESS: frozenset({Status.DONE, Status.MAINTAIN, Status.DROPPED}),
    Status.DONE: frozenset({Status.IN_PROGRESS, Status.MAINTAIN}),
    Status.MAINTAIN: frozenset({Status.IN_PROGRESS, Status.DROPPED}),
    Status.DROPPED: frozenset({Status.PROPOSED}),
}
"""What each status may become."""
BEGUN: Final = frozenset({Status.IN_PROGRESS, Status.DONE})
TOLD: Final = BEGUN | {Status.MAINTAIN}
"""Of these a citizen may be told that something was done."""
CLOSED: Final = frozenset({Status.DROPPED})
_NEEDS_WORK: Final = frozenset({Status.DECIDED, Status.IN_PROGRESS, Status.DONE})
_NEEDS_OWNER: Final = _NEEDS_WORK | {Status.MAINTAIN}


class Problem(StrEnum):
    """What is wrong with a field."""

    MISSING = "missing"
    TOO_LONG = "too long"
    PERSONAL = "no phone number, CPR number or e-mail address"
    UNKNOWN = "unknown"
    NOT_NEXT = "not a status that can follow"
    FAR = "within ten years"
    NOT_YET = "in the future, though the action has begun"
    MONTHS = "1 to 36 months"
    LIMIT = "1 to 99 percent"
    NOT_BEFORE = "the period of the finding must be over when the change begins"
    LOCKED = "can't be changed once the action has begun"
    TOO_LATE = "must be set before the change begins"
    HIDDEN = "not a figure that is shown"
    RUNNING = "the period is not over"
    FUTURE = "not in the future"
    DECIDED = "after the decision: citizens' input on a plan comes before it"
    PEOPLE = "1 to 9999"
    NOTHING_DONE = "nothing has been done yet"
    NOT_DUE = "the follow-up is not due yet"


def has_begun(content: Content, today: date) -> bool:
    """True once the change is under way, whatever its status says."""
    return content.status in BEGUN or (content.started is not None and content.started < today)


def plain_text(text: str) -> str:
    """The text with single spaces and at most one empty line between paragraphs."""
    lines = [" ".join(line.split()) for line in text.replace("\r\n", "\n").split("\n")]
    kept = [line for place, line in enumerate(lines) if line or (place and lines[place - 1])]
    return "\n".join(kept).strip()


def problem_of(text: str, longest: int) -> Problem | None:
    """Why a text may not be kept."""
    if len(text) > longest:
        return Problem.TOO_LONG
    return Problem.PERSONAL if names_somebody(text) else None


def problems(
    content: Content, municipality: Municipality, today: date, before: Action | None = None
) -> dict[str, Problem]:
    """Every field that is wrong, with why; `before` is what the content replaces."""
    found = dict(_written(content))
    old = before.content if before else None
    if content.channel and content.channel not in set(Channel):
        found["channel"] = Problem.UNKNOWN
    if content.department and content.department not in municipality.departments:
        found["department"] = Problem.UNKNOWN
    if old and old.status is not content.status and content.status not in NEXT[old.status]:
        found["status"] = Problem.NOT_NEXT
    return found | dict(_dates(content, today)) | dict(_measures(content, old, today))


def _written(content: Content) -> Iterator[tuple[str, Problem]]:
    needed = {"title", "recommendation"}
    needed |= {"work"} if content.status in _NEEDS_WORK else set()
    needed |= {"owner"} if content.status in _NEEDS_OWNER else set()
    for name, longest in LONGEST.items():
        text = getattr(content, name)
        if not text and name in needed:
            yield name, Problem.MISSING
        elif wrong := problem_of(text, longest):
            yield name, wrong


def _dates(content: Content, today: date) -> Iterator[tuple[str, Problem]]:
    begun = content.status in BEGUN
    if begun and content.started is None:
        yield "started", Problem.MISSING
    elif content.started and not abs(content.started.year - today.year) <= MOST_YEARS:
        yield "started", Problem.FAR
    elif begun and content.started and content.started > today:
        yield "started", Problem.NOT_YET
    elif content.started and content.baseline and content.started < content.baseline.span.is_over_on:
        yield "started", Problem.NOT_BEFORE
    if content.follow_up_months is not None and not 1 <= content.follow_up_months <= MOST_MONTHS:
        yield "follow_up_months", Problem.MONTHS


def _measures(content: Content, old: Content | None, today: date) -> Iterator[tuple[str, Problem]]:
    """A finding is not swapped, and a limit not set, by somebody who may know how it went (GE-22, FR-15)."""
    begun = has_begun(old or content, today)
    if old and old.baseline and content.baseline != old.baseline and begun:
        yield "finding", Problem.LOCKED
    if content.guard and not 1 <= content.guard.limit < WHOLE:
        yield "guard_limit", Problem.LIMIT
    elif begun and content.guard != (old.guard if old else None):
        yield "guard_limit", Problem.LOCKED if old and old.guard else Problem.TOO_LATE


def next_statuses(action: Action) -> tuple[Status, ...]:
    """Its status, and those that may follow, in their usual order."""
    return tuple(status for status in Status if status in {action.content.status, *NEXT[action.content.status]})


def settled(before: Action, content: Content, today: date) -> Action:
    """The action with its new content: decided on the day it leaves the proposals, and told of while it is done."""
    decided = before.decided
    if content.status is Status.PROPOSED:
        decided = None
    elif decided is None and content.status is not Status.DROPPED:
        decided = today
    public = before.public if content.status in TOLD else None
    return replace(before, content=content, decided=decided, public=public)


class Due(StrEnum):
    """How it stands with a follow-up."""

    PLANNED = "planned"
    DUE = "due"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class FollowUp:
    """When an action is looked at again (FR-14): from `day` on; `span` are the months whose figures are compared."""

    day: date
    span: Span | None
    state: Due


def follow_up(action: Action, today: date) -> FollowUp | None:
    """The follow-up that is planned, due or done; None where none is planned or the change has no date."""
    content = action.content
    if content.follow_up_months is None or content.started is None or content.status in CLOSED:
        return None
    day, span = months_after(content.started, content.follow_up_months), None
    if content.baseline:
        span = content.baseline.span.first_from(day)
        if span.begins < content.started:  # nothing from before the change is among its effects
            span = span.following
        day = span.is_over_on
    done = any(each.span == span if span else each.day >= day for each in action.conclusions)
    state = Due.DONE if done else Due.DUE if day <= today else Due.PLANNED
    return FollowUp(day, span, state)


@dataclass(frozen=True, slots=True)
class Merged:
    """Two edits of one version: all that only one of them changed, and one's own where both did (`clashes`)."""

    content: Content
    theirs: frozenset[str]
    clashes: frozenset[str]


def merged(base: Content, mine: Content, now: Content) -> Merged:
    """What somebody wrote on `base`, on top of what it has become in the meantime."""

    def differ(one: Content, other: Content) -> frozenset[str]:
        return frozenset(name for name in CONTENT_FIELDS if getattr(one, name) != getattr(other, name))

    theirs, own = differ(base, now), differ(base, mine)
    content = replace(mine, **{name: getattr(now, name) for name in theirs - own})
    return Merged(content, theirs, theirs & own & differ(mine, now))
