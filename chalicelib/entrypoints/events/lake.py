"""Stream events of the lake: a contact, an invitation or a response changed, so its facts land. Parse, one call, count.

The image only says which subject changed; what lands is read from the table. Removals land nothing: erasure has its own
road through tombstones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from chalicelib import bootstrap
from chalicelib.lake.service import Landing
from chalicelib.telemetry import logger, metrics

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
    from chalice.app import DynamoDBEvent


def on_contacts(event: DynamoDBEvent) -> dict[str, Any]:
    """The facts of every contact in the batch have landed; the answer names those that have not."""
    return _landed(event, "contact", lambda m, subject: bootstrap.landing().land_contact(m, subject))


def on_invitations(event: DynamoDBEvent) -> dict[str, Any]:
    """The state of every invitation in the batch has landed; the answer names those that have not."""
    return _landed(event, "invitation", lambda m, subject: bootstrap.landing().land_invitation(m, subject))


def on_responses(event: DynamoDBEvent) -> dict[str, Any]:
    """Every response in the batch has landed; the answer names those that have not."""
    return _landed(event, "response", lambda m, subject: bootstrap.landing().land_response(m, subject))


def _landed(event: DynamoDBEvent, name: str, land: Callable[[str, str], Landing]) -> dict[str, Any]:
    """`name` is the sort key of the items that land; other items of the table are passed over."""

    def handle(record: DynamoDBRecord) -> None:
        # Powertools wants the parameter to be called so.
        image = record.dynamodb.new_image if record.dynamodb else None
        if not image or image.get("sk") != name:
            return
        subject = str(image["contact_id"])
        try:
            outcome = land(str(image["municipality"]), subject)
        except Exception as exc:
            logger.warning("landing failed", subject=subject, fact=name, error=type(exc).__name__)
            metrics.add_metric(name="LandingFailed", unit=MetricUnit.Count, value=1)
            raise
        if outcome is Landing.LANDED:
            _count(record)

    processor = BatchProcessor(EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)
    context: Any = event.context
    answer = process_partial_response(
        event=event.to_dict(), record_handler=handle, processor=processor, context=context
    )
    return dict(answer)


def _count(record: DynamoDBRecord) -> None:
    metrics.add_metric(name="FactsLanded", unit=MetricUnit.Count, value=1)
    written_at = record.dynamodb.approximate_creation_date_time if record.dynamodb else None
    if written_at is not None:
        lag = bootstrap.clock().now().timestamp() - float(written_at)
        metrics.add_metric(name="LandingLagSeconds", unit=MetricUnit.Seconds, value=max(0.0, lag))
