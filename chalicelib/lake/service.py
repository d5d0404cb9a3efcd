"""Facts and answers on their way into the lake: landed once whatever crashes or comes twice (I5).

The order is the safety: object, then mark, then the pending item goes. A crash anywhere leaves the pending item, and
doing all of it again changes nothing. What lands is read strongly from the store: a stream may be late or out of order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.lake.landing import booking_objects, contact_objects, invitation_objects, response_objects
from chalicelib.shared.clock import parse_moment
from chalicelib.shared.errors import BorgerpulsError
from chalicelib.shared.work import WorkItem, WorkKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from chalicelib.lake.landing import Fact, LandedObject
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.work import PendingWork


class Facts(Protocol):
    """The stores that the lake's rows come from, read strongly."""

    def find(self, kind: WorkKind, municipality: str, subject: str) -> Fact | None:
        """The contact, invitation, response or appointment that landing work is about; None when it was deleted."""
        ...

    def settle(self, item: WorkItem) -> None:
        """Delete the pending item, unless it has been written again with a higher version than the item's."""
        ...


class Lake(Protocol):
    """Where landed objects are kept."""

    def land(self, landed: LandedObject) -> bool:
        """Write the object, unless one of a newer version stands there: then False, and nothing changes."""
        ...


class Marks(Protocol):
    """Which partitions have changed since they were last compacted."""

    def touch(self, municipality: str, table: str, month: str) -> None:
        """The partition has changed."""
        ...


GRACE: Final = timedelta(seconds=60)
"""What a stream does within seconds is left to it."""
MOST_PER_SWEEP: Final = 500


class Landing(StrEnum):
    """What became of it."""

    LANDED = "landed"
    SUPERSEDED = "superseded"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class _Source:
    rows: Callable[[Fact], Sequence[LandedObject]]
    due_field: str


# The due time of landing work stands in its subject's document, so that its key can be made again from it.
_SOURCES: Final = {
    WorkKind.LAND_CONTACT: _Source(contact_objects, "ended_at"),
    WorkKind.LAND_INVITATION: _Source(invitation_objects, "decided_at"),
    WorkKind.LAND_RESPONSE: _Source(response_objects, "started_at"),
    WorkKind.LAND_BOOKING: _Source(booking_objects, "known_from"),
}


class LandingService:
    """Lands what a stream announces, and what it lost."""

    def __init__(
        self, *, facts: Facts, lake: Lake, marks: Marks, clock: Callable[[], Clock], work: PendingWork | None = None
    ) -> None:
        self._facts = facts
        self._lake = lake
        self._marks = marks
        self._clock = clock
        self._work = work

    def land_contact(self, municipality: str, contact_id: str) -> Landing:
        """The contact's facts are in the lake."""
        return self._land(WorkKind.LAND_CONTACT, municipality, contact_id)

    def land_invitation(self, municipality: str, contact_id: str) -> Landing:
        """The invitation's present state is in the lake."""
        return self._land(WorkKind.LAND_INVITATION, municipality, contact_id)

    def land_response(self, municipality: str, contact_id: str) -> Landing:
        """The response is in the lake, with answers and comments once it is finished."""
        return self._land(WorkKind.LAND_RESPONSE, municipality, contact_id)

    def sweep(self, municipality: str, now: datetime | None = None) -> int:
        """Everything due that streams have lost is landed; how many items that were.

        Of one item that can't be landed the error is raised after the others are done: one bad fact holds up nobody.
        """
        done, failure = 0, None
        for item in self._due(municipality, now or self._clock().now()):
            try:
                self._do(item)
                done += 1
            except (BorgerpulsError, KeyError, ValueError, TypeError) as exc:
                failure = failure or exc
        if failure is not None:
            raise failure
        return done

    def _due(self, municipality: str, now: datetime) -> Iterator[WorkItem]:
        if self._work is None:
            return iter(())
        due = (item for item in self._work.due(municipality, now - GRACE) if item.kind in _SOURCES)
        return islice(due, MOST_PER_SWEEP)

    def _do(self, item: WorkItem) -> None:
        if self._land(item.kind, item.municipality, item.subject) is Landing.GONE:
            self._facts.settle(item)

    def _land(self, kind: WorkKind, municipality: str, subject: str) -> Landing:
        fact = self._facts.find(kind, municipality, subject)
        if fact is None:
            return Landing.GONE
        source = _SOURCES[kind]
        written = False
        for landed in source.rows(fact):
            if self._lake.land(landed):
                self._marks.touch(landed.municipality, landed.table, landed.month)
                written = True
        due_at = parse_moment(fact.document[source.due_field])
        self._facts.settle(WorkItem(municipality, kind, subject, due_at, version=fact.version))
        return Landing.LANDED if written else Landing.SUPERSEDED
