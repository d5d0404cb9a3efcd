"""What the page of all comments shows: a page of cards, and the choices that its filters offer."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from chalicelib.comments.filters import PICKED, Filters, Score, Scores
from chalicelib.comments.model import Status, Use, may_use, units
from chalicelib.comments.service import asks
from chalicelib.entrypoints.http import query
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalice.app import Request

    from chalicelib.comments.model import Comment, Mark
    from chalicelib.municipalities.model import Municipality
    from chalicelib.reporting.service import Overview
    from chalicelib.web.charts_names import Names
    from chalicelib.web.pages import Page

PER_PAGE: Final = 25
Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Card:
    """One comment with its mark. `allowed` are the places where it may be shown; `typed` what could not be kept."""

    comment: Comment
    mark: Mark
    allowed: frozenset[Use]
    problem: str = ""
    typed: Mapping[str, str] | None = None

    def text(self, name: str) -> str:
        """What stands in a field: what was typed, else what is kept."""
        return str(self.typed[name] if self.typed is not None else getattr(self.mark, name))


@dataclass(frozen=True, slots=True)
class Board:
    """The page. `kept` is the query of this view."""

    cards: Sequence[Card]
    total: int
    all: int
    number: int
    pages: int
    filters: Filters
    kept: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a press was not taken, said on its card."""

    comment: str
    text: str
    typed: Mapping[str, str] | None = None


def filters_in(request: Request) -> Filters:
    """The filters of the address."""
    return Filters(**{name.name: query(request, name.name) or "" for name in fields(Filters)})


def board_of(
    municipality: Municipality,
    overview: Overview,
    marks: Mapping[str, Mark],
    request: Request,
    problem: Problem | None = None,
) -> Board:
    """The page that the address asks for; beyond the last one is the last."""
    chosen, asked = filters_in(request), asks(municipality)
    first = overview.questions[0] if overview.questions else None
    scores = Scores(first.favourable, first.low_answers) if first else Scores()
    found = chosen.matching(overview.comments, marks, scores)
    pages = max(1, -(-len(found) // PER_PAGE))
    wanted = query(request, "page") or "1"
    number = min(max(int(wanted) if wanted.isdecimal() and len(wanted) < 5 else 1, 1), pages)  # noqa: PLR2004 - digits
    here = found[(number - 1) * PER_PAGE : number * PER_PAGE]
    cards = [_card(comment, mark, problem, asked=asked) for comment, mark in here]
    kept = {"period": overview.period, **{name: value for name, value in asdict(chosen).items() if value}}
    return Board(cards, len(found), len(overview.comments), number, pages, chosen, kept)


def _card(comment: Comment, mark: Mark, problem: Problem | None, *, asked: bool) -> Card:
    allowed = frozenset(use for use in Use if may_use(comment, mark, use, asked=asked))
    mine = problem if problem and problem.comment == comment.id else None
    return Card(comment, mark, allowed, mine.text if mine else "", mine.typed if mine else None)


def choices(municipality: Municipality, overview: Overview, page: Page, name: Names) -> dict[str, Any]:
    """What each filter offers: the groups that the period's comments come from, and all that marks can say."""
    found: dict[str, Choices] = {
        dimension: sorted(
            {(value, name(dimension, value)) for each in overview.comments if (value := getattr(each, dimension))},
            key=lambda choice: choice[1],
        )
        for dimension in ("office", "reason", "channel")
    }
    found["theme"] = [(theme, page.text(text)) for theme, text in municipality.comments.themes.items()]
    found["department"] = [(unit, name("department", unit)) for unit in units(municipality)]
    found["status"] = [(str(status), text) for status, text in statuses(page.language).items()]
    found["score"] = [(str(score), text) for score, text in _scores(page.language).items()]
    words = picks(page.language)
    found["picked"] = [(str(each), words[each]) for each in PICKED]
    return found


def statuses(language: str) -> dict[Status, str]:
    """How far a comment has come, in words."""
    return {
        Status.NEW: gettext(language, "Ny"),
        Status.SEEN: gettext(language, "Set"),
        Status.ACTED: gettext(language, "Handlet på"),
        Status.CLOSED: gettext(language, "Lukket"),
    }


def picks(language: str) -> dict[str, str]:
    """What a comment is picked for, in words."""
    return {
        "urgent": gettext(language, "Haster"),
        Use.QUOTE: gettext(language, "Citat"),
        Use.WALL: gettext(language, "På væggen"),
        Use.SHARED: gettext(language, "Delt med andre teams"),
        Use.PRAISE: gettext(language, "Ros"),
    }


def _scores(language: str) -> dict[Score, str]:
    return {
        Score.LOW: gettext(language, "Lav"),
        Score.MIDDLE: gettext(language, "Midt imellem"),
        Score.HIGH: gettext(language, "Høj"),
        Score.NONE: gettext(language, "Uden karakter"),
    }
