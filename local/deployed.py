"""`make deploy STAGE=local`: the packaged application, deployed by its templates into an embedded AWS of its own.

No handler runs in this process, and every IAM policy is enforced: what is missing in zip, template or role shows. The
clock is the real one, and pages link as they do in AWS, so that browsers are better served by `make run`.
"""

from __future__ import annotations

import json
import signal
import sys
import tempfile
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from infra.deploy import EMBEDDED, deploy, environment
from local.athena import AthenaEndpoint
from local.environment import AUDIENCE, ISSUER, STAGE, activated
from local.mail import VerifiedSenders, sending_addresses
from local.ministack import CREDENTIALS, ROOT, MiniStack
from local.routing import HttpAnswer
from local.server import LoopbackServer
from local.staff_keys import StaffKeys

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Deployment:
    """A running one: `known` holds the parameters and outputs of its stacks, `environment` its settings."""

    endpoint: str
    known: dict[str, str]
    environment: dict[str, str]
    keys: StaffKeys


@contextmanager
def deployment(folder: Path, package: Path) -> Iterator[Deployment]:
    """The package in an embedded AWS with all that it needs; nothing of it runs afterwards.

    Raises:
        EmbeddedAwsFailed: the embedded AWS does not start.
        infra.stacks.DeploymentFailed: a template was refused.
    """
    emulator, keys = MiniStack(folder / "aws", authorise=True), StaffKeys(folder / "staff.pem")
    with ExitStack() as undo:
        undo.callback(emulator.stop)
        emulator.start()
        issuer = _publish(keys.jwks())
        undo.callback(issuer.stop)
        overrides = {
            "PackageFolder": str(package),
            "StaffIssuer": ISSUER,
            "StaffAudience": AUDIENCE,
            "StaffJwksUrl": f"http://127.0.0.1:{issuer.port}/jwks.json",
        }
        undo.enter_context(activated(CREDENTIALS))
        foundation = deploy(STAGE, emulator.endpoint, overrides=overrides)
        athena = AthenaEndpoint(emulator.endpoint, folder / "athena", results=foundation["ResultsBucket"])
        undo.callback(athena.stop)
        athena.start()
        with activated({**CREDENTIALS, "AWS_ENDPOINT_URL_ATHENA": athena.url}):
            known = deploy(STAGE, emulator.endpoint, parts=EMBEDDED, overrides=overrides)
        settings = {
            **CREDENTIALS,
            **environment(STAGE, endpoint=emulator.endpoint),
            "AWS_ENDPOINT_URL": emulator.endpoint,
        }
        yield Deployment(emulator.endpoint, known, settings, keys)


def _publish(document: dict[str, Any]) -> LoopbackServer:
    """The staff keys on loopback, as Cognito publishes them."""
    content = json.dumps(document).encode()
    server = LoopbackServer(0, lambda _: HttpAnswer(200, [("Content-Type", "application/json")], content))
    server.start()
    return server


def main() -> int:
    """Deploys what is packaged, prints how to reach it, runs until it is interrupted."""
    from cli.municipality_file import apply_file

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    package = ROOT / "build" / STAGE
    with tempfile.TemporaryDirectory() as folder, deployment(Path(folder), package) as running:
        with activated(running.environment):
            for file in sorted((ROOT / "demo").glob("*.yaml")):
                apply_file(file)
            VerifiedSenders(boto3.client("sesv2"), sending_addresses).verify()
        print(f"API       {running.known['PublicUrl']}/api/v1/municipalities")
        print(f"AWS       AWS_ENDPOINT_URL={running.endpoint}")
        print(f"desk      Authorization: Bearer {running.keys.token('desk', 'fjordby')}")
        print("Ctrl-C ends it.", flush=True)
        stop.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
