"""What the register needs from outside, and how it says that somebody was faster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from chalicelib.shared.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.actions.model import Action, Entry, File, Note, Place, PublicText
    from chalicelib.actions.rules import Merged
    from chalicelib.municipalities.model import Municipality


class Overtaken(Conflict):
    """Somebody else has saved in the meantime. `now` is what stands; `merged` is what the two would be together."""

    def __init__(self, now: Action, merged: Merged) -> None:
        super().__init__()
        self.now = now
        self.merged = merged


class Figures(Protocol):
    """The reports, as far as the register needs them."""

    def is_shown(self, municipality: Municipality, place: Place, first: str, last: str) -> bool:
        """True for a figure that anybody who reads the reports sees, of a period that is over."""
        ...

    def settled(self, municipality: Municipality, first: str, last: str) -> tuple[str, ...]:
        """The names of a period's final counts; nothing while answers may come in."""
        ...

    def is_asked(self, municipality: Municipality, place: Place) -> bool:
        """True for a question that is asked now, in that wording, and a group of it that the reports may show."""
        ...


class ActionStore(Protocol):
    """Where actions are kept."""

    def all(self, municipality: str) -> Sequence[Action]:
        """Every action, in no order."""
        ...

    def get(self, municipality: str, action: str) -> Action | None:
        """One action; None: there is none."""
        ...

    def add(self, action: Action, entry: Entry) -> None:
        """Keep a new one with its pins and the beginning of its history.

        Raises:
            Outrun: there is one of that id.
        """
        ...

    def replace(self, before: Action, after: Action, entry: Entry) -> None:
        """Keep its next version, its new pins and what was changed.

        Raises:
            Outrun: the stored one is no longer `before`.
        """
        ...

    def pin(self, action: Action, first: str, names: tuple[str, ...]) -> None:
        """Keep the names of a period's counts, unless some are kept: the first stand."""
        ...

    def file(self, municipality: str, action: str) -> File:
        """Notes and history, the oldest first."""
        ...

    def add_note(self, municipality: str, action: str, note: Note) -> None:
        """Keep it; the same one again changes nothing."""
        ...

    def remove_note(self, municipality: str, action: str, note: str) -> None:
        """Forget its text."""
        ...

    def forget_texts(self, municipality: str, action: str) -> None:
        """Forget in its history what texts said; which fields were changed when, and by whom, stays."""
        ...

    def published(self, municipality: str) -> Sequence[PublicText]:
        """What citizens are told, the newest first."""
        ...
