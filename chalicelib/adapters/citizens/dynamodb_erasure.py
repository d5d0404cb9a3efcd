"""Every row about one contact, found by keys alone: no index and no scan. A new kind of row must be added here.

The id is in most keys; the office's day, the code and the number's hash stand in the contact's own rows, and tokens of
links are made again from the keys. A visit's day is in its appointment, its contact, or its ULID.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from pynamodb.exceptions import DoesNotExist

from chalicelib.adapters.booking.appointment_rows import appointment_from, appointment_key, code_key, day_key, day_pk
from chalicelib.adapters.booking.capacity_steps import read_lanes
from chalicelib.adapters.booking.earlier_rows import waiting_key
from chalicelib.adapters.citizens.dynamodb_consents import consent_key
from chalicelib.adapters.comments.mark_rows import marks_of_respondent, marks_pk
from chalicelib.adapters.dynamodb_work import pending_key
from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.surveys.dynamodb_callbacks import callback_key
from chalicelib.adapters.tables import (
    AppointmentItem,
    ConsentItem,
    ContactItem,
    InvitationItem,
    LinkItem,
    OperationItem,
    PendingItem,
    ResponseItem,
    Table,
    TickItem,
    VisitItem,
    bound,
)
from chalicelib.adapters.transactions import Steps
from chalicelib.adapters.visits.audit_rows import audit_pk
from chalicelib.adapters.visits.dynamodb_nearly import nearly_key
from chalicelib.booking.model import PhoneRow
from chalicelib.contacts.erasure import Record
from chalicelib.shared.clock import local_date, month_of, parse_moment
from chalicelib.shared.hashing import comment_key, is_token, link_token, token_hash
from chalicelib.shared.identifiers import normalise_booking_code
from chalicelib.shared.work import WorkItem, WorkKind
from chalicelib.surveys.callbacks import callback_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from chalicelib.booking.model import DayRow
    from chalicelib.shared.hashing import Keys

_PURPOSES: Final = ("survey", "appointment", "queue")
_ERASED: Final = "erased"
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MODELS: Final[dict[str, type[Table]]] = {
    model.Meta.suffix: model
    for model in (
        AppointmentItem,
        ConsentItem,
        ContactItem,
        InvitationItem,
        LinkItem,
        OperationItem,
        PendingItem,
        ResponseItem,
        VisitItem,
    )
}


class DynamoDbSubjectRows:
    """`SubjectRows` on all tables. `offices` answers the ids of a municipality's offices."""

    def __init__(self, keys: Callable[[], Keys], offices: Callable[[str], Iterable[str]]) -> None:
        self._keys = keys
        self._offices = offices

    @busy_if_unread
    def contact_of(self, municipality: str, code: str) -> str | None:
        """By the code's pointer, or by the hash of a link's token: a walk-in's message holds no code."""
        token = code.strip().split("?", 1)[0].rsplit("/", 1)[-1]
        if not is_token(token):
            pointer = _get(AppointmentItem, *code_key(municipality, normalise_booking_code(code)))
            return None if pointer is None else str(pointer.document["appointment"])
        link = _get(LinkItem, token_hash(token), "link")
        is_ours = link is not None and link.municipality == municipality and link.purpose in _PURPOSES
        return str(link.subject).rsplit(".", 1)[-1] if is_ours else None  # a queue's link names the visit

    @busy_if_unread
    def of(self, municipality: str, contact_id: str) -> Sequence[Record]:
        """Every row about the contact, read strongly."""
        appointment = _get(AppointmentItem, *appointment_key(municipality, contact_id))
        contact = _get(ContactItem, f"{municipality}#contact#{contact_id}", "contact")
        invitations = _query(InvitationItem, f"{municipality}#invitation#{contact_id}")
        response = _get(ResponseItem, f"{municipality}#response#{contact_id}", "response")
        consents = _query(ConsentItem, consent_key(municipality, contact_id)[0])
        days = self._days(municipality, contact_id, appointment, contact)
        found = [
            *(row for row in (appointment, contact, response) if row is not None),
            *invitations,
            *consents,
            *_pointers(municipality, appointment),
            *_visits(municipality, contact_id, days),
            *_wishes(municipality, contact_id, days),
            *_steps_of_staff(municipality, contact_id, days),
            *_of_number(municipality, contact_id, [*consents, *invitations]),
            *self._links(municipality, contact_id, invitations),
            *self._callbacks(municipality, contact_id),
            *self._marks(municipality, contact_id, response),
            *_work(municipality, contact_id),
        ]
        return (*map(_record, found), *_lanes(appointment), *_places(municipality, contact_id, consents))

    def unlink(self, contact_id: str, records: Sequence[Record]) -> None:
        """Lanes are released and a quarantine forgets who began it; if one is another's meanwhile, nothing is done."""
        steps, ticks, consents = Steps(), bound(TickItem), bound(ConsentItem)
        for record in records:
            if record.table == TickItem.Meta.suffix:
                lane = ticks.lanes[str(record.content["lane"])]
                steps.update("lane", ticks(record.pk, record.sk), [lane.remove()], lane["owner"] == contact_id)
            else:
                forgotten = [consents.state.set(_ERASED)]
                steps.update("consent", consents(record.pk, record.sk), forgotten, consents.state == contact_id)
        if records:
            steps.commit()

    def remove(self, records: Sequence[Record]) -> None:
        """In one transaction: a contact has a few dozen rows at most."""
        steps = Steps()
        for record in records:
            steps.delete(record.table, bound(_MODELS[record.table])(record.pk, record.sk))
        if records:
            steps.commit()

    def _days(self, municipality: str, contact_id: str, appointment: Any, contact: Any) -> set[tuple[str, date]]:
        """The offices and days on which the contact may have a visit: a desk may have sent it to any other office."""
        days = set[tuple[str, date]]()
        if appointment is not None:
            booked = local_date(parse_moment(appointment.document["start"]))
            days |= {(office, booked) for office in (appointment.document["office"], *self._offices(municipality))}
        if contact is not None and contact.document.get("office"):
            days.add((contact.document["office"], local_date(parse_moment(contact.document["arrived_at"]))))
        made_at = _made_at(contact_id)
        if made_at is not None:
            days |= {(office, local_date(made_at)) for office in self._offices(municipality)}
        return days

    def _links(self, municipality: str, contact_id: str, invitations: Sequence[Any]) -> Iterator[Any]:
        keys, subject = self._keys(), f"{municipality}|{contact_id}"
        for purpose in _PURPOSES:
            for version in keys.links:
                link = _get(LinkItem, token_hash(link_token(keys, purpose, subject, version=version)), "link")
                if link is not None:
                    yield link
        for message in filter(None, (row.document.get("message_id") for row in invitations)):
            yield from _query(LinkItem, f"sms#{message}")

    def _callbacks(self, municipality: str, contact_id: str) -> Iterator[Any]:
        """A wish to be called names no contact; it is found by the tokens that the contact's link can have."""
        keys, subject = self._keys(), f"{municipality}|{contact_id}"
        for version in keys.links:
            token = link_token(keys, "survey", subject, version=version)
            wish = _get(OperationItem, *callback_key(municipality, callback_id(token)))
            if wish is not None:
                yield wish

    def _marks(self, municipality: str, contact_id: str, response: Any) -> list[Any]:
        """What colleagues put on the contact's comments: under a keyed name, in the month of the contact's end."""
        if response is None:
            return []
        month = month_of(parse_moment(response.document["contact_ended_at"]))
        written = marks_of_respondent(month, comment_key(self._keys(), municipality, contact_id))
        return _query(OperationItem, marks_pk(municipality), written)


