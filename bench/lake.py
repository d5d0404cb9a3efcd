"""The lake against itself: how bytes and refresh grow, what a month's report touches, and what compaction costs.

    .venv/bin/python -m bench.lake               # 1, 3 and 10 municipalities, one year each: half a minute
    .venv/bin/python -m bench.lake --denmark     # 10, 30 and 98 municipalities, five years: 17 million contacts

The files hold a year of the demo's Fjordby, cut or multiplied to twelve sizes that are spread like Danish
municipalities (logarithmically, few large ones) and have their mean. A size's file stands for every municipality of
that size and for the same month of every year, as links to one file: ids repeat, which no query can see, because
every join is within one municipality and month. The refresh is the product's own (`ReportRefresh`: statements, counts,
cells, packing), with DuckDB on two threads reading the partitions that the projection leaves, and with files in memory.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
import zlib
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb
import numpy as np
import pandas as pd
import sqlglot
from scipy.special import ndtri

from chalicelib.adapters.lake.compaction import frame_of, parquet_of
from chalicelib.adapters.lake.report_refresh import ReportRefresh
from chalicelib.lake.compaction import Mark, compacted, curated_key
from chalicelib.lake.schemas import LANDED
from chalicelib.municipalities.document import municipality_from
from cli.municipality_file import read_file
from demo.history import history, landed_lines, partitions
from demo.scenario import SCENARIOS
from infra.lake_template import views

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.municipalities.model import Municipality

ROOT: Final = Path(__file__).parents[1]
NOW: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
MONTH: Final = "2026-10"
SIZES: Final = 12
SPREAD: Final = 0.75
"""Of the logarithm of the size. The largest class is then five times the median."""
ACCEPT_RATE: Final = 0.13
MEAN_CONTACTS: Final = 17_000_000 / 98 / 5
Year = dict[str, dict[str, pd.DataFrame]]
"""Table → calendar month → rows."""


def main() -> None:
    """Builds each lake and prints its line."""
    parser = argparse.ArgumentParser(description="Growth of the lake")
    parser.add_argument("--denmark", action="store_true", help="98 municipalities, five years")
    denmark = parser.parse_args().denmark
    counts, years = ((10, 30, 98), 5) if denmark else ((1, 3, 10), 1)
    municipality = municipality_from(read_file(ROOT / "demo" / "fjordby.yaml"))
    # Of its habits only the share that answers is not Fjordby's: 1.2 million responses belong to 17 million contacts.
    SCENARIOS["bench"] = replace(SCENARIOS["fjordby"], accept_rate=ACCEPT_RATE, changes=False)
    year = _year(history(replace(municipality, id="bench"), NOW))
    _compaction(year)
    print(
        f"{'municipalities':>14} {'contacts':>11} {'responses':>10} {'lake MB':>9} {'a month: KB':>12} {'share':>9}",
        end="",
    )
    print(f" {'refresh s':>10} {'queries s':>10} {'each ms':>8}")
    with tempfile.TemporaryDirectory() as folder:
        classes = Path(folder) / "classes"
        made = _classes(classes, year)
        for count in counts:
            lake = Path(folder) / f"lake-{count}"
            # Sizes in turn, so that ten municipalities are as different as ninety-eight.
            sizes = [(5 + 7 * number) % SIZES for number in range(count)]
            total = _link(lake, classes, sizes, years)
            rows = sum((made[size] for size in sizes), Counter[str]())
            for table in rows:
                rows[table] *= years
            _measure(lake, municipality, sizes, rows, total)


def _year(frames: Mapping[str, pd.DataFrame]) -> Year:
    """The last twelve closed months, by calendar month."""
    return {
        table: {month[5:]: rows for month, rows in partitions(frame) if "2025-11" <= month <= MONTH}
        for table, frame in frames.items()
    }


def _compaction(year: Year) -> None:
    """One month, all tables: the work of an hour in which something landed."""
    rows, spent = 0, 0.0
    for table, months in year.items():
        body = landed_lines(table, months[MONTH[5:]])
        begun = time.perf_counter()
        result = compacted(table, [body])
        spent += time.perf_counter() - begun
        rows += result.rows_in
    print(f"compaction: {rows:,} landed lines of a month in {spent:.2f} s ({rows / spent:,.0f} lines/s)\n")


def _classes(folder: Path, year: Year) -> list[Counter[str]]:
    """A year's files of each size; answers the rows of each size's year, by table."""
    month = sum(map(len, year["contacts"].values())) / 12
    relative = np.exp(SPREAD * ndtri((np.arange(SIZES) + 0.5) / SIZES))
    made = []
    for number, size in enumerate(relative / relative.mean() * MEAN_CONTACTS / 12 / month):
        rows = Counter[str]()
        for table, months in year.items():
            for name, frame in months.items():
                part = _of_size(frame, float(size))
                rows[table] += len(part)
                file = folder / str(number) / table / f"{name}.parquet"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(parquet_of(table, part))
        made.append(rows)
    return made


def _of_size(frame: pd.DataFrame, size: float) -> pd.DataFrame:
    """So many times the rows: whole copies under other ids, then the subjects of a part of all ids."""
    whole = int(size)
    luck = frame["contact_id"].map(lambda key: zlib.crc32(key.encode()) / 2**32)
    parts = [frame.assign(contact_id=frame["contact_id"] + "abcdefgh"[n]) for n in range(whole)]
    return pd.concat([*parts, frame[luck < size - whole]], ignore_index=True)


def _link(lake: Path, classes: Path, sizes: list[int], years: int) -> int:
    """Every month of every municipality in its place; the bytes that it would take without links."""
    total = 0
    for number, size in enumerate(sizes):
        for table in LANDED:
            for month in _months(years):
                there = lake / curated_key(table, f"m{number:03d}", month)
                there.parent.mkdir(parents=True)
                source = classes / str(size) / table / f"{month[5:]}.parquet"
                os.link(source, there)
                total += source.stat().st_size
    return total


def _months(years: int) -> list[str]:
    """As many whole years up to the month."""
    end = int(MONTH[:4]) * 12 + int(MONTH[5:])
    return [f"{(end - n - 1) // 12}-{(end - n - 1) % 12 + 1:02d}" for n in range(12 * years)]


class _DuckDb:
    """`Queries`: the views over the partitions that Athena's projection would leave, on two threads."""

    def __init__(self, lake: Path) -> None:
        self.spent = 0.0
        self._connection = duckdb.connect(config={"threads": 2})
        for table in LANDED:
            files = f"{lake}/curated/{table}/*/month={MONTH}/data.parquet"
            self._connection.execute(
                f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{files}',"  # noqa: S608 - our names
                " hive_partitioning = true, hive_types = {'municipality': VARCHAR, 'month': VARCHAR})"
            )
        waiting = dict(views())
        while waiting:
            name = next(n for n, sql in waiting.items() if not any(o in sql.split() for o in waiting if o != n))
            (sql,) = sqlglot.transpile(waiting.pop(name), read="athena", write="duckdb")
            self._connection.execute(f"CREATE VIEW {name} AS {sql}")

    def rows(self, sql: str, parameters: Sequence[str] = ()) -> list[dict[str, str]]:
        begun = time.perf_counter()
        (translated,) = sqlglot.transpile(sql, read="athena", write="duckdb")
        cursor = self._connection.execute(translated, list(parameters))
        names = [column[0] for column in cursor.description]
        rows = [
            {key: "" if value is None else str(value) for key, value in zip(names, row, strict=True)}
            for row in cursor.fetchall()
        ]
        self.spent += time.perf_counter() - begun
        return rows


