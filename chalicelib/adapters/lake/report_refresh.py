"""Makes the counts of every period that changed, in grouped queries, and the figures for QuickSight (design 4.6).

What is touched while a refresh runs is marked again and comes with the next one. Files are replaced only if they still
are what stood there before the queries ran: a slow refresh never puts old figures over new ones.
"""

from __future__ import annotations

import gzip
import json
import secrets
from collections import defaultdict
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol

from chalicelib.adapters.lake.athena_queries import STATEMENTS, bound_statement
from chalicelib.adapters.lake.period_counts import by_period, period_counts
from chalicelib.lake.compaction import REPORTS, counts_key, curated_key, frozen_key
from chalicelib.reporting.cells import cells
from chalicelib.reporting.editions import forgetting, gone, is_settled, next_edition
from chalicelib.reporting.findings import digest_of, frozen
from chalicelib.reporting.model import Asked, PeriodCounts
from chalicelib.shared.clock import month_of, rfc3339
from chalicelib.shared.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from chalicelib.adapters.lake.s3_lake import S3Lake
    from chalicelib.booking.alternatives import AlternativeCounts
    from chalicelib.lake.compaction import DirtyMarks, Mark
    from chalicelib.municipalities.model import Municipality
    from chalicelib.municipalities.service import Municipalities
    from chalicelib.reporting.cell import Cell
    from chalicelib.reporting.editions import GroupKey
    from chalicelib.shared.clock import Clock
    from chalicelib.surveys.questionnaire import Questionnaires

_PERIODS_PER_QUERY: Final = 120
"""About what one result file can hold: 98 municipalities in one month, or ten in twelve."""
_GZIP: Final = "gzip"
_MINUTES: Final = frozenset({"waiting", "service"})
_UNITS: Final = ("department", "sub_department")
_OUTAGE: Final = MappingProxyType({"yes": "under driftsforstyrrelser", "no": "ellers"})
_DAYS: Final = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")
_WEEKDAYS: Final = MappingProxyType({str(number): f"{number} {day}" for number, day in enumerate(_DAYS, start=1)})


class Queries(Protocol):
    """Runs statements on the lake."""

    def rows(self, sql: str, parameters: Sequence[str] = ()) -> list[dict[str, str]]:
        """The result, every value as text."""
        ...


class CellFiles(Protocol):
    """Where the figures that QuickSight reads are kept."""

    def token_of(self, key: str) -> str | None:
        """What the file is now; None when there is none."""
        ...

    def write_rows(self, table: str, key: str, rows: Sequence[dict[str, Any]], token: str | None) -> None:
        """The file holds these rows.

        Raises:
            Conflict: it is no longer what the token says; nothing was changed.
        """
        ...


@dataclass(frozen=True, slots=True)
class Batch:
    """Marked periods that one set of queries answers for: some municipalities, months in a row."""

    first: str
    last: str
    marks: tuple[Mark, ...]

    @property
    def municipalities(self) -> tuple[str, ...]:
        """Whose periods they are."""
        return tuple(sorted({mark.municipality for mark in self.marks}))


