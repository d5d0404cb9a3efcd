"""Trying again with jitter, where a write was outrun, throttled or its answer was lost. The sleeper is injected."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from chalicelib.shared.errors import Ambiguous, Busy, Outrun

if TYPE_CHECKING:
    from collections.abc import Callable

_FIRST_PAUSE: Final = 0.02
_LONGEST_PAUSE: Final = 0.4

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and how patiently. `attempts` bounds all tries, `lost` those whose answer was lost (seconds each).

    After `seconds` no further try begins: one try of a table that does not answer takes some ten seconds, and whoever
    asks must hear "busy" from us before API Gateway gives up after 29.
    """

    attempts: int = 10
    lost: int = 2
    seconds: float = 10
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random
    monotonic: Callable[[], float] = time.monotonic

    def run(self, attempt: Callable[[], Result]) -> Result:
        """What `attempt` returns. It must read afresh each time, and recognise what an earlier try has done.

        Raises:
            Busy: every try was outrun or refused, or time was up; nothing was changed.
            Ambiguous: the last answers were lost; something may have been changed.
        """
        lost = 0
        ambiguous = False
        until = self.monotonic() + self.seconds
        for number in range(self.attempts):
            try:
                return attempt()
            except Ambiguous:
                lost += 1
                ambiguous = True
                if lost > self.lost:
                    raise
            except (Busy, Outrun):
                pass
            if self.monotonic() >= until:
                break
            if number < self.attempts - 1:
                self.sleep(self.jitter() * min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**number))
        raise Ambiguous if ambiguous else Busy
