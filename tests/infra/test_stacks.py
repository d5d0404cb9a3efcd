"""Deploying by change sets, on the embedded AWS: nothing to do, refusals, failures in words."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from infra import cfnyaml, deploy
from infra.stacks import Cloud, DeploymentFailed
from tests.infra.test_templates import NOT_EMBEDDED, TEMPLATES

if TYPE_CHECKING:
    from tests.embedded import Embedded

pytestmark = pytest.mark.embedded
_NUMBERS = count(1)


@pytest.fixture
def cloud(embedded: Embedded) -> Cloud:
    return Cloud(region="eu-north-1", endpoint=embedded.endpoint)


@pytest.fixture
def name() -> str:
    return f"stack-{next(_NUMBERS)}"


def template(name: str, logical: str = "Queue", **more: Any) -> cfnyaml.Template:
    return {
        "Parameters": {"Days": {"Type": "Number", "Default": 1}, **more.pop("parameters", {})},
        "Resources": {
            logical: {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": f"{name}-{logical.lower()}"}},
            **more,
        },
        "Outputs": {"Address": {"Value": {"Ref": logical}}},
    }


def test_a_second_deployment_changes_nothing_and_answers_the_same(cloud: Cloud, name: str) -> None:
    first = cloud.apply(name, template(name), {})
    assert first["Address"].endswith(f"{name}-queue")
    assert cloud.apply(name, template(name), {}) == first
    assert cloud.outputs(name) == first
    assert cloud.outputs("never-heard-of") == {}


def test_a_removed_queue_is_refused_and_stays(cloud: Cloud, name: str, embedded: Embedded) -> None:
    cloud.apply(name, template(name), {})
    with pytest.raises(DeploymentFailed, match=r"would replace or remove Queue \(Remove\)"):
        cloud.apply(name, template(name, "Other"), {})
    assert embedded.client("sqs").get_queue_url(QueueName=f"{name}-queue")


def test_what_is_not_state_may_go(cloud: Cloud, name: str, embedded: Embedded) -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": f"{name}-topic"}}
    cloud.apply(name, template(name, Topic=topic), {})
    cloud.apply(name, template(name), {})
    arns = [item["TopicArn"] for item in embedded.client("sns").list_topics()["Topics"]]
    assert not any(arn.endswith(f":{name}-topic") for arn in arns)


def test_a_missing_parameter_is_named_before_anything_happens(cloud: Cloud, name: str) -> None:
    with pytest.raises(DeploymentFailed, match="no value for Owner"):
        cloud.apply(name, template(name, parameters={"Owner": {"Type": "String"}}), {"Days": "3"})
    assert cloud.outputs(name) == {}


def test_an_unknown_stage_is_told_which_there_are() -> None:
    with pytest.raises(DeploymentFailed, match=r"'moon' is not configured \(infra/stages/ has local, test\)"):
        deploy.deploy("moon")


def test_a_stage_without_stacks_has_no_environment(embedded: Embedded) -> None:
    with pytest.raises(DeploymentFailed, match="no data stack yet"):
        deploy.environment("test", endpoint=embedded.endpoint)


def test_the_embedded_aws_still_refuses_what_is_kept_apart(cloud: Cloud, name: str) -> None:
    """The day that an upgrade takes them, they can move into the deployed parts."""
    artifacts = deploy.environment("local", endpoint=cloud.endpoint)["LAKE_BUCKET"]
    parameters = {"ReaderGroupArn": "arn:aws:quicksight:::r", "AuthorGroupArn": "arn:aws:quicksight:::a"}
    with pytest.raises((DeploymentFailed, ClientError)) as refused:
        cloud.apply(name, TEMPLATES["quicksight"], parameters, artifacts=artifacts)
    assert all(kind in str(refused.value) for kind in NOT_EMBEDDED)
