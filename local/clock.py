"""The product's clock when it runs locally: the machine's, moved by an offset that tests and demonstrations set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class OffsetClock:
    """Runs at normal speed, shifted. Only the product's own time moves; the embedded AWS keeps the machine's."""

    def __init__(self) -> None:
        """Starts as the machine's clock."""
        self._offset = timedelta()

    def now(self) -> datetime:
        """The product's present moment, aware, in UTC."""
        return datetime.now(UTC) + self._offset

    def set(self, moment: datetime) -> None:
        """It is that moment now."""
        self._offset = moment - datetime.now(UTC)

    def advance(self, minutes: float) -> None:
        """So many minutes later (or, if negative, earlier)."""
        self._offset += timedelta(minutes=minutes)
