"""An office's day beside its visits, in DynamoDB: one partition, so the desk page reads it with one query."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.adapters.citizens.contact_rows import contact_row
from chalicelib.adapters.dynamodb_work import pending_item
from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import OperationItem, bound
from chalicelib.adapters.transactions import Steps
from chalicelib.adapters.visits.audit_rows import audit_row_of_office
from chalicelib.contacts.model import Consent, Contact, Ending, Origin
from chalicelib.municipalities.model import Channel
from chalicelib.shared.clock import local_day_bounds, parse_moment, utc_text
from chalicelib.shared.errors import Outrun
from chalicelib.shared.identifiers import ContactId
from chalicelib.visits.today import Alarm, AtDoor, Today

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from chalicelib.shared.hashing import Keys
    from chalicelib.visits.closing import ToldAtDoor

_ALARM: Final = "alarm#"
_DOOR: Final = "door#"
_COUNTED: Final = "counted"
_KEPT: Final = timedelta(days=30)


class DynamoDbToday:
    """`TodayStore` and `DoorLedger` on the operations table. `keys` make the pseudonyms of the audit."""

    def __init__(self, keys: Callable[[], Keys]) -> None:
        self._keys = keys

    @busy_if_unread
    def of_day(self, municipality: str, office: str, day: date) -> Today:
        """Everything of an office's day, in the order in which it happened."""
        rows = list(bound(OperationItem).query(_pk(municipality, office, day), consistent_read=True))
        alarms = [_alarm(row) for row in rows if row.sk.startswith(_ALARM)]
        at_door = [_at_door(row) for row in rows if row.sk.startswith(_DOOR)]
        return Today(
            tuple(sorted(alarms, key=lambda alarm: (alarm.raised_at, alarm.id))),
            tuple(sorted(at_door, key=lambda entry: (entry.at, entry.id))),
        )

    def add_alarm(self, municipality: str, day: date, alarm: Alarm, by: str) -> None:
        """A new alarm, and who raised it."""
        steps = Steps()
        steps.put("alarm", _alarm_row(municipality, day, alarm), bound(OperationItem).pk.does_not_exist())
        self._audit(steps, municipality, day, alarm, by)
        _all_or_outrun(steps)

    def answer_alarm(self, municipality: str, day: date, before: Alarm, after: Alarm, by: str) -> None:
        """The alarm is answered, if it still is `before`, and who did it."""
        steps = Steps()
        unchanged = bound(OperationItem).version == before.version
        steps.put("alarm", _alarm_row(municipality, day, after), unchanged)
        self._audit(steps, municipality, day, after, by)
        _all_or_outrun(steps)

    def add_at_door(self, municipality: str, day: date, entry: AtDoor) -> None:
        """A new question."""
        steps = Steps()
        steps.put("door", _door_row(municipality, day, entry), bound(OperationItem).pk.does_not_exist())
        _all_or_outrun(steps)

    def remove_at_door(self, municipality: str, day: date, entry: AtDoor) -> None:
        """It was counted by mistake; gone, unless it has become a contact."""
        model = bound(OperationItem)
        steps = Steps()
        row = model(_pk(municipality, entry.office, day), f"{_DOOR}{entry.id}")
        steps.delete("door", row, model.state.does_not_exist() & model.pk.exists())
        _all_or_outrun(steps)

    def become_contact(self, municipality: str, day: date, told: ToldAtDoor) -> None:
        """Its contact exists, its work is pending, and it is marked as counted; twice is once."""
        model = bound(OperationItem)
        entry = told.entry
        contact = contact_row(_contact(municipality, told), entry.at)
        steps = Steps()
        steps.put("contact", contact, type(contact).pk.does_not_exist())
        for item in told.work:
            steps.put("work", pending_item(item))
        row = model(_pk(municipality, entry.office, day), f"{_DOOR}{entry.id}")
        steps.update("door", row, [model.state.set(_COUNTED)], model.state.does_not_exist() & model.pk.exists())
        steps.commit()  # refused: another run was faster, or it has just been taken back

    def _audit(self, steps: Steps, municipality: str, day: date, alarm: Alarm, by: str) -> None:
        action, at = ("alarm", alarm.raised_at) if alarm.answered_at is None else ("alarm-answered", alarm.answered_at)
        subject = f"alarm-{alarm.id}"
        row = audit_row_of_office(self._keys(), municipality, alarm.office, day, subject, action=action, at=at, by=by)
        steps.put("audit", row)


def _pk(municipality: str, office: str, day: date) -> str:
    return f"{municipality}#today#{office}#{day.isoformat()}"


def _expiry(day: date) -> int:
    return int((local_day_bounds(day)[1] + _KEPT).timestamp())


def _alarm_row(municipality: str, day: date, alarm: Alarm) -> OperationItem:
    return bound(OperationItem)(
        _pk(municipality, alarm.office, day),
        f"{_ALARM}{alarm.id}",
        document={
            "office": alarm.office,
            "desk": alarm.desk,
            "raised_at": utc_text(alarm.raised_at),
            "answered_by": alarm.answered_by,
            "answered_at": utc_text(alarm.answered_at) if alarm.answered_at else None,
        },
        version=alarm.version,
        expires_at=_expiry(day),
    )


def _alarm(row: OperationItem) -> Alarm:
    facts = row.document
    return Alarm(
        id=row.sk.removeprefix(_ALARM),
        office=facts["office"],
        desk=facts["desk"],
        raised_at=parse_moment(facts["raised_at"]),
        answered_by=facts["answered_by"],
        answered_at=parse_moment(facts["answered_at"]) if facts["answered_at"] else None,
        version=int(row.version),
    )


def _door_row(municipality: str, day: date, entry: AtDoor) -> OperationItem:
    return bound(OperationItem)(
        _pk(municipality, entry.office, day),
        f"{_DOOR}{entry.id}",
        document={"office": entry.office, "reason": entry.reason, "at": utc_text(entry.at)},
        expires_at=_expiry(day),
    )


def _at_door(row: OperationItem) -> AtDoor:
    facts = row.document
    entry = row.sk.removeprefix(_DOOR)
    return AtDoor(entry, facts["office"], facts["reason"], parse_moment(facts["at"]), row.state == _COUNTED)


def _contact(municipality: str, told: ToldAtDoor) -> Contact:
    entry = told.entry
    return Contact(
        id=ContactId(entry.id),
        municipality=municipality,
        channel=Channel.IN_PERSON,
        department=told.department,
        reasons=(entry.reason,),
        origin=Origin.DESK,
        language="da",
        arrived_at=entry.at,
        ended_at=entry.at,
        consent=Consent(offered=False, granted=False),
        office=entry.office,
        desk_group=told.desk_group,
        ending=Ending.AT_DOOR,
    )


def _all_or_outrun(steps: Steps) -> None:
    if steps.commit():
        raise Outrun
