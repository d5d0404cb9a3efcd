"""Trying again, and when to stop."""

from __future__ import annotations

import pytest

from chalicelib.shared.errors import Ambiguous, Busy, Outrun
from chalicelib.shared.retry import Retry


class SlowStore:
    """Every answer takes some seconds of a clock that only this store moves."""

    def __init__(self, error: type[Exception], seconds: float) -> None:
        self.error, self.seconds, self.passed, self.calls = error, seconds, 0.0, 0

    def monotonic(self) -> float:
        return self.passed

    def __call__(self) -> None:
        self.calls += 1
        self.passed += self.seconds
        raise self.error


@pytest.mark.parametrize(("error", "said"), [(Busy, Busy), (Outrun, Busy), (Ambiguous, Ambiguous)])
def test_a_table_that_does_not_answer_is_given_up_before_the_gateway_gives_up(
    error: type[Exception], said: type[Exception]
) -> None:
    store = SlowStore(error, seconds=9)  # three tries of botocore's, three seconds each
    with pytest.raises(said):
        Retry(attempts=60, lost=60, sleep=lambda _: None, monotonic=store.monotonic).run(store)
    assert store.passed < 29


def test_quick_refusals_are_tried_as_often_as_was_said() -> None:
    store = SlowStore(Outrun, seconds=0.05)
    with pytest.raises(Busy):
        Retry(attempts=60, sleep=lambda _: None, monotonic=store.monotonic).run(store)
    assert store.calls == 60
