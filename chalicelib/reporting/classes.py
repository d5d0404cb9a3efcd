"""Histograms of which every class is of nobody or of enough, in every period that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Class:
    """Counts from `first` up to and including `last`; `last` is None without an end."""

    first: int
    last: int | None
    count: int


def classes(
    starts: Sequence[int], whole: Mapping[int, int], parts: Sequence[Mapping[int, int]], limit: int
) -> list[Class]:
    """A histogram in classes of nobody or of enough, wide enough for each of the shorter periods as well.

    So a longer period is the sum of what its months show, and tells nothing more. Nothing where that leaves one class.
    """
    kept = set(starts)
    for part in (whole, *parts):
        kept &= _bounds(starts, part, limit)
    bounds = sorted(kept)
    if sum(whole.values()) < limit or len(bounds) < 2:  # noqa: PLR2004 - one class is the total
        return []
    ends = [*(start - 1 for start in bounds[1:]), None]
    return [Class(first, last, _between(whole, first, last)) for first, last in zip(bounds, ends, strict=True)]


def _bounds(starts: Sequence[int], counts: Mapping[int, int], limit: int) -> set[int]:
    """Where the classes of one period begin: a class of few goes on into the next, the last into the one before."""
    ends = [*(start - 1 for start in starts[1:]), None]
    bounds, open_since, n = [], starts[0], 0
    for first, last in zip(starts, ends, strict=True):
        n += _between(counts, first, last)
        if n == 0 or n >= limit:
            bounds.append(open_since)
            n = 0
            open_since = last + 1 if last is not None else first
    # What is left goes on from the last class; where that was of nobody, from the one before.
    while bounds and 0 < _between(counts, bounds[-1], None) < limit:
        bounds.pop()
    return {starts[0], *bounds}


def _between(counts: Mapping[int, int], first: int, last: int | None) -> int:
    return sum(n for value, n in counts.items() if first <= value and (last is None or value <= last))
