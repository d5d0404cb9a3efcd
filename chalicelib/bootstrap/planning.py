"""How staff plan: hours of days, citizens to ask, how a week is used."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.bootstrap.citizens import booking
from chalicelib.bootstrap.core import clock, municipalities
from chalicelib.bootstrap.messaging import messages

if TYPE_CHECKING:
    from chalicelib.booking.asking import Asking
    from chalicelib.booking.plan_view import PlanView
    from chalicelib.booking.planning import DayPlanning


@cache
def day_planning() -> DayPlanning:
    """Hours of days, changed by staff."""
    from chalicelib.adapters.booking.dynamodb_exceptions import DynamoDbExceptions
    from chalicelib.adapters.booking.dynamodb_planning import DynamoDbPlanning
    from chalicelib.booking.planning import DayPlanning

    return DayPlanning(
        municipalities=municipalities, exceptions=DynamoDbExceptions(), store=DynamoDbPlanning(), clock=clock
    )


@cache
def proposals() -> Asking:
    """Proposals to citizens whose time can't be kept."""
    from chalicelib.adapters.booking.dynamodb_planning import DynamoDbPlanning
    from chalicelib.booking.asking import Asking
    from chalicelib.dispatch.quiet_hours import next_allowed

    return Asking(store=DynamoDbPlanning(), messages=messages, moves=booking, quiet_hours=next_allowed, clock=clock)


@cache
def plan_view() -> PlanView:
    """How a week is used, and why a time can't be booked."""
    from chalicelib.adapters.booking.dynamodb_planning import DynamoDbPlanning
    from chalicelib.booking.plan_view import PlanView

    return PlanView(store=DynamoDbPlanning(), clock=clock)
