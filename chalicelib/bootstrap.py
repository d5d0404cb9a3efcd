"""The composition root: cached, lazy factories. The only module that knows which concrete adapter fills which port.

Everything is imported inside the factory that needs it, so a function that only books never loads what reports need.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.settings import settings
from chalicelib.shared.clock import Clock, SystemClock

if TYPE_CHECKING:
    from chalicelib.adapters.confirmation_sender import SmsConfirmationSender
    from chalicelib.adapters.hosted_sign_in import HostedSignIn
    from chalicelib.adapters.report_refresh import ReportRefresh
    from chalicelib.adapters.staff_tokens import StaffTokens
    from chalicelib.booking.finding import AppointmentFinding
    from chalicelib.booking.service import BookingService
    from chalicelib.consent.service import ConsentService
    from chalicelib.contacts.erasure import ErasureService
    from chalicelib.contacts.service import ContactService
    from chalicelib.dispatch.receipts import ReceiptService
    from chalicelib.dispatch.reconciliation import Reconciliation
    from chalicelib.dispatch.service import DispatchService
    from chalicelib.lake.compaction import CompactionService
    from chalicelib.lake.service import LandingService
    from chalicelib.municipalities.service import Municipalities
    from chalicelib.reporting.service import ReportService
    from chalicelib.shared.hashing import Keys
    from chalicelib.shared.work import PendingWork
    from chalicelib.surveys.service import SurveyService
    from chalicelib.visits.following import QueueFollowing
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
def hosted_sign_in() -> HostedSignIn:
    """Where staff sign in."""
    from chalicelib.adapters.hosted_sign_in import HostedSignIn

    return HostedSignIn(
        domain=settings().staff_sign_in_domain,
        client_id=settings().staff_audience,
        returns_to=f"{settings().public_url}/api/signed-in",
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
    from chalicelib.dispatch import sms_text

    return BookingService(
        store=DynamoDbBookings(),
        work=pending_work(),
        keys=keys,
        clock=clock,
        sender=_confirmation_sender,
        texts=sms_text,
        public_url=settings().public_url,
    )


@cache
def _confirmation_sender() -> SmsConfirmationSender:
    from chalicelib.adapters.confirmation_sender import SmsConfirmationSender
    from chalicelib.adapters.dynamodb_receipts import DynamoDbReceipts
    from chalicelib.adapters.sms_sender import SnsSmsSender

    receipts = DynamoDbReceipts()
    return SmsConfirmationSender(
        SnsSmsSender(region=settings().region), lambda message_id: receipts.note_other(message_id, clock().now())
    )


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
    from chalicelib.adapters.dynamodb_visit_appointments import DynamoDbVisitAppointments
    from chalicelib.adapters.dynamodb_visits import DynamoDbVisits
    from chalicelib.visits.service import VisitService

    return VisitService(
        store=DynamoDbVisits(keys),
        appointments=DynamoDbVisitAppointments(DynamoDbBookings()),
        clock=clock,
    )


@cache
def finding() -> AppointmentFinding:
    """Appointments by code and phone number."""
    from chalicelib.adapters.dynamodb_booking import DynamoDbBookings
    from chalicelib.adapters.dynamodb_find_attempts import DynamoDbFindAttempts
    from chalicelib.booking.finding import AppointmentFinding

    return AppointmentFinding(codes=DynamoDbBookings(), attempts=DynamoDbFindAttempts(), clock=clock)


@cache
def following() -> QueueFollowing:
    """Places in the queue, behind their links."""
    from chalicelib.adapters.dynamodb_follow_links import DynamoDbFollowLinks
    from chalicelib.visits.following import QueueFollowing

    return QueueFollowing(
        places=visits(), links=DynamoDbFollowLinks(), keys=keys, clock=clock, public_url=settings().public_url
    )


@cache
def contacts() -> ContactService:
    """Contacts that other systems report."""
    from chalicelib.adapters.dynamodb_contacts import DynamoDbContacts
    from chalicelib.contacts.service import ContactService

    return ContactService(store=DynamoDbContacts(keys, clock), clock=clock)


@cache
def erasure() -> ErasureService:
    """A citizen's right to be forgotten, and to see what is held."""
    from chalicelib.adapters.dynamodb_booking import DynamoDbBookings
    from chalicelib.adapters.dynamodb_erasure import DynamoDbSubjectRows
    from chalicelib.adapters.s3_erasure import S3SubjectLake
    from chalicelib.adapters.standing_promises import StandingPromises
    from chalicelib.contacts.erasure import ErasureService

    return ErasureService(
        rows=DynamoDbSubjectRows(keys, lambda name: [office.id for office in municipalities().get(name).offices]),
        lake=S3SubjectLake(settings().lake_bucket, region=settings().region),
        standing=StandingPromises(booking(), DynamoDbBookings(), consents(), municipalities()),
        clock=clock,
    )


