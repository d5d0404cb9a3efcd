"""The register in memory with the table's conditions, figures that say what a test wants, and a valid action."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalicelib.actions.document import without_texts
from chalicelib.actions.model import Author, Baseline, Content, File, Guard, Place, Span
from chalicelib.shared.errors import Outrun
from chalicelib.shared.hashing import staff_pseudonym
from tests.builders import KEYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.actions.model import Action, Entry, Note, PublicText
    from chalicelib.municipalities.model import Municipality

LEADER = Author("anna", "leader")
OTHER = Author("bo", "leader")
ANALYST = Author("carla", "analyst")
SATISFIED = Place("all", "all", "satisfaction", "0-10.1", "share")
AUGUST = Span("2026-08", "2026-08")


def content(**changes: Any) -> Content:
    """A proposal that rests on August's satisfaction."""
    facts: dict[str, Any] = {
        "title": "Klare breve",
        "recommendation": "Skriv brevene om.",
        "work": "To medarbejdere skriver dem om.",
        "owner": "Leder af Borgerservice",
        "baseline": Baseline(SATISFIED, AUGUST),
    }
    return Content(**{**facts, **changes})


def guard(limit: int = 80, measure: str = "share") -> Guard:
    """A limit of everyone's satisfaction."""
    return Guard(replace(SATISFIED, measure=measure), limit)


class InMemoryActions:
    """`ActionStore`."""

    def __init__(self) -> None:
        self.actions: dict[tuple[str, str], Action] = {}
        self.pins: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {}
        self.files: dict[tuple[str, str], File] = {}

    def all(self, municipality: str) -> Sequence[Action]:
        found = (self.get(municipality, id_) for owner, id_ in self.actions if owner == municipality)
        return [each for each in found if each is not None]

    def get(self, municipality: str, action: str) -> Action | None:
        key = municipality, action
        return replace(self.actions[key], pins=dict(self.pins[key])) if key in self.actions else None

    def add(self, action: Action, entry: Entry) -> None:
        if (action.municipality, action.id) in self.actions:
            raise Outrun
        self._keep(action, entry)
        self.pins[action.municipality, action.id] = dict(action.pins)

    def replace(self, before: Action, after: Action, entry: Entry) -> None:
        if self.actions[before.municipality, before.id].version != before.version:
            raise Outrun
        self._keep(after, entry)
        kept = self.pins[after.municipality, after.id]
        for first in before.pins.keys() - after.pins.keys():
            kept.pop(first)
        kept |= {first: names for first, names in after.pins.items() if before.pins.get(first) != names}

    def _keep(self, action: Action, entry: Entry) -> None:
        key = action.municipality, action.id
        self.actions[key] = action
        file = self.files.get(key, File())
        written = replace(entry, by=staff_pseudonym(KEYS, action.municipality, entry.by))
        self.files[key] = replace(file, history=(*file.history, written))

    def pin(self, action: Action, first: str, names: tuple[str, ...]) -> None:
        self.pins[action.municipality, action.id].setdefault(first, names)

    def file(self, municipality: str, action: str) -> File:
        return self.files.get((municipality, action), File())

    def add_note(self, municipality: str, action: str, note: Note) -> None:
        file = self.file(municipality, action)
        if note.id not in {each.id for each in file.notes}:
            written = replace(note, by=staff_pseudonym(KEYS, municipality, note.by))
            notes = sorted((*file.notes, written), key=lambda each: (each.at, each.id))
            self.files[municipality, action] = replace(file, notes=tuple(notes))

    def remove_note(self, municipality: str, action: str, note: str) -> None:
        file = self.file(municipality, action)
        notes = [replace(each, text="", function="", removed=True) if each.id == note else each for each in file.notes]
        self.files[municipality, action] = replace(file, notes=tuple(notes))

    def forget_texts(self, municipality: str, action: str) -> None:
        file = self.file(municipality, action)
        history = [replace(each, changes=without_texts(each.changes)) for each in file.history]
        self.files[municipality, action] = replace(file, history=tuple(history))

    def published(self, municipality: str) -> Sequence[PublicText]:
        found = [each.public for each in self.all(municipality) if each.public]
        return sorted(found, key=lambda public: public.since, reverse=True)


class Figures:
    """`Figures` of the register: what is hidden, what is settled, what is asked."""

    def __init__(self) -> None:
        self.hidden: set[Place] = set()
        self.names: dict[str, tuple[str, ...]] = {}
        self.asked = True

    def is_shown(self, municipality: Municipality, place: Any, first: str, last: str) -> bool:
        return place not in self.hidden

    def settled(self, municipality: Municipality, first: str, last: str) -> tuple[str, ...]:
        return self.names.get(first, ())

    def is_asked(self, municipality: Municipality, place: Any) -> bool:
        return self.asked
