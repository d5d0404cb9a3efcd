"""Visits in DynamoDB: one partition per office and day, so the queue is one strongly consistent query."""

from __future__ import annotations

import hashlib
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from pynamodb.exceptions import DoesNotExist, UpdateError

from chalicelib.adapters.booking.appointment_rows import appointment_key
from chalicelib.adapters.citizens.contact_rows import contact_row
from chalicelib.adapters.citizens.dynamodb_consents import consent_rows
from chalicelib.adapters.citizens.phone_pointers import phone_pointers
from chalicelib.adapters.dynamodb_work import pending_item
from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import AppointmentItem, VisitItem, bound, gone_by
from chalicelib.adapters.transactions import Steps
from chalicelib.adapters.visits.audit_rows import audit_row
from chalicelib.adapters.visits.dynamodb_follow_links import follow_link_row
from chalicelib.adapters.visits.visit_contacts import contact_of
from chalicelib.consent.model import ConsentRecord, ConsentState
from chalicelib.shared.clock import COPENHAGEN
from chalicelib.shared.errors import Busy, Outrun
from chalicelib.shared.hashing import phone_hash
from chalicelib.shared.phone import PhoneNumber
from chalicelib.visits.document import from_document, to_document
from chalicelib.visits.model import State
from chalicelib.visits.ports import Answered, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from chalicelib.shared.hashing import Keys
    from chalicelib.shared.work import WorkItem
    from chalicelib.visits.model import Booking, Visit, VisitKey

# ULIDs start with a digit; the counter and the request records of the same partition sort before them.
_FIRST_VISIT: Final = "0"
_TICKETS: Final = "#tickets"
_APPOINTMENT: Final = "appointment"
_KEEP_DAYS: Final = 30


class DynamoDbVisits:
    """`VisitStore` on the visits table. `keys` make what stands for a walk-in's phone number and for a link's token."""

    def __init__(self, keys: Callable[[], Keys]) -> None:
        self._keys = keys

    @busy_if_unread
    def find(self, municipality: str, key: VisitKey) -> Visit | None:
        """The visit with that id."""
        try:
            row = bound(VisitItem).get(_partition(municipality, key.office, key.day), key.ulid, consistent_read=True)
        except DoesNotExist:
            return None
        return _visit(row)

    @busy_if_unread
    def of_day(self, municipality: str, office: str, day: date) -> Sequence[Visit]:
        """Every visit of an office on a day."""
        model = bound(VisitItem)
        partition = _partition(municipality, office, day)
        return [_visit(row) for row in model.query(partition, model.sk >= _FIRST_VISIT, consistent_read=True)]

    @busy_if_unread
    def answered(self, municipality: str, office: str, day: date, request: Request) -> Answered | None:
        """What became of a request with that key."""
        try:
            partition = _partition(municipality, office, day)
            row = bound(VisitItem).get(partition, _request_key(request), consistent_read=True)
        except DoesNotExist:
            return None
        return Answered(row.document["fingerprint"], row.document["ulid"])

    def next_number(self, municipality: str, office: str, day: date) -> int:
        """A ticket number that no other visit of the office and day gets.

        Raises:
            Busy: not counted, or the answer was lost, which leaves a gap and never a double.
        """
        model = bound(VisitItem)
        counter = model(_partition(municipality, office, day), _TICKETS)
        try:
            counter.update(actions=[model.tickets.add(1), model.expires_at.set(_expiry(day))])
        except UpdateError as exc:
            raise Busy from exc
        return int(counter.tickets)

    def add(self, visit: Visit, *, request: Request | None = None, by: str | None = None) -> None:
        """Store the visit of a walk-in, its consent or refusal, its request record and the link that follows it."""
        steps = self._new_visit(visit)
        self._audit(steps, visit, by)
        _put_request(steps, request, visit)
        consent = self._consent(visit)
        if visit.consent.offered:
            for row in consent_rows(consent):
                steps.put("consent", row)
        for row in phone_pointers(visit.municipality, visit.ulid, consent.phone_hash, visit.arrived_at):
            steps.put("pointer", row)
        _all_or_outrun(steps)

    def add_booked(self, visit: Visit, booking: Booking, *, by: str | None = None) -> None:
        """Store the visit of a booked citizen, if the appointment was neither moved nor cancelled since it was read."""
        model = bound(AppointmentItem)
        steps = self._new_visit(visit)
        self._audit(steps, visit, by)
        steps.check(
            _APPOINTMENT, model, appointment_key(visit.municipality, visit.ulid), model.version == booking.version
        )
        _all_or_outrun(steps)

    def replace(self, before: Visit, after: Visit, *, request: Request | None = None, by: str | None = None) -> None:
        """Store `after` if the visit still is `before`."""
        steps = Steps()
        _put_changed(steps, before, after)
        self._audit(steps, after, by)
        _put_request(steps, request, after)
        _all_or_outrun(steps)

    def complete(self, before: Visit, after: Visit, work: Sequence[WorkItem], *, by: str | None = None) -> None:
        """The visit, its contact and its work in one transaction; an appointment forgets its phone number with it.

        An appointment that was erased in the meantime does not stand in the way of the completion.
        """
        steps = self._completion(before, after, work, by)
        if after.booked_start is not None:
            model = bound(AppointmentItem)
            steps.update(
                _APPOINTMENT,
                model(*appointment_key(after.municipality, after.ulid)),
                [model.phone.remove(), model.email.remove(), model.version.set(model.version + 1)],
                model.pk.exists(),
            )
        failed = steps.commit()
        if failed == {_APPOINTMENT}:
            failed = self._completion(before, after, work, by).commit()
        if failed:
            raise Outrun

    def move(self, before: Visit, after: Visit, arrived: Visit, *, by: str | None = None) -> None:
        """`after` has left, `arrived` waits elsewhere; one that comes back takes the place of what it left there."""
        model = bound(VisitItem)
        steps = Steps()
        _put_changed(steps, before, after)
        left_before = model.pk.does_not_exist() | (model.state == str(State.MOVED))
        steps.put("arrived", _row(arrived), left_before)
        steps.put("link", follow_link_row(self._keys(), arrived))
        self._audit(steps, after, by)
        _all_or_outrun(steps)

    def _completion(self, before: Visit, after: Visit, work: Sequence[WorkItem], by: str | None) -> Steps:
        completed = contact_of(after)
        contact = contact_row(completed, completed.ended_at)
        steps = Steps()
        _put_changed(steps, before, after)
        steps.put("contact", contact, type(contact).pk.does_not_exist())
        for item in work:
            steps.put("work", pending_item(item))
        self._audit(steps, after, by)
        return steps

    def _audit(self, steps: Steps, visit: Visit, by: str | None) -> None:
        """Who did the latest step, in the same transaction as the step."""
        if by is not None:
            steps.put("audit", audit_row(self._keys(), visit, visit.trail[-1], by))

    def _new_visit(self, visit: Visit) -> Steps:
        steps = Steps()
        steps.put("visit", _row(visit), bound(VisitItem).pk.does_not_exist())
        steps.put("link", follow_link_row(self._keys(), visit))
        return steps

    def _consent(self, visit: Visit) -> ConsentRecord:
        phone = visit.phone
        return ConsentRecord(
            municipality=visit.municipality,
            contact_id=visit.ulid,
            state=ConsentState.GRANTED if visit.consent.granted else ConsentState.REFUSED,
            text_version=visit.consent.text_version or "",
            language=visit.language,
            origin=str(visit.origin),
            at=visit.arrived_at,
            phone_hash=phone_hash(self._keys(), visit.municipality, phone) if phone else None,
        )


