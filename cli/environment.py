"""Points this process at a deployment: the settings that its functions have, read from where the stage keeps them."""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.request import urlopen

from chalicelib.shared.clock import parse_moment
from chalicelib.shared.errors import BorgerpulsError
from chalicelib.telemetry import logging_to

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCAL_ENVIRONMENT = Path(".local") / "environment.json"
"""Written by `make run`, so that a second terminal reaches the running product."""

_PATIENCE: Final = 10
"""Seconds."""


class StageUnreachable(BorgerpulsError):
    """The deployment can't be found."""

    code = "stage_unreachable"


def use_stage() -> None:
    """Set the environment of the stage named in BORGERPULS_STAGE, unless it is already complete.

    Raises:
        StageUnreachable: says what to start or to deploy.
    """
    if "BORGERPULS_PREFIX" in os.environ:
        return
    stage = os.environ.get("BORGERPULS_STAGE", "local")
    if stage == "local":
        environment = _local()
        os.environ.update(environment)
        _follow_clock(environment["PUBLIC_URL"])
        return
    from infra.deploy import environment as deployed

    os.environ.update(deployed(stage))


def _local() -> dict[str, str]:
    file = Path(os.environ.get("BORGERPULS_ENVIRONMENT", LOCAL_ENVIRONMENT))
    if not file.exists():
        message = "nothing runs here: start the product with `make run`, or name a stage with --stage"
        raise StageUnreachable(message)
    environment: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return environment


def _follow_clock(product: str) -> None:
    """The command counts from the running product's present moment, which anybody can move on its page of all pages."""
    from chalicelib import bootstrap
    from local.clock import OffsetClock

    address = f"{product}/local/clock"
    try:
        with urlopen(address, timeout=_PATIENCE) as answer:  # noqa: S310 - the product wrote its own address
            now = parse_moment(json.load(answer)["now"])
    except OSError as exc:
        message = f"the product does not answer at {product}: start it with `make run`, or name a stage with --stage"
        raise StageUnreachable(message) from exc
    clock = OffsetClock()
    clock.set(now)
    bootstrap.use_clock(clock)


@contextmanager
def functions_aside() -> Iterator[None]:
    """What functions log, when a command does their work, goes to the error stream: the answer stays readable.

    Their metrics go nowhere: only what is printed in AWS is counted there.
    """
    with logging_to(sys.stderr), redirect_stdout(io.StringIO()):
        yield
