"""Operational shares as cells: consent, punctuality, service level, endings, traffic. Hidden alike.

What is true of scores is true of these: a share of few is hidden, so is what would tell it by subtraction, within a
period (channels add up to all) and between periods (a quarter's months are published too).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.cell import Cell, Measure
from chalicelib.reporting.derivable import derivable
from chalicelib.reporting.merging import published_parts
from chalicelib.reporting.model import ALL, PeriodCounts
from chalicelib.reporting.statistics import BaseStatus, Proportion, base_status, wilson
from chalicelib.reporting.suppression import Place, Sum, gives_away, hidden_places
from chalicelib.reporting.targets import punctuality, service_level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from chalicelib.municipalities.model import Thresholds
    from chalicelib.reporting.model import Asked
    from chalicelib.reporting.reading import Reading

CONSENT: Final = "consent"
_STEPS: Final = frozenset({"offered", "consented"})
CONSENT_DIMENSIONS: Final = ("origin", "office", "reason", "wording")
NO_SHOW, UNCLOSED = "no_show", "unclosed"
PUNCTUAL, SERVICE_LEVEL, TRAFFIC, WITH_TEXT = "punctual", "service_level", "traffic", "with_text"
_WHOLE: Final = (ALL, ALL)


@dataclass(frozen=True, slots=True)
class Rate:
    """A share before it is published. `hidden`: it may not be, for others' sake if not for its own.

    `summed`: the values of its dimension add up to a published total. `untold` is how much of base and count nobody can
    know, once the shorter periods are known.
    """

    dimension: str
    value: str
    proportion: Proportion
    hidden: bool = False
    summed: bool = False
    untold: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Told:
    """What a longer period's months tell: `also` must stay hidden for their sake, `known` follow from them anyway."""

    also: frozenset[Place] = frozenset()
    known: frozenset[Place] = frozenset()


Maker = Callable[[PeriodCounts, int, Told], Iterator[Rate]]
"""The rates of some counts: the counts, the limit below which nothing is shown, and what the months tell."""


def rate(dimension: str, value: str, proportion: Proportion, thresholds: Thresholds, *, hidden: bool = False) -> Cell:
    """A share with its interval; only its status where the base, or the count itself, is too small to show."""
    n, count = proportion.n, proportion.count
    if hidden or _few(proportion, thresholds.suppress_below):
        return Cell(dimension, value, "", Measure.RATE, BaseStatus.SUPPRESSED)
    interval = wilson(proportion)
    status = base_status(n, suppress_below=thresholds.suppress_below, small_base=thresholds.small_base)
    return Cell(
        *(dimension, value, "", Measure.RATE, status),
        count=count,
        n=n,
        share=proportion.share,
        ci_low=interval.low,
        ci_high=interval.high,
    )


def rates(make: Maker, reading: Reading, thresholds: Thresholds) -> list[Cell]:
    """The cells of a period's rates, none of which gives away what a month of it hides."""
    return [
        rate(each.dimension, each.value, each.proportion, thresholds, hidden=each.hidden)
        for each in protected(make, reading.counts, reading.parts, thresholds.suppress_below)
    ]


def protected(make: Maker, counts: PeriodCounts, months: Sequence[PeriodCounts], limit: int) -> list[Rate]:
    """The rates of a period, hidden where they would give away what a shorter one hides."""
    return _published(make, counts, months, limit).rates


