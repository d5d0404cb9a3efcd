"""The form of an estimate: what was sent in it, and what an estimate would fill it with."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final, TypeVar

from chalicelib.expectations.model import FIRST_YEAR, Capacity, Content, Kind
from chalicelib.municipalities.model import Channel
from chalicelib.shared.errors import InvalidInput
from chalicelib.shared.languages import Language

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

AnyChoice = TypeVar("AnyChoice", Kind, Channel)

USUAL: Final = {"channel": "phone", "weeks": "4", "limit_percent": "150"}
_LONGEST_NUMBER: Final = 12


def values_of(content: Content, language: str) -> dict[str, str]:
    """The fields as they would have been written."""
    per_hundred = str(content.per_hundred).replace(".", "," if language == Language.DANISH else ".")
    return {
        "kind": content.kind.value,
        "title": content.title,
        "channel": content.channel.value,
        "owner": content.owner,
        "assumptions": content.assumptions,
        "starts": content.starts.isoformat(),
        "weeks": str(content.weeks),
        "capacity": str(content.capacity.amount),
        "minutes_each": str(content.capacity.minutes_each or ""),
        "limit_percent": str(content.limit_percent),
        "letters": str(content.letters or ""),
        "per_hundred": per_hundred if content.letters else "",
        "per_week": str(content.per_week or ""),
    }


def content_from(fields: Mapping[str, str], reasons: Sequence[str]) -> Content:
    """What was written; whether it may be kept is for `rules.checked`.

    Raises:
        InvalidInput: a field can't be read, by field.
    """
    errors: dict[str, str] = {}
    kind = _choice(Kind, fields.get("kind", ""), "kind", errors)
    channel = _choice(Channel, fields.get("channel", ""), "channel", errors)
    try:
        starts = date.fromisoformat(fields.get("starts", ""))
    except ValueError:
        errors["starts"] = "a date"
    whole = {name: whole_of(fields.get(name, ""), name, errors) for name in ("capacity", "limit_percent")}
    weeks = FIRST_YEAR if kind is Kind.SERVICE else whole_of(fields.get("weeks", ""), "weeks", errors)
    minutes = whole_of(fields["minutes_each"], "minutes_each", errors) if fields.get("minutes_each") else None
    is_letters = kind is Kind.LETTERS
    letters = whole_of(fields.get("letters", ""), "letters", errors) if is_letters else 0
    per_hundred = _share(fields.get("per_hundred", ""), errors) if is_letters else Decimal(0)
    per_week = 0 if is_letters else whole_of(fields.get("per_week", ""), "per_week", errors)
    if errors or kind is None or channel is None:
        raise InvalidInput(fields=errors)
    return Content(
        title=fields.get("title", ""),
        kind=kind,
        channel=channel,
        owner=fields.get("owner", ""),
        assumptions=fields.get("assumptions", ""),
        starts=starts,
        weeks=weeks,
        capacity=Capacity(whole["capacity"], minutes),
        limit_percent=whole["limit_percent"],
        letters=letters,
        per_hundred=per_hundred,
        per_week=per_week,
        reasons=tuple(reasons),
    )


def whole_of(text: str, field: str, errors: dict[str, str]) -> int:
    """A whole number, with or without points between the thousands."""
    plain = text.replace(".", "").replace(",", "").replace(" ", "")
    if plain.isascii() and plain.isdigit() and len(plain) < _LONGEST_NUMBER:
        return int(plain)
    errors[field] = "a whole number"
    return 0


def _share(text: str, errors: dict[str, str]) -> Decimal:
    try:
        found = Decimal(text.replace(",", "."))
    except InvalidOperation:
        found = Decimal("NaN")
    if found.is_finite() and len(text) < _LONGEST_NUMBER and "e" not in text.lower():
        return found
    errors["per_hundred"] = "a number"
    return Decimal(0)


def _choice(kinds: type[AnyChoice], text: str, field: str, errors: dict[str, str]) -> AnyChoice | None:
    try:
        return kinds(text)
    except ValueError:
        errors[field] = "one of the choices"
        return None
