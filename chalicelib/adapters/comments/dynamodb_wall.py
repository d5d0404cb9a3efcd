"""In which days the wall is on, in DynamoDB: one row per municipality."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from pynamodb.exceptions import DoesNotExist

from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import OperationItem, bound
from chalicelib.adapters.transactions import Steps
from chalicelib.comments.wall import Wall
from chalicelib.shared.errors import Outrun

if TYPE_CHECKING:
    from pynamodb.expressions.condition import Condition

_KEPT: Final = timedelta(days=30)
_SK: Final = "current"


class DynamoDbWall:
    """`WallStore` on the operations table."""

    @busy_if_unread
    def get(self, municipality: str) -> Wall:
        """The days as they are now."""
        try:
            row = bound(OperationItem).get(_pk(municipality), _SK, consistent_read=True)
        except DoesNotExist:
            return Wall()
        days = row.document
        if not days:
            return Wall(version=int(row.version))
        return Wall(date.fromisoformat(days["first"]), date.fromisoformat(days["last"]), int(row.version))

    def save(self, municipality: str, wall: Wall) -> None:
        """These days, in place of the version before."""
        if wall.first is None or wall.last is None:
            raise ValueError("a wall without days is cleared, not saved")
        model, steps = bound(OperationItem), Steps()
        row = model(
            _pk(municipality),
            _SK,
            document={"first": wall.first.isoformat(), "last": wall.last.isoformat()},
            version=wall.version,
            expires_at=int((datetime.combine(wall.last, time(), tzinfo=UTC) + _KEPT).timestamp()),
        )
        steps.put("wall", row, _stands(model, wall.version - 1))
        if steps.commit():
            raise Outrun

    def clear(self, municipality: str) -> None:
        """Off, whatever stood there, and counted, so that a page of before switches nothing on again."""
        model, steps = bound(OperationItem), Steps()
        steps.update("wall", model(_pk(municipality), _SK), [model.document.set({}), model.version.add(1)])
        steps.commit()


def _pk(municipality: str) -> str:
    return f"{municipality}#wall"


def _stands(model: type[OperationItem], version: int) -> Condition:
    return model.version == version if version else model.pk.does_not_exist()
