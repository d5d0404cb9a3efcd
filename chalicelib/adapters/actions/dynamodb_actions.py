"""The register in DynamoDB: one partition to list, one per action for notes and history, one for what citizens read."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from pynamodb.exceptions import DoesNotExist, PutError

from chalicelib.actions.document import action_document, action_of, public_of, without_texts
from chalicelib.actions.model import Change, Entry, File, Note, NoteKind
from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import OperationItem, bound
from chalicelib.adapters.transactions import Steps, response_code
from chalicelib.shared.clock import parse_moment, utc_text
from chalicelib.shared.errors import Busy, Outrun
from chalicelib.shared.hashing import staff_pseudonym

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from chalicelib.actions.model import Action, PublicText
    from chalicelib.shared.hashing import Keys

_PIN: Final = "#pin#"
_HISTORY: Final = "history#"
_NOTE: Final = "note#"
_REMOVED: Final = "removed"
_THERE_IS_ONE: Final = "ConditionalCheckFailedException"


class DynamoDbActions:
    """`ActionStore` on the operations table. `keys` make the pseudonyms of who writes."""

    def __init__(self, keys: Callable[[], Keys]) -> None:
        self._keys = keys

    @busy_if_unread
    def all(self, municipality: str) -> Sequence[Action]:
        """Every action."""
        rows = bound(OperationItem).query(_register(municipality), consistent_read=True)
        return _actions(municipality, rows)

    @busy_if_unread
    def get(self, municipality: str, action: str) -> Action | None:
        """One action with its pins."""
        model = bound(OperationItem)
        rows = model.query(_register(municipality), model.sk.startswith(action), consistent_read=True)
        return next((each for each in _actions(municipality, rows) if each.id == action), None)

    def add(self, action: Action, entry: Entry) -> None:
        """A new action, its pins and its first entry in one transaction."""
        model, steps = bound(OperationItem), Steps()
        steps.put("action", _row(action), model.pk.does_not_exist())
        self._write(steps, action, entry, {})
        if steps.commit():
            raise Outrun

    def replace(self, before: Action, after: Action, entry: Entry) -> None:
        """The next version and all that goes with it in one transaction."""
        model, steps = bound(OperationItem), Steps()
        steps.put("action", _row(after), model.version == before.version)
        for first in before.pins.keys() - after.pins.keys():
            steps.delete(first, model(_register(after.municipality), f"{after.id}{_PIN}{first}"))
        self._write(steps, after, entry, before.pins)
        told = model(_public(after.municipality), after.id)
        if after.public:
            told.document = action_document(after)["public"]
            steps.put("public", told)
        elif before.public:
            steps.delete("public", told)
        if steps.commit():
            raise Outrun

    def pin(self, action: Action, first: str, names: tuple[str, ...]) -> None:
        """The names of a period's counts, if none are kept."""
        model = bound(OperationItem)
        try:
            _pin_row(action, first, names).save(condition=model.pk.does_not_exist())
        except PutError as exc:
            if response_code(exc) != _THERE_IS_ONE:
                raise Busy from exc

    @busy_if_unread
    def file(self, municipality: str, action: str) -> File:
        """Notes and history."""
        rows = list(bound(OperationItem).query(_file(municipality, action), consistent_read=True))
        notes = [_note(row) for row in rows if row.sk.startswith(_NOTE)]
        return File(
            tuple(sorted(notes, key=lambda note: (note.at, note.id))),
            tuple(_entry(row) for row in rows if row.sk.startswith(_HISTORY)),
        )

    def add_note(self, municipality: str, action: str, note: Note) -> None:
        """A note, once."""
        model = bound(OperationItem)
        row = model(_file(municipality, action), f"{_NOTE}{note.id}")
        row.document = {
            "kind": str(note.kind),
            "text": note.text,
            "day": note.day.isoformat(),
            "at": utc_text(note.at),
            "role": note.role,
            "function": note.function,
            "people": note.people,
            "by": staff_pseudonym(self._keys(), municipality, note.by),
        }
        try:
            row.save(condition=model.pk.does_not_exist())
        except PutError as exc:
            if response_code(exc) != _THERE_IS_ONE:
                raise Busy from exc

    @busy_if_unread
    def remove_note(self, municipality: str, action: str, note: str) -> None:
        """What it said is gone; `state` says that it was there. Nothing else changes a note, so nothing is lost."""
        model = bound(OperationItem)
        try:
            row = model.get(_file(municipality, action), f"{_NOTE}{note}", consistent_read=True)
        except DoesNotExist:
            return
        row.document = {**row.document, "text": "", "function": ""}
        row.state = _REMOVED
        try:
            row.save()
        except PutError as exc:
            raise Busy from exc

    @busy_if_unread
    def forget_texts(self, municipality: str, action: str) -> None:
        """Every step again, without what texts said. Steps are never changed otherwise, so none is lost."""
        model = bound(OperationItem)
        rows = list(model.query(_file(municipality, action), model.sk.startswith(_HISTORY), consistent_read=True))
        for row in rows:
            steps = without_texts(_entry(row).changes)
            row.document = {**row.document, "changes": [[each.field, each.before, each.after] for each in steps]}
            try:
                row.save()
            except PutError as exc:
                raise Busy from exc

    @busy_if_unread
    def published(self, municipality: str) -> Sequence[PublicText]:
        """What citizens read."""
        rows = bound(OperationItem).query(_public(municipality), consistent_read=False)
        return sorted((public_of(row.document) for row in rows), key=_since, reverse=True)

    def _write(self, steps: Steps, action: Action, entry: Entry, pinned: Mapping[str, tuple[str, ...]]) -> None:
        model = bound(OperationItem)
        for first, names in action.pins.items():
            if pinned.get(first) != names:
                steps.put(f"pin {first}", _pin_row(action, first, names))
        row = model(_file(action.municipality, action.id), f"{_HISTORY}{entry.version:06d}")
        row.document = {
            "at": utc_text(entry.at),
            "by": staff_pseudonym(self._keys(), action.municipality, entry.by),
            "role": entry.role,
            "changes": [[change.field, change.before, change.after] for change in entry.changes],
        }
        steps.put("history", row)


