"""Reviews of check-in points in DynamoDB: a partition per office; few rows, kept for good."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from pynamodb.exceptions import PutError

from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import OperationItem, bound
from chalicelib.shared.errors import Busy
from chalicelib.visits.reviews import Review, Visibility

if TYPE_CHECKING:
    from collections.abc import Sequence


class DynamoDbReviews:
    """`ReviewStore` on the operations table."""

    @busy_if_unread
    def of_office(self, municipality: str, office: str) -> Sequence[Review]:
        """Every review of an office."""
        rows = bound(OperationItem).query(f"{municipality}#reviews#{office}", consistent_read=True)
        return [_review(row, office) for row in rows]

    def add(self, municipality: str, review: Review) -> None:
        """Keep it; the same one again is the same row."""
        row = bound(OperationItem)(
            f"{municipality}#reviews#{review.office}",
            review.id,
            document={
                "point": review.point,
                "day": review.day.isoformat(),
                "result": str(review.result),
                "note": review.note,
            },
        )
        try:
            row.save()
        except PutError as exc:
            raise Busy from exc


def _review(row: OperationItem, office: str) -> Review:
    facts = row.document
    return Review(
        row.sk, office, facts["point"], date.fromisoformat(facts["day"]), Visibility(facts["result"]), facts["note"]
    )
