"""Booking, consent, visits, contacts of other channels, and the right to be forgotten."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.bootstrap.core import clock, keys, municipalities
from chalicelib.bootstrap.offices import visits
from chalicelib.settings import settings

if TYPE_CHECKING:
    from chalicelib.booking.alternatives import AlternativeCounts
    from chalicelib.booking.callers import CallerLimits
    from chalicelib.booking.challenge import Challenges
    from chalicelib.booking.finding import AppointmentFinding
    from chalicelib.booking.service import BookingService
    from chalicelib.consent.service import ConsentService
    from chalicelib.contacts.erasure import ErasureService
    from chalicelib.contacts.senders import SenderWatch
    from chalicelib.contacts.service import ContactService
    from chalicelib.visits.following import QueueFollowing


@cache
def booking() -> BookingService:
    """Times, holds and appointments."""
    from chalicelib.adapters.booking.dynamodb_booking import DynamoDbBookings
    from chalicelib.booking.service import BookingService
    from chalicelib.dispatch import sms_text

    return BookingService(
        store=DynamoDbBookings(),
        keys=keys,
        clock=clock,
        texts=sms_text,
        public_url=settings().public_url,
    )


@cache
def consents() -> ConsentService:
    """The consent ledger."""
    from chalicelib.adapters.citizens.dynamodb_consents import DynamoDbConsents
    from chalicelib.consent.service import ConsentService

    return ConsentService(store=DynamoDbConsents(), keys=keys, clock=clock)


@cache
def finding() -> AppointmentFinding:
    """Appointments by code and phone number."""
    from chalicelib.adapters.booking.dynamodb_booking import DynamoDbBookings
    from chalicelib.adapters.booking.dynamodb_find_attempts import DynamoDbFindAttempts
    from chalicelib.booking.finding import AppointmentFinding

    return AppointmentFinding(codes=DynamoDbBookings(), attempts=DynamoDbFindAttempts(), clock=clock)


@cache
def alternative_counts() -> AlternativeCounts:
    """How often other ways than meeting up were offered and taken."""
    from chalicelib.adapters.booking.dynamodb_alternatives import DynamoDbAlternativeCounts

    return DynamoDbAlternativeCounts()


@cache
def caller_limits() -> CallerLimits:
    """What one network address may do within an hour."""
    from chalicelib.adapters.booking.dynamodb_callers import DynamoDbCallerCounts
    from chalicelib.booking.callers import CallerLimits

    return CallerLimits(counts=DynamoDbCallerCounts(), keys=keys, clock=clock)


@cache
def challenges() -> Challenges:
    """The puzzle that keeps robots from booking."""
    from chalicelib.adapters.booking.dynamodb_callers import DynamoDbSpentChallenges
    from chalicelib.booking.challenge import Challenges

    return Challenges(spent=DynamoDbSpentChallenges(), keys=keys, clock=clock)


@cache
def following() -> QueueFollowing:
    """Places in the queue, behind their links."""
    from chalicelib.adapters.visits.dynamodb_follow_links import DynamoDbFollowLinks
    from chalicelib.visits.following import QueueFollowing

    return QueueFollowing(
        places=visits(), links=DynamoDbFollowLinks(), keys=keys, clock=clock, public_url=settings().public_url
    )


@cache
def contacts() -> ContactService:
    """Contacts that other systems report."""
    from chalicelib.adapters.citizens.dynamodb_contacts import DynamoDbContacts
    from chalicelib.contacts.service import ContactService

    return ContactService(store=DynamoDbContacts(keys, clock), clock=clock)


@cache
def senders() -> SenderWatch:
    """When each of them last delivered."""
    from chalicelib.adapters.citizens.dynamodb_senders import DynamoDbDeliveryDays
    from chalicelib.contacts.senders import SenderWatch

    return SenderWatch(days=DynamoDbDeliveryDays(), clock=clock)


@cache
def erasure() -> ErasureService:
    """A citizen's right to be forgotten, and to see what is held."""
    from chalicelib.adapters.booking.dynamodb_booking import DynamoDbBookings
    from chalicelib.adapters.citizens.dynamodb_erasure import DynamoDbSubjectRows
    from chalicelib.adapters.citizens.s3_erasure import S3SubjectLake
    from chalicelib.adapters.citizens.standing_promises import StandingPromises
    from chalicelib.contacts.erasure import ErasureService

    return ErasureService(
        rows=DynamoDbSubjectRows(keys, lambda name: [office.id for office in municipalities().get(name).offices]),
        lake=S3SubjectLake(settings().lake_bucket, region=settings().region),
        standing=StandingPromises(booking(), DynamoDbBookings(), consents(), municipalities()),
        clock=clock,
    )
