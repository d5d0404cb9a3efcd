"""What every use case of visits shares: the ports, the clock, reading one visit, checking what a caller names."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from chalicelib.shared.errors import InvalidInput, NotFound
from chalicelib.shared.identifiers import DeskId, ReasonId
from chalicelib.shared.retry import Retry
from chalicelib.visits.model import Visit, parse_visit_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from chalicelib.municipalities.model import DeskGroup, Municipality
    from chalicelib.shared.clock import Clock
    from chalicelib.visits.ports import Appointments, VisitStore


class VisitAccess:
    """The ports, and reading through them."""

    def __init__(
        self,
        *,
        store: VisitStore,
        appointments: Appointments,
        clock: Callable[[], Clock],
        retry: Retry | None = None,
    ) -> None:
        self.store = store
        self.appointments = appointments
        self._clock = clock
        self.retry = retry or Retry()

    def now(self) -> datetime:
        """The present moment, to the second."""
        return self._clock().now().replace(microsecond=0)

    def get(self, municipality: Municipality, visit_id: str) -> Visit:
        """The visit.

        Raises:
            NotFound: this municipality has no such visit.
        """
        visit = self.store.find(municipality.id, parse_visit_id(visit_id))
        if visit is None:
            raise NotFound
        return visit


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
