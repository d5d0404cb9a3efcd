"""What a lake table is made of: kinds of columns, what fits into each, and what a row that does not fit is called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from chalicelib.shared.clock import parse_moment
from chalicelib.shared.errors import BorgerpulsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class RowRejected(BorgerpulsError):
    """A row does not fit its table. `table` and `column` say where; the value is never repeated."""

    code = "row_rejected"

    def __init__(self, table: str, column: str, problem: str) -> None:
        """`problem` is one of ours, never a value."""
        super().__init__(f"{table}.{column}: {problem}")
        self.table = table
        self.column = column


class Kind(StrEnum):
    """The type of a column; the value is Athena's and Glue's name of it."""

    STRING = "string"
    STRINGS = "array<string>"
    INT = "int"
    DOUBLE = "double"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamp"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `required` ones are never null; `since` is the table's version that brought it."""

    name: str
    kind: Kind
    comment: str
    required: bool = False
    since: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """One table: `grain` says what a row is, `key` what makes one unique within a municipality.

    `subject` is the column whose rows come and go together (one landed object each); None: computed, never landed.
    """

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    subject: str | None = "contact_id"
    partitions: tuple[str, str] = ("municipality", "month")

    def column(self, name: str) -> Column | None:
        """The column of that name."""
        return next((column for column in self.columns if column.name == name), None)


def fits(kind: Kind, value: Any) -> bool:
    """True if a value of a landed line is of that kind; null is the caller's question."""
    return _FITS[kind](value)


def _is_moment(value: Any) -> bool:
    return isinstance(value, str) and _parses(parse_moment, value)


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and _parses(date.fromisoformat, value)


def _parses(parse: Callable[[str], Any], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _is_strings(value: Any) -> bool:
    return isinstance(value, list) and _all_text(value)


def _all_text(values: Iterable[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


_INT_LIMIT: Final = 2**31

_FITS: Final[Mapping[Kind, Callable[[Any], bool]]] = MappingProxyType(
    {
        Kind.STRING: lambda value: isinstance(value, str),
        Kind.STRINGS: _is_strings,
        Kind.INT: lambda value: type(value) is int and -_INT_LIMIT <= value < _INT_LIMIT,
        Kind.DOUBLE: lambda value: type(value) in {int, float},
        Kind.BOOLEAN: lambda value: type(value) is bool,
        Kind.TIMESTAMP: _is_moment,
        Kind.DATE: _is_date,
    }
)
