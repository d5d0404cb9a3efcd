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
    hidden = {place for place, n in bases.items() if n < limit} | set(also)
    # The narrowest sums first: a cover within a department protects in the whole as well.
    fitting = sorted((each for each in sums if _rest(each, bases) >= 0), key=lambda each: len(each.parts))
    while place := next((found for each in fitting if (found := _needed(each, bases, hidden, known, limit))), None):
        hidden.add(place)
    return frozenset(hidden)


def gives_away(hidden: Sequence[int], limit: int) -> bool:
    """True if a whole, less its shown parts, would tell what the parts hide: one part alone, or together too few."""
    parts = [n for n in hidden if n]
    return bool(parts) and (len(parts) < 2 or sum(parts) < limit)  # noqa: PLR2004 - two hide each other


def _needed(
    each: Sum, bases: Mapping[Place, int], hidden: set[Place], known: frozenset[Place], limit: int
) -> Place | None:
    """What must be hidden next for this sum's sake; None when it gives nothing away."""
    rest = _rest(each, bases)
    unknown = [bases[part] for part in each.parts if part in hidden - known and bases[part] > 0]
    # A rest is never published. A small one is one more thing to protect; a large one may follow from elsewhere.
    unknown += [rest] * (0 < rest < limit)
    if each.whole in hidden - known:
        safe = bool(unknown) or rest > 0 or bases[each.whole] == 0
    else:
        safe = not unknown or (len(unknown) >= 2 and sum(unknown) >= limit)  # noqa: PLR2004 - two hide each other
    if safe:
        return None
    shown = sorted((bases[part], part) for part in each.parts if bases[part] and part not in hidden | known)
    if shown:
        return shown[0][1]
    return each.whole if rest < limit and each.whole not in hidden | known else None


def _rest(each: Sum, bases: Mapping[Place, int]) -> int:
    return bases.get(each.whole, -1) - sum(bases[part] for part in each.parts)
