"""Points this process at a deployment: the settings that its functions have, read from where the stage keeps them."""

from __future__ import annotations

import json
import os
from pathlib import Path

from chalicelib.shared.errors import BorgerpulsError

LOCAL_ENVIRONMENT = Path(".local") / "environment.json"
"""Written by `make run`, so that a second terminal reaches the running product."""


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
        os.environ.update(_local())
        return
    from infra.deploy import environment

    os.environ.update(environment(stage))


def _local() -> dict[str, str]:
    file = Path(os.environ.get("BORGERPULS_ENVIRONMENT", LOCAL_ENVIRONMENT))
    if not file.exists():
        message = "nothing runs here: start the product with `make run`, or name a stage with --stage"
        raise StageUnreachable(message)
    environment: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return environment
