"""A CSV file of contacts, row by row: the columns are the fields of the API, and so are the rules.

The file is read as a stream, so that its size does not matter. Numbers of rows are those of a spreadsheet: the header
is row 1.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Final

from chalicelib.contacts.service import Reason, Rejected
from chalicelib.entrypoints.contacts.schemas import reported_contact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from chalicelib.contacts.service import ReportedContact

REQUIRED: Final = ("source_id", "channel", "department", "reason", "started_at", "ended_at")
_TEXTS: Final = (*REQUIRED, "phone", "language")
_FLAGS: Final = ("internal", "resolved_first_contact", "next_step_given", "handed_over")
_CONSENT: Final = ("survey_consent", "survey_consent_version")
COLUMNS: Final = (*_TEXTS, *_FLAGS, "transfers", *_CONSENT)
REJECTION: Final = ("row", "why")
"""What a file of rejected rows has besides, and an import passes over."""
_YES: Final = frozenset({"yes", "true", "1", "ja", "sand"})
_NO: Final = frozenset({"no", "false", "0", "nej", "falsk"})
_DELIMITERS: Final = ";,\t"
_SAMPLE: Final = 4096


class BadFile(Exception):
    """The file can't be imported; the message says why, and quotes nothing but names of columns."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: what it says, or why it can't be read."""

    number: int
    values: Mapping[str, str] = field(repr=False)
    contact: ReportedContact | None
    rejected: Reason | None = None


def read_rows(lines: Iterable[str], *, delimiter: str) -> tuple[Sequence[str], Iterator[Row]]:
    """The columns, and the rows as they come.

    Raises:
        BadFile: a column is missing, or one is unknown: a misspelt column must not be silently ignored.
    """
    reader = csv.DictReader(lines, delimiter=delimiter, strict=True)
    columns = [name.strip() for name in reader.fieldnames or ()]
    reader.fieldnames = columns
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise BadFile(f"the header lacks {', '.join(missing)}")
    unknown = [name for name in columns if name not in {*COLUMNS, *REJECTION}]
    if unknown:
        raise BadFile(f"unknown columns: {', '.join(unknown)}; there are {', '.join(COLUMNS)}")
    return columns, (_row(number, values) for number, values in enumerate(reader, start=2))


def delimiter_of(start: str) -> str:
    """What separates the columns: Danish spreadsheets write semicolons."""
    header = start.splitlines()[0] if start else ""
    return max(_DELIMITERS, key=header.count)


def decoded_lines(source: IO[bytes], advance: Callable[[int], None]) -> Iterator[str]:
    """The file's lines; `advance` is told how many bytes each took.

    Raises:
        BadFile: not UTF-8.
    """
    for number, line in enumerate(source):
        advance(len(line))
        try:
            yield line.decode("utf-8-sig" if number == 0 else "utf-8")
        except UnicodeDecodeError as exc:
            raise BadFile(f"line {number + 1} is not UTF-8") from exc


def sample(source: IO[bytes]) -> str:
    """The beginning of the file, which then stands at its beginning again."""
    start = source.read(_SAMPLE).decode("utf-8-sig", errors="replace")
    source.seek(0)
    return start


def _row(number: int, values: Mapping[str | None, Any]) -> Row:
    """A row with more fields than columns has them under None, one with fewer has None in them."""
    plain = {name: (text or "").strip() for name, text in values.items() if name is not None}
    if None in values:
        return Row(number, plain, None, Reason.INVALID_FIELD)
    try:
        return Row(number, plain, reported_contact(_item(plain)))
    except Rejected as exc:
        return Row(number, plain, None, exc.reason)


def _item(values: Mapping[str, str]) -> dict[str, Any]:
    """The row as the API's JSON; an empty cell is a field left out."""
    item: dict[str, Any] = {name: values[name] for name in _TEXTS if values.get(name)}
    item |= {name: _flag(values[name], Reason.INVALID_FIELD) for name in _FLAGS if values.get(name)}
    if values.get("transfers"):
        item["transfers"] = _number(values["transfers"])
    if values.get("survey_consent"):
        granted = _flag(values["survey_consent"], Reason.INVALID_CONSENT)
        item["survey_consent"] = {"granted": granted, "text_version": values.get("survey_consent_version") or None}
    return item


def _flag(text: str, otherwise: Reason) -> bool:
    if text.lower() in _YES | _NO:
        return text.lower() in _YES
    raise Rejected(otherwise)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise Rejected(Reason.INVALID_FIELD)
    return int(text[:9])
