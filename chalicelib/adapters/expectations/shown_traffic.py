"""The history that estimates are held against: the monthly contacts of a channel, as far as reports show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalicelib.expectations.history import Month
from chalicelib.reporting.periods import period_of
from chalicelib.reporting.reading import PeriodReader
from chalicelib.shared.clock import month_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chalicelib.municipalities.model import Municipality
    from chalicelib.reporting.reading import ReportCells
    from chalicelib.shared.clock import Clock

_MONTHS: Final = 24


class ShownTraffic:
    """`Traffic` on the counts of the reports, through the gate of the reports: a hidden month is no month here."""

    def __init__(self, *, cells: ReportCells, clock: Callable[[], Clock]) -> None:
        self._cells = cells
        self._clock = clock

    def months(self, municipality: Municipality, channel: str) -> Sequence[Month]:
        """Of the latest two years, oldest first."""
        running, reader = month_of(self._clock().now()), PeriodReader(self._cells)
        known = [month for month in self._cells.periods(municipality.id) if month < running][-_MONTHS:]
        readings = (reader.read(municipality.id, period_of(month), known) for month in known)
        shown = (
            (reading.period.id, reading.served(municipality.thresholds).of("channel", channel))
            for reading in readings
            if reading
        )
        return [Month(month, contacts) for month, contacts in shown if contacts is not None]
