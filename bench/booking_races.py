"""Two hundred clients at one office, a thousand times, on the embedded DynamoDB: `python -m bench.booking_races`.

Each round every client books, holds, extends, confirms, moves or cancels at the same moment; then the clock moves on
and every lane is held against what the clients were told (I1). Every so often all cancel, and no place may be left
taken. Ends with status 1 if anything was ever wrong. ROUNDS and CLIENTS shorten it; a thousand take two hours or more.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from tests.builders import FixedClock, a_municipality
from tests.embedded import embedded_aws
from tests.fakes.booking import a_booking_service
from tests.racing import NINE, Race, busy_office

ROUNDS = int(os.environ.get("ROUNDS", "1000"))
CLIENTS = int(os.environ.get("CLIENTS", "200"))
CHAPTER = 25
"""Rounds at one office before everybody cancels."""


def main() -> int:
    answers, violations = Counter[str](), list[str]()
    begin = time.perf_counter()
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded_aws(Path(folder)),
        ThreadPoolExecutor(CLIENTS) as pool,
    ):
        for first in range(0, ROUNDS, CHAPTER):
            race = _race(first)
            for _ in range(min(CHAPTER, ROUNDS - first)):
                race.round(CLIENTS, pool)
            race.finish()
            answers.update(race.answers)
            violations += race.violations
            for violation in race.violations[:20]:
                print(violation)
            passed = time.perf_counter() - begin
            print(f"{min(first + CHAPTER, ROUNDS):6} rounds {passed:7.0f} s  {len(violations)} violations", flush=True)
    print(", ".join(f"{count} {answer}" for answer, count in answers.most_common()))
    return 1 if violations else 0


def _race(number: int) -> Race:
    from chalicelib.adapters.booking.dynamodb_booking import DynamoDbBookings

    store, clock = DynamoDbBookings(), FixedClock(NINE - timedelta(days=1))
    municipality = busy_office(a_municipality(id=f"race{number}"))
    return Race(a_booking_service(store, clock=clock), store, clock, municipality, seed=number + 1)


if __name__ == "__main__":
    sys.exit(main())
