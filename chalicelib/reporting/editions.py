"""Editions of a month: how published counts may change after the fact, so that no two of them give anybody away.

While answers to a month can still come in, its counts follow the lake. From then on they stand: whoever has two
versions can subtract them, and the difference may be one citizen who answered late or asked to be erased. A new edition
replaces the old one only if in every count that is or could be published, what came and what went are each nobody or as
many as may be shown. Everything else is held back, and the reports say so (ADR 31).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from chalicelib.reporting.findings import digest_of
from chalicelib.reporting.model import DONT_KNOW, FORGOTTEN, PeriodCounts
from chalicelib.reporting.periods import period_of
from chalicelib.reporting.published import sums_of
from chalicelib.shared.clock import month_of, parse_moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from chalicelib.reporting.model import Group
    from chalicelib.reporting.suppression import Place

HISTOGRAMS: Final[dict[str, tuple[int, ...]]] = {
    "waiting": (5, 10, 15, 20, 25, 30),
    "delays": (1, 2, 3, 4, 5, 6, 11, 16, 31),
    "lead_days": (1, 2, 4, 7, 14),
}
"""Counts by a fine measure, of which only classes are published: they are compared in these, each from its bound on."""
_NOT_COUNTED: Final = frozenset(
    {
        *("municipality", "period", "generated_at", "questions", "listed", "departments", "sub_departments"),
        *("groups", "crossed", "comments", "patterns", "edition", "earlier", "held_back", "since", "salt"),
    }
)
_FILES_COME_IN: Final = timedelta(days=7)
GroupKey = tuple[str, str, str, str]


def next_edition(stood: PeriodCounts | None, counted: PeriodCounts, *, settled: bool, limit: int) -> PeriodCounts:
    """What is published of a month now that it was counted again.

    Until it is settled, and where nothing stood, the new counts; `since` says when the first were made. Comments follow
    the lake always: who was erased is gone from them at once, and from every group of few too.
    """
    if stood is None:
        return replace(counted, since=counted.generated_at)
    counted = replace(counted, since=stood.since or stood.generated_at, salt=stood.salt or counted.salt)
    if not settled:
        return counted
    if may_replace(stood, counted, limit):
        same = digest_of(replace(stood, edition="")) == digest_of(counted)
        earlier = stood.earlier if same else (*stood.earlier, digest_of(stood))
        return replace(counted, earlier=earlier, edition=stood.edition if same else "")
    fewer = _fewer(stood, counted)
    return replace(
        forgetting(stood, fewer, limit),
        **{name: getattr(counted, name) for name in _new_fields(stood)},
        comments=counted.comments,
        # Answers that were given together are one citizen each: they go as soon as one of them did.
        patterns=() if _lost_pattern(stood, counted) else stood.patterns,
        held_back=True,
    )


def is_settled(counts: PeriodCounts, now: datetime) -> bool:
    """True once a whole month has passed since, and a week since it was first counted: files may come in parts."""
    first = parse_moment(counts.since or counts.generated_at)
    return period_of(counts.period).is_settled(month_of(now)) and now - first >= _FILES_COME_IN


def may_replace(stood: PeriodCounts, counted: PeriodCounts, limit: int) -> bool:
    """True if whoever has both learns of nobody, or of at least `limit` at a time, in every count."""
    return all(not change or change >= limit for change in changes(stood, counted))


def changes(stood: PeriodCounts, counted: PeriodCounts) -> Iterator[int]:
    """How many came and how many went, count by count, and in what no part of a sum accounts for.

    A kind of count that did not exist when the first was counted has not changed.
    """
    for came in (True, False):
        sign = 1 if came else -1
        for moved in _moved(stood.groups, counted.groups, sign).values():
            yield from moved.values()
            for each in sums_of(moved, counted.departments, counted.sub_departments):
                yield max(moved[each.whole] - sum(moved[part] for part in each.parts), 0)
        for name in _compared_fields(stood):
            before, after = _numbers(stood, name), _numbers(counted, name)
            found = [max(sign * (after.get(at, 0) - before.get(at, 0)), 0) for at in {**before, **after}]
            yield from found


def forgetting(counts: PeriodCounts, groups: frozenset[GroupKey], limit: int) -> PeriodCounts:
    """The counts without the answers of those groups that are too small to be shown; how many they were stays.

    Its name stays too: the figures that may be shown are the same.
    """

    def kept(found: Iterable[Group]) -> tuple[Group, ...]:
        return tuple(_forgotten(each) if _key(each) in groups and each.n < limit else each for each in found)

    return replace(counts, groups=kept(counts.groups), crossed=kept(counts.crossed), edition=digest_of(counts))


def gone(stood: PeriodCounts | None, made: PeriodCounts) -> frozenset[GroupKey]:
    """The groups whose answers an edition no longer has, so that earlier editions can forget them as well."""
    if stood is None:
        return frozenset()
    before, after = (
        {_key(group) for group in (*each.groups, *each.crossed) if FORGOTTEN in group.counts} for each in (stood, made)
    )
    # Crossings are published of the first edition only, so a new one does not tell who left theirs.
    return frozenset(after - before) | _named(_moved(stood.crossed, made.crossed, -1))


def _moved(stood: Iterable[Group], counted: Iterable[Group], sign: int) -> dict[tuple[str, str], dict[Place, int]]:
    """By question, then by group: how many answers came (1) or went (-1)."""
    before = {_key(group): group.counts for group in stood}
    after = {_key(group): group.counts for group in counted}
    known = {(key[0], key[2]) for key in before}
    found: dict[tuple[str, str], dict[Place, int]] = {}
    for key in {**before, **after}:
        if (key[0], key[2]) not in known:
            continue
        old, new = before.get(key, {}), after.get(key, {})
        if FORGOTTEN in old:
            old, new = {"": sum(old.values())}, {"": sum(new.values())}
        n = sum(max(sign * (new.get(answer, 0) - old.get(answer, 0)), 0) for answer in {**old, **new})
        found.setdefault((key[2], key[3]), {})[key[0], key[1]] = n
    return found


def _fewer(stood: PeriodCounts, counted: PeriodCounts) -> frozenset[GroupKey]:
    crossed = _moved(stood.crossed, counted.crossed, -1)
    return _named(_moved(stood.groups, counted.groups, -1)) | _named(crossed)


def _named(moved: Mapping[tuple[str, str], Mapping[Place, int]]) -> frozenset[GroupKey]:
    return frozenset((*place, *question) for question, places in moved.items() for place, n in places.items() if n)


def _lost_pattern(stood: PeriodCounts, counted: PeriodCounts) -> bool:
    now = {(tuple(sorted(each.answers.items())), each.waiting): each.count for each in counted.patterns}
    return any(now.get((tuple(sorted(p.answers.items())), p.waiting), 0) < p.count for p in stood.patterns)


def _compared_fields(stood: PeriodCounts) -> list[str]:
    return [each.name for each in fields(PeriodCounts) if each.name not in _NOT_COUNTED and getattr(stood, each.name)]


def _new_fields(stood: PeriodCounts) -> list[str]:
    """The kinds of counts that it lacks; but what is noted of those served comes with them, or would tell who left."""
    known = _NOT_COUNTED | {"noted", "paths"}
    return [each.name for each in fields(PeriodCounts) if each.name not in known and not getattr(stood, each.name)]


def _numbers(counts: PeriodCounts, name: str) -> dict[tuple[str, ...], int]:
    """Every number in a field by where it stands; of a histogram, by class."""
    if name not in HISTOGRAMS:
        return _leaves(getattr(counts, name))
    classes: Counter[tuple[str, ...]] = Counter()
    for value, n in getattr(counts, name).items():
        classes[(str(bisect_right(HISTOGRAMS[name], int(value))),)] += n
    return classes


def _leaves(value: Any, at: tuple[str, ...] = ()) -> dict[tuple[str, ...], int]:
    """Every number in a field by where it stands."""
    if isinstance(value, int):
        return {at: value}
    inner: Mapping[str, Any] = {}
    if is_dataclass(value):
        inner = {each.name: getattr(value, each.name) for each in fields(value)}
    elif value is not None:
        inner = value
    return {place: n for name, each in inner.items() for place, n in _leaves(each, (*at, name)).items()}


def _forgotten(group: Group) -> Group:
    unsure = group.counts.get(DONT_KNOW, 0)
    counts = {DONT_KNOW: unsure, FORGOTTEN: group.n - unsure}
    return replace(group, counts={answer: n for answer, n in counts.items() if n or answer == FORGOTTEN})


def _key(group: Group) -> GroupKey:
    return group.dimension, group.value, group.question, group.question_version
