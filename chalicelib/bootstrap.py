"""The composition root: cached, lazy factories. The only module that knows which concrete adapter fills which port.

Everything is imported inside the factory that needs it, so a function that only books never loads what reports need.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.settings import settings
from chalicelib.shared.clock import Clock, SystemClock

if TYPE_CHECKING:
    from chalicelib.adapters.staff_tokens import StaffTokens
    from chalicelib.booking.service import BookingService
    from chalicelib.consent.service import ConsentService
    from chalicelib.contacts.service import ContactService
    from chalicelib.dispatch.receipts import ReceiptService
    from chalicelib.dispatch.service import DispatchService
    from chalicelib.lake.service import LandingService
    from chalicelib.municipalities.service import Municipalities
    from chalicelib.reporting.service import ReportService
    from chalicelib.shared.hashing import Keys
    from chalicelib.shared.work import PendingWork
    from chalicelib.surveys.service import SurveyService
    from chalicelib.visits.service import VisitService

_clock: Clock = SystemClock()


def clock() -> Clock:
    """The clock of this process."""
    return _clock


def use_clock(replacement: Clock) -> None:
    """Let another clock run the product: tests and the embedded product move time with it."""
    global _clock  # noqa: PLW0603 - the one piece of process-wide state, replaced before the first request
    _clock = replacement


@cache
def keys() -> Keys:
    """The deployment's secret keys."""
    from chalicelib.adapters.secret_keys import read_keys

    return read_keys(settings().keys_secret, region=settings().region)


@cache
def municipalities() -> Municipalities:
    """Configurations, cached for a minute."""
    from chalicelib.adapters.dynamodb_municipalities import DynamoDbMunicipalities

    return DynamoDbMunicipalities(clock)


@cache
def staff_tokens() -> StaffTokens:
    """Verifies who is calling."""
    from chalicelib.adapters.staff_tokens import StaffTokens

    return StaffTokens(
        issuer=settings().staff_issuer,
        audience=settings().staff_audience,
        jwks_url=settings().staff_jwks_url,
    )


@cache
def pending_work() -> PendingWork:
    """What is left to do."""
    from chalicelib.adapters.dynamodb_work import DynamoDbPendingWork

    return DynamoDbPendingWork()


@cache
def booking() -> BookingService:
    """Times, holds and appointments."""
    from chalicelib.adapters.dynamodb_booking import DynamoDbBookings
    from chalicelib.booking.service import BookingService

    return BookingService(store=DynamoDbBookings(), keys=keys, clock=clock)


@cache
def consents() -> ConsentService:
    """The consent ledger."""
    from chalicelib.adapters.dynamodb_consents import DynamoDbConsents
    from chalicelib.consent.service import ConsentService

    return ConsentService(store=DynamoDbConsents(), keys=keys, clock=clock)


@cache
def visits() -> VisitService:
    """Check-in, queue and desk."""
    from chalicelib.adapters.dynamodb_booking import DynamoDbBookings
    from chalicelib.adapters.dynamodb_visits import DynamoDbVisits
    from chalicelib.visits.service import VisitService

    return VisitService(store=DynamoDbVisits(), appointments=DynamoDbBookings(), clock=clock)


@cache
def contacts() -> ContactService:
    """Contacts that other systems report."""
    from chalicelib.adapters.dynamodb_contacts import DynamoDbContacts
    from chalicelib.contacts.service import ContactService

    return ContactService(store=DynamoDbContacts(), clock=clock)


@cache
def dispatch() -> DispatchService:
    """Deciding, scheduling and sending invitations."""
    from chalicelib.adapters.dynamodb_invitations import DynamoDbInvitations
    from chalicelib.adapters.send_queue import SqsSendQueue
    from chalicelib.adapters.sms_sender import SnsSmsSender
    from chalicelib.dispatch.service import DispatchService

    return DispatchService(
        store=DynamoDbInvitations(keys),
        sender=SnsSmsSender(region=settings().region),
        queue=SqsSendQueue(settings().send_queue_url, region=settings().region),
        municipalities=municipalities(),
        keys=keys,
        clock=clock,
        public_url=settings().public_url,
    )


@cache
def receipts() -> ReceiptService:
    """What the carriers said about the messages."""
    from chalicelib.adapters.dynamodb_invitations import DynamoDbInvitations
    from chalicelib.dispatch.receipts import ReceiptService

    return ReceiptService(store=DynamoDbInvitations(keys), municipalities=municipalities(), keys=keys, clock=clock)


@cache
def surveys() -> SurveyService:
    """Questionnaires and answers behind a link."""
    from chalicelib.adapters.dynamodb_responses import DynamoDbResponses
    from chalicelib.surveys.service import SurveyService

    return SurveyService(store=DynamoDbResponses(), municipalities=municipalities(), clock=clock)


@cache
def landing() -> LandingService:
    """Facts and answers on their way into the lake."""
    from chalicelib.adapters.dynamodb_lake_marks import DynamoDbLakeMarks
    from chalicelib.adapters.lake_facts import DynamoDbFacts
    from chalicelib.adapters.s3_lake import S3Lake
    from chalicelib.lake.service import LandingService

    return LandingService(
        facts=DynamoDbFacts(),
        lake=S3Lake(settings().lake_bucket, region=settings().region),
        marks=DynamoDbLakeMarks(),
        clock=clock,
    )


@cache
def reports() -> ReportService:
    """Stored report cells, read without Athena."""
    from chalicelib.adapters.s3_report_cells import S3ReportCells
    from chalicelib.reporting.service import ReportService

    return ReportService(cells=S3ReportCells(settings().lake_bucket, region=settings().region), clock=clock)
