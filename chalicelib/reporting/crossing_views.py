"""Which two fields a score is shown by, how deep, and the table that comes of it (ADR 36)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.appointments import BOOKED_BY
from chalicelib.reporting.crossing_merge import BELOW, OTHERS, others_of
from chalicelib.reporting.model import FACE_TO_FACE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chalicelib.reporting.suppression import Place

BACKGROUND: Final = ("age", "gender", "education", "employment")
_UNIT, _PLACE, _CHANNEL, _MODE, _LANGUAGE = "unit", "place", "channel", "mode", "language"


def pair_of(first: str, second: str) -> str:
    """The name of two fields together, or of a value of each."""
    return f"{first}|{second}"


def halves_of(pair: str) -> tuple[str, str]:
    """The inverse of `pair_of`."""
    first, _, second = pair.partition("|")
    return first, second


@dataclass(frozen=True, slots=True)
class View:
    """Two fields that a reader may choose. The same table may be shown in another depth."""

    rows: str
    columns: str
    pair: tuple[str, str]

    @property
    def name(self) -> str:
        """The dimension of its cells."""
        return pair_of(self.rows, self.columns)


@dataclass(frozen=True, slots=True)
class CrossedCell:
    """How many answered, and how many of them favourably; None where some of those answers are deleted."""

    n: int
    count: int | None


@dataclass(frozen=True, slots=True)
class Crossing:
    """A table that may be shown. Whatever is not in `cells` is of nobody."""

    view: View
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[str, str], CrossedCell]
    partial: frozenset[str] = frozenset()
    """The rows and columns that are the rest of a whole, of which other parts are shown by themselves."""

    @property
    def whole(self) -> CrossedCell:
        """Everyone."""
        return _sum(iter(self.cells.values()))

    def row(self, row: str) -> CrossedCell:
        """All columns together."""
        return _sum(cell for (mine, _), cell in self.cells.items() if mine == row)

    def column(self, column: str) -> CrossedCell:
        """All rows together."""
        return _sum(cell for (_, mine), cell in self.cells.items() if mine == column)


PAIRS: Final[dict[tuple[str, str], tuple[bool, bool]]] = {
    (_UNIT, _PLACE): (True, False),
    (_UNIT, _LANGUAGE): (True, False),
    (_CHANNEL, _MODE): (True, False),
    (_CHANNEL, BOOKED_BY): (False, True),
    **{(_UNIT, each): (False, True) for each in BACKGROUND},
}
"""The tables that are counted: whether both fields are published by month as well, and whether columns come first."""
_DEPTHS: Final = {_UNIT: ("reason", "department"), _PLACE: ("channel", "office")}
VIEWS: Final = tuple(
    View(rows, columns, pair)
    for pair in PAIRS
    for rows in _DEPTHS.get(pair[0], pair[:1])
    for columns in _DEPTHS.get(pair[1], pair[1:])
)
_WHOLES: Final = frozenset({"department", "channel"})
_PARTS: Final = {_UNIT: ("department", "reason"), _PLACE: ("channel", "office")}
"""What the two parts of a value are published as."""
_ABOVE: Final = {below: above for above, below in _PARTS.values()}


def at_first(field: str, values: set[str], hidden: frozenset[Place]) -> dict[str, str]:
    """What each value is shown in before anything is merged: by itself if its figures are shown elsewhere too."""
    if field not in _PARTS:
        return {value: OTHERS if not value or (field, value) in hidden else value for value in values}
    above, below = _PARTS[field]
    made = {}
    for value in values:
        whole, _, part = value.partition(BELOW)
        shown = bool(whole) and (above, whole) not in hidden
        # Nobody has an office but those who came, so any other channel is a value of its own.
        own = (below, part) not in hidden if part else shown and field == _PLACE and whole != FACE_TO_FACE[1]
        made[value] = value if own else others_of(value) if shown else OTHERS
    return made


def in_depth(field: str, shown_in: Mapping[str, str], hidden: frozenset[Place]) -> Mapping[str, str]:
    """The groups themselves; or each with its whole, where all of that is shown and can be told apart from the rest."""
    if field not in _WHOLES:
        return shown_in
    mixed = {value.partition(BELOW)[0] for value, group in shown_in.items() if group == OTHERS}
    mixed |= {value for dimension, value in hidden if dimension == field}
    made = {}
    for value, group in shown_in.items():
        own = group.partition(BELOW)[0]
        made[value] = OTHERS if group == OTHERS or own in mixed or not own else own
    return made


def partial(field: str, groups: Iterable[str], hidden: frozenset[Place]) -> frozenset[str]:
    """The groups that are the rest of a whole. It follows from what is shown: nothing else may be seen in a name."""
    above = _ABOVE.get(field, "")
    found, wholes = set(groups), {value for dimension, value in hidden if dimension == above}
    rests = {group for group in found if group.endswith(f"{BELOW}{OTHERS}")}
    return frozenset(
        rest
        for rest in rests
        if (whole := rest.partition(BELOW)[0]) in wholes
        or any(group != rest and group.startswith(whole + BELOW) for group in found)
    )


def _sum(cells: Iterator[CrossedCell]) -> CrossedCell:
    found = list(cells)
    counts = [cell.count for cell in found]
    known = None if None in counts else sum(count or 0 for count in counts)
    return CrossedCell(sum(cell.n for cell in found), known)
