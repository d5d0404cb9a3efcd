"""Ways into a questionnaire without a link of one's own: a kiosk, a QR code at the desk, an open address (GE-17).

What would be behind a link is then carried by the respondent's browser, sealed, so that nothing is written before the
first answer. A seal is a keyed hash: it can be read, but not made or changed, and it holds nothing about a person.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from chalicelib.shared.errors import LinkExpired
from chalicelib.shared.identifiers import new_ulid
from chalicelib.surveys.model import Facts, Mode

if TYPE_CHECKING:
    from chalicelib.shared.hashing import Keys

_SEAL_BYTES: Final = 12
_LONGEST: Final = 600


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody who came in: which questionnaire, in which mode, and what is known of the contact it is about.

    `contact_id` is the visit's where one is known, else the response's own; then no contact fact exists (ADR 23).
    """

    municipality: str
    contact_id: str
    contact_ended_at: datetime
    questionnaire: str
    mode: Mode
    entered_at: datetime
    facts: Facts = field(default_factory=Facts)

    @classmethod
    def new(cls, municipality: str, questionnaire: str, mode: Mode, now: datetime, facts: Facts) -> Entry:
        """Somebody whose contact is not known."""
        moment = now.replace(microsecond=0)
        return cls(municipality, new_ulid(now), moment, questionnaire, mode, moment, facts)


def sealed(entry: Entry, keys: Keys) -> str:
    """The entry as text for an address or a cookie."""
    facts = {name: value for name in Facts.__slots__ if (value := getattr(entry.facts, name)) is not None}
    plain: list[Any] = [
        *(entry.municipality, entry.contact_id, int(entry.contact_ended_at.timestamp()), entry.questionnaire),
        *(str(entry.mode), int(entry.entered_at.timestamp()), facts),
    ]
    body = json.dumps(plain, separators=(",", ":"), ensure_ascii=False).encode()
    return f"{keys.link_version}.{_text(body)}.{_text(_seal(keys, keys.link_version, body))}"


def unsealed(text: str, keys: Keys, *, now: datetime, lifetime: timedelta) -> Entry | None:
    """The entry of a text that `sealed` made; None for anything else.

    Raises:
        LinkExpired: it is older than its lifetime.
    """
    version, _, rest = text.partition(".")
    body_text, _, seal_text = rest.partition(".")
    if len(text) > _LONGEST or version not in keys.links:
        return None
    try:
        body, seal = _bytes(body_text), _bytes(seal_text)
    except ValueError:
        return None
    if not hmac.compare_digest(seal, _seal(keys, version, body)):
        return None
    municipality, contact_id, ended, questionnaire, mode, entered, facts = json.loads(body)
    entered_at = datetime.fromtimestamp(entered, UTC)
    if now >= entered_at + lifetime:
        raise LinkExpired
    ended_at = datetime.fromtimestamp(ended, UTC)
    return Entry(municipality, contact_id, ended_at, questionnaire, Mode(mode), entered_at, Facts(**facts))


def _seal(keys: Keys, version: str, body: bytes) -> bytes:
    return hmac.new(keys.links[version], b"entry|" + body, hashlib.sha256).digest()[:_SEAL_BYTES]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
