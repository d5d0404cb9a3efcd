"""Marks on comments in DynamoDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pynamodb.exceptions import DoesNotExist

from chalicelib.adapters.comments.mark_rows import mark_from, mark_row, marks_pk
from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import OperationItem, bound
from chalicelib.adapters.transactions import Steps
from chalicelib.shared.errors import Outrun

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.comments.model import Mark

_AFTER_ALL: Final = "~"


class DynamoDbMarks:
    """`MarkStore` on the operations table."""

    @busy_if_unread
    def between(self, municipality: str, first: str, last: str) -> Mapping[str, Mark]:
        """One query of the months from `first` to `last`."""
        model = bound(OperationItem)
        rows = model.query(marks_pk(municipality), model.sk.between(first, f"{last}{_AFTER_ALL}"), consistent_read=True)
        return {row.sk: mark_from(row) for row in rows}

    @busy_if_unread
    def get(self, municipality: str, comment_id: str) -> Mark | None:
        """The mark as it is now; None when nobody has put one."""
        try:
            row = bound(OperationItem).get(marks_pk(municipality), comment_id, consistent_read=True)
        except DoesNotExist:
            return None
        return mark_from(row)

    def save(self, municipality: str, mark: Mark) -> None:
        """Version n over n - 1."""
        model, steps = bound(OperationItem), Steps()
        known = model.version == mark.version - 1 if mark.version > 1 else model.pk.does_not_exist()
        steps.put("mark", mark_row(municipality, mark), known)
        if steps.commit():
            raise Outrun
