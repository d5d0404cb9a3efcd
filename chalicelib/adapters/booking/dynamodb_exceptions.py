"""Days that staff have closed or given other hours, in the configuration table: one row each, one query for all."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pynamodb.exceptions import PutError

from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import ConfigurationItem, bound
from chalicelib.adapters.transactions import response_code
from chalicelib.municipalities.exceptions import document_of, staff_exception_from
from chalicelib.shared.clock import local_day_bounds
from chalicelib.shared.errors import Ambiguous, Busy, Conflict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pynamodb.expressions.condition import Condition

    from chalicelib.municipalities.exceptions import StaffException

KEPT: Final = timedelta(days=90)
"""After its last day: long enough to explain the hours of the last quarter, short enough to keep the query small."""


class DynamoDbExceptions:
    """`StaffExceptions` on the configuration table; sk is a ULID, so they come in the order in which they were made."""

    @busy_if_unread
    def of(self, municipality: str) -> Sequence[StaffException]:
        """Those in force and those taken back, oldest first."""
        rows = bound(ConfigurationItem).query(_pk(municipality), consistent_read=True)
        return tuple(staff_exception_from(row.sk, dict(row.document), int(row.version)) for row in rows)

    def add(self, municipality: str, exception: StaffException) -> None:
        """Keep a new one.

        Raises:
            Conflict: there is one with that id.
            Busy, Ambiguous: the table does not take it, or its answer was lost.
        """
        _save(municipality, exception, bound(ConfigurationItem).pk.does_not_exist())

    def remove(self, municipality: str, before: StaffException, after: StaffException) -> None:
        """It is taken back.

        Raises:
            Conflict: somebody else was faster.
            Busy, Ambiguous: as for `add`.
        """
        _save(municipality, after, bound(ConfigurationItem).version == before.version)


def _save(municipality: str, exception: StaffException, condition: Condition) -> None:
    _, over = local_day_bounds(exception.hours.last)
    item = bound(ConfigurationItem)(
        _pk(municipality),
        exception.id,
        document=document_of(exception),
        version=exception.version,
        expires_at=int((over + KEPT).timestamp()),
    )
    try:
        item.save(condition=condition)
    except PutError as exc:
        code = response_code(exc)
        if code == "ConditionalCheckFailedException":
            raise Conflict from exc
        raise (Busy if code else Ambiguous) from exc


def _pk(municipality: str) -> str:
    return f"{municipality}#exceptions"
