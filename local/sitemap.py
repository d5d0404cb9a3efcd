"""Which pages of the product there are, for whom, and where a role starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chalicelib import bootstrap
from chalicelib.entrypoints.auth import Role
from chalicelib.shared.languages import in_language

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chalicelib.municipalities.model import Municipality


@dataclass(frozen=True, slots=True)
class Link:
    """One page."""

    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Site:
    """One municipality's pages, by who uses them."""

    id: str
    name: str
    citizen: Sequence[Link]
    hall: Sequence[Link]
    staff: Sequence[Link]


_CITIZEN: Final = (
    ("Start", ""),
    ("Book a time", "/book"),
    ("Find a booking", "/find"),
    ("Place in the queue", "/queue"),
    ("Quotes", "/quotes"),
    ("Privacy", "/privacy"),
    ("Accessibility", "/accessibility"),
)
_STAFF: Final = (
    (Role.DESK, "Desk", "/desk"),
    (Role.DESK, "Consents", "/desk/consents"),
    (Role.LEADER, "Plan", "/desk/plan"),
    (Role.LEADER, "Set-up", "/setup"),
    (Role.LEADER, "Report", "/reports"),
    (Role.LEADER, "Actions", "/actions"),
    (Role.LEADER, "Expected contacts", "/expectations"),
    (Role.LEADER, "Comments", "/comments"),
    (Role.LEADER, "Wall", "/wall"),
    (Role.DESK, "Praise", "/praise"),
    (Role.LEADER, "Questionnaires", "/setup/questionnaires"),
    (Role.INTERVIEWER, "Interviews", "/interview"),
    (Role.DESK, "Call-backs", "/callbacks"),
)
_HALL: Final = ((Role.KIOSK, "Kiosk", "kiosk"), (Role.DISPLAY, "Display", "display"))


class SiteMap:
    """Asks the application which of the known pages exist."""

    def __init__(self, has_page: Callable[[str], bool]) -> None:
        """`has_page` answers for a path."""
        self._has_page = has_page

    def sites(self) -> list[Site]:
        """Every municipality with its pages; those of staff lead through the local sign-in."""
        entries = bootstrap.municipalities().directory()
        return [self._site(bootstrap.municipalities().get(entry.id)) for entry in entries]

    def home_of(self, role: str, municipality: str) -> str:
        """Where somebody with this role starts working."""
        pages = [f"/{municipality}{path}" for known, _, path in _STAFF if role in {known, Role.ADMIN}]
        offices = bootstrap.municipalities().get(municipality).offices
        pages += [f"/{municipality}/{path}/{offices[0].id}" for known, _, path in _HALL if known == role and offices]
        pages += [f"/{municipality}/reports"] if role == Role.ANALYST else []
        return next((page for page in pages if self._has_page(page)), "/local/")

    def _site(self, municipality: Municipality) -> Site:
        root = f"/{municipality.id}"
        citizen = [Link(title, f"{root}{path}") for title, path in _CITIZEN if self._has_page(f"{root}{path}")]
        hall = [
            Link(f"{title}, {in_language(office.name, 'en')}", _sign_in(role, municipality, page))
            for office in municipality.offices
            for role, title, path in _HALL
            if self._has_page(page := f"{root}/{path}/{office.id}")
        ]
        staff = [
            Link(title, _sign_in(role, municipality, f"{root}{path}"))
            for role, title, path in _STAFF
            if self._has_page(f"{root}{path}")
        ]
        return Site(municipality.id, in_language(municipality.name, "en"), citizen, hall, staff)


def _sign_in(role: Role, municipality: Municipality, page: str) -> str:
    return f"/local/sign-in?role={role}&municipality={municipality.id}&back={page}"
