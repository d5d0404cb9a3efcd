"""What citizens do by themselves on arrival: checking in without a code, and asking for word when it is their turn."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.bootstrap.citizens import following
from chalicelib.bootstrap.core import clock
from chalicelib.bootstrap.messaging import text_messages
from chalicelib.bootstrap.offices import visits

if TYPE_CHECKING:
    from chalicelib.visits.nearly import NearlyYourTurn
    from chalicelib.visits.self_check_in import SelfCheckIn


@cache
def self_check_in() -> SelfCheckIn:
    """Check-in by the last digits of a phone number and the booked time."""
    from chalicelib.adapters.visits.dynamodb_kiosk_attempts import DynamoDbKioskAttempts
    from chalicelib.visits.self_check_in import SelfCheckIn

    return SelfCheckIn(
        reception=visits(), appointments=visits().appointments, attempts=DynamoDbKioskAttempts(), clock=clock
    )


@cache
def nearly() -> NearlyYourTurn:
    """The message when it is nearly somebody's turn."""
    from chalicelib.adapters.visits.dynamodb_nearly import DynamoDbWishes
    from chalicelib.dispatch import sms_text
    from chalicelib.visits.nearly import NearlyYourTurn

    return NearlyYourTurn(
        wishes=DynamoDbWishes(),
        visits=visits().store,
        sender=text_messages,
        texts=sms_text,
        link=following().link,
        clock=clock,
    )
