"""What several tests share: a clock that stands still, a browser, and accidents at the product's writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chalicelib import bootstrap
from chalicelib.shared.clock import SystemClock
from chalicelib.telemetry import metrics
from tests.accidents import Fate, Platform, watched
from tests.browsing import Browser
from tests.builders import MONDAY, FixedClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalice.test import Client


@pytest.fixture
def still_clock() -> Iterator[FixedClock]:
    fixed = FixedClock(MONDAY)
    bootstrap.use_clock(fixed)
    yield fixed
    bootstrap.use_clock(SystemClock())
    metrics.clear_metrics()


@pytest.fixture
def client(embedded: Any) -> Iterator[Client]:
    """The application behind Chalice's own gateway."""
    from chalice.test import Client

    import app

    with Client(app.app) as client:
        yield client


@pytest.fixture
def browser(embedded: Any, still_clock: FixedClock) -> Iterator[Browser]:
    from chalice.test import Client

    import app

    with Client(app.app) as client:
        yield Browser(client)


@pytest.fixture(scope="module")
def fate(embedded: Any) -> Iterator[Fate]:
    """What the product sends in this module can meet an accident."""
    with watched() as fate:
        yield fate


@pytest.fixture(scope="module")
def platform(embedded: Any, fate: Fate) -> Platform:
    """Streams and queue of the embedded AWS, with the functions of `app.py` behind them."""
    return Platform(embedded, fate)
