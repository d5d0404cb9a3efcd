"""When the tables do not answer: every page and call says so, at once, and no secret of an address reaches a log (I6)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from chalice.test import Client

from chalicelib import bootstrap
from chalicelib.telemetry import logger
from local.environment import VARIABLES, activated
from local.ministack import CREDENTIALS

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "4kT9xRb27LmQwZ"  # nobody's
NOBODY = {**dict.fromkeys(VARIABLES, "x"), **CREDENTIALS, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}


class Recorder(logging.Handler):
    """Every line as it would be written."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(str(logger.registered_formatter.format(record)))


@pytest.fixture
def client() -> Iterator[Client]:
    import app

    with activated(NOBODY), Client(app.app) as client:
        bootstrap.municipalities.cache_clear()
        yield client
    bootstrap.municipalities.cache_clear()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/fjordby/appointments/{TOKEN}"),
        ("GET", f"/s/{TOKEN}"),
        ("GET", f"/s/{TOKEN}/stop"),
        ("GET", f"/api/v1/surveys/{TOKEN}"),
        ("GET", f"/api/v1/appointments/{TOKEN}"),
        ("GET", "/api/v1/municipalities/fjordby/offices"),
        ("GET", "/"),
    ],
)
def test_an_outage_is_said_to_be_one_and_no_token_is_logged(
    client: Client, capfd: pytest.CaptureFixture[str], method: str, path: str
) -> None:
    recorder = Recorder()
    logger.addHandler(recorder)
    try:
        answered = client.http.request(method, path)
    finally:
        logger.removeHandler(recorder)
    assert answered.status_code == 503
    assert TOKEN not in "\n".join([*recorder.lines, *capfd.readouterr()])
