"""An office's daily business: visits, and what happens beside them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.bootstrap.core import clock, keys

if TYPE_CHECKING:
    from chalicelib.visits.audit import Audit
    from chalicelib.visits.closing import Closing
    from chalicelib.visits.days import DayStore
    from chalicelib.visits.notices import NoticeBoard
    from chalicelib.visits.reviews import Reviews
    from chalicelib.visits.service import VisitService
    from chalicelib.visits.today import OfficeDay


@cache
def visits() -> VisitService:
    """Check-in, queue and desk."""
    from chalicelib.adapters.booking.dynamodb_booking import DynamoDbBookings
    from chalicelib.adapters.visits.dynamodb_days import DynamoDbDays, RecentDays
    from chalicelib.adapters.visits.dynamodb_visit_appointments import DynamoDbVisitAppointments
    from chalicelib.adapters.visits.dynamodb_visits import DynamoDbVisits
    from chalicelib.visits.service import VisitService

    return VisitService(
        store=DynamoDbVisits(keys),
        appointments=DynamoDbVisitAppointments(DynamoDbBookings()),
        outages=notices(),
        experiences=RecentDays(DynamoDbDays(), clock),
        clock=clock,
    )


@cache
def notices() -> NoticeBoard:
    """Outages and changes."""
    from chalicelib.adapters.visits.dynamodb_notices import DynamoDbNotices
    from chalicelib.visits.notices import NoticeBoard

    return NoticeBoard(store=DynamoDbNotices(), clock=clock)


@cache
def office_day() -> OfficeDay:
    """Alarms, and questions solved at the door."""
    from chalicelib.adapters.visits.dynamodb_today import DynamoDbToday
    from chalicelib.visits.today import OfficeDay

    return OfficeDay(store=DynamoDbToday(keys), clock=clock)


@cache
def days() -> DayStore:
    """The days of offices, in figures."""
    from chalicelib.adapters.visits.dynamodb_days import DynamoDbDays

    return DynamoDbDays()


@cache
def closing() -> Closing:
    """The end of an office's day."""
    from chalicelib.adapters.visits.dynamodb_today import DynamoDbToday
    from chalicelib.visits.closing import Closing

    return Closing(visits=visits(), days=days(), door=DynamoDbToday(keys))


@cache
def check_in_reviews() -> Reviews:
    """Can a stranger see where to check in."""
    from chalicelib.adapters.visits.dynamodb_reviews import DynamoDbReviews
    from chalicelib.visits.reviews import Reviews

    return Reviews(store=DynamoDbReviews(), clock=clock)


@cache
def audit() -> Audit:
    """Who did what with a visit, for a stated purpose."""
    from chalicelib.adapters.visits.dynamodb_audit import DynamoDbAudit
    from chalicelib.visits.audit import Audit

    return Audit(store=DynamoDbAudit(keys), clock=clock)
