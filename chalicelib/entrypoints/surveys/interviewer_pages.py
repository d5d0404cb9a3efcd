"""The interviewer's screen: the whole questionnaire on one page, quick by keyboard, for phone and lobby (GL-04, GL-05).

Mode, place, interviewer's code and questionnaire are chosen once and stay in the address; after each respondent the
next empty form is there. A press that is sent twice is one interview.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.auth import Role, require
from chalicelib.entrypoints.http import form_lists, html, page_for, pages, parameter, query, see_other
from chalicelib.entrypoints.surveys.screens import CHANNEL_NAMES, FORM, problem_text, said_in, value_of
from chalicelib.municipalities.model import COMMENT_USE, Channel
from chalicelib.municipalities.units import unit_path
from chalicelib.shared.errors import InvalidInput
from chalicelib.shared.languages import COMPLETE, in_language
from chalicelib.surveys.answers import AnswersInvalid
from chalicelib.surveys.interview import Interview
from chalicelib.surveys.model import INTERVIEWS, Facts, Mode
from chalicelib.surveys.routing import reachable
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalice.app import Response

    from chalicelib.municipalities.model import ConsentText, Municipality
    from chalicelib.surveys.comment_use import Said
    from chalicelib.surveys.model import Condition, Question, Questionnaire
    from chalicelib.web.pages import Page

interviewer_pages = Blueprint(__name__)

_KEPT: Final = ("questionnaire", "mode", "channel", "department", "place", "interviewer")
_FACTS: Final = ("channel", "department", "place", "interviewer")
_PREFIX: Final = "a-"


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question on the form: its field, what has been entered, and when it is to be seen."""

    question: Question
    value: Any
    error: str | None
    conditions: str
    routed: bool


@dataclass(frozen=True, slots=True)
class _Sitting:
    """What was chosen once, and what the form in hand says."""

    page: Page
    setup: Mapping[str, str]
    asked: Questionnaire
    interview: Interview
    comment_use: ConsentText | None


@interviewer_pages.route("/{municipality}/interview", methods=["GET"])
@pages(lambda: interviewer_pages.current_request)
def interview_page() -> Response:
    """An empty form for the next respondent; first of all, the choice of mode and place."""
    municipality, page = _staffed()
    setup = {name: query(interviewer_pages.current_request, name) or "" for name in _KEPT}
    if setup["mode"] not in INTERVIEWS:
        return _choose(municipality, page, setup, {})
    try:
        sitting = _sitting(municipality, page, setup, {}, secrets.token_hex(12))
    except InvalidInput as wrong:
        return _choose(municipality, page, setup, wrong.fields)
    return _form(sitting, {})


@interviewer_pages.route("/{municipality}/interview", methods=["POST"], content_types=FORM)
@pages(lambda: interviewer_pages.current_request)
def interview_done() -> Response:
    """Keep the interview whole, and go to the next respondent; with a gap, back to the form as it was filled in."""
    municipality, page = _staffed()
    fields = form_lists(interviewer_pages.current_request)
    setup = {name: _one(fields, name) for name in _KEPT}
    if setup["mode"] not in INTERVIEWS:
        return _choose(municipality, page, setup, {})
    sitting = _sitting(municipality, page, setup, fields, _one(fields, "request") or secrets.token_hex(12))
    try:
        bootstrap.surveys().record(sitting.interview)
    except AnswersInvalid as wrong:
        return _form(sitting, _messages(sitting, wrong))
    done = str(int(_one(fields, "done")) + 1) if _one(fields, "done").isdecimal() else "1"
    return see_other(page.at("interview", **_given(setup), lang=page.language, done=done))


def _sitting(
    municipality: Municipality,
    page: Page,
    setup: Mapping[str, str],
    fields: Mapping[str, Sequence[str]],
    key: str,
) -> _Sitting:
    """What the form says, as an interview; the page's language switch keeps what was chosen.

    Raises:
        InvalidInput: place or code are none; NotFound: no such questionnaire.
    """
    asked = bootstrap.questionnaires().find(municipality.id, setup["questionnaire"] or municipality.asking.interview)
    if setup["channel"] and setup["channel"] not in set(Channel):
        raise InvalidInput(fields={"channel": "unknown"})
    facts = Facts(**{name: setup[name] or None for name in _FACTS})
    answers: dict[str, Any] = {
        item.id: value
        for item, _ in reachable(asked, facts)
        if (value := value_of(item, fields.get(f"{_PREFIX}{item.id}", ()))) is not None
    }
    mode = Mode(setup["mode"])
    said = _said(municipality, fields)
    interview = Interview(municipality.id, asked.id, asked.version, mode, facts, page.language, answers, key, said)
    page = replace(page, here=page.at("interview", **_given(setup)))
    return _Sitting(page, setup, asked, interview, municipality.consent_texts.get(COMMENT_USE))


