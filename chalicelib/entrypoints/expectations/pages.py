"""Estimates as pages: the shelf, one estimate with what follows and what came, the form (BF-16 to BF-19)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.auth import Role, may, require
from chalicelib.entrypoints.events.dispatch_metrics import count
from chalicelib.entrypoints.expectations.forms import USUAL, content_from, values_of, whole_of
from chalicelib.entrypoints.expectations.words import Words
from chalicelib.entrypoints.http import form, form_lists, html, page_for, pages, parameter, query, see_other
from chalicelib.expectations.bias import per_hundred_of, settled, weekly_of
from chalicelib.expectations.model import Estimate, Kind
from chalicelib.expectations.rules import LONGEST
from chalicelib.municipalities.model import Channel
from chalicelib.shared.errors import InvalidInput, Outrun, WrongState
from chalicelib.shared.identifiers import new_ulid
from chalicelib.web.charts_names import group_names

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from chalice.app import Request, Response

    from chalicelib.municipalities.model import Municipality
    from chalicelib.web.pages import Page

expectation_pages = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]
_M: Final = "/{municipality}/expectations"
_ONE: Final = f"{_M}/{{expectation}}"
_HERE: Final = "expectations"
_READERS: Final = (Role.LEADER, Role.ANALYST)


class _Desk:
    """One request, and what every page is given."""

    def __init__(self, *roles: Role) -> None:
        self.request: Request = expectation_pages.current_request
        name = parameter(self.request, "municipality")
        require(self.request, name, *(roles or _READERS))
        self.municipality: Municipality = bootstrap.municipalities().get(name)
        self.page: Page = page_for(self.request, self.municipality, staff=True)
        self.words = Words(self.page.language)

    def html(self, template: str, page: Page | None = None, *, status: int = 200, **context: Any) -> Response:
        """A page."""
        names = group_names(self.municipality, self.page.language)
        return html(
            f"expectation/{template}.html",
            page or self.page,
            status=status,
            words=self.words,
            name=names,
            may_write=may(self.request, self.municipality.id, Role.LEADER),
            today=bootstrap.expectations().today(),
            done=query(self.request, "done"),
            **context,
        )

    def one(self) -> Estimate:
        """The estimate of the address."""
        return bootstrap.expectations().one(self.municipality, parameter(self.request, "expectation"))

    def to(self, *parts: str, done: str) -> Response:
        """Look there."""
        return see_other(self.page.at(_HERE, *parts, done=done, lang=self.page.language))


@expectation_pages.route(_M, methods=["GET"])
@pages(lambda: expectation_pages.current_request)
def expectation_list() -> Response:
    """What runs, what comes, what is over; how far off the earlier ones were (BF-18); what has passed its limit."""
    desk = _Desk()
    shelf = bootstrap.expectations().shelf(desk.municipality)
    return desk.html("list", shelf=shelf, kinds=list(Kind), passed=[each for each in shelf.running if each.has_passed])


@expectation_pages.route(f"{_M}/new", methods=["GET"])
@pages(lambda: expectation_pages.current_request)
def new_expectation() -> Response:
    """An empty form for one kind."""
    desk = _Desk(Role.LEADER)
    kind = query(desk.request, "kind")
    values = {**USUAL, "kind": kind if kind in set(Kind) else Kind.LETTERS.value}
    return _form(desk, {**values, "id": new_ulid(bootstrap.clock().now())}, (), status=200)


@expectation_pages.route(_M, methods=["POST"], content_types=_FORM)
@pages(lambda: expectation_pages.current_request)
def create_expectation() -> Response:
    """A new estimate. Sent twice, it is there once."""
    desk = _Desk(Role.LEADER)
    fields, reasons = form(desk.request), form_lists(desk.request).get("reasons", [])
    new = fields.get("id", "")
    if not _is_ulid(new):
        new = new_ulid(bootstrap.clock().now())
    try:
        made = bootstrap.expectations().create(desk.municipality, new, content_from(fields, reasons))
    except InvalidInput as error:
        return _form(desk, fields, reasons, errors=error.fields)
    return desk.to(made.id, done="created")


@expectation_pages.route(_ONE, methods=["GET"])
@pages(lambda: expectation_pages.current_request)
def one_expectation() -> Response:
    """The estimate, corrected; letters by week; a year in a week; what came."""
    desk = _Desk()
    return _show(desk, desk.one())


@expectation_pages.route(_ONE, methods=["POST"], content_types=_FORM)
@pages(lambda: expectation_pages.current_request)
def count_expectation() -> Response:
    """What came in a week; or, before it begins, away with it."""
    desk = _Desk(Role.LEADER)
    estimate, fields = desk.one(), form(desk.request)
    version = whole_of(fields.get("version", ""), "version", {})
    try:
        if fields.get("action") == "withdraw":
            bootstrap.expectations().withdraw(desk.municipality, estimate.id, version)
            return desk.to(done="withdrawn")
        week, contacts = _counted(fields)
        after = bootstrap.expectations().count(desk.municipality, estimate.id, version, week, contacts)
    except InvalidInput as error:
        return _show(desk, estimate, errors=error.fields, written=fields)
    except (Outrun, WrongState):
        return desk.to(estimate.id, done="refused")
    if after.has_passed and not estimate.has_passed:
        count("EstimatePassed")
    return desk.to(estimate.id, done="counted")


@expectation_pages.route(f"{_ONE}/edit", methods=["GET"])
@pages(lambda: expectation_pages.current_request)
def edit_expectation() -> Response:
    """The form of an estimate that has not begun."""
    desk = _Desk(Role.LEADER)
    estimate = desk.one()
    if estimate.has_begun(bootstrap.expectations().today()):
        return desk.to(estimate.id, done="refused")
    content = estimate.content
    return _form(desk, values_of(content, desk.page.language), content.reasons, estimate=estimate, status=200)


@expectation_pages.route(f"{_ONE}/edit", methods=["POST"], content_types=_FORM)
@pages(lambda: expectation_pages.current_request)
def change_expectation() -> Response:
    """Another content, on top of the version that was read."""
    desk = _Desk(Role.LEADER)
    estimate = desk.one()
    fields, reasons = form(desk.request), form_lists(desk.request).get("reasons", [])
    try:
        content = content_from(fields, reasons)
        bootstrap.expectations().change(
            desk.municipality, estimate.id, whole_of(fields.get("version", ""), "version", {}), content
        )
    except InvalidInput as error:
        return _form(desk, fields, reasons, estimate=estimate, errors=error.fields)
    except (Outrun, WrongState):
        return desk.to(estimate.id, done="refused")
    return desk.to(estimate.id, done="saved")


def _show(
    desk: _Desk,
    estimate: Estimate,
    *,
    errors: Mapping[str, str] | None = None,
    written: Mapping[str, str] | None = None,
) -> Response:
    found = bootstrap.expectations().outlook(desk.municipality, estimate.content, estimate.id)
    begun = estimate.weeks_begun(bootstrap.expectations().today())
    uncounted = next((week for week in range(1, begun + 1) if week not in estimate.counts), begun)
    return desk.html(
        "one",
        replace(desk.page, errors=desk.words.problems(errors or {})),
        status=422 if errors else 200,
        estimate=estimate,
        content=estimate.content,
        found=found,
        begun=begun,
        written=written or {"week": str(uncounted)},
    )


def _form(
    desk: _Desk,
    values: Mapping[str, str],
    reasons: Collection[str],
    *,
    estimate: Estimate | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 422,
) -> Response:
    kind = Kind(values["kind"]) if values.get("kind") in set(Kind) else Kind.LETTERS
    shelf = bootstrap.expectations().shelf(desk.municipality)
    earlier = settled(shelf.over, bootstrap.expectations().today())
    return desk.html(
        "form",
        replace(desk.page, errors=desk.words.problems(errors or {})),
        status=status,
        values=values,
        chosen=reasons,
        kind=kind,
        estimate=estimate,
        bias=shelf.bias,
        brought=per_hundred_of(earlier) if kind is Kind.LETTERS else weekly_of(earlier, kind),
        channels=[channel.value for channel in Channel],
        longest=LONGEST,
    )


def _counted(fields: Mapping[str, str]) -> tuple[int, int]:
    errors: dict[str, str] = {}
    week, contacts = (whole_of(fields.get(name, ""), name, errors) for name in ("week", "contacts"))
    if errors:
        raise InvalidInput(fields=errors)
    return week, contacts


def _is_ulid(text: str) -> bool:
    return len(text) == len(new_ulid(bootstrap.clock().now())) and text.isalnum() and text.isascii()
