"""A booking service, its messages and a clock, on fakes: what the tests of messages live in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from chalicelib.booking.model import BookingRequest, ConsentAnswer
from chalicelib.shared.clock import COPENHAGEN
from chalicelib.shared.phone import PhoneNumber
from tests.builders import FixedClock, a_municipality
from tests.fakes.booking import FakeBookings, a_booking_service
from tests.fakes.messages import FakeLetters, FakeTextMessages, the_messages

if TYPE_CHECKING:
    from chalicelib.booking.model import Appointment, Booked
    from chalicelib.municipalities.model import Municipality

M = a_municipality()
BY_MAIL = a_municipality(email_from="tid@fjordby.example")
PHONE = PhoneNumber("+4520123456")
ABROAD = PhoneNumber("+380501234567")
# Thursday 26 November 2026, 9:00 in Copenhagen: three days after MONDAY.
NINE = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
DAY_BEFORE_AT_TEN = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


class World:
    def __init__(self) -> None:
        self.store, self.clock = FakeBookings(), FixedClock()
        self.phones, self.letters = FakeTextMessages(), FakeLetters()
        self.service = a_booking_service(self.store, clock=self.clock)
        self.messages = the_messages(
            self.store, self.service, clock=self.clock, phones=self.phones, letters=self.letters
        )

    def book(self, key: str = "key", municipality: Municipality = M, **changes: Any) -> Booked:
        return self.service.book(municipality, a_wish(**{"phone": PHONE, **changes}), key)

    def found(self, booked: Booked) -> Appointment:
        return self.service.find_by_token(booked.token)

    def sweep(self, municipality: Municipality = M) -> int:
        return self.messages.send_due(municipality, self.clock.now())

    def at(self, moment: datetime) -> None:
        self.clock.advance(seconds=(moment - self.clock.now()).total_seconds())

    @property
    def texts(self) -> list[str]:
        return [text for _, text, _ in self.phones.sent]


def a_wish(**changes: Any) -> BookingRequest:
    consent = ConsentAnswer(granted=True, text_version="2026-1")
    return replace(BookingRequest("raadhuset", ("passport",), NINE, "da", consent), **changes)


def local(year: int, month: int, day: int, hour: int, minute: int = 0, fold: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=COPENHAGEN, fold=fold).astimezone(UTC)
