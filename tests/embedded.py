"""The embedded AWS as tests use it: see the fixtures `embedded`, `tenant` and `staff_token` in `tests/conftest.py`."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from chalicelib import bootstrap
from chalicelib.adapters.tables import ConfigurationItem, bound
from chalicelib.shared.clock import SystemClock
from local.environment import activated, deploy_foundation, product_environment
from local.ministack import CREDENTIALS, MiniStack
from local.operations import ExpiredItems
from local.staff_keys import StaffKeys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from chalicelib.municipalities.model import Municipality

PUBLIC_URL = "https://borgerpuls.example"
_PUBLISHED = "published"
_ELSEWHERE = {"dynamodb": "AWS_ENDPOINT_URL_DYNAMODB", "dynamodbstreams": "AWS_ENDPOINT_URL_DYNAMODB_STREAMS"}
"""Set while the tables are in Amazon's DynamoDB Local (`make test-dynamodb-local`)."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A running embedded AWS with all resources; `outputs` are those of the stacks."""

    endpoint: str
    outputs: Mapping[str, str]
    environment: Mapping[str, str]
    keys: StaffKeys

    def client(self, service: str) -> Any:
        """An AWS client for arranging and looking."""
        return boto3.client(
            service,
            endpoint_url=os.environ.get(_ELSEWHERE.get(service, "")) or self.endpoint,
            region_name=CREDENTIALS["AWS_REGION"],
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )


@contextmanager
def embedded_aws(folder: Path) -> Iterator[Embedded]:
    """Starts it, deploys the templates, makes this process the product on it; undoes all that.

    Nothing expires by itself: tests have fixed clocks, and would lose their items as soon as those days are past.
    """
    emulator = MiniStack(folder)
    keys = StaffKeys(folder / "staff.pem")
    emulator.start()
    try:
        jwks_url = f"{emulator.endpoint}/{_PUBLISHED}/jwks.json"
        outputs = deploy_foundation(emulator.endpoint, public_url=PUBLIC_URL, jwks_url=jwks_url)
        environment = product_environment(outputs, endpoint=emulator.endpoint)
        with activated(environment):
            aws = Embedded(emulator.endpoint, outputs, environment, keys)
            ExpiredItems(aws.client("dynamodb"), outputs["Prefix"], SystemClock()).take_over()
            _publish(aws)
            yield aws
    finally:
        emulator.stop()


def _publish(aws: Embedded) -> None:
    """The staff keys, where a URL reaches them: the product fetches them as it fetches Cognito's."""
    objects = aws.client("s3")
    objects.create_bucket(
        Bucket=_PUBLISHED, CreateBucketConfiguration={"LocationConstraint": CREDENTIALS["AWS_REGION"]}
    )
    objects.put_object(Bucket=_PUBLISHED, Key="jwks.json", Body=json.dumps(aws.keys.jwks()).encode())


def store_municipality(document: dict[str, Any]) -> Municipality:
    """The municipality, stored as `borgerpuls municipality apply` stores a validated file."""
    municipality = str(document["id"])
    model = bound(ConfigurationItem)
    model(f"{municipality}#config", "current", document=document, version=1).save()
    model(f"{municipality}#config", "v000001", document=document, version=1).save()
    model("directory", municipality, document=document["name"], version=1).save()
    bootstrap.municipalities.cache_clear()
    return bootstrap.municipalities().get(municipality)


def empty_directory() -> None:
    """What runs for everyone in the directory passes over the municipalities of earlier tests, hundreds by the end."""
    for row in list(bound(ConfigurationItem).query("directory")):
        row.delete()
    bootstrap.municipalities.cache_clear()
