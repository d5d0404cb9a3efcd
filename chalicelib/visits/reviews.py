"""Can a stranger see where to check in? Each check-in point is looked at once a year, and the result kept (GL-63)."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import InvalidInput, NotFound
from chalicelib.shared.personal import plain_note

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from chalicelib.municipalities.model import CheckInPoint, Municipality
    from chalicelib.shared.clock import Clock

LONGEST_NOTE: Final = 300
_A_YEAR: Final = timedelta(days=365)


class Visibility(StrEnum):
    """What was found."""

    VISIBLE = "visible"
    HARD_TO_SEE = "hard_to_see"
    NOT_VISIBLE = "not_visible"


@dataclass(frozen=True, slots=True)
class Review:
    """One look at one check-in point."""

    id: str
    office: str
    point: str
    day: date
    result: Visibility
    note: str | None = None


@dataclass(frozen=True, slots=True)
class PointReviews:
    """A check-in point with its reviews, the newest first. `is_overdue`: never looked at, or more than a year ago."""

    point: CheckInPoint
    reviews: tuple[Review, ...]
    is_overdue: bool

    @property
    def latest(self) -> Review | None:
        """The newest."""
        return self.reviews[0] if self.reviews else None


class ReviewStore(Protocol):
    """Where reviews are kept."""

    def of_office(self, municipality: str, office: str) -> Sequence[Review]:
        """Every review of an office."""
        ...

    def add(self, municipality: str, review: Review) -> None:
        """Keep it; the same one again changes nothing."""
        ...


class Reviews:
    """The use cases of looking after check-in points."""

    def __init__(self, *, store: ReviewStore, clock: Callable[[], Clock]) -> None:
        self._store = store
        self._clock = clock

    def of_office(self, municipality: Municipality, office: str) -> tuple[PointReviews, ...]:
        """Every check-in point of the office, as the file names them, with its reviews.

        Raises:
            NotFound: no such office.
        """
        place = municipality.office(office)
        known = sorted(self._store.of_office(municipality.id, place.id), key=lambda r: (r.day, r.id), reverse=True)
        due = local_date(self._clock().now()) - _A_YEAR
        found = []
        for point in place.check_in_points:
            mine = tuple(review for review in known if review.point == point.id)
            found.append(PointReviews(point, mine, is_overdue=not mine or mine[0].day < due))
        return tuple(found)

    def add(
        self,
        municipality: Municipality,
        office: str,
        point: str,
        *,
        day: date,
        result: str,
        note: str | None = None,
        idempotency_key: str | None = None,
    ) -> Review:
        """The review, kept; the same key keeps it once.

        Raises:
            NotFound: no such office or check-in point.
            InvalidInput: a day to come, no known result, a note that names somebody.
        """
        if all(point != known.id for known in municipality.office(office).check_in_points):
            raise NotFound(fields={"point": "this office has no such check-in point"})
        if day > local_date(self._clock().now()):
            raise InvalidInput(fields={"date": "not in the future"})
        if result not in set(Visibility):
            raise InvalidInput(fields={"result": f"one of {', '.join(Visibility)}"})
        text = plain_note(note, field="note", longest=LONGEST_NOTE) if note and note.strip() else None
        said = f"{municipality.id}|review|{office}|{point}|{idempotency_key or secrets.token_hex(16)}"
        review_id = hashlib.sha256(said.encode()).hexdigest()[:16]
        review = Review(review_id, office, point, day, Visibility(result), text)
        self._store.add(municipality.id, review)
        return review
