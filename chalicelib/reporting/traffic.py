"""Contacts by channel over quarters or years, by operational counts and never by survey answers (FR-18, GL-08)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.rates import TRAFFIC, rate
from chalicelib.reporting.statistics import Proportion

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chalicelib.municipalities.model import Thresholds
    from chalicelib.reporting.cell import Cell
    from chalicelib.reporting.reading import Reading

QUARTER, YEAR = 3, 12
MOST: Final = {QUARTER: 8, YEAR: 5}
"""So many of the latest periods are drawn."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A period's contacts: of each channel, and of all. A channel of few is hidden, with what would tell it."""

    period: str
    channels: tuple[Cell, ...]
    total: int | None

    def of(self, channel: str) -> int | None:
        """The contacts of a channel; None where they are hidden or there were none."""
        return next((cell.count for cell in self.channels if cell.value == channel), None)


def slices(readings: Iterable[Reading], thresholds: Thresholds) -> tuple[Slice, ...]:
    """The periods that lack no month, in their order."""
    return tuple(_slice(reading, thresholds) for reading in readings if not reading.missing)


def traffic_cells(reading: Reading, thresholds: Thresholds) -> list[Cell]:
    """Each channel's part of all contacts, by operational counts and never by survey answers (GL-08, FR-07)."""
    served = reading.served(thresholds)
    everyone = served.everyone
    shown = [(channel, n, served.of("channel", channel)) for channel, n in _channels(reading)]
    return [
        rate(TRAFFIC, channel, Proportion(n, everyone or n), thresholds, hidden=everyone is None or told is None)
        for channel, n, told in shown
    ]


def _channels(reading: Reading) -> list[tuple[str, int]]:
    return [(channel, n) for channel, n in reading.counts.served.get("channel", {}).items() if n]


def channels_of(found: Sequence[Slice]) -> list[str]:
    """Every channel that is shown somewhere, the largest of the latest period first."""
    shown = {cell.value for each in found for cell in each.channels if cell.count is not None}
    return sorted(shown, key=lambda channel: (-(found[-1].of(channel) or 0), channel)) if found else []


def _slice(reading: Reading, thresholds: Thresholds) -> Slice:
    cells = tuple(traffic_cells(reading, thresholds))
    return Slice(reading.period.id, cells, next((cell.n for cell in cells if cell.n is not None), None))
