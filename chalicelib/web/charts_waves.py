"""Waves as charts: one line per question or segment, hollow before, filled now, pale where few answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.reporting.statistics import BaseStatus
from chalicelib.shared.languages import in_language
from chalicelib.web import charts
from chalicelib.web.charts import Dots, Table, Tick
from chalicelib.web.formats import number, percent
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from chalicelib.reporting.cell import Cell
    from chalicelib.reporting.waves import Wave


class WaveFigures:
    """The figures of a wave beside the one before."""

    def __init__(self, language: str, now: Wave | None, before: Wave | None, *, csv: str, small_base: int) -> None:
        self._language = language
        self._now, self._before = now, before
        self._csv = csv
        self._small_base = small_base

    def dots(self, cells: Sequence[Cell], *, by_question: bool) -> Markup | None:
        """The cells as lines, one per question (of everyone) or per segment (of one question)."""
        if not cells:
            return None
        rows = [self._line(cell, by_question=by_question) for cell in cells if cell.share is not None]
        ticks = [Tick(at, percent(at, self._language)) for at in (0.0, 0.5, 1.0)]
        question = self._question(cells[0])
        caption = self._say("Alle svar") if by_question else question
        described = "; ".join(f"{row.label}: {row.number}" for row in rows)
        chart = "waves-all" if by_question else f"waves-{cells[0].question}"
        drawing = charts.change(rows, chart=chart, title=caption, description=described, ticks=ticks)
        head = [
            self._say(text) for text in ("Gruppe", "Andel", "95 %-interval", "Antal", "n", "Før", "n før", "Ændring")
        ]
        lines = tuple(self._row(cell, by_question=by_question) for cell in cells)
        notes = []
        if any(cell.base_status is BaseStatus.SMALL for cell in cells):
            notes.append(
                self._say(
                    "Lys og skraveret: %(small)s svar eller færre. Sammenlign dem ikke.", small=str(self._small_base)
                )
            )
        if any(cell.share is None for cell in cells):
            notes.append(self._say("Grupper med for få svar er ikke vist."))
        return charts.figure(
            drawing,
            caption=caption,
            table=Table((*head, self._say("Sikker ændring")), lines),
            table_label=self._say("Se tallene som tabel"),
            download=(self._csv, self._say("Hent alle tal som CSV-fil")),
            notes=notes,
        )

    def _line(self, cell: Cell, *, by_question: bool) -> Dots:
        share = self._share(cell.share) + ("*" if cell.significant else "")
        before = f"{self._share(cell.previous)} → " if cell.previous is not None else ""
        bases = f"n = {self._count(cell.n)}"
        if cell.previous_n is not None:
            bases = f"n = {self._count(cell.previous_n)} → {self._count(cell.n)}"
        return Dots(
            self._question(cell) if by_question else cell.value,
            f"{before}{share}",
            bases,
            after=cell.share or 0.0,
            before=cell.previous,
            pale=cell.base_status is BaseStatus.SMALL,
        )

    def _row(self, cell: Cell, *, by_question: bool) -> tuple[str, ...]:
        interval = ""
        if cell.ci_low is not None and cell.ci_high is not None:
            interval = f"{number(cell.ci_low * 100, self._language)}–{percent(cell.ci_high, self._language)}"
        change = "" if cell.change is None else self._points(cell.change)
        certain = {None: self._say("ikke testet"), True: self._say("ja"), False: self._say("nej")}[cell.significant]
        return (
            self._question(cell) if by_question else cell.value,
            *(self._share(cell.share), interval, self._count(cell.count), self._count(cell.n)),
            "" if cell.previous is None else self._share(cell.previous),
            "" if cell.previous_n is None else self._count(cell.previous_n),
            *(change, certain),
        )

    def _question(self, cell: Cell) -> str:
        known = self._now.labels.get(cell.question) if self._now else None
        return in_language(known, self._language) if known else _plain(cell.question)

    def _points(self, change: float) -> str:
        sign = "+" if change > 0 else "−"
        return self._say("%(change)s point", change=f"{sign}{number(abs(change) * 100, self._language, decimals=1)}")

    def _share(self, share: float | None) -> str:
        return self._say("ikke vist") if share is None else percent(share, self._language)

    def _count(self, n: int | None) -> str:
        return self._say("ikke vist") if n is None else number(n, self._language)

    def _say(self, message: str, **values: str) -> str:
        return gettext(self._language, message, **values)


def _plain(question: str) -> str:
    """A question's id as words, where its file did not say how it is called."""
    return question.replace("_", " ").capitalize()
