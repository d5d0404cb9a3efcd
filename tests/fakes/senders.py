"""The last days of senders in memory; the contract test holds both to the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.contacts.senders import LastDelivery


class InMemoryDeliveryDays:
    """`DeliveryDays`."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], LastDelivery] = {}

    def keep(self, municipality: str, delivery: LastDelivery) -> None:
        old = self._kept.get((municipality, delivery.key))
        if old is None or old.day < delivery.day:
            self._kept[municipality, delivery.key] = delivery

    def all(self, municipality: str) -> Sequence[LastDelivery]:
        return [each for (owner, _), each in sorted(self._kept.items()) if owner == municipality]

    def forget(self, municipality: str, key: str) -> bool:
        return self._kept.pop((municipality, key), None) is not None
