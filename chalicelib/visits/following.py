"""Following one's own place in the queue on a phone, behind a link that says nothing about who holds it.

The token is made from the keys whenever it is shown; only its hash is stored, with the check-in. It opens a ticket
number and a place, and only for the day of the visit. Looking changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from chalicelib.shared.clock import local_day_bounds
from chalicelib.shared.errors import LinkExpired, NotFound
from chalicelib.shared.hashing import is_token, link_token, token_hash

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.hashing import Keys
    from chalicelib.visits.model import Visit
    from chalicelib.visits.reception import Place

PURPOSE = "queue"


@dataclass(frozen=True, slots=True)
class FollowLink:
    """What a token opens, and until when."""

    municipality: str
    visit_id: str
    until: datetime


class FollowLinks(Protocol):
    """Where the hashes are kept. They are written with the check-in, by the store of visits."""

    def find(self, hashed: str) -> FollowLink | None:
        """The link with that hash."""
        ...


class Places(Protocol):
    """The part of reception that is needed here."""

    def get(self, municipality: Municipality, visit_id: str) -> Visit:
        """The visit."""
        ...

    def place(self, municipality: Municipality, visit: Visit) -> Place:
        """Where the visit stands in the queue now."""
        ...


class QueueFollowing:
    """The use cases of the link."""

    def __init__(
        self,
        *,
        places: Places,
        links: FollowLinks,
        keys: Callable[[], Keys],
        clock: Callable[[], Clock],
        public_url: str,
    ) -> None:
        self._places = places
        self._links = links
        self._keys = keys
        self._clock = clock
        self._public_url = public_url

    def token(self, municipality: str, ulid: str) -> str:
        """The secret of the link; the same each time. An appointment and its visit share the id.

        After the keys were rotated it is still the one that was stored with the check-in.
        """
        keys = self._keys()
        newest, *older = (queue_token(keys, municipality, ulid, version) for version in keys.link_versions)
        if not older or self._links.find(token_hash(newest)):
            return newest
        return next((token for token in older if self._links.find(token_hash(token))), newest)

    def link(self, visit: Visit) -> str:
        """The address of the page that follows the visit."""
        return f"{self._public_url}/{visit.municipality}/queue/{self.token(visit.municipality, visit.ulid)}"

    def find(self, municipality: Municipality, token: str) -> Place:
        """Where the holder of the token stands now.

        Raises:
            NotFound: no such link in this municipality, or the visit has been erased.
            LinkExpired: the day of the visit is over.
        """
        link = self._links.find(token_hash(token)) if is_token(token) else None
        if link is None or link.municipality != municipality.id:
            raise NotFound
        if link.until <= self._clock().now():
            raise LinkExpired
        return self._places.place(municipality, self._places.get(municipality, link.visit_id))


def queue_token(keys: Keys, municipality: str, ulid: str, version: str | None = None) -> str:
    """The secret of the link that follows a visit, by the key in force or that of a version."""
    return link_token(keys, PURPOSE, f"{municipality}|{ulid}", version=version)


def works_until(visit: Visit) -> datetime:
    """When the link stops working: the midnight that ends the day of the visit."""
    return local_day_bounds(visit.day)[1]
