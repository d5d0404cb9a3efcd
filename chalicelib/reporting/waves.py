"""Surveys that were made elsewhere or earlier, as waves: counts per question and segment, compared wave by wave.

So that a municipality's history goes on after a change of method, with the break shown (SK-33, GL-02): a wave carries
its fieldwork period and how it was collected, and nothing is ever pooled with the answers that the product collects.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Protocol

from chalicelib.reporting.cell import Cell, Measure
from chalicelib.reporting.statistics import (
    BaseStatus,
    Proportion,
    base_status,
    change_status,
    compare_shares,
    may_compare,
    wilson,
)
from chalicelib.reporting.suppression import Sum, hidden_places
from chalicelib.shared.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chalicelib.municipalities.model import Thresholds
    from chalicelib.shared.languages import Text

EVERYONE: Final = "all"
SEGMENT: Final = "segment"
_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_ONE: Final = ("question_id", "segment", "count", "n")
_PAIR: Final = ("question_id", "segment", "count_before", "n_before", "count_after", "n_after")


class WaveRejected(InvalidInput):
    """A row of the file is wrong; nothing was stored. `line` is the file's line."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}", fields={"file": f"line {line}"})
        self.line = line


@dataclass(frozen=True, slots=True)
class WaveRow:
    """`count` of `n` gave the counted answer to a question, in a segment such as a department; `all` is everyone."""

    question: str
    segment: str
    count: int
    n: int


