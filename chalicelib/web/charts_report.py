"""The figures of a report: cells turned into charts, tables and texts in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING, Any, Final

from chalicelib.reporting.cell import FUNNEL_DIMENSION, Cell, Measure
from chalicelib.reporting.developments import moved_most
from chalicelib.reporting.model import DONT_KNOW, QuestionDefinition
from chalicelib.reporting.statistics import BaseStatus
from chalicelib.shared.languages import in_language
from chalicelib.web import charts
from chalicelib.web.charts import Bar, Column, Dots, Table, Tick
from chalicelib.web.charts_text import CellTexts
from chalicelib.web.formats import number, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from markupsafe import Markup

    from chalicelib.reporting.service import Overview

MOST_BARS: Final = 10
MOST_HIDDEN: Final = 3
"""More hidden groups than these are named in a note instead of one empty row each."""
_ORDERED: Final = frozenset({"waiting", "service", "hour", "weekday"})
BY_SIZE, BY_SHARE = "size", "share"


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One of the large numbers on top: everything is text, ready to print."""

    label: str
    number: str
    interval: str
    base: str
    mean: str
    change: str
    pale: bool


class ReportFigures:
    """The figures of one overview.

    `name` names a group, `csv` is the address of the file with all cells, `address` that of a single figure.
    """

    def __init__(
        self,
        overview: Overview,
        language: str,
        *,
        name: Callable[[str, str], str],
        csv: str,
        address: Callable[[Cell], str] | None = None,
    ) -> None:
        self._overview = overview
        self._language = language
        self._texts = CellTexts(overview, language, name=name, address=address)
        self._csv = csv

    def key_figures(self) -> list[KeyFigure]:
        """The first four questions."""
        found = [(question, self._overview.total(question)) for question in self._overview.questions[:4]]
        return [self._key_figure(question, cell) for question, cell in found if cell]

    def _key_figure(self, question: QuestionDefinition, cell: Cell) -> KeyFigure:
        mean = self._overview.total(question, Measure.MEAN)
        return KeyFigure(
            label=in_language(question.short, self._language),
            number=self._texts.number(cell),
            interval=self._texts.interval(cell),
            base=self._texts.base(cell),
            mean=self._texts.mean(mean) if mean and mean.mean is not None else "",
            change=self._texts.change(cell),
            pale=cell.base_status is not BaseStatus.OK,
        )

    def funnel(self) -> Markup | None:
        """From everyone served to a finished answer; each rate with its own base (SK-11)."""
        steps = [cell for cell in self._overview.cells if cell.dimension == FUNNEL_DIMENSION]
        if not steps or not steps[0].count:
            return None
        names, bases = self._texts.steps(), self._texts.step_bases()
        rows, lines = [], []
        for cell in steps:
            base = self._texts.say(bases[cell.value], share=self._texts.share(cell.share))
            share = cell.count / steps[0].count if cell.count is not None else None
            rows.append(Bar(names[cell.value], self._texts.count(cell.count), base, value=share))
            numbers = self._texts.count(cell.count), self._texts.count(cell.n), self._texts.share(cell.share)
            lines.append((names[cell.value], *numbers, self._texts.interval(cell)))
        caption = self._texts.say("Fra betjent til besvaret")
        drawing = charts.bars(rows, chart="funnel", title=caption, description=_described(rows), ticks=())
        head = (
            self._texts.say("Trin"),
            self._texts.say("Antal"),
            self._texts.say("Af (basis)"),
            self._texts.say("Andel"),
            self._texts.say("95 %-interval"),
        )
        note = self._texts.say("Hver andel er af trinnet før. Andelen, der siger ja, er ikke en svarprocent.")
        return self._figure(drawing, caption, Table(head, tuple(lines)), [note])

    def breakdown(self, dimension: str, question: QuestionDefinition, sort: str) -> Markup | None:
        """One question by office, reason or channel: bars with intervals, n beneath each, small bases pale."""
        found = sorted(self._overview.of(dimension, question), key=_order(dimension, sort))
        if not any(cell.served or cell.n for cell in found):
            return None
        drawn = [cell for cell in sorted(found, key=_by_size) if cell.n is not None][:MOST_BARS]
        hidden = [cell for cell in found if cell.n is None]
        named = len(hidden) > MOST_HIDDEN
        rows = [self._bar(cell) for cell in found if cell in (drawn if named else drawn + hidden)]
        caption = f"{in_language(question.short, self._language)} {self._texts.by(dimension)}"
        total = self._overview.total(question)
        average = None
        if total and total.share is not None:
            average = Tick(total.share, self._texts.say("Alle: %(share)s", share=self._texts.share(total.share)))
        drawing = charts.bars(
            rows,
            chart=f"by-{dimension}-{question.id}",
            title=caption,
            description=_described(rows),
            ticks=self._texts.percent_ticks(),
            average=average,
        )
        notes = self._texts.notes(found, drawn=len(drawn), hidden=hidden if named else [])
        return self._figure(drawing, caption, self._texts.table(found), notes)

    def _bar(self, cell: Cell) -> Bar:
        label = self._texts.name(cell)
        if cell.share is None:
            return Bar(label, "", self._texts.say("ikke vist (for få svar)"))
        return Bar(
            label,
            self._texts.number(cell),
            self._texts.base(cell),
            aside=self._texts.change(cell),
            value=cell.share,
            low=cell.ci_low,
            high=cell.ci_high,
            pale=cell.base_status is BaseStatus.SMALL,
        )

    def change(self) -> Markup | None:
        """Every question before and now, where the two may be compared."""
        totals = [(question, self._overview.total(question)) for question in self._overview.questions]
        pairs = [(q, cell) for q, cell in totals if cell and cell.share is not None and cell.change is not None]
        if not pairs or self._overview.compare is None:
            return None
        drawn = moved_most([cell for _, cell in pairs])
        numbers = [value for cell in drawn for value in (cell.share or 0.0, cell.previous or 0.0)]
        low, high = floor(min(numbers) * 10 - 0.5) / 10, ceil(max(numbers) * 10 + 0.5) / 10
        low, high = max(low, 0.0), min(high, 1.0)

        def place(share: float | None) -> float:
            return ((share or 0.0) - low) / (high - low)

        rows = [
            Dots(
                in_language(question.short, self._language),
                f"{self._texts.share(cell.previous)} → {self._texts.number(cell)}",
                self._texts.say(
                    "n = %(before)s → %(now)s", before=self._texts.count(cell.previous_n), now=self._texts.count(cell.n)
                ),
                after=place(cell.share),
                before=place(cell.previous),
            )
            for question, cell in pairs
            if cell in drawn
        ]
        steps = round((high - low) * 10)
        ticks = [Tick(step / steps, self._texts.share(low + step / 10)) for step in range(steps + 1)]
        ticks = ticks if steps <= 4 else [ticks[0], ticks[steps // 2], ticks[-1]]  # noqa: PLR2004 - no crowding
        months = {"before": self._texts.month(self._overview.compare), "now": self._texts.month(self._overview.period)}
        caption = self._texts.say("Ændring fra %(before)s til %(now)s", **months)
        description = "; ".join(f"{row.label}: {row.number}" for row in rows)
        drawing = charts.change(rows, chart="change", title=caption, description=description, ticks=ticks)
        notes = [self._texts.say("Hul prik: %(before)s. Fyldt prik: %(now)s.", **months)]
        notes += [self._texts.say("Aksen starter ikke ved 0.")] if low else []
        if len(drawn) < len(pairs):
            shown = {"drawn": self._texts.count(len(drawn)), "all": self._texts.count(len(pairs))}
            notes.append(self._texts.say("Figuren viser %(drawn)s spørgsmål; alle %(all)s står i tabellen.", **shown))
        return self._figure(
            drawing, caption, self._texts.table([cell for _, cell in pairs]), notes + self._texts.star_note()
        )

    def distribution(self, question: QuestionDefinition) -> Markup | None:
        """How the answers to a question on a scale are spread; the mean stands beneath, never instead (SK-16)."""
        found = self._overview.distributions.get(question.id, {})
        n = sum(found.values())
        if not question.is_scale or not n:
            return None
        named = {answer: self._texts.say("Ved ikke") if answer == DONT_KNOW else answer for answer in found}
        shares = {answer: percent(count / n, self._language) for answer, count in found.items()}
        points = [
            Column(answer, number(count / n * 100, self._language), count / n)
            for answer, count in found.items()
            if answer != DONT_KNOW
        ]
        short = in_language(question.short, self._language)
        caption = self._texts.say("%(question)s: sådan fordeler svarene sig (procent)", question=short)
        description = "; ".join(f"{named[answer]}: {share}" for answer, share in shares.items())
        drawing = charts.columns(points, chart=f"distribution-{question.id}", title=caption, description=description)
        rows = tuple((named[answer], self._texts.count(count), shares[answer]) for answer, count in found.items())
        notes = [self._texts.say("n = %(n)s", n=self._texts.count(n))]
        mean = self._overview.total(question, Measure.MEAN)
        if mean and mean.mean is not None:
            notes.append(self._texts.mean(mean))
        low = self._overview.total(question, Measure.UNFAVOURABLE)
        if low and low.share is not None:
            notes.append(self._low_answers(question, low))
        notes += self._texts.ceiling(question, found)
        if question == self._overview.questions[0]:
            notes += self._texts.with_text()
        return self._figure(
            drawing,
            caption,
            Table((self._texts.say("Svar"), self._texts.say("Antal"), self._texts.say("Andel")), rows),
            notes,
        )

    def _low_answers(self, question: QuestionDefinition, cell: Cell) -> str:
        """How many were in the low end, which a mean hides (SK-16)."""
        return self._texts.say(
            "Lave svar (%(first)s til %(last)s): %(share)s, %(base)s",
            first=question.low_answers[0],
            last=question.low_answers[-1],
            share=self._texts.number(cell),
            base=self._texts.base(cell),
        )

    def waiting(self) -> Markup | None:
        """How long citizens waited, in classes of five minutes."""
        waiting = self._overview.waiting
        if waiting is None:
            return None
        names = [f"{each.first}–{each.last}" if each.last else f"{each.first}+" for each in waiting.bins]
        shares = [None if each.count is None else each.count / waiting.n for each in waiting.bins]
        texts = [self._texts.share(share) for share in shares]
        caption = self._texts.say("Ventetid i minutter")
        drawing = charts.columns(
            [
                Column(name, "–" if share is None else text, share or 0.0)
                for name, text, share in zip(names, texts, shares, strict=True)
            ],
            chart="waiting",
            title=caption,
            description="; ".join(f"{name}: {text}" for name, text in zip(names, texts, strict=True)),
        )
        counts = [self._texts.count(each.count) for each in waiting.bins]
        note = self._texts.say(
            "n = %(n)s. Halvdelen ventede højst %(median)s minutter, ni ud af ti højst %(ninth)s.",
            n=self._texts.count(waiting.n),
            median=str(waiting.median),
            ninth=str(waiting.ninth),
        )
        head = self._texts.say("Minutter"), self._texts.say("Antal"), self._texts.say("Andel")
        return self._figure(drawing, caption, Table(head, tuple(zip(names, counts, texts, strict=True))), [note])

    def _figure(self, drawing: Markup, caption: str, table: Table, notes: Sequence[str]) -> Markup:
        return charts.figure(
            drawing,
            caption=caption,
            table=table,
            table_label=self._texts.say("Se tallene som tabel"),
            download=(self._csv, self._texts.say("Hent alle tal som CSV-fil")),
            notes=notes,
        )


def _order(dimension: str, sort: str) -> Callable[[Cell], Any]:
    """Times and durations keep their own order; other groups have the reader's."""
    if dimension in _ORDERED:
        return lambda cell: cell.value
    return _by_share if sort == BY_SHARE else _by_size


def _described(rows: Sequence[Bar]) -> str:
    return "; ".join(f"{row.label}: {row.number or row.base}" for row in rows)


def _by_size(cell: Cell) -> tuple[bool, int, str]:
    return (cell.n is None, -(cell.n or 0), cell.value)


def _by_share(cell: Cell) -> tuple[int, float, str]:
    """Full bases by share, then the small ones, which are ranked with nobody (GL-53), then the hidden ones."""
    place = list(BaseStatus).index(cell.base_status)
    return (place, -(cell.share or 0.0), cell.value)
