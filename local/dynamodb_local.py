"""Runs tests with the tables in Amazon's DynamoDB Local and everything else in MiniStack: a second opinion.

python -m local.dynamodb_local FOLDER [pytest arguments]: started by `local/dynamodb_local.sh`, inside a network of its
own. Exits as pytest does; with 2 when it can't run, with 1 when no test used DynamoDB Local.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, NoReturn

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from infra import cfnyaml
from infra.deploy import HERE as TEMPLATES
from infra.deploy import stage_parameters
from local.environment import STAGE
from local.ministack import CREDENTIALS, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TESTS: Final = (
    "tests/contract",
    "tests/functional/test_booking_races.py",
    "tests/functional/test_visit_races.py",
    "tests/functional/test_booking_api.py",
    "tests/functional/test_visit_api.py",
    "tests/functional/test_survey_routes.py",
    "tests/functional/test_dispatch_loop.py",
    "tests/functional/test_dispatch_events.py",
    "tests/functional/test_dispatch_accidents.py",
    "tests/functional/test_landing_accidents.py",
    "tests/functional/test_stream_runner.py",
    "tests/functional/test_dynamodb_local.py",
)
"""Store contracts, races, kills at every step, streams: what rests on DynamoDB's own semantics."""

_ENDPOINT: Final = "http://127.0.0.1:8000"
_READY_SECONDS: Final = 90
_STOP_SECONDS: Final = 20
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1  # SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP of Linux

_TAKEN: Final = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "LocalSecondaryIndexes")
_LEFT_OUT: Final = frozenset(
    {
        "PointInTimeRecoverySpecification",
        "SSESpecification",
        "DeletionProtectionEnabled",
        "TimeToLiveSpecification",  # goes by the real clock, tests by their own (tests/embedded.py)
    }
)
"""What means nothing for tables that live in memory for some minutes."""


class CannotRun(RuntimeError):
    """No second opinion to be had; the message says what to do."""


def table_requests(template: Mapping[str, Any], prefix: str) -> list[dict[str, Any]]:
    """CreateTable for each table of a template.

    Raises:
        CannotRun: a table has a property that this does not know; left out silently, the tables would differ.
    """
    resources = template["Resources"].values()
    return [_request(item["Properties"], prefix) for item in resources if item["Type"] == "AWS::DynamoDB::Table"]


def _request(properties: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    name = properties["TableName"]["Fn::Sub"].replace("${Prefix}", prefix)
    known = {"TableName", "StreamSpecification", *_TAKEN, *_LEFT_OUT}
    if unknown := sorted(set(properties) - known):
        raise CannotRun(f"table {name} has {', '.join(unknown)}: teach local/dynamodb_local.py what to do with it")
    request = {"TableName": name, **{key: properties[key] for key in _TAKEN if key in properties}}
    if "StreamSpecification" in properties:  # CloudFormation's has no switch
        request["StreamSpecification"] = {"StreamEnabled": True, **properties["StreamSpecification"]}
    return request


def isolate() -> None:
    """Loopback works afterwards, and there is no other way in or out.

    Raises:
        CannotRun: another network is reachable from here.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        others = [name for _, name in socket.if_nameindex() if name != "lo" and _flags(control, name) & _UP]
        if others:
            raise CannotRun(
                f"{', '.join(others)} would expose DynamoDB Local, which listens on every address. "
                "Start it by local/dynamodb_local.sh"
            )
        up = struct.pack("16sh14x", b"lo", _flags(control, "lo") | _UP)
        fcntl.ioctl(control, _SET_FLAGS, up)


def _flags(control: socket.socket, interface: str) -> int:
    answer = fcntl.ioctl(control, _GET_FLAGS, struct.pack("16s16x", interface.encode()))
    return int(struct.unpack("16sh14x", answer)[1])


@contextmanager
def dynamodb_local(folder: Path) -> Iterator[Any]:
    """A client of a running DynamoDB Local; it is gone afterwards, with all that it held.

    Raises:
        CannotRun: it did not start.
    """
    client = boto3.client(
        "dynamodb",
        endpoint_url=_ENDPOINT,
        region_name=CREDENTIALS["AWS_REGION"],
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=20),
    )
    with TemporaryDirectory(prefix="dynamodb-local-") as scratch:
        log = Path(scratch) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [
                    *("java", "-Xmx512m", f"-Djava.library.path={folder / 'DynamoDBLocal_lib'}"),
                    *("-jar", str(folder / "DynamoDBLocal.jar"), "-inMemory", "-sharedDb", "-disableTelemetry"),
                ],
                cwd=scratch,
                env={"PATH": os.environ.get("PATH", ""), "HOME": scratch},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            _wait_until_ready(client, process, log)
            yield client
        finally:
            _end(process)


def _wait_until_ready(client: Any, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            client.list_tables()
        except BotoCoreError:
            time.sleep(0.2)
        else:
            return
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
    raise CannotRun(f"DynamoDB Local did not start:\n{tail}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _test(client: Any, arguments: list[str]) -> int:
    """Runs the tests and answers the exit status. Green without a single item in DynamoDB Local is no opinion."""
    requests = table_requests(cfnyaml.load(TEMPLATES / "data.yaml"), stage_parameters(STAGE)["Prefix"])
    for request in requests:
        client.create_table(**request)
    endpoints = {"AWS_ENDPOINT_URL_DYNAMODB": _ENDPOINT, "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": _ENDPOINT}
    command = [sys.executable, "-m", "pytest", *(arguments or TESTS)]
    status = subprocess.run(command, cwd=ROOT, env={**os.environ, **endpoints}, check=False).returncode
    used = sum(_count(client, request["TableName"]) for request in requests)
    print(f"DynamoDB Local: {len(requests)} tables from infra/data.yaml, {used} items in them at the end")
    return status or int(used == 0)


def _count(client: Any, table: str) -> int:
    return sum(page["Count"] for page in client.get_paginator("scan").paginate(TableName=table, Select="COUNT"))


def _stop(_signal: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + signal.SIGTERM)


def main() -> int:
    """The command line."""
    folder, *arguments = sys.argv[1:]
    signal.signal(signal.SIGTERM, _stop)
    try:
        isolate()
        with dynamodb_local(Path(folder).resolve()) as client:
            return _test(client, arguments)
    except CannotRun as error:
        print(f"test-dynamodb-local: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
