"""The texts of figures: a cell's number, base, interval and change as a reader of the language writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.reporting.cell import Cell, Measure
from chalicelib.reporting.statistics import BaseStatus
from chalicelib.web.charts import Table, Tick
from chalicelib.web.formats import month_name, number, percent
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chalicelib.reporting.model import QuestionDefinition
    from chalicelib.reporting.service import Overview

_A_POINT = 0.0095


class CellTexts:
    """The texts of one overview in one language."""

    def __init__(
        self,
        overview: Overview,
        language: str,
        *,
        name: Callable[[str, str], str],
        address: Callable[[Cell], str] | None = None,
    ) -> None:
        """`address` gives the page where a figure can be computed again, or nothing."""
        self._overview = overview
        self._language = language
        self._name = name
        self._address = address

    def say(self, message: str, **values: str) -> str:
        """A message in the language."""
        return gettext(self._language, message, **values)

    @staticmethod
    def message(message: str) -> str:
        """Marks a message for translation that is said later, when its values are known."""
        return message

    def name(self, cell: Cell) -> str:
        """The group's name."""
        return self._name(cell.dimension, cell.value)

    def count(self, n: int | None) -> str:
        """A count, or what stands for a hidden one."""
        return self.say("ikke vist") if n is None else number(n, self._language)

    def share(self, share: float | None) -> str:
        """A share, or what stands for a hidden one."""
        return self.say("ikke vist") if share is None else percent(share, self._language)

    def month(self, month: str) -> str:
        """A month's name."""
        return month_name(month, self._language)

    def number(self, cell: Cell) -> str:
        """The cell's number, with an asterisk where its change is certain (GL-46)."""
        if cell.number is None:
            return self.say("ikke vist")
        text = (
            number(cell.number, self._language, decimals=1) if cell.measure is Measure.MEAN else self.share(cell.share)
        )
        return f"{text}*" if cell.significant else text

    def interval(self, cell: Cell) -> str:
        """From–to, in the unit of the number."""
        if cell.ci_low is None or cell.ci_high is None:
            return ""
        if cell.measure is Measure.MEAN:
            return "–".join(number(end, self._language, decimals=1) for end in (cell.ci_low, cell.ci_high))
        return f"{number(cell.ci_low * 100, self._language)}–{percent(cell.ci_high, self._language)}"

    def base(self, cell: Cell) -> str:
        """Who answered, of all who were served."""
        if cell.n is None:
            return self.say("ikke vist (for få svar)")
        if not cell.served:
            return self.say("n = %(n)s", n=self.count(cell.n))
        return self.say("n = %(n)s af %(served)s betjente", n=self.count(cell.n), served=self.count(cell.served))

    def mean(self, cell: Cell) -> str:
        """A mean with its scale and interval (SK-13)."""
        return self.say(
            "Gennemsnit %(mean)s på en skala fra %(low)s til %(high)s (%(interval)s, n = %(n)s)",
            mean=self.number(cell),
            low=str(cell.scale_min),
            high=str(cell.scale_max),
            interval=self.interval(cell),
            n=self.count(cell.n),
        )

    def change(self, cell: Cell) -> str:
        """The change in percentage points, signed, with its asterisk; nothing where nothing is compared."""
        if cell.change is None:
            return ""
        points = number(abs(cell.change) * 100, self._language, decimals=0 if abs(cell.change) >= _A_POINT else 1)
        sign = "" if points in {"0,0", "0.0"} else "+" if cell.change > 0 else "−"
        return self.say("%(change)s point", change=f"{sign}{points}") + ("*" if cell.significant else "")

    def ceiling(self, question: QuestionDefinition, found: Mapping[str, int]) -> list[str]:
        """How many gave the highest answer of a scale, above which nobody can rise (BF-07)."""
        n, top = sum(found.values()), str(question.maximum)
        if not n or top not in found:
            return []
        share = self.share(found[top] / n)
        return [self.say("Højeste svar (%(top)s): %(share)s. Højere kunne ingen svare.", top=top, share=share)]

    def with_text(self) -> list[str]:
        """How many also wrote something (BF-07)."""
        cell = self._overview.with_text
        if cell is None or cell.share is None:
            return []
        share, count, n = self.share(cell.share), self.count(cell.count), self.count(cell.n)
        return [self.say("Med kommentar: %(share)s (%(count)s af %(n)s skemaer).", share=share, count=count, n=n)]

    def steps(self) -> dict[str, str]:
        """The funnel's steps."""
        return {
            "completed": self.say("Betjente"),
            "offered": self.say("Spurgt om sms"),
            "consented": self.say("Sagde ja"),
            "sent": self.say("Sms sendt"),
            "delivered": self.say("Sms leveret"),
            "started": self.say("Skema åbnet"),
            "finished": self.say("Skema færdigt"),
        }

    def step_bases(self) -> dict[str, str]:
        """What each step is a share of: sentences with `%(share)s`."""
        return {
            "completed": self.message("alle betjente"),
            "offered": self.message("%(share)s af de betjente"),
            "consented": self.message("%(share)s af de spurgte"),
            "sent": self.message("%(share)s af dem, der sagde ja"),
            "delivered": self.message("%(share)s af de sendte"),
            "started": self.message("%(share)s af de leverede"),
            "finished": self.message("%(share)s af de åbnede"),
        }

    def by(self, dimension: str) -> str:
        """What a figure is split by, as its caption ends."""
        return {
            "office": self.say("efter sted"),
            "reason": self.say("efter henvendelsesårsag"),
            "channel": self.say("efter kontaktform"),
            "language": self.say("efter sprog"),
            "department": self.say("efter afdeling"),
            "sub_department": self.say("efter underafdeling"),
            "weekday": self.say("efter ugedag"),
            "hour": self.say("efter tidspunkt"),
            "waiting": self.say("efter ventetid"),
            "service": self.say("efter ekspeditionstid (for e-mail: svartid)")
            if self._by_mail()
            else self.say("efter ekspeditionstid"),
            "mode": self.say("efter svarmåde"),
            "outage": self.say("under driftsforstyrrelser og ellers"),
        }[dimension]

    def _by_mail(self) -> bool:
        """True when there are e-mails among the contacts: their service time is their reply time (GL-69)."""
        source = self._overview.source
        return bool(source and source.now.counts.served.get("channel", {}).get("e_mail"))

    def percent_ticks(self) -> list[Tick]:
        """The axis of shares: always from 0 to 100, so that lengths can be compared."""
        return [Tick(at, percent(at, self._language)) for at in (0.0, 0.5, 1.0)]

    def table(self, cells: Sequence[Cell]) -> Table:
        """The cells as rows: everything that the figure shows, and the interval of the change."""
        before = self._overview.compare
        head = [self.say("Gruppe"), self.say("Andel"), self.say("95 %-interval"), self.say("Antal"), self.say("n")]
        head += [self.say("Betjente")]
        head += [self.month(before), self.say("Ændring"), self.say("Sikker ændring")] if before else []
        links = tuple(self._address(cell) for cell in cells) if self._address else ()
        return Table(tuple(head), tuple(tuple(self._row(cell, compared=before is not None)) for cell in cells), links)

    def _row(self, cell: Cell, *, compared: bool) -> list[str]:
        name = self._question(cell) if cell.dimension == "all" else self.name(cell)
        if cell.base_status is BaseStatus.SMALL:
            name = self.say("%(group)s (få svar)", group=name)
        hidden = cell.n is None
        row = [name, self.number(cell), self.interval(cell), self.count(cell.count), self.count(cell.n)]
        row += ["" if cell.served is None else self.count(cell.served)]
        if compared:
            row += ["" if hidden or cell.previous is None else self.share(cell.previous), self.change(cell)]
            row += [self._certain(cell)]
        return row

    def _certain(self, cell: Cell) -> str:
        if cell.significant is None:
            return self.say("ikke testet")
        return self.say("ja") if cell.significant else self.say("nej")

    def _question(self, cell: Cell) -> str:
        names = {question.id: question.short for question in self._overview.questions}
        return names[cell.question].get(self._language) or names[cell.question]["da"]

    def notes(self, cells: Sequence[Cell], *, drawn: int, hidden: Sequence[Cell]) -> list[str]:
        """What a reader of this figure must know, and only what applies to it; `hidden` are groups without a row."""
        limits, made = self._overview.thresholds, []
        if any(cell.base_status is BaseStatus.SMALL for cell in cells):
            made.append(
                self.say(
                    "Lys og skraveret: %(small)s svar eller færre. Sammenlign dem ikke.", small=str(limits.small_base)
                )
            )
        if any(cell.base_status is BaseStatus.SUPPRESSED for cell in cells):
            made.append(
                self.say(
                    "Ikke vist: under %(limit)s svar, eller skjult, så ingen kan regne en anden gruppe ud.",
                    limit=str(limits.suppress_below),
                )
            )
        if hidden:
            names = ", ".join(sorted(self.name(cell) for cell in hidden))
            made.append(self.say("Ikke vist (for få svar): %(groups)s.", groups=names))
        if drawn < sum(cell.n is not None for cell in cells):
            made.append(self.say("De %(shown)s største er tegnet; alle står i tabellen.", shown=str(drawn)))
        return made + (self.star_note() if any(cell.change is not None for cell in cells) else [])

    def star_note(self) -> list[str]:
        """What the asterisk and the points mean; a running month says that it carries none."""
        before = self.month(self._overview.compare or self._overview.period)
        if not self._overview.closed:
            return [
                self.say(
                    "Point: procentpoint siden %(before)s. Måneden er ikke afsluttet, så intet er testet.",
                    before=before,
                )
            ]
        return [self.say("Point: procentpoint siden %(before)s. * = ændringen er statistisk sikker.", before=before)]