@dataclass(frozen=True, slots=True)
class _Published:
    """A period's rates, beside those of the shorter periods in it."""

    rates: list[Rate]
    parts: list[_Published]

    def months(self) -> Iterator[_Published]:
        """Its months; a month is its own."""
        for part in self.parts:
            yield from part.months()
        if not self.parts:
            yield self

    def hidden(self) -> dict[Place, Rate]:
        """What it hides."""
        return {(each.dimension, each.value): each for each in self.rates if each.hidden}

    def sums(self, numbers: Mapping[int, int]) -> Iterator[dict[tuple[int, Place], float]]:
        """What the period and the shorter ones in it show, each as a sum over months that hide it."""
        months = [(numbers[id(month)], month.hidden()) for month in self.months()]
        for each in self.rates if self.parts else ():
            place = each.dimension, each.value
            if not each.hidden:
                yield {(m, place): 1.0 for m, hidden in months if place in hidden}
        for part in self.parts:
            yield from part.sums(numbers)

    def tells(self, limit: int) -> bool:
        """True if the sums leave one of a month's small shares alone."""
        months = list(self.months())
        sums = list(self.sums({id(month): m for m, month in enumerate(months)}))
        small = set()
        for m, month in enumerate(months):
            by_dimension: dict[str, dict[tuple[int, Place], float]] = {}
            for place, each in month.hidden().items():
                small |= {(m, place)} if _few(each.proportion, limit) else set()
                if each.summed:
                    by_dimension.setdefault(place[0], {})[m, place] = 1.0
            sums += by_dimension.values()
        for number, (place, of_months) in enumerate(self.totals({id(month): m for m, month in enumerate(months)}), 1):
            # What several months hide together may follow where what each of them hides does not.
            total = -number, place
            hidden = [months[m].hidden()[place].proportion for m in of_months]
            whole = Proportion(sum(each.count for each in hidden), sum(each.n for each in hidden))
            small |= {total} if _few(whole, limit) else set()
            sums.append({total: -1.0} | {(m, place): 1.0 for m in of_months})
        return bool(derivable(sums) & small)

    def totals(self, numbers: Mapping[int, int]) -> Iterator[tuple[Place, list[int]]]:
        """What the period, and each shorter one in it, hides of several months: the share, and which months."""
        months = [(numbers[id(month)], month.hidden()) for month in self.months()]
        for place in self.hidden() if self.parts else ():
            found = [number for number, hidden in months if place in hidden]
            if len(found) > 1:
                yield place, found
        for part in self.parts:
            yield from part.totals(numbers)


def _published(make: Maker, counts: PeriodCounts, months: Sequence[PeriodCounts], limit: int) -> _Published:
    shorter = published_parts(counts.period, months) if months else []
    parts = [_published(make, part, its_months, limit) for part, its_months in shorter]
    untold: dict[Place, list[tuple[int, int]]] = {}
    for each in (each for part in parts for each in part.rates):
        untold.setdefault((each.dimension, each.value), []).append(each.untold)
    told = _told([part.rates for part in parts], untold, limit)
    found = _Published(_with_untold(make(counts, limit, told), untold, parts=bool(parts)), parts)
    if not parts or not found.tells(limit):
        return found
    # All that a month hides is hidden here too, which adds nothing to tell.
    split = frozenset(place for place, left in untold.items() if any(n for n, _ in left))
    stricter = make(counts, limit, Told(told.also | split, told.known))
    return _Published(_with_untold(stricter, untold, parts=True), parts)


def _with_untold(made: Iterable[Rate], untold: Mapping[Place, list[tuple[int, int]]], *, parts: bool) -> list[Rate]:
    found = []
    for each in made:
        sums = untold.get((each.dimension, each.value), [])
        left = (sum(n for n, _ in sums), sum(count for _, count in sums))
        whole = (each.proportion.n, each.proportion.count)
        found.append(replace(each, untold=(left if parts else whole) if each.hidden else (0, 0)))
    return found


def consents(served: Mapping[str, frozenset[Place]], steps: Mapping[str, frozenset[str]]) -> Maker:
    """Gives accepted of offered, by where and how it was asked (SK-11, SK-12). Never a response rate.

    `served` says which groups of those served each period hides: who was asked is one of them. `steps` says which steps
    of the funnel it hides: two of them are these very numbers.
    """

    def make(counts: PeriodCounts, limit: int, told: Told) -> Iterator[Rate]:
        under = {(f"{CONSENT}_{dimension}", value) for dimension, value in served.get(counts.period, ())}
        if _STEPS & steps.get(counts.period, frozenset()):
            under.add((CONSENT, ALL))
        return _consents(counts, limit, Told(told.also | under, told.known))

    return make


def _consents(counts: PeriodCounts, limit: int, told: Told) -> Iterator[Rate]:
    total = counts.consents.get(ALL, {}).get(ALL)
    by = {f"{CONSENT}_{dimension}": counts.consents.get(dimension, {}) for dimension in CONSENT_DIMENSIONS}
    if total is not None:
        yield from of_all_and_by(CONSENT, total, by, limit, told)


