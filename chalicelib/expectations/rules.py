"""What an estimate may say. Pure."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from chalicelib.expectations.model import FIRST_YEAR, Kind
from chalicelib.shared.errors import InvalidInput
from chalicelib.shared.personal import plain_note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.expectations.model import Content
    from chalicelib.municipalities.model import Municipality

LONGEST: Final = {"title": 80, "owner": 80, "assumptions": 600}
_LETTERS: Final = 1_000_000
_PER_WEEK: Final = 100_000
_CAPACITY: Final = 100_000
_MINUTES: Final = 120
_LIMITS: Final = (100, 1000)
MOST_COUNTED: Final = 1_000_000


def checked(content: Content, municipality: Municipality) -> Content:
    """The content as it is kept.

    Raises:
        InvalidInput: with what is wrong, by field.
    """
    errors = dict(_numbers(content))
    texts = {}
    for name, longest in LONGEST.items():
        try:
            texts[name] = plain_note(getattr(content, name), field=name, longest=longest)
        except InvalidInput as error:
            errors |= error.fields
    if set(content.reasons) - {reason.id for reason in municipality.reasons}:
        errors["reasons"] = "an enquiry reason of the municipality"
    if errors:
        raise InvalidInput(fields=errors)
    return replace(content, title=texts["title"], owner=texts["owner"], assumptions=texts["assumptions"])


def _numbers(content: Content) -> Iterator[tuple[str, str]]:
    if not 1 <= content.weeks <= FIRST_YEAR:
        yield "weeks", f"1 to {FIRST_YEAR}"
    if content.kind is Kind.LETTERS:
        if not 1 <= content.letters <= _LETTERS:
            yield "letters", f"1 to {_LETTERS}"
        if not Decimal(0) < content.per_hundred <= 1000:  # noqa: PLR2004 - ten contacts for each letter
            yield "per_hundred", "above 0, at most 1000"
    elif not 1 <= content.per_week <= _PER_WEEK:
        yield "per_week", f"1 to {_PER_WEEK}"
    yield from _planning(content)


def _planning(content: Content) -> Iterator[tuple[str, str]]:
    capacity = content.capacity
    if capacity.minutes_each is not None and not 1 <= capacity.minutes_each <= _MINUTES:
        yield "minutes_each", f"1 to {_MINUTES}"
    elif not 1 <= capacity.amount <= _CAPACITY or capacity.contacts < 1:
        yield "capacity", f"1 to {_CAPACITY}, room for one contact at least"
    if not _LIMITS[0] <= content.limit_percent <= _LIMITS[1]:
        yield "limit_percent", f"{_LIMITS[0]} to {_LIMITS[1]}"