def _pointers(municipality: str, appointment: Any) -> Iterator[Any]:
    """The code, its place in the day list and among who waits for an earlier time, and the counts of tries."""
    if appointment is None:
        return
    known = appointment_from(appointment)
    for key in (code_key(municipality, known.code), day_key(known)):
        row = _get(AppointmentItem, *key)
        if row is not None and row.document["appointment"] == known.id:
            yield row
    waiting = _get(OperationItem, *waiting_key(known))
    if waiting is not None:
        yield waiting
    yield from _query(AppointmentItem, f"{municipality}#find#{known.code}")


def _lanes(appointment: Any) -> Iterator[Record]:
    """The lanes of the time; others' lanes in the same ticks are nobody's business here."""
    if appointment is None:
        return
    row = appointment_from(appointment).row
    pk = day_pk(row.municipality, row.office, row.day)
    for tick, number in _owned(row, appointment.document["id"]):
        yield Record(TickItem.Meta.suffix, pk, f"{row.group}#{tick}", {"lane": number})


def _places(municipality: str, contact_id: str, consents: Sequence[Any]) -> Iterator[Record]:
    """The appointment's place among those of its phone number."""
    for hashed in sorted(_hashes(consents)):
        row = PhoneRow(municipality, hashed, kept_until=_EPOCH)
        for tick, number in _owned(row, contact_id):
            yield Record(TickItem.Meta.suffix, f"{municipality}#phone#{hashed}", tick, {"lane": number})


