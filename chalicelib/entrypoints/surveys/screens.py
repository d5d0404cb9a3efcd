"""The screens of a questionnaire, whatever way a respondent came in: one question each, and what becomes of an answer.

Every step is a form that saves and then looks at the next screen (303), so the browser's back button, a lost connection
and another device lose nothing. The language travels in the address, because a phone may keep no cookies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from chalicelib import bootstrap
from chalicelib.entrypoints.http import form_lists, html, page_for, query, see_other
from chalicelib.municipalities.model import COMMENT_USE, Channel
from chalicelib.shared.errors import AlreadyAnswered, InvalidInput, NotFound
from chalicelib.surveys.answers import AnswersInvalid, Problem
from chalicelib.surveys.comment_use import Said
from chalicelib.surveys.model import MAX_COMMENT, QuestionType
from chalicelib.surveys.routing import next_open
from chalicelib.web.catalogue import languages_of
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chalice.app import Request, Response

    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.languages import Language
    from chalicelib.surveys.model import Question, Questionnaire, Value
    from chalicelib.surveys.service import Survey, Way
    from chalicelib.web.pages import Page

FORM: Final = ["application/x-www-form-urlencoded"]
FIELD: Final = "answer"
TOLD: Final = "told"
"""What the address of the thanks says that there is to tell, such as:"""
SENT_BEFORE: Final = "before"
_NUMBER: Final = re.compile(r"-?[0-9]{1,3}")
_LONGEST_LOOK: Final = timedelta(hours=12)

_PROBLEMS: Final = {
    Problem.MISSING: "Vælg et svar, før du går videre.",
    Problem.TOO_MANY: "Du har valgt for mange. Vælg højst %(most)s.",
    Problem.NOT_ALONE: "Vælg enten “Ved ikke” eller de andre svar.",
    Problem.TOO_LONG: "Teksten er på %(length)s tegn. Der er plads til %(most)s. Gør den kortere, og send igen.",
}
_OTHER_PROBLEM: Final = "Vælg et af svarene på siden."

CHANNEL_NAMES: Final = {
    Channel.IN_PERSON: "Personligt møde",
    Channel.PHONE: "Telefon",
    Channel.E_MAIL: "E-mail",
    Channel.SELF_SERVICE: "Selvbetjening",
    Channel.CONTACT_FORM: "Kontaktformular",
    Channel.LETTER: "Brev",
    Channel.AI_ASSISTANT: "Digital assistent",
}
"""What staff read for a channel; translated where it is shown."""


@dataclass(frozen=True, slots=True)
class Walk:
    """One respondent on the way through. `address` gives the screen of a question, or without one the first screen.

    `template` draws a question; `extra` is what that template needs beside it.
    """

    request: Request
    way: Way
    survey: Survey
    page: Page
    address: Callable[[str | None], str]
    template: str = "survey/question.html"
    extra: Mapping[str, Any] = field(default_factory=dict)


def walk_of(
    request: Request,
    way: Way,
    address: Callable[[Page, str | None], str],
    *,
    template: str = "survey/question.html",
) -> Walk:
    """The walk in the language of the address, the visitor's cookie or the link, in this order.

    Raises:
        NotFound, LinkExpired: the way leads nowhere (any more).
    """
    survey = bootstrap.surveys().open(way)
    municipality = bootstrap.municipalities().get(survey.municipality)
    languages = readable(survey.languages)
    page = page_for(request, municipality, language=survey.language, languages=languages)
    survey = replace(survey, language=page.language)
    return Walk(request, way, survey, page, lambda question: address(page, question), template)


def readable(languages: Sequence[Language]) -> tuple[Language, ...]:
    """Of the questionnaire's languages, those in which the pages around it can be read too."""
    return tuple(language for language in languages if language in languages_of("survey"))


def languages_for(municipality: Municipality, asked: Questionnaire) -> tuple[Language, ...]:
    """Those in which a questionnaire is complete, the municipality offers it and its pages can be read."""
    return readable([language for language in asked.languages if language in municipality.asking.languages])


def first_open(walk: Walk) -> Question:
    """Where a respondent who comes back goes on; the last screen for one who has only left it unsent."""
    route = walk.survey.route
    return next_open(route, walk.survey.answers) or route[-1]


def show_question(walk: Walk, name: str) -> Response:
    """One question with the answer given so far; another address for one that isn't on the route."""
    if walk.survey.finished:
        return see_other(walk.address(None))
    question = _asked(walk, name)
    if question not in walk.survey.route:
        return see_other(walk.address(first_open(walk).id))
    return _screen(walk, question, walk.survey.answers.get(question.id))


