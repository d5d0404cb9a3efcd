"""Events of dispatch: completed contacts, due invitations, delivery logs. Parse, one call, count."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from chalicelib import bootstrap
from chalicelib.adapters.dispatch.delivery_log import log_lines
from chalicelib.adapters.dispatch.send_queue import code_from, hint_from
from chalicelib.contacts.document import from_document
from chalicelib.dispatch.receipts import Settlement, is_interim, parse_line, provider_words
from chalicelib.entrypoints.events.dispatch_metrics import count, count_invitation
from chalicelib.entrypoints.rights.code_messages import send_code
from chalicelib.shared.errors import Busy
from chalicelib.telemetry import logger

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from chalice.app import DynamoDBEvent, SQSEvent

    from chalicelib.dispatch.model import Invitation


def on_contacts(event: DynamoDBEvent) -> dict[str, Any]:
    """Every completed contact in the batch has a decision afterwards; the answer names those that have none."""
    processor = BatchProcessor(EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)
    return dict(process_partial_response(event=event.to_dict(), record_handler=_contact, processor=processor))


def _contact(record: DynamoDBRecord) -> None:
    """A new contact item. Powertools wants the parameter to be called so."""
    image = record.dynamodb.new_image if record.dynamodb else None
    if record.event_name is None or record.event_name.name != "INSERT" or not image or "document" not in image:
        return
    with _logged("a contact could not be decided about", contact=image.get("contact_id")):
        contact = from_document(json.loads(image["document"]))
        count_invitation(bootstrap.dispatch().decide_contact(contact))


def on_send_queue(event: SQSEvent) -> dict[str, Any]:
    """Every hinted invitation that is due was tried once; the answer names messages to hand out again."""
    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    return dict(process_partial_response(event=event.to_dict(), record_handler=_hint, processor=processor))


def _hint(record: SQSRecord) -> None:
    """One hint. Powertools wants the parameter to be called so."""
    with _logged("a hint could not be read", message_id=record.message_id):
        code = code_from(record.body)
        hint = None if code else hint_from(record.body)
    if code:
        with _logged("a one-time code could not be sent", municipality=code[0]):
            send_code(*code)
    if hint is None:
        return
    with _logged("an invitation could not be sent", municipality=hint.municipality, contact=hint.contact_id):
        _note(bootstrap.dispatch().send(hint.municipality, hint.contact_id, hint.wave))


@contextmanager
def _logged(what: str, **ids: str | None) -> Iterator[None]:
    """Powertools collects what fails in a batch without a word, so it is said here, by ids alone, and passed on."""
    try:
        yield
    except Exception:
        logger.exception(what, extra=ids)
        raise


def on_delivery_log(event: Mapping[str, Any]) -> dict[str, Any]:
    """Every line of the log is applied or kept. One that can't be doesn't stop the others, and asks for a repetition.

    Raises:
        Busy: some lines must be handed over again; those done already change nothing then.
    """
    results = [_line(line) for line in log_lines(event)]
    if None in results:
        raise Busy
    return {how: results.count(how) for how in sorted({str(result) for result in results})}


def _line(line: str) -> str | None:
    """What became of a line; None if it must come again."""
    if is_interim(line):
        return "interim"
    receipt = parse_line(line)
    if receipt is None:
        count("ReceiptUnreadable")
        return "unreadable"
    if not receipt.recognised:
        count("ReceiptUnrecognised")
        logger.warning("a failure in words that we don't know", extra={"words": provider_words(line)})
    try:
        settled = bootstrap.receipts().record(receipt)
    except Exception:  # noqa: BLE001 - the edge of one record among many: logged, and handed over again
        logger.exception("a receipt could not be recorded", extra={"message_id": receipt.message_id})
        return None
    if settled.how is Settlement.APPLIED:
        _note(settled.invitation)
    return str(settled.how)


def _note(invitation: Invitation | None) -> None:
    """Count and log what became of an invitation, by ids alone."""
    count_invitation(invitation)
    if invitation is not None:
        ids = {"municipality": invitation.municipality, "contact": invitation.contact_id}
        logger.info("invitation %s", invitation.state, extra=ids)
