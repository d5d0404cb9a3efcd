"""An action with its figures as they stand: computed from the counts that it names, through the reports' gate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chalicelib import bootstrap
from chalicelib.actions.model import Span
from chalicelib.actions.results import Held, Outcome, held, other_season, outcome
from chalicelib.actions.rules import Due
from chalicelib.shared.clock import local_date

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from chalicelib.actions.model import Action, Conclusion, Content, Guard, Place
    from chalicelib.actions.rules import FollowUp
    from chalicelib.actions.service import Standing
    from chalicelib.municipalities.model import Municipality
    from chalicelib.reporting.followed import Followed


@dataclass(frozen=True, slots=True)
class Result:
    """A follow-up's figure beside the finding, and what may be said of it."""

    figure: Followed
    outcome: Outcome
    earlier: str


@dataclass(frozen=True, slots=True)
class Watched:
    """A limit, the latest figure since the change, and whether it holds."""

    guard: Guard
    figure: Followed | None
    held: Held


@dataclass(frozen=True)
class ActionView:
    """All that a page says of one action."""

    action: Action
    due: FollowUp | None
    baseline: Followed | None
    result: Result | None
    guard: Watched | None = None
    other_season: bool = False
    concluded: Sequence[tuple[Conclusion, Result | None]] = field(default_factory=tuple)

    @property
    def content(self) -> Content:
        """What leaders wrote of it."""
        return self.action.content

    @property
    def is_due(self) -> bool:
        """True while a follow-up waits for somebody."""
        return self.due is not None and self.due.state is Due.DUE


class Reading:
    """Reads the figures of one municipality's actions in one request; periods that several share are computed once."""

    def __init__(self, municipality: Municipality) -> None:
        self._municipality = municipality
        self._figures = bootstrap.followed_figures()

    def brief(self, standing: Standing) -> ActionView:
        """The finding, and the latest result: for a list and for paper."""
        action, due = standing.action, standing.follow_up
        return ActionView(action, due, self._baseline(action), self._latest(action, due))

    def whole(self, standing: Standing) -> ActionView:
        """With every conclusion, and the limit."""
        action, due = standing.action, standing.follow_up
        baseline = action.content.baseline
        return ActionView(
            action,
            due,
            self._baseline(action),
            self._result(action, due.span) if due and due.state is Due.DUE else None,
            guard=self._watched(action, due),
            other_season=bool(baseline and due and other_season(baseline, due)),
            concluded=[(each, self._result(action, each.span)) for each in action.conclusions],
        )

    def _baseline(self, action: Action) -> Followed | None:
        baseline = action.content.baseline
        return self._figure(action, baseline.place, baseline.span) if baseline else None

    def _latest(self, action: Action, due: FollowUp | None) -> Result | None:
        if due and due.state is Due.DUE:
            return self._result(action, due.span)
        spans = [each.span for each in action.conclusions if each.span]
        return self._result(action, spans[-1]) if spans else None

    def _result(self, action: Action, span: Span | None) -> Result | None:
        baseline = action.content.baseline
        if baseline is None or span is None:
            return None
        found = self._figure(action, baseline.place, span, baseline.span)
        earlier = self._figure(action, baseline.place, baseline.span).period
        said = outcome(found.cell, baseline.place.measure, asked_otherwise=found.asked_otherwise)
        return Result(found, said, earlier)

    def _watched(self, action: Action, due: FollowUp | None) -> Watched | None:
        """The limit, at the follow-up once it is due, before that in the latest whole month since the change."""
        guard, started = action.content.guard, action.content.started
        if guard is None:
            return None
        span = due.span if due and due.span and due.state is not Due.PLANNED else self._latest_month(started)
        if span is None:
            return Watched(guard, None, Held.UNCERTAIN)
        found = self._figure(action, guard.place, span)
        same = found.question is not None and found.question.version == guard.place.version
        return Watched(guard, found, held(found.cell if same else None, guard, full=found.is_full))

    def _latest_month(self, started: date | None) -> Span | None:
        months = self._figures.months(self._municipality.id)
        spans = (Span(month, month) for month in reversed(months))
        return next((span for span in spans if started and span.begins >= started), None)

    def _figure(self, action: Action, place: Place, span: Span, before: Span | None = None) -> Followed:
        months = (before.first, before.last) if before else None
        return self._figures.figure(self._municipality, place, (span.first, span.last), months, action.pins)


def was_heard(action: Action, days: Sequence[date]) -> bool:
    """True if citizens gave evidence before the decision (GE-21); `days` are those on which they did."""
    decided = action.decided or local_date(bootstrap.clock().now())
    return any(day <= decided for day in days)
