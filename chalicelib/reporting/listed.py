"""Questions that are only ever counted by answer: the channel used and preferred, what matters most (GL-38, GL-40).

Shown for everyone only. What an answer was given by few follows the rule of every base: hidden, with what would tell
it by subtraction, because the channel that somebody used is also what other figures are split by.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.cell import Cell, Measure
from chalicelib.reporting.model import ALL, FORGOTTEN
from chalicelib.reporting.rates import Maker, Rate, Told, protected
from chalicelib.reporting.statistics import (
    BaseStatus,
    Proportion,
    base_status,
    change_status,
    compare_shares,
    may_compare,
    wilson,
)
from chalicelib.reporting.suppression import Sum, hidden_places

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chalicelib.municipalities.model import Thresholds
    from chalicelib.reporting.model import Group, PeriodCounts, QuestionDefinition
    from chalicelib.reporting.reading import Compared, Reading

LISTED: Final = "listed"
USED, PREFERRED, MATTERS_MOST = "latest-channel", "preferred-channel", "-prerequisites"
_WHOLE: Final = (ALL, ALL)


@dataclass(frozen=True, slots=True)
class Gap:
    """A channel's share of what citizens used and of what they prefer (GL-40); an answer of few has no cell."""

    channel: str
    used: Cell | None
    preferred: Cell | None

    @property
    def difference(self) -> float | None:
        """Preferred less used, as a fraction; None where either is hidden."""
        if self.used is None or self.preferred is None or self.used.share is None or self.preferred.share is None:
            return None
        return self.preferred.share - self.used.share


@dataclass(frozen=True, slots=True)
class Ranked:
    """An answer with its rank now and before, the first being the most chosen; hidden ones have no rank (GL-38)."""

    cell: Cell
    rank: int | None
    rank_before: int | None


@dataclass(frozen=True, slots=True)
class Met:
    """How something that matters was met: a question's figure of everyone, or (without a question) a measured one."""

    cell: Cell
    question: QuestionDefinition | None


def shown_questions(counts: PeriodCounts) -> list[QuestionDefinition]:
    """The channel questions and those of what matters most that somebody answered; background stays out (GL-13)."""
    return [
        question
        for question in counts.listed
        if (question.id in {USED, PREFERRED} or question.id.endswith(MATTERS_MOST)) and _given(counts, question)
    ]


def listed_cells(found: Compared) -> list[Cell]:
    """Every answer's share of those who answered the question, beside the period compared with."""
    return [cell for question in shown_questions(found.now.counts) for cell in _cells(found, question)]


def gaps(cells: list[Cell]) -> list[Gap]:
    """Used against preferred, the most preferred first; nothing unless both were asked."""
    by_question = {name: {c.value: c for c in cells if c.question == name} for name in (USED, PREFERRED)}
    if not all(by_question.values()):
        return []
    channels = {**by_question[PREFERRED], **by_question[USED]}
    made = [Gap(value, *(by_question[name].get(value) for name in (USED, PREFERRED))) for value in channels]
    return sorted(made, key=lambda gap: -((gap.preferred.share or 0.0) if gap.preferred else 0.0))


def ranked(cells: list[Cell], question: str) -> list[Ranked]:
    """The answers to a question in the order of their shares; equal shares have the same rank."""
    mine = [cell for cell in cells if cell.question == question]
    now = sorted((cell.share for cell in mine if cell.share is not None), reverse=True)
    then = sorted((cell.previous for cell in mine if cell.previous is not None), reverse=True)
    made = [
        Ranked(
            cell,
            now.index(cell.share) + 1 if cell.share is not None else None,
            then.index(cell.previous) + 1 if cell.previous is not None else None,
        )
        for cell in mine
    ]
    return sorted(made, key=lambda each: (each.rank is None, each.rank or 0, each.cell.value))


def met(
    question: QuestionDefinition, asked: Mapping[str, tuple[QuestionDefinition, Cell]], measured: Cell | None
) -> dict[str, list[Met]]:
    """What says how the answers to a question of what matters were met (GL-73).

    `asked` are the figures of everyone by question; `measured` is how many were called soon after check-in, which
    says something of meetings only.
    """
    channel = question.id.removesuffix(MATTERS_MOST)
    made: dict[str, list[Met]] = {}
    for answer, about in _MET_BY.items():
        named = asked.get(f"{channel}-{about}") or asked.get(about)
        if named and answer in question.options:
            made.setdefault(answer, []).append(Met(named[1], named[0]))
    if measured and channel == _MEETING and _SHORT_WAIT in question.options:
        made.setdefault(_SHORT_WAIT, []).append(Met(measured, None))
    return made


