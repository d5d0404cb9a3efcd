"""One-time codes in the operations table: challenges for minutes, counters for hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pynamodb.exceptions import PutError, UpdateError

from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import OperationItem, bound
from chalicelib.adapters.transactions import response_code
from chalicelib.contacts.codes import Challenge, Step
from chalicelib.shared.clock import utc_text
from chalicelib.shared.errors import Busy
from chalicelib.shared.phone import PhoneNumber

_CHALLENGE: Final = "challenge"
_ATTEMPTS: Final = "attempts"


class DynamoDbChallenges:
    """`ChallengeStore`. Readers compare the end with the clock, so nothing depends on TTL being on time."""

    def count(self, municipality: str, what: str, hour: datetime) -> int:
        """Counts one, atomically.

        Raises:
            Busy: not counted; who can't be counted is not served either.
        """
        return _count(f"{municipality}#codes#{what}", utc_text(hour), hour + timedelta(hours=1))

    def add(self, challenge: Challenge) -> None:
        """Store it."""
        try:
            _row(challenge).save()
        except PutError as exc:
            raise Busy from exc

    @busy_if_unread
    def find(self, municipality: str, challenge_id: str) -> Challenge | None:
        """It, read consistently; also when it has ended."""
        model = bound(OperationItem)
        try:
            row = model.get(_pk(municipality, challenge_id), _CHALLENGE, consistent_read=True)
        except model.DoesNotExist:
            return None
        document: dict[str, Any] = row.document or {}
        return Challenge(
            id=challenge_id,
            municipality=municipality,
            phone=PhoneNumber(str(row.phone)),
            language=document["language"],
            step=Step(str(row.state)),
            until=datetime.fromtimestamp(int(row.expires_at or 0), UTC),
            session=document.get("session"),
        )

    def advance(self, before: Challenge, after: Challenge) -> bool:
        """Store `after` if it still stands where `before` stood."""
        try:
            _row(after).save(condition=bound(OperationItem).state == str(before.step))
        except PutError as exc:
            if response_code(exc) != "ConditionalCheckFailedException":
                raise Busy from exc
            return False
        return True

    def attempt(self, challenge: Challenge) -> int:
        """Counts one attempt, atomically."""
        return _count(_pk(challenge.municipality, challenge.id), _ATTEMPTS, challenge.until)

    def remove(self, challenge: Challenge) -> None:
        """It is gone, with its number."""
        bound(OperationItem)(_pk(challenge.municipality, challenge.id), _CHALLENGE).delete()


def _pk(municipality: str, challenge_id: str) -> str:
    return f"{municipality}#code#{challenge_id}"


def _row(challenge: Challenge) -> OperationItem:
    return bound(OperationItem)(
        _pk(challenge.municipality, challenge.id),
        _CHALLENGE,
        state=str(challenge.step),
        phone=challenge.phone.reveal(),
        document={"language": challenge.language, "session": challenge.session},
        expires_at=int(challenge.until.timestamp()),
    )


def _count(pk: str, sk: str, until: datetime) -> int:
    model = bound(OperationItem)
    counter = model(pk, sk)
    try:
        counter.update(actions=[model.number.add(1), model.expires_at.set(int(until.timestamp()))])
    except UpdateError as exc:
        raise Busy from exc
    return int(counter.number)
