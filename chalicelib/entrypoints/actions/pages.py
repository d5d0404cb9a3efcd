"""The register as pages: the list with its filters in the address, one action, and the forms that leaders write in."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from chalice import Blueprint

from chalicelib.actions.model import EVIDENCE, FROM_CITIZENS, OPINIONS, Status
from chalicelib.actions.ports import Overtaken
from chalicelib.actions.rules import LONGEST_PUBLIC, LONGEST_TEXT, TOLD, Due, Problem
from chalicelib.actions.service import Wanted, passes
from chalicelib.entrypoints.actions.desk import WRITERS, Desk, action_of, address_of
from chalicelib.entrypoints.actions.drawing import drawn_result
from chalicelib.entrypoints.actions.forms import (
    day_of,
    whole_of,
)
from chalicelib.entrypoints.actions.history import history_of, limit_name
from chalicelib.entrypoints.actions.reading import Reading, was_heard
from chalicelib.entrypoints.auth import require
from chalicelib.entrypoints.http import form, pages, parameter, query, see_other
from chalicelib.shared.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import Response


action_pages = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]
_M: Final = "/{municipality}/actions"


@action_pages.route(_M, methods=["GET"])
@pages(lambda: action_pages.current_request)
def action_list() -> Response:
    """Every action that passes the filter, what is due first."""
    desk = Desk(action_pages.current_request)
    wanted = Wanted(**{field: query(desk.request, field) or "" for field in ("channel", "department", "status")})
    reading = Reading(desk.municipality)
    everything = desk.register.all(desk.municipality)
    shown = [each for each in everything if passes(each, wanted, desk.municipality)]
    return desk.html(
        "action/list.html",
        wanted=wanted,
        views=[reading.brief(each) for each in shown],
        number=len(everything),
        due=sum(each.is_due for each in everything),
        statuses=[(Due.DUE.value, ""), *((status.value, desk.words.status(status)) for status in Status)],
        department=desk.department,
        **desk.choices(),
    )


@action_pages.route(f"{_M}/{{action}}", methods=["GET"])
@pages(lambda: action_pages.current_request)
def one_action() -> Response:
    """Finding, recommendation, action, owner, follow-up, result with its test; then what people make of it."""
    return show_action(Desk(action_pages.current_request))


@action_pages.route(f"{_M}/{{action}}/notes", methods=["POST"], content_types=_FORM)
@pages(lambda: action_pages.current_request)
def note_action() -> Response:
    """Evidence, an interpretation or a comment, from leaders and analysts (GE-19); leaders may remove one."""
    desk = Desk(action_pages.current_request)
    action, fields = action_of(desk), form(desk.request)
    if "remove" in fields or "forget" in fields:
        require(desk.request, desk.municipality.id, *WRITERS)
        if "forget" in fields:
            desk.notes.forget_history(desk.municipality, action.id)
        else:
            desk.notes.remove(desk.municipality, action.id, fields["remove"])
        return see_other(address_of(desk, action, done="removed"))
    wrong: dict[str, str] = {}
    day = day_of(fields.get("day", ""), "day", wrong)
    people = whole_of(fields.get("people", ""), "people", Problem.PEOPLE, wrong)
    try:
        if wrong:
            raise InvalidInput(fields=wrong)  # noqa: TRY301 - the same answer as for what the register refuses
        desk.notes.add(
            desk.municipality,
            action.id,
            desk.author,
            kind=fields.get("kind", ""),
            text=fields.get("text", ""),
            day=day,
            function=fields.get("function", ""),
            people=people,
            key=fields.get("request") or None,
        )
    except InvalidInput as error:
        return show_action(desk, note=fields, errors=error.fields)
    return see_other(address_of(desk, action, done="noted"))


@action_pages.route(f"{_M}/{{action}}/follow-up", methods=["POST"], content_types=_FORM)
@pages(lambda: action_pages.current_request)
def conclude_action() -> Response:
    """Ends the follow-up that is due."""
    return _written(Desk(action_pages.current_request, *WRITERS), "concluded")


@action_pages.route(f"{_M}/{{action}}/public", methods=["POST"], content_types=_FORM)
@pages(lambda: action_pages.current_request)
def publish_action() -> Response:
    """Tells citizens “you said, we did”, or no longer."""
    return _written(Desk(action_pages.current_request, *WRITERS), "public")


def _written(desk: Desk, what: str) -> Response:
    action, fields = action_of(desk), form(desk.request)
    version = whole_of(fields.get("version", ""), "version", Problem.UNKNOWN, {}) or 0
    who = desk.municipality, action.id, version
    try:
        if "take_back" in fields:
            number = whole_of(fields["take_back"], "take_back", Problem.UNKNOWN, {})
            desk.register.take_back(*who, -1 if number is None else number, desk.author)
        elif what == "concluded":
            desk.register.conclude(*who, fields.get("conclusion", ""), desk.author)
        else:
            texts = None if fields.get("withdraw") == "yes" else fields
            desk.register.publish(*who, texts, desk.author)
    except InvalidInput as error:
        return show_action(desk, typed=fields, errors=error.fields)
    except Overtaken:
        return show_action(desk, typed=fields, overtaken=True)
    return see_other(address_of(desk, action, done="removed" if "take_back" in fields else what))


def show_action(
    desk: Desk,
    *,
    note: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    overtaken: bool = False,
) -> Response:
    """One action's page; after a form that was refused, with what was typed."""
    standing = desk.register.one(desk.municipality, parameter(desk.request, "action"))
    view = Reading(desk.municipality).whole(standing)
    file = desk.notes.file(desk.municipality, view.action.id)
    page = replace(desk.page, errors=desk.words.problems(errors or {}))
    notes = [each for each in file.notes if not each.removed]
    heard = [each.day for each in notes if each.kind in FROM_CITIZENS]
    return desk.html(
        "action/one.html",
        page,
        status=409 if overtaken else 422 if errors else 200,
        view=view,
        action=view.action,
        content=view.content,
        evidence=[each for each in notes if each.kind in EVIDENCE],
        opinions=[each for each in notes if each.kind in OPINIONS],
        heard=was_heard(view.action, heard),
        history=history_of(desk, file),
        figure=drawn_result(desk.words, view),
        kinds=[(each.value, desk.words.kind(each)) for each in (*OPINIONS, *EVIDENCE)],
        note=note or {"request": secrets.token_hex(16)},
        typed=typed or {},
        overtaken=overtaken,
        may_tell=view.content.status in TOLD,
        department=desk.department,
        limit=limit_name(desk, view.content.guard) if view.content.guard else "",
        today=desk.today,
        longest=LONGEST_TEXT,
        longest_public=LONGEST_PUBLIC,
    )
