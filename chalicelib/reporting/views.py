"""The reports of one theme each: what goes with what, who stayed silent, what moved a figure. Already suppressed.

Every function takes a period beside its comparison and gives values that are ready to be shown; raw counts that are
hidden elsewhere are hidden here by the same gate (`PublishedGroups`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.drivers import Drivers, drivers
from chalicelib.reporting.mix import Contribution, Standardised, contributions, standardised
from chalicelib.reporting.model import ALL
from chalicelib.reporting.nonresponse import Representation, TippingPoint, representation, tipping_point
from chalicelib.reporting.served import SHORT_WAITS
from chalicelib.reporting.statistics import BaseStatus, Comparison, Proportion, base_status, compare_shares

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.municipalities.model import Population, Thresholds
    from chalicelib.reporting.model import QuestionDefinition
    from chalicelib.reporting.published import PublishedGroups
    from chalicelib.reporting.reading import Compared

OTHERS: Final = ""
"""The groups that are hidden, together."""
WAITED_BRIEFLY: Final = "waiting"
RESPONSE_DIMENSIONS: Final = ("waiting", "reason", "hour", "channel", "language", "office")
MIX_DIMENSIONS: Final = ("mode", "channel", "reason", "office", "language")
_NOTABLE: Final = 0.05


@dataclass(frozen=True, slots=True)
class MixShift:
    """A group's part of the answers then and now, where it certainly moved by enough to colour the total (GL-57)."""

    dimension: str
    value: str
    comparison: Comparison
    before: Proportion
    now: Proportion


@dataclass(frozen=True, slots=True)
class Silence:
    """Who answered against all served, and what the silent could change about a finding."""

    answers: Proportion
    served: int
    half: TippingPoint | None
    before: TippingPoint | None
    groups: Mapping[str, tuple[Representation, ...]]


def shown_proportions(
    published: PublishedGroups, question: QuestionDefinition, dimension: str, *, others: bool = False
) -> dict[str, Proportion]:
    """The favourable share of each group that may be shown; with `others`, the hidden ones together if many enough."""
    made: dict[str, Proportion] = {}
    for group in published.of(question, dimension):
        if group.n and not published.hides(group, question):
            made[group.value] = Proportion(group.count(question.favourable), group.n)
    if others and (total := total_proportion(published, question)):
        n = total.n - sum(each.n for each in made.values())
        count = total.count - sum(each.count for each in made.values())
        if n > 0 and 0 <= count <= n:
            made[OTHERS] = Proportion(count, n)
    return made


def total_proportion(published: PublishedGroups, question: QuestionDefinition) -> Proportion | None:
    """The favourable share of everyone; None when it is hidden."""
    return shown_proportions(published, question, ALL).get(ALL)


def change_by_group(found: Compared, question: QuestionDefinition, dimension: str) -> list[Contribution]:
    """What each group adds to the change of the total (GL-41); nothing without a comparison of full bases."""
    if found.published_before is None:
        return []
    before = question_before(found, question)
    if before is None:
        return []
    then = shown_proportions(found.published_before, before, dimension, others=True)
    now = shown_proportions(found.published, question, dimension, others=True)
    full = [sum(each.n for each in side.values()) for side in (then, now)]
    if any(_status(n, found.thresholds) is not BaseStatus.OK for n in full):
        return []
    return contributions(then, now)


def held_still(found: Compared, question: QuestionDefinition, dimension: str) -> Standardised | None:
    """This period's share with the mix of the period before, beside the raw one (GL-22, GL-57)."""
    if found.published_before is None or (before := question_before(found, question)) is None:
        return None
    then = shown_proportions(found.published_before, before, dimension)
    now = shown_proportions(found.published, question, dimension)
    return standardised(now, {value: float(each.n) for value, each in then.items()}) if len(then) > 1 else None


def weighted(found: Compared, question: QuestionDefinition, population: Population | None) -> Standardised | None:
    """The share with each group weighted by its part of the population, beside the raw one (GL-22).

    None where a group of it is hidden, has no answers or too few to be compared: then there is nothing to weight.
    """
    if population is None:
        return None
    groups = shown_proportions(found.published, question, population.dimension)
    wanted = [groups.get(value) for value in population.shares]
    if any(each is None or _status(each.n, found.thresholds) is not BaseStatus.OK for each in wanted):
        return None
    return standardised({value: groups[value] for value in population.shares}, population.shares)


