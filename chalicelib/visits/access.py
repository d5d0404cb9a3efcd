"""What every use case of visits shares: the ports, the clock, reading and changing one visit, checking what is named.

Every change is a conditional write on what was read. Whoever loses a race reads again; whoever loses an answer looks
for its own step in the visit's trail, so a repeated write is recognised instead of done twice (I2).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import InvalidInput, NotFound, WrongState
from chalicelib.shared.identifiers import DeskId, ReasonId
from chalicelib.shared.retry import Retry
from chalicelib.visits.model import Visit, parse_visit_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from chalicelib.municipalities.model import DeskGroup, Municipality
    from chalicelib.shared.clock import Clock
    from chalicelib.visits.ports import Appointments, Experiences, Outages, VisitStore


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one visit: what it makes of the visit, how it is written, and which version the asker saw."""

    step_id: str
    make: Callable[[Visit], Visit]
    write: Callable[[Visit, Visit], None]
    seen: int | None


class VisitAccess:
    """The ports, and reading and writing through them."""

    def __init__(
        self,
        *,
        store: VisitStore,
        appointments: Appointments,
        outages: Outages,
        experiences: Experiences,
        clock: Callable[[], Clock],
        retry: Retry | None = None,
    ) -> None:
        self.store = store
        self.appointments = appointments
        self.outages = outages
        self.experiences = experiences
        self._clock = clock
        self.retry = retry or Retry()

    def now(self) -> datetime:
        """The present moment, to the second."""
        return self._clock().now().replace(microsecond=0)

    def today(self) -> date:
        """The local service day."""
        return local_date(self.now())

    def get(self, municipality: Municipality, visit_id: str) -> Visit:
        """The visit.

        Raises:
            NotFound: this municipality has no such visit.
        """
        visit = self.store.find(municipality.id, parse_visit_id(visit_id))
        if visit is None:
            raise NotFound
        return visit

    def replacing(self, step_id: str, make: Callable[[Visit], Visit], seen: int | None, by: str | None) -> Change:
        """A change of the visit alone."""
        return Change(step_id, make, lambda before, after: self.store.replace(before, after, by=by), seen)

    def write(self, municipality: Municipality, visit_id: str, change: Change) -> Visit:
        """Read, change, write; after any failure read again, and find out whether the write took place.

        Raises:
            NotFound: there is no such visit.
            WrongState: not possible now, or the page that asked showed an older state (`seen`).
            Busy: nothing was changed.
        """

        def attempt() -> Visit:
            before = self.get(municipality, visit_id)
            if before.has_step(change.step_id):
                return before
            if change.seen is not None and change.seen != before.version:
                raise WrongState("the visit has changed since it was shown")
            after = change.make(before)
            change.write(before, after)
            return after

        return self.retry.run(attempt)


def new_step_id() -> str:
    """Tells one write from another in a trail."""
    return secrets.token_hex(4)


def group_of_desk(municipality: Municipality, office: str, desk: str) -> DeskGroup:
    """The desk group that a desk of an office belongs to.

    Raises:
        NotFound: no such office.
        InvalidInput: the office has no such desk.
    """
    place = municipality.office(office)
    try:
        return place.group_of_desk(DeskId(desk))
    except NotFound as exc:
        raise InvalidInput(fields={"desk": "this office has no such desk"}) from exc


def checked_reasons(municipality: Municipality, office: str, reasons: Sequence[str]) -> tuple[ReasonId, ...]:
    """The reasons, without repetition.

    Raises:
        InvalidInput: none, or one that the office does not serve.
    """
    served = municipality.office(office).reasons
    unique = tuple(ReasonId(reason) for reason in dict.fromkeys(reasons))
    if not unique or any(reason not in served for reason in unique):
        raise InvalidInput(fields={"reasons": "name one or more enquiry reasons that the office serves"})
    return unique
