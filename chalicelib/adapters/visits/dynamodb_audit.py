"""The audit in DynamoDB: the rows that `audit_rows.py` makes, and the readings beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pynamodb.exceptions import PutError

from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import OperationItem, bound
from chalicelib.adapters.visits.audit_rows import audit_expiry, audit_pk
from chalicelib.shared.clock import parse_moment, utc_text
from chalicelib.shared.errors import Busy
from chalicelib.shared.hashing import staff_pseudonym
from chalicelib.visits.audit import AuditEntry, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chalicelib.shared.hashing import Keys
    from chalicelib.visits.keys import VisitKey

_READ: Final = "read"


class DynamoDbAudit:
    """`AuditStore` on the operations table."""

    def __init__(self, keys: Callable[[], Keys]) -> None:
        self._keys = keys

    def record_reading(self, municipality: str, key: VisitKey, reading: Reading) -> None:
        """The reading is on record, for as long as what was read."""
        row = bound(OperationItem)(
            audit_pk(municipality, key.office, key.day),
            f"{key.ulid}#{utc_text(reading.at)}#{_READ}-{reading.id}",
            document={"action": _READ, "at": utc_text(reading.at), "purpose": reading.purpose},
            expires_at=audit_expiry(key.day),
        )
        try:
            row.save()
        except PutError as exc:
            raise Busy from exc

    @busy_if_unread
    def of_visit(self, municipality: str, key: VisitKey) -> tuple[Sequence[AuditEntry], Sequence[Reading]]:
        """What staff did with the visit, and who looked before, each in order."""
        model = bound(OperationItem)
        rows = list(
            model.query(
                audit_pk(municipality, key.office, key.day), model.sk.startswith(f"{key.ulid}#"), consistent_read=True
            )
        )
        readings = [
            Reading(row.sk.rpartition("-")[2], parse_moment(row.document["at"]), row.document["purpose"])
            for row in rows
            if row.document["action"] == _READ
        ]
        return [_entry(row) for row in rows if row.document["action"] != _READ], readings

    def pseudonym(self, municipality: str, subject: str) -> str:
        """What stands for an employee."""
        return staff_pseudonym(self._keys(), municipality, subject)


def _entry(row: OperationItem) -> AuditEntry:
    facts = row.document
    return AuditEntry(
        at=parse_moment(facts["at"]),
        action=facts["action"],
        before=facts["from"],
        after=facts["to"],
        desk=facts["desk"],
        staff=facts["staff"],
    )