@cache
def dispatch() -> DispatchService:
    """Deciding, scheduling and sending invitations."""
    from chalicelib.adapters.dynamodb_invitations import DynamoDbInvitations
    from chalicelib.adapters.send_queue import SqsSendQueue
    from chalicelib.adapters.sms_sender import SnsSmsSender
    from chalicelib.dispatch.service import DispatchService

    return DispatchService(
        store=DynamoDbInvitations(),
        receipts=receipts(),
        sender=SnsSmsSender(region=settings().region),
        queue=SqsSendQueue(settings().send_queue_url, region=settings().region),
        work=pending_work(),
        municipalities=municipalities(),
        keys=keys,
        clock=clock,
        public_url=settings().public_url,
    )


@cache
def receipts() -> ReceiptService:
    """What the carriers said about the messages."""
    from chalicelib.adapters.dynamodb_invitations import DynamoDbInvitations
    from chalicelib.adapters.dynamodb_receipts import DynamoDbReceipts
    from chalicelib.dispatch.receipts import ReceiptService

    return ReceiptService(
        store=DynamoDbInvitations(),
        receipts=DynamoDbReceipts(),
        municipalities=municipalities(),
        keys=keys,
    )


@cache
def reconciliation() -> Reconciliation:
    """Does every completed contact have its decision, and every decision its end."""
    from chalicelib.adapters.dynamodb_invitations import DynamoDbInvitations
    from chalicelib.adapters.landed_ids import S3LandedIds
    from chalicelib.dispatch.reconciliation import Reconciliation

    return Reconciliation(
        landed=S3LandedIds(settings().lake_bucket, region=settings().region),
        invitations=DynamoDbInvitations(),
        work=pending_work(),
    )


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
        work=pending_work(),
    )


@cache
def compaction() -> CompactionService:
    """Rebuilds the lake's files. Loads pandas: analytics functions only."""
    from chalicelib.adapters.compaction import S3CuratedStore
    from chalicelib.adapters.dynamodb_lake_marks import DynamoDbLakeMarks
    from chalicelib.lake.compaction import CompactionService

    return CompactionService(
        store=S3CuratedStore(settings().lake_bucket, region=settings().region), marks=DynamoDbLakeMarks()
    )


@cache
def report_refresh() -> ReportRefresh:
    """Counts the periods that changed. Loads pandas: analytics functions only."""
    from chalicelib.adapters.athena_queries import AthenaQueries
    from chalicelib.adapters.compaction import S3CuratedStore
    from chalicelib.adapters.dynamodb_lake_marks import DynamoDbLakeMarks
    from chalicelib.adapters.report_refresh import ReportRefresh
    from chalicelib.adapters.s3_lake import S3Lake

    known = settings()
    return ReportRefresh(
        queries=AthenaQueries(workgroup=known.athena_workgroup, database=known.glue_database, region=known.region),
        lake=S3Lake(known.lake_bucket, region=known.region),
        files=S3CuratedStore(known.lake_bucket, region=known.region),
        marks=DynamoDbLakeMarks(),
        municipalities=municipalities(),
        clock=clock,
    )


@cache
def reports() -> ReportService:
    """Stored report cells, read without Athena."""
    from chalicelib.adapters.s3_report_cells import S3ReportCells
    from chalicelib.reporting.service import ReportService

    return ReportService(cells=S3ReportCells(settings().lake_bucket, region=settings().region), clock=clock)
