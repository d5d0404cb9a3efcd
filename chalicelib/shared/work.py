"""Pending work: the outbox that makes sure that what a stream loses is still done (design 4.2).

A pending item is written in the same transaction as the fact that causes it, and deleted in the same write that
records its result. Streams and queues are hints that make it quick; the sweep over due items makes it certain.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

SHARDS: Final = 2
"""Partitions of one municipality's pending work; 35,000 contacts a year are far below one partition's limit."""


class WorkKind(StrEnum):
    """What is left to do. `subject` is the contact id unless it says otherwise."""

    CONFIRM = "confirm"  # messages about an appointment: that is their subject
    REMIND = "remind"
    MOVED = "moved"
    CANCELLED = "cancelled"
    CLOSED = "closed"
    EARLIER = "earlier"
    FREED = "freed"  # a time that may be offered to who waits for an earlier one; the subject is an id of its own
    DECIDE = "decide"
    SEND = "send"
    SETTLE = "settle"  # an invitation that left, or may have: its lease, or its wait for a receipt, ends when due
    ASK_AGAIN = "ask_again"  # decide whether the citizen is reminded of the questionnaire, once
    SEND_REMINDER = "send_reminder"
    SETTLE_REMINDER = "settle_reminder"
    ERASE = "erase"  # the citizen asked for it
    LAND_CONTACT = "land_contact"
    LAND_INVITATION = "land_invitation"
    LAND_RESPONSE = "land_response"
    LAND_BOOKING = "land_booking"  # an appointment whose day is over; that is its subject


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One thing left to do, not before `due_at`. `payload` may hold a phone number, so it is never logged.

    `version` tells successive writes of one item apart: whoever did the work of version 2 must not delete version 3.
    """

    municipality: str
    kind: WorkKind
    subject: str
    due_at: datetime
    payload: Mapping[str, Any] = field(default_factory=dict, repr=False)
    version: int = 0

    @property
    def shard(self) -> int:
        """The partition that the item lives in: the same for the same subject, in every process."""
        return zlib.crc32(self.subject.encode()) % SHARDS


class PendingWork(Protocol):
    """The due items, for the sweep. Items are written and deleted by the transactions of the stores concerned."""

    def due(self, municipality: str, now: datetime, *, kind: WorkKind | None = None) -> Iterator[WorkItem]:
        """Items due at `now`, oldest first."""
        ...

    def find(self, municipality: str, kind: WorkKind, subject: str, due_at: datetime) -> WorkItem | None:
        """The item of a subject; None when the work is done. `due_at` stands in the subject's own record."""
        ...
