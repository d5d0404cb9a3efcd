"""When each reporting system last delivered: so that somebody is told of a delivery that never comes (SK-27)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from chalicelib.municipalities.hours import is_closed
from chalicelib.shared.clock import local_date

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from chalicelib.contacts.service import Sender
    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock

_SATURDAY = 6


@dataclass(frozen=True, slots=True)
class LastDelivery:
    """The Danish day on which a sender last reported a contact. `system` is None for one that gives no name."""

    key: str
    system: str | None
    day: date
    missed: int = 0
    """Working days since, today not among them: it is not over."""
    silent: bool = False


class DeliveryDays(Protocol):
    """Where the last day of each sender is kept."""

    def keep(self, municipality: str, delivery: LastDelivery) -> None:
        """The sender delivered on that day; an earlier day than the one that is kept changes nothing.

        Raises:
            Busy: not written.
        """
        ...

    def all(self, municipality: str) -> Sequence[LastDelivery]:
        """Every sender that ever reported, by its key."""
        ...

    def forget(self, municipality: str, key: str) -> bool:
        """The sender is no longer waited for; False if it was not."""
        ...


class SenderWatch:
    """Who delivers, and who has stopped."""

    def __init__(self, *, days: DeliveryDays, clock: Callable[[], Clock]) -> None:
        self._days = days
        self._clock = clock

    def delivered(self, municipality: Municipality, sender: Sender) -> None:
        """The sender has just reported a contact that was recorded, or had been before."""
        today = local_date(self._clock().now())
        self._days.keep(municipality.id, LastDelivery(sender.key, sender.system, today))

    def of(self, municipality: Municipality) -> tuple[LastDelivery, ...]:
        """Every sender, the longest silent first."""
        today = local_date(self._clock().now())
        judged = (_judged(each, municipality, today) for each in self._days.all(municipality.id))
        return tuple(sorted(judged, key=lambda each: (each.day, each.key)))

    def forget(self, municipality: Municipality, system: str) -> bool:
        """A system that was replaced is no longer waited for; False if no sender of that name or key was."""
        found = [each.key for each in self._days.all(municipality.id) if system in {each.system, each.key}]
        return sum(self._days.forget(municipality.id, key) for key in found) > 0


def _judged(each: LastDelivery, municipality: Municipality, today: date) -> LastDelivery:
    missed = sum(_works(municipality, each.day + timedelta(days=n)) for n in range(1, (today - each.day).days))
    return LastDelivery(each.key, each.system, each.day, missed, silent=missed >= municipality.silent_after_days)


def _works(municipality: Municipality, day: date) -> bool:
    return day.isoweekday() < _SATURDAY and not is_closed(municipality, day)
