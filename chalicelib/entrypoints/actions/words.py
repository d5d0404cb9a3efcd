"""What readers of the register are told, in their language. Only a certain change is called one (GL-50)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalicelib.actions.model import NoteKind, Status
from chalicelib.actions.results import Held, Outcome
from chalicelib.actions.rules import Problem
from chalicelib.reporting.cell import Measure
from chalicelib.shared.languages import in_language
from chalicelib.web.formats import long_date, month_name, number, percent
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from chalicelib.reporting.cell import Cell
    from chalicelib.reporting.followed import Followed
    from chalicelib.web.charts_names import Names

STATUSES: Final = {
    Status.PROPOSED: "Foreslået",
    Status.DECIDED: "Besluttet",
    Status.IN_PROGRESS: "I gang",
    Status.DONE: "Gennemført",
    Status.MAINTAIN: "Fasthold",
    Status.DROPPED: "Opgivet",
}
KINDS: Final = {
    NoteKind.SURVEY: "Undersøgelse",
    NoteKind.OBSERVATION: "Feltobservation",
    NoteKind.LOG: "Data fra et it-system",
    NoteKind.STAFF_WORKSHOP: "Workshop med medarbejdere",
    NoteKind.CITIZEN_WORKSHOP: "Workshop med borgere",
    NoteKind.COMPLAINT: "Klage",
    NoteKind.CITIZENS: "Borgernes input, før det blev besluttet",
    NoteKind.INTERPRETATION: "Fortolkning",
    NoteKind.COMMENT: "Kommentar",
}
PROBLEMS: Final = {
    Problem.MISSING: "Skriv noget her.",
    Problem.TOO_LONG: "Gør teksten kortere.",
    Problem.PERSONAL: "Teksten ligner et telefonnummer, et CPR-nummer eller en e-mailadresse. Skriv det ikke her.",
    Problem.UNKNOWN: "Vælg en af mulighederne.",
    Problem.NOT_NEXT: "Handlingen kan ikke få den status nu.",
    Problem.FAR: "Skriv en dato inden for ti år.",
    Problem.NOT_YET: "Handlingen er i gang, så startdatoen kan ikke ligge i fremtiden.",
    Problem.MONTHS: "Skriv et antal måneder fra 1 til 36.",
    Problem.LIMIT: "Skriv en procent fra 1 til 99.",
    Problem.NOT_BEFORE: "Fundets periode skal være slut, når ændringen begynder: ellers måler den ikke tiden før.",
    Problem.LOCKED: "Det kan ikke ændres, når handlingen er begyndt.",
    Problem.TOO_LATE: "Grænsen skal sættes, før ændringen begynder.",
    Problem.HIDDEN: "Det er ikke adressen på et tal, der vises i rapporterne.",
    Problem.RUNNING: "Tallets periode er ikke slut endnu.",
    Problem.FUTURE: "Datoen kan ikke ligge i fremtiden.",
    Problem.DECIDED: "Det er fra efter beslutningen. Borgernes input til en plan hører til før den.",
    Problem.PEOPLE: "Skriv et antal fra 1 til 9999.",
    Problem.NOTHING_DONE: "Der er ikke gjort noget endnu, så der er intet at fortælle borgerne.",
    Problem.NOT_DUE: "Opfølgningen kan ikke afsluttes endnu.",
}
RESULTS: Final = {
    Outcome.BETTER: "%(figure)s i %(now)s mod %(before)s i %(then)s: en statistisk sikker forbedring på %(size)s.",
    Outcome.WORSE: "%(figure)s i %(now)s mod %(before)s i %(then)s: en statistisk sikker forværring på %(size)s.",
    Outcome.CHANCE: (
        "%(figure)s i %(now)s mod %(before)s i %(then)s. Forskellen kan være tilfældig: det er ikke en sikker ændring."
    ),
    Outcome.TOO_FEW: "%(figure)s i %(now)s og %(before)s i %(then)s: der er for få svar til at sammenligne.",
    Outcome.OTHER_WORDING: "Spørgsmålet er ændret siden %(then)s, så tallene kan ikke sammenlignes.",
    Outcome.HIDDEN: "Der er ikke to tal at sammenligne: ingen eller for få svar i %(now)s eller %(then)s.",
}
_LEAST: Final = 0.0001
"""Smaller values of p are not told apart."""
_DATE: Final = "Skriv en dato."
FIELDS: Final = {
    "title": "Overskrift",
    "found": "Fundet i ord",
    "recommendation": "Anbefaling",
    "work": "Hvad der gøres",
    "owner": "Ansvarlig",
    "channel": "Kontaktform",
    "department": "Afdeling",
    "status": "Status",
    "started": "Ændringen begyndte",
    "follow_up_months": "Måneder til opfølgning",
    "on_trend": "Vist i “Uge for uge”",
    "baseline": "Fund i tal",
    "guard": "Grænse",
    "conclusions": "Konklusion på opfølgning",
    "public": "“Du sagde, vi gjorde”",
}
ROLES: Final = {"leader": "Leder", "analyst": "Analytiker", "admin": "Administrator"}
HELD: Final = {Held.HELD: "Holdt", Held.BROKEN: "Brudt", Held.UNCERTAIN: "Kan ikke afgøres"}


class Words:
    """The texts of one reader."""

    def __init__(self, language: str, name: Names) -> None:
        self.language = language
        self.name = name

    def status(self, status: str) -> str:
        """What a status is called."""
        return self._say(STATUSES[Status(status)])

    def kind(self, kind: str) -> str:
        """What a kind of note is called."""
        return self._say(KINDS[NoteKind(kind)])

    def field(self, name: str) -> str:
        """What a field is called."""
        return self._say(FIELDS[name])

    def role(self, role: str) -> str:
        """What a role is called."""
        return self._say(ROLES[role]) if role in ROLES else role

    def held(self, held: Held) -> str:
        """Whether a limit was kept."""
        return self._say(HELD[held])

    def day(self, day: date) -> str:
        """A date in words."""
        return long_date(day, self.language)

    def yes(self) -> str:
        """What a ticked box says."""
        return self._say("Ja")

    def clash(self, theirs: str) -> str:
        """What stands in a field that two have changed."""
        return self._say("En anden har ændret feltet til “%(theirs)s”. Din tekst står her.", theirs=theirs)

    def limit(self, measure: str, limit: int, question: str) -> str:
        """A limit that was set in advance."""
        said = {"limit": str(limit), "question": question}
        if measure == Measure.UNFAVOURABLE:
            return self._say("%(question)s: højst %(limit)s %% utilfredse", **said)
        return self._say("%(question)s: mindst %(limit)s %% tilfredse", **said)

    def before_and_after(self) -> str:
        """What the figure of a result is called."""
        return self._say("Før og efter")

    def problems(self, fields: Mapping[str, str]) -> dict[str, str]:
        """What is wrong with which field."""
        known = set(Problem)
        return {
            name: self._say(PROBLEMS[Problem(problem)] if problem in known else _DATE)
            for name, problem in fields.items()
        }

    def figure(self, cell: Cell) -> str:
        """`72 % (n = 120)`."""
        return self._with_base(cell.number, cell.n, cell)

    def value(self, value: float | None, cell: Cell) -> str:
        """A share or a mean, rounded last."""
        if value is None:
            return self._say("ikke vist")
        if cell.measure is Measure.MEAN:
            return number(value, self.language, decimals=1)
        return percent(value, self.language)

    def counted(self, found: Followed) -> str:
        """Which answers a figure counts."""
        cell, question = found.cell, found.question
        if cell is None or question is None:
            return ""
        if cell.measure is Measure.MEAN:
            return self._say(
                "Gennemsnit på en skala fra %(low)s til %(high)s", low=str(cell.scale_min), high=str(cell.scale_max)
            )
        if cell.measure is Measure.UNFAVOURABLE:
            text = question.unfavourable_text
            return in_language(text, self.language) if text else ", ".join(question.low_answers)
        return in_language(question.favourable_text, self.language)

    def result(self, outcome: Outcome, found: Followed, earlier: str) -> str:
        """What the follow-up says, in one sentence."""
        cell = found.cell
        said = {"now": month_name(found.period, self.language), "then": month_name(earlier, self.language)}
        if cell is None or outcome is Outcome.HIDDEN:
            return self._say(RESULTS[Outcome.HIDDEN], **said)
        said["figure"] = self.figure(cell)
        said["before"] = self._with_base(cell.previous, cell.previous_n, cell)
        said["size"] = self._size(cell)
        return self._say(RESULTS[outcome], **said)

    def test(self, cell: Cell) -> str:
        """How a change was tested, with its interval and p."""
        low, high = (self._amount(each, cell) for each in (cell.change_low or 0.0, cell.change_high or 0.0))
        p_value = cell.p_value or 0.0
        least = number(_LEAST, self.language, decimals=4)
        p = f"p < {least}" if p_value < _LEAST else f"p = {number(p_value, self.language, decimals=4)}"
        unit = "" if cell.measure is Measure.MEAN else " " + self._say("procentpoint")
        name = self._say("Welchs test") if cell.measure is Measure.MEAN else self._say("Tosidet z-test for to andele")
        return self._say(
            "%(name)s: %(p)s. 95 %%-intervallet for ændringen går fra %(low)s til %(high)s%(unit)s.",
            name=name,
            p=p,
            low=low,
            high=high,
            unit=unit,
        )

    def _with_base(self, value: float | None, n: int | None, cell: Cell) -> str:
        return f"{self.value(value, cell)} (n = {number(n or 0, self.language)})".replace(" ", "\xa0")

    def _size(self, cell: Cell) -> str:
        amount = self._amount(abs(cell.change or 0.0), cell)
        if cell.measure is Measure.MEAN:
            return amount
        return f"{amount} {self._say('procentpoint')}"

    def _amount(self, change: float, cell: Cell) -> str:
        if cell.measure is Measure.MEAN:
            return number(change, self.language, decimals=2).replace("-", "−")
        return number(change * 100, self.language, decimals=1).replace("-", "−")

    def _say(self, message: str, **values: str) -> str:
        return gettext(self.language, message, **values)
