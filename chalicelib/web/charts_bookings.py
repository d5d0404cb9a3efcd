"""The figures of the report on booking: the next free times, where citizens booked, what became of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.statistics import BaseStatus
from chalicelib.web import charts
from chalicelib.web.charts import Dots, Table, Tick
from chalicelib.web.charts_rates import RateFigures
from chalicelib.web.formats import month_name, number, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from chalicelib.reporting.cell import Cell

_TICKS: Final = (0.0, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Wait:
    """Days until the first and the third next free time; None where the horizon has none."""

    office: str
    reason: str
    first_days: int | None
    third_days: int | None


class BookingFigures(RateFigures):
    """The figures of the operational shares with those of appointments."""

    def soonest(self, found: Sequence[Wait]) -> Markup | None:
        """How soon there is a time, the longest waits first (SK-25)."""
        if not found:
            return None
        alike: dict[tuple[str, int | None, int | None], list[str]] = {}
        for each in found:
            alike.setdefault((each.office, each.first_days, each.third_days), []).append(each.reason)
        of_office = Counter(each.office for each in found)
        longest_first = sorted(alike.items(), key=lambda item: (item[0][2] is not None, -(item[0][2] or 0), item[0][0]))
        rows = tuple(
            (
                f"{office}: {self._reasons(reasons, every=len(reasons) == of_office[office])}",
                *(self._days(first), self._days(third)),
            )
            for (office, first, third), reasons in longest_first
        )
        head = self.say("Sted og årsag"), self.say("Første ledige tid"), self.say("Tredje ledige tid")
        return charts.as_table(Table(head, rows), self.say("Dage til en ledig tid lige nu"))

    def _reasons(self, reasons: Sequence[str], *, every: bool) -> str:
        return self.say("alle årsager") if every and len(reasons) > 1 else ", ".join(reasons)

    def ways(self, cells: Sequence[Cell], period: str, before: str | None) -> Markup | None:
        """Where appointments were booked, then and now (FR-07, FR-10)."""
        shown = sorted((cell for cell in cells if cell.share is not None), key=lambda cell: -(cell.share or 0.0))
        if not shown:
            return None
        compared = before is not None and any(cell.previous is not None for cell in shown)
        rows = [
            Dots(
                self._name(cell.dimension, cell.value),
                f"{self._then(cell)}{self._share(cell)}{'*' if cell.significant else ''}",
                self.say("%(count)s af %(n)s", count=self._count(cell.count), n=self._count(cell.n)),
                after=cell.share or 0.0,
                before=cell.previous,
                pale=cell.base_status is BaseStatus.SMALL,
            )
            for cell in shown
        ]
        caption = self.say("Her blev tiden bestilt")
        described = "; ".join(f"{row.label}: {row.number}" for row in rows)
        ticks = [Tick(at, percent(at, self._language)) for at in _TICKS]
        drawing = charts.change(rows, chart="booked-by", title=caption, description=described, ticks=ticks)
        notes = [self.say("Ved skranken og i telefonen bestiller en medarbejder for borgeren.")]
        if compared and before is not None:
            months = {"before": month_name(before, self._language), "now": month_name(period, self._language)}
            notes.append(self.say("Hul prik: %(before)s. Fyldt prik: %(now)s.", **months))
            notes.append(self.say("* = ændringen er statistisk sikker."))
        if len(shown) < len(cells):
            notes.append(self.say("Måder, som få brugte, er ikke vist."))
        return self._figure(
            drawing, caption, Table(self.compared_head(), tuple(self.compared_line(cell) for cell in cells)), notes
        )

    def cancelled(self, cells: Sequence[Cell]) -> Markup | None:
        """How many appointments were cancelled, by office."""
        notes = [self.say("Af alle tider på stedet. En tid, der aflyses, kan en anden få.")]
        return self.rates(cells, self.say("Aflyst"), chart="cancelled", notes=notes)

    def taken(self, cells: Sequence[Cell]) -> Markup | None:
        """How often another way was taken, of the times that it was offered (FR-12)."""
        notes = [self.say("Af de gange, en anden vej blev vist under bestillingen. En borger kan se den flere gange.")]
        return self.rates(cells, self.say("Valgte en anden vej end en tid"), chart="taken", notes=notes)

    def _then(self, cell: Cell) -> str:
        return "" if cell.previous is None else f"{percent(cell.previous, self._language)} → "

    def _days(self, days: int | None) -> str:
        if days is None:
            return self.say("ingen i perioden")
        if days == 0:
            return self.say("i dag")
        if days == 1:
            return self.say("i morgen")
        return self.say("om %(days)s dage", days=number(days, self._language))
