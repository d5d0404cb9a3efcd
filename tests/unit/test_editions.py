"""A month that is settled changes only by steps that tell of nobody: table, erasure, and an attack over versions."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.municipalities.model import Thresholds
from chalicelib.reporting.cells import cells
from chalicelib.reporting.editions import changes, forgetting, gone, is_settled, may_replace, next_edition
from chalicelib.reporting.findings import digest_of, finding_of, recomputed
from chalicelib.reporting.merging import merged
from chalicelib.reporting.model import FORGOTTEN, Comment, Group, Pattern, PeriodCounts, Resolution
from chalicelib.reporting.noted import Noted
from chalicelib.reporting.periods import period_of
from chalicelib.reporting.published import PublishedGroups
from tests.fakes.reporting import GOT_ANSWER, SATISFACTION, answers, counts, groups

if TYPE_CHECKING:
    from collections.abc import Iterable

LIMITS = Thresholds(suppress_below=5, small_base=30)
STOOD = counts(groups=groups(a=(40, 10), b=(30, 3), c=(2, 1)))


WITHOUT_OFFICE = (answers("all", "all", 79, 14), *groups(a=(45, 10), b=(30, 3), c=(2, 1))[1:])


def settled(stood: PeriodCounts | None, counted: PeriodCounts) -> PeriodCounts:
    return next_edition(stood, counted, settled=True, limit=5)


@pytest.mark.parametrize(
    ("change", "replaces"),
    [
        ({}, True),
        ({"groups": groups(a=(41, 10), b=(30, 3), c=(2, 1))}, False),  # one more
        ({"groups": groups(a=(39, 10), b=(30, 3), c=(2, 1))}, False),  # one fewer
        ({"groups": groups(a=(39, 11), b=(30, 3), c=(2, 1))}, False),  # as many, but one of them is another
        ({"groups": groups(a=(45, 10), b=(30, 3), c=(2, 1))}, True),  # five more in one group, and in all
        ({"groups": groups(a=(43, 10), b=(33, 3), c=(2, 1))}, False),  # six more, three and three
        ({"groups": groups(a=(45, 10), b=(30, 3), c=(3, 1))}, False),  # five, and one in a group that is hidden
        ({"groups": WITHOUT_OFFICE}, False),  # seven more, of whom two came to no office
        ({"served": {"all": {"all": 2001}, "office": {"raadhuset": 2000}}}, False),
        ({"waiting": {"3": 890, "8": 703, "14": 307, "41": 100}}, False),  # three and seven in other classes
        ({"waiting": {"2": 893, "3": 7, "8": 700, "14": 300, "41": 100}}, True),  # in the same class
        ({"resolution": {"phone": Resolution(9, 9, 3)}}, True),  # a kind of count that did not exist before
        ({"noted": {"passed_on": {"channel": {"phone": Noted(9, 3)}}}}, True),
        ({"generated_at": "2027-02-01T02:22:00Z"}, True),
    ],
)
def test_a_new_edition_needs_changes_of_nobody_or_of_enough(change: dict[str, Any], *, replaces: bool) -> None:
    assert may_replace(STOOD, replace(STOOD, **change), 5) is replaces


def test_until_a_month_is_settled_its_counts_follow_the_lake() -> None:
    later = counts(groups=groups(a=(41, 10), b=(30, 3), c=(2, 1)))
    followed = replace(later, since=STOOD.generated_at)
    assert next_edition(STOOD, later, settled=False, limit=5) == followed
    assert settled(None, later) == followed
    assert [period_of("2026-10").is_settled(running) for running in ("2026-10", "2026-11", "2026-12")] == [0, 0, 1]
    assert not period_of("2026-Q4").is_settled("2027-01")


def test_a_month_that_is_first_counted_late_is_preliminary_for_a_week() -> None:
    old = counts(period="2024-03", generated_at="2026-11-01T02:22:00Z")
    assert [is_settled(old, datetime(2026, 11, day, tzinfo=UTC)) for day in (3, 8, 9)] == [False, False, True]
    assert not is_settled(STOOD, datetime(2026, 11, 30, tzinfo=UTC))
    assert is_settled(STOOD, datetime(2026, 12, 1, tzinfo=UTC))
    again = next_edition(old, replace(old, generated_at="2026-11-07T02:22:00Z"), settled=False, limit=5)
    assert is_settled(again, datetime(2026, 11, 9, tzinfo=UTC))


def test_what_is_held_back_changes_no_figure_and_says_so() -> None:
    late = counts(groups=groups(a=(41, 10), b=(30, 3), c=(2, 1)), generated_at="2026-12-24T02:00:00Z")
    held = settled(STOOD, late)
    assert held.held_back
    assert cells(held, None, LIMITS) == cells(STOOD, None, LIMITS)
    assert digest_of(held) == digest_of(STOOD)
    enough = settled(held, counts(groups=groups(a=(46, 10), b=(30, 3), c=(2, 1))))
    assert not enough.held_back
    assert enough.earlier == (digest_of(STOOD),)


def test_what_is_noted_of_contacts_comes_with_those_contacts() -> None:
    """Counted anew beside contacts that stand, it would be of one citizen fewer, and say where."""
    noted = {"passed_on": {"channel": {"phone": Noted(199, 30)}}}
    fewer = counts(groups=groups(a=(39, 10), b=(30, 3), c=(2, 1)))
    assert settled(STOOD, replace(fewer, noted=noted, delays={"0": 7})).noted == {}
    assert settled(STOOD, replace(fewer, noted=noted, delays={"0": 7})).delays == {"0": 7}
    assert settled(STOOD, replace(STOOD, noted=noted)).noted == noted
    few = replace(STOOD, noted={"passed_on": {"channel": {"phone": Noted(199, 29)}}})
    assert not may_replace(replace(STOOD, noted=noted), few, 5)


def test_the_name_of_an_edition_does_not_tell_which_numbers_have_it() -> None:
    """Whoever knows all numbers but a hidden one could otherwise try which of them gives the name."""
    salted, other = replace(STOOD, salt="a1"), replace(STOOD, salt="b2")
    assert len({digest_of(each) for each in (STOOD, salted, other)}) == 3
    again = settled(salted, replace(STOOD, salt="c3"))  # every count brings a salt, the first one's stays
    assert (again.salt, digest_of(again), again.earlier) == ("a1", digest_of(salted), ())
    assert PeriodCounts.from_document(again.to_document()) == again


def test_the_address_of_an_earlier_edition_still_holds() -> None:
    more = settled(STOOD, counts(groups=groups(a=(45, 10), b=(30, 3), c=(2, 1))))
    cell = next(each for each in cells(STOOD, None, LIMITS) if each.value == "a")
    finding = finding_of(cell, ("2026-10", [STOOD]), None, LIMITS)
    kept = {digest_of(each): each for each in (STOOD, more)}
    assert recomputed(finding, kept.get, LIMITS).cell == cell


def erased(**changes: Any) -> tuple[PeriodCounts, PeriodCounts]:
    """An edition in which somebody of a group of three stands, and the counts without them."""
    said = Comment("Tak", "da", "c", "passport", "in_person", "2026-W42", "10")
    together = Pattern({"satisfaction": ("0-10.1", "8")}, None, 1)
    stood = replace(STOOD, comments=(said,), patterns=(together,), **changes)
    return stood, replace(stood, groups=groups(a=(40, 10), b=(30, 3), c=(1, 1)), comments=(), patterns=())


@pytest.mark.requirement("I9")
def test_an_erased_citizen_leaves_every_group_of_few_at_once() -> None:
    stood, without = erased()
    held = settled(stood, without)
    given = {group.value: dict(group.counts) for group in held.groups}
    assert given["c"] == {FORGOTTEN: 3}
    assert given["a"] == {"8": 40, "4": 10}  # one of many: nothing tells which
    assert (held.comments, held.patterns) == ((), ())
    assert cells(held, None, LIMITS) == cells(stood, None, LIMITS)
    assert digest_of(held) == digest_of(stood)
    assert settled(held, without) == held  # a second count changes nothing
    assert gone(stood, held) == {("office", "c", "satisfaction", "0-10.1")}
    assert not gone(held, held)
    assert {dict(g.counts).get(FORGOTTEN) for g in forgetting(stood, gone(stood, held), 5).groups} == {None, 3}
    assert PeriodCounts.from_document(held.to_document()) == held


@pytest.mark.requirement("I9")
def test_a_quarter_hides_a_group_whose_answers_a_month_forgot_and_uncovers_no_other() -> None:
    stood, without = erased()
    held = settled(stood, without)
    others = [
        counts(period=f"2026-{m}", groups=groups(a=(40, 10), b=(30, 3), c=(2, 2), d=(3, 1))) for m in ("11", "12")
    ]
    before = PublishedGroups(merged("2026-Q4", [stood, *others]), LIMITS, [stood, *others])
    after = PublishedGroups(merged("2026-Q4", [held, *others]), LIMITS, [held, *others])
    places = merged("2026-Q4", [stood, *others]).groups
    hidden = [{g.value for g in places if published.hides(g, SATISFACTION)} for published in (before, after)]
    assert "c" in hidden[1]
    assert hidden[0] <= hidden[1]


def counted(people: Iterable[tuple[str, str, str]]) -> PeriodCounts:
    """People by office, language and answer."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for office, language, answer in people:
        for place in (("all", "all"), ("office", office), ("language", language)):
            found.setdefault(place, Counter())[answer] += 1
    made = tuple(Group(*place, GOT_ANSWER.id, GOT_ANSWER.version, dict(n)) for place, n in sorted(found.items()))
    return counts(questions=(GOT_ANSWER,), groups=made, served={}, funnel={}, waiting={}, not_invited={})


