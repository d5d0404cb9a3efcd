"""Finding a municipality. Writing one is the command line's business, which validates the file first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.languages import Text


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """A municipality in the list of all of them."""

    id: str
    name: Text


class Municipalities(Protocol):
    """Where configurations are kept."""

    def get(self, municipality: str) -> Municipality:
        """The configuration in force.

        Raises:
            NotFound: no such municipality.
        """
        ...

    def forget(self, municipality: str) -> None:
        """The next `get` reads anew: asked by whoever has just changed something."""
        ...

    def directory(self) -> Sequence[DirectoryEntry]:
        """Every municipality, by id."""
        ...
