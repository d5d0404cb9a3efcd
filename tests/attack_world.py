"""Small random towns, contact by contact, and their counts as the lake makes them: what an attack is tried on."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from chalicelib.municipalities.units import department_of, sub_department_of
from chalicelib.reporting.listed import PREFERRED
from chalicelib.reporting.model import (
    DONT_KNOW,
    FUNNEL,
    Asked,
    Booked,
    Called,
    Group,
    Pattern,
    PeriodCounts,
    QuestionDefinition,
    Resolution,
)
from chalicelib.reporting.noted import (
    HANDED_OVER,
    INTERNAL,
    NEXT_STEP,
    NOTED_BY,
    OUTSIDE_HOURS,
    PASSED_AGAIN,
    PASSED_ON,
    RESOLVED,
    Noted,
)
from tests.attack_crossings import age_of, crossed_of
from tests.fakes.reporting import GOT_ANSWER, band_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from chalicelib.reporting.noted import NotedFacts

SCALE: Final = QuestionDefinition(
    *("satisfaction", "1-3.1", {"da": "Tilfreds?"}, {"da": "Tilfredshed"}, ("3",), {"da": "3"}), minimum=1, maximum=3
)
CHANNELS: Final = ("in_person", "phone", "e_mail")
WISHED: Final = QuestionDefinition(PREFERRED, "1", {}, {}, (), {}, options={channel: {} for channel in CHANNELS})
UNITS: Final = {
    "passport": "citizens/papers",
    "licence": "citizens/papers",
    "moving": "citizens/register",
    "pension": "benefits",
    "debt": "benefits",
}
SUB_DEPARTMENTS: Final = {"papers": "citizens", "register": "citizens"}
MOMENTS: Final = ("check_in", "seen_by_staff")
WAYS: Final = {"web": "online", "kiosk": "kiosk", "desk": "helped", "phone": "helped"}
OFFICES: Final = ("hall", "library", "island")
MODES: Final = ("sms", "kiosk")
FACTS: Final = (PASSED_ON, PASSED_AGAIN, NEXT_STEP, HANDED_OVER, OUTSIDE_HOURS)
"""What may be noted of a contact, besides whether it was solved at once."""
SOON: Final = 10
_DAYS: Final = (3, 9, 16, 23, 30)


@dataclass(frozen=True, slots=True)
class Contact:
    """What happened to one citizen."""

    facts: Mapping[str, str]
    """Dimension → value."""
    mode: str
    minute: int | None
    ending: str
    asked: bool
    granted: bool
    reached: int
    """How many of the funnel's steps."""
    given: Mapping[str, str]
    """Question → answer."""
    wrote: bool
    resolved: bool | None
    delay: int | None
    lead: int | None
    origin: str
    """How the appointment was booked; nothing where there was none."""
    cancelled: bool
    offered: str
    """The enquiry reason for which another way than an appointment was offered, if one was."""
    took: bool
    measured_from: str
    noted: Mapping[str, bool]
    """Fact → whether it holds, of the facts that are known."""
    colleague: bool
    age: str = ""

    @property
    def counts(self) -> bool:
        """True for whoever was served and is no colleague."""
        return self.ending == "served" and not self.colleague

    @property
    def places_of_answers(self) -> dict[str, str]:
        """The groups that an answer is counted in."""
        return {**self.facts, "mode": self.mode}


