"""The links that follow a place in the queue, from the visits in memory as the real store writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.shared.hashing import token_hash
from chalicelib.visits.following import FollowLink, queue_token, works_until
from tests.builders import KEYS

if TYPE_CHECKING:
    from tests.fakes.visits import InMemoryVisits


class InMemoryFollowLinks:
    """`FollowLinks`."""

    def __init__(self, visits: InMemoryVisits) -> None:
        self._visits = visits

    def find(self, hashed: str) -> FollowLink | None:
        links = {
            token_hash(queue_token(KEYS, visit.municipality, visit.ulid)): FollowLink(
                visit.municipality, visit.id, works_until(visit)
            )
            for visit in self._visits.visits.values()
        }
        return links.get(hashed)
