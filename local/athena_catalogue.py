"""Tables as Athena sees them: from the Glue catalogue, with partition projection, over objects in S3."""

from __future__ import annotations

import base64
import itertools
import json
import re
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from local.athena_pruning import Range

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_ATHENA_TYPES: Final = {"string": "varchar", "int": "integer", "float": "real", "binary": "varbinary"}
_VIEW: Final = re.compile(r"/\* Presto View: (\S+) \*/")
_FORMATS: Final = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H"}


class CatalogueError(ValueError):
    """The catalogue has no such table, or one that is not understood here; written as Athena writes it."""


@dataclass(frozen=True, slots=True)
class CatalogueTable:
    """A table or view. Columns include the partition keys, with Athena's types."""

    name: str
    columns: Mapping[str, str]
    keys: tuple[str, ...]
    view: str | None
    parameters: Mapping[str, str]
    location: str

    def duckdb_type(self, column: str) -> str:
        """The type that a column has for DuckDB."""
        return _duckdb_type(self.columns[column])

    def partitions(self, wanted: Mapping[str, Range]) -> Iterator[tuple[dict[str, str], str]]:
        """Each projected partition that the query can want: its values and its place in S3.

        Raises:
            CatalogueError: an injected column is not fixed by the query.
        """
        domains = [
            [value for value in self._domain(key, wanted) if wanted.get(key, Range()).wants(value)] for key in self.keys
        ]
        template = self.parameters.get("storage.location.template") or self._default_template()
        for combination in itertools.product(*domains):
            values = dict(zip(self.keys, combination, strict=True))
            yield values, re.sub(r"\$\{(\w+)\}", lambda match, values=values: values[match[1]], template)  # type: ignore[misc]

    @property
    def root(self) -> str:
        """What all partitions' places start with."""
        template = self.parameters.get("storage.location.template") or self._default_template()
        return template.partition("${")[0]

    def _default_template(self) -> str:
        return self.location.rstrip("/") + "/" + "".join(f"{key}=${{{key}}}/" for key in self.keys)

    def _domain(self, key: str, wanted: Mapping[str, Range]) -> Sequence[str]:
        kind = self.parameters.get(f"projection.{key}.type", "").lower()
        if kind == "enum":
            return self.parameters[f"projection.{key}.values"].split(",")
        if kind == "integer":
            low, high = self.parameters[f"projection.{key}.range"].split(",")
            digits = int(self.parameters.get(f"projection.{key}.digits", "0"))
            return [str(number).zfill(digits) for number in range(int(low), int(high) + 1)]
        if kind == "date":
            return _dates(self.parameters, key)
        values = wanted.get(key, Range()).values
        if kind == "injected" and values is not None:
            return sorted(values)
        raise CatalogueError(f"CONSTRAINT_VIOLATION: For the injected projected partition column {key}, use =")


def _dates(parameters: Mapping[str, str], key: str) -> list[str]:
    form = re.sub("yyyy|MM|dd|HH", lambda match: _FORMATS[match[0]], parameters[f"projection.{key}.format"])
    low, high = (_moment(part.strip(), form) for part in parameters[f"projection.{key}.range"].split(","))
    unit = parameters.get(f"projection.{key}.interval.unit", "DAYS").rstrip("S")
    count = int(parameters.get(f"projection.{key}.interval", "1"))
    values: list[str] = []
    while low <= high:
        values.append(low.strftime(form))
        low = _later(low, unit, count)
    return values


def _moment(text: str, form: str) -> datetime:
    relative = re.fullmatch(r"NOW(?:([+-]\d+)(YEAR|MONTH|DAY|HOUR)S?)?", text)
    if relative is None:
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    return _later(datetime.now(UTC), relative[2] or "DAY", int(relative[1] or 0))