def town(seed: int, months: Sequence[str], size: int) -> dict[str, list[Contact]]:
    """Contacts by month; how much goes to which group is as uneven as in real towns."""
    rng = random.Random(seed)
    taste = _Taste(rng, random.Random(seed + 1))
    return {month: [taste.contact(month) for _ in range(rng.randint(size // 3, size))] for month in months}


def weeks_of(month: str) -> list[str]:
    """The weeks in which the town's citizens come."""
    days = [date(int(month[:4]), int(month[5:]), day) for day in (_DAYS[:4] if month.endswith("02") else _DAYS)]
    return [f"{day.isocalendar().year}-W{day.isocalendar().week:02d}" for day in days]


class _Taste:
    """How often what happens in one town."""

    def __init__(self, rng: random.Random, ages: random.Random) -> None:
        self._rng, self._ages = rng, ages
        self._skew: dict[str, list[float]] = {}
        self._replies = rng.choice((0.3, 0.8, 1.0))
        self._told: dict[str, float] = {}

    def contact(self, month: str) -> Contact:
        rng = self._rng
        channel, reason = self._one("channel", CHANNELS), self._one("reason", tuple(UNITS))
        here = channel == "in_person"
        minute = int(rng.gammavariate(1.5, 8)) if here and rng.random() < 0.9 else None
        serving = self._one("service", ("00-05", "05-10", "10-20")) if rng.random() < 0.8 else None
        facts = {
            "all": "all",
            "channel": channel,
            "reason": reason,
            "department": department_of(UNITS[reason]),
            "week": rng.choice(weeks_of(month)),
            "language": self._one("language", ("da", "en")),
            "hour": self._one("hour", ("09", "10", "11")),
            **({"office": self._one("office", OFFICES)} if here else {}),
            **({"waiting": band_of(minute)} if minute is not None else {}),
            **({"service": serving} if serving else {}),
            **({"outage": self._one("outage", ("no", "yes"))} if rng.random() < 0.8 else {}),
            **({"sub_department": unit} if (unit := sub_department_of(UNITS[reason])) else {}),
        }
        ending = rng.choices(("served", "no_show", "unclosed"), (85, 10, 5))[0] if here else "served"
        asked = rng.random() < 0.9
        granted = asked and rng.random() < self._replies
        reached = 0 if not asked else 1 if not granted else 2
        while reached >= 2 and reached < len(FUNNEL) - 1 and rng.random() < 0.95:
            reached += 1
        finished = reached == len(FUNNEL) - 1
        given = {SCALE.id: rng.choice(("1", "2", "3", "3", DONT_KNOW)), GOT_ANSWER.id: rng.choice(("yes", "yes", "no"))}
        given[WISHED.id] = self._one("wished", CHANNELS)
        booked = here and rng.random() < 0.6
        colleague = not here and rng.random() < 0.1
        holding = {
            fact: rng.random() < 0.5 for fact in FACTS if rng.random() < self._told.setdefault(fact, rng.random())
        }
        return Contact(
            *(
                facts,
                self._one("mode", MODES),
                minute,
                ending,
                asked,
                granted,
                reached,
                given if finished else {},
            ),
            wrote=finished and rng.random() < 0.3,
            resolved=rng.choice((None, True, False)),
            delay=rng.randint(0, 12) if booked else None,
            lead=int(rng.expovariate(0.2)) if booked else None,
            origin=self._one("origin", tuple(WAYS)) if booked else "",
            cancelled=rng.random() < 0.2,
            offered=reason if rng.random() < 0.3 and not colleague else "",
            took=rng.random() < 0.4,
            measured_from=self._one("moment", MOMENTS) if minute is not None else "",
            noted=holding,
            colleague=colleague,
            age=age_of(self._ages),
        )

    def _one(self, what: str, values: tuple[str, ...]) -> str:
        weights = self._skew.setdefault(what, [self._rng.random() ** 3 + 0.01 for _ in values])
        return self._rng.choices(values, weights)[0]


def counts_of(month: str, contacts: Iterable[Contact]) -> PeriodCounts:
    """What the refresh job stores of a month."""
    everyone = list(contacts)
    served = [each for each in everyone if each.counts]
    known: dict[str, Counter[str]] = {}
    for each in served:
        for dimension, value in each.facts.items():
            known.setdefault(dimension, Counter())[value] += 1
    return PeriodCounts(
        municipality="fjordby",
        period=month,
        generated_at=f"{month}-28T02:22:00Z",
        questions=(SCALE, GOT_ANSWER),
        listed=(WISHED,),
        groups=tuple(_groups(served)),
        crossed=crossed_of(served, {each.id: each.version for each in (SCALE, GOT_ANSWER)}),
        funnel={step: sum(each.reached >= number for each in served) for number, step in enumerate(FUNNEL)},
        not_invited={},
        served={dimension: dict(values) for dimension, values in known.items()},
        waiting=_histogram(each.minute for each in served),
        consents=_consents(served),
        delays=_histogram(each.delay for each in served),
        lead_days=_histogram(each.lead for each in served),
        resolution=_resolution(served),
        patterns=tuple(_patterns(served)),
        departments=UNITS,
        sub_departments=SUB_DEPARTMENTS,
        bookings=_bookings(everyone),
        alternatives={
            reason: Asked(len(mine), sum(each.took for each in mine))
            for reason in UNITS
            if (mine := [each for each in everyone if each.offered == reason])
        },
        called_soon=_called_soon(served),
        waiting_from=dict(Counter(each.measured_from for each in served if each.measured_from)),
        noted=_noted(served) | {INTERNAL: {"channel": _colleagues(everyone)}},
        paths={
            channel: dict(Counter(each.facts["department"] for each in mine))
            for channel in CHANNELS
            if (mine := [each for each in served if each.facts["channel"] == channel])
        },
        endings={office: _endings(everyone, office) for office in OFFICES},
        with_text=sum(each.wrote for each in served),
    )


def _groups(contacts: Sequence[Contact]) -> Iterator[Group]:
    found: dict[tuple[str, str, str], Counter[str]] = {}
    for each in contacts:
        for question, answer in each.given.items():
            for dimension, value in each.places_of_answers.items():
                found.setdefault((dimension, value, question), Counter())[answer] += 1
    versions = {each.id: each.version for each in (SCALE, GOT_ANSWER, WISHED)}
    for (dimension, value, question), answers in sorted(found.items()):
        yield Group(dimension, value, question, versions[question], dict(answers))


def _bookings(contacts: Sequence[Contact]) -> dict[str, dict[str, Booked]]:
    made: dict[str, dict[str, Booked]] = {}
    for each in contacts:
        for dimension, value in (("all", "all"), ("office", each.facts.get("office", "")), ("origin", each.origin)):
            if each.origin:
                old = made.setdefault(dimension, {}).get(value, Booked(0, 0))
                made[dimension][value] = Booked(old.appointments + 1, old.cancelled + each.cancelled)
    return made


def _called_soon(contacts: Sequence[Contact]) -> dict[str, Called]:
    made = {}
    for value in ("yes", "no"):
        mine = [e.minute for e in contacts if e.minute is not None and e.facts.get("outage", "no") == value]
        if mine:
            made[value] = Called(len(mine), sum(minute < SOON for minute in mine))
    return made


def _consents(contacts: Sequence[Contact]) -> dict[str, dict[str, Asked]]:
    made: dict[str, dict[str, Asked]] = {}
    for each in contacts:
        for dimension in ("all", "office", "reason") if each.asked else ():
            if value := each.facts.get(dimension):
                old = made.setdefault(dimension, {}).get(value, Asked(0, 0))
                made[dimension][value] = Asked(old.offered + 1, old.granted + each.granted)
    return made


def _resolution(contacts: Sequence[Contact]) -> dict[str, Resolution]:
    made = {}
    for channel in CHANNELS:
        mine = [each.resolved for each in contacts if each.facts["channel"] == channel]
        if mine:
            made[channel] = Resolution(len(mine), len(mine) - mine.count(None), mine.count(True))
    return made


def _noted(contacts: Sequence[Contact]) -> NotedFacts:
    made: NotedFacts = {}
    for each in contacts:
        for fact, by, value in noted_of(each):
            values = made.setdefault(fact, {}).setdefault(by, {})
            old, holds = values.get(value, Noted(0, 0)), holds_of(each, fact)
            values[value] = Noted(old.known + 1, old.yes + bool(holds))
    return made


def noted_of(contact: Contact) -> Iterator[tuple[str, str, str]]:
    """The fact, the dimension and the value of each group that is known of a contact."""
    for fact in (*FACTS, RESOLVED):
        if holds_of(contact, fact) is not None:
            yield from ((fact, by, contact.facts[by]) for by in NOTED_BY[fact])


def holds_of(contact: Contact, fact: str) -> bool | None:
    """Whether a fact holds of a contact; None where nobody knows."""
    if fact == RESOLVED:
        return contact.resolved
    if fact == PASSED_AGAIN:
        return contact.noted.get(PASSED_ON) and contact.noted.get(fact, False)
    return contact.noted.get(fact)


def _colleagues(contacts: Sequence[Contact]) -> dict[str, Noted]:
    made = {}
    for channel in CHANNELS[1:]:
        mine = [each.colleague for each in contacts if each.facts["channel"] == channel]
        if mine:
            made[channel] = Noted(len(mine), sum(mine))
    return made


def _patterns(contacts: Sequence[Contact]) -> Iterator[Pattern]:
    found = Counter(
        (each.given[SCALE.id], each.given[GOT_ANSWER.id], each.facts.get("waiting")) for each in contacts if each.given
    )
    for (scale, answer, waiting), n in found.items():
        yield Pattern({SCALE.id: (SCALE.version, scale), GOT_ANSWER.id: (GOT_ANSWER.version, answer)}, waiting, n)


def _endings(contacts: Sequence[Contact], office: str) -> dict[str, int]:
    return dict(Counter(each.ending for each in contacts if each.facts.get("office") == office))


def _histogram(values: Iterable[int | None]) -> dict[str, int]:
    return {str(value): n for value, n in sorted(Counter(v for v in values if v is not None).items())}
