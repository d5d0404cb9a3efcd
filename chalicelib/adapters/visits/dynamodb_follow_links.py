"""Links that follow a place in the queue: rows of the links table, which know the token only by its hash."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from pynamodb.exceptions import DoesNotExist

from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import LinkItem, bound
from chalicelib.shared.hashing import token_hash
from chalicelib.visits.following import PURPOSE, FollowLink, queue_token, works_until

if TYPE_CHECKING:
    from chalicelib.shared.hashing import Keys
    from chalicelib.visits.model import Visit

_LINK: Final = "link"
_STAYS: Final = timedelta(days=1)
"""So long after its day a link can still say that it has expired."""


class DynamoDbFollowLinks:
    """`FollowLinks` on the links table."""

    @busy_if_unread
    def find(self, hashed: str) -> FollowLink | None:
        """The link with that hash; None for links of other purposes."""
        try:
            row = bound(LinkItem).get(hashed, _LINK, consistent_read=True)
        except DoesNotExist:
            return None
        if row.purpose != PURPOSE:
            return None
        return FollowLink(row.municipality, row.subject, datetime.fromtimestamp(row.until or 0, UTC))


def follow_link_row(keys: Keys, visit: Visit) -> LinkItem:
    """The link of a visit, as stored with its check-in."""
    until = works_until(visit)
    return bound(LinkItem)(
        token_hash(queue_token(keys, visit.municipality, visit.ulid)),
        _LINK,
        municipality=visit.municipality,
        purpose=PURPOSE,
        subject=visit.id,
        until=int(until.timestamp()),
        expires_at=int((until + _STAYS).timestamp()),
    )
