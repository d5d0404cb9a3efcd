"""What the municipality asks, as its citizens will see it, in every language; looking stores nothing (GL-10, GL-19).

Each question stands as it is drawn on a phone, and under it what a reader of figures must know: its version, which
answers count, when it is asked, who may see it. The route of one channel alone can be looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.dispatch.templates import checked_templates
from chalicelib.entrypoints.auth import Role, require
from chalicelib.entrypoints.http import html, page_for, pages, parameter, query
from chalicelib.entrypoints.surveys.screens import CHANNEL_NAMES, languages_for
from chalicelib.municipalities.model import Channel
from chalicelib.settings import settings
from chalicelib.shared.languages import COMPLETE, as_language, in_language
from chalicelib.surveys.audience import may_reach_employees
from chalicelib.surveys.model import MAX_COMMENT, Fact, Facts
from chalicelib.surveys.routing import reachable
from chalicelib.surveys.trends import wording_changes
from chalicelib.web.pages import gettext
from chalicelib.web.qr import qr_address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalice.app import Response

    from chalicelib.dispatch.templates import Checked
    from chalicelib.municipalities.model import Municipality
    from chalicelib.surveys.model import Condition, Question, Questionnaire
    from chalicelib.surveys.trends import WordingChange
    from chalicelib.web.pages import Page

preview_pages = Blueprint(__name__)

_READERS: Final = (Role.LEADER, Role.ANALYST)


@dataclass(frozen=True, slots=True)
class _Shown:
    """One question of the preview; `change` is how it differs from the wording that it took the place of."""

    question: Question
    conditions: Sequence[str]
    known: bool
    employees: bool
    change: WordingChange | None


@preview_pages.route("/{municipality}/setup/questionnaires", methods=["GET"])
@pages(lambda: preview_pages.current_request)
def questionnaire_list() -> Response:
    """Every questionnaire that the municipality can ask, and where each one is asked."""
    municipality, page = _open()
    known = bootstrap.questionnaires()
    asked = [known.find(municipality.id, name) for name in known.available(municipality.id)]
    uses = {each.id: _uses(municipality, each.id, page.language) for each in asked}
    return html("survey/preview_list.html", page, questionnaires=asked, uses=uses)


@preview_pages.route("/{municipality}/setup/questionnaires/{questionnaire}", methods=["GET"])
@pages(lambda: preview_pages.current_request)
def questionnaire_preview() -> Response:
    """One questionnaire: every question as it is drawn, its route, and the message that leads to it."""
    municipality, page = _open()
    request = preview_pages.current_request
    name = parameter(request, "questionnaire")
    asked = bootstrap.questionnaires().find(municipality.id, name)
    spoken = as_language(query(request, "in"), asked.languages) or as_language(page.language, asked.languages)
    channel = query(request, "channel") or None
    facts = Facts(channel=channel if channel in set(Channel) else None)
    page = replace(page, here=page.at("setup", "questionnaires", name, channel=facts.channel, **{"in": spoken}))
    return html(
        "survey/preview.html",
        page,
        asked=asked,
        shown=_shown(municipality, asked, facts, page.language),
        # The questions as a citizen reads them, on a page in the language of the colleague.
        reader=replace(page, language=str(spoken or COMPLETE[0])),
        languages=asked.languages,
        offered=languages_for(municipality, asked),
        channels=CHANNEL_NAMES,
        channel=facts.channel,
        uses=_uses(municipality, name, page.language),
        messages=_messages(municipality, name),
        addresses=_addresses(municipality, page, name),
        most=MAX_COMMENT,
    )


def _shown(municipality: Municipality, asked: Questionnaire, facts: Facts, language: str) -> list[_Shown]:
    changes = wording_changes(bootstrap.questionnaires().wordings(municipality.id)["questions"])
    return [
        _Shown(
            question=question,
            conditions=[_condition(asked, condition, language) for condition in conditions],
            known=question.known_from is not None,
            employees=may_reach_employees(question),
            change=next((c for c in changes if (c.question, c.after) == (question.id, question.version)), None),
        )
        for question, conditions in reachable(asked, facts)
    ]


def _condition(asked: Questionnaire, condition: Condition, language: str) -> str:
    """`Seneste kontaktform: Telefon`, or for a fact `channel: phone`."""
    if isinstance(condition.about, Fact):
        return f"{condition.about}: {', '.join(sorted(condition.among))}"
    question = asked.find(condition.about)
    if question is None:
        return condition.about
    names = [in_language(c.text, language) for c in question.choices if c.id in condition.among]
    names += sorted(condition.among - {choice.id for choice in question.choices})
    return f"{in_language(question.short, language)}: {' / '.join(names)}"


def _uses(municipality: Municipality, name: str, language: str) -> list[str]:
    """Where a questionnaire is asked, in words."""
    asking = municipality.asking
    uses = [
        (municipality.survey.questionnaire == name, "Bag linket i sms'en"),
        (any(each == name for each in asking.by_channel.values()), "Bag linket efter nogle kontaktformer"),
        (asking.kiosk == name, "Ved standeren efter besøget"),
        (asking.interview == name, "Ved interview"),
        (name in asking.open, "For alle med adressen eller koden ved skranken"),
    ]
    return [gettext(language, text) for holds, text in uses if holds]


def _messages(municipality: Municipality, name: str) -> list[Checked]:
    """The text messages that lead to a questionnaire: to those who visited, and to those who called or wrote."""
    behind = {each: municipality.asking.by_channel.get(each, municipality.survey.questionnaire) for each in Channel}
    kinds = {
        "invitation" if channel is Channel.IN_PERSON else "contact_invitation"
        for channel, asked in behind.items()
        if asked == name
    }
    return [each for each in checked_templates(municipality, settings().public_url) if each.kind in kinds]


def _addresses(municipality: Municipality, page: Page, name: str) -> list[tuple[str, str, str]]:
    """Name, address and QR code of every open way in."""
    if name not in municipality.asking.open:
        return []
    start = f"{settings().public_url}/{municipality.id}/survey/{name}"
    ways = [(gettext(page.language, "På nettet"), start)]
    ways += [(in_language(o.name, page.language), f"{start}?office={o.id}") for o in municipality.offices]
    return [(label, address, qr_address(address)) for label, address in ways]


def _open() -> tuple[Municipality, Page]:
    request = preview_pages.current_request
    municipality_id = parameter(request, "municipality")
    require(request, municipality_id, *_READERS)
    municipality = bootstrap.municipalities().get(municipality_id)
    return municipality, page_for(request, municipality, staff=True)
