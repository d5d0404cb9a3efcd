"""Marks, the wall and readable comments in memory, with the same conditions as the table."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.comments.wall import Wall
from chalicelib.reporting.model import Comment
from chalicelib.shared.errors import NotFound, Outrun
from chalicelib.shared.hashing import comment_key
from tests.builders import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chalicelib.comments.model import Mark
    from chalicelib.comments.voting import Ballot
    from chalicelib.municipalities.model import Municipality


def comment_id(number: int = 1, month: str = "2026-10", municipality: str = "fjordby") -> str:
    """The name of a comment, as the lake makes it."""
    return f"{month}.{comment_key(KEYS, municipality, f'contact-{number}')}.comment"


def a_comment(number: int = 1, month: str = "2026-10", **changes: object) -> Comment:
    """A comment that may be quoted."""
    known = Comment(
        f"Tak for hjælpen {number}",
        *("da", "raadhuset", "passport", "in_person", f"{month[:4]}-W42", "10"),
        may_be_quoted=True,
        id=comment_id(number, month),
        score_wording="0-10.1",
    )
    return replace(known, **changes)  # type: ignore[arg-type]


class InMemoryMarks:
    """`MarkStore`. `meanwhile` runs once, before the next write: what a colleague does at the same time."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Mark] = {}
        self.meanwhile: Callable[[], object] | None = None

    def between(self, municipality: str, first: str, last: str) -> Mapping[str, Mark]:
        return {name: mark for (m, name), mark in self.rows.items() if m == municipality and first <= name[:7] <= last}

    def get(self, municipality: str, comment_id: str) -> Mark | None:
        return self.rows.get((municipality, comment_id))

    def save(self, municipality: str, mark: Mark) -> None:
        if self.meanwhile:
            now, self.meanwhile = self.meanwhile, None
            now()
        known = self.rows.get((municipality, mark.id))
        if (known.version if known else 0) != mark.version - 1:
            raise Outrun
        self.rows[municipality, mark.id] = mark


class InMemoryWall:
    """`WallStore`."""

    def __init__(self) -> None:
        self.walls: dict[str, Wall] = defaultdict(Wall)

    def get(self, municipality: str) -> Wall:
        return self.walls[municipality]

    def save(self, municipality: str, wall: Wall) -> None:
        if self.walls[municipality].version != wall.version - 1:
            raise Outrun
        self.walls[municipality] = wall

    def clear(self, municipality: str) -> None:
        self.walls[municipality] = Wall(version=self.walls[municipality].version + 1)


class InMemoryBallots:
    """`BallotStore`. `meanwhile` runs once, before the next write."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str, str], Ballot] = {}
        self.cast: dict[tuple[str, str, str], dict[str, str]] = defaultdict(dict)
        self.meanwhile: Callable[[], object] | None = None

    def since(self, municipality: str, month: str) -> Sequence[Ballot]:
        return [ballot for (m, at, _), ballot in self.rows.items() if m == municipality and at >= month]

    def save(self, municipality: str, ballot: Ballot) -> None:
        self._write(municipality, ballot, ballot.version - 1)

    def votes(self, municipality: str, ballot: Ballot) -> Mapping[str, str]:
        return dict(self.cast[municipality, ballot.month, ballot.team])

    def vote(self, municipality: str, ballot: Ballot, voter: str, comment_id: str) -> None:
        self._write(municipality, replace(ballot, version=ballot.version + 1), ballot.version)
        self.cast[municipality, ballot.month, ballot.team][voter] = comment_id

    def _write(self, municipality: str, ballot: Ballot, expected: int) -> None:
        if self.meanwhile:
            now, self.meanwhile = self.meanwhile, None
            now()
        known = self.rows.get((municipality, ballot.month, ballot.team))
        if (known.version if known else 0) != expected:
            raise Outrun
        self.rows[municipality, ballot.month, ballot.team] = ballot


class Readable:
    """`Source`: what may be read of each period; `asked` how often it was looked up."""

    def __init__(self, **months: Sequence[Comment]) -> None:
        self.months = {name.removeprefix("m").replace("_", "-"): list(found) for name, found in months.items()}
        self.asked = 0

    def periods(self, municipality: str) -> Sequence[str]:
        return sorted(name for name in self.months if "Q" not in name)

    def readable(self, municipality: Municipality, period: str) -> Sequence[Comment]:
        self.asked += 1
        if period not in self.months:
            raise NotFound
        return self.months[period]