def _partition(municipality: str, office: str, day: date) -> str:
    return f"{municipality}#{office}#{day.isoformat()}"


def _request_key(request: Request) -> str:
    digest = hashlib.sha256(f"{request.scope}|{request.key}".encode()).hexdigest()[:40]
    return f"#request#{digest}"


def _end(day: date) -> datetime:
    """The end of the visit's thirty days: after that, its facts live on as a contact only."""
    return datetime.combine(day + timedelta(days=_KEEP_DAYS), time(), tzinfo=COPENHAGEN)


def _expiry(day: date) -> int:
    return int(_end(day).timestamp())


def _row(visit: Visit) -> VisitItem:
    return bound(VisitItem)(
        _partition(visit.municipality, visit.office, visit.day),
        visit.ulid,
        state=str(visit.state),
        document=to_document(visit),
        phone=visit.phone.reveal() if visit.phone else None,
        version=visit.version,
        expires_at=gone_by(_end(visit.day)),
    )


def _visit(row: VisitItem) -> Visit:
    document: dict[str, Any] = row.document
    return from_document(document, phone=PhoneNumber(row.phone) if row.phone else None, version=int(row.version))


def _put_changed(steps: Steps, before: Visit, after: Visit) -> None:
    model = bound(VisitItem)
    steps.put("visit", _row(after), (model.version == before.version) & (model.state == str(before.state)))


def _put_request(steps: Steps, request: Request | None, visit: Visit) -> None:
    if request is None:
        return
    model = bound(VisitItem)
    row = model(
        _partition(visit.municipality, visit.office, visit.day),
        _request_key(request),
        document={"fingerprint": request.fingerprint, "ulid": visit.ulid},
        expires_at=_expiry(visit.day),
    )
    steps.put("request", row, model.pk.does_not_exist())


def _all_or_outrun(steps: Steps) -> None:
    if steps.commit():
        raise Outrun
