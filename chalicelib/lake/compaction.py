"""From landed objects to one Parquet file per table, municipality and month (design 4.5).

A partition is rebuilt as a whole from what has landed, so a run that dies halfway leaves nothing to repair. The steps
are ordered so that the partition stays marked until every one is done, and the file is replaced only if it still is
the one that stood there before the landed objects were listed: of two runs at once the one that listed first loses.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from chalicelib.lake.columns import RowRejected
from chalicelib.lake.landing import ROW_VERSION
from chalicelib.lake.schemas import LANDED, TABLES, VERSIONS, checked_row, known_columns
from chalicelib.shared.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

Row = dict[str, Any]

REPORTS: Final = "reports"
"""Marked whenever a table of the month was rebuilt: the period's counts are to be made again."""
_ATTEMPTS: Final = 3


@dataclass(frozen=True, slots=True)
class Mark:
    """A partition that was touched `version` times; all before `done` is already in its file."""

    municipality: str
    table: str
    month: str
    version: int
    done: int = 0
    tombstones: frozenset[str] = frozenset()

    @property
    def dirty(self) -> bool:
        """Something came after the last rebuild."""
        return self.version > self.done


@dataclass(frozen=True, slots=True)
class Accounts:
    """Where every landed line of a partition went: `rows_in` is the sum of the four counts after it (I5)."""

    table: str
    municipality: str
    month: str
    mark_version: int
    schema_version: int
    landed_objects: int
    rows_in: int
    rejected: int
    superseded: int
    tombstoned: int
    rows_out: int

    @property
    def balanced(self) -> bool:
        """No line is unaccounted for."""
        return self.rows_in == self.rejected + self.superseded + self.tombstoned + self.rows_out


@dataclass(frozen=True, slots=True)
class Compacted:
    """The rows of a file, in the order of their key, and the counts of those that are not in it."""

    rows: tuple[Row, ...] = field(repr=False)
    rows_in: int
    rejected: int
    superseded: int
    tombstoned: int


class CuratedStore(Protocol):
    """The files of the lake."""

    def token(self, mark: Mark) -> str | None:
        """What the partition's file is now, for `replace`; None when there is none."""
        ...

    def landed(self, mark: Mark) -> Sequence[bytes]:
        """The bodies of every landed object of the partition, in the order of their keys."""
        ...

    def replace(self, mark: Mark, rows: Sequence[Row], token: str | None) -> None:
        """The partition's file holds exactly these rows.

        Raises:
            Conflict: the file is no longer the one of the token; nothing was changed.
        """
        ...

    def account(self, accounts: Accounts) -> None:
        """The partition's manifest says this, unless a later rebuild has said something."""
        ...


class DirtyMarks(Protocol):
    """Which partitions have changed."""

    def find(self, municipality: str, table: str, month: str) -> Mark:
        """The mark as it is now, read strongly."""
        ...

    def dirty(self, municipality: str, table: str) -> Sequence[Mark]:
        """The marks of partitions to rebuild, oldest month first."""
        ...

    def touch(self, municipality: str, table: str, month: str) -> None:
        """The partition has changed."""
        ...

    def finish(self, mark: Mark) -> None:
        """Everything up to the mark's version is done; a later touch keeps the partition dirty."""
        ...


class CompactionService:
    """Rebuilds what changed."""

    def __init__(self, *, store: CuratedStore, marks: DirtyMarks) -> None:
        self._store = store
        self._marks = marks

    def run(self, municipalities: Iterable[str]) -> Iterator[Accounts]:
        """Rebuild every dirty partition, one by one; a partition that others keep changing waits for the next run."""
        for municipality in municipalities:
            for table in LANDED:
                for mark in self._marks.dirty(municipality, table):
                    yield from self._rebuild(mark)

    def _rebuild(self, mark: Mark) -> Iterator[Accounts]:
        for _ in range(_ATTEMPTS):
            try:
                yield self.compact(mark)
            except Conflict:
                mark = self._marks.find(mark.municipality, mark.table, mark.month)
            else:
                return

    def compact(self, mark: Mark) -> Accounts:
        """The partition's file holds what had landed when the mark was read, or more.

        Raises:
            Conflict: another run replaced the file meanwhile; the partition stays marked.
        """
        token = self._store.token(mark)
        bodies = self._store.landed(mark)
        result = compacted(mark.table, bodies, mark.tombstones)
        accounts = accounts_of(mark, len(bodies), result)
        self._store.replace(mark, result.rows, token)
        self._store.account(accounts)
        self._marks.touch(mark.municipality, REPORTS, mark.month)
        self._marks.finish(mark)
        return accounts


def accounts_of(mark: Mark, objects: int, result: Compacted) -> Accounts:
    """The accounts of a rebuild."""
    return Accounts(
        table=mark.table,
        municipality=mark.municipality,
        month=mark.month,
        mark_version=mark.version,
        schema_version=VERSIONS[mark.table],
        landed_objects=objects,
        rows_in=result.rows_in,
        rejected=result.rejected,
        superseded=result.superseded,
        tombstoned=result.tombstoned,
        rows_out=len(result.rows),
    )


def compacted(table: str, bodies: Iterable[bytes], tombstones: Collection[str] = ()) -> Compacted:
    """The rows that the partition's file is to hold.

    A subject's rows come and go together: those of its last version stay, once each; the rest is superseded. Lines of
    an older or newer schema are read by the columns that both know.
    """
    definition = TABLES[table]
    read = [_read(table, line) for body in bodies for line in body.splitlines() if line.strip()]
    good = [item for item in read if item is not None]
    kept = [item for item in good if item[1][str(definition.subject)] not in tombstones]
    last: dict[str, int] = {}
    for version, row in kept:
        subject = row[str(definition.subject)]
        last[subject] = max(version, last.get(subject, version))
    newest = {
        tuple(row[name] for name in definition.key): row
        for version, row in kept
        if version == last[row[str(definition.subject)]]
    }
    return Compacted(
        rows=tuple(newest[key] for key in sorted(newest)),
        rows_in=len(read),
        rejected=len(read) - len(good),
        superseded=len(kept) - len(newest),
        tombstoned=len(good) - len(kept),
    )


def _read(table: str, line: bytes) -> tuple[int, Row] | None:
    """Version and row of a line; None when it fits no schema of ours. The object stays where it landed."""
    try:
        values = json.loads(line)
        return int(values.get(ROW_VERSION, 0)), checked_row(table, known_columns(table, values))
    except (ValueError, TypeError, AttributeError, RowRejected):
        return None


def curated_key(table: str, municipality: str, month: str) -> str:
    """The one key of a partition's file."""
    tenant, period = TABLES[table].partitions
    return f"curated/{table}/{tenant}={municipality}/{period}={month}/data.parquet"


def manifest_key(table: str, municipality: str, month: str) -> str:
    """The partition's accounts."""
    return f"manifests/{table}/municipality={municipality}/month={month}.json"


def counts_key(municipality: str, period: str) -> str:
    """A period's counts: what pages and API read instead of Athena (design 4.6)."""
    return f"cells/municipality={municipality}/period={period}.json.gz"


def frozen_key(municipality: str, digest: str) -> str:
    """A closed month's counts for good, under the digest of their content."""
    return f"cells/municipality={municipality}/frozen={digest}.json.gz"
