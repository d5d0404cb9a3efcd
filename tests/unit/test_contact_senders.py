"""Somebody is told when a sender's deliveries stop (SK-27)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from chalicelib.contacts.senders import LastDelivery, SenderWatch
from chalicelib.contacts.service import Sender
from cli.contacts import sender_lines
from tests.builders import MONDAY, FixedClock, a_municipality
from tests.fakes.senders import InMemoryDeliveryDays

FJORDBY = a_municipality()
PHONES, MAILS = Sender.named("phones"), Sender.signed_by("client-7")


def watch(clock: FixedClock, days: InMemoryDeliveryDays | None = None) -> SenderWatch:
    return SenderWatch(days=days or InMemoryDeliveryDays(), clock=lambda: clock)


@pytest.mark.requirement("SK-27")
@pytest.mark.parametrize(
    ("later", "missed", "silent"),
    [
        (0, 0, False),
        (1, 0, False),  # Tuesday: today is not over
        (3, 2, False),
        (4, 3, True),  # Friday: Tuesday, Wednesday and Thursday brought nothing
        (7, 4, True),  # the weekend does not count
    ],
)
def test_a_sender_is_silent_after_working_days_without_a_report(later: int, missed: int, silent: bool) -> None:
    days, clock = InMemoryDeliveryDays(), FixedClock(MONDAY)
    watch(clock, days).delivered(FJORDBY, PHONES)
    clock.advance(days=later)
    [found] = watch(clock, days).of(FJORDBY)
    assert (found.system, found.missed, found.silent) == ("phones", missed, silent)


@pytest.mark.requirement("SK-27")
def test_holidays_and_closing_days_are_no_silence() -> None:
    days = InMemoryDeliveryDays()
    days.keep("fjordby", LastDelivery("system:phones", "phones", date(2026, 12, 23)))
    clock = FixedClock(MONDAY.replace(month=12, day=29))
    closed = replace(FJORDBY, closing_days=frozenset({date(2026, 12, 24)}))
    # The 24th is a closing day, 25th to 27th are Christmas and a Sunday: the 28th alone was missed.
    assert [each.missed for each in watch(clock, days).of(closed)] == [1]


@pytest.mark.requirement("SK-27")
def test_the_longest_silent_comes_first_and_an_earlier_day_changes_nothing() -> None:
    days, clock = InMemoryDeliveryDays(), FixedClock(MONDAY)
    senders = watch(clock, days)
    senders.delivered(FJORDBY, MAILS)
    clock.advance(days=-5)
    senders.delivered(FJORDBY, PHONES)
    senders.delivered(FJORDBY, MAILS)
    clock.advance(days=5)
    found = senders.of(FJORDBY)
    assert [each.key for each in found] == [PHONES.key, MAILS.key]
    assert list(sender_lines(found)) == [
        "  phones: last reported 2026-11-18, 2 working days since",
        "  subject:client-7: last reported 2026-11-23, 0 working days since",
    ]


@pytest.mark.requirement("GE-12")
def test_a_system_that_was_replaced_is_no_longer_waited_for() -> None:
    senders = watch(FixedClock(MONDAY))
    senders.delivered(FJORDBY, PHONES)
    assert not senders.forget(FJORDBY, "faxes")
    assert senders.forget(FJORDBY, "phones")
    assert senders.of(FJORDBY) == ()
