"""Which period is meant, what it is compared with, and their counts: months, and longer periods made of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.reporting.merging import merged
from chalicelib.reporting.model import ALL
from chalicelib.reporting.periods import Period, closed_periods, period_of
from chalicelib.reporting.served import PublishedServed, published
from chalicelib.shared.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.municipalities.model import Municipality, Thresholds
    from chalicelib.reporting.model import PeriodCounts
    from chalicelib.reporting.published import PublishedGroups

PREVIOUS, YEAR, NO_COMPARISON = "previous", "year", "none"
_LENGTHS: Final = (1, 3, 12)
_PERIODS_TO_TRY: Final = {1: 24, 3: 8, 12: 2}


class ReportCells(Protocol):
    """Where the counts of the months are kept."""

    def periods(self, municipality: str) -> list[str]:
        """Every month that has counts, oldest first."""
        ...

    def read(self, municipality: str, period: str) -> PeriodCounts | None:
        """The counts of a month; None when there are none."""
        ...

    def frozen(self, municipality: str, digest: str) -> PeriodCounts | None:
        """An earlier edition of a month's counts; None when none is kept under that digest."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """A period's counts, together and month by month; `missing` are months without any."""

    period: Period
    counts: PeriodCounts
    months: tuple[PeriodCounts, ...]
    missing: tuple[str, ...]

    @property
    def parts(self) -> tuple[PeriodCounts, ...]:
        """The months of a longer period, which are published on their own; none for a month."""
        return self.months if len(self.period.months) > 1 else ()

    def published(self, thresholds: Thresholds) -> PublishedGroups:
        """What may be shown of it."""
        return published(self.counts, thresholds, self.parts)

    def served(self, thresholds: Thresholds) -> PublishedServed:
        """How many were served, as far as it may be shown."""
        return PublishedServed(self.counts, thresholds, self.parts)


@dataclass(frozen=True)
class Compared:
    """A period beside the one that it is compared with. `known` are all months with counts, oldest first.

    `closed` is False while the period still runs; then nothing is tested. `settled` is False while answers may come in.
    """

    now: Reading
    before: Reading | None
    closed: bool
    known: tuple[str, ...]
    thresholds: Thresholds
    settled: bool = True

    @cached_property
    def published(self) -> PublishedGroups:
        """What may be shown of the period."""
        return self.now.published(self.thresholds)

    @cached_property
    def served(self) -> PublishedServed:
        """How many were served in the period, as far as it may be shown."""
        return self.now.served(self.thresholds)

    @property
    def span(self) -> tuple[str, str]:
        """The first month of what is compared, and the last."""
        return (self.before or self.now).period.months[0], self.now.period.months[-1]

    @cached_property
    def published_before(self) -> PublishedGroups | None:
        """What may be shown of the period before."""
        return self.before.published(self.thresholds) if self.before else None


class PeriodReader:
    """Finds periods and reads them."""

    def __init__(self, cells: ReportCells) -> None:
        self._cells = cells

    def compared(
        self, municipality: Municipality, period: str | None, compare: str | None, *, running: str
    ) -> Compared | None:
        """The period asked for and its comparison; None without any counts at all.

        Without `period`: the latest month, else quarter, else year that is closed and has more answers than a small
        base. `compare` is a period of the same length, `previous`, `year` (the same season a year earlier) or `none`;
        without one: `year` where there are counts, else `previous`.

        Raises:
            InvalidInput: no such period.
            NotFound: the period asked for has no counts.
        """
        known = self._cells.periods(municipality.id)
        if period is None:
            now = self._chosen(municipality, known, running)
        else:
            now = self.read(municipality.id, period_of(period), known)
            if now is None:
                raise NotFound(fields={"period": "no counts"})
        if now is None:
            return None
        before = self._before(municipality.id, now.period, compare, known)
        return Compared(
            *(now, before, now.period.is_closed(running), tuple(known), municipality.thresholds),
            settled=now.period.is_settled(running),
        )

    def read(self, municipality: str, period: Period, known: Sequence[str]) -> Reading | None:
        """The counts of a period; None when none of its months has any."""
        found = [self._cells.read(municipality, month) for month in period.months if month in known]
        months = tuple(month for month in found if month is not None)
        if not months:
            return None
        missing = tuple(month for month in period.months if month not in {each.period for each in months})
        return Reading(period, merged(period.id, months), months, missing)

    def _chosen(self, municipality: Municipality, known: list[str], running: str) -> Reading | None:
        """The shortest closed period with answers enough; where there is none, the latest month."""
        latest: Reading | None = None
        for length in _LENGTHS:
            for period in closed_periods(known, running, length)[: _PERIODS_TO_TRY[length]]:
                found = self.read(municipality.id, period, known)
                latest = latest or found
                if found and not found.missing and answers(found.counts) > municipality.thresholds.small_base:
                    return found
        return latest or (self.read(municipality.id, period_of(known[-1]), known) if known else None)

    def _before(self, municipality: str, period: Period, compare: str | None, known: list[str]) -> Reading | None:
        if compare == NO_COMPARISON:
            return None
        if compare is None:
            season = self.read(municipality, period.a_year_before, known)
            return season or self.read(municipality, period.preceding, known)
        if compare in {PREVIOUS, YEAR}:
            wanted = period.preceding if compare == PREVIOUS else period.a_year_before
        else:
            wanted = period_of(compare, field="compare")
        if wanted.months[-1] >= period.months[0] or len(wanted.months) != len(period.months):
            raise InvalidInput(fields={"compare": "an earlier period of the same length"})
        return self.read(municipality, wanted, known)


def answers(counts: PeriodCounts) -> int:
    """How many answered the question that most answered."""
    return max((group.n for group in counts.groups if group.dimension == ALL), default=0)
