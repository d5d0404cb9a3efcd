"""A text message when it is nearly one's turn, for those who ask for it: one per visit, and the number for that alone.

The number is kept apart from the visit and from the survey. It is gone when the message is claimed for sending, when
the visit is at a desk or over, or when the day is; whichever comes first. Whoever claims sends, once: a crash between
the two costs the message, which the screen in the waiting room says anyway, and never sends it twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import InvalidInput, WrongState
from chalicelib.shared.languages import in_language
from chalicelib.visits.model import WAITING_STATES, State, Visit
from chalicelib.visits.queue import people_ahead

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.phone import PhoneNumber

TEMPLATE: Final = "nearly_your_turn"
"""Without a template of that kind, a municipality does not offer the message."""

# Who was put aside, or called in error, waits on; who sits at a desk or is done does not.
_MAY_STILL_WAIT: Final = WAITING_STATES | {State.CALLED, State.PARKED}


class Standing(StrEnum):
    """What has become of a citizen's wish."""

    NONE = "none"
    ASKED = "asked"
    TOLD = "told"


@dataclass(frozen=True, slots=True)
class Asked:
    """One citizen's wish."""

    municipality: str
    office: str
    day: date
    ulid: str
    phone: PhoneNumber = field(repr=False)
    language: str = "da"


@dataclass(frozen=True, slots=True)
class News:
    """Whom to tell now, and whose wish has come to its end untold."""

    tell: tuple[Asked, ...]
    forget: tuple[Asked, ...]


class Wishes(Protocol):
    """Where the wishes are kept. Writes raise `Busy` when nothing was changed or the answer was lost."""

    def standing(self, visit: Visit) -> Standing:
        """What has become of the visit's wish."""
        ...

    def ask(self, asked: Asked) -> bool:
        """Keeps the wish, in place of an earlier one; False if the citizen has been told already."""
        ...

    def open(self, municipality: str, office: str, day: date) -> Sequence[Asked]:
        """Every wish of an office and day that nobody has claimed."""
        ...

    def claim(self, asked: Asked) -> bool:
        """True for exactly one of all who claim; the number is gone from the store with it."""
        ...

    def restore(self, asked: Asked) -> None:
        """What was claimed has certainly not been sent: it can be claimed again."""
        ...

    def forget(self, municipality: str, office: str, day: date, ulid: str) -> None:
        """An open wish is gone, with its number; one that was told stays told."""
        ...


class DayOfVisits(Protocol):
    """The part of the store of visits that is needed here."""

    def of_day(self, municipality: str, office: str, day: date) -> Sequence[Visit]:
        """Every visit of an office on a day."""
        ...


class MessageTexts(Protocol):
    """Fitting a message into one segment."""

    def fit(self, template: str, values: Mapping[str, str | None]) -> str:
        """The template filled, in one segment whenever that can be had."""
        ...


class TextSender(Protocol):
    """Sending a text message."""

    def send(self, *, phone: PhoneNumber, text: str, sender: str) -> bool:
        """False only if the message has certainly not left and may be tried again."""
        ...


class NearlyYourTurn:
    """The use cases of the wish."""

    def __init__(
        self,
        *,
        wishes: Wishes,
        visits: DayOfVisits,
        sender: Callable[[], TextSender],
        texts: MessageTexts,
        link: Callable[[Visit], str],
        clock: Callable[[], Clock],
    ) -> None:
        self._wishes = wishes
        self._visits = visits
        self._sender = sender
        self._texts = texts
        self._link = link
        self._clock = clock

    def standing(self, municipality: Municipality, visit: Visit, people_ahead: int) -> Standing | None:
        """What has become of the visit's wish; None where the message is not offered, or the turn is near already."""
        if TEMPLATE not in municipality.sms_templates or visit.state not in _MAY_STILL_WAIT:
            return None
        standing = self._wishes.standing(visit)
        is_near = people_ahead <= municipality.waiting.nearly_ahead
        return None if standing is Standing.NONE and is_near else standing

    def ask(self, municipality: Municipality, visit: Visit, phone: PhoneNumber | None) -> None:
        """Keep the wish. Without a number, the one that the citizen gave for this visit is used.

        Raises:
            WrongState: not offered, not waiting any more, or told already.
            InvalidInput: no number, or one of a country to which the municipality sends nothing.
        """
        number = phone or visit.phone
        if TEMPLATE not in municipality.sms_templates or visit.state not in _MAY_STILL_WAIT:
            raise WrongState("the message is not offered")
        if number is None or not _is_allowed(municipality, number):
            raise InvalidInput(fields={"phone": "a number that text messages can be sent to"})
        asked = Asked(municipality.id, visit.office, visit.day, visit.ulid, number, visit.language)
        if not self._wishes.ask(asked):
            raise WrongState("the message has been sent")

    def take_back(self, visit: Visit) -> None:
        """The citizen has changed their mind; twice is once."""
        self._wishes.forget(visit.municipality, visit.office, visit.day, visit.ulid)

    def tell(self, municipality: Municipality, office: str) -> int:
        """Send what is due at an office now, and forget the numbers that serve nothing any more. How many were told.

        Yesterday's wishes are looked at too, so that a number never outlives its day by more than a sweep.
        """
        now = self._clock().now()
        today = local_date(now)
        return sum(self._tell(municipality, office, day, now) for day in (today - timedelta(days=1), today))

    def _tell(self, municipality: Municipality, office: str, day: date, now: datetime) -> int:
        wishes = self._wishes.open(municipality.id, office, day)
        if not wishes:
            return 0
        visits = self._visits.of_day(municipality.id, office, day) if day == local_date(now) else ()
        news = news_of(wishes, visits, now, nearly_ahead=municipality.waiting.nearly_ahead)
        for asked in news.forget:
            self._wishes.forget(municipality.id, office, day, asked.ulid)
        by_ulid = {visit.ulid: visit for visit in visits}
        return sum(self._send(municipality, asked, by_ulid[asked.ulid]) for asked in news.tell)

    def _send(self, municipality: Municipality, asked: Asked, visit: Visit) -> bool:
        text = self._text(municipality, asked, visit)
        if not self._wishes.claim(asked):
            return False
        if self._sender().send(phone=asked.phone, text=text, sender=municipality.survey.sender):
            return True
        self._wishes.restore(asked)
        return False

    def _text(self, municipality: Municipality, asked: Asked, visit: Visit) -> str:
        """Names no errand: a ticket number and a link are all that a phone on a table may show."""
        values = {
            "municipality": in_language(municipality.name, asked.language),
            "ticket": visit.ticket,
            "link": self._link(visit),
        }
        return self._texts.fit(in_language(municipality.sms_templates[TEMPLATE], asked.language), values)


def news_of(wishes: Iterable[Asked], visits: Sequence[Visit], now: datetime, *, nearly_ahead: int) -> News:
    """What these visits mean for these wishes. A visit that is not there any more was erased, or is yesterday's."""
    known = {visit.ulid: visit for visit in visits}
    tell, forget = [], []
    for asked in wishes:
        visit = known.get(asked.ulid)
        if visit is None or visit.state not in _MAY_STILL_WAIT:
            forget.append(asked)
        elif visit.state in WAITING_STATES and people_ahead(visit, visits, now) <= nearly_ahead:
            tell.append(asked)
    return News(tuple(tell), tuple(forget))


def _is_allowed(municipality: Municipality, phone: PhoneNumber) -> bool:
    return phone.reveal().startswith(tuple(f"+{code}" for code in municipality.survey.allowed_country_codes))
