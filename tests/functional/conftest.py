"""What several tests of the pages share: a clock that stands still, and a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chalicelib import bootstrap
from chalicelib.shared.clock import SystemClock
from tests.browsing import Browser
from tests.builders import MONDAY, FixedClock

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def still_clock() -> Iterator[FixedClock]:
    fixed = FixedClock(MONDAY)
    bootstrap.use_clock(fixed)
    yield fixed
    bootstrap.use_clock(SystemClock())


@pytest.fixture
def browser(embedded: Any, still_clock: FixedClock) -> Iterator[Browser]:
    from chalice.test import Client

    import app

    with Client(app.app) as client:
        yield Browser(client)
