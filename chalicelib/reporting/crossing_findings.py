"""What follows from crossings: differences by background, and whether a channel's answers come from other departments.

Both use only cells that are published. A difference goes with a background; nothing here says what causes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.crossing_merge import BELOW, OTHERS
from chalicelib.reporting.crossing_views import BACKGROUND, VIEWS
from chalicelib.reporting.statistics import (
    SIGNIFICANCE_LEVEL,
    BaseStatus,
    Comparison,
    Proportion,
    base_status,
    compare_shares,
    holm,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from chalicelib.municipalities.model import Thresholds
    from chalicelib.reporting.crossing_views import CrossedCell, Crossing
    from chalicelib.reporting.crossings import Crossings
    from chalicelib.reporting.model import QuestionDefinition

NOTABLE: Final = 0.05
"""So much of the answers must have moved that it may colour a figure."""
_BY_BACKGROUND: Final = tuple(view for view in VIEWS if view.columns in BACKGROUND and view.rows == "department")
_MIX: Final = next(view for view in VIEWS if (view.rows, view.columns) == ("department", "channel"))
_REASONS: Final = next(view for view in VIEWS if (view.rows, view.columns) == ("reason", "channel"))


@dataclass(frozen=True, slots=True)
class Difference:
    """A group of citizens who answered otherwise than all others: `comparison` is the group less the others."""

    field: str
    value: str
    question: QuestionDefinition
    group: Proportion
    others: Proportion
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked for and what was found (GL-13): `found` holds after Holm's correction of `tested` comparisons."""

    fields: tuple[str, ...]
    tested: int
    found: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class ChannelShift:
    """A department's part of the answers about a channel, then and now, where it certainly moved (GL-57)."""

    channel: str
    department: str
    before: Proportion
    now: Proportion


@dataclass(frozen=True, slots=True)
class Use:
    """How many of some answers are about each channel, and of how many (GL-21)."""

    channels: dict[str, int]
    n: int


def differences(crossings: Crossings) -> Checked | None:
    """Each group by background against all others, for every question; None where no background is known."""
    made = [each for question in crossings.questions for each in _by_background(crossings, question)]
    if not made:
        return None
    fields = tuple(field for field in BACKGROUND if any(each.field == field for each in made))
    adjusted = holm([each.comparison.p_value for each in made])
    found = (each for each, p in zip(made, adjusted, strict=True) if p < SIGNIFICANCE_LEVEL)
    return Checked(fields, len(made), tuple(sorted(found, key=lambda each: each.comparison.p_value)))


def channel_shifts(now: Crossings, before: Crossings) -> list[ChannelShift]:
    """Where a channel's answers come from other departments than in the quarter compared with."""
    tables = [found for each in (before, now) if each.questions and (found := each.of(each.questions[0], _MIX))]
    if len(tables) != len((before, now)):
        return []
    then, here = tables
    made = []
    for channel in sorted(({*then.columns} & {*here.columns}) - {OTHERS}):
        whole = [table.column(channel).n for table in tables]
        if not all(_carries(n, now.thresholds) for n in whole):
            continue
        for department in sorted(({*then.rows} & {*here.rows}) - {OTHERS}):
            old, new = (Proportion(_n(table, department, channel), n) for table, n in zip(tables, whole, strict=True))
            moved = compare_shares(old, new)
            if moved.significant and abs(moved.difference) >= NOTABLE:
                made.append(ChannelShift(channel, department, old, new))
    return made


def use_with_choice(crossings: Crossings, compulsory: Mapping[str, str]) -> tuple[Use, Use] | None:
    """The channels used by all, and by those whose enquiry does not demand attendance by law (GL-21).

    `compulsory` are the enquiries that do, each with its department. Left out is every row that may hold one. None
    where that leaves too few, or leaves nobody out.
    """
    table = crossings.of(crossings.questions[0], _REASONS) if crossings.questions else None
    if table is None or not compulsory:
        return None
    free = {row for row in table.rows if _is_free(row, compulsory)}
    every, chosen = _use(table, table.rows), _use(table, free)
    return (every, chosen) if 0 < chosen.n < every.n and _carries(chosen.n, crossings.thresholds) else None


def _is_free(row: str, compulsory: Mapping[str, str]) -> bool:
    department, _, reason = row.partition(BELOW)
    if reason in {"", OTHERS}:
        return row != OTHERS and department not in compulsory.values()
    return reason not in compulsory


def _use(table: Crossing, rows: Collection[str]) -> Use:
    channels = {column: sum(_n(table, row, column) for row in rows) for column in table.columns}
    return Use(channels, sum(channels.values()))


def _by_background(crossings: Crossings, question: QuestionDefinition) -> Iterator[Difference]:
    for view in _BY_BACKGROUND:
        table = crossings.of(question, view)
        for value in table.columns if table else ():
            if table and value != OTHERS and (sides := _against_others(table, value, crossings.thresholds)):
                group, others = sides
                yield Difference(view.columns, value, question, group, others, compare_shares(others, group))


def _against_others(table: Crossing, value: str, thresholds: Thresholds) -> tuple[Proportion, Proportion] | None:
    """Both sides, where both carry a comparison."""
    mine = _proportion(table.column(value))
    rest = [_proportion(table.column(other)) for other in table.columns if other != value]
    if mine is None or not rest or None in rest:
        return None
    others = Proportion(sum(each.count for each in rest if each), sum(each.n for each in rest if each))
    return (mine, others) if all(_carries(each.n, thresholds) for each in (mine, others)) else None


def _proportion(cell: CrossedCell) -> Proportion | None:
    return None if cell.count is None or not cell.n else Proportion(cell.count, cell.n)


def _n(table: Crossing, row: str, column: str) -> int:
    cell = table.cells.get((row, column))
    return cell.n if cell else 0


def _carries(n: int, thresholds: Thresholds) -> bool:
    status = base_status(n, suppress_below=thresholds.suppress_below, small_base=thresholds.small_base)
    return status is BaseStatus.OK