_MEETING: Final = "meeting"
_SHORT_WAIT: Final = "short-wait"
_MET_BY: Final = {
    "solved": "purpose",
    "friendly": "friendly",
    "knowledge": "knowledge",
    _SHORT_WAIT: "wait",
    "next-step": "next-step",
    "easy-to-find": "find",
    "easy-to-use": "use",
    "quick-reply": "quick",
}
"""What citizens find important, by the question (of the same channel) that says how it went."""


def _cells(found: Compared, question: QuestionDefinition) -> Iterator[Cell]:
    now = _shares(found.now, question, found.thresholds)
    before = _shares(found.before, question, found.thresholds) if found.before else {}
    if found.published_before and found.published_before.hides_everyone:
        before = {}
    for answer, share in now.items():
        blank = Cell(LISTED, answer, question.id, Measure.SHARE, BaseStatus.SUPPRESSED, question.version)
        # The same citizens answered the other questions: where their number is hidden, so it is here.
        hidden = share is None or found.published.hides_everyone
        yield blank if hidden or share is None else _cell(blank, share, before.get(answer), found)


def _cell(blank: Cell, share: Proportion, then: Proportion | None, found: Compared) -> Cell:
    interval, status = wilson(share), _status(share.n, found.thresholds)
    cell = replace(
        blank,
        base_status=status,
        count=share.count,
        n=share.n,
        share=share.share,
        ci_low=interval.low,
        ci_high=interval.high,
    )
    if then is None:
        return cell
    cell = replace(cell, previous=then.share, previous_n=then.n)
    if not may_compare(status, _status(then.n, found.thresholds)):
        return cell
    compared = compare_shares(then, share)
    low, high = compared.interval.low, compared.interval.high
    cell = replace(cell, change=compared.difference, change_low=low, change_high=high)
    if not found.closed:
        return cell
    return replace(
        cell,
        p_value=compared.p_value,
        significant=compared.significant,
        change_status=change_status(compared),
    )


def _shares(reading: Reading, question: QuestionDefinition, thresholds: Thresholds) -> Mapping[str, Proportion | None]:
    """The share of each answer in the questionnaire's order, None where it is hidden."""
    found = protected(_answers_to(question), reading.counts, reading.parts, thresholds.suppress_below)
    return {each.value: None if each.hidden else each.proportion for each in found}


def _answers_to(question: QuestionDefinition) -> Maker:
    """Gives the share of each answer. One answer each adds up to everyone; of several, only the few are hidden."""

    def make(counts: PeriodCounts, limit: int, told: Told) -> Iterator[Rate]:
        given, n = _answers(counts, question)
        bases = {(question.id, answer): count for answer, count in given.items() if count}
        single = sum(given.values()) == n
        channels = _hidden_channels(counts, limit) if question.id == USED else set()
        also = {place for place in bases if place in told.also or place[1] in channels}
        sums = [Sum(_WHOLE, tuple(bases))] if single else []
        hidden = hidden_places(bases | {_WHOLE: n}, sums, limit=limit, also=also, known=told.known)
        for answer, count in given.items() if n else ():
            # An answer that nobody gave tells how many were asked, so it is hidden where that may not be known.
            unseen = bool({(question.id, answer), _WHOLE} & (hidden | told.also)) or n < limit
            yield Rate(question.id, answer, Proportion(count, n), hidden=unseen, summed=single)

    return make


def _hidden_channels(counts: PeriodCounts, limit: int) -> set[str]:
    """Channels of which any question has few answers: other figures are split by them."""
    return {group.value for group in counts.groups if group.dimension == "channel" and 0 < group.n < limit}


def _answers(counts: PeriodCounts, question: QuestionDefinition) -> tuple[dict[str, int], int]:
    """How many gave each answer, nobody included, and how many answered."""
    given = _given(counts, question)
    known = [*question.options, *(answer for answer in given if answer not in question.options)]
    n = sum(given.values())
    if question.id != USED:
        n = counts.respondents.get(f"{question.id}@{question.version}", n)
    told = given and FORGOTTEN not in given
    return ({answer: given.get(answer, 0) for answer in known}, n) if told else ({}, 0)


def _given(counts: PeriodCounts, question: QuestionDefinition) -> Mapping[str, int]:
    """How often each answer was given. Few are asked which channel they used, as it is mostly known.

    So the channel used is that of those who said which they prefer, known or told: the same citizens (GL-40).
    """
    if question.id == USED:
        wanted = next((each.version for each in counts.listed if each.id == PREFERRED), "")
        used = {group.value: group.n for group in counts.groups if _is(group, "channel", PREFERRED, wanted)}
        if used:
            return used
    mine = (group for group in counts.groups if _is(group, ALL, question.id, question.version))
    return next((group.counts for group in mine), {})


def _is(group: Group, dimension: str, question: str, version: str) -> bool:
    return (group.dimension, group.question, group.question_version) == (dimension, question, version)


def _status(n: int, thresholds: Thresholds) -> BaseStatus:
    return base_status(n, suppress_below=thresholds.suppress_below, small_base=thresholds.small_base)
