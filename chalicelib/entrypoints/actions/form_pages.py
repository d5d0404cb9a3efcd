"""The forms in which leaders write an action: new, from a finding, or changed on top of what was read."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.actions.model import Status
from chalicelib.actions.ports import Overtaken
from chalicelib.actions.rules import LONGEST, Problem, has_begun
from chalicelib.entrypoints.actions.desk import WRITERS, Desk, action_of, address_of
from chalicelib.entrypoints.actions.forms import (
    baseline_at,
    baseline_of,
    content_from,
    filed_under,
    guarded_groups,
    key_of,
    values_of,
    whole_of,
)
from chalicelib.entrypoints.actions.history import finding_name, history_of
from chalicelib.entrypoints.http import form, pages, query, see_other
from chalicelib.shared.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import Response

    from chalicelib.actions.model import Action, Content

action_form_pages = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]
_M: Final = "/{municipality}/actions"


@action_form_pages.route(f"{_M}/new", methods=["GET"])
@pages(lambda: action_form_pages.current_request)
def new_action() -> Response:
    """An empty form; with the address of a figure it carries that finding over (GL-75)."""
    desk = Desk(action_form_pages.current_request, *WRITERS)
    values, errors = {"status": str(Status.PROPOSED), "request": secrets.token_hex(16)}, {}
    if address := query(desk.request, "finding"):
        try:
            baseline = baseline_at(address)
            values |= {"kept": key_of(baseline), **filed_under(baseline, desk.municipality)}
        except InvalidInput as error:
            values["finding"], errors = address, error.fields
    return _form(desk, values, errors=errors, status=200)


@action_form_pages.route(_M, methods=["POST"], content_types=_FORM)
@pages(lambda: action_form_pages.current_request)
def create_action() -> Response:
    """A new action. Sent twice, it is there once."""
    desk = Desk(action_form_pages.current_request, *WRITERS)
    fields = form(desk.request)
    try:
        content = _content(desk, fields)
        action = desk.register.create(desk.municipality, content, desk.author, key=fields.get("request") or None)
    except InvalidInput as error:
        return _form(desk, fields, errors=error.fields)
    return see_other(desk.page.at("actions", action.id, done="created", lang=desk.page.language))


@action_form_pages.route(f"{_M}/{{action}}/edit", methods=["GET"])
@pages(lambda: action_form_pages.current_request)
def edit_action() -> Response:
    """The form of an action."""
    desk = Desk(action_form_pages.current_request, *WRITERS)
    action = action_of(desk)
    return _form(desk, values_of(action.content), action=action, status=200)


@action_form_pages.route(f"{_M}/{{action}}/edit", methods=["POST"], content_types=_FORM)
@pages(lambda: action_form_pages.current_request)
def change_action() -> Response:
    """Saves on top of the version that was read; of two who write at once, nobody's words are lost."""
    desk = Desk(action_form_pages.current_request, *WRITERS)
    action, fields = action_of(desk), form(desk.request)
    version = whole_of(fields.get("version", ""), "version", Problem.UNKNOWN, {}) or 0
    try:
        content = _content(desk, fields, action.content)
        desk.register.change(desk.municipality, action.id, version, content, desk.author)
    except InvalidInput as error:
        return _form(desk, fields, action=replace(action, version=version), errors=error.fields)
    except Overtaken as overtaken:
        return _form(desk, values_of(overtaken.merged.content), action=overtaken.now, overtaken=overtaken, status=409)
    return see_other(address_of(desk, action, done="saved"))


def _form(
    desk: Desk,
    values: Mapping[str, str],
    *,
    action: Action | None = None,
    errors: Mapping[str, str] | None = None,
    overtaken: Overtaken | None = None,
    status: int = 422,
) -> Response:
    said = desk.words.problems(errors or {})
    register = desk.register
    if overtaken:
        theirs = history_of(desk, desk.notes.file(desk.municipality, overtaken.now.id))
        named = {desk.words.field(field) for field in overtaken.merged.theirs}
        theirs_now = values_of(overtaken.now.content)
        said |= {
            _INPUTS.get(field, field): desk.words.clash(_shown(desk, field, theirs_now))
            for field in overtaken.merged.clashes
        }
    else:
        theirs, named = [], set()
    groups = guarded_groups(desk.municipality)
    questions = bootstrap.followed_figures().questions(desk.municipality)
    kept = _kept(values.get("kept", ""))
    return desk.html(
        "action/form.html",
        replace(desk.page, errors=said),
        status=status,
        action=action,
        values=values,
        begun=bool(action and has_begun(action.content, desk.today)),
        statuses=[
            (each.value, desk.words.status(each)) for each in (register.next_statuses(action) if action else Status)
        ],
        overtaken=bool(overtaken),
        theirs=sorted(named),
        latest=theirs[0] if theirs else None,
        finding_name=finding_name(desk, kept) if kept else "",
        questions=[(each.id, desk.page.text(each.short)) for each in questions],
        groups=[(each, desk.name(*each.split(":", 1))) for each in groups],
        longest=LONGEST,
        **desk.choices(),
    )


_INPUTS: Final = {"baseline": "finding", "guard": "guard_limit"}


def _shown(desk: Desk, field: str, values: Mapping[str, str]) -> str:
    """What stands in a field, for somebody who has written something else in it."""
    value = values.get(field, "")
    return desk.words.status(value) if field == "status" else value


def _kept(key: str) -> Any:
    try:
        return baseline_of(key) if key else None
    except InvalidInput:
        return None


def _content(desk: Desk, fields: Mapping[str, str], old: Content | None = None) -> Content:
    questions = bootstrap.followed_figures().questions(desk.municipality)
    return content_from(fields, questions, desk.municipality, old)
