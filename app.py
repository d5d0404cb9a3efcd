"""The Chalice application: middleware, routes and every event handler, each one delegating line.

Event handlers stand here and not on Blueprints, because Chalice would make a Blueprint's module the Lambda handler and
then neither this file nor its middleware would ever run in production (aws/chalice#1566). Workers skip the routes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from chalice import Chalice
from chalice.app import ConvertToMiddleware, Cron, Rate

from chalicelib.telemetry import flushing_metrics, logger

if TYPE_CHECKING:
    from chalice.app import CloudWatchEvent, DynamoDBEvent, SQSEvent

app = Chalice(app_name="borgerpuls", configure_logs=False)
app.log = logger  # type: ignore[assignment]
app.api.binary_types = ["image/png"]
for middleware in (logger.inject_lambda_context(clear_state=True), flushing_metrics):
    app.register_middleware(ConvertToMiddleware(middleware))


def _serves_http() -> bool:
    """True in the API function, and outside Lambda (packaging, tests, the embedded product)."""
    return os.environ.get("BORGERPULS_WORKER") != "1"


if _serves_http():
    from chalicelib.entrypoints.refusals import in_our_words
    from chalicelib.entrypoints.routes import BLUEPRINTS

    app.register_middleware(in_our_words, "http")
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)

# Lambda gives a function a whole CPU while it starts, but in a call only the part that its memory buys, at 512 MB less
# than a third: so the client, 200 ms of CPU, is made here. Only Lambda sets the variable.
if "AWS_LAMBDA_INITIALIZATION_TYPE" in os.environ:
    from chalicelib import bootstrap

    bootstrap.prepare()

# The ARNs are placeholders: `infra/app.yaml` replaces each by the real resource and adds what the decorators can't say
# (partial batches, bisecting, retry limits, filters, on-failure destinations).
_STREAM = "arn:aws:dynamodb:eu-north-1:000000000000:table/placeholder/stream/x"
_QUEUE = "arn:aws:sqs:eu-north-1:000000000000:placeholder"


@app.on_dynamodb_record(stream_arn=f"{_STREAM}/contacts-dispatch", batch_size=25, starting_position="TRIM_HORIZON")
def dispatch_contact(event: DynamoDBEvent) -> dict[str, Any]:
    """A contact was completed: decide about its invitation."""
    from chalicelib.entrypoints.events import dispatch as dispatch_events

    return dispatch_events.on_contacts(event)


@app.on_dynamodb_record(stream_arn=f"{_STREAM}/contacts-landing", batch_size=100, starting_position="TRIM_HORIZON")
def land_contact(event: DynamoDBEvent) -> dict[str, Any]:
    """A contact was completed: its facts land in the lake."""
    from chalicelib.entrypoints.events import lake as lake_events

    return lake_events.on_contacts(event)


@app.on_dynamodb_record(stream_arn=f"{_STREAM}/invitations-landing", batch_size=100, starting_position="TRIM_HORIZON")
def land_invitation(event: DynamoDBEvent) -> dict[str, Any]:
    """An invitation changed its state: its facts land in the lake."""
    from chalicelib.entrypoints.events import lake as lake_events

    return lake_events.on_invitations(event)


@app.on_dynamodb_record(stream_arn=f"{_STREAM}/responses-landing", batch_size=100, starting_position="TRIM_HORIZON")
def land_response(event: DynamoDBEvent) -> dict[str, Any]:
    """A questionnaire was finished: the answers land in the lake."""
    from chalicelib.entrypoints.events import lake as lake_events

    return lake_events.on_responses(event)


@app.on_sqs_message(queue_arn=_QUEUE, batch_size=5)
def send_invitation(event: SQSEvent) -> dict[str, Any]:
    """Invitations whose time has come: claim and send each once."""
    from chalicelib.entrypoints.events import dispatch as dispatch_events

    return dispatch_events.on_send_queue(event)


@app.lambda_function()
def record_receipt(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lines of the SMS delivery logs (CloudWatch Logs subscription)."""
    from chalicelib.entrypoints.events import dispatch as dispatch_events

    return dispatch_events.on_delivery_log(event)


@app.schedule(Rate(1, unit=Rate.MINUTES))
def sweep(event: CloudWatchEvent) -> dict[str, Any]:
    """Every minute: do what is due and what a stream or a queue lost."""
    from chalicelib.entrypoints.events import sweep as sweep_events

    return sweep_events.on_sweep()


@app.schedule(Cron(7, "*", "*", "*", "?", "*"))
def compact_lake(event: CloudWatchEvent) -> dict[str, Any]:
    """Every hour: rebuild the lake partitions that changed."""
    from chalicelib.entrypoints.events import analytics as analytics_events

    return analytics_events.on_compact()


@app.schedule(Cron(22, "*", "*", "*", "?", "*"))
def refresh_reports(event: CloudWatchEvent) -> dict[str, Any]:
    """Every hour, after compaction: recompute the report cells that changed."""
    from chalicelib.entrypoints.events import analytics as analytics_events

    return analytics_events.on_refresh()


@app.schedule(Cron(37, 3, "*", "*", "?", "*"))
def reconcile_accounts(event: CloudWatchEvent) -> dict[str, Any]:
    """Every night: does every completed contact have its decision, and every decision its end."""
    from chalicelib.entrypoints.events import reconcile as reconcile_events

    return reconcile_events.on_reconcile()
