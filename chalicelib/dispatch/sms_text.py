"""The text of a message: GSM-7, one segment, nothing about the errand (SK-04). Pure.

A message outside GSM-7 holds 70 characters instead of 160, so one curly quote or Polish letter doubles its price; a
text of two segments may arrive torn. Both are errors when a municipality's file is applied, and are mended when a
message is made. A clause in parentheses is left out when its placeholder has no value: ` (kode {code})` for those
without a code.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")
ROOM: Final = {"gsm7": 160, "ucs2": 70}
"""Characters of a message that is one part."""
_CHAINED: Final = {"gsm7": 153, "ucs2": 67}
_LOOK_ALIKES: Final = str.maketrans(
    {"–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "\u00a0": " ", "\u200b": "", "ð": "d"}
    | {"Ð": "D", "þ": "th", "Þ": "Th", "ł": "l", "Ł": "L", "ı": "i", "đ": "d", "Đ": "D"}
)
_CLAUSE: Final = re.compile(r" ?\([^()]*\{(\w+)\}[^()]*\)")
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
SHORTEST_NAME: Final = 3

_SURVEY: Final = frozenset({"municipality", "code", "link"})
_TIME: Final = frozenset({"municipality", "date", "time", "office", "code", "link"})
_PROPOSAL: Final = _TIME | {"new_date", "new_time"}

PLACEHOLDERS: Final[Mapping[str, frozenset[str]]] = {
    "invitation": _SURVEY,
    "survey_reminder": _SURVEY,
    "contact_invitation": _SURVEY,
    "contact_reminder": _SURVEY,
    "confirmation": _TIME,
    "reminder": _TIME,
    "moved": _TIME,
    "cancelled": _TIME,
    "closed": _PROPOSAL,
    "earlier_time": _PROPOSAL,
    "nearly_your_turn": frozenset({"municipality", "ticket", "link"}),
}
OPTIONAL: Final[Mapping[str, frozenset[str]]] = {
    "invitation": frozenset({"code"}),
    "survey_reminder": frozenset({"code"}),
    "contact_invitation": frozenset({"code"}),
    "contact_reminder": frozenset({"code"}),
}
_STANDING: Final = frozenset({"date", "time", "code", "link"})
_ANSWERED: Final = frozenset({"new_date", "new_time", "link"})
REQUIRED: Final[Mapping[str, frozenset[str]]] = {
    "invitation": frozenset({"link"}),
    "survey_reminder": frozenset({"link"}),
    "contact_invitation": frozenset({"link"}),
    "contact_reminder": frozenset({"link"}),
    "confirmation": _STANDING,
    "reminder": _STANDING,
    "moved": _STANDING,
    "cancelled": frozenset({"date", "time", "link"}),
    "closed": _ANSWERED,
    "earlier_time": _ANSWERED,
    "nearly_your_turn": frozenset({"ticket", "link"}),
}


class Encoding(StrEnum):
    """How a text travels."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


@dataclass(frozen=True, slots=True)
class Measure:
    """A text as the carrier counts it: `length` in GSM-7 septets or UTF-16 units."""

    encoding: Encoding
    length: int
    parts: int


def measure(text: str) -> Measure:
    """How a text travels, how long it is and in how many parts."""
    if all(character in _BASIC or character in _EXTENDED for character in text):
        units = [2 if character in _EXTENDED else 1 for character in text]
        encoding = Encoding.GSM7
    else:
        units = [len(character.encode("utf-16-be")) // 2 for character in text]
        encoding = Encoding.UCS2
    length = sum(units)
    if length <= ROOM[encoding]:
        return Measure(encoding, length, 1)
    return Measure(encoding, length, _chained_parts(units, _CHAINED[encoding]))


def _chained_parts(units: list[int], room: int) -> int:
    """Parts of a chained message; a character of two units never straddles two parts."""
    if set(units) == {1}:
        return math.ceil(len(units) / room)
    parts, used = 1, 0
    for unit in units:
        if used + unit > room:
            parts, used = parts + 1, 0
        used += unit
    return parts


def render(template: str, values: Mapping[str, str | None]) -> str:
    """The template with its placeholders filled; a clause in parentheses without a value is left out.

    Raises:
        KeyError: the template names a placeholder that has no value and no clause to leave out.
    """
    kept = _CLAUSE.sub(lambda clause: "" if values.get(clause[1]) is None else clause[0], template)

    def filled(match: re.Match[str]) -> str:
        value = values[match[1]]
        if value is None:
            raise KeyError(match[1])
        return value

    return _PLACEHOLDER.sub(filled, kept)


def fit(template: str, values: Mapping[str, str | None]) -> str:
    """The text to send: in GSM-7 and one segment whenever that can be had without touching link or code.

    First letters are replaced by look-alikes, then the municipality's name is cut, then clauses in parentheses go.
    Configuration is checked so that none of it is needed; this is for what the check could not see, such as a longer
    address of the site.
    """
    plain = {name: None if value is None else to_gsm7(value) for name, value in values.items()}
    basic = to_gsm7(template)
    text = render(basic, plain)
    excess = measure(text).length - ROOM[Encoding.GSM7]
    if excess <= 0:
        return text
    name = plain.get("municipality") or ""
    shorter = name[: max(SHORTEST_NAME, len(name) - excess)].rstrip()
    text = render(basic, {**plain, "municipality": shorter})
    if measure(text).parts == 1:
        return text
    return render(_CLAUSE.sub("", basic), {**plain, "municipality": shorter})


def to_gsm7(text: str) -> str:
    """The nearest text in GSM-7: accents drop where they must; what has no likeness becomes a question mark."""
    return "".join(_nearest(character) for character in text.translate(_LOOK_ALIKES))


def _nearest(character: str) -> str:
    if character in _BASIC or character in _EXTENDED:
        return character
    bare = unicodedata.normalize("NFKD", character)
    likeness = "".join(part for part in bare if part in _BASIC)
    if likeness or all(unicodedata.combining(part) for part in bare):
        return likeness
    return "?"


def problems(kind: str, template: str, values: Mapping[str, str | None]) -> list[str]:
    """What is wrong with a configured template, in words for its author; `values` are the longest that can occur.

    A template that passes is GSM-7 and one segment with every one of its values.
    """
    named = set(_PLACEHOLDER.findall(template))
    unknown = named - PLACEHOLDERS.get(kind, frozenset(values))
    if unknown:
        return [f"unknown placeholder {{{name}}}" for name in sorted(unknown)]
    found = [f"{{{name}}} is missing" for name in sorted(REQUIRED.get(kind, frozenset()) - named)]
    outside = set(_PLACEHOLDER.findall(_CLAUSE.sub("", template)))
    found += [
        f"{{{name}}} must stand in parentheses, so that it can be left out where there is none"
        for name in sorted(OPTIONAL.get(kind, frozenset()) & outside)
    ]
    text = render(template, values)
    foreign = sorted({character for character in text if character not in _BASIC and character not in _EXTENDED})
    if foreign:
        found.append(f"characters that a text message can't hold in its short form: {' '.join(foreign)}")
    size = measure(text)
    if size.parts > 1:
        found.append(f"{size.length} characters with the longest values; {ROOM[size.encoding]} fit into one message")
    return found