def take_answer(walk: Walk, name: str) -> Response:
    """Keep the answer and go on; after the last question, finish."""
    if walk.survey.finished:
        return _sent_before(walk)
    question = _asked(walk, name)
    fields = form_lists(walk.request)
    value = value_of(question, fields.get(FIELD, []))
    following = walk.survey.next_after(question, value)
    said = said_in(walk.page.municipality, fields) if question.is_text else None
    try:
        _demand_answer(question, value)
        keep = bootstrap.surveys().save if following else bootstrap.surveys().finish
        keep(walk.way, {question.id: value}, language=walk.survey.language, shown=_shown(fields), said=said)
    except AlreadyAnswered:
        return _sent_before(walk)
    except AnswersInvalid as wrong:
        return _mend(walk, question, value, wrong, said)
    return see_other(walk.address(following.id if following else None))


def said_in(municipality: Municipality | None, fields: Mapping[str, Sequence[str]]) -> Said | None:
    """What the box beside a text says; None where there was none, or its wording has changed since it was drawn."""
    version = next(iter(fields.get("comment_use_version", ())), "")
    text = municipality.consent_texts.get(COMMENT_USE) if municipality else None
    if text is None or not text.knows(version):
        return None
    return Said("yes" in fields.get("comment_use", ()), version)


def said_of(body: Mapping[str, Any]) -> Said | None:
    """The same in a JSON body; None where nothing is said.

    Raises:
        InvalidInput: it is no answer.
    """
    value = body.get("comment_use")
    if value is None:
        return None
    if (
        not isinstance(value, dict)
        or not isinstance(value.get("granted"), bool)
        or not isinstance(value.get("text_version"), str)
    ):
        raise InvalidInput(fields={"comment_use": "give granted (true or false) and the text_version that was shown"})
    return Said(value["granted"], value["text_version"])


def _sent_before(walk: Walk) -> Response:
    """Thanks, and that what was sent first counts: this came from a second window, or a second press."""
    address = walk.address(None)
    return see_other(f"{address}{'&' if '?' in address else '?'}{urlencode({TOLD: SENT_BEFORE})}")


def is_sent_before(request: Request) -> bool:
    """True if the thanks should say so."""
    return query(request, TOLD) == SENT_BEFORE


def value_of(question: Question, given: Sequence[str]) -> Any:
    """What a form's field means for this type of question; None when nothing was chosen or written."""
    chosen = [value for value in given if value]
    if not chosen:
        return None
    if question.type is QuestionType.MULTI:
        return chosen
    value = chosen[-1]
    return int(value) if question.type is QuestionType.SCALE and _NUMBER.fullmatch(value) else value


def problem_text(language: str, question: Question, problem: Problem, value: Value | None) -> str:
    """What is wrong with an answer, in words of the respondent."""
    length, most = len(str(value)), question.max_choices or MAX_COMMENT
    return gettext(language, _PROBLEMS.get(problem, _OTHER_PROBLEM), length=length, most=most)


def _asked(walk: Walk, name: str) -> Question:
    question = walk.survey.questionnaire.find(name)
    if question is None:
        raise NotFound
    return question


def _demand_answer(question: Question, value: Value | None) -> None:
    """Going on needs an answer where one is required; only the API may save a questionnaire with gaps."""
    if question.required and value is None:
        raise AnswersInvalid({question.id: Problem.MISSING})


def _shown(fields: Mapping[str, Sequence[str]]) -> datetime | None:
    """When the screen was made, by its own hidden field; nothing when somebody has written something else there."""
    text = next(iter(fields.get("shown", ())), "")
    if not text.isascii() or not text.isdecimal() or len(text) > len("9999999999"):
        return None
    moment = datetime.fromtimestamp(int(text), UTC)
    return moment if bootstrap.clock().now() - moment < _LONGEST_LOOK else None


def _mend(walk: Walk, question: Question, value: Value | None, wrong: AnswersInvalid, said: Said | None) -> Response:
    """Show the same screen with what was entered, or the first question that still needs an answer."""
    if question.id not in wrong.problems:
        return see_other(walk.address(next(iter(wrong.problems))))
    message = problem_text(walk.survey.language, question, wrong.problems[question.id], value)
    ticked = said.granted if said else None
    return _screen(walk, question, value, errors={FIELD: message}, ticked=ticked, status=422)


def _screen(
    walk: Walk,
    question: Question,
    value: Value | None,
    *,
    errors: dict[str, str] | None = None,
    ticked: bool | None = None,
    status: int = 200,
) -> Response:
    municipality = walk.page.municipality
    route = walk.survey.route
    number = route.index(question) + 1 if question in route else 1
    return html(
        walk.template,
        replace(walk.page, errors=errors or {}),
        status=status,
        action=walk.address(question.id),
        back=walk.address(route[number - 2].id if number > 1 else None),
        question=question,
        choices=walk.survey.choices(question),
        value=value,
        number=number,
        total=len(route),
        most=MAX_COMMENT,
        comment_use=municipality.consent_texts.get(COMMENT_USE) if municipality else None,
        ticked=walk.survey.may_quote if ticked is None else ticked,
        mode=walk.survey.mode,
        shown=int(bootstrap.clock().now().timestamp()),
        **walk.extra,
    )
