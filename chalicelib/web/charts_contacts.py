"""The figures of the report on contacts: from channel to department, solved at once, passed on, told what is next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalicelib.reporting.contact_paths import SEPARATOR
from chalicelib.reporting.model import ALL
from chalicelib.reporting.noted import HANDED_OVER, INTERNAL, NEXT_STEP, OUTSIDE_HOURS, PASSED_ON, RESOLVED
from chalicelib.web import charts
from chalicelib.web import charts_svg as svg
from chalicelib.web.charts import Table, Tick
from chalicelib.web.charts_rates import RateFigures
from chalicelib.web.charts_stacked import SHADES, Stack, stacks
from chalicelib.web.formats import percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from markupsafe import Markup

    from chalicelib.reporting.cell import Cell

_TICKS: Final = (0.0, 0.5, 1.0)
_LINE: Final = 44
"""So many small letters fit a phone's width."""


class ContactFigures(RateFigures):
    """The figures of the operational shares with those of contacts."""

    def ways(self, cells: Sequence[Cell], passed_on: Mapping[str, Cell]) -> Markup | None:
        """Which departments the contacts of each channel reach (GE-10), and how many of them were passed on."""
        rows: dict[str, dict[str, Cell]] = {}
        for cell in cells:
            channel, department = cell.value.split(SEPARATOR, 1)
            rows.setdefault(channel, {})[department] = cell
        shown = {channel: row for channel, row in rows.items() if all(cell.share is not None for cell in row.values())}
        if not shown:
            return None
        order = sorted(shown, key=lambda channel: -_base(shown[channel].values()))
        units = _largest_first(shown.values())
        drawn = units if len(units) <= len(SHADES) else units[: len(SHADES) - 1]
        stacked = [
            Stack(
                *(self._channel(channel), self._total(shown[channel]), _parts(shown[channel], drawn)),
                beneath=tuple(self._in_words(shown[channel], drawn, passed_on.get(channel))),
            )
            for channel in order
        ]
        names = [self._unit(unit) for unit in drawn] + [self.say("Øvrige")] * (len(drawn) < len(units))
        caption = self.say("Fra kontaktform til afdeling")
        described = "; ".join(
            f"{self._channel(channel)}: "
            + ", ".join(f"{self._unit(unit)} {self._share(cell)}" for unit, cell in shown[channel].items())
            for channel in order
        )
        ticks = [Tick(at, percent(at, self._language)) for at in _TICKS]
        drawing = stacks(stacked, names, chart="ways", title=caption, description=described, ticks=ticks)
        notes = [
            self.say("Hver bjælke er alle henvendelser ad én vej ind, delt efter den afdeling, der tog sig af dem.")
        ]
        if len(shown) < len(rows):
            hidden = ", ".join(self._channel(channel) for channel in rows if channel not in shown)
            notes.append(
                self.say("Ikke vist, fordi der er få, eller fordi det ville røbe de få: %(names)s.", names=hidden)
            )
        return self._figure(
            drawing,
            caption,
            self._ways_table(rows, [*order, *(each for each in rows if each not in shown)], passed_on),
            notes,
        )

    def _in_words(self, row: Mapping[str, Cell], drawn: Sequence[str], passed_on: Cell | None) -> Iterator[str]:
        """The largest parts of a bar, and how many were passed on."""
        parts = [f"{self._unit(unit)} {self._share(row[unit])}" for unit in drawn if unit in row]
        yield from svg.wrapped(", ".join(parts), _LINE)
        if passed_on and passed_on.share is not None:
            yield self.say("%(share)s givet videre", share=self._share(passed_on))

    def _ways_table(
        self, rows: Mapping[str, Mapping[str, Cell]], order: Sequence[str], passed_on: Mapping[str, Cell]
    ) -> Table:
        units = _largest_first(rows.values())
        head = (
            *(self.say("Kontaktform"), self.say("I alt")),
            *(self._unit(unit) for unit in units),
            self.say("Givet videre"),
        )
        lines = tuple(
            (
                *(self._channel(channel), self._total(rows[channel])),
                *(self._part(rows[channel].get(unit)) for unit in units),
                self._share(passed_on[channel]) if channel in passed_on else self.say("ikke noteret"),
            )
            for channel in order
        )
        return Table(head, lines)

    def reasons(self, cells: Sequence[Cell], resolved: Mapping[str, Cell], unit_of: Mapping[str, str]) -> Markup | None:
        """Every enquiry reason under its department, with what was solved at the first contact (GE-08, GE-10)."""
        shown = sorted(cells, key=lambda cell: (self._unit(unit_of.get(cell.value, "")), -(cell.count or 0)))
        if not any(cell.n for cell in shown):
            return None
        lines = tuple(
            (
                *(self._name("reason", cell.value), self._unit(unit_of.get(cell.value, ""))),
                *(self._count(cell.count), self._with_base(resolved.get(cell.value))),
                self._share(cell),
            )
            for cell in shown
        )
        head = (
            *(self.say("Henvendelsesårsag"), self.say("Afdeling"), self.say("Antal")),
            *(self.say("Løst ved første henvendelse"), self.say("Andel af alle")),
        )
        return charts.as_table(Table(head, lines), self.say("Fra henvendelsesårsag til afdeling"))

    def noted(self, cells: Sequence[Cell], fact: str, by: str, before: str | None) -> Markup | None:
        """What is noted of contacts, by a dimension, the largest group first, beside the period compared with."""
        caption, note = self._words(fact, by)
        shown = sorted((cell for cell in cells if cell.value != ALL), key=lambda cell: -(cell.n or 0))
        return self.compared(shown, caption, chart=f"{fact}-{by}", before=before, notes=[note])

    def _words(self, fact: str, by: str) -> tuple[str, str]:
        """The caption of a figure, and what its shares are of."""
        noted = self.say("Af de henvendelser, hvor det er noteret.")
        return {
            (RESOLVED, "reason"): (self.say("Løst ved første henvendelse, efter henvendelsesårsag"), noted),
            (RESOLVED, "channel"): (self.say("Løst ved første henvendelse, efter kontaktform"), noted),
            (PASSED_ON, "channel"): (self.say("Givet videre, efter kontaktform"), noted),
            (PASSED_ON, "department"): (self.say("Givet videre, efter afdeling"), noted),
            (HANDED_OVER, "channel"): (self.say("Givet videre fra en maskine til et menneske"), noted),
            (NEXT_STEP, "channel"): (self.say("Fik at vide, hvad der nu sker, efter kontaktform"), noted),
            (NEXT_STEP, "department"): (self.say("Fik at vide, hvad der nu sker, efter afdeling"), noted),
            (OUTSIDE_HOURS, "channel"): (
                self.say("Uden for åbningstiden"),
                self.say("Begyndt, når ingen svarer efter kommunens åbningstider for kontaktformen og årsagen."),
            ),
            (INTERNAL, "channel"): (
                self.say("Fra kommunens egne medarbejdere"),
                self.say("Af alt, hvad systemerne har meldt ind. De tæller ikke med i noget andet tal."),
            ),
        }[fact, by]

    def _with_base(self, cell: Cell | None) -> str:
        if cell is None:
            return self.say("ikke noteret")
        if cell.share is None:
            return self.say("ikke vist")
        return self.say("%(share)s (n = %(n)s)", share=self._share(cell), n=self._count(cell.n))

    def _part(self, cell: Cell | None) -> str:
        if cell is None:
            return "0"
        if cell.share is None:
            return self.say("ikke vist")
        return f"{self._count(cell.count)} ({self._share(cell)})"

    def _channel(self, channel: str) -> str:
        return self._name("channel", channel)

    def _unit(self, department: str) -> str:
        return self._name("department", department) if department else self.say("Uden afdeling")

    def _total(self, row: Mapping[str, Cell]) -> str:
        return self._count(next((cell.n for cell in row.values()), None))


def _base(cells: Iterable[Cell]) -> int:
    return next((cell.n or 0 for cell in cells), 0)


def _largest_first(rows: Iterable[Mapping[str, Cell]]) -> list[str]:
    """The departments, those with most of the contacts that are shown first."""
    found: dict[str, int] = {}
    for row in rows:
        for unit, cell in row.items():
            found[unit] = found.get(unit, 0) + (cell.count or 0)
    return sorted(found, key=lambda unit: (-found[unit], unit))


def _parts(row: Mapping[str, Cell], drawn: Sequence[str]) -> tuple[float, ...]:
    parts = [row[unit].share or 0.0 if unit in row else 0.0 for unit in drawn]
    return (*parts, max(1.0 - sum(parts), 0.0) if len(drawn) < len(row) else 0.0)
