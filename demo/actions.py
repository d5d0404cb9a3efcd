"""What the first demo municipality did about its findings, step by step as its leaders would have written it.

One action moved its figure for certain, one did not, one keeps what works, one has a limit that was set in advance.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from chalicelib import bootstrap
from chalicelib.actions.model import Author, Baseline, Content, Guard, Place, Span, Status
from chalicelib.actions.notes import Notes
from chalicelib.actions.service import Register
from chalicelib.adapters.actions.dynamodb_actions import DynamoDbActions
from chalicelib.reporting.cell import Measure
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import Conflict
from demo.scenario import months_before

if TYPE_CHECKING:
    from datetime import date

    from chalicelib.actions.model import Action
    from chalicelib.municipalities.model import Municipality

_LEADER: Final = Author("demo-leader", "leader")
_ADVISER: Final = Author("demo-analyst", "analyst")
_NOON: Final = time(11)
_TOLD: Final = {
    "said_da": "Det er svært at forstå, hvad der skal ske efter besøget.",
    "did_da": "Vi har skrevet vores breve og sms’er om, så næste skridt står først.",
    "said_en": "It is hard to understand what happens after the visit.",
    "did_en": "We have rewritten our letters and text messages, so that the next step comes first.",
}


@dataclass(frozen=True, slots=True)
class _Day:
    """A clock that stands still."""

    day: date

    def now(self) -> datetime:
        return datetime.combine(self.day, _NOON, tzinfo=UTC)


class _Story:
    """The actions of one municipality, written on the days on which they happened."""

    def __init__(self, municipality: Municipality, now: datetime) -> None:
        self._municipality = municipality
        self._today = local_date(now)
        self._versions = {q.id: q.version for q in bootstrap.followed_figures().questions(municipality)}
        self._store = DynamoDbActions(bootstrap.keys)
        self._office = max(municipality.offices, key=lambda office: len(office.desks)).id

    def month(self, before: int, day: int = 1) -> date:
        """A day so many months before the running one; the last closed month is 1."""
        return months_before(self._today, before) + timedelta(days=day - 1)

    def place(self, question: str, dimension: str = "all", value: str = "all", measure: str = Measure.SHARE) -> Place:
        """A figure of the reports."""
        return Place(dimension, value, question, self._versions[question], str(measure))

    def baseline(self, before: int, question: str, dimension: str = "all", value: str = "all") -> Baseline:
        """A figure of one month."""
        month = f"{self.month(before):%Y-%m}"
        return Baseline(self.place(question, dimension, value), Span(month, month))

    def quarter(self) -> Span:
        """The last quarter that was over when the running month began."""
        last = next(n for n in range(1, 4) if self.month(n).month % 3 == 0)
        return Span(f"{self.month(last + 2):%Y-%m}", f"{self.month(last):%Y-%m}")

    def register(self, day: date) -> Register:
        """The register as it was used on a day."""
        return Register(store=self._store, figures=bootstrap.followed_figures, clock=lambda: _Day(day))

    def begin(self, name: str, day: date, content: Content) -> Action:
        """Propose something.

        Raises:
            Conflict: it was there before, and has gone on since.
        """
        action = self.register(day).create(self._municipality, content, _LEADER, key=f"demo-{name}")
        if action.version > 1:
            raise Conflict
        return action

    def go_on(self, action: Action, day: date, **changes: object) -> Action:
        """Change it."""
        content = replace(action.content, **changes)  # type: ignore[arg-type]
        return self.register(day).change(self._municipality, action.id, action.version, content, _LEADER)

    def note(self, action: Action, day: date, kind: str, text: str, **more: object) -> None:
        """Say something beside it."""
        author = _ADVISER if kind in {"interpretation", "comment"} else _LEADER
        notes = Notes(store=self._store, clock=lambda: _Day(day))
        notes.add(
            self._municipality,
            action.id,
            author,
            kind=kind,
            text=text,
            key=f"{kind} {day}",
            **more,  # type: ignore[arg-type]
        )

    def clear_letters(self) -> None:
        """What was changed for certain, and waits to be followed up."""
        content = Content(
            title="Breve og sms’er i klart sprog",
            found="Mange spørger ved skranken, hvad der skal ske bagefter.",
            recommendation="Skriv de ti mest brugte breve om, så næste skridt står først.",
            channel="in_person",
            department="citizen-service",
            baseline=self.baseline(13, "clear-information", "office", self._office),
        )
        action = self.begin("letters", self.month(3, 4), content)
        seen = "På to formiddage spurgte 11 af 40 ved skranken om det, der stod i brevet."
        self.note(action, self.month(3, 5), "observation", seen)
        said = "Borgerne ville helst have næste skridt øverst og færre paragraffer."
        self.note(action, self.month(3, 18), "citizen_workshop", said, people=9)
        work = "To medarbejdere skriver brevene om sammen med tre borgere. Sms’erne følger efter."
        owner = "Leder af Borgerservice"
        action = self.go_on(action, self.month(2, 2), status=Status.DECIDED, work=work, owner=owner)
        started = self.month(2, 20)
        running = {"status": Status.IN_PROGRESS, "started": started, "follow_up_months": 1, "on_trend": True}
        action = self.go_on(action, started, **running)
        thought = "Dette kan tolkes som, at det er rækkefølgen i brevet, der hjælper, mere end de enkelte ord."
        self.note(action, self.month(0), "interpretation", thought, function="Borgerrådgiver")
        self.register(self.month(0)).publish(self._municipality, action.id, action.version, _TOLD, _LEADER)

    def greeting(self) -> None:
        """What was not changed for certain."""
        content = Content(
            title="Fast velkomst ved standeren",
            recommendation="Giv en medarbejder opgaven at tage imod i de to travleste timer.",
            channel="in_person",
            work="En medarbejder står ved standeren kl. 10–12 på mandage og torsdage.",
            owner="Teamkoordinator i Borgerservice",
            status=Status.DECIDED,
            baseline=self.baseline(13, "friendliness", "office", self._office),
            started=self.month(11),
            follow_up_months=10,
        )
        action = self.begin("greeting", self.month(12, 15), content)
        self.go_on(action, self.month(11), status=Status.IN_PROGRESS)

    def keep_it_up(self) -> None:
        """What is good, and is to stay so."""
        content = Content(
            title="Fasthold tiden til den enkelte borger",
            recommendation="Bliv ved uden mål for, hvor kort en ekspedition skal være.",
            owner="Centerchef",
            baseline=self.baseline(13, "satisfaction"),
            started=self.month(12, 5),
            follow_up_months=10,
            guard=Guard(self.place("satisfaction"), 70),
        )
        action = self.begin("time", self.month(12, 2), content)
        action = self.go_on(action, self.month(12, 5), status=Status.MAINTAIN)
        day = self.month(1, 12)
        text = "Vi fortsætter uændret og ser på det igen næste år."
        self.register(day).conclude(self._municipality, action.id, action.version, text, _LEADER)

    def by_appointment(self) -> None:
        """What is risky, with a limit and with citizens heard before it was decided."""
        content = Content(
            title="Pas og kørekort kun med tid om formiddagen",
            recommendation="Lad formiddagen være for dem, der har bestilt tid, så ingen venter længe.",
            channel="in_person",
            department="citizen-service",
            baseline=self.baseline(17, "satisfaction", "channel", "in_person"),
            guard=Guard(self.place("satisfaction", measure=Measure.UNFAVOURABLE), 15),
        )
        action = self.begin("appointments", self.month(8, 3), content)
        asked = "De fleste vil gerne bestille tid. Nogle er bange for, at akutte ærinder må vente."
        self.note(action, self.month(8, 20), "citizens", asked, people=26)
        work = "Uden tid kan man komme efter kl. 12, og akutte ærinder bliver altid taget."
        owner = "Leder af Borgerservice"
        action = self.go_on(action, self.month(7, 6), status=Status.DECIDED, work=work, owner=owner)
        running = {"status": Status.IN_PROGRESS, "started": self.month(5), "follow_up_months": 10}
        self.go_on(action, self.month(5), **running)

    def signs(self) -> None:
        """What somebody saw, and nobody has decided on."""
        content = Content(
            title="Flyt check-in-standeren hen til døren",
            found="Borgere går forbi standeren og spørger i kantinen.",
            recommendation="Sæt standeren, så man ser den fra indgangen, og mal en linje på gulvet.",
            channel="in_person",
        )
        action = self.begin("signs", self.month(0), content)
        seen = "På en time gik 7 af 22 forbi standeren uden at se den."
        self.note(action, self.month(0), "observation", seen)

    def refusals(self) -> None:
        """What is decided and has not begun."""
        content = Content(
            title="Forklar et afslag, før det bliver sendt",
            recommendation="Ring til borgeren, inden et afslag går ud, og sig hvorfor.",
            channel="phone",
            department="benefits",
            work="Sagsbehandleren ringer samme dag, som afslaget skrives.",
            owner="Leder af Ydelser",
            status=Status.DECIDED,
            baseline=Baseline(self.place("clear-information"), self.quarter()),
            started=self.month(-1),
            follow_up_months=6,
        )
        self.begin("refusals", self.month(0), content)


def write_actions(municipality: Municipality, now: datetime) -> None:
    """The register of the demo, once the reports are counted; doing it again changes nothing."""
    story = _Story(municipality, now)
    told = (
        *(story.clear_letters, story.greeting, story.keep_it_up),
        *(story.by_appointment, story.signs, story.refusals),
    )
    for each in told:
        with suppress(Conflict):  # the demo was loaded before
            each()
