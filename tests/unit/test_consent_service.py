"""Withdrawing a consent (SK-02, I3) and opting out, on the fake store."""

from __future__ import annotations

import pytest

from chalicelib.consent.model import ConsentRecord, ConsentState
from chalicelib.consent.service import ConsentService
from chalicelib.shared.errors import NotFound, Outrun
from chalicelib.shared.retry import Retry
from tests.builders import KEYS, MONDAY, FixedClock
from tests.fakes.booking import FakeBookings

pytestmark = pytest.mark.requirement("SK-02")


def a_record(state: ConsentState = ConsentState.GRANTED, hashed: str | None = "h" * 40) -> ConsentRecord:
    return ConsentRecord("fjordby", "c1", state, "2026-1", "da", "web", MONDAY, phone_hash=hashed)


def a_service(store: FakeBookings, record: ConsentRecord | None = None) -> ConsentService:
    if record:
        store.put(record)
    clock = FixedClock()
    clock.advance(hours=1)
    return ConsentService(store=store, keys=lambda: KEYS, clock=lambda: clock, retry=Retry(sleep=lambda _: None))


def test_withdrawing_is_at_once_on_the_ledger_and_once():
    store = FakeBookings()
    service = a_service(store, a_record())
    service.withdraw("fjordby", "c1", origin="web")
    service.withdraw("fjordby", "c1", origin="web")
    assert service.state("fjordby", "c1") is ConsentState.WITHDRAWN
    (entry,) = store.ledger
    assert (entry.state, entry.text_version, entry.at) == (ConsentState.WITHDRAWN, "2026-1", MONDAY.replace(hour=10))


def test_a_refusal_stays_a_refusal():
    store = FakeBookings()
    service = a_service(store, a_record(ConsentState.REFUSED))
    service.withdraw("fjordby", "c1")
    assert service.state("fjordby", "c1") is ConsentState.REFUSED
    assert store.ledger == []


def test_what_was_never_asked_is_not_found():
    service = a_service(FakeBookings())
    assert service.state("fjordby", "c1") is None
    with pytest.raises(NotFound):
        service.withdraw("fjordby", "c1")


class OutrunOnce(FakeBookings):
    """Somebody else writes first, once."""

    outrun = True

    def change(self, before: ConsentRecord, after: ConsentRecord) -> None:
        if self.outrun:
            self.outrun = False
            raise Outrun
        super().change(before, after)


def test_a_withdrawal_that_was_outrun_is_tried_again():
    service = a_service(OutrunOnce(), a_record())
    service.withdraw("fjordby", "c1")
    assert service.state("fjordby", "c1") is ConsentState.WITHDRAWN


@pytest.mark.parametrize("hashed", ["h" * 40, None])
def test_opting_out_withdraws_and_closes_the_number(hashed):
    store = FakeBookings()
    service = a_service(store, a_record(hashed=hashed))
    service.opt_out("fjordby", "c1")
    assert service.state("fjordby", "c1") is ConsentState.WITHDRAWN
    assert store.opted_out == ({("fjordby", hashed)} if hashed else set())


def test_an_employee_who_writes_down_a_withdrawal_stands_on_the_ledger():
    store = FakeBookings()
    service = a_service(store, a_record())
    service.withdraw("fjordby", "c1", origin="desk", by="employee-7")
    (entry,) = store.ledger
    assert (entry.origin, entry.by, entry.scope) == ("desk", "employee-7", "survey_sms")
