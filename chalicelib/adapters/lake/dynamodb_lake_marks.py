"""Which lake partitions have changed, in DynamoDB: pk `{m}#{table}`, sk `{YYYY-MM}`; one Query per table, no scan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pynamodb.exceptions import UpdateError

from chalicelib.adapters.tables import LakeMarkItem, bound
from chalicelib.adapters.transactions import response_code
from chalicelib.lake.compaction import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence


class DynamoDbLakeMarks:
    """`Marks` for landing, `DirtyMarks` for compaction and refresh."""

    def touch(self, municipality: str, table: str, month: str) -> None:
        """The partition has changed: its version is one higher."""
        model = bound(LakeMarkItem)
        model(_partition(municipality, table), month).update(actions=[model.version.add(1)])

    def bury(self, municipality: str, table: str, month: str, subject: str) -> None:
        """The subject's rows leave the partition's file with its next rebuild, and never return (I9)."""
        model = bound(LakeMarkItem)
        item = model(_partition(municipality, table), month)
        old = model.tombstones | []
        item.update(actions=[model.version.add(1), model.tombstones.set(old.append([subject]))])

    def find(self, municipality: str, table: str, month: str) -> Mark:
        """The mark as it is now; version 0 for a partition that was never touched."""
        model = bound(LakeMarkItem)
        try:
            return _mark(model.get(_partition(municipality, table), month, consistent_read=True))
        except model.DoesNotExist:
            return Mark(municipality, table, month, 0)

    def dirty(self, municipality: str, table: str) -> Sequence[Mark]:
        """The marks of partitions to rebuild, oldest month first, read strongly."""
        rows = bound(LakeMarkItem).query(_partition(municipality, table), consistent_read=True)
        return tuple(mark for mark in map(_mark, rows) if mark.dirty)

    def finish(self, mark: Mark) -> None:
        """Everything up to the mark's version is done; a later touch, or a later run's finish, stays."""
        model = bound(LakeMarkItem)
        item = model(_partition(mark.municipality, mark.table), mark.month)
        try:
            item.update(
                actions=[model.done.set(mark.version)],
                condition=model.done.does_not_exist() | (model.done < mark.version),
            )
        except UpdateError as exc:
            if response_code(exc) != "ConditionalCheckFailedException":
                raise


def _partition(municipality: str, table: str) -> str:
    return f"{municipality}#{table}"


def _mark(item: LakeMarkItem) -> Mark:
    municipality, table = item.pk.rsplit("#", 1)
    return Mark(
        municipality=municipality,
        table=table,
        month=item.sk,
        version=int(item.version or 0),
        done=int(item.done or 0),
        tombstones=frozenset(str(subject) for subject in item.tombstones or ()),
    )
