"""The lake's ports in memory, able to die before or after any call."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from chalicelib.lake.compaction import Mark
from chalicelib.lake.landing import landing_prefix, lines
from chalicelib.shared.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from chalicelib.lake.compaction import Accounts
    from chalicelib.lake.landing import Fact, LandedObject
    from chalicelib.shared.work import WorkItem, WorkKind


class Killed(BaseException):
    """The process is gone: nothing in the product may catch this."""


@dataclass
class Lives:
    """Counts calls and dies at the one asked for: `at` is the call, `after` whether its effect was still had."""

    at: int | None = None
    after: bool = False
    calls: int = 0

    def spend(self, effect: Callable[[], Any]) -> Any:
        self.calls += 1
        if self.calls == self.at and not self.after:
            raise Killed
        result = effect()
        if self.calls == self.at:
            raise Killed
        return result


@dataclass
class FakeFacts:
    """Facts and pending work in one place."""

    facts: dict[tuple[WorkKind, str, str], Fact] = field(default_factory=dict)
    pending: dict[tuple[str, WorkKind, str, datetime], WorkItem] = field(default_factory=dict)
    lives: Lives = field(default_factory=Lives)

    def put(self, kind: WorkKind, fact: Fact, item: WorkItem) -> None:
        self.facts[kind, fact.municipality, fact.subject] = fact
        self.pending[item.municipality, kind, item.subject, item.due_at] = item

    def find(self, kind: WorkKind, municipality: str, subject: str) -> Fact | None:
        return self.lives.spend(lambda: self.facts.get((kind, municipality, subject)))

    def settle(self, item: WorkItem) -> None:
        def effect() -> None:
            key = (item.municipality, item.kind, item.subject, item.due_at)
            if key in self.pending and self.pending[key].version <= item.version:
                del self.pending[key]

        self.lives.spend(effect)

    def due(self, municipality: str, now: datetime, *, kind: WorkKind | None = None) -> Iterator[WorkItem]:
        items = sorted(self.pending.values(), key=lambda item: item.due_at)
        return iter([i for i in items if i.municipality == municipality and i.due_at <= now and kind in {None, i.kind}])


@dataclass
class FakeLake:
    """Landing area and files of one bucket."""

    landed_objects: dict[str, LandedObject] = field(default_factory=dict)
    bulk: dict[str, bytes] = field(default_factory=dict)
    files: dict[tuple[str, str, str], tuple[int, tuple[dict[str, Any], ...]]] = field(default_factory=dict)
    manifests: dict[tuple[str, str, str], Accounts] = field(default_factory=dict)
    lives: Lives = field(default_factory=Lives)
    writes: int = 0

    def land(self, landed: LandedObject) -> bool:
        def effect() -> bool:
            present = self.landed_objects.get(landed.key)
            if present is not None and present.version > landed.version:
                return False
            self.landed_objects[landed.key] = landed
            return True

        return bool(self.lives.spend(effect))

    def token(self, mark: Mark) -> str | None:
        present = self.lives.spend(lambda: self.files.get(_place(mark)))
        return None if present is None else str(present[0])

    def landed(self, mark: Mark) -> Sequence[bytes]:
        prefix = landing_prefix(mark.table, mark.municipality, mark.month)
        bodies = {key: o.body for key, o in self.landed_objects.items()} | self.bulk
        return self.lives.spend(lambda: [bodies[key] for key in sorted(bodies) if key.startswith(prefix)])

    def replace(self, mark: Mark, rows: Sequence[dict[str, Any]], token: str | None) -> None:
        def effect() -> None:
            present = self.files.get(_place(mark))
            if (None if present is None else str(present[0])) != token:
                raise Conflict
            self.writes += 1
            self.files[_place(mark)] = (self.writes, tuple(rows))

        self.lives.spend(effect)

    def account(self, accounts: Accounts) -> None:
        def effect() -> None:
            key = (accounts.table, accounts.municipality, accounts.month)
            if key not in self.manifests or self.manifests[key].mark_version <= accounts.mark_version:
                self.manifests[key] = accounts

        self.lives.spend(effect)

    def rows(self, table: str, municipality: str, month: str) -> tuple[dict[str, Any], ...]:
        return self.files[table, municipality, month][1]

    def add_lines(self, table: str, municipality: str, month: str, name: str, rows: list[dict[str, Any]]) -> None:
        self.bulk[f"{landing_prefix(table, municipality, month)}{name}.json"] = lines(rows)


@dataclass
class FakeMarks:
    marks: dict[tuple[str, str, str], Mark] = field(default_factory=dict)
    lives: Lives = field(default_factory=Lives)

    def find(self, municipality: str, table: str, month: str) -> Mark:
        return self.marks.get((municipality, table, month), Mark(municipality, table, month, 0))

    def touch(self, municipality: str, table: str, month: str) -> None:
        def effect() -> None:
            mark = self.find(municipality, table, month)
            self.marks[municipality, table, month] = replace(mark, version=mark.version + 1)

        self.lives.spend(effect)

    def bury(self, municipality: str, table: str, month: str, subject: str) -> None:
        mark = self.find(municipality, table, month)
        self.marks[municipality, table, month] = replace(
            mark, version=mark.version + 1, tombstones=mark.tombstones | {subject}
        )

    def dirty(self, municipality: str, table: str) -> Sequence[Mark]:
        mine = [m for (who, what, _), m in sorted(self.marks.items()) if (who, what) == (municipality, table)]
        return [mark for mark in mine if mark.dirty]

    def finish(self, mark: Mark) -> None:
        def effect() -> None:
            now = self.find(mark.municipality, mark.table, mark.month)
            self.marks[mark.municipality, mark.table, mark.month] = replace(now, done=max(now.done, mark.version))

        self.lives.spend(effect)


def _place(mark: Mark) -> tuple[str, str, str]:
    return mark.table, mark.municipality, mark.month
