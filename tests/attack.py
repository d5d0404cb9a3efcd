"""Whoever has every page and file, and counts: what they can conclude about a town, by integer programming.

Unknowns are how many contacts of a month have a key (`keys_of`). What the attacker knows of the structure (everyone has
one channel, whoever came has an office, nobody answers who was not served, who finished answered every question) are
equations and inequalities; every published number is one more. A number is given away if no other whole numbers fit.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from chalicelib.municipalities.units import department_of, sub_department_of
from chalicelib.reporting.model import DONT_KNOW, FUNNEL
from chalicelib.reporting.noted import NEXT_STEP, PASSED_ON, RESOLVED
from tests.attack_crossings import SCORED, crossed_bases, crossed_equations, crossed_grid, crossed_keys
from tests.attack_world import (
    CHANNELS,
    MODES,
    SCALE,
    SOON,
    SUB_DEPARTMENTS,
    UNITS,
    WAYS,
    WISHED,
    holds_of,
    noted_of,
    weeks_of,
)
from tests.fakes.reporting import GOT_ANSWER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tests.attack_world import Contact

Key = tuple[str, ...]
Row = dict[tuple[str, Key], float]
"""(month, key) → factor."""
LIMIT: Final = 5
_HALF: Final = 0.5
_ROUGHLY: Final = 0.2
_SECONDS: Final = 10
"""Whoever needs longer for one number has not found it, and neither have we."""
HALVES: Final = (0, 5, 10, 15, 20, 25, 30)
LEADS: Final = (0, 1, 2, 4, 7, 14)
WHOLE: Final = ("channel", "reason", "department", "language", "hour", "week")
"""Everyone is in one group of each."""
ANSWERS: Final = {SCALE.id: ("1", "2", "3", DONT_KNOW), GOT_ANSWER.id: ("yes", "no"), WISHED.id: CHANNELS}


def keys_of(contact: Contact) -> Iterator[Key]:
    """Every count that a contact is one of."""
    if contact.colleague:
        yield ("I", contact.facts["channel"])
        return
    yield from _booked(contact)
    if contact.ending != "served":
        yield ("E", contact.facts["office"], contact.ending)
        return
    yield from crossed_keys(contact)
    yield ("P", contact.facts["channel"], contact.facts["department"])
    yield from (("N", *place) for place in noted_of(contact))
    yield from (("n", *place) for place in noted_of(contact) if holds_of(contact, place[0]))
    yield from (("S", *place) for place in contact.facts.items())
    for place in contact.places_of_answers.items():
        yield from (("A", question, answer, *place) for question, answer in contact.given.items())
    for place in contact.facts.items():
        if contact.asked and place[0] in {"all", "office", "reason"}:
            yield from (("O", *place), ("G", *place)) if contact.granted else (("O", *place),)
    yield from (("F", FUNNEL[step]) for step in range(contact.reached + 1))
    yield from _operated(contact)


def _booked(contact: Contact) -> Iterator[Key]:
    if contact.origin:
        yield from (("B", WAYS[contact.origin]), ("BO", contact.facts["office"]))
        if contact.cancelled:
            yield ("BC", contact.facts["office"])
    if contact.offered:
        yield from (("X", contact.offered), ("Y", contact.offered)) if contact.took else (("X", contact.offered),)


def _operated(contact: Contact) -> Iterator[Key]:
    if contact.minute is not None:
        outage = contact.facts.get("outage", "no")
        yield from (("W", str(max(start for start in HALVES if start <= contact.minute))), ("C", outage))
        yield ("M", contact.measured_from)
        if contact.minute < SOON:
            yield ("c", outage)
    if contact.lead is not None:
        yield ("L", str(max(start for start in LEADS if start <= contact.lead)))
    if contact.delay is not None:
        yield ("D", "soon" if contact.delay <= LIMIT else "late")
    if contact.resolved is not None:
        yield ("K", contact.facts["channel"])
    if contact.resolved:
        yield ("R", contact.facts["channel"])
    if contact.wrote:
        yield ("T",)


@dataclass
class Knowledge:
    """What the attacker has: equations, and sums that are never negative."""

    months: Sequence[str]
    truth: Mapping[str, Counter[Key]]
    equal: list[tuple[Row, float]] = field(default_factory=list)
    positive: list[Row] = field(default_factory=list)

    def value(self, row: Row) -> float:
        """What a sum really is."""
        return sum(factor * self.truth[month][key] for (month, key), factor in row.items())

    def learn(self, row: Row, value: float | None, what: object = "") -> None:
        """A published number. It must be true, or the test itself is wrong."""
        if value is not None:
            assert abs(self.value(row) - value) < 1e-3, (what, self.value(row), value)
            self.equal.append((row, float(round(self.value(row)))))

    @cached_property
    def keys(self) -> list[Key]:
        """Every count that there could be: groups and answers are known from configuration, weeks from the calendar."""
        seen = {key for counts in self.truth.values() for key in counts}
        places = {key[1:] for key in seen if key[0] == "S"}
        answered = {*places, *(("mode", mode) for mode in MODES)}
        grid = {
            ("A", name, answer, *place) for name, found in ANSWERS.items() for answer in found for place in answered
        }
        grid |= {
            ("P", channel, unit) for _, channel in _named("channel", places) for _, unit in _named("department", places)
        }
        # What of a group never happened is known to nobody: it may as well have happened to some.
        some_of = {"BO": "BC", "X": "Y", "C": "c", "K": "R", "O": "G", "N": "n"}
        grid |= {(some_of[key[0]], *key[1:]) for key in seen if key[0] in some_of}
        fields = ("channel", "office", "language", "mode")
        by = {name: [value for _, value in _named(name, answered)] for name in fields}
        grid |= set(crossed_grid({question: ANSWERS[question] for question in SCORED}, UNITS, by))
        return sorted(seen | grid | {("F", step) for step in FUNNEL} | {("T",), ("D", "soon"), ("D", "late")})


def known_of(town: Mapping[str, Iterable[Contact]]) -> Knowledge:
    """The attacker before they read anything: the structure."""
    truth = {month: Counter(key for each in contacts for key in keys_of(each)) for month, contacts in town.items()}
    made = Knowledge(list(truth), truth)
    for month in truth:
        made.equal += [({(month, key): factor for key, factor in row.items()}, 0.0) for row in _equations(made.keys)]
        elsewhere = [key for key in made.keys if key[-2:-1] == ("week",) and key[-1] not in weeks_of(month)]
        made.equal += [({(month, key): 1.0}, 0.0) for key in elsewhere]
        made.positive += [{(month, key): factor for key, factor in row.items()} for row in _inequalities(made.keys)]
    return made


def _equations(keys: Sequence[Key]) -> Iterator[dict[Key, float]]:
    """Sums of one month that are 0."""
    for family in sorted({key[:-2] for key in keys if key[0] in {"S", "A", "O", "G"}}):
        mine = [key for key in keys if key[:-2] == family]
        by = {dimension: [key for key in mine if key[-2] == dimension] for dimension in {key[-2] for key in mine}}
        whole = (*family, "all", "all")
        wholes = WHOLE if family[0] in {"S", "A"} else ("reason",)
        yield from (_sum(by.get(dimension, []), whole) for dimension in wholes)
        if family[0] == "A":
            yield _sum(by.get("mode", []), whole)
        if family[0] in {"S", "A"}:
            yield _sum(by.get("office", []), (*family, "channel", "in_person"))
            for unit in set(UNITS.values()):
                yield _sum(
                    [key for key in by.get("reason", []) if UNITS[key[-1]] == unit], (*family, "department", unit)
                )
    yield _less(dict.fromkeys(_of("B", keys), 1.0), dict.fromkeys(_of("BO", keys), 1.0))
    measured: dict[Key, float] = {("W", half): 1.0 for halves in BANDS.values() for half in halves}
    yield from (_less(measured, dict.fromkeys(_of(name, keys), 1.0)) for name in ("C", "M"))
    short: dict[Key, float] = {("W", half): 1.0 for half in ("0", "5")}
    yield _less(short, dict.fromkeys(_of("c", keys), 1.0))
    yield from _noted_equations(keys)
    yield from crossed_equations(keys)
    yield {("F", "completed"): 1.0, ("S", "all", "all"): -1.0}
    yield {("F", "offered"): 1.0, ("O", "all", "all"): -1.0}
    yield {("F", "consented"): 1.0, ("G", "all", "all"): -1.0}
    for place in sorted({key[-2:] for key in keys if key[0] == "A"}):
        bases = [answers(question, keys, *place) for question in ANSWERS]
        yield from (_less(base, bases[0]) for base in bases[1:])
    yield _less(answers(SCALE.id, keys, "all", "all"), {("F", "finished"): 1.0})
    for band, halves in BANDS.items():
        yield _sum([("W", half) for half in halves], ("S", "waiting", band))


def _noted_equations(keys: Sequence[Key]) -> Iterator[dict[Key, float]]:
    """The ways and what is noted add up: by channel, by department, by reason."""
    for by, at in (("channel", 1), ("department", 2)):
        for value in {key[at] for key in _of("P", keys)}:
            yield _sum([key for key in _of("P", keys) if key[at] == value], ("S", by, value))
    for name, channels in (("N", "K"), ("n", "R")):
        found = _of(name, keys)
        for fact in (PASSED_ON, NEXT_STEP):
            parts = [[key for key in found if key[1:3] == (fact, by)] for by in ("channel", "department")]
            yield _less(dict.fromkeys(parts[0], 1.0), dict.fromkeys(parts[1], 1.0))
        reasons = [key for key in found if key[1] == RESOLVED]
        yield _less(dict.fromkeys(reasons, 1.0), dict.fromkeys(_of(channels, keys), 1.0))


def _units(family: Key, by: Mapping[str, list[Key]]) -> Iterator[dict[Key, float]]:
    """Departments by their reasons, sub-departments by theirs."""
    reasons = by.get("reason", [])
    for unit in {department_of(path) for path in UNITS.values()}:
        own = [key for key in reasons if department_of(UNITS[key[-1]]) == unit]
        yield _sum(own, (*family, "department", unit))
    for unit in SUB_DEPARTMENTS:
        own = [key for key in reasons if sub_department_of(UNITS[key[-1]]) == unit]
        yield _sum(own, (*family, "sub_department", unit))


def _named(dimension: str, places: Iterable[Key]) -> list[Key]:
    return [place for place in places if place[0] == dimension]


def _of(name: str, keys: Iterable[Key]) -> list[Key]:
    return [key for key in keys if key[0] == name]


BANDS: Final = {"00-05": ("0",), "05-10": ("5",), "10-20": ("10", "15"), "20-30": ("20", "25"), "30+": ("30",)}


_PARTIAL: Final = (
    ("waiting", ("channel", "in_person")),
    ("service", ("all", "all")),
    ("outage", ("all", "all")),
)
"""Not everyone is in a group of these."""


def _inequalities(keys: Sequence[Key]) -> Iterator[dict[Key, float]]:
    """Sums of one month that are not negative."""
    for place in sorted({key[-2:] for key in keys if key[0] == "S"}):
        yield _less({("S", *place): 1.0}, answers(SCALE.id, keys, *place))
        yield _less({("S", *place): 1.0}, {("O", *place): 1.0} if ("O", *place) in keys else {})
        yield _less({("O", *place): 1.0}, {("G", *place): 1.0} if ("G", *place) in keys else {})
    for family in {key[:-2] for key in keys if key[0] in {"S", "A"}}:
        for dimension, within in _PARTIAL:
            parts = {key: 1.0 for key in keys if key[:-2] == family and key[-2] == dimension}
            yield _less({(*family, *within): 1.0}, parts)
    for step, following in pairwise(FUNNEL):
        yield {("F", step): 1.0, ("F", following): -1.0}
    for channel in {key[1] for key in keys if key[0] == "K"}:
        yield {("S", "channel", channel): 1.0, ("K", channel): -1.0}
        yield {("K", channel): 1.0, ("R", channel): -1.0}
    for key in _of("N", keys):
        yield {("S", *key[2:]): 1.0, key: -1.0}
        yield _less({key: 1.0}, {("n", *key[1:]): 1.0} if ("n", *key[1:]) in keys else {})
    yield {("F", "finished"): 1.0, ("T",): -1.0}
    for small, large in (("BC", "BO"), ("Y", "X"), ("c", "C")):
        yield from (_less({(large, key[1]): 1.0}, {key: 1.0}) for key in _of(small, keys))
    yield from ({("S", "outage", key[1]): 1.0, key: -1.0} for key in _of("C", keys) if key[1] == "yes")


def answers(question: str, keys: Iterable[Key], dimension: str, value: str) -> dict[Key, float]:
    """All answers of a group: its base."""
    return {key: 1.0 for key in keys if key[:2] == ("A", question) and key[-2:] == (dimension, value)}


def _sum(parts: Iterable[Key], whole: Key) -> dict[Key, float]:
    return {**dict.fromkeys(parts, 1.0), whole: -1.0}


def _less(one: Mapping[Key, float], two: Mapping[Key, float]) -> dict[Key, float]:
    made = Counter(one)
    made.subtract(two)
    return {key: float(factor) for key, factor in made.items() if factor}


def secrets(known: Knowledge, periods: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Key, Row]]:
    """Every base and every operational count of few, of every period that is published."""
    keys = known.keys
    rows: dict[Key, dict[Key, float]] = {key: {key: 1.0} for key in keys if key[0] not in {"A", "D", "T", "L", "Z"}}
    rows |= crossed_bases(keys, SCALE.id)
    rows |= {
        ("n", question, *place): answers(question, keys, *place)
        for question in (SCALE.id, GOT_ANSWER.id)
        for place in {key[-2:] for key in keys if key[0] == "A"}
    }
    rows |= {key: {key: 1.0} for key in keys if key[:2] == ("A", WISHED.id) and key[-2:] == ("all", "all")}
    for period, months in periods.items():
        for name, row in rows.items():
            made = {(month, key): factor for month in months for key, factor in row.items()}
            if 0 < known.value(made) < LIMIT:
                yield period, name, made


def given_away(
    known: Knowledge, periods: Mapping[str, Sequence[str]], *, seed: int = 0
) -> list[tuple[str, Key, float]]:
    """The secrets of which no other value fits what is known."""
    open_ = list(secrets(known, periods))
    model = _Model(known)
    rng = random.Random(seed)
    for _ in range(3):
        if not open_:
            return []
        aims = {id(row): rng.choice((-1.0, 1.0)) for _, _, row in open_}
        other = model.world([(row, aims[id(row)]) for _, _, row in open_], gap=_ROUGHLY)
        open_ = [each for each in open_ if other is None or model.same(each[2], other)]
    found = []
    for period, name, row in open_:
        if all(model.same(row, model.world([(row, sign)])) for sign in (1.0, -1.0)):
            found.append((period, name, known.value(row)))
    return found


class _Model:
    def __init__(self, known: Knowledge) -> None:
        self._known = known
        rows = [row for row, _ in known.equal] + known.positive
        self._at = {name: number for number, name in enumerate(sorted({name for row in rows for name in row}))}
        low = [value for _, value in known.equal] + [0.0] * len(known.positive)
        high = [value for _, value in known.equal] + [np.inf] * len(known.positive)
        self._constraints = LinearConstraint(self._matrix(rows), np.array(low), np.array(high))

    def world(self, aims: Sequence[tuple[Row, float]], gap: float = 0.0) -> Any:
        """A town that fits all that is known, as far as possible (but for the gap) in the direction of the aims."""
        wanted = np.zeros(len(self._at))
        for row, sign in aims:
            for name, factor in row.items():
                if name in self._at:
                    wanted[self._at[name]] += sign * factor
        bounds = Bounds(0, 1_000)
        whole = np.ones(len(self._at))
        found = milp(
            -wanted,
            constraints=self._constraints,
            bounds=bounds,
            integrality=whole,
            options={"mip_rel_gap": gap, "time_limit": _SECONDS},
        )
        return None if found.x is None else np.round(found.x)

    def same(self, row: Row, world: Any) -> bool:
        """True if the sum is in that town what it really is."""
        if world is None:
            return False
        value = sum(factor * world[self._at[name]] for name, factor in row.items() if name in self._at)
        return bool(abs(value - self._known.value(row)) < _HALF)

    def _matrix(self, rows: Sequence[Row]) -> Any:
        places = [(i, self._at[name], factor) for i, row in enumerate(rows) for name, factor in row.items()]
        lines, columns, factors = (list(each) for each in zip(*places, strict=True))
        return csr_array((factors, (lines, columns)), shape=(len(rows), len(self._at)))
