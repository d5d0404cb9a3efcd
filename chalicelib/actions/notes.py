"""Notes beside an action: evidence by its kind, interpretations, comments. Added by whoever reads, never changed."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Final

from chalicelib.actions import rules
from chalicelib.actions.model import EVIDENCE, OPINIONS, Note, NoteKind
from chalicelib.actions.rules import Problem
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from chalicelib.actions.model import Action, Author, File
    from chalicelib.actions.ports import ActionStore
    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock

_MOST_PEOPLE: Final = 9999


class Notes:
    """The use cases."""

    def __init__(self, *, store: ActionStore, clock: Callable[[], Clock]) -> None:
        self._store = store
        self._clock = clock

    def file(self, municipality: Municipality, action: str) -> File:
        """Its notes and its history."""
        return self._store.file(municipality.id, action)

    def add(
        self,
        municipality: Municipality,
        action: str,
        author: Author,
        *,
        kind: str,
        text: str,
        day: date | None = None,
        function: str = "",
        people: int | None = None,
        key: str | None = None,
    ) -> Note:
        """Evidence, an interpretation or a comment beside an action; the same key keeps it once.

        Raises:
            NotFound: there is no such action.
            InvalidInput: what is wrong with which field, as a `Problem`.
        """
        found = self._store.get(municipality.id, action)
        if found is None:
            raise NotFound(fields={"action": "there is none"})
        now = self._clock().now()
        today = local_date(now)
        wrong = dict(_wrong_note(found, kind, day or today, people, today))
        words, as_ = rules.plain_text(text), " ".join(function.split())
        if problem := (rules.problem_of(words, rules.LONGEST_TEXT) if words else Problem.MISSING):
            wrong["text"] = problem
        if as_ and (problem := rules.problem_of(as_, rules.LONGEST["owner"])):
            wrong["function"] = problem
        if wrong:
            raise InvalidInput(fields=wrong)
        id_ = hashlib.sha256(f"{action}|note|{key or secrets.token_hex(16)}".encode()).hexdigest()[:16]
        note = Note(id_, NoteKind(kind), words, day or today, now, author.role, as_, people, author.subject)
        self._store.add_note(municipality.id, action, note)
        return note

    def forget_history(self, municipality: Municipality, action: str) -> None:
        """Forgets what its texts said earlier, for what should never have stood there.

        Raises:
            NotFound: there is no such action.
        """
        if self._store.get(municipality.id, action) is None:
            raise NotFound(fields={"action": "there is none"})
        self._store.forget_texts(municipality.id, action)

    def remove(self, municipality: Municipality, action: str, note: str) -> None:
        """Forgets what a note says; that there was one stays.

        Raises:
            NotFound: there is no such action or note.
        """
        if note not in {each.id for each in self._store.file(municipality.id, action).notes}:
            raise NotFound(fields={"note": "there is none"})
        self._store.remove_note(municipality.id, action, note)


def _wrong_note(action: Action, kind: str, day: date, people: int | None, today: date) -> Iterable[tuple[str, Problem]]:
    if kind not in {*EVIDENCE, *OPINIONS}:
        yield "kind", Problem.UNKNOWN
    if day > today:
        yield "day", Problem.FUTURE
    elif kind == NoteKind.CITIZENS and action.decided and day > action.decided:
        yield "day", Problem.DECIDED
    if people is not None and not 1 <= people <= _MOST_PEOPLE:
        yield "people", Problem.PEOPLE
