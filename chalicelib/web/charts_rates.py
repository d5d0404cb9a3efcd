"""Operational shares as figures: consent, no-shows, solved at once; and how far ahead citizens book."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.rates import CONSENT, NO_SHOW, UNCLOSED
from chalicelib.reporting.statistics import BaseStatus
from chalicelib.web import charts
from chalicelib.web.charts import Bar, Column, Table, Tick
from chalicelib.web.charts_themes import ThemeFigures
from chalicelib.web.formats import long_date, month_name, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from chalicelib.municipalities.model import NamedEvent
    from chalicelib.reporting.cell import Cell
    from chalicelib.reporting.classes import Class

_AXIS_ENDS: Final = (0.1, 0.2, 0.5, 1.0)


class RateFigures(ThemeFigures):
    """The figures of the themed reports with those of operational shares."""

    def consents(
        self, cells: Sequence[Cell], before: str | None = None, events: Sequence[NamedEvent] = ()
    ) -> list[Markup]:
        """How many said yes, by where they were asked, how, in which office and what for (SK-11, SK-12).

        `events` are what happened in the periods compared, each with its day: they may explain a change.
        """
        captions = {
            "origin": self.say("Andel, der sagde ja til sms, efter hvor de blev spurgt"),
            "wording": self.say("Andel, der sagde ja til sms, efter ordlyd"),
            "office": self.say("Andel, der sagde ja til sms, efter sted"),
            "reason": self.say("Andel, der sagde ja til sms, efter henvendelsesårsag"),
        }
        days = [
            self.say("%(event)s, %(day)s.", event=self._named(event), day=long_date(event.day, self._language))
            for event in sorted(events, key=lambda event: event.day)
        ]
        days += [self.say("Mulig forklaring, ikke påvist.")] * bool(days)
        drawn = (
            self.compared(
                *([c for c in cells if c.dimension == f"{CONSENT}_{by}"], caption),
                chart=f"consent-{by}",
                before=before,
                notes=days if by in {"origin", "wording"} else (),
            )
            for by, caption in captions.items()
        )
        return [figure for figure in drawn if figure]

    def endings(self, cells: Sequence[Cell]) -> list[Markup]:
        """Who never came, and whose visit nobody closed, by office (SK-03)."""
        captions = {NO_SHOW: self.say("Udeblev"), UNCLOSED: self.say("Ikke afsluttet ved skranken")}
        drawn = (
            self.rates([c for c in cells if c.dimension == name], caption, chart=name)
            for name, caption in captions.items()
        )
        return [figure for figure in drawn if figure]

    def resolved(self, cells: Sequence[Cell]) -> Markup | None:
        """What was solved at the first contact, by channel (GE-08)."""
        notes = [self.say("Af de henvendelser, hvor det er noteret.")]
        return self.rates(cells, self.say("Løst ved første henvendelse"), chart="resolved", notes=notes)

    def called_soon(self, cells: Sequence[Cell]) -> Markup | None:
        """Waiting while something was down, and otherwise (BF-14); nothing where one of the two is hidden."""
        if any(cell.share is None for cell in cells):
            return None
        notes = [self.say("Driftsforstyrrelser er de meldinger, borgerne fik. Forskellen er ikke testet.")]
        ordered = sorted(cells, key=lambda cell: cell.value, reverse=True)
        return self.rates(ordered, self.say("Kaldt inden for 10 minutter"), chart="called-soon", notes=notes)

    def measured_from(self, cells: Sequence[Cell]) -> Markup | None:
        """From which moment waiting is measured (GL-64)."""
        notes = [self.say("Af alle med en målt ventetid. Den, der sad uset, har ventet siden den aftalte tid.")]
        return self.rates(cells, self.say("Ventetiden er målt fra"), chart="measured-from", notes=notes)

    def rates(self, cells: Sequence[Cell], caption: str, *, chart: str, notes: Sequence[str] = ()) -> Markup | None:
        """Operational shares as bars with intervals; small bases pale, hidden ones named."""
        if not any(cell.n for cell in cells):
            return None
        end = self._reach(cells)
        rows = [self._bar(cell, end) for cell in cells]
        ticks = [Tick(at, percent(at * end, self._language)) for at in (0.0, 0.5, 1.0)]
        described = "; ".join(f"{row.label}: {row.number or row.base}" for row in rows)
        drawing = charts.bars(rows, chart=chart, title=caption, description=described, ticks=ticks)
        head = (
            self.say("Gruppe"),
            self.say("Andel"),
            self.say("95 %-interval"),
            self.say("Antal"),
            self.say("Af (basis)"),
        )
        lines = tuple(
            (
                self._name(c.dimension, c.value),
                self._share(c),
                self._interval(c),
                self._count(c.count),
                self._count(c.n),
            )
            for c in cells
        )
        pale = any(cell.base_status is BaseStatus.SMALL for cell in cells)
        more = [self.say("Lys og skraveret: få i gruppen. Sammenlign dem ikke.")] * pale
        return self._figure(drawing, caption, Table(head, lines), [*notes, *more])

    def lead(self, found: Sequence[Class]) -> Markup | None:
        """How many days ahead the booked citizens had booked (SK-25)."""
        if not found:
            return None
        n, columns = sum(each.count for each in found), []
        for each in found:
            label = f"{each.first}+" if each.last is None else f"{each.first}–{each.last}"
            label = str(each.first) if each.first == each.last else label
            columns.append(Column(label, percent(each.count / n, self._language), each.count / n))
        caption = self.say("Dage fra bestilling til aftalt tid")
        described = "; ".join(f"{column.label}: {column.number}" for column in columns)
        drawing = charts.columns(columns, chart="lead", title=caption, description=described)
        head = self.say("Dage"), self.say("Andel")
        rows = tuple((column.label, column.number) for column in columns)
        return self._figure(drawing, caption, Table(head, rows), [self.say("n = %(n)s", n=self._count(n))])

    def compared(
        self, cells: Sequence[Cell], caption: str, *, chart: str, before: str | None, notes: Sequence[str] = ()
    ) -> Markup | None:
        """The same, beside the shares of the period compared with."""
        if not any(cell.n for cell in cells):
            return None
        end = self._reach(cells)
        rows = [self._compared_bar(cell, end) for cell in cells]
        ticks = [Tick(at, percent(at * end, self._language)) for at in (0.0, 0.5, 1.0)]
        described = "; ".join(f"{row.label}: {row.number or row.base}" for row in rows)
        drawing = charts.bars(rows, chart=chart, title=caption, description=described, ticks=ticks)
        table = Table(self.compared_head(), tuple(self.compared_line(cell) for cell in cells))
        more = [self.say("Lys og skraveret: få i gruppen. Sammenlign dem ikke.")] * any(
            cell.base_status is BaseStatus.SMALL for cell in cells
        )
        if before is not None and any(cell.previous is not None for cell in cells):
            month = month_name(before, self._language)
            more.append(self.say("Før: %(month)s. * = ændringen er statistisk sikker.", month=month))
        return self._figure(drawing, caption, table, [*notes, *more])

    def _compared_bar(self, cell: Cell, end: float) -> Bar:
        then = "" if cell.previous is None else percent(cell.previous, self._language)
        return replace(
            self._bar(cell, end),
            number=f"{self._share(cell)}{'*' if cell.significant else ''}" if cell.share is not None else "",
            aside=self.say("før %(share)s", share=then) if then else "",
        )

    @staticmethod
    def _reach(cells: Sequence[Cell]) -> float:
        """Where the axis ends: at 100 %, or where all shares are small at 50, 20 or 10, as its ticks say."""
        most = max((cell.ci_high or 0.0 for cell in cells), default=0.0)
        return next(reach for reach in _AXIS_ENDS if most <= reach)

    def compared_head(self) -> tuple[str, ...]:
        """The head of a table of shares beside those of another period."""
        return (
            *(self.say("Gruppe"), self.say("Andel"), self.say("95 %-interval"), self.say("Antal")),
            *(self.say("Af (basis)"), self.say("Andel før"), self.say("n før"), self.say("Sikker ændring")),
        )

    def compared_line(self, cell: Cell) -> tuple[str, ...]:
        """Its line of one share."""
        certain = {None: self.say("ikke testet"), True: self.say("ja"), False: self.say("nej")}[cell.significant]
        return (
            *(self._name(cell.dimension, cell.value), self._share(cell), self._interval(cell)),
            *(self._count(cell.count), self._count(cell.n)),
            "" if cell.previous is None else percent(cell.previous, self._language),
            "" if cell.previous_n is None else self._count(cell.previous_n),
            certain,
        )

    def _bar(self, cell: Cell, end: float) -> Bar:
        label = self._name(cell.dimension, cell.value)
        if cell.share is None:
            return Bar(label, "", self.say("ikke vist (for få)"))
        base = self.say("%(count)s af %(n)s", count=self._count(cell.count), n=self._count(cell.n))
        pale = cell.base_status is BaseStatus.SMALL
        low, high = (cell.ci_low or 0.0) / end, (cell.ci_high or 0.0) / end
        return Bar(label, self._share(cell), base, value=cell.share / end, low=low, high=high, pale=pale)
