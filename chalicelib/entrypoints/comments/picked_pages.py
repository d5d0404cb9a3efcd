"""What was picked: praise and shared solutions for every team, quotes for everybody (SK-19, SK-26, BF-27)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.comments.model import Use
from chalicelib.entrypoints.auth import Role, require
from chalicelib.entrypoints.http import html, page_for, pages, parameter
from chalicelib.surveys.audience import employee_items
from chalicelib.web.charts_names import group_names

if TYPE_CHECKING:
    from chalice.app import Response

    from chalicelib.municipalities.model import Municipality
    from chalicelib.reporting.cell import Cell
    from chalicelib.reporting.model import QuestionDefinition
    from chalicelib.reporting.service import Overview

picked_pages = Blueprint(__name__)

MOST: Final = 24


@picked_pages.route("/{municipality}/praise", methods=["GET"])
@pages(lambda: picked_pages.current_request)
def praise_page() -> Response:
    """For every team: what citizens praised, how they were met in figures, and what other teams have shared.

    No score stands beside a comment: it is about the whole visit, of which a team decides a part (BF-24).
    """
    request = picked_pages.current_request
    municipality_id = parameter(request, "municipality")
    staff = require(request, municipality_id, Role.DESK, Role.LEADER, Role.ANALYST)
    municipality = bootstrap.municipalities().get(municipality_id)
    page, picked = page_for(request, municipality, staff=True), bootstrap.picked_comments()
    overview = bootstrap.reports().overview(municipality, None, "none")
    return html(
        "comments/praise.html",
        page,
        praise=picked.of(municipality, Use.PRAISE)[:MOST],
        shared=picked.of(municipality, Use.SHARED)[:MOST],
        meetings=_meetings(municipality, overview) if overview else [],
        overview=overview,
        votes=bool(staff.roles & {Role.DESK, Role.LEADER, Role.ADMIN}),
        is_desk=bool(staff.roles & {Role.DESK, Role.ADMIN}),
        is_leader=bool(staff.roles & {Role.LEADER, Role.ANALYST, Role.ADMIN}),
        name=group_names(municipality, page.language),
    )


def _meetings(municipality: Municipality, overview: Overview) -> list[tuple[QuestionDefinition, list[Cell]]]:
    """The items about the meeting with the employee and no others (BF-24): of everyone, and by office (never fewer)."""
    asked = bootstrap.questionnaires().find(municipality.id, municipality.survey.questionnaire)
    allowed = {str(item.id) for item in employee_items(asked.items)}
    return [
        (question, [*overview.of("all", question), *overview.of("office", question)])
        for question in overview.questions
        if question.id in allowed
    ]


@picked_pages.route("/{municipality}/quotes", methods=["GET"])
@pages(lambda: picked_pages.current_request)
def quotes_page() -> Response:
    """For everybody: what citizens said who let themselves be quoted. No score, no reason, no week."""
    request = picked_pages.current_request
    municipality = bootstrap.municipalities().get(parameter(request, "municipality"))
    page = page_for(request, municipality)
    return html(
        "comments/quotes.html",
        page,
        quotes=bootstrap.picked_comments().of(municipality, Use.QUOTE)[:MOST],
        name=group_names(municipality, page.language),
    )