def _owned(row: DayRow | PhoneRow, owner: str) -> Iterator[tuple[str, int]]:
    lanes = ((tick, number, lane) for tick, state in read_lanes(row).items() for number, lane in state.lanes.items())
    return ((tick, number) for tick, number, lane in lanes if lane.owner == owner)


def _visits(municipality: str, contact_id: str, days: Iterable[tuple[str, date]]) -> Iterator[Any]:
    """The visit, and the requests that made or called it."""
    for office, day in sorted(days):
        partition = day_pk(municipality, office, day)
        visit = _get(VisitItem, partition, contact_id)
        if visit is not None:
            yield visit
        requests = _query(VisitItem, partition, bound(VisitItem).sk.startswith("#request#"))
        yield from (row for row in requests if row.document["ulid"] == contact_id)


def _wishes(municipality: str, contact_id: str, days: Iterable[tuple[str, date]]) -> Iterator[Any]:
    """The wish for a message when it is nearly the citizen's turn, with its number."""
    wishes = (_get(OperationItem, *nearly_key(municipality, office, day, contact_id)) for office, day in sorted(days))
    yield from (row for row in wishes if row is not None)


def _steps_of_staff(municipality: str, contact_id: str, days: Iterable[tuple[str, date]]) -> Iterator[Any]:
    """Who did what with the visit, and who read that."""
    begins = bound(OperationItem).sk.startswith(f"{contact_id}#")
    for office, day in sorted(days):
        yield from _query(OperationItem, audit_pk(municipality, office, day), begins)


def _of_number(municipality: str, contact_id: str, rows: Sequence[Any]) -> Iterator[Any]:
    """What stands under the hashes of the contact's number and names the contact, and the number's own wish."""
    for number in sorted(_hashes(rows)):
        key = f"{municipality}#phone#{number}"
        yield from (row for row in _query(ConsentItem, key) if row.sk == "opted_out" or row.state == contact_id)
        sent = _query(LinkItem, key, bound(LinkItem).sk.startswith("sent#"))
        yield from (row for row in sent if row.subject == contact_id)


def _hashes(rows: Sequence[Any]) -> set[str]:
    return {str(row.document["phone_hash"]) for row in rows if row.document.get("phone_hash")}


def _work(municipality: str, contact_id: str) -> list[Any]:
    """Pending work of every kind, whenever it is due: one query of the contact's shard."""
    partition, _ = pending_key(WorkItem(municipality, WorkKind.DECIDE, contact_id, _EPOCH))
    model = bound(PendingItem)
    return list(model.query(partition, filter_condition=model.subject == contact_id, consistent_read=True))


def _made_at(ulid: str) -> datetime | None:
    """The time in a ULID: when a walk-in took its ticket. None for an id that can't be one of ours."""
    try:
        milliseconds = sum(_CROCKFORD.index(c) << 5 * place for place, c in enumerate(reversed(ulid[:10])))
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except (ValueError, OverflowError):
        return None


def _get(table: type[Table], pk: str, sk: str) -> Any:
    try:
        return bound(table).get(pk, sk, consistent_read=True)
    except DoesNotExist:
        return None


def _query(table: type[Table], pk: str, condition: Any = None) -> list[Any]:
    return list(bound(table).query(pk, condition, consistent_read=True))


def _record(row: Any) -> Record:
    content = {name: getattr(row, name) for name in row.get_attributes() if name not in {"pk", "sk"}}
    present = {name: value for name, value in content.items() if value is not None}
    return Record(row.Meta.suffix, row.pk, row.sk, present)
