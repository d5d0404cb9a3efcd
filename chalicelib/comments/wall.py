"""The wall: one comment at a time on the big screen, in the days that a leader has chosen (BF-08).

Every screen shows the same one at the same time, by the clock alone. Switching it off always wins.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.comments.model import Use
from chalicelib.comments.service import asks
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import Conflict, InvalidInput, Outrun

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from chalicelib.comments.service import PickedComments, Shown
    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock

SECONDS: Final = 24
"""How long one comment stands: time to read the longest twice."""
LONGEST: Final = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Wall:
    """When it is on; without days it is off."""

    first: date | None = None
    last: date | None = None
    version: int = 0

    def is_on(self, today: date) -> bool:
        """True within the chosen days, both included."""
        return self.first is not None and self.last is not None and self.first <= today <= self.last


@dataclass(frozen=True, slots=True)
class Screen:
    """What stands on it now. `shown` is None while it is off, and when nothing is picked."""

    wall: Wall
    is_on: bool
    shown: Shown | None = None
    picked: int = 0


class WallStore(Protocol):
    """Where the chosen days are kept."""

    def get(self, municipality: str) -> Wall:
        """The days as they are now."""
        ...

    def save(self, municipality: str, wall: Wall) -> None:
        """These days, in place of the version before.

        Raises:
            Outrun: that version is not the one that stands.
        """
        ...

    def clear(self, municipality: str) -> None:
        """Off, whatever stood there; twice is once."""
        ...


class WallService:
    """Switching the wall on and off, and what it shows."""

    def __init__(self, *, store: WallStore, picked: PickedComments, clock: Callable[[], Clock]) -> None:
        self._store = store
        self._picked = picked
        self._clock = clock

    def screen(self, municipality: Municipality) -> Screen:
        """What every screen shows at this moment."""
        now, wall = self._clock().now(), self._store.get(municipality.id)
        if not wall.is_on(local_date(now)):
            return Screen(wall, is_on=False)
        found = self._picked.of(municipality, Use.WALL)
        turn = int(now.timestamp()) // SECONDS
        return Screen(wall, is_on=True, shown=found[turn % len(found)] if found else None, picked=len(found))

    def switch_on(self, municipality: Municipality, first: date, last: date, *, seen: int) -> Wall:
        """On in these days. `seen` is the version that stood on the page.

        Raises:
            InvalidInput: the days are over, backwards, or more than a month.
            Conflict: somebody has switched it meanwhile.
        """
        today = local_date(self._clock().now())
        if not max(first, today) <= last <= first + LONGEST:
            raise InvalidInput(fields={"last": "from today on, at most 31 days"})
        wall = Wall(first, last, seen + 1)
        try:
            self._store.save(municipality.id, wall)
        except Outrun as exc:
            raise Conflict from exc
        return wall

    def switch_off(self, municipality: Municipality) -> None:
        """Off on every screen, at once here and elsewhere when it asks next. Twice is once."""
        self._store.clear(municipality.id)


def may_hang_publicly(municipality: Municipality) -> bool:
    """True where every comment on the wall has its writer's yes: elsewhere only signed-in staff see it (ADR 34)."""
    return asks(municipality)
