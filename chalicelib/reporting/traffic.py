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
    from chalicelib.reporting.model import PeriodCounts
    from chalicelib.reporting.reading import Compared, Reading
    from chalicelib.reporting.served import PublishedServed

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
    return _parts(reading.counts, reading.served(thresholds), "channel", thresholds)


def contact_cells(found: Compared) -> list[Cell]:
    """Each channel's, department's and enquiry reason's part of all contacts (GE-10)."""
    counts, served = found.now.counts, found.served
    return [cell for by in ("channel", "department", "reason") for cell in _parts(counts, served, by, found.thresholds)]


def _parts(counts: PeriodCounts, served: PublishedServed, by: str, thresholds: Thresholds) -> list[Cell]:
    everyone = served.everyone
    name = TRAFFIC if by == "channel" else f"{TRAFFIC}_{by}"
    found = ((value, n, served.of(by, value)) for value, n in counts.served.get(by, {}).items() if n)
    return [
        rate(name, value, Proportion(n, everyone or n), thresholds, hidden=everyone is None or told is None)
        for value, n, told in found
    ]


def channels_of(found: Sequence[Slice]) -> list[str]:
    """Every channel that is shown somewhere, the largest of the latest period first."""
    shown = {cell.value for each in found for cell in each.channels if cell.count is not None}
    return sorted(shown, key=lambda channel: (-(found[-1].of(channel) or 0), channel)) if found else []


def _slice(reading: Reading, thresholds: Thresholds) -> Slice:
    cells = tuple(traffic_cells(reading, thresholds))
    return Slice(reading.period.id, cells, next((cell.n for cell in cells if cell.n is not None), None))