def of_all_and_by(
    name: str, total: Asked, by: Mapping[str, Mapping[str, Asked]], limit: int, told: Told
) -> Iterator[Rate]:
    """A share of all, and of the values of some dimensions, each of which adds up to all."""
    if not total.offered:
        return
    everyone = Proportion(total.granted, total.offered)
    all_hidden = _few(everyone, limit) or (name, ALL) in told.also
    yield Rate(name, ALL, everyone, hidden=all_hidden)
    for dimension, asked in by.items():
        hidden = hidden_of_both(dimension, asked, total, limit, told)
        for value, each in asked.items():
            if each.offered:
                share = Proportion(each.granted, each.offered)
                few = _few(share, limit)
                unseen = all_hidden or few or (dimension, value) in hidden
                yield Rate(dimension, value, share, hidden=unseen, summed=True)


def hidden_of_both(name: str, asked: Mapping[str, Asked], total: Asked, limit: int, told: Told) -> frozenset[Place]:
    """Values to hide, so that neither who was asked nor who said yes follows from the totals."""
    sums = [Sum(_WHOLE, tuple((name, value) for value in asked))]
    offered = {(name, value): each.offered for value, each in asked.items()} | {_WHOLE: total.offered}
    granted = {(name, value): each.granted for value, each in asked.items()} | {_WHOLE: total.granted}
    few = {place for bases in (offered, granted) for place, n in bases.items() if 0 < n < limit}
    also = few - {_WHOLE} | (told.also & offered.keys())
    hidden: frozenset[Place] = frozenset()
    while also - hidden:
        hidden |= also
        for bases in (offered, granted):
            # Nobody's yes is no secret, and covers none, unless it can't be known either: then it is one more unknown.
            present = {place: n for place, n in bases.items() if n or place in hidden or place == _WHOLE}
            parts = [Sum(each.whole, tuple(p for p in each.parts if p in present)) for each in sums]
            found = hidden_places(present, parts, limit=limit, known=told.known, also=hidden & present.keys())
            also |= found - {_WHOLE}
    return hidden


def endings(counts: PeriodCounts, limit: int, told: Told) -> Iterator[Rate]:
    """How many booked or waiting citizens never came, and how many visits nobody closed, by office.

    Watched, so that nobody avoids being measured by leaving visits open (SK-03). An office's two are hidden together:
    with the number served, either of them would tell the other.
    """
    for office, ended in counts.endings.items():
        everyone = sum(ended.values())
        if not office or not everyone:
            continue
        both = {ending: Proportion(ended.get(ending, 0), everyone) for ending in (NO_SHOW, UNCLOSED)}
        hidden = any(_few(each, limit) or (ending, office) in told.also for ending, each in both.items())
        yield from (Rate(ending, office, each, hidden=hidden) for ending, each in both.items())


def service(within_minutes: int, punctual_minutes: int) -> Maker:
    """Gives how many were called soon after check-in (BF-03), and how many booked ones at their time (FR-06)."""

    def make(counts: PeriodCounts, limit: int, told: Told) -> Iterator[Rate]:
        level = service_level(counts.waiting, within_minutes)
        punctual = punctuality(counts.delays, punctual_minutes)
        found = [(SERVICE_LEVEL, str(within_minutes), level), (PUNCTUAL, str(punctual_minutes), punctual)]
        yield from alone([(name, minutes, share) for name, minutes, share in found if share], limit, told)

    return make


def with_text(counts: PeriodCounts, limit: int, told: Told) -> Iterator[Rate]:
    """How many of those who finished also wrote something (BF-07)."""
    finished = counts.funnel.get("finished", 0)
    if finished and counts.with_text is not None:
        yield from alone([(WITH_TEXT, ALL, Proportion(counts.with_text, finished))], limit, told)


def alone(found: Iterable[tuple[str, str, Proportion]], limit: int, told: Told) -> Iterator[Rate]:
    """Shares that stand in no sum."""
    for dimension, value, share in found:
        yield Rate(dimension, value, share, hidden=_few(share, limit) or (dimension, value) in told.also)


def _told(parts: Sequence[list[Rate]], untold: Mapping[Place, list[tuple[int, int]]], limit: int) -> Told:
    also = {
        place
        for place, left in untold.items()
        if gives_away([n for n, _ in left], limit) or 0 < sum(count for _, count in left) < limit
    }
    # A month of which nothing is shown hides its total too, which every share of the period would tell.
    if any(part and all(each.hidden for each in part) for part in parts):
        also = set(untold)
    return Told(frozenset(also), frozenset(place for place, left in untold.items() if not any(n for n, _ in left)))


def _few(proportion: Proportion, limit: int) -> bool:
    return proportion.n < limit or 0 < proportion.count < limit
