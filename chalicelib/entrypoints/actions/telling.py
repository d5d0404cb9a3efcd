"""What other pages show of the register: what came of answers, when a change began, what a report recommends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Final

from chalicelib import bootstrap
from chalicelib.actions.model import Status
from chalicelib.entrypoints.actions.reading import ActionView, Reading
from chalicelib.entrypoints.actions.words import Words
from chalicelib.municipalities.policies import NamedEvent
from chalicelib.shared.errors import Busy
from chalicelib.shared.languages import in_language, spoken_in
from chalicelib.web.charts_names import group_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.municipalities.model import Municipality
    from chalicelib.web.pages import Page

_NOT_RECOMMENDED: Final = frozenset({Status.DROPPED})


@dataclass(frozen=True, slots=True)
class Told:
    """One “you said, we did”, and the language that it is in."""

    said: str
    did: str
    language: str


def told(municipality: str, language: str) -> list[Told]:
    """What a citizen who has answered is told. Nothing where the register does not answer: thanks come first."""
    try:
        found = bootstrap.actions().told(municipality)
    except Busy:
        return []
    return [
        Told(in_language(each.said, language), in_language(each.did, language), spoken_in(each.did, language))
        for each in found
    ]


def due_follow_ups(municipality: Municipality) -> int:
    """How many actions wait to be looked at again (FR-14); 0 where the register does not answer."""
    try:
        return sum(each.is_due for each in bootstrap.actions().all(municipality))
    except Busy:
        return 0


def with_actions(municipality: Municipality) -> Municipality:
    """The municipality with the actions among its events whose start leaders want to see in the trend (GE-28)."""
    shown = [each.action.content for each in bootstrap.actions().all(municipality)]
    events = [NamedEvent(each.started, {"da": each.title}) for each in shown if each.on_trend and each.started]
    return replace(municipality, events=(*municipality.events, *events)) if events else municipality


@dataclass(frozen=True, slots=True)
class Filed:
    """The recommendations of one channel and department (GL-75)."""

    name: str
    views: Sequence[ActionView]


def recommendations(municipality: Municipality, page: Page) -> tuple[Words, list[Filed]]:
    """What a report recommends, by channel and department, each with its figures; nothing that was given up (GE-16)."""
    name = group_names(municipality, page.language)
    words, reading = Words(page.language, name), Reading(municipality)

    def filed(view: ActionView) -> str:
        content = view.content
        unit = "sub_department" if content.department in municipality.sub_departments else "department"
        parts = [name("channel", content.channel)] if content.channel else []
        parts += [name(unit, content.department)] if content.department else []
        return " · ".join(parts)

    views = [
        reading.brief(each)
        for each in bootstrap.actions().all(municipality)
        if each.action.content.status not in _NOT_RECOMMENDED
    ]
    ordered = sorted(views, key=filed)
    return words, [Filed(key, list(found)) for key, found in groupby(ordered, filed)]
