"""Channels as figures: contacts per quarter or year, used against preferred, what matters most and how it is met."""

from __future__ import annotations

from math import ceil, log10
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.statistics import BaseStatus
from chalicelib.reporting.traffic import channels_of
from chalicelib.shared.languages import in_language
from chalicelib.web import charts
from chalicelib.web.charts import Bar, Dots, Table, Tick
from chalicelib.web.charts_stacked import SHADES, Stack, stacks
from chalicelib.web.formats import month_name, number, percent
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from markupsafe import Markup

    from chalicelib.reporting.cell import Cell
    from chalicelib.reporting.listed import Gap, Met, Ranked
    from chalicelib.reporting.traffic import Slice

_TICKS: Final = (0.0, 0.5, 1.0)


class ChannelFigures:
    """Figures in one language. `name` names a channel, `csv` is the address of the report's numbers."""

    def __init__(self, language: str, *, name: Callable[[str, str], str], csv: str) -> None:
        self._language = language
        self._name = name
        self._csv = csv

    def traffic(self, found: Sequence[Slice], csv: str) -> Markup | None:
        """Contacts per period by channel, fit for the press: numbers, no adjectives (FR-18)."""
        shown = [each for each in found if each.total]
        if not shown:
            return None
        names = channels_of(shown)
        drawn = names if len(names) <= len(SHADES) else names[: len(SHADES) - 1]
        end = _round_up(max(each.total or 0 for each in shown))
        rest = self._say("Øvrige")
        rows = []
        for each in shown:
            parts = [each.of(channel) or 0 for channel in drawn]
            left = (each.total or 0) - sum(parts)
            parts += [left] if len(drawn) < len(SHADES) else []
            rows.append(Stack(self._month(each.period), self._count(each.total), tuple(part / end for part in parts)))
        keys = [self._name("channel", channel) for channel in drawn]
        keys += [rest] if any(len(row.parts) > len(drawn) and row.parts[-1] for row in rows) else []
        caption = self._say("Henvendelser efter kontaktform")
        ticks = [Tick(at, self._count(round(at * end))) for at in _TICKS]
        described = "; ".join(f"{row.label}: {row.number}" for row in rows)
        drawing = stacks(rows, keys, chart="contacts", title=caption, description=described, ticks=ticks)
        head = (self._say("Periode"), self._say("I alt"), *(self._name("channel", channel) for channel in names))
        lines = tuple(
            (self._month(each.period), self._count(each.total), *(self._hidden(each, channel) for channel in names))
            for each in shown
        )
        notes = [
            *self._changes(shown, names),
            self._say("Talt op af alle henvendelser, ikke af svar på skemaet."),
        ]
        return self._figure(drawing, caption, Table(head, lines), notes, csv)

    def _changes(self, found: Sequence[Slice], names: Sequence[str]) -> list[str]:
        """The exact change of the total and of the two largest channels, in numbers."""
        if len(found) < 2:  # noqa: PLR2004 - nothing to compare with
            return []
        before, now = found[-2], found[-1]
        pairs = [(self._say("I alt"), before.total, now.total)]
        pairs += [(self._name("channel", channel), before.of(channel), now.of(channel)) for channel in names[:2]]
        return [
            self._change(name, then, later, (before, now)) for name, then, later in pairs if then and later is not None
        ]

    def _change(self, name: str, then: int, later: int, slices: tuple[Slice, Slice]) -> str:
        difference = later - then
        values = {
            "name": name,
            "then": self._count(then),
            "before": self._month(slices[0].period),
            "later": self._count(later),
            "now": self._month(slices[1].period),
        }
        if not difference:
            return self._say("%(name)s: %(then)s i %(before)s og i %(now)s.", **values)
        size = self._count(abs(difference))
        share = percent(abs(difference) / then, self._language, decimals=1)
        if difference > 0:
            return self._say(
                "%(name)s: %(then)s i %(before)s, %(later)s i %(now)s: %(size)s flere (%(share)s).",
                **values,
                size=size,
                share=share,
            )
        return self._say(
            "%(name)s: %(then)s i %(before)s, %(later)s i %(now)s: %(size)s færre (%(share)s).",
            **values,
            size=size,
            share=share,
        )

    def gap(self, found: Sequence[Gap]) -> Markup | None:
        """The channel used (hollow) and the one preferred (filled), of the same citizens (GL-40)."""
        shown = [gap for gap in found if gap.difference is not None and _is_used_or_wanted(gap)]
        if not shown:
            return None
        rows = [
            Dots(
                self._name("channel", gap.channel),
                f"{self._share(gap.used)} → {self._share(gap.preferred)}",
                self._say("forskel %(points)s", points=self._points(gap.difference or 0.0)),
                after=(gap.preferred.share or 0.0) if gap.preferred else 0.0,
                before=gap.used.share if gap.used else None,
                pale=bool(gap.preferred and gap.preferred.base_status is BaseStatus.SMALL),
            )
            for gap in shown
        ]
        caption = self._say("Brugt og ønsket kontaktform")
        described = "; ".join(f"{row.label}: {row.number}" for row in rows)
        drawing = charts.change(rows, chart="gap", title=caption, description=described, ticks=self._axis())
        head = (self._say("Kontaktform"), self._say("Brugt"), self._say("Ønsket"), self._say("Forskel"))
        lines = tuple(
            (
                *(self._name("channel", gap.channel), self._share(gap.used), self._share(gap.preferred)),
                "" if gap.difference is None else self._points(gap.difference),
            )
            for gap in found
        )
        bases = {"used": self._base(gap.used for gap in found), "preferred": self._base(gap.preferred for gap in found)}
        notes = [
            self._say("Hul prik: brugt senest (n = %(used)s). Fyldt prik: ønsket (n = %(preferred)s).", **bases),
            self._say("De samme borgere har svaret på begge dele, så forskellen er ikke testet."),
            *self._note_on_hidden([cell for gap in found for cell in (gap.used, gap.preferred) if cell]),
        ]
        return self._figure(drawing, caption, Table(head, lines), notes, self._csv)

    def ranks(self, found: Sequence[Ranked], caption: str, options: dict[str, str], chart: str) -> Markup | None:
        """What citizens find most important, with each answer's rank now and before (GL-37, GL-38)."""
        shown = [each for each in found if each.cell.share is not None]
        if not shown:
            return None
        rows = [
            Bar(
                options.get(each.cell.value, each.cell.value),
                self._share(each.cell) + ("*" if each.cell.significant else ""),
                self._say("nr. %(rank)s", rank=str(each.rank)),
                aside=self._before(each),
                value=each.cell.share,
                low=each.cell.ci_low,
                high=each.cell.ci_high,
                pale=each.cell.base_status is BaseStatus.SMALL,
            )
            for each in shown
        ]
        described = "; ".join(f"{row.label}: {row.number}" for row in rows)
        drawing = charts.bars(rows, chart=chart, title=caption, description=described, ticks=self._axis())
        head = (
            *(self._say("Svar"), self._say("Andel"), self._say("95 %-interval"), self._say("Nr.")),
            *(self._say("Andel før"), self._say("Nr. før"), self._say("Sikker ændring")),
        )
        lines = tuple(self._ranked(each, options) for each in found)
        notes = [
            self._say(
                "n = %(n)s. Hver kunne vælge flere, så andelene lægger sammen til mere end 100 %%.",
                n=self._base(each.cell for each in found),
            ),
            *self._note_on_hidden([each.cell for each in found]),
        ]
        if any(each.cell.previous is not None for each in found):
            notes.append(self._say("* = ændringen er statistisk sikker."))
        return self._figure(drawing, caption, Table(head, lines), notes, self._csv)

    def importance(
        self, found: Sequence[Ranked], question: str, options: dict[str, str], met: Mapping[str, Sequence[Met]]
    ) -> Markup | None:
        """How many find something important, beside how it was met: measured, or by other answers (GL-73)."""
        rows = [
            (
                options.get(each.cell.value, each.cell.value),
                *(self._share(each.cell), self._met(measured), self._share(measured.cell)),
                self._count(measured.cell.n),
            )
            for each in found
            for measured in met.get(each.cell.value, ())
        ]
        head = (
            *(self._say("Vigtigt"), self._say("Andel, der valgte det")),
            *(self._say("Sådan går det"), self._say("Andel"), self._say("n")),
        )
        caption = self._say("%(question)s: hvor vigtigt, og hvordan går det?", question=question)
        return charts.as_table(Table(head, tuple(rows)), caption) if rows else None

    def _met(self, measured: Met) -> str:
        if measured.question is not None:
            return in_language(measured.question.short, self._language)
        return self._say("Målt: kaldt inden for %(minutes)s minutter", minutes=measured.cell.value)

    def _before(self, each: Ranked) -> str:
        if each.rank_before is None:
            return ""
        share = percent(each.cell.previous or 0.0, self._language)
        return self._say("før: nr. %(rank)s, %(share)s", rank=str(each.rank_before), share=share)

    def _ranked(self, each: Ranked, options: dict[str, str]) -> tuple[str, ...]:
        cell = each.cell
        interval = ""
        if cell.ci_low is not None and cell.ci_high is not None:
            interval = f"{number(cell.ci_low * 100, self._language)}–{percent(cell.ci_high, self._language)}"
        certain = {None: self._say("ikke testet"), True: self._say("ja"), False: self._say("nej")}[cell.significant]
        return (
            *(options.get(cell.value, cell.value), self._share(cell), interval, str(each.rank or "")),
            "" if cell.previous is None else percent(cell.previous, self._language),
            *(str(each.rank_before or ""), certain),
        )

    def _note_on_hidden(self, cells: Sequence[Cell]) -> list[str]:
        few = any(cell.share is None for cell in cells)
        return [self._say("Svar, som få gav, er ikke vist.")] if few else []

    def _base(self, cells: Iterable[Cell | None]) -> str:
        found = [cell.n for cell in cells if cell is not None and cell.n is not None]
        return self._count(max(found, default=None))

    def _hidden(self, each: Slice, channel: str) -> str:
        there = any(cell.value == channel for cell in each.channels)
        return self._count(each.of(channel)) if there else "0"

    def _axis(self) -> list[Tick]:
        return [Tick(at, percent(at, self._language)) for at in _TICKS]

    def _points(self, difference: float) -> str:
        text = number(abs(difference) * 100, self._language, decimals=0)
        sign = "" if text == "0" else "+" if difference > 0 else "−"
        return self._say("%(change)s point", change=f"{sign}{text}")

    def _share(self, cell: Cell | None) -> str:
        return self._say("ikke vist") if cell is None or cell.share is None else percent(cell.share, self._language)

    def _count(self, n: int | None) -> str:
        return self._say("ikke vist") if n is None else number(n, self._language)

    def _month(self, period: str) -> str:
        return month_name(period, self._language)

    def _say(self, message: str, **values: str) -> str:
        return gettext(self._language, message, **values)

    def _figure(self, drawing: Markup, caption: str, table: Table, notes: Sequence[str], csv: str) -> Markup:
        return charts.figure(
            drawing,
            caption=caption,
            table=table,
            table_label=self._say("Se tallene som tabel"),
            download=(csv, self._say("Hent alle tal som CSV-fil")),
            notes=notes,
        )


def _is_used_or_wanted(gap: Gap) -> bool:
    return any(cell is not None and cell.count for cell in (gap.used, gap.preferred))


def _round_up(n: int) -> int:
    """The end of an axis: the next number with one leading digit, or a half of it where that is enough."""
    step = 10 ** int(log10(n))
    whole = int(ceil(n / step) * step)
    return whole - step // 2 if n <= whole - step // 2 and step > 1 else whole
