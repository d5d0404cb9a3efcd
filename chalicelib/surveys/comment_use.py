"""What is kept of the answer to "may we quote you": a consent of its own beside the open text (SK-02, ADR 29)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody answered beside a text: the box, and which wording stood there."""

    granted: bool
    text_version: str


@dataclass(frozen=True, slots=True)
class CommentUse:
    """The answer as it is kept. `withdrawn`: it was yes, and is not any more. `by`: who wrote it down, by a code."""

    granted: bool
    text_version: str
    language: str
    origin: str
    at: datetime
    withdrawn: bool = False
    by: str | None = None
