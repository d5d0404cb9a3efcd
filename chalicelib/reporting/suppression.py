"""Which bases stay hidden so that nothing hidden follows from what is shown (design 4.7).

Published bases stand in sums: all = the offices + the rest, a department = its reasons, a quarter = its months. Whoever
knows all parts of a sum but one knows that one too. So in every sum none is hidden, or at least two, and those together
reach the limit. The sums form a tree (no base is a part of two wholes that are parts themselves of the same sum), and
in a tree two unknowns per sum leave every one of them open; a test attacks the result with linear programming.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Place = tuple[str, str]
"""A dimension and its value."""


@dataclass(frozen=True, slots=True)
class Sum:
    """A whole and its parts. What no part accounts for, such as contacts without an office, is the rest."""

    whole: Place
    parts: tuple[Place, ...]


def hidden_places(
    bases: Mapping[Place, int],
    sums: Sequence[Sum],
    *,
    limit: int,
    known: frozenset[Place] = frozenset(),
    also: Iterable[Place] = (),
) -> frozenset[Place]:
    """The places to hide: every base below the limit, those of `also`, and as many others as protect them.

    `known` are bases that follow from other publications: hiding them protects nobody. Where a sum has no part left
    to hide, its whole is hidden too, unless a large rest stands beside what is hidden.
    """
    table = _Table(bases, known, frozenset(also), limit)
    hidden = {place for place, n in bases.items() if n < limit} | table.also
    # The narrowest sums first: a cover within a department protects in the whole as well.
    fitting = sorted((each for each in sums if table.rest(each) >= 0), key=lambda each: len(each.parts))
    while place := next((found for each in fitting if (found := table.needed(each, hidden))), None):
        hidden.add(place)
    return frozenset(hidden)


def gives_away(hidden: Sequence[int], limit: int) -> bool:
    """True if a whole, less its shown parts, would tell what the parts hide: one part alone, or together too few."""
    parts = [n for n in hidden if n]
    return bool(parts) and (len(parts) < 2 or sum(parts) < limit)  # noqa: PLR2004 - two hide each other


@dataclass(frozen=True, slots=True)
class _Table:
    bases: Mapping[Place, int]
    known: frozenset[Place]
    also: frozenset[Place]
    limit: int

    def needed(self, each: Sum, hidden: set[Place]) -> Place | None:
        """What must be hidden next for this sum's sake; None when it gives nothing away.

        That nobody is in a group is no secret, and covers none; but where another table hides the group, nobody knows.
        """
        bases, secret, rest = self.bases, hidden - self.known, self.rest(each)
        unknown = [bases[part] for part in each.parts if part in secret and (bases[part] or part in self.also)]
        # A rest is never published. A small one is one more thing to protect; a large one may follow from elsewhere.
        unknown += [rest] * (0 < rest < self.limit)
        if each.whole in secret:
            safe = bool(unknown) or rest > 0 or bases[each.whole] == 0
        else:
            safe = not unknown or (len(unknown) >= 2 and sum(unknown) >= self.limit)  # noqa: PLR2004 - hide each other
        if safe:
            return None
        shown = sorted((bases[part], part) for part in each.parts if bases[part] and part not in hidden | self.known)
        if shown:
            return shown[0][1]
        return each.whole if rest < self.limit and each.whole not in hidden | self.known else None

    def rest(self, each: Sum) -> int:
        return self.bases.get(each.whole, -1) - sum(self.bases[part] for part in each.parts)
