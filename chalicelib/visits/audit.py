"""Who did what with a visit: kept apart from it, under a keyed pseudonym, and readable for a stated purpose only.

Each reading is itself put on record before anything is shown. No page leads here: `borgerpuls audit` does.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.shared.errors import InvalidInput, NotFound
from chalicelib.shared.personal import plain_note
from chalicelib.visits.keys import parse_visit_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock
    from chalicelib.visits.keys import VisitKey

_SHORTEST: Final = 10
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One step of a visit and who took it: 16 hex digits, the same for the same employee, and nobody's name."""

    at: datetime
    action: str
    before: str
    after: str
    desk: str | None
    staff: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Somebody read who did what, and what for."""

    id: str
    at: datetime
    purpose: str


class AuditStore(Protocol):
    """Where it is kept."""

    def record_reading(self, municipality: str, key: VisitKey, reading: Reading) -> None:
        """The reading is on record."""
        ...

    def of_visit(self, municipality: str, key: VisitKey) -> tuple[Sequence[AuditEntry], Sequence[Reading]]:
        """What staff did with the visit, and who looked before, each in order."""
        ...

    def pseudonym(self, municipality: str, subject: str) -> str:
        """What stands for an employee, by the identity provider's id."""
        ...


class Audit:
    """The use case of reading."""

    def __init__(self, *, store: AuditStore, clock: Callable[[], Clock]) -> None:
        self._store = store
        self._clock = clock

    def read(
        self, municipality: Municipality, visit_id: str, *, purpose: str
    ) -> tuple[Sequence[AuditEntry], Sequence[Reading]]:
        """Who did what with the visit, and every reading of it, this one included.

        Raises:
            InvalidInput: no purpose worth the name, or one that names somebody.
            NotFound: an id that no visit has, or nothing is kept of it (any more).
        """
        key = parse_visit_id(visit_id)
        said = plain_note(purpose, field="purpose", longest=_LONGEST)
        if len(said) < _SHORTEST:
            raise InvalidInput(fields={"purpose": f"say in {_SHORTEST} characters or more what it is needed for"})
        entries, _ = self._store.of_visit(municipality.id, key)
        if not entries:
            raise NotFound("nothing is kept of that visit: it is unknown, unattended by staff, or older than 90 days")
        now = self._clock().now().replace(microsecond=0)
        self._store.record_reading(municipality.id, key, Reading(secrets.token_hex(4), now, said))
        return self._store.of_visit(municipality.id, key)

    def pseudonym(self, municipality: Municipality, subject: str) -> str:
        """What stands for an employee whose id at the identity provider is known, to find the own steps by."""
        return self._store.pseudonym(municipality.id, subject)
