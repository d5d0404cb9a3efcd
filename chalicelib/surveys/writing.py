"""From one version of a response to the next. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from chalicelib.surveys.answers import demand_complete
from chalicelib.surveys.routing import eligible, next_open, path, told

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chalicelib.surveys.model import Questionnaire, Response, Value

COARSE: Final = 5
"""Seconds on a question are rounded to this: enough to find what people get stuck on, and nothing about a person."""
MOST_SECONDS: Final = 600
"""Somebody who came back after lunch was not thinking about one question."""


def with_answers(
    asked: Questionnaire, before: Response, new: Mapping[str, Value | None], *, seconds: int | None = None
) -> Response:
    """The response with these answers beside the earlier ones; None takes one back.

    Answers that another answer has put off the route stay until the end: whoever goes back finds them again.
    """
    given = {name: value for name, value in {**before.given, **new}.items() if value is not None}
    route = path(asked, before.facts, given)
    on_route: dict[str, Value] = {item.id: given[item.id] for item in route if item.id in given}
    stands = next_open(route, on_route)
    return replace(
        _keeping(asked, before, given),
        seconds={**before.seconds, **_timed(before, new, seconds)},
        stopped_at=stands.id if stands else None,
        eligible=eligible(asked, before.facts, on_route),
        version=before.version + 1,
    )


def finished(asked: Questionnaire, response: Response, now: datetime) -> Response:
    """The response, over: what is off the route is dropped, and what the respondent told of the contact is its fact.

    Raises:
        AnswersInvalid: a required question on the route has no answer.
    """
    route = path(asked, response.facts, response.given)
    given: dict[str, Value] = {item.id: response.given[item.id] for item in route if item.id in response.given}
    demand_complete(route, given)
    return replace(
        _keeping(asked, response, given),
        facts=told(asked, response.facts, given),
        seconds={name: value for name, value in response.seconds.items() if name in given},
        stopped_at=None,
        finished_at=now,
    )


def _keeping(asked: Questionnaire, response: Response, given: Mapping[str, Value]) -> Response:
    texts = {item.id for item in asked.items if item.is_text}
    return replace(
        response,
        answers={name: value for name, value in given.items() if name not in texts},
        comments={name: str(value) for name, value in given.items() if name in texts},
        question_versions={item.id: item.version for item in asked.items if item.id in given},
    )


def _timed(before: Response, new: Mapping[str, object], seconds: int | None) -> dict[str, int]:
    """The time goes to the one question that was answered; several at once can't be told apart."""
    if seconds is None or len(new) != 1:
        return {}
    (question,) = new
    spent = before.seconds.get(question, 0) + COARSE * round(seconds / COARSE)
    return {question: min(MOST_SECONDS, spent)}