def mix_shifts(found: Compared, question: QuestionDefinition) -> list[MixShift]:
    """Where the answers come from other groups than in the period compared with: mode above all (GL-06, GL-09)."""
    if found.published_before is None or (before := question_before(found, question)) is None:
        return []
    made = []
    totals = total_proportion(found.published_before, before), total_proportion(found.published, question)
    if any(total is None or _status(total.n, found.thresholds) is not BaseStatus.OK for total in totals):
        return []
    n_then, n_now = (total.n for total in totals if total)
    for dimension in MIX_DIMENSIONS:
        then = shown_proportions(found.published_before, before, dimension)
        now = shown_proportions(found.published, question, dimension)
        # A group that one of the periods hides has a part there too: nothing is said of it.
        for value in sorted(then.keys() & now.keys()):
            old, new = Proportion(then[value].n, n_then), Proportion(now[value].n, n_now)
            comparison = compare_shares(old, new)
            if comparison.significant and abs(comparison.difference) >= _NOTABLE:
                made.append(MixShift(dimension, value, comparison, old, new))
    return made


def question_before(found: Compared, question: QuestionDefinition) -> QuestionDefinition | None:
    """The same question in the period compared with; None when it was asked otherwise, or not at all."""
    if found.before is None:
        return None
    others = found.before.counts.main_questions
    return next((each for each in others if each.id == question.id and each.same_as(question)), None)


def silence(found: Compared, question: QuestionDefinition) -> Silence | None:
    """Who did not answer, in facts that are known of everyone served; None when the total is hidden."""
    total = total_proportion(found.published, question)
    everyone = found.served.everyone or 0
    if total is None or everyone < total.n:
        return None
    before = question_before(found, question)
    old = total_proportion(found.published_before, before) if found.published_before and before else None
    groups = {}
    for dimension in RESPONSE_DIMENSIONS:
        answered = {value: each.n for value, each in shown_proportions(found.published, question, dimension).items()}
        known = {value: n for value in answered if (n := found.served.of(dimension, value)) is not None}
        groups[dimension] = tuple(representation({value: answered[value] for value in known}, known))
    return Silence(
        total,
        everyone,
        tipping_point(total, everyone, 0.5),
        tipping_point(total, everyone, old.share) if old else None,
        groups,
    )


def associations(found: Compared, overall: QuestionDefinition) -> Drivers | None:
    """Which answers, and a short wait, go with satisfaction; None with too few answers to tell."""
    if total_proportion(found.published, overall) is None:
        return None
    if any(month.held_back and not month.patterns for month in found.now.months):
        # Somebody left a month whose patterns were forgotten: what remains would tell who.
        return None
    others = [each for each in found.now.counts.main_questions if each.id != overall.id and each.favourable]
    facts = [each.id for each in others]
    timed = _bands_are_shown(found, overall) and any(p.waiting for p in found.now.counts.patterns)
    if timed:
        facts.append(WAITED_BRIEFLY)
    counts: Counter[tuple[bool, ...]] = Counter()
    good: Counter[tuple[bool, ...]] = Counter()
    for pattern in found.now.counts.patterns:
        given = pattern.answers
        asked_alike = all(given.get(each.id, ("", ""))[0] == each.version for each in (overall, *others))
        if not asked_alike or (timed and pattern.waiting is None):
            continue
        row = tuple(given[each.id][1] in each.favourable for each in others)
        row += (pattern.waiting in SHORT_WAITS,) * bool(timed)
        counts[row] += pattern.count
        good[row] += pattern.count * (given[overall.id][1] in overall.favourable)
    if _status(sum(counts.values()), found.thresholds) is not BaseStatus.OK:
        return None
    return drivers(facts, {row: (good[row], n) for row, n in counts.items()})


def _bands_are_shown(found: Compared, overall: QuestionDefinition) -> bool:
    """True if how many of the answers came after a short wait is a sum of what is shown."""
    return not any(found.published.hides(group, overall) for group in found.published.of(overall, "waiting"))


def _status(n: int, thresholds: Thresholds) -> BaseStatus:
    return base_status(n, suppress_below=thresholds.suppress_below, small_base=thresholds.small_base)
