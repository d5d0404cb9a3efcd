"""Planned messages as they stand in their appointment, and as the pending work that the sweep finds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.dynamodb_work import pending_item, pending_key
from chalicelib.booking.planned import MessageKind, PlannedMessage, work_of
from chalicelib.shared.clock import parse_moment, utc_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chalicelib.adapters.transactions import Steps
    from chalicelib.booking.model import Appointment
    from chalicelib.shared.work import WorkItem


def messages_document(messages: Sequence[PlannedMessage]) -> list[dict[str, str | None]]:
    """As stored in the appointment's document."""
    return [
        {
            "kind": message.kind.value,
            "due_at": utc_text(message.due_at),
            "about": utc_text(message.about) if message.about else None,
        }
        for message in messages
    ]


def messages_from(documents: Iterable[dict[str, Any]]) -> tuple[PlannedMessage, ...]:
    """The messages of an appointment's document."""
    return tuple(
        PlannedMessage(
            MessageKind(document["kind"]),
            parse_moment(document["due_at"]),
            parse_moment(document["about"]) if document["about"] else None,
        )
        for document in documents
    )


def swap_messages(steps: Steps, before: Appointment | None, after: Appointment, *, anew: bool = True) -> None:
    """Pending work follows the appointment: what is no longer planned goes, what is planned comes."""
    ends, begins = pending_messages(before, after, anew=anew)
    for number, item in enumerate(ends):
        steps.delete(f"old message {number}", pending_item(item))
    for number, item in enumerate(begins):
        steps.put(f"message {number}", pending_item(item))


def pending_messages(
    before: Appointment | None, after: Appointment, *, anew: bool = True
) -> tuple[list[WorkItem], list[WorkItem]]:
    """The work that ends and that begins when an appointment becomes another.

    Without `anew`, a message that both have is left alone: it may have been sent already and must not come back.
    """
    old = _items(before, None) if before else {}
    new = _items(after, before)
    known = set(before.messages) if before and not anew else set()
    ends = [old[key] for key in sorted(old.keys() - new.keys())]
    return ends, [new[pending_key(_work(after, message))] for message in after.messages if message not in known]


def _items(appointment: Appointment, before: Appointment | None) -> dict[tuple[str, str], WorkItem]:
    items = [
        replace(_work(appointment, message), payload=_payload(message, before)) for message in appointment.messages
    ]
    return {pending_key(item): item for item in items}


def _work(appointment: Appointment, message: PlannedMessage) -> WorkItem:
    return work_of(appointment.municipality, appointment.id, message)


def _payload(message: PlannedMessage, before: Appointment | None) -> dict[str, str]:
    """Where a message goes whose appointment no longer says so: the cancellation has removed it there."""
    if before is None or message.kind is not MessageKind.CANCELLED:
        return {}
    phone = before.phone.reveal() if before.phone else None
    return {name: value for name, value in (("phone", phone), ("email", before.email)) if value}
