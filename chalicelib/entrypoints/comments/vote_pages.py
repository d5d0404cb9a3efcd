"""The best word of a month: picked by a leader, voted on by the team, printed as a diploma (BF-11, BF-12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.comments.voting import FEWEST, MOST, team_of
from chalicelib.entrypoints.auth import Role, Staff, require
from chalicelib.entrypoints.http import form, html, page_for, pages, parameter, see_other
from chalicelib.shared.errors import InvalidInput, NotFound, WrongState
from chalicelib.surveys.nominations import nominee_key
from chalicelib.web.charts_names import group_names
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalice.app import Response

    from chalicelib.comments.model import Comment
    from chalicelib.municipalities.model import Municipality
    from chalicelib.web.pages import Page

vote_pages = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]
_LEADS: Final = frozenset({Role.LEADER, Role.ADMIN})


@vote_pages.route("/{municipality}/vote", methods=["GET"])
@pages(lambda: vote_pages.current_request)
def vote_page() -> Response:
    """The votes of the last months; for a leader also what can be picked."""
    municipality, staff = _opened()
    return _page(municipality, staff)


@vote_pages.route("/{municipality}/vote", methods=["POST"], content_types=_FORM)
@pages(lambda: vote_pages.current_request)
def vote_press() -> Response:
    """A vote of one's own; or, by a leader, a candidate more or less, the beginning, the end."""
    municipality, staff = _opened()
    fields = form(vote_pages.current_request)
    press = fields.get("press", "")
    if press != "vote":
        require(vote_pages.current_request, municipality.id, Role.LEADER)
    try:
        _do(municipality, staff, press, fields)
    except (InvalidInput, WrongState) as error:
        return _page(municipality, staff, problem=_why(error, press), status=error.status)
    return see_other(page_for(vote_pages.current_request, municipality).at("vote"))


@vote_pages.route("/{municipality}/vote/{month}/{team}/diploma", methods=["GET"])
@pages(lambda: vote_pages.current_request)
def diploma_page() -> Response:
    """A sheet to print: what was said, and to whom it goes: the colleague named, who has said yes, else the team."""
    municipality, staff = _opened()
    request = vote_pages.current_request
    page, wanted = (
        page_for(request, municipality, staff=True),
        (parameter(request, "month"), parameter(request, "team")),
    )
    for vote in bootstrap.voting().votes(municipality, staff.subject):
        if (vote.ballot.month, vote.ballot.team) == wanted and vote.won:
            return html("comments/diploma.html", page, vote=vote, **_words(municipality, page))
    raise NotFound


def _opened() -> tuple[Municipality, Staff]:
    request = vote_pages.current_request
    municipality_id = parameter(request, "municipality")
    staff = require(request, municipality_id, Role.DESK, Role.LEADER)
    return bootstrap.municipalities().get(municipality_id), staff


def _do(municipality: Municipality, staff: Staff, press: str, fields: Mapping[str, str]) -> None:
    voting = bootstrap.voting()
    month, team, comment = (fields.get(name, "") for name in ("month", "team", "comment"))
    if press == "vote":
        voting.vote(municipality, month, team, comment, staff.subject)
    elif press == "pick":
        voting.pick(municipality, comment)
    elif press == "drop":
        voting.drop(municipality, month, team, comment)
    elif press == "open":
        voting.open(municipality, month, team)
    elif press == "close":
        voting.close(municipality, month, team)
    else:
        raise InvalidInput(fields={"press": "unknown"})


def _page(municipality: Municipality, staff: Staff, *, problem: str = "", status: int = 200) -> Response:
    page = page_for(vote_pages.current_request, municipality, staff=True)
    leads, votes = bool(staff.roles & _LEADS), bootstrap.voting().votes(municipality, staff.subject)
    taken = {name for vote in votes for name in vote.ballot.candidates}
    begun = {(vote.ballot.month, vote.ballot.team) for vote in votes if vote.ballot.stage != "picking"}
    choosable = [
        each
        for each in (bootstrap.voting().choosable(municipality) if leads else ())
        if each.comment.id not in taken and (each.comment.id[:7], team_of(each.comment)) not in begun
    ]
    return html(
        "comments/vote.html",
        page,
        status=status,
        votes=votes,
        choosable=choosable,
        leads=leads,
        problem=problem,
        most=MOST,
        fewest=FEWEST,
        **_words(municipality, page),
    )


def _words(municipality: Municipality, page: Page) -> dict[str, Any]:
    name = group_names(municipality, page.language)
    offices = {office.id for office in municipality.offices}
    return {
        "name": name,
        "team_name": lambda team: name("office" if team in offices else "channel", team),
        "named": _named(municipality),
    }


def _named(municipality: Municipality) -> Callable[[Comment], list[str]]:
    """Gives the colleagues whom a comment names, of those who have said yes and still do (BF-13)."""
    keys = bootstrap.keys()
    known = {nominee_key(keys, municipality.id, name): name for name in municipality.asking.nominees}
    return lambda comment: [known[key] for key in comment.nominees if key in known]


def _why(error: InvalidInput | WrongState, press: str) -> str:
    language = page_for(vote_pages.current_request).language
    if isinstance(error, WrongState):
        return gettext(language, "Afstemningen er kommet videre imens. Se, hvordan den står nu.")
    if press == "pick":
        return gettext(language, "Der er allerede valgt tre.")
    if press == "open":
        return gettext(language, "Vælg mindst to, før der stemmes.")
    if press == "close":
        return gettext(language, "Ingen har stemt endnu.")
    return gettext(language, "Vælg en af kommentarerne.")
