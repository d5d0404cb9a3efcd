"""Rows that say which employee did what: under a keyed pseudonym, apart from the visit, and gone after ninety days."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.adapters.tables import OperationItem, bound
from chalicelib.shared.clock import local_day_bounds, utc_text
from chalicelib.shared.hashing import staff_pseudonym

if TYPE_CHECKING:
    from datetime import date, datetime

    from chalicelib.shared.hashing import Keys
    from chalicelib.visits.model import Step, Visit

KEPT: Final = timedelta(days=90)
"""Long enough for a complaint about a visit to be looked into."""


def audit_pk(municipality: str, office: str, day: date) -> str:
    """The partition of an office's day."""
    return f"{municipality}#audit#{office}#{day.isoformat()}"


def audit_expiry(day: date) -> int:
    """When the rows of a day are removed."""
    return int((local_day_bounds(day)[1] + KEPT).timestamp())


def audit_row(keys: Keys, visit: Visit, step: Step, by: str) -> OperationItem:
    """Who took a step of a visit. Rewriting the step rewrites the row."""
    return bound(OperationItem)(
        audit_pk(visit.municipality, visit.office, visit.day),
        f"{visit.ulid}#{utc_text(step.at)}#{step.id}",
        document={
            "action": str(step.action),
            "at": utc_text(step.at),
            "from": str(step.before),
            "to": str(step.after),
            "desk": step.desk,
            "detail": step.detail,
            "staff": staff_pseudonym(keys, visit.municipality, by),
        },
        expires_at=audit_expiry(visit.day),
    )


def audit_row_of_office(
    keys: Keys, municipality: str, office: str, day: date, subject: str, *, action: str, at: datetime, by: str
) -> OperationItem:
    """Who did something at an office that is no step of a visit, such as raising an alarm."""
    return bound(OperationItem)(
        audit_pk(municipality, office, day),
        f"{subject}#{utc_text(at)}#{action}",
        document={"action": action, "at": utc_text(at), "staff": staff_pseudonym(keys, municipality, by)},
        expires_at=audit_expiry(day),
    )
