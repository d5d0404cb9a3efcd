"""A municipality's message templates, held against the longest values that can stand in them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chalicelib.dispatch import sms_text
from chalicelib.municipalities.message_templates import DEFAULT_TEMPLATES, ELSEWHERE
from chalicelib.shared.hashing import TOKEN_LENGTH
from chalicelib.shared.identifiers import CODE_LENGTH
from chalicelib.shared.languages import in_language

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.municipalities.model import Municipality

ASSUMED_SITE: Final = "https://svar.kommunenavn.dk"
"""As long as an address usually is; the real one is known only to a deployment, where `sms preview` checks again."""

_CODE: Final = "W" * CODE_LENGTH
_TOKEN: Final = "x" * TOKEN_LENGTH
_APPOINTMENT: Final = "{municipality}/appointments/{token}"
_PATHS: Final = {
    "invitation": "s/{token}",
    "survey_reminder": "s/{token}",
    "contact_invitation": "s/{token}",
    "contact_reminder": "s/{token}",
    "closed": f"{_APPOINTMENT}/offer",
    "earlier_time": f"{_APPOINTMENT}/offer",
    "nearly_your_turn": "{municipality}/queue/{token}",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """One template in one language: the longest message that it can make, and what is wrong with it."""

    kind: str
    language: str
    text: str
    measure: sms_text.Measure
    problems: tuple[str, ...]


def checked_templates(municipality: Municipality, site: str = ASSUMED_SITE) -> Iterator[Checked]:
    """Every template of a municipality, filled with its longest values and judged."""
    for kind, texts in sorted(municipality.sms_templates.items()):
        for language, template in sorted(texts.items()):
            values = longest_values(municipality, kind, language, site)
            if template == DEFAULT_TEMPLATES.get(kind, {}).get(language):
                values = _shortened(template, values)
            problems = tuple(sms_text.problems(kind, template, values))
            text = template if _is_unknown(problems) else sms_text.render(template, values)
            yield Checked(kind, language, text, sms_text.measure(text), problems)


def longest_values(municipality: Municipality, kind: str, language: str, site: str) -> dict[str, str | None]:
    """The longest value of every placeholder of a kind of message."""
    meetings = {meeting for reason in municipality.reasons for meeting in reason.meetings}
    places = [in_language(office.name, language) for office in municipality.offices]
    places += [in_language(words, language) for meeting, words in ELSEWHERE.items() if meeting in meetings]
    return {
        "municipality": in_language(municipality.name, language),
        "code": _CODE,
        "link": f"{site}/{_PATHS.get(kind, _APPOINTMENT).format(municipality=municipality.id, token=_TOKEN)}",
        "date": "30/12",
        "time": "12.30",
        "new_date": "30/12",
        "new_time": "12.30",
        "ticket": "W999",
        "office": max(places, key=lambda name: sms_text.measure(name).length, default=""),
    }


def _shortened(template: str, values: dict[str, str | None]) -> dict[str, str | None]:
    """With as much of the municipality's name as fits: the product's own words give way to a long name by themselves.

    Only an author can shorten words of their own, so those are judged as they are.
    """
    name = values["municipality"] or ""
    excess = sms_text.measure(sms_text.render(template, values)).length - sms_text.ROOM[sms_text.Encoding.GSM7]
    return {**values, "municipality": name[: max(sms_text.SHORTEST_NAME, len(name) - max(0, excess))].rstrip()}


def _is_unknown(problems: tuple[str, ...]) -> bool:
    return any("unknown placeholder" in problem for problem in problems)