@given(st.integers(0, 10**6), st.integers(2, 60))
@settings(max_examples=60, deadline=None)
@pytest.mark.requirement("I9", "GL-53")
def test_no_two_versions_of_a_settled_month_tell_of_few(seed: int, size: int) -> None:
    """The attacker keeps every version of every figure; citizens come late, are erased, are corrected."""
    rng = random.Random(seed)

    def somebody() -> tuple[str, str, str]:
        return rng.choice("aaab"), rng.choice(("da", "da", "en")), rng.choice(("yes", "yes", "no"))

    people = [somebody() for _ in range(size)]
    versions = [settled(None, counted(people))]
    for _ in range(6):
        rng.shuffle(people)
        people = people[rng.choice((0, 0, 1, 2, 9)) :] + [somebody() for _ in range(rng.choice((0, 1, 7, 25)))]
        versions.append(settled(versions[-1], counted(people)))
    shown = [{(c.dimension, c.value, c.measure): (c.count, c.n) for c in cells(v, None, LIMITS)} for v in versions]
    for one, two in itertools.pairwise(shown):
        for place in one.keys() & two.keys():
            (count, n), (later, m) = one[place], two[place]
            if None not in {count, n, later, m}:
                yes, no = (later or 0) - (count or 0), (m or 0) - (later or 0) - (n or 0) + (count or 0)
                assert all(not k or k >= 5 for k in (max(yes, 0) + max(no, 0), max(-yes, 0) + max(-no, 0)))
    assert not any(0 < n < 5 for v in versions for n in changes(v, v))
