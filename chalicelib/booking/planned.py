"""A planned message as a value: what it is about, when it is due, and the pending work that it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from chalicelib.shared.work import WorkItem, WorkKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class MessageKind(StrEnum):
    """What a message is about; also the name of its template."""

    CONFIRMATION = "confirmation"
    REMINDER = "reminder"
    MOVED = "moved"
    CANCELLED = "cancelled"  # by the municipality; a citizen who cancels knows it
    CLOSED = "closed"  # the office closes then, and proposes another time
    EARLIER_TIME = "earlier_time"


class Way(StrEnum):
    """How a message travels."""

    SMS = "sms"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class PlannedMessage:
    """A message that is due. `about` is the time that it proposes, where it proposes one."""

    kind: MessageKind
    due_at: datetime
    about: datetime | None = None


WORK: Final[Mapping[MessageKind, WorkKind]] = {
    MessageKind.CONFIRMATION: WorkKind.CONFIRM,
    MessageKind.REMINDER: WorkKind.REMIND,
    MessageKind.MOVED: WorkKind.MOVED,
    MessageKind.CANCELLED: WorkKind.CANCELLED,
    MessageKind.CLOSED: WorkKind.CLOSED,
    MessageKind.EARLIER_TIME: WorkKind.EARLIER,
}

PROPOSALS: Final = frozenset({MessageKind.CLOSED, MessageKind.EARLIER_TIME})
"""They ask the citizen to choose, so they keep to the hours in which people are asked."""


def work_of(municipality: str, appointment: str, message: PlannedMessage) -> WorkItem:
    """The pending work of a message."""
    return WorkItem(municipality, WORK[message.kind], appointment, message.due_at)