class ReportRefresh:
    """Brings counts and figures up to date."""

    def __init__(
        self,
        *,
        queries: Queries,
        lake: S3Lake,
        files: CellFiles,
        marks: DirtyMarks,
        municipalities: Municipalities,
        clock: Callable[[], Clock],
        questionnaires: Questionnaires | None = None,
        offered: AlternativeCounts | None = None,
    ) -> None:
        self._queries = queries
        self._lake = lake
        self._files = files
        self._marks = marks
        self._municipalities = municipalities
        self._questionnaires = questionnaires
        self._offered = offered
        self._clock = clock

    def run(self, municipalities: Iterable[str]) -> Iterator[PeriodCounts]:
        """Refresh every period that changed; each is yielded when it is stored."""
        marks = [mark for municipality in municipalities for mark in self._marks.dirty(municipality, REPORTS)]
        for batch in batches(marks):
            yield from self._refresh(batch)

    def _refresh(self, batch: Batch) -> Iterator[PeriodCounts]:
        affected = {(mark.municipality, month) for mark in batch.marks for month in (mark.month, following(mark.month))}
        tokens = {period: self._files.token_of(curated_key("report_cells", *period)) for period in affected}
        found = by_period({name: self._queries.rows(*_bound(name, batch)) for name in STATEMENTS})
        fresh: dict[tuple[str, str], PeriodCounts] = {}
        for mark in batch.marks:
            fresh[mark.municipality, mark.month] = self._stored(mark, found.get((mark.municipality, mark.month), {}))
        beaten = {period for period in sorted(affected) if not self._rewritten(period, fresh, tokens[period])}
        for mark in batch.marks:
            if not beaten & {(mark.municipality, mark.month), (mark.municipality, following(mark.month))}:
                self._marks.finish(mark)
            yield fresh[mark.municipality, mark.month]

    def count(self, municipality: str, month: str) -> PeriodCounts:
        """A month's counts as the lake has them now; nothing is stored."""
        rows = {
            name: self._queries.rows(*bound_statement(name, first=month, last=month, municipalities=(municipality,)))
            for name in STATEMENTS
        }
        return self._counted(municipality, month, by_period(rows).get((municipality, month), {}))

    def _counted(self, owner: str, month: str, rows: Mapping[str, Sequence[dict[str, str]]]) -> PeriodCounts:
        municipality = self._municipalities.get(owner)
        return period_counts(
            owner,
            month,
            rows,
            asked=municipality.survey.questionnaire,
            generated_at=rfc3339(self._clock().now()),
            departments={reason.id: reason.department for reason in municipality.reasons},
            sub_departments=municipality.sub_departments,
            alternatives=self._alternatives(owner, month),
            questionnaires=self._questionnaires,
        )

    def _alternatives(self, owner: str, month: str) -> dict[str, Asked]:
        """How often another way was offered and taken: counted where citizens book, not in the lake (FR-12)."""
        found: dict[str, Asked] = {}
        for each in self._offered.of_month(owner, month) if self._offered else ():
            known = found.get(each.reason, Asked(0, 0))
            found[each.reason] = Asked(known.offered + each.offered, known.granted + each.accepted)
        return dict(sorted(found.items()))

    def _stored(self, mark: Mark, rows: Mapping[str, Sequence[dict[str, str]]]) -> PeriodCounts:
        counted = replace(self._counted(mark.municipality, mark.month, rows), salt=secrets.token_hex(16))
        stood = self._read((mark.municipality, mark.month))
        limit = self._municipalities.get(mark.municipality).thresholds.suppress_below
        settled = stood is not None and is_settled(stood, self._clock().now())
        counts = next_edition(stood, counted, settled=settled, limit=limit)
        if stood is not None and digest_of(stood) in counts.earlier:
            self._keep(digest_of(stood), frozen(stood))
        if left := gone(stood, counts):
            self._forget(counts, left, limit)
        self._put(counts_key(mark.municipality, mark.month), counts, mark.version)
        return counts

    def _keep(self, name: str, counts: PeriodCounts) -> None:
        """An edition that another one replaces: its figures can still be computed again."""
        self._put(frozen_key(counts.municipality, name), counts, 1)

    def _forget(self, counts: PeriodCounts, groups: frozenset[GroupKey], limit: int) -> None:
        """Earlier editions lose the answers of the same groups of few."""
        for name in counts.earlier:
            if body := self._lake.get(frozen_key(counts.municipality, name)):
                self._keep(name, forgetting(unpacked(body), groups, limit))

    def _put(self, key: str, counts: PeriodCounts, version: int) -> None:
        self._lake.put_versioned(key, packed(counts), version, content_type="application/json", encoding=_GZIP)

    def _rewritten(
        self, period: tuple[str, str], fresh: Mapping[tuple[str, str], PeriodCounts], token: str | None
    ) -> bool:
        """The period's figures, and those of the period that is compared with it; False if another run was faster."""
        counts = fresh.get(period) or self._read(period)
        if counts is None:
            return True
        municipality = self._municipalities.get(period[0])
        before = (period[0], preceding(period[1]))
        previous = fresh.get(before) or self._read(before)
        closed = period[1] < month_of(self._clock().now())
        made = cells(counts, previous, municipality.thresholds, tested=closed)
        rows = [cell_row(cell, municipality) for cell in made]
        try:
            self._files.write_rows("report_cells", curated_key("report_cells", *period), rows, token)
        except Conflict:
            return False
        return True

    def _read(self, period: tuple[str, str]) -> PeriodCounts | None:
        body = self._lake.get(counts_key(*period))
        return None if body is None else unpacked(body)