def _later(moment: datetime, unit: str, count: int) -> datetime:
    if unit in {"MONTH", "YEAR"}:
        months = moment.year * 12 + moment.month - 1 + count * (12 if unit == "YEAR" else 1)
        return moment.replace(year=months // 12, month=months % 12 + 1, day=1)
    return moment + (timedelta(hours=count) if unit == "HOUR" else timedelta(days=count))


class Catalogue:
    """Glue and S3 of one embedded AWS. Objects are kept in `folder` by ETag, so each version is fetched once."""

    def __init__(self, *, glue: Any, objects: Any, folder: Path) -> None:
        """`glue` and `objects` (S3) are clients."""
        self._glue = glue
        self._objects = objects
        self._folder = folder
        self._fetching = threading.Lock()

    def table(self, database: str, name: str) -> CatalogueTable:
        """The table or view.

        Raises:
            CatalogueError: there is none.
        """
        try:
            found = self._glue.get_table(DatabaseName=database, Name=name)["Table"]
        except self._glue.exceptions.EntityNotFoundException:
            message = f"TABLE_NOT_FOUND: Table 'awsdatacatalog.{database}.{name}' does not exist"
            raise CatalogueError(message) from None
        storage, keys = found.get("StorageDescriptor", {}), found.get("PartitionKeys", [])
        return CatalogueTable(
            name=name,
            columns={item["Name"]: _athena_type(item["Type"]) for item in (*storage.get("Columns", []), *keys)},
            keys=tuple(item["Name"] for item in keys),
            view=_view_sql(found),
            parameters=found.get("Parameters", {}),
            location=storage.get("Location", ""),
        )

    def files(self, table: CatalogueTable, wanted: Mapping[str, Range]) -> tuple[list[Path], int]:
        """The objects of the wanted partitions as local files, and how many bytes they hold."""
        if "parquet" not in table.parameters.get("classification", ""):
            raise CatalogueError(f"{table.name}: the local Athena reads Parquet only")
        bucket, _, prefix = table.root.removeprefix("s3://").partition("/")
        places = {
            place.removeprefix(f"s3://{bucket}/"): "/".join(f"{key}={value}" for key, value in values.items())
            for values, place in table.partitions(wanted)
        }
        files, size = [], 0
        for key, tag, length in self._listed(bucket, prefix):
            folder, _, name = key.rpartition("/")
            if f"{folder}/" in places and not name.startswith(("_", ".")):
                files.append(self._file(bucket, key, tag, f"{table.name}/{places[f'{folder}/']}"))
                size += length
        return files, size

    def _listed(self, bucket: str, prefix: str) -> Iterator[tuple[str, str, int]]:
        pages = self._objects.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for page in pages:
            for item in page.get("Contents", []):
                yield item["Key"], item["ETag"].strip('"'), item["Size"]

    def _file(self, bucket: str, key: str, tag: str, place: str) -> Path:
        path = self._folder / place / f"{tag}-{key.rpartition('/')[2]}"
        if not path.exists():
            with self._fetching:
                path.parent.mkdir(parents=True, exist_ok=True)
                half = path.with_name(f".{path.name}.half")
                half.write_bytes(self._objects.get_object(Bucket=bucket, Key=key)["Body"].read())
                half.replace(path)
        return path


def _view_sql(table: Mapping[str, Any]) -> str | None:
    if table.get("TableType") != "VIRTUAL_VIEW":
        return None
    match = _VIEW.search(table.get("ViewOriginalText", ""))
    if match is None:
        raise CatalogueError(f"INVALID_VIEW: {table['Name']}")
    return str(json.loads(base64.b64decode(match[1]))["originalSql"])


def _athena_type(hive: str) -> str:
    if hive.startswith("array<"):
        return f"array({_athena_type(hive[6:-1])})"
    return _ATHENA_TYPES.get(hive, hive)


def _duckdb_type(athena: str) -> str:
    if athena.startswith("array("):
        return f"{_duckdb_type(athena[6:-1])}[]"
    return {"varbinary": "BLOB"}.get(athena, athena).upper()
