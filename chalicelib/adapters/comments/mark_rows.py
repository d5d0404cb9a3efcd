"""A mark as its row. One partition per municipality, in the order of the months: a period is one query."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chalicelib.adapters.tables import FACTS_KEPT, OperationItem, bound, gone_by
from chalicelib.comments.model import Mark, Status, Use, month_of_comment

if TYPE_CHECKING:
    from pynamodb.expressions.condition import Condition


def marks_pk(municipality: str) -> str:
    """The partition of a municipality's marks."""
    return f"{municipality}#comments"


def marks_of_respondent(month: str, comment_key: str) -> Condition:
    """The sort keys of the marks on all that one respondent wrote, whose contact ended in that month."""
    begins: Condition = bound(OperationItem).sk.startswith(f"{month}.{comment_key}.")
    return begins


def mark_row(municipality: str, mark: Mark) -> OperationItem:
    """To be saved on the condition that the version before it is there.

    It is gone before the response that it is about, from which an erasure finds it.
    """
    month = datetime.strptime(month_of_comment(mark.id), "%Y-%m").replace(tzinfo=UTC)
    return bound(OperationItem)(
        marks_pk(municipality),
        mark.id,
        document={
            "status": str(mark.status),
            "urgent": mark.urgent,
            "theme": mark.theme,
            "department": mark.department,
            "note": mark.note,
            "answer": mark.answer,
            "uses": sorted(mark.uses),
            "taken_back": mark.taken_back,
        },
        version=mark.version,
        expires_at=gone_by(month + FACTS_KEPT),
    )


def mark_from(row: OperationItem) -> Mark:
    """The mark of a row."""
    facts = row.document
    return Mark(
        id=row.sk,
        status=Status(facts["status"]),
        urgent=facts["urgent"],
        theme=facts["theme"],
        department=facts["department"],
        note=facts["note"],
        answer=facts["answer"],
        uses=frozenset(Use(use) for use in facts["uses"]),
        taken_back=facts["taken_back"],
        version=int(row.version),
    )
