"""Pending work in DynamoDB: a partition per municipality and shard, sorted by due time; no index, no scan (design 4.2).

Stores put an item into the transaction of the fact that causes it (`pending_item`) and delete it, by `pending_key`,
in the write that records its result.
"""

from __future__ import annotations

import heapq
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from pynamodb.exceptions import DoesNotExist

from chalicelib.adapters.tables import NUMBERS_KEPT, PendingItem, bound, gone_by
from chalicelib.shared.clock import parse_moment, utc_text
from chalicelib.shared.work import SHARDS, WorkItem, WorkKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chalicelib.adapters.transactions import Steps

# Follows "#" in ASCII, so that everything of one second sorts before it.
_AFTER_SECOND: Final = "$"
_PAGE: Final = 100


def pending_key(item: WorkItem) -> tuple[str, str]:
    """Partition and sort key of an item: the same for every version of it."""
    return f"{item.municipality}#{item.shard}", f"{utc_text(item.due_at)}#{item.kind}#{item.subject}"


def pending_item(item: WorkItem, *, since: datetime | None = None) -> PendingItem:
    """The row of a work item, for `save` and `delete` in the caller's own transaction.

    Work has no end but its result, unless it holds a phone number or an e-mail address: that goes in time even if
    nobody ever manages to decide, and `borgerpuls reconcile` then names the contact. `since` is when it came, if not
    when it is due.
    """
    pk, sk = pending_key(item)
    is_personal = bool(item.payload.get("phone") or item.payload.get("email"))
    ends = gone_by((since or item.due_at) + NUMBERS_KEPT) if is_personal else None
    return bound(PendingItem)(
        pk,
        sk,
        kind=str(item.kind),
        subject=item.subject,
        payload=dict(item.payload),
        version=item.version,
        expires_at=ends,
    )


def begin(steps: Steps, items: Iterable[WorkItem]) -> None:
    """The work begins with the transaction."""
    for number, item in enumerate(items):
        steps.put(f"work {number}", pending_item(item))


def work_item(row: PendingItem) -> WorkItem:
    """The work item of a row."""
    due_text = row.sk.split("#", 1)[0]
    payload: dict[str, Any] = row.payload or {}
    return WorkItem(
        municipality=row.pk.rsplit("#", 1)[0],
        kind=WorkKind(row.kind),
        subject=row.subject,
        due_at=parse_moment(due_text),
        payload=payload,
        version=int(row.version),
    )


class DynamoDbPendingWork:
    """`PendingWork` on the work table."""

    def due(self, municipality: str, now: datetime, *, kind: WorkKind | None = None) -> Iterator[WorkItem]:
        """Items due at `now`, oldest first; read page by page, so a caller with a time limit may stop at any item."""
        shards = (self._due_in(f"{municipality}#{shard}", now) for shard in range(SHARDS))
        oldest_first = heapq.merge(*shards, key=lambda item: item.due_at)
        return (item for item in oldest_first if kind is None or item.kind == kind)

    def find(self, municipality: str, kind: WorkKind, subject: str, due_at: datetime) -> WorkItem | None:
        """The item of a subject, read consistently; None when the work is done."""
        pk, sk = pending_key(WorkItem(municipality, kind, subject, due_at.astimezone(UTC)))
        try:
            return work_item(bound(PendingItem).get(pk, sk, consistent_read=True))
        except DoesNotExist:
            return None

    def _due_in(self, partition: str, now: datetime) -> Iterator[WorkItem]:
        model = bound(PendingItem)
        until = model.sk < f"{utc_text(now)}{_AFTER_SECOND}"
        rows = model.query(partition, until, page_size=_PAGE, consistent_read=True)
        return (work_item(row) for row in rows)
