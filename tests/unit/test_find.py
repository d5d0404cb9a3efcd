"""Finding an appointment by code and phone number or e-mail: the same answer for every mistake, a few tries."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest

from chalicelib.booking.finding import ATTEMPTS_AN_HOUR, AppointmentFinding
from chalicelib.booking.model import Appointment, ConsentAnswer
from chalicelib.shared.errors import NotFound, TooManyRequests
from chalicelib.shared.identifiers import AppointmentId, DeskGroupId, OfficeId, ReasonId
from chalicelib.shared.phone import PhoneNumber
from tests.builders import MONDAY, FixedClock

PHONE, OTHER = PhoneNumber("+4520123456"), PhoneNumber("+4520123457")


def an_appointment(code: str, phone: PhoneNumber | None, email: str | None = None) -> Appointment:
    return Appointment(
        id=AppointmentId("01JDC0NTACT000000000000001"),
        municipality="fjordby",
        code=code,
        office=OfficeId("raadhuset"),
        desk_group=DeskGroupId("counter"),
        reasons=(ReasonId("passport"),),
        start=MONDAY,
        end=MONDAY + timedelta(minutes=10),
        language="da",
        booked_at=MONDAY,
        consent=ConsentAnswer(granted=False, text_version="2026-1"),
        phone=phone,
        email=email,
    )


class Codes:
    def __init__(self, *appointments: Appointment) -> None:
        self._by_code = {appointment.code: appointment for appointment in appointments}

    def appointment_by_code(self, municipality: str, code: str) -> Appointment | None:
        found = self._by_code.get(code)
        return found if found and found.municipality == municipality else None


class Attempts:
    def __init__(self) -> None:
        self.counted: Counter[tuple[str, str, datetime]] = Counter()

    def count(self, municipality: str, code: str, hour: datetime) -> int:
        self.counted[municipality, code, hour] += 1
        return self.counted[municipality, code, hour]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY + timedelta(minutes=17))


@pytest.fixture
def finding(clock: FixedClock) -> AppointmentFinding:
    by_email = an_appointment("C4DFGH", None, "Aase@example.dk")
    codes = Codes(an_appointment("K7MQ4P", PHONE), an_appointment("H3TTXA", None), by_email)
    return AppointmentFinding(codes=codes, attempts=Attempts(), clock=lambda: clock)


@pytest.mark.parametrize("code", ["K7MQ4P", " k7m q4p ", "k7m-q4p"])
def test_code_and_number_find_the_appointment_however_the_code_is_typed(finding, code):
    assert finding.find("fjordby", code, PHONE).code == "K7MQ4P"


@pytest.mark.parametrize(
    ("municipality", "code", "phone"),
    [
        ("fjordby", "K7MQ4P", OTHER),
        ("fjordby", "K7MQ4Q", PHONE),
        ("sandholm", "K7MQ4P", PHONE),
        ("fjordby", "H3TTXA", PHONE),
        ("fjordby", "", PHONE),
        ("fjordby", "ÅÆØÅÆØ", PHONE),
        ("fjordby", "K7MQ4P" * 50, PHONE),
    ],
    ids=["phone", "code", "municipality", "booked without a number", "no code", "no such letters", "too long"],
)
def test_every_mistake_gets_the_same_answer(finding, municipality, code, phone):
    with pytest.raises(NotFound) as told:
        finding.find(municipality, code, phone)
    assert str(told.value) == str(NotFound())


def test_code_and_email_find_it_whatever_their_case(finding):
    assert finding.find("fjordby", "C4DFGH", email="aase@EXAMPLE.dk").code == "C4DFGH"


@pytest.mark.parametrize(
    ("code", "contact"),
    [
        ("C4DFGH", {"email": "bo@example.dk"}),
        ("C4DFGH", {"email": ""}),
        ("C4DFGH", {"phone": PHONE}),
        ("C4DFGH", {}),
        ("K7MQ4P", {"email": "aase@example.dk"}),
        ("H3TTXA", {"email": ""}),
        ("H3TTXA", {}),
    ],
    ids=[
        "other address",
        "empty",
        "a number",
        "nothing",
        "booked by number",
        "booked with neither",
        "neither, nothing",
    ],
)
def test_what_it_was_not_booked_with_finds_nothing(finding, code, contact):
    with pytest.raises(NotFound):
        finding.find("fjordby", code, **contact)


def test_a_code_can_be_tried_ten_times_an_hour_even_with_the_right_number(finding, clock):
    for _ in range(ATTEMPTS_AN_HOUR):
        with pytest.raises(NotFound):
            finding.find("fjordby", "K7MQ4P", OTHER)
    with pytest.raises(TooManyRequests):
        finding.find("fjordby", "K7MQ4P", PHONE)
    with pytest.raises(NotFound):
        finding.find("fjordby", "H3TTXA", PHONE)
    clock.advance(minutes=43)
    assert finding.find("fjordby", "K7MQ4P", PHONE)


def test_what_can_not_be_a_code_is_not_counted():
    attempts = Attempts()
    finding = AppointmentFinding(codes=Codes(), attempts=attempts, clock=FixedClock)
    with pytest.raises(NotFound):
        finding.find("fjordby", "🙂🙂🙂🙂🙂🙂", PHONE)
    assert not attempts.counted