def batches(marks: Iterable[Mark]) -> list[Batch]:
    """The marks in as few batches as results allow: months in a row that concern the same municipalities."""
    months: dict[str, list[Mark]] = defaultdict(list)
    for mark in marks:
        months[mark.month].append(mark)
    made: list[Batch] = []
    for month in sorted(months):
        here = tuple(sorted(months[month], key=lambda mark: mark.municipality))
        last = made[-1] if made else None
        if (
            last is not None
            and following(last.last) == month
            and {mark.municipality for mark in here} == set(last.municipalities)
            and len(last.marks) + len(here) <= _PERIODS_PER_QUERY
        ):
            made[-1] = Batch(last.first, month, last.marks + here)
        else:
            made.append(Batch(month, month, here))
    return made


def following(month: str) -> str:
    """The next month."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + 1}-01" if number == 12 else f"{year}-{number + 1:02d}"  # noqa: PLR2004 - months of a year


def preceding(month: str) -> str:
    """The month before."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02d}"


def packed(counts: PeriodCounts) -> bytes:
    """The counts as a gzipped document, the same bytes for the same counts."""
    text = json.dumps(counts.to_document(), ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode(), mtime=0)


def unpacked(body: bytes) -> PeriodCounts:
    """The inverse of `packed`."""
    return PeriodCounts.from_document(json.loads(gzip.decompress(body)))


def cell_row(cell: Cell, municipality: Municipality) -> dict[str, Any]:
    """A published figure as a row of `report_cells`; a suppressed one has nulls and its status (design 4.7)."""
    return {
        "dimension": cell.dimension,
        "value": cell.value,
        "question": cell.question or None,
        "measure": str(cell.measure),
        "count": cell.count,
        "n": cell.n,
        "share": cell.share,
        "mean": cell.mean,
        "ci_low": cell.ci_low,
        "ci_high": cell.ci_high,
        "base_status": str(cell.base_status),
        "label": label(cell, municipality),
    }


def label(cell: Cell, municipality: Municipality) -> str:
    """The group's Danish name where the configuration or the calendar has one; days in their order."""
    if cell.dimension in _MINUTES:
        return f"{cell.value} min."
    named: Mapping[str, Mapping[str, str]] = {
        "office": {office.id: office.name["da"] for office in municipality.offices},
        "reason": {reason.id: reason.name["da"] for reason in municipality.reasons},
        **{key: {unit: name["da"] for unit, name in municipality.departments.items()} for key in _UNITS},
        "outage": _OUTAGE,
        "weekday": _WEEKDAYS,
        "hour": {f"{hour:02d}": f"kl. {hour:02d}-{hour + 1:02d}" for hour in range(24)},
    }
    return named.get(cell.dimension, {}).get(cell.value, cell.value)


def _bound(name: str, batch: Batch) -> tuple[str, tuple[str, ...]]:
    return bound_statement(name, first=batch.first, last=batch.last, municipalities=batch.municipalities)
