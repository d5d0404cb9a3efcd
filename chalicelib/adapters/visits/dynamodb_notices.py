"""Notices in DynamoDB: the open ones are one small partition, so that every page can ask; the past ones another."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import OperationItem, bound
from chalicelib.adapters.transactions import Steps
from chalicelib.shared.clock import parse_moment, utc_text
from chalicelib.shared.errors import Outrun
from chalicelib.visits.notices import Level, Notice, NoticeKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_KEPT: Final = timedelta(days=800)
"""Two years of windows, so that a report can be compared with the same months of the year before."""


class DynamoDbNotices:
    """`NoticeStore` on the operations table."""

    @busy_if_unread
    def open(self, municipality: str) -> Sequence[Notice]:
        """Those that have not been put away."""
        model = bound(OperationItem)
        return [_notice(row) for row in model.query(_open_pk(municipality), consistent_read=True)]

    @busy_if_unread
    def past(self, municipality: str, since: datetime) -> Sequence[Notice]:
        """Those put away that ended at `since` or later."""
        model = bound(OperationItem)
        rows = model.query(_past_pk(municipality), model.sk >= utc_text(since), consistent_read=True)
        return [_notice(row) for row in rows]

    def add(self, notice: Notice) -> None:
        """Store a new one."""
        model = bound(OperationItem)
        steps = Steps()
        steps.put("notice", _row(_open_pk(notice.municipality), notice.id, notice), model.pk.does_not_exist())
        if steps.commit():
            raise Outrun

    def put_away(self, before: Notice, after: Notice) -> None:
        """Keep `after` among the past, if the open one still is `before`."""
        if after.ends is None:
            raise ValueError("a notice that goes on is not put away")
        model = bound(OperationItem)
        steps = Steps()
        open_row = model(_open_pk(before.municipality), before.id)
        steps.delete("open", open_row, model.version == before.version)
        past_row = _row(_past_pk(after.municipality), f"{utc_text(after.ends)}#{after.id}", after)
        past_row.expires_at = int((after.ends + _KEPT).timestamp())
        steps.put("past", past_row)
        if steps.commit():
            raise Outrun


def _open_pk(municipality: str) -> str:
    return f"{municipality}#notices#open"


def _past_pk(municipality: str) -> str:
    return f"{municipality}#notices#past"


def _row(pk: str, sk: str, notice: Notice) -> OperationItem:
    return bound(OperationItem)(pk, sk, document=_document(notice), version=notice.version)


def _document(notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.id,
        "municipality": notice.municipality,
        "kind": str(notice.kind),
        "level": str(notice.level),
        "text": dict(notice.text),
        "event_at": utc_text(notice.event_at),
        "posted_at": utc_text(notice.posted_at),
        "starts": utc_text(notice.starts),
        "ends": utc_text(notice.ends) if notice.ends else None,
        "offices": list(notice.offices),
        "reasons": list(notice.reasons),
    }


def _notice(row: OperationItem) -> Notice:
    facts = row.document
    return Notice(
        id=facts["id"],
        municipality=facts["municipality"],
        kind=NoticeKind(facts["kind"]),
        level=Level(facts["level"]),
        text=facts["text"],
        event_at=parse_moment(facts["event_at"]),
        posted_at=parse_moment(facts["posted_at"]),
        starts=parse_moment(facts["starts"]),
        ends=parse_moment(facts["ends"]) if facts["ends"] else None,
        offices=tuple(facts["offices"]),
        reasons=tuple(facts["reasons"]),
        version=int(row.version),
    )
