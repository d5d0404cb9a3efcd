"""Dispatch, receipts, surveys and the accounts of what was sent."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.bootstrap.core import clock, keys, municipalities, pending_work
from chalicelib.bootstrap.sending import sms_sender
from chalicelib.settings import settings

if TYPE_CHECKING:
    from chalicelib.adapters.surveys.dynamodb_questionnaires import DynamoDbQuestionnaires
    from chalicelib.dispatch.receipts import ReceiptService
    from chalicelib.dispatch.reconciliation import Reconciliation
    from chalicelib.dispatch.service import DispatchService
    from chalicelib.surveys.callbacks import CallbackService
    from chalicelib.surveys.service import SurveyService


@cache
def dispatch() -> DispatchService:
    """Deciding, scheduling and sending invitations."""
    from chalicelib.adapters.dispatch.dynamodb_invitations import DynamoDbInvitations
    from chalicelib.adapters.dispatch.send_queue import SqsSendQueue
    from chalicelib.dispatch.service import DispatchService

    return DispatchService(
        store=DynamoDbInvitations(),
        receipts=receipts(),
        sender=sms_sender(),
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
    from chalicelib.adapters.dispatch.dynamodb_invitations import DynamoDbInvitations
    from chalicelib.adapters.dispatch.dynamodb_receipts import DynamoDbReceipts
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
    from chalicelib.adapters.dispatch.dynamodb_invitations import DynamoDbInvitations
    from chalicelib.adapters.lake.landed_ids import S3LandedIds
    from chalicelib.dispatch.reconciliation import Reconciliation

    return Reconciliation(
        landed=S3LandedIds(settings().lake_bucket, region=settings().region),
        invitations=DynamoDbInvitations(),
        work=pending_work(),
    )


@cache
def surveys() -> SurveyService:
    """Questionnaires and answers behind a link."""
    from chalicelib.adapters.surveys.dynamodb_responses import DynamoDbResponses
    from chalicelib.surveys.service import SurveyService

    return SurveyService(
        store=DynamoDbResponses(),
        municipalities=municipalities(),
        clock=clock,
        questionnaires=questionnaires(),
        keys=keys,
    )


@cache
def questionnaires() -> DynamoDbQuestionnaires:
    """The product's questionnaires and the municipalities' own."""
    from chalicelib.adapters.surveys.dynamodb_questionnaires import DynamoDbQuestionnaires

    return DynamoDbQuestionnaires(clock)


@cache
def callbacks() -> CallbackService:
    """Citizens who want to be called."""
    from chalicelib.adapters.surveys.dynamodb_callbacks import DynamoDbCallbacks
    from chalicelib.surveys.callbacks import CallbackService

    return CallbackService(store=DynamoDbCallbacks(clock), clock=clock)
