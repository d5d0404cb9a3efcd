"""The one exception tree. Entrypoints translate it once, into a status, a stable code and a message (design 4.11).

BorgerpulsError
├── InvalidInput            422 invalid_field      the caller can mend it; `fields` says what and how
│   ├── NotBookable         422 not_bookable       past, closed, outside opening hours or beyond the lead time
│   ├── KeyReused           422 idempotency_key_reused
│   ├── WrongOffice         422 wrong_office       checking in elsewhere than booked
│   └── WrongDay            422 wrong_day          checking in on another day than booked
├── MalformedRequest        400 malformed_request  broken JSON, a missing header
├── NotSignedIn             401 not_signed_in
├── NotAllowed              403 not_allowed
├── ChallengeRequired       403 challenge_required  solve the challenge that the answer holds, and send it again
├── NotFound                404 not_found          also: another municipality's
├── Conflict                409 conflict
│   ├── SlotTaken           409 slot_taken         proven by a read, never guessed
│   ├── Outrun              409 conflict           a store's: what was read has changed, so read and decide anew
│   ├── WrongState          409 wrong_state
│   └── AlreadyAnswered     409 already_answered
├── Gone                    410 gone
│   └── LinkExpired         410 link_expired
├── TooLarge                413 too_large
├── UnsupportedMediaType    415 unsupported_media_type
├── TooManyRequests         429 too_many_requests
└── Busy                    503 busy               contention or a dependency that did not answer; nothing was changed
    └── Ambiguous           503 ambiguous          a write may or may not have happened; repeat with the same key

Messages name things, never people: no phone number, name, code, token or answer ever stands in one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping


class BorgerpulsError(Exception):
    """Every error that the product raises on purpose."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(self, message: str = "", *, fields: Mapping[str, str] | None = None) -> None:
        """`fields` maps a field's name to what is wrong with it."""
        super().__init__(message or type(self).__doc__ or self.code)
        self.fields: dict[str, str] = dict(fields or {})


class InvalidInput(BorgerpulsError):
    """A field is missing or wrong."""

    code = "invalid_field"
    status = 422


class NotBookable(InvalidInput):
    """That time can't be booked."""

    code = "not_bookable"


class KeyReused(InvalidInput):
    """The Idempotency-Key was used for another request."""

    code = "idempotency_key_reused"


class WrongOffice(InvalidInput):
    """The appointment is at another office."""

    code = "wrong_office"


class WrongDay(InvalidInput):
    """The appointment is on another day."""

    code = "wrong_day"


class MalformedRequest(BorgerpulsError):
    """The request could not be read."""

    code = "malformed_request"
    status = 400


class NotSignedIn(BorgerpulsError):
    """Sign in first."""

    code = "not_signed_in"
    status = 401


class NotAllowed(BorgerpulsError):
    """Your role does not allow this."""

    code = "not_allowed"
    status = 403


class ChallengeRequired(BorgerpulsError):
    """Solve the challenge, and send the request again with its solution."""

    code = "challenge_required"
    status = 403

    def __init__(self, challenge: Mapping[str, object]) -> None:
        """`challenge` goes to the caller as it is."""
        super().__init__()
        self.challenge = challenge


class NotFound(BorgerpulsError):
    """There is nothing here."""

    code = "not_found"
    status = 404


class Conflict(BorgerpulsError):
    """Somebody was faster."""

    code = "conflict"
    status = 409


class SlotTaken(Conflict):
    """The time has just been taken."""

    code = "slot_taken"


class Outrun(Conflict):
    """What was read has changed in the meantime; nothing was written."""


class WrongState(Conflict):
    """That can't be done in the present state."""

    code = "wrong_state"


class AlreadyAnswered(Conflict):
    """The questionnaire has been finished."""

    code = "already_answered"


class Gone(BorgerpulsError):
    """It was here, and is no more."""

    code = "gone"
    status = 410


class LinkExpired(Gone):
    """The link has expired."""

    code = "link_expired"


class TooLarge(BorgerpulsError):
    """The request is too large."""

    code = "too_large"
    status = 413


class UnsupportedMediaType(BorgerpulsError):
    """Send JSON."""

    code = "unsupported_media_type"
    status = 415


class TooManyRequests(BorgerpulsError):
    """Too many requests; wait a little."""

    code = "too_many_requests"
    status = 429


class Busy(BorgerpulsError):
    """Many are booking just now; nothing was changed. Try again in a moment."""

    code = "busy"
    status = 503


class Ambiguous(Busy):
    """The answer was lost; repeat the request with the same key."""

    code = "ambiguous"
