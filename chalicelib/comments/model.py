"""A mark on a comment: what colleagues decided about it (SK-21), beside the lake and never in it.

A mark names its comment by an opaque id and says nothing of who wrote it. Whether a comment may be shown to others than
those who read them all is decided here, each time that it is shown: by its writer's answer (ADR 29) and by this mark.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.shared.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.municipalities.model import Municipality

LONGEST_ON_WALL: Final = 600
"""Characters that stand on the screen in letters large enough."""
_ID: Final = re.compile(r"\d{4}-\d{2}\.[a-p]{20}\.[\w-]{1,80}")


class Status(StrEnum):
    """How far it has come."""

    NEW = "new"
    SEEN = "seen"
    ACTED = "acted"
    CLOSED = "closed"


class Use(StrEnum):
    """Where else than among all comments it stands, because somebody has read it and picked it."""

    QUOTE = "quote"
    """Published (SK-26)."""
    WALL = "wall"
    """On the big screen (BF-08)."""
    SHARED = "shared"
    """With the other teams (BF-27)."""
    PRAISE = "praise"
    """With those who earned it (SK-19)."""


class Comment(Protocol):
    """A comment that may be read: redacted, and from a group that is large enough. `id` is opaque; empty: no mark."""

    @property
    def id(self) -> str: ...  # noqa: D102 - the class says it
    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def language(self) -> str: ...  # noqa: D102
    @property
    def office(self) -> str | None: ...  # noqa: D102
    @property
    def reason(self) -> str: ...  # noqa: D102
    @property
    def channel(self) -> str: ...  # noqa: D102
    @property
    def week(self) -> str: ...  # noqa: D102
    @property
    def score(self) -> str | None: ...  # noqa: D102
    @property
    def score_wording(self) -> str: ...  # noqa: D102
    @property
    def nominees(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def may_be_quoted(self) -> bool | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Mark:
    """What colleagues decided about one comment. `taken_back`: its writer said yes once, and no since."""

    id: str
    status: Status = Status.NEW
    urgent: bool = False
    theme: str = ""
    department: str = ""
    note: str = field(default="", repr=False)
    """For colleagues alone."""
    answer: str = field(default="", repr=False)
    """What the office says to it, or has done: shown beneath it."""
    uses: frozenset[Use] = frozenset()
    taken_back: bool = False
    version: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody changes; None leaves as it is, and an empty text clears."""

    status: Status | None = None
    urgent: bool | None = None
    theme: str | None = None
    department: str | None = None
    note: str | None = field(default=None, repr=False)
    answer: str | None = field(default=None, repr=False)
    show: Use | None = None
    hide: Use | None = None


def changed(mark: Mark, change: Change) -> Mark:
    """The mark after the change, in the same version."""
    plain = ("status", "urgent", "theme", "department", "note", "answer")
    given = {name: value for name in plain if (value := getattr(change, name)) is not None}
    shown = mark.uses | ({change.show} if change.show else set())
    return replace(mark, **given, uses=shown - ({change.hide} if change.hide else set()))


def without_consent(mark: Mark) -> Mark:
    """Its writer takes the yes back: the words stand nowhere any more, and are never picked again."""
    return replace(mark, uses=mark.uses & {Use.SHARED}, taken_back=True)


def may_repeat(comment: Comment, mark: Mark, *, asked: bool) -> bool:
    """True if its words may stand among colleagues elsewhere than on the page of all comments (ADR 29).

    Where the municipality asks, only with a yes; where it never asked, unless it was refused.
    """
    if mark.taken_back:
        return False
    return comment.may_be_quoted is True if asked else comment.may_be_quoted is not False


def may_use(comment: Comment, mark: Mark, use: Use, *, asked: bool) -> bool:
    """True if it may be shown there. What is published needs a yes; a solution can be shared without the words.

    A screen is read from a distance, so the longest texts are not for it.
    """
    if use is Use.QUOTE:
        return comment.may_be_quoted is True and not mark.taken_back
    if use is Use.WALL and len(comment.text) > LONGEST_ON_WALL:
        return False
    if use is Use.SHARED:
        return may_repeat(comment, mark, asked=asked) or bool(mark.answer)
    return may_repeat(comment, mark, asked=asked)


def month_of_comment(comment_id: str) -> str:
    """The month under which a comment's mark is kept.

    Raises:
        InvalidInput: no comment has such an id.
    """
    if not _ID.fullmatch(comment_id):
        raise InvalidInput(fields={"comment": "unknown"})
    return comment_id[:7]


def units(municipality: Municipality) -> tuple[str, ...]:
    """The departments and sub-departments to which a comment can be given."""
    named = municipality.departments or {reason.department: {} for reason in municipality.reasons}
    return tuple(dict.fromkeys(named))


def months_of_comments(comments: Iterable[Comment]) -> list[str]:
    """The months of those that can bear a mark, oldest first."""
    return sorted({month_of_comment(comment.id) for comment in comments if comment.id})
