"""Keeping a place while a citizen types (WCAG 2.2.1): it can be had for longer, and is taken again when it ran out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from chalicelib import bootstrap
from chalicelib.booking.callers import Purpose
from chalicelib.entrypoints.booking.guard import allow
from chalicelib.shared.errors import NotFound, WrongState

if TYPE_CHECKING:
    from datetime import datetime

    from chalice.app import Request

    from chalicelib.booking.model import Hold
    from chalicelib.entrypoints.booking.choice import Choice
    from chalicelib.municipalities.model import Office


class Keeping(StrEnum):
    """How a place came to be kept."""

    HELD = "held"
    EXTENDED = "extended"
    RETAKEN = "retaken"
    LONGEST = "longest"


@dataclass(frozen=True, slots=True)
class Place:
    """A time at an office that a citizen wants."""

    request: Request
    choice: Choice
    office: Office
    start: datetime

    def held(self, hold_id: str | None) -> Hold | None:
        """The hold, if it is of this place and has not run out."""
        hold = bootstrap.booking().held(self.choice.municipality, hold_id) if hold_id else None
        return hold if hold and (hold.office, hold.start) == (self.office.id, self.start) else None

    def take(self, *, instead_of: str | None = None) -> Hold:
        """A new hold of it.

        Raises:
            SlotTaken, NotBookable: it can't be had.
            TooManyRequests: this address has held too many.
        """
        allow(self.request, self.choice.municipality, Purpose.HOLD)
        return bootstrap.booking().hold(
            self.choice.municipality,
            self.office.id,
            self.choice.ids,
            self.start,
            persons=self.choice.persons,
            meeting=self.choice.meeting,
            instead_of=instead_of,
        )

    def keep(self, hold_id: str | None) -> tuple[Hold, Keeping]:
        """The place for some minutes from now on: the hold extended, or a new one if it has run out.

        Raises:
            SlotTaken, NotBookable: it ran out, and somebody else has the place.
        """
        hold = self.held(hold_id)
        if hold is None:
            return self.take(instead_of=hold_id), Keeping.RETAKEN if hold_id else Keeping.HELD
        try:
            return bootstrap.booking().extend_hold(self.choice.municipality, hold.id), Keeping.EXTENDED
        except NotFound:
            return self.take(instead_of=hold_id), Keeping.RETAKEN
        except WrongState:
            return hold, Keeping.LONGEST
