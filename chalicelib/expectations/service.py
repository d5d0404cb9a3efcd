"""The use cases of estimates, and the store that they need."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from chalicelib.expectations.bias import bias_of, settled
from chalicelib.expectations.model import Estimate
from chalicelib.expectations.outlook import outlook
from chalicelib.expectations.rules import MOST_COUNTED, checked
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import InvalidInput, NotFound, Outrun, WrongState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from chalicelib.expectations.bias import Spread
    from chalicelib.expectations.history import Traffic
    from chalicelib.expectations.model import Content
    from chalicelib.expectations.outlook import Outlook
    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock


class EstimateStore(Protocol):
    """Where estimates are kept."""

    def all(self, municipality: str) -> Sequence[Estimate]:
        """Every estimate, in no order."""
        ...

    def add(self, estimate: Estimate) -> None:
        """A new one.

        Raises:
            Outrun: that id is known.
        """
        ...

    def put(self, estimate: Estimate) -> None:
        """The next version.

        Raises:
            Outrun: it is no longer the version before that.
        """
        ...

    def remove(self, estimate: Estimate) -> None:
        """It is there no more.

        Raises:
            Outrun: it is no longer that version.
        """
        ...


@dataclass(frozen=True, slots=True)
class Shelf:
    """Every estimate of a municipality, and how far those that are over were from what came."""

    running: tuple[Estimate, ...]
    coming: tuple[Estimate, ...]
    over: tuple[Estimate, ...]
    bias: Spread | None


class Expectations:
    """Estimates of one deployment."""

    def __init__(self, *, store: EstimateStore, traffic: Callable[[], Traffic], clock: Callable[[], Clock]) -> None:
        self._store = store
        self._traffic = traffic
        self._clock = clock

    def today(self) -> date:
        """The day in Denmark."""
        return local_date(self._clock().now())

    def shelf(self, municipality: Municipality) -> Shelf:
        """All of them, the latest start first."""
        today = self.today()
        known = sorted(self._store.all(municipality.id), key=lambda each: (each.content.starts, each.id), reverse=True)
        over = tuple(each for each in known if each.is_over(today))
        running = tuple(each for each in known if each.has_begun(today) and not each.is_over(today))
        coming = tuple(each for each in reversed(known) if not each.has_begun(today))
        return Shelf(running, coming, over, bias_of(settled(known, today)))

    def one(self, municipality: Municipality, estimate: str) -> Estimate:
        """That estimate.

        Raises:
            NotFound: there is none.
        """
        found = next((each for each in self._store.all(municipality.id) if each.id == estimate), None)
        if found is None:
            raise NotFound
        return found

    def outlook(self, municipality: Municipality, content: Content, estimate: str = "") -> Outlook:
        """What follows from a content; `estimate` is its own id, so that it doesn't correct itself."""
        others = [each for each in self._store.all(municipality.id) if each.id != estimate]
        months = self._traffic().months(municipality, content.channel.value)
        return outlook(content, others, months, self.today(), municipality.closing_days)

    def create(self, municipality: Municipality, estimate: str, content: Content) -> Estimate:
        """A new estimate; the same id again is the same estimate.

        Raises:
            InvalidInput: with what is wrong, by field.
        """
        new = Estimate(estimate, municipality.id, checked(content, municipality), self.today())
        try:
            self._store.add(new)
        except Outrun:
            return self.one(municipality, estimate)
        return new

    def change(self, municipality: Municipality, estimate: str, version: int, content: Content) -> Estimate:
        """Another content, before it begins.

        Raises:
            InvalidInput: with what is wrong, by field.
            WrongState: it has begun.
            Outrun: somebody else was faster.
        """
        before = self._before(municipality, estimate, version)
        if before.has_begun(self.today()):
            raise WrongState
        after = replace(before, content=checked(content, municipality), version=version + 1)
        self._store.put(after)
        return after

    def withdraw(self, municipality: Municipality, estimate: str, version: int) -> None:
        """It is there no more; only before it begins, so that none is lost because it was wrong (BF-18).

        Raises:
            WrongState: it has begun.
            Outrun: somebody else was faster.
        """
        before = self._before(municipality, estimate, version)
        if before.has_begun(self.today()):
            raise WrongState
        self._store.remove(before)

    def count(self, municipality: Municipality, estimate: str, version: int, week: int, contacts: int) -> Estimate:
        """The contacts of a week that has begun; a second number replaces the first.

        Raises:
            InvalidInput: no such week yet, or no such number.
            Outrun: somebody else was faster.
        """
        before = self._before(municipality, estimate, version)
        if not 1 <= week <= before.weeks_begun(self.today()):
            raise InvalidInput(fields={"week": "a week that has begun"})
        if not 0 <= contacts <= MOST_COUNTED:
            raise InvalidInput(fields={"contacts": f"0 to {MOST_COUNTED}"})
        after = replace(before, counts={**before.counts, week: contacts}, version=version + 1)
        self._store.put(after)
        return after

    def _before(self, municipality: Municipality, estimate: str, version: int) -> Estimate:
        before = self.one(municipality, estimate)
        if before.version != version:
            raise Outrun
        return before