@dataclass(frozen=True, slots=True)
class Wave:
    """A survey: when it was in the field, how it was collected, its counts, and how its questions are called."""

    id: str
    name: Text
    first: str
    last: str
    collected: Text
    rows: tuple[WaveRow, ...]
    labels: Mapping[str, Text] = field(default_factory=dict)

    def to_document(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Wave:
        """The inverse of `to_document`."""
        return cls(**{**document, "rows": tuple(WaveRow(**row) for row in document["rows"])})


class Waves(Protocol):
    """Where imported waves are kept."""

    def all(self, municipality: str) -> list[Wave]:
        """Every wave of a municipality, the earliest first."""
        ...

    def save(self, municipality: str, wave: Wave) -> None:
        """Store a wave; one of the same id is replaced."""
        ...


def checked_wave(wave: Wave) -> Wave:
    """The wave.

    Raises:
        InvalidInput: its id, its days or its rows won't do.
    """
    if not _ID.fullmatch(wave.id):
        raise InvalidInput(fields={"id": "lower-case letters, digits and hyphens"})
    try:
        in_order = date.fromisoformat(wave.first) <= date.fromisoformat(wave.last)
    except ValueError as error:
        raise InvalidInput(fields={"first": "a day such as 2022-09-12"}) from error
    if not in_order:
        raise InvalidInput(fields={"last": "before the first day"})
    if not wave.rows:
        raise InvalidInput(fields={"file": "no rows"})
    return wave


def rows_of(lines: Iterable[Mapping[str, str]]) -> tuple[tuple[WaveRow, ...], tuple[WaveRow, ...]]:
    """The rows of a file: of the one wave it holds (then the first part is empty), or of the earlier and the later.

    Raises:
        WaveRejected: a missing column, a number that is none, a count above its base, the same row twice.
    """
    before: list[WaveRow] = []
    after: list[WaveRow] = []
    seen: set[tuple[str, str]] = set()
    for number, line in enumerate(lines, start=2):
        pair = "count_before" in line
        lacking = [name for name in (_PAIR if pair else _ONE) if not (line.get(name) or "").strip()]
        if lacking:
            raise WaveRejected(number, f"missing: {', '.join(lacking)}")
        place = line["question_id"].strip(), line["segment"].strip()
        if place in seen:
            raise WaveRejected(number, "this question and segment stand there twice")
        seen.add(place)
        if pair:
            before.append(_row(place, line["count_before"], line["n_before"], number))
        after.append(
            _row(place, *((line["count_after"], line["n_after"]) if pair else (line["count"], line["n"])), number)
        )
    return tuple(before), tuple(after)


def labels_of(lines: Iterable[Mapping[str, str]]) -> dict[str, Text]:
    """How the questions of a file are called: its optional columns `label_da` and `label_en`."""
    made: dict[str, Text] = {}
    for line in lines:
        danish, english = ((line.get(name) or "").strip() for name in ("label_da", "label_en"))
        if danish:
            made[(line.get("question_id") or "").strip()] = {"da": danish, "en": english or danish}
    return made


def _row(place: tuple[str, str], count: str, n: str, number: int) -> WaveRow:
    try:
        row = WaveRow(*place, int(count), int(n))
    except ValueError as error:
        raise WaveRejected(number, "counts are whole numbers") from error
    if not 0 <= row.count <= row.n or not row.n:
        raise WaveRejected(number, "a count lies between 0 and its base, and a base is at least 1")
    return row


def chosen_waves(waves: list[Wave], wanted: str | None, compare: str | None) -> tuple[Wave | None, Wave | None]:
    """The wave asked for, else the latest, and the one asked for before it, else the latest of the earlier ones."""
    by_id = {wave.id: wave for wave in waves}
    now = by_id.get(wanted or "") or (waves[-1] if waves else None)
    earlier = [wave for wave in waves if now and wave.first < now.first]
    before = next((wave for wave in earlier if wave.id == compare), earlier[-1] if earlier else None)
    return now, None if compare == "none" else before


def wave_cells(now: Wave, before: Wave | None, thresholds: Thresholds) -> Iterator[Cell]:
    """The figures of a wave, each beside the same question and segment of the wave before (GL-46 to GL-53)."""
    old = {(row.question, row.segment): row for row in _shown(before, thresholds)} if before else {}
    shown = set(_shown(now, thresholds))
    for row in now.rows:
        blank = Cell(SEGMENT, row.segment, row.question, Measure.SHARE, BaseStatus.SUPPRESSED)
        cell = _cell(row, thresholds) if row in shown else blank
        earlier = old.get((row.question, row.segment))
        yield _compared(cell, row, earlier, thresholds) if earlier and cell.n is not None else cell


def _shown(wave: Wave, thresholds: Thresholds) -> list[WaveRow]:
    """The rows that may be shown: where the segments add up to everyone, none that would follow is left alone."""
    shown = []
    for question in dict.fromkeys(row.question for row in wave.rows):
        rows = [row for row in wave.rows if row.question == question]
        bases = {(SEGMENT, row.segment): row.n for row in rows}
        parts = tuple(place for place in bases if place[1] != EVERYONE)
        sums = [Sum((SEGMENT, EVERYONE), parts)] if (SEGMENT, EVERYONE) in bases and parts else []
        hidden = hidden_places(bases, sums, limit=thresholds.suppress_below)
        shown += [row for row in rows if (SEGMENT, row.segment) not in hidden]
    return shown


def _cell(row: WaveRow, thresholds: Thresholds) -> Cell:
    status = _status(row.n, thresholds)
    blank = Cell(SEGMENT, row.segment, row.question, Measure.SHARE, status)
    if status is BaseStatus.SUPPRESSED:
        return blank
    proportion = Proportion(row.count, row.n)
    interval = wilson(proportion)
    return replace(blank, count=row.count, n=row.n, share=proportion.share, ci_low=interval.low, ci_high=interval.high)


def _compared(cell: Cell, row: WaveRow, earlier: WaveRow, thresholds: Thresholds) -> Cell:
    status = _status(earlier.n, thresholds)
    if status is BaseStatus.SUPPRESSED:
        return cell
    then, now = Proportion(earlier.count, earlier.n), Proportion(row.count, row.n)
    shown = replace(cell, previous=then.share, previous_n=then.n)
    if not may_compare(cell.base_status, status):
        return shown
    comparison = compare_shares(then, now)
    return replace(
        shown,
        change=comparison.difference,
        change_low=comparison.interval.low,
        change_high=comparison.interval.high,
        p_value=comparison.p_value,
        significant=comparison.significant,
        change_status=change_status(comparison),
    )


def _status(n: int, thresholds: Thresholds) -> BaseStatus:
    return base_status(n, suppress_below=thresholds.suppress_below, small_base=thresholds.small_base)