class _Memory:
    """The bucket of the reports and the marks: what the refresh needs beside its queries."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self._objects: dict[str, bytes] = {}

    def put_versioned(self, key: str, body: bytes, _version: int, **_: Any) -> bool:
        self._objects[key] = body
        return True

    def get(self, key: str) -> bytes | None:
        return self._objects.get(key)

    def token_of(self, key: str) -> str | None:
        return "1" if key in self._objects else None

    def write_rows(self, table: str, key: str, rows: Sequence[dict[str, Any]], _token: str | None) -> None:
        self._objects[key] = parquet_of(table, frame_of(table, rows))

    def dirty(self, municipality: str, table: str) -> list[Mark]:
        return [Mark(municipality, table, MONTH, 2, 1)]

    def finish(self, mark: Mark) -> None:
        self._names.remove(mark.municipality)


class _Directory:
    """Municipalities that differ in nothing but their id."""

    def __init__(self, like: Municipality) -> None:
        self._like = like

    def get(self, municipality: str) -> Municipality:
        return replace(self._like, id=municipality)


class _Clock:
    def now(self) -> datetime:
        return NOW


def _measure(lake: Path, municipality: Municipality, sizes: list[int], rows: Counter[str], total: int) -> None:
    names = [f"m{number:03d}" for number in range(len(sizes))]
    queries, memory = _DuckDb(lake), _Memory(list(names))
    refresh: Any = ReportRefresh(
        queries=queries,
        lake=memory,
        files=memory,
        marks=memory,
        municipalities=_Directory(municipality),
        clock=_Clock,
    )
    begun = time.perf_counter()
    done = list(refresh.run(names))
    spent = time.perf_counter() - begun
    assert len(done) == len(names)
    median = sorted(range(len(sizes)), key=lambda number: sizes[number])[len(sizes) // 2]
    one = sum((lake / curated_key(table, f"m{median:03d}", MONTH)).stat().st_size for table in LANDED)
    print(
        f"{len(sizes):>14} {rows['contacts']:>11,} {rows['responses']:>10,} {total / 1e6:>9.1f} {one / 1e3:>12.1f}"
        f" {one / total:>9.4%} {spent:>10.2f} {queries.spent:>10.2f} {spent / len(sizes) * 1e3:>8.0f}"
    )


if __name__ == "__main__":
    main()
