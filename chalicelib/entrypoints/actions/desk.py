"""Whoever reads or writes the register, and what every page of it is given."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from chalicelib import bootstrap
from chalicelib.actions.model import Author
from chalicelib.entrypoints.actions.words import Words
from chalicelib.entrypoints.auth import Role, require
from chalicelib.entrypoints.http import page_for, parameter, query
from chalicelib.entrypoints.reports.api import READERS
from chalicelib.entrypoints.reports.pages import report_html
from chalicelib.municipalities.model import Channel
from chalicelib.shared.clock import local_date
from chalicelib.web.charts_names import group_names

if TYPE_CHECKING:
    from chalice.app import Request, Response

    from chalicelib.actions.model import Action
    from chalicelib.entrypoints.auth import Staff
    from chalicelib.municipalities.model import Municipality
    from chalicelib.reporting.model import QuestionDefinition
    from chalicelib.web.pages import Page

WRITERS: Final = (Role.LEADER,)


class Desk:
    """One request to the register."""

    def __init__(self, request: Request, *roles: Role) -> None:
        municipality_id = parameter(request, "municipality")
        self.request = request
        self.staff: Staff = require(request, municipality_id, *(roles or READERS))
        self.municipality: Municipality = bootstrap.municipalities().get(municipality_id)
        self.page: Page = page_for(request, self.municipality, staff=True)
        self.name = group_names(self.municipality, self.page.language)
        self.words = Words(self.page.language, self.name)
        self.register = bootstrap.actions()
        self.notes = bootstrap.action_notes()
        self.today = local_date(bootstrap.clock().now())

    @property
    def may_write(self) -> bool:
        """True for who may change an action."""
        return bool(self.staff.roles & {*WRITERS, Role.ADMIN})

    @property
    def author(self) -> Author:
        """Who writes."""
        return author_of(self.staff)

    def html(self, template: str, page: Page | None = None, *, status: int = 200, **context: Any) -> Response:
        """A page of the register."""
        shown = {
            "words": self.words,
            "name": self.name,
            "may_write": self.may_write,
            "done": query(self.request, "done"),
        }
        return report_html(template, page or self.page, status=status, **shown, **context)

    def choices(self) -> dict[str, Any]:
        """What an action may be filed under."""
        departments = self.municipality.departments
        units = self.municipality.sub_departments
        return {
            "channels": [(channel.value, self.name("channel", channel.value)) for channel in Channel],
            "departments": [
                (each, self.name("sub_department" if each in units else "department", each)) for each in departments
            ],
        }

    def department(self, unit: str) -> str:
        """What a department or a part of one is called."""
        return self.name("sub_department" if unit in self.municipality.sub_departments else "department", unit)

    @cached_property
    def questions(self) -> tuple[QuestionDefinition, ...]:
        """What is asked now."""
        return bootstrap.followed_figures().questions(self.municipality)

    def question(self, asked: str) -> str:
        """What a question is called in short."""
        return next((self.page.text(each.short) for each in self.questions if each.id == asked), asked)


def author_of(staff: Staff) -> Author:
    """Who writes, and as what."""
    role = next(role for role in (Role.LEADER, Role.ADMIN, Role.ANALYST) if role in staff.roles)
    return Author(staff.subject, role)


def action_of(desk: Desk) -> Action:
    """The action that the address names.

    Raises:
        NotFound: there is none.
    """
    return desk.register.one(desk.municipality, parameter(desk.request, "action")).action


def address_of(desk: Desk, action: Action, **query_: str) -> str:
    """The page of an action."""
    return desk.page.at("actions", action.id, **query_, lang=desk.page.language)