def _register(municipality: str) -> str:
    return f"{municipality}#actions#register"


def _public(municipality: str) -> str:
    return f"{municipality}#actions#public"


def _file(municipality: str, action: str) -> str:
    return f"{municipality}#actions#{action}"


def _row(action: Action) -> OperationItem:
    return bound(OperationItem)(
        _register(action.municipality), action.id, document=action_document(action), version=action.version
    )


def _pin_row(action: Action, first: str, names: tuple[str, ...]) -> OperationItem:
    sk = f"{action.id}{_PIN}{first}"
    return bound(OperationItem)(_register(action.municipality), sk, document={"names": list(names)})


def _actions(municipality: str, rows: Iterable[OperationItem]) -> list[Action]:
    found: dict[str, OperationItem] = {}
    pins: dict[str, dict[str, tuple[str, ...]]] = {}
    for row in rows:
        action, _, first = row.sk.partition(_PIN)
        if first:
            pins.setdefault(action, {})[first] = tuple(row.document["names"])
        else:
            found[action] = row
    return [
        action_of(municipality, id_, row.document, version=int(row.version), pins=pins.get(id_, {}))
        for id_, row in found.items()
    ]


def _entry(row: OperationItem) -> Entry:
    facts: dict[str, Any] = row.document
    changes = tuple(Change(*each) for each in facts["changes"])
    version = int(row.sk.removeprefix(_HISTORY))
    return Entry(version, parse_moment(facts["at"]), facts["by"], facts["role"], changes)


def _note(row: OperationItem) -> Note:
    facts: dict[str, Any] = row.document
    return Note(
        id=row.sk.removeprefix(_NOTE),
        kind=NoteKind(facts["kind"]),
        text=facts["text"],
        day=date.fromisoformat(facts["day"]),
        at=parse_moment(facts["at"]),
        role=facts["role"],
        function=facts["function"],
        people=facts["people"],
        by=facts["by"],
        removed=row.state == _REMOVED,
    )


def _since(public: PublicText) -> date:
    return public.since
