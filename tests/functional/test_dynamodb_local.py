"""`make test-dynamodb-local` says what it needs; its tables are those of CloudFormation; streams work wherever they are."""

from __future__ import annotations

import os
import socket
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chalicelib import bootstrap
from chalicelib.adapters.dispatch.dynamodb_invitations import DynamoDbInvitations
from chalicelib.dispatch.model import InvitationState
from chalicelib.shared.clock import SystemClock
from chalicelib.shared.identifiers import ContactId, new_ulid
from infra import cfnyaml, deploy
from local.dynamodb_local import CannotRun, isolate, table_requests
from local.functions import Functions
from local.ministack import ROOT
from local.sources import sources
from local.streams import StreamMapping
from tests.builders import FixedClock, a_contact
from tests.dispatch_rows import store_completed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chalicelib.municipalities.model import Municipality
    from tests.embedded import Embedded


def check(**given: str) -> tuple[int, str]:
    """The exit status and what was said."""
    outer = {name: value for name, value in os.environ.items() if not name.startswith("DYNAMODB_LOCAL")}
    command = ["/bin/sh", str(ROOT / "local/dynamodb_local.sh"), "check"]
    done = subprocess.run(command, env={**outer, **given}, capture_output=True, text=True, check=False)  # noqa: S603
    return done.returncode, done.stderr


@pytest.fixture
def unpacked(tmp_path: Path) -> str:
    (tmp_path / "DynamoDBLocal_lib").mkdir()
    (tmp_path / "DynamoDBLocal.jar").touch()
    return str(tmp_path)


def program(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def test_without_a_folder_or_with_a_wrong_one_it_says_what_to_do(tmp_path):
    status, said = check()
    assert (status, "DYNAMODB_LOCAL=folder DYNAMODB_LOCAL_LICENCE=accepted" in said) == (2, True)
    status, said = check(DYNAMODB_LOCAL=str(tmp_path))
    assert (status, "holds no DynamoDBLocal.jar" in said) == (2, True)


@pytest.mark.parametrize("licence", [{}, {"DYNAMODB_LOCAL_LICENCE": "no"}])
def test_the_licence_is_for_the_user_to_accept(unpacked, licence):
    status, said = check(DYNAMODB_LOCAL=unpacked, **licence)
    assert (status, "LICENSE.txt" in said) == (2, True)


def test_without_java_or_namespaces_it_says_so(unpacked, tmp_path):
    accepted = {"DYNAMODB_LOCAL": unpacked, "DYNAMODB_LOCAL_LICENCE": "accepted", "PATH": str(tmp_path)}
    program(tmp_path, "dirname", "echo " + str(ROOT / "local"))
    status, said = check(**accepted)
    assert (status, "java is missing" in said) == (2, True)
    program(tmp_path, "java", "exit 0")
    assert "unshare is missing" in check(**accepted)[1]
    program(tmp_path, "unshare", "exit 1")
    assert "allows no network namespaces" in check(**accepted)[1]
    program(tmp_path, "unshare", "exit 0")
    assert check(**accepted) == (0, "")


@pytest.mark.skipif("AWS_ENDPOINT_URL_DYNAMODB" in os.environ, reason="this is the network of its own")
@pytest.mark.skipif(len(socket.if_nameindex()) < 2, reason="this machine has no network to be protected from")
def test_it_refuses_to_listen_on_a_network_that_others_share():
    with pytest.raises(CannotRun, match=r"would expose DynamoDB Local"):
        isolate()


def test_the_tables_are_those_that_cloudformation_makes(embedded: Embedded):
    dynamodb = embedded.client("dynamodb")
    for wanted in table_requests(cfnyaml.load(deploy.HERE / "data.yaml"), embedded.outputs["Prefix"]):
        found = dynamodb.describe_table(TableName=wanted["TableName"])["Table"]
        assert found["KeySchema"] == wanted["KeySchema"]
        assert found.get("StreamSpecification") == wanted.get("StreamSpecification")
        assert found.get("GlobalSecondaryIndexes", []) == wanted.get("GlobalSecondaryIndexes", [])


@pytest.fixture
def clock(embedded: Embedded) -> Iterator[FixedClock]:
    fixed = FixedClock()
    bootstrap.use_clock(fixed)
    yield fixed
    bootstrap.use_clock(SystemClock())


def test_a_completed_contact_reaches_dispatch_through_its_tables_stream(
    embedded: Embedded, tenant: Municipality, clock: FixedClock
):
    import app

    table = embedded.client("dynamodb").describe_table(TableName=f"{embedded.outputs['Prefix']}-contacts")["Table"]
    known = {**embedded.outputs, "ContactsStreamArn": table["LatestStreamArn"]}
    source = next(source for source in sources(app.app, known).streams if source.function == "dispatch_contact")
    clients = {"streams": embedded.client("dynamodbstreams"), "queues": embedded.client("sqs")}
    mapping = StreamMapping(replace(source, from_latest=True), Functions(app), **clients)
    mapping.run_once()

    contact = a_contact(id=ContactId(new_ulid(clock.now())), municipality=tenant.id, arrived_at=clock.now())
    store_completed(contact, "+4542424242")
    clock.advance(minutes=17)

    assert mapping.run_once() == 1
    invitation = DynamoDbInvitations().get(tenant.id, contact.id)
    assert invitation is not None
    assert invitation.state is InvitationState.SCHEDULED
