"""How often other ways than meeting up were offered and taken: counters by day and reason in the operations table."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from pynamodb.exceptions import UpdateError

from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import OperationItem, bound
from chalicelib.booking.alternatives import AlternativeCount, Reaction
from chalicelib.shared.errors import Busy

if TYPE_CHECKING:
    from collections.abc import Sequence

_KEPT_DAYS: Final = 800
"""Two years and a little, so that a month can be compared with the same month of the year before."""


class DynamoDbAlternativeCounts:
    """`AlternativeCounts`: pk `{m}#alternatives#{YYYY-MM}`, sk `{day}#{reason}#{reaction}`."""

    def add(self, municipality: str, day: date, reasons: Sequence[str], reaction: Reaction) -> None:
        """Counts one for each reason.

        Raises:
            Busy: not counted.
        """
        model = bound(OperationItem)
        over = datetime.combine(day, time(), tzinfo=UTC) + timedelta(days=_KEPT_DAYS)
        try:
            for reason in reasons:
                counter = model(_pk(municipality, day.isoformat()[:7]), f"{day.isoformat()}#{reason}#{reaction}")
                counter.update(actions=[model.number.add(1), model.expires_at.set(int(over.timestamp()))])
        except UpdateError as exc:
            raise Busy from exc

    @busy_if_unread
    def of_month(self, municipality: str, month: str) -> list[AlternativeCount]:
        """The counts of a month, by day and reason."""
        found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        for row in bound(OperationItem).query(_pk(municipality, month)):
            day, reason, reaction = row.sk.split("#")
            found[day, reason][reaction] = int(row.number)
        return [
            AlternativeCount(date.fromisoformat(day), reason, **{name.value: counts.get(name, 0) for name in Reaction})
            for (day, reason), counts in sorted(found.items())
        ]


def _pk(municipality: str, month: str) -> str:
    return f"{municipality}#alternatives#{month}"
