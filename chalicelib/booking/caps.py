"""Hours that were cut: what keeps a configuration from before the change from selling places that are gone (I1).

A function keeps a municipality's configuration for a minute. So whoever cuts the hours writes `cap` to every tick that
has fewer places now, and every booking's transaction holds its plan against it. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.booking.capacity import UNTOUCHED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.booking.capacity import TickState


def new_caps(before: Mapping[str, int], after: Mapping[str, int], seen: Mapping[str, TickState]) -> dict[str, int]:
    """Ticks whose cap changes, and to what; `before` and `after` say how many places each open tick had and has.

    A tick that lost places is capped, and a cap follows every later change up or down: then the caps and the hours
    in force say the same, and what an older configuration says beyond them is not sold.
    """
    caps = {key: after.get(key, 0) for key in sorted(before.keys() | after.keys() | seen.keys())}
    known = {key: seen.get(key, UNTOUCHED).cap for key in caps}
    return {
        key: cap
        for key, cap in caps.items()
        if cap != known[key] and (known[key] is not None or cap < before.get(key, 0))
    }
