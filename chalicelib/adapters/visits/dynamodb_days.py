"""An office's days in figures, in DynamoDB: a partition per office, a row per day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from pynamodb.exceptions import PutError

from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import OperationItem, bound
from chalicelib.shared.clock import local_day_bounds
from chalicelib.shared.errors import Busy
from chalicelib.visits.days import DayRecord, figures_document, figures_from
from chalicelib.visits.experience import Experience

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from chalicelib.shared.clock import Clock

_KEPT: Final = timedelta(days=800)
"""Two years, so that a month can be held against the same month of the year before."""
_FINAL: Final = "final"
_SWEPT: Final = "swept"
_LEARNED_FROM: Final = timedelta(days=14)
_FRESH: Final = timedelta(minutes=10)


class DynamoDbDays:
    """`DayStore` on the operations table."""

    @busy_if_unread
    def between(self, municipality: str, office: str, first: date, last: date) -> Sequence[DayRecord]:
        """The kept days of an office, both ends included, in order."""
        model = bound(OperationItem)
        rows = model.query(
            _pk(municipality, office), model.sk.between(first.isoformat(), last.isoformat()), consistent_read=True
        )
        return [
            DayRecord(municipality, office, date.fromisoformat(row.sk), figures_from(row.document), row.state == _FINAL)
            for row in rows
        ]

    def keep(self, record: DayRecord) -> None:
        """Keep the day in place of what was kept of it before: it is counted from the visits, whoever counts."""
        row = bound(OperationItem)(
            _pk(record.municipality, record.office),
            record.day.isoformat(),
            state=_FINAL if record.is_final else _SWEPT,
            document=figures_document(record.figures),
            expires_at=int((local_day_bounds(record.day)[1] + _KEPT).timestamp()),
        )
        try:
            row.save()
        except PutError as exc:
            raise Busy from exc


class RecentDays:
    """`Experiences`: the last fortnight, remembered for ten minutes, as whole days do not change."""

    def __init__(self, days: DynamoDbDays, clock: Callable[[], Clock]) -> None:
        self._days = days
        self._clock = clock
        self._known: dict[tuple[str, str], tuple[date, datetime, Experience]] = {}

    def recent(self, municipality: str, office: str, today: date) -> Experience:
        """What the whole days before `today` taught."""
        now, key = self._clock().now(), (municipality, office)
        if key in self._known:
            day, until, known = self._known[key]
            if day == today and now < until:
                return known
        found = Experience()
        for record in self._days.between(municipality, office, today - _LEARNED_FROM, today - timedelta(days=1)):
            if record.figures.expected:
                found = found.and_(record.figures.experience)
        self._known[key] = (today, now + _FRESH, found)
        return found


def _pk(municipality: str, office: str) -> str:
    return f"{municipality}#days#{office}"
