"""The counts of several months as those of one period: sums by wording, nothing pooled that was asked otherwise."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from chalicelib.reporting.model import Asked, Booked, Called, Group, Pattern, Resolution
from chalicelib.reporting.noted import Noted
from chalicelib.reporting.periods import period_of, wider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from chalicelib.reporting.model import PeriodCounts, QuestionDefinition
    from chalicelib.reporting.noted import NotedFacts

T = TypeVar("T")


def merged(period: str, months: Sequence[PeriodCounts]) -> PeriodCounts:
    """The counts of all the months together. The latest month's questions come first, older wordings after.

    Raises:
        ValueError: no months.
    """
    if not months:
        raise ValueError("a period needs a month")
    if len(months) == 1:
        return replace(months[0], period=period)
    last = months[-1]
    return replace(
        last,
        period=period,
        generated_at=max(month.generated_at for month in months),
        questions=_questions(month.questions for month in reversed(months)),
        groups=_groups(group for month in months for group in month.groups),
        funnel=_summed(month.funnel for month in months),
        not_invited=_summed(month.not_invited for month in months),
        served=_by_dimension([month.served for month in months], lambda a, b: a + b),
        waiting=_minutes(month.waiting for month in months),
        comments=tuple(comment for month in reversed(months) for comment in month.comments),
        consents=_by_dimension(
            [month.consents for month in months],
            lambda a, b: Asked(a.offered + b.offered, a.granted + b.granted),
        ),
        delays=_minutes(month.delays for month in months),
        lead_days=_minutes(month.lead_days for month in months),
        resolution=_added(
            [month.resolution for month in months],
            lambda a, b: Resolution(a.contacts + b.contacts, a.known + b.known, a.resolved + b.resolved),
        ),
        patterns=_patterns(pattern for month in months for pattern in month.patterns),
        endings=_by_dimension([month.endings for month in months], lambda a, b: a + b),
        departments={reason: department for month in months for reason, department in month.departments.items()},
        sub_departments={unit: parent for month in months for unit, parent in month.sub_departments.items()},
        with_text=_known_sum(month.with_text for month in months),
        listed=_questions(month.listed for month in reversed(months)),
        respondents=_summed(month.respondents for month in months),
        bookings=_by_dimension(
            [month.bookings for month in months],
            lambda a, b: Booked(a.appointments + b.appointments, a.cancelled + b.cancelled),
        ),
        alternatives=_added(
            [month.alternatives for month in months],
            lambda a, b: Asked(a.offered + b.offered, a.granted + b.granted),
        ),
        called_soon=_added(
            [month.called_soon for month in months],
            lambda a, b: Called(a.measured + b.measured, a.soon + b.soon),
        ),
        waiting_from=_summed(month.waiting_from for month in months),
        noted=_noted(months),
        paths=_by_dimension([month.paths for month in months], lambda a, b: a + b) if _has_paths(months) else {},
        crossed=(),
        edition="",
        earlier=(),
        held_back=any(month.held_back for month in months),
    )


def published_parts(period: str, months: Sequence[PeriodCounts]) -> list[tuple[PeriodCounts, tuple[PeriodCounts, ...]]]:
    """The next shorter periods of a period, each with its own months: all of them are published too."""
    whole = period_of(period)
    if len(whole.months) == 1:
        return []
    quarters: dict[str, list[PeriodCounts]] = {}
    for month in months:
        quarter = wider(period_of(month.period))
        quarters.setdefault(quarter.id if quarter else "", []).append(month)
    if set(quarters) <= {period}:
        return [(month, ()) for month in months]
    return [(merged(quarter, found), tuple(found)) for quarter, found in quarters.items()]


def _questions(latest_first: Iterable[tuple[QuestionDefinition, ...]]) -> tuple[QuestionDefinition, ...]:
    found: dict[tuple[str, str], QuestionDefinition] = {}
    for questions in latest_first:
        for question in questions:
            found.setdefault((question.id, question.version), question)
    return tuple(found.values())


def _known_sum(parts: Iterable[int | None]) -> int | None:
    """None where a part is not known: half a sum misleads."""
    found = list(parts)
    return None if None in found else sum(part or 0 for part in found)


def _has_paths(months: Sequence[PeriodCounts]) -> bool:
    """False where a month with contacts was counted before their ways were: half a sum misleads."""
    return all(month.paths for month in months if month.served)


def _noted(months: Sequence[PeriodCounts]) -> NotedFacts:
    """What is noted, of facts that every month with contacts knows of."""
    if not _has_paths(months):
        return {}
    facts = sorted({fact for month in months for fact in month.noted})
    return {
        fact: _by_dimension(
            [month.noted.get(fact, {}) for month in months], lambda a, b: Noted(a.known + b.known, a.yes + b.yes)
        )
        for fact in facts
    }


def _groups(groups: Iterable[Group]) -> tuple[Group, ...]:
    counts: dict[tuple[str, str, str, str], Counter[str]] = defaultdict(Counter)
    for group in groups:
        counts[group.dimension, group.value, group.question, group.question_version].update(group.counts)
    return tuple(Group(*key, counts=dict(sorted(counts[key].items()))) for key in sorted(counts))


def _patterns(patterns: Iterable[Pattern]) -> tuple[Pattern, ...]:
    counts: Counter[tuple[tuple[tuple[str, tuple[str, str]], ...], str | None]] = Counter()
    for pattern in patterns:
        counts[tuple(sorted(pattern.answers.items())), pattern.waiting] += pattern.count
    return tuple(Pattern(dict(answers), waiting, n) for (answers, waiting), n in counts.items())


def _summed(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    whole: Counter[str] = Counter()
    for part in parts:
        whole.update(part)
    return dict(whole)


def _minutes(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    whole = _summed(parts)
    return {value: whole[value] for value in sorted(whole, key=int)}


def _added(parts: Iterable[Mapping[str, T]], add: Callable[[T, T], T]) -> dict[str, T]:
    whole: dict[str, T] = {}
    for part in parts:
        for value, n in part.items():
            whole[value] = add(whole[value], n) if value in whole else n
    return dict(sorted(whole.items()))


def _by_dimension(parts: Sequence[Mapping[str, Mapping[str, T]]], add: Callable[[T, T], T]) -> dict[str, dict[str, T]]:
    dimensions = sorted({dimension for part in parts for dimension in part})
    return {dimension: _added([part.get(dimension, {}) for part in parts], add) for dimension in dimensions}
