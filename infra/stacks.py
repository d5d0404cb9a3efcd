"""One CloudFormation stack: change set, review by rules, execution, outcome in words.

Refuses whatever would replace or remove state (tables, buckets, queues, secrets): such a change is made by hand.
"""

from __future__ import annotations

import json
import mimetypes
import os
import time
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from infra.cfnyaml import Template

Outputs = dict[str, str]

# What would take people's data with it.
KEPT_TYPES: Final = frozenset(
    {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SecretsManager::Secret", "AWS::Glue::Database"}
)
_INLINE_LIMIT: Final = 51_200
_CAPABILITIES: Final = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_PATIENCE_SECONDS: Final = 1800


class DeploymentFailed(RuntimeError):
    """A stack did not reach the wanted state; the message says which resource and why, and what to do."""


class Cloud:
    """CloudFormation and S3 of one account and region. `endpoint` (or AWS_ENDPOINT_URL) points at an embedded AWS."""

    def __init__(self, *, region: str, endpoint: str | None = None) -> None:
        """Builds the clients; nothing is called yet."""
        self.region = region
        endpoint = endpoint or os.environ.get("AWS_ENDPOINT_URL")
        self.endpoint = endpoint or ""
        self.local = endpoint is not None
        # A local endpoint takes any key; a real deployment uses the caller's own credentials.
        anyone = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        credentials = anyone if self.local and "AWS_ACCESS_KEY_ID" not in os.environ else {}
        options: dict[str, Any] = {"region_name": region, "endpoint_url": endpoint, **credentials}
        self._stacks = boto3.client("cloudformation", config=Config(retries={"mode": "standard"}), **options)
        self._functions = boto3.client("lambda", **options)
        self._messages = boto3.client("sns", **options)
        self._objects = boto3.client("s3", config=Config(s3={"addressing_style": "path"}), **options)

    def upload(self, bucket: str, key: str, content: bytes) -> str:
        """Puts an artifact and answers its `s3://` address."""
        self._objects.put_object(Bucket=bucket, Key=key, Body=content)
        return f"s3://{bucket}/{key}"

    def upload_folder(self, bucket: str, folder: Path) -> None:
        """Puts every file below the folder, with its content type; browsers may keep them for an hour."""
        for path in sorted(file for file in folder.rglob("*") if file.is_file()):
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            self._objects.put_object(
                Bucket=bucket,
                Key=path.relative_to(folder).as_posix(),
                Body=path.read_bytes(),
                ContentType=kind,
                CacheControl="public, max-age=3600",
            )

    def publish_layer(self, name: str, content: bytes) -> str:
        """A new version of a layer; answers its ARN."""
        published = self._functions.publish_layer_version(LayerName=name, Content={"ZipFile": content})
        return str(published["LayerVersionArn"])

    def log_sms(self, role: str) -> None:
        """Lets SNS write what became of each SMS; there is no CloudFormation for it."""
        attributes = {
            "DefaultSMSType": "Transactional",
            "DeliveryStatusIAMRole": role,
            "DeliveryStatusSuccessSamplingRate": "100",
        }
        self._messages.set_sms_attributes(attributes=attributes)

    def outputs(self, name: str) -> Outputs:
        """What a stack gives to others; empty if there is no such stack."""
        stack = self._describe(name)
        return {item["OutputKey"]: item["OutputValue"] for item in (stack or {}).get("Outputs", [])}

    def apply(
        self, name: str, template: Template, parameters: Mapping[str, str], *, artifacts: str | None = None
    ) -> Outputs:
        """Creates or updates the stack and answers its outputs; without a change nothing happens.

        Raises:
            DeploymentFailed: refused by the rules or by CloudFormation.
        """
        self._check_state(name)
        change_set = f"change-{time.time_ns()}"
        self._stacks.create_change_set(
            StackName=name,
            ChangeSetName=change_set,
            ChangeSetType="UPDATE" if self._exists(name) else "CREATE",
            Parameters=_parameters(name, template, parameters),
            Capabilities=_CAPABILITIES,
            Tags=[{"Key": "product", "Value": "borgerpuls"}],
            **self._body(name, template, artifacts),
        )
        changes = self._changes(name, change_set)
        if changes is None:
            self._stacks.delete_change_set(StackName=name, ChangeSetName=change_set)
            return self.outputs(name)
        _refuse_loss(name, changes)
        self._stacks.execute_change_set(StackName=name, ChangeSetName=change_set)
        self._wait(name)
        return self.outputs(name)

    def _body(self, name: str, template: Template, artifacts: str | None) -> dict[str, str]:
        text = json.dumps(template, separators=(",", ":"))
        if len(text.encode()) <= _INLINE_LIMIT:
            return {"TemplateBody": text}
        if artifacts is None:
            raise DeploymentFailed(f"{name}: the template is too large to be sent without an artifacts bucket")
        key = f"templates/{name}-{time.time_ns()}.json"
        self.upload(artifacts, key, text.encode())
        host = self._objects.meta.endpoint_url if self.local else f"https://s3.{self.region}.amazonaws.com"
        return {"TemplateURL": f"{host}/{artifacts}/{key}"}

    def _describe(self, name: str) -> dict[str, Any] | None:
        try:
            return self._stacks.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ValidationError":
                return None
            raise

    def _exists(self, name: str) -> bool:
        stack = self._describe(name)
        return stack is not None and stack["StackStatus"] != "REVIEW_IN_PROGRESS"

    def _check_state(self, name: str) -> None:
        status = (self._describe(name) or {}).get("StackStatus", "")
        if status == "ROLLBACK_COMPLETE":
            raise DeploymentFailed(
                f"{name}: its first creation failed ({status}). Delete the empty stack, deploy again"
            )
        if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
            raise DeploymentFailed(f"{name}: another deployment is running ({status}). Wait for it")

    def _changes(self, name: str, change_set: str) -> list[dict[str, Any]] | None:
        """The resource changes of the set; None: there is nothing to change."""
        for _ in _patience():
            answer = self._stacks.describe_change_set(StackName=name, ChangeSetName=change_set)
            if answer["Status"] == "FAILED":
                reason = answer.get("StatusReason", "")
                if "didn't contain changes" in reason or "No updates" in reason:
                    return None
                raise DeploymentFailed(f"{name}: the change set was refused: {reason}")
            if answer["Status"] == "CREATE_COMPLETE":
                return [change["ResourceChange"] for change in self._all_changes(answer)]
        raise DeploymentFailed(f"{name}: the change set was not ready in time")

    def _all_changes(self, answer: dict[str, Any]) -> list[dict[str, Any]]:
        changes = list(answer.get("Changes", []))
        while token := answer.get("NextToken"):
            answer = self._stacks.describe_change_set(
                StackName=answer["StackName"], ChangeSetName=answer["ChangeSetName"], NextToken=token
            )
            changes += answer.get("Changes", [])
        return changes

    def _wait(self, name: str) -> None:
        for _ in _patience():
            status = (self._describe(name) or {}).get("StackStatus", "")
            if status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
                return
            if status.endswith(("_FAILED", "ROLLBACK_COMPLETE")):
                raise DeploymentFailed(f"{name}: {status}\n{self._reasons(name)}")
        raise DeploymentFailed(f"{name}: not done in time; look at the stack's events")

    def _reasons(self, name: str) -> str:
        events = self._stacks.describe_stack_events(StackName=name)["StackEvents"]
        failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
        return "\n".join(
            f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
            for event in failed
        )


def _parameters(name: str, template: Template, values: Mapping[str, str]) -> list[dict[str, str]]:
    wanted: dict[str, dict[str, Any]] = template.get("Parameters", {})
    missing = [key for key, declared in wanted.items() if key not in values and "Default" not in declared]
    if missing:
        raise DeploymentFailed(f"{name}: no value for {', '.join(missing)}; set it in infra/stages/")
    return [{"ParameterKey": key, "ParameterValue": values[key]} for key in wanted if key in values]


def _refuse_loss(name: str, changes: list[dict[str, Any]]) -> None:
    lost = [
        f"{change['LogicalResourceId']} ({change['Action']})"
        for change in changes
        if change["ResourceType"] in KEPT_TYPES
        and (change["Action"] == "Remove" or change.get("Replacement") in {"True", "Conditional"})
    ]
    if lost:
        raise DeploymentFailed(f"{name}: would replace or remove {', '.join(lost)}; that is done by hand or not at all")


def _patience() -> Any:
    """Attempts, first quick, then slower, until the patience is used up."""
    end = time.monotonic() + _PATIENCE_SECONDS
    pause = 0.05
    while time.monotonic() < end:
        yield None
        time.sleep(pause)
        pause = min(pause * 1.5, 5.0)
