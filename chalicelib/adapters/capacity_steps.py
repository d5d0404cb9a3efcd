"""Changes of lanes as steps of a transaction: each lane is taken, passed on or released only by whom it belongs to."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any, Final

from chalicelib.adapters.tables import TickItem, bound
from chalicelib.booking.capacity import Change, Lane, Seen
from chalicelib.shared.clock import COPENHAGEN

if TYPE_CHECKING:
    from pynamodb.expressions.condition import Condition

    from chalicelib.adapters.transactions import Steps
    from chalicelib.booking.model import DayRow, RowChanges

_KEEP_DAYS: Final = 2


def read_lanes(row: DayRow) -> Seen:
    """The lanes of every tick of the row that has an item, in one consistent query."""
    model = bound(TickItem)
    prefix = f"{row.group}#"
    items = model.query(_partition(row), model.sk.startswith(prefix), consistent_read=True)
    return {item.sk.removeprefix(prefix): _lanes(item) for item in items}


def _lanes(item: TickItem) -> dict[int, Lane]:
    lanes: dict[str, Any] = item.lanes.as_dict()
    return {int(number): _lane(entry) for number, entry in lanes.items()}


def _lane(entry: dict[str, Any]) -> Lane:
    until = entry.get("until")
    return Lane(entry["owner"], None if until is None else int(until))


def add_changes(steps: Steps, rows: RowChanges, now: datetime) -> None:
    """One step for each tick concerned. A tick without an item is written whole, so that two can't both be first."""
    model = bound(TickItem)
    second = int(now.timestamp())
    expires = _expiry(rows.row)
    for change in rows.changes:
        key = _partition(rows.row), f"{rows.row.group}#{change.tick}"
        if change.fresh and change.after is not None:
            item = model(*key, lanes={str(change.lane): _entry(change.after)}, expires_at=expires)
            steps.put("tick", item, model.pk.does_not_exist())
            continue
        lane = model.lanes[str(change.lane)]
        action = lane.remove() if change.after is None else lane.set(_entry(change.after))
        steps.update("tick", model(*key), [action], _condition(change, second))


def _condition(change: Change, now: int) -> Condition:
    lanes = bound(TickItem).lanes
    if change.before is not None:
        return lanes[str(change.lane)]["owner"] == change.before
    free = [_is_free(number, now) for number in (change.lane, *change.also_free)]
    return reduce(and_, free)


def _is_free(number: int, now: int) -> Condition:
    lane = bound(TickItem).lanes[str(number)]
    return lane.does_not_exist() | (lane["until"] <= now)


def _entry(lane: Lane) -> dict[str, Any]:
    """`until` is left out of a confirmed lane: what is not there can't have passed."""
    return {"owner": lane.owner} if lane.until is None else {"owner": lane.owner, "until": lane.until}


def _partition(row: DayRow) -> str:
    return f"{row.municipality}#{row.office}#{row.day.isoformat()}"


def _expiry(row: DayRow) -> int:
    return int(datetime.combine(row.day + timedelta(days=_KEEP_DAYS), time(), tzinfo=COPENHAGEN).timestamp())
