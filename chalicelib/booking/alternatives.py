"""Other ways than meeting up, offered before booking and counted (FR-12); never where the law asks for attendance.

Only days, reasons and numbers are counted; who it was stays unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from chalicelib.municipalities.model import Alternative, EnquiryReason


class Reaction(StrEnum):
    """What is counted. Who books nevertheless has declined; that is recorded with the appointment."""

    OFFERED = "offered"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class AlternativeCount:
    """One day's offers for one enquiry reason."""

    day: date
    reason: str
    offered: int = 0
    accepted: int = 0


class AlternativeCounts(Protocol):
    """Where offers are counted; the reports read them by month."""

    def add(self, municipality: str, day: date, reasons: Sequence[str], reaction: Reaction) -> None:
        """Counts one for each reason.

        Raises:
            Busy: not counted.
        """
        ...

    def of_month(self, municipality: str, month: str) -> list[AlternativeCount]:
        """The counts of a month (`YYYY-MM`), by day and reason."""
        ...


def offers(reason: EnquiryReason) -> tuple[Alternative, ...]:
    """What may be offered instead of a visit: nothing where attendance is required (FR-13, GL-21)."""
    return () if reason.attendance_required else reason.alternatives
