"""Changes of lanes as steps of a transaction: each lane is taken, passed on or released only as it was read."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any, Final

from pynamodb.exceptions import DoesNotExist

from chalicelib.adapters.tables import TickItem, bound
from chalicelib.booking.capacity import Change, Lane, Seen, TickState
from chalicelib.booking.model import DayRow, PhoneRow
from chalicelib.booking.phone_limit import OPEN
from chalicelib.shared.clock import COPENHAGEN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pynamodb.expressions.condition import Condition
    from pynamodb.expressions.update import Action

    from chalicelib.adapters.transactions import Steps
    from chalicelib.booking.model import RowChanges

_KEEP_DAYS: Final = 2


def read_lanes(row: DayRow | PhoneRow) -> Seen:
    """Every tick of the row that has an item: one consistent query for a day, one read for a phone number."""
    model = bound(TickItem)
    if isinstance(row, PhoneRow):
        try:
            return {OPEN: _state(model.get(*_key(row, OPEN), consistent_read=True))}
        except DoesNotExist:
            return {}
    partition, prefix = _key(row, "")
    items = model.query(partition, model.sk.startswith(prefix), consistent_read=True)
    return {item.sk.removeprefix(prefix): _state(item) for item in items}


def _state(item: TickItem) -> TickState:
    lanes: dict[str, Any] = item.lanes.as_dict()
    cap = None if item.cap is None else int(item.cap)
    return TickState({int(number): _lane(entry) for number, entry in lanes.items()}, cap)


def _lane(entry: dict[str, Any]) -> Lane:
    until, within = entry.get("until"), entry.get("within")
    return Lane(entry["owner"], None if until is None else int(until), None if within is None else int(within))


def add_changes(steps: Steps, rows: RowChanges, now: datetime) -> None:
    """One step for each tick concerned. A tick without an item is written whole, so that two can't both be first."""
    model = bound(TickItem)
    expires = _expiry(rows.row)
    for change in rows.changes:
        key = _key(rows.row, change.tick)
        if change.fresh:
            lanes = {str(edit.lane): _entry(edit.after) for edit in change.edits if edit.after}
            steps.put("tick", model(*key, lanes=lanes, expires_at=expires), model.pk.does_not_exist())
            continue
        actions: list[Action] = [_action(edit.lane, edit.after) for edit in change.edits]
        if isinstance(rows.row, PhoneRow):
            actions.append(model.expires_at.set(expires))
        steps.update("tick", model(*key), actions, _condition(change, int(now.timestamp())))


def add_caps(steps: Steps, row: DayRow, caps: Mapping[str, int]) -> None:
    """One step for each tick; a tick without an item gets one, so that whoever thinks to be first is refused."""
    model = bound(TickItem)
    for tick, cap in caps.items():
        kept = [model.lanes.set(model.lanes | {}), model.expires_at.set(_expiry(row))]
        steps.update("cap", model(*_key(row, tick)), [model.cap.set(cap), *kept])


def _action(number: int, after: Lane | None) -> Action:
    lane = bound(TickItem).lanes[str(number)]
    action: Action = lane.remove() if after is None else lane.set(_entry(after))
    return action


def _condition(change: Change, now: int) -> Condition:
    cap = bound(TickItem).cap
    lanes = [*((edit.lane, edit.before) for edit in change.edits), *change.unchanged]
    same = [_is_still(number, lane, now) for number, lane in lanes]
    return reduce(and_, same, cap.does_not_exist() if change.cap is None else cap == change.cap)


def _is_still(number: int, before: Lane | None, now: int) -> Condition:
    """Absent or expired for none; else that owner for that long: a hold that was extended must not be cut short."""
    lane = bound(TickItem).lanes[str(number)]
    until = lane["until"]
    if before is None:
        return lane.does_not_exist() | (until <= now)
    return (lane["owner"] == before.owner) & (until.does_not_exist() if before.until is None else until == before.until)


def _entry(lane: Lane) -> dict[str, Any]:
    """`until` is left out of a confirmed lane: what is not there can't have passed."""
    entry = {"owner": lane.owner, "until": lane.until, "within": lane.within}
    return {name: value for name, value in entry.items() if value is not None}


def _key(row: DayRow | PhoneRow, tick: str) -> tuple[str, str]:
    if isinstance(row, PhoneRow):
        return f"{row.municipality}#phone#{row.phone_hash}", tick
    return f"{row.municipality}#{row.office}#{row.day.isoformat()}", f"{row.group}#{tick}"


def _expiry(row: DayRow | PhoneRow) -> int:
    if isinstance(row, PhoneRow):
        return int(row.kept_until.timestamp())
    return int(datetime.combine(row.day + timedelta(days=_KEEP_DAYS), time(), tzinfo=COPENHAGEN).timestamp())
