"""Days that staff have closed or given other hours by a click: beside the municipality's file, merged when it is read.

So every reader of a municipality follows at once: opening hours, free times, the kiosk and the expected wait.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from chalicelib.municipalities.document_parts import exception_from
from chalicelib.shared.clock import parse_moment, utc_text
from chalicelib.shared.identifiers import OfficeId

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from chalicelib.municipalities.model import Municipality
    from chalicelib.municipalities.offices import DayException, OpeningPeriod

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StaffException:
    """One change of hours, who made it (a role, nobody's name) and when. Taken back, it stays on record."""

    id: str
    office: OfficeId
    hours: DayException
    by: str
    at: datetime
    removed_by: str | None = None
    removed_at: datetime | None = None
    version: int = 1

    @property
    def is_in_force(self) -> bool:
        """True until somebody takes it back."""
        return self.removed_at is None


class StaffExceptions(Protocol):
    """Where they are kept."""

    def of(self, municipality: str) -> Sequence[StaffException]:
        """Those that are in force or were taken back, in the order in which they were made."""
        ...

    def add(self, municipality: str, exception: StaffException) -> None:
        """Keep a new one.

        Raises:
            Conflict: there is one with that id.
        """
        ...

    def remove(self, municipality: str, before: StaffException, after: StaffException) -> None:
        """It is taken back, if nothing has happened to it since it was read.

        Raises:
            Conflict: somebody else was faster.
        """
        ...


def with_exceptions(municipality: Municipality, exceptions: Iterable[StaffException]) -> Municipality:
    """The municipality as its staff have changed it: theirs come after the file's, because the last one counts."""
    made: dict[OfficeId, tuple[DayException, ...]] = {}
    for exception in exceptions:
        if exception.is_in_force:
            made[exception.office] = (*made.get(exception.office, ()), exception.hours)
    if not made:
        return municipality
    offices = tuple(replace(o, exceptions=(*o.exceptions, *made.get(o.id, ()))) for o in municipality.offices)
    return replace(municipality, offices=offices)


def document_of(exception: StaffException) -> Document:
    """As it is stored."""
    hours = exception.hours
    return {
        "office": exception.office,
        "first": hours.first.isoformat(),
        "last": hours.last.isoformat(),
        "opening": [_period(period) for period in hours.opening],
        "groups": sorted(hours.groups),
        "note": hours.note,
        "by": exception.by,
        "at": utc_text(exception.at),
        "removed_by": exception.removed_by,
        "removed_at": utc_text(exception.removed_at) if exception.removed_at else None,
    }


def staff_exception_from(exception_id: str, document: Document, version: int) -> StaffException:
    """From what was stored."""
    removed_at = document["removed_at"]
    return StaffException(
        id=exception_id,
        office=OfficeId(document["office"]),
        hours=exception_from({**document, "id": exception_id}),
        by=document["by"],
        at=parse_moment(document["at"]),
        removed_by=document["removed_by"],
        removed_at=parse_moment(removed_at) if removed_at else None,
        version=version,
    )


def _period(period: OpeningPeriod) -> Document:
    return {
        "weekdays": sorted(period.weekdays),
        "opens": period.opens.isoformat("minutes"),
        "closes": period.closes.isoformat("minutes"),
        "desks": period.desks,
        "reasons": sorted(period.reasons),
        "web": period.web,
        "walk_in": period.walk_in,
        "acute": period.acute,
    }