def _said(municipality: Municipality, fields: Mapping[str, Sequence[str]]) -> Said | None:
    """What the citizen answered to the question that was read aloud; not asked is neither yes nor no."""
    return said_in(municipality, fields) if _one(fields, "comment_use") in {"yes", "no"} else None


def _form(sitting: _Sitting, errors: Mapping[str, str]) -> Response:
    interview, screening = sitting.interview, sitting.asked.screening
    items = [
        _Asked(
            question=item,
            value=interview.answers.get(item.id),
            error=errors.get(f"{_PREFIX}{item.id}"),
            conditions=_as_data(conditions),
            routed=bool(conditions),
        )
        for item, conditions in reachable(sitting.asked, interview.facts)
    ]
    done = query(interviewer_pages.current_request, "done") or ""
    return html(
        "survey/interview.html",
        replace(sitting.page, errors=errors),
        status=422 if errors else 200,
        items=items,
        comment_use=sitting.comment_use if any(each.question.is_text for each in items) else None,
        said=interview.said,
        asked=sitting.asked,
        setup=sitting.setup,
        screening=json.dumps([screening.question, sorted(screening.continues)]) if screening else "",
        key=interview.key,
        prefix=_PREFIX,
        done=int(done) if done.isdecimal() else 0,
        modes=_MODES,
    )


def _choose(municipality: Municipality, page: Page, setup: Mapping[str, str], wrong: Mapping[str, str]) -> Response:
    known = bootstrap.questionnaires()
    asked = [known.find(municipality.id, name) for name in known.available(municipality.id)]
    errors = {name: gettext(page.language, _SETUP_PROBLEMS[name]) for name in wrong if name in _SETUP_PROBLEMS}
    return html(
        "survey/interview_setup.html",
        replace(page, errors=errors),
        status=422 if errors else 200,
        questionnaires=asked,
        chosen=setup["questionnaire"] or municipality.asking.interview,
        departments=_departments(municipality, page),
        setup=setup,
        modes=_MODES,
        channels=CHANNEL_NAMES,
    )


def _departments(municipality: Municipality, page: Page) -> list[tuple[str, str]]:
    """Each department and sub-department as it is kept, with its name, in the order of the names."""
    units = {reason.department for reason in municipality.reasons} | {
        unit_path(unit, municipality.sub_departments) for unit in municipality.departments
    }

    def name(unit: str) -> str:
        known = municipality.departments.get(unit)
        return page.text(known) if known else unit

    named = [(unit, ": ".join(name(part) for part in unit.split("/"))) for unit in units]
    return sorted(named, key=lambda each: each[1])


def _messages(sitting: _Sitting, wrong: AnswersInvalid) -> dict[str, str]:
    """Per field what is wrong, in the order of the questions and by their names: several gaps read alike."""
    language, given = sitting.page.language, sitting.interview.answers
    return {
        f"{_PREFIX}{item.id}": f"{in_language(item.short, language)}: "
        + problem_text(language, item, wrong.problems[item.id], given.get(item.id))
        for item in sitting.asked.items
        if item.id in wrong.problems
    }


def _as_data(conditions: Sequence[Condition]) -> str:
    """For the script, which shows a question when its turn comes; without one, all are there with a note."""
    return json.dumps([[f"{_PREFIX}{c.about}", sorted(c.among)] for c in conditions]) if conditions else ""


def _staffed() -> tuple[Municipality, Page]:
    request = interviewer_pages.current_request
    municipality_id = parameter(request, "municipality")
    require(request, municipality_id, Role.INTERVIEWER, Role.DESK)
    municipality = bootstrap.municipalities().get(municipality_id)
    return municipality, page_for(request, municipality, staff=True, languages=COMPLETE)


def _given(setup: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in setup.items() if value}


def _one(fields: Mapping[str, Sequence[str]], name: str) -> str:
    return (fields.get(name) or [""])[-1]


_MODES: Final = {Mode.PHONE: "Telefon", Mode.FACE_TO_FACE: "Ansigt til ansigt"}
_SETUP_PROBLEMS: Final = {
    "interviewer": "Skriv en kode af bogstaver, tal og bindestreger, højst 20 tegn. Ikke et navn.",
    "place": "Skriv et kort stednavn, højst 60 tegn og uden lange tal.",
    "channel": "Vælg en kontaktform fra listen.",
    "department": "Vælg et område fra listen.",
}
