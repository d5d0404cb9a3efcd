"""The figures of the themed reports: contributions, associations, weeks, consent, punctuality, traffic, the score."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.control import weeks_between
from chalicelib.reporting.statistics import BaseStatus
from chalicelib.shared.languages import in_language
from chalicelib.web import charts
from chalicelib.web.charts import Bar, Table, Tick
from chalicelib.web.charts_points import Estimate, Stop, estimates, series
from chalicelib.web.formats import long_date, number, percent
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from markupsafe import Markup

    from chalicelib.municipalities.model import NamedEvent
    from chalicelib.reporting.cell import Cell
    from chalicelib.reporting.control import Point
    from chalicelib.reporting.drivers import Drivers
    from chalicelib.reporting.mix import Contribution
    from chalicelib.reporting.targets import Score
    from chalicelib.reporting.trend import Trend

_WEEK_NAMES: Final = 4
"""About so many weeks are named under the axis."""


class ThemeFigures:
    """Figures in one language. `name` names a group, `csv` is the address of the file with all numbers."""

    def __init__(self, language: str, *, name: Callable[[str, str], str], csv: str) -> None:
        self._language = language
        self._name = name
        self._csv = csv

    def say(self, message: str, **values: str) -> str:
        """A message in the language."""
        return gettext(self._language, message, **values)

    def points(self, change: float) -> str:
        """A difference in percentage points, signed."""
        text = number(abs(change) * 100, self._language, decimals=1)
        sign = "" if text in {"0,0", "0.0"} else "+" if change > 0 else "−"
        return self.say("%(change)s point", change=f"{sign}{text}")

    def waited_briefly(self) -> str:
        """How the fact of a short wait is called."""
        return self.say("Ventede under 10 minutter")

    def contributions(self, parts: Sequence[Contribution], dimension: str) -> Markup | None:
        """What each group adds to the change of the total (GL-41)."""
        if not parts:
            return None
        reach = max(abs(part.total) for part in parts) * 1.15 or 0.01
        rows = [
            Estimate(
                self._group(dimension, part.group),
                self.points(part.total),
                (
                    self.say("egen ændring %(own)s", own=self.points(part.own)),
                    self.say("ændret andel af svarene %(mix)s", mix=self.points(part.mix)),
                ),
                at=0.5 + part.total / reach / 2,
                sure=True,
            )
            for part in parts
        ]
        caption = self.say("Hvad hver gruppe lægger til eller trækker fra den samlede ændring")
        head = self.say("Gruppe"), self.say("I alt"), self.say("Egen ændring"), self.say("Ændret andel af svarene")
        lines = tuple(
            (self._group(dimension, part.group), *map(self.points, (part.total, part.own, part.mix))) for part in parts
        )
        notes = [self.say("Bidragene lægges sammen til hele ændringen. De er ikke testet hver for sig.")]
        return self._drawn(rows, f"contributions-{dimension}", caption, Table(head, lines), notes=notes, reach=reach)

    def associations(self, found: Drivers, facts: dict[str, str]) -> Markup:
        """How many more are satisfied where a fact holds, with intervals."""
        ends = [abs(end) for each in found.drivers for end in (each.interval.low, each.interval.high)]
        reach = ceil(max(ends) * 10) / 10
        rows, lines = [], []
        for each in found.drivers:
            interval = self.say(
                "95 %%-interval %(low)s til %(high)s",
                low=self.points(each.interval.low),
                high=self.points(each.interval.high),
            )
            base = self.say(
                "%(yes)s med, %(no)s uden",
                yes=number(each.n_with, self._language),
                no=number(each.n_without, self._language),
            )
            rows.append(
                Estimate(
                    facts[each.fact],
                    self.points(each.effect),
                    (interval, base),
                    at=0.5 + each.effect / reach / 2,
                    low=0.5 + each.interval.low / reach / 2,
                    high=0.5 + each.interval.high / reach / 2,
                    sure=each.certain,
                )
            )
            lines.append((facts[each.fact], self.points(each.effect), interval, base))
        caption = self.say("Så mange flere er tilfredse, når det gælder (procentpoint)")
        head = self.say("Forhold"), self.say("Forskel"), self.say("95 %-interval"), self.say("Svar")
        notes = [
            self.say("n = %(n)s. Fyldt prik: sikker sammenhæng. Hul prik: usikker.", n=number(found.n, self._language)),
            self.say("Det er sammenhænge, ikke årsager: noget tredje kan ligge bag."),
        ]
        return self._drawn(rows, "associations", caption, Table(head, tuple(lines)), notes=notes, reach=reach)

    def weeks(
        self, found: Trend, question: str, events: Sequence[NamedEvent] = (), outages: Sequence[NamedEvent] = ()
    ) -> Markup | None:
        """The weeks with centre and limits; what chance poorly explains is marked, events and outages are numbered."""
        points = found.points
        if not points:
            return None
        values = [value for p in points for value in (p.share, p.low, p.high) if value is not None]
        low, high = floor(min(values) * 10) / 10, ceil(max(values) * 10) / 10
        span = (high - low) or 1

        def place(value: float | None) -> float | None:
            return None if value is None else (value - low) / span

        every = max(1, len(points) // _WEEK_NAMES)
        stops = [
            Stop(
                weeks_between(points[0].week, p.week),
                place(p.share) or 0.0,
                place(p.low),
                place(p.high),
                place(p.centre),
                marked=p.signal,
                pale=p.centre is None,
                name=self._week(p.week) if index % every == 0 else "",
            )
            for index, p in enumerate(points)
        ]
        ticks = [Tick(at, percent(low + at * span, self._language)) for at in (0.0, 0.5, 1.0)]
        caption = self.say("%(question)s uge for uge", question=question)
        signals = [self._week(p.week) for p in points if p.signal]
        notes = [*self._judged(points, signals), self.say("Aksen starter ikke ved 0.")]
        if found.hidden:
            notes.append(self.say("%(count)s uger er ikke vist (for få svar).", count=str(found.hidden)))
        drawn = _within([*events, *outages], points)
        notes += [self._event(place_, event, outages) for place_, (_, event) in enumerate(drawn, start=1)]
        judged_anew = any(event not in outages for _, event in drawn)
        notes += [self.say("Mulig forklaring, ikke påvist. Efter en begivenhed regnes forfra.")] * judged_anew
        notes += [self.say("Mulig forklaring, ikke påvist.")] * (bool(drawn) and not judged_anew)
        description = "; ".join(f"{self._week(p.week)}: {percent(p.share, self._language)}" for p in points)
        lines = [place_ for place_, _ in drawn]
        drawing = series(stops, chart="weeks", title=caption, description=description, ticks=ticks, events=lines)
        head = (
            *(self.say("Uge"), self.say("Andel"), self.say("n"), self.say("Midte"), self.say("Nedre grænse")),
            *(self.say("Øvre grænse"), self.say("Skiller sig ud")),
        )
        rows = tuple(
            (
                *(self._week(p.week), percent(p.share, self._language), number(p.n, self._language)),
                *(percent(v, self._language) if v is not None else "" for v in (p.centre, p.low, p.high)),
                self.say("ja") if p.signal else self.say("nej"),
            )
            for p in points
        )
        return self._figure(drawing, caption, Table(head, rows), notes)

    def score(self, found: Score, names: dict[str, str]) -> Markup:
        """The score's parts: weight, value, and what each makes of the whole (BF-05)."""
        rows = [
            Bar(
                names[part.name],
                percent(part.proportion.share, self._language),
                self.say(
                    "vægt %(weight)s, giver %(points)s af scoren, n = %(n)s",
                    weight=percent(part.weight / 100, self._language),
                    points=number(found.effect_of(part) * 100, self._language, decimals=1),
                    n=number(part.proportion.n, self._language),
                ),
                value=part.proportion.share,
                pale=part.status is BaseStatus.SMALL,
            )
            for part in found.parts
        ]
        caption = self.say("Sådan er scoren sat sammen")
        ticks = [Tick(at, percent(at, self._language)) for at in (0.0, 0.5, 1.0)]
        described = "; ".join(f"{row.label}: {row.number}, {row.base}" for row in rows)
        drawing = charts.bars(rows, chart="score", title=caption, description=described, ticks=ticks)
        head = self.say("Del"), self.say("Andel"), self.say("Vægt"), self.say("Giver"), self.say("n")
        lines = tuple(
            (
                names[part.name],
                percent(part.proportion.share, self._language),
                percent(part.weight / 100, self._language),
                number(found.effect_of(part) * 100, self._language, decimals=1),
                number(part.proportion.n, self._language),
            )
            for part in found.parts
        )
        return self._figure(drawing, caption, Table(head, lines), [])

    def _judged(self, points: Sequence[Point], signals: Sequence[str]) -> list[str]:
        """What the limits say; nothing stands out where there are none."""
        if all(point.centre is None for point in points):
            return [self.say("Lyse prikker: få svar. Der er for få om ugen til at sige, hvad der er tilfældigt.")]
        marked = self.say(
            "Firkant: en uge, som tilfældigheder dårligt kan forklare (%(weeks)s).", weeks=", ".join(signals)
        )
        found = marked if signals else self.say("Ingen uge skiller sig ud.")
        return [self.say("Ugerne mellem de stiplede linjer kan forklares af tilfældigheder."), found]

    def _named(self, event: NamedEvent) -> str:
        return in_language(event.name, self._language)

    def _event(self, place: int, event: NamedEvent, outages: Sequence[NamedEvent]) -> str:
        name = self._named(event)
        if event in outages:
            name = self.say("Driftsforstyrrelse: %(text)s", text=name.rstrip("."))
        day = long_date(event.day, self._language)
        return self.say("%(number)s: %(event)s, %(day)s.", number=str(place), event=name, day=day)

    def _drawn(
        self, rows: Sequence[Estimate], chart: str, caption: str, table: Table, *, notes: Sequence[str], reach: float
    ) -> Markup:
        described = "; ".join(f"{row.label}: {row.number}" for row in rows)
        ticks = [Tick(0.0, self.points(-reach)), Tick(0.5, self.points(0)), Tick(1.0, self.points(reach))]
        drawing = estimates(rows, chart=chart, title=caption, description=described, ticks=ticks, zero=0.5)
        return self._figure(drawing, caption, table, notes)

    def _group(self, dimension: str, value: str) -> str:
        return self._name(dimension, value) if value else self.say("Øvrige (for få svar til at vise)")

    def _share(self, cell: Cell) -> str:
        return self.say("ikke vist") if cell.share is None else percent(cell.share, self._language)

    def _interval(self, cell: Cell) -> str:
        if cell.ci_low is None or cell.ci_high is None:
            return ""
        return f"{number(cell.ci_low * 100, self._language)}–{percent(cell.ci_high, self._language)}"

    def _count(self, n: int | None) -> str:
        return self.say("ikke vist") if n is None else number(n, self._language)

    def _week(self, week: str) -> str:
        return self.say("uge %(week)s", week=str(int(week[-2:])))

    def _figure(self, drawing: Markup, caption: str, table: Table, notes: Sequence[str]) -> Markup:
        return charts.figure(
            drawing,
            caption=caption,
            table=table,
            table_label=self.say("Se tallene som tabel"),
            download=(self._csv, self.say("Hent alle tal som CSV-fil")),
            notes=notes,
        )


def _within(events: Sequence[NamedEvent], points: Sequence[Point]) -> list[tuple[int, NamedEvent]]:
    """The events that fall among the weeks, each with the week before which its line stands, counted from the first."""
    first, last = points[0].week, points[-1].week
    found = []
    for event in sorted(events, key=lambda each: each.day):
        year, week, _ = event.day.isocalendar()
        name = f"{year}-W{week:02d}"
        if first < name <= last:
            found.append((weeks_between(first, name), event))
    return found
