"""The register's rules: what follows what, what is fixed once it has begun, when it is looked at again."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.actions.document import (
    action_document,
    action_of,
    changes,
    content_before,
    content_document,
    content_of,
)
from chalicelib.actions.model import (
    Action,
    Baseline,
    Conclusion,
    Content,
    PublicText,
    Span,
    Status,
    months_after,
)
from chalicelib.actions.results import Held, Outcome, held, other_season, outcome
from chalicelib.actions.rules import (
    NEXT,
    Due,
    FollowUp,
    Problem,
    follow_up,
    merged,
    next_statuses,
    plain_text,
    problems,
    settled,
)
from chalicelib.reporting.cell import Cell, Measure
from chalicelib.reporting.statistics import BaseStatus
from tests.builders import a_municipality
from tests.fakes.actions import AUGUST, SATISFIED, content, guard

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FJORDBY = a_municipality()
STARTED = date(2026, 9, 1)

days = st.dates(date(2024, 1, 1), date(2030, 12, 31))
texts = st.text(max_size=20)
months = st.integers(1, 36)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    length = draw(st.sampled_from((1, 3, 12)))
    return Span("2000-01", f"2000-{length:02d}").first_from(draw(days))


@st.composite
def contents(draw: st.DrawFn) -> Content:
    return content(
        title=draw(texts),
        found=draw(texts),
        owner=draw(texts),
        status=draw(st.sampled_from(Status)),
        started=draw(st.none() | days),
        follow_up_months=draw(st.none() | months),
        on_trend=draw(st.booleans()),
        baseline=draw(st.none() | spans().map(lambda span: Baseline(SATISFIED, span))),
        guard=draw(st.none() | st.integers(1, 99).map(guard)),
    )


def action(**changed: Any) -> Action:
    facts = {name: changed.pop(name) for name in ("conclusions", "public", "decided", "pins") if name in changed}
    return Action("a1", "fjordby", NOW, content(**changed), **facts)


# What may be written


def test_a_proposal_needs_a_heading_and_a_recommendation_only():
    assert problems(content(work="", owner=""), FJORDBY, TODAY) == {}
    missing = problems(content(title="", recommendation=""), FJORDBY, TODAY)
    assert missing == {"title": Problem.MISSING, "recommendation": Problem.MISSING}


@pytest.mark.requirement("SK-18")
@pytest.mark.parametrize(
    ("changed", "field", "problem"),
    [
        ({"status": Status.DECIDED, "owner": ""}, "owner", Problem.MISSING),
        ({"status": Status.DECIDED, "work": ""}, "work", Problem.MISSING),
        ({"status": Status.MAINTAIN, "owner": ""}, "owner", Problem.MISSING),
        ({"status": Status.IN_PROGRESS}, "started", Problem.MISSING),
        ({"status": Status.DONE, "started": TODAY + timedelta(days=1)}, "started", Problem.NOT_YET),
        ({"title": "x" * 121}, "title", Problem.TOO_LONG),
        ({"owner": "Hansen, ring 20 12 34 56"}, "owner", Problem.PERSONAL),
        ({"found": "Borgeren 010190-1234 klagede"}, "found", Problem.PERSONAL),
        ({"recommendation": "skriv til a@b.dk"}, "recommendation", Problem.PERSONAL),
        ({"channel": "pigeon"}, "channel", Problem.UNKNOWN),
        ({"department": "moon"}, "department", Problem.UNKNOWN),
        ({"follow_up_months": 0}, "follow_up_months", Problem.MONTHS),
        ({"follow_up_months": 37}, "follow_up_months", Problem.MONTHS),
        ({"guard": guard(100)}, "guard_limit", Problem.LIMIT),
        ({"started": date(2026, 8, 31)}, "started", Problem.NOT_BEFORE),
    ],
)
def test_what_is_wrong_is_named(changed: dict[str, Any], field: str, problem: Problem):
    assert problems(content(**changed), FJORDBY, TODAY) == {field: problem}


@pytest.mark.requirement("GE-22")
def test_the_baseline_is_of_a_time_before_the_change():
    assert problems(content(started=STARTED), FJORDBY, TODAY) == {}
    year = Baseline(SATISFIED, Span("2026-01", "2026-12"))
    assert problems(content(started=STARTED, baseline=year), FJORDBY, TODAY) == {"started": Problem.NOT_BEFORE}


@pytest.mark.parametrize("before", Status)
@pytest.mark.parametrize("after", Status)
def test_a_status_follows_as_the_table_says(before: Status, after: Status):
    old = action(status=before, started=STARTED)
    found = problems(replace(old.content, status=after), FJORDBY, TODAY, old)
    allowed = after is before or after in NEXT[before]
    assert ("status" not in found) == allowed
    assert (after in next_statuses(old)) == allowed


@pytest.mark.requirement("GL-76")
def test_what_works_can_be_kept_without_any_change():
    kept = content(status=Status.MAINTAIN, work="", started=None)
    assert problems(kept, FJORDBY, TODAY) == {}
    assert problems(kept, FJORDBY, TODAY, action()) == {}


@pytest.mark.requirement("GE-22")
def test_the_finding_can_be_swapped_until_the_change_begins():
    other = Baseline(SATISFIED, Span("2026-07", "2026-07"))
    waiting = action(started=TODAY + timedelta(days=3))
    assert problems(replace(waiting.content, baseline=other), FJORDBY, TODAY, waiting) == {}
    for begun in (action(started=STARTED), action(status=Status.IN_PROGRESS, started=TODAY)):
        for baseline in (other, None):
            found = problems(replace(begun.content, baseline=baseline), FJORDBY, TODAY, begun)
            assert found == {"finding": Problem.LOCKED}


@pytest.mark.requirement("FR-15")
def test_a_limit_is_set_before_the_change_and_stays():
    assert problems(content(guard=guard(), started=TODAY), FJORDBY, TODAY) == {}
    late = content(guard=guard(), started=TODAY - timedelta(days=1))
    assert problems(late, FJORDBY, TODAY) == {"guard_limit": Problem.TOO_LATE}
    with_limit = action(guard=guard(80), started=STARTED)
    for limit in (guard(60), None):
        moved = replace(with_limit.content, guard=limit)
        assert problems(moved, FJORDBY, TODAY, with_limit) == {"guard_limit": Problem.LOCKED}
    assert problems(replace(with_limit.content, title="Ny"), FJORDBY, TODAY, with_limit) == {}


def test_texts_keep_their_paragraphs():
    assert plain_text("  en   to \r\n\r\n\r\n tre\n") == "en to\n\ntre"
    assert plain_text(" \n ") == ""


@given(texts)
def test_a_plain_text_stays_as_it_is(text: str):
    assert plain_text(plain_text(text)) == plain_text(text)


@pytest.mark.requirement("GE-21")
def test_the_day_of_the_decision_is_kept_until_it_is_taken_back():
    decided = settled(action(), content(status=Status.DECIDED), TODAY)
    assert decided.decided == TODAY
    later = settled(decided, content(status=Status.IN_PROGRESS, started=STARTED), TODAY + timedelta(days=9))
    assert later.decided == TODAY
    assert settled(later, content(), TODAY).decided is None
    assert settled(action(), content(status=Status.DROPPED), TODAY).decided is None


def test_citizens_are_told_only_of_what_is_done():
    told = PublicText({"da": "a", "en": "b"}, {"da": "c", "en": "d"}, TODAY)
    running = action(status=Status.IN_PROGRESS, started=STARTED, public=told)
    assert settled(running, replace(running.content, status=Status.DONE), TODAY).public == told
    assert settled(running, replace(running.content, status=Status.DROPPED), TODAY).public is None


# When it is looked at again


@pytest.mark.requirement("FR-14")
@pytest.mark.parametrize(
    ("started", "later", "span", "due"),
    [
        (date(2025, 12, 1), 10, Span("2026-10", "2026-10"), date(2026, 11, 1)),
        (date(2025, 12, 15), 10, Span("2026-10", "2026-10"), date(2026, 11, 1)),
        (date(2026, 9, 20), 1, Span("2026-10", "2026-10"), date(2026, 11, 1)),
        (date(2025, 1, 31), 1, Span("2025-02", "2025-02"), date(2025, 3, 1)),
    ],
)
def test_a_follow_up_is_due_when_its_whole_month_is_over(started: date, later: int, span: Span, due: date):
    early = Baseline(SATISFIED, Span("2024-10", "2024-10"))
    planned = action(baseline=early, started=started, follow_up_months=later)
    assert follow_up(planned, due - timedelta(days=1)) == FollowUp(due, span, Due.PLANNED)
    assert follow_up(planned, due) == FollowUp(due, span, Due.DUE)
    done = replace(planned, conclusions=(Conclusion(due, "Bedre.", span),))
    assert follow_up(done, due) == FollowUp(due, span, Due.DONE)


def test_without_a_figure_it_is_due_on_the_day():
    planned = action(baseline=None, started=STARTED, follow_up_months=2)
    assert follow_up(planned, date(2026, 10, 31)) == FollowUp(date(2026, 11, 1), None, Due.PLANNED)
    assert follow_up(planned, date(2026, 11, 1)) == FollowUp(date(2026, 11, 1), None, Due.DUE)
    done = replace(planned, conclusions=(Conclusion(date(2026, 11, 2), "Set efter.", None),))
    assert follow_up(done, TODAY) == FollowUp(date(2026, 11, 1), None, Due.DONE)


def test_nothing_is_due_without_a_start_or_once_it_was_given_up():
    assert follow_up(action(follow_up_months=3), TODAY) is None
    assert follow_up(action(started=STARTED), TODAY) is None
    assert follow_up(action(status=Status.DROPPED, started=STARTED, follow_up_months=1), TODAY) is None


@given(days, months, spans())
def test_a_follow_up_never_looks_at_days_before_the_change_or_at_a_period_that_runs(
    started: date, later: int, span: Span
):
    planned = action(baseline=Baseline(SATISFIED, span), started=started, follow_up_months=later)
    due = follow_up(planned, TODAY)
    assert due is not None
    assert due.span is not None
    assert due.span.begins >= started
    assert due.span.length == span.length
    assert due.span.is_over_on == due.day
    assert (due.state is Due.DUE) == (due.day <= TODAY)
    assert due.span.is_over_on > months_after(started, later) - timedelta(days=31)


@given(days, months)
def test_months_later_is_the_same_day_or_the_months_last(day: date, later: int):
    found = months_after(day, later)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == later
    assert found.day == day.day or (found.day < day.day and (found + timedelta(days=1)).day == 1)


# What the figures say


def cell(**changed: Any) -> Cell:
    facts: dict[str, Any] = {"n": 100, "share": 0.9, "ci_low": 0.83, "ci_high": 0.94, "previous": 0.6, "change": 0.3}
    return Cell("all", "all", "satisfaction", Measure.SHARE, BaseStatus.OK, **{**facts, "significant": True, **changed})


@pytest.mark.requirement("GE-28", "GL-50")
@pytest.mark.parametrize(
    ("figure", "measure", "said"),
    [
        (cell(), "share", Outcome.BETTER),
        (cell(change=-0.3), "share", Outcome.WORSE),
        (cell(), "share_unfavourable", Outcome.WORSE),
        (cell(change=-0.3), "share_unfavourable", Outcome.BETTER),
        (cell(significant=False), "share", Outcome.CHANCE),
        (cell(significant=None, change=None), "share", Outcome.TOO_FEW),
        (cell(previous=None, significant=None, change=None), "share", Outcome.HIDDEN),
        (cell(n=None), "share", Outcome.HIDDEN),
        (None, "share", Outcome.HIDDEN),
    ],
)
def test_only_a_certain_change_is_called_one(figure: Cell | None, measure: str, said: Outcome):
    assert outcome(figure, measure) is said
    assert outcome(figure, measure, asked_otherwise=True) is Outcome.OTHER_WORDING


@pytest.mark.requirement("FR-15")
@pytest.mark.parametrize(
    ("low", "high", "limit", "measure", "said"),
    [
        (0.80, 0.90, 80, "share", Held.HELD),
        (0.79, 0.90, 80, "share", Held.UNCERTAIN),
        (0.70, 0.80, 80, "share", Held.UNCERTAIN),
        (0.70, 0.79, 80, "share", Held.BROKEN),
        (0.05, 0.10, 10, "share_unfavourable", Held.HELD),
        (0.05, 0.11, 10, "share_unfavourable", Held.UNCERTAIN),
        (0.11, 0.20, 10, "share_unfavourable", Held.BROKEN),
    ],
)
def test_a_limit_holds_or_is_broken_by_the_whole_interval(
    low: float, high: float, limit: int, measure: str, said: Held
):
    figure = cell(ci_low=low, ci_high=high)
    assert held(figure, guard(limit, measure), full=True) is said
    assert held(figure, guard(limit, measure), full=False) is Held.UNCERTAIN
    assert held(None, guard(limit, measure), full=True) is Held.UNCERTAIN


@pytest.mark.parametrize(
    ("span", "then", "other"),
    [
        (AUGUST, Span("2027-08", "2027-08"), False),
        (AUGUST, Span("2026-10", "2026-10"), True),
        (Span("2025-01", "2025-12"), Span("2026-01", "2026-12"), False),
    ],
)
def test_another_time_of_the_year_is_said(span: Span, then: Span, other: bool):
    assert other_season(Baseline(SATISFIED, span), FollowUp(TODAY, then, Due.DUE)) is other


# Documents, history, and two who write at once


@given(contents())
def test_a_document_gives_the_content_back(written: Content):
    assert content_of(content_document(written)) == written


def test_a_document_gives_the_action_back():
    told = PublicText({"da": "a", "en": "b"}, {"da": "c", "en": "d"}, TODAY)
    whole = action(
        guard=guard(),
        public=told,
        decided=STARTED,
        pins={"2026-08": ("aa", "bb")},
        conclusions=(Conclusion(TODAY, "x", AUGUST), Conclusion(TODAY, "y", None)),
    )
    assert action_of("fjordby", "a1", action_document(whole), version=1, pins=whole.pins) == whole


@given(contents(), contents())
def test_history_leads_back_to_what_was(before: Content, after: Content):
    steps = changes(action_with(before), action_with(after))
    assert content_before(after, steps) == before
    assert {step.field for step in steps} == {
        each.name for each in fields(Content) if getattr(before, each.name) != getattr(after, each.name)
    }


def action_with(written: Content) -> Action:
    return replace(action(), content=written)


@given(contents(), contents(), contents())
def test_of_two_edits_nothing_is_lost(base: Content, mine: Content, theirs: Content):
    found = merged(base, mine, theirs)
    for each in fields(Content):
        was, i_wrote, they_wrote, is_now = (getattr(c, each.name) for c in (base, mine, theirs, found.content))
        if i_wrote == was:
            assert is_now == they_wrote
        else:
            assert is_now == i_wrote
        both = i_wrote != was and they_wrote not in (was, i_wrote)
        assert (each.name in found.clashes) == both
        assert (each.name in found.theirs) == (they_wrote != was)
