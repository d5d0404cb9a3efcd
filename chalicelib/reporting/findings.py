"""A published figure that can be computed again: its address names the data, the definition and the rule.

A closed month's counts are kept under the digest of their content, so an address that names the digest names those very
numbers, whatever arrives later. The address is checked like any other input: it can't ask for less protection than the
municipality has now, nor for other months than the period's own.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final

from chalicelib.municipalities.model import Thresholds
from chalicelib.reporting.cell import Cell, Measure
from chalicelib.reporting.cells import cells
from chalicelib.reporting.merging import merged
from chalicelib.reporting.periods import period_of
from chalicelib.shared.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chalicelib.reporting.model import PeriodCounts, QuestionDefinition

DIGEST_LENGTH: Final = 16
_FIELDS: Final = ("period", "data", "compare", "before", "dimension", "value", "question", "version", "measure", "rule")


@dataclass(frozen=True, slots=True)
class Finding:
    """Which figure of which data. `data` and `before` are the digests of the months, in their order."""

    period: str
    data: tuple[str, ...]
    compare: str | None
    before: tuple[str, ...]
    dimension: str
    value: str
    question: str
    version: str
    measure: Measure
    thresholds: Thresholds

    def to_query(self) -> dict[str, str]:
        """The parts of its address."""
        return {
            "period": self.period,
            "data": ".".join(self.data),
            "compare": self.compare or "",
            "before": ".".join(self.before),
            "dimension": self.dimension,
            "value": self.value,
            "question": self.question,
            "version": self.version,
            "measure": str(self.measure),
            "rule": f"{self.thresholds.suppress_below}.{self.thresholds.small_base}",
        }

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Finding:
        """The inverse of `to_query`.

        Raises:
            InvalidInput: something is missing or unreadable.
        """
        given = {name: query.get(name) or "" for name in _FIELDS}
        try:
            suppress, small = (int(part) for part in given["rule"].split("."))
            measure = Measure(given["measure"])
        except ValueError as error:
            raise InvalidInput(fields={"rule": "not the address of a figure"}) from error
        return cls(
            period=period_of(given["period"]).id,
            data=_digests(given["data"]),
            compare=period_of(given["compare"], field="compare").id if given["compare"] else None,
            before=_digests(given["before"]) if given["compare"] else (),
            dimension=given["dimension"],
            value=given["value"],
            question=given["question"],
            version=given["version"],
            measure=measure,
            thresholds=Thresholds(suppress, small),
        )


@dataclass(frozen=True, slots=True)
class Recomputed:
    """The figure, computed again from the data that its address names, with the question as it stood then."""

    finding: Finding
    cell: Cell
    question: QuestionDefinition | None
    months: tuple[PeriodCounts, ...]
    before: tuple[PeriodCounts, ...]


def frozen(counts: PeriodCounts) -> PeriodCounts:
    """What is kept of an edition that another one replaced: counts alone, without comments and patterns of answers."""
    return replace(counts, comments=(), patterns=(), earlier=(), held_back=False, since="")


def digest_of(counts: PeriodCounts) -> str:
    """The name of these numbers: the same whenever they are counted, and whatever else is counted one day."""
    if counts.edition:
        return counts.edition
    document = {name: value for name, value in asdict(replace(frozen(counts), generated_at="")).items() if value}
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_LENGTH]


def finding_of(
    cell: Cell,
    now: tuple[str, Sequence[PeriodCounts]],
    before: tuple[str, Sequence[PeriodCounts]] | None,
    rule: Thresholds,
) -> Finding:
    """The address of a cell that the counts of these months make; `before` is what it was compared with."""
    return Finding(
        period=now[0],
        data=tuple(digest_of(month) for month in now[1]),
        compare=before[0] if before else None,
        before=tuple(digest_of(month) for month in before[1]) if before else (),
        dimension=cell.dimension,
        value=cell.value,
        question=cell.question,
        version=cell.question_version,
        measure=cell.measure,
        thresholds=rule,
    )


def of_same_data(finding: Finding, cell: Cell) -> Finding:
    """The address of another cell that the same counts make: naming the counts again takes long."""
    return replace(
        finding,
        dimension=cell.dimension,
        value=cell.value,
        question=cell.question,
        version=cell.question_version,
        measure=cell.measure,
    )


def recomputed(finding: Finding, read: Callable[[str], PeriodCounts | None], minimum: Thresholds) -> Recomputed:
    """The figure from the data that it names. `minimum` are the municipality's thresholds today.

    Raises:
        NotFound: no such data, or nothing there that may be shown.
        InvalidInput: data of other months, or a rule that protects less than today's.
    """
    rule = finding.thresholds
    if rule.suppress_below < minimum.suppress_below or rule.small_base < minimum.small_base:
        raise InvalidInput(fields={"rule": "protects less than the municipality does today"})
    now = _months(finding.period, finding.data, read)
    before = _months(finding.compare, finding.before, read) if finding.compare else ()
    made = cells(
        merged(finding.period, now),
        merged(finding.compare, before) if finding.compare else None,
        rule,
        months=(now if len(now) > 1 else (), before if len(before) > 1 else ()),
    )
    cell = next((each for each in made if _is(each, finding)), None)
    if cell is None:
        raise NotFound(fields={"question": "no such figure"})
    asked = (q for month in reversed(now) for q in month.questions)
    question = next((q for q in asked if (q.id, q.version) == (finding.question, finding.version)), None)
    return Recomputed(finding, cell, question, now, before)


def _months(
    period: str, digests: Sequence[str], read: Callable[[str], PeriodCounts | None]
) -> tuple[PeriodCounts, ...]:
    found = tuple(each for digest in digests if (each := read(digest)) is not None)
    if not found or len(found) != len(digests):
        raise NotFound(fields={"data": "these numbers are not kept"})
    wanted = [month for month in period_of(period).months if month in {each.period for each in found}]
    if [each.period for each in found] != wanted:
        raise InvalidInput(fields={"data": "not the months of the period"})
    return found


def _is(cell: Cell, finding: Finding) -> bool:
    return (cell.dimension, cell.value, cell.question, cell.question_version, cell.measure) == (
        *(finding.dimension, finding.value, finding.question, finding.version),
        finding.measure,
    )


def _digests(text: str) -> tuple[str, ...]:
    parts = tuple(text.split("."))
    if not all(len(part) == DIGEST_LENGTH and set(part) <= set("0123456789abcdef") for part in parts):
        raise InvalidInput(fields={"data": "not the address of a figure"})
    return parts
