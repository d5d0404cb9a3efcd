"""Deploys a stage: its stacks in order, the outputs of each being the parameters of the next (by equal names).

    python -m infra.deploy --stage STAGE [--parts data lake …]      from `build/STAGE/`, which infra/package.py builds

Stage `local` goes into an embedded AWS: `make deploy STAGE=local` starts one (local/deployed.py).

FOUNDATION is what the embedded AWS of `make run` needs: state and lake, no functions.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yaml

from infra import cfnyaml
from infra.stacks import Cloud, DeploymentFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from infra.cfnyaml import Template

HERE: Final = Path(__file__).resolve().parent
BUILD: Final = HERE.parent / "build"

FOUNDATION: Final = ("data", "lake")
# What the embedded AWS can run. It lacks QuickSight and CloudFront, and has no account to set up.
EMBEDDED: Final = (*FOUNDATION, "app", "alarms")
AWS: Final = ("account", "static", *EMBEDDED, "quicksight")
# Built by web-assets/build.py.
STATIC_FILES: Final = BUILD.parent / ".local" / "static"

Parameters = dict[str, str]

# Settings variable (chalicelib/settings.py) → parameter or output that holds it.
VARIABLES: Final = {
    "BORGERPULS_STAGE": "Stage",
    "BORGERPULS_PREFIX": "Prefix",
    "AWS_REGION": "Region",
    "LAKE_BUCKET": "LakeBucket",
    "KEYS_SECRET": "KeysSecretArn",
    "SEND_QUEUE_URL": "SendQueueUrl",
    "ATHENA_WORKGROUP": "AthenaWorkgroup",
    "GLUE_DATABASE": "GlueDatabase",
    "PUBLIC_URL": "PublicUrl",
    "STATIC_URL": "StaticUrl",
    "STAFF_ISSUER": "StaffIssuer",
    "STAFF_AUDIENCE": "StaffAudience",
    "STAFF_JWKS_URL": "StaffJwksUrl",
    "SIGN_IN_URL": "SignInUrl",
    "STAFF_SIGN_IN_DOMAIN": "StaffSignInDomain",
}
VARIABLES_WITH_DEFAULT: Final = {
    "SMS_PROVIDER": "SmsProvider",
    "SMS_MODE": "SmsMode",
    "SMS_CONFIGURATION_SET": "SmsConfigurationSet",
}
"""The same; a stage's file may leave these out."""


def stage_parameters(stage: str) -> Parameters:
    """What is configured for a stage in `infra/stages/`.

    Raises:
        DeploymentFailed: there is no such stage.
    """
    path = HERE / "stages" / f"{stage}.yaml"
    if not path.exists():
        known = ", ".join(sorted(file.stem for file in path.parent.glob("*.yaml")))
        raise DeploymentFailed(f"stage {stage!r} is not configured (infra/stages/ has {known})")
    configured = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {"Stage": stage, "Prefix": f"borgerpuls-{stage}", **{key: str(value) for key, value in configured.items()}}


def deploy(
    stage: str,
    endpoint: str | None = None,
    *,
    parts: Sequence[str] = FOUNDATION,
    overrides: Mapping[str, str] | None = None,
) -> Parameters:
    """Deploys the parts in order; answers the stage's parameters and all outputs.

    `endpoint` (or the environment's AWS_ENDPOINT_URL) points at an embedded AWS. `overrides` win over `infra/stages/`;
    `PackageFolder` among them says where the package is, if not in `build/STAGE/`.

    Raises:
        DeploymentFailed: a stack was refused or did not get there.
    """
    known = stage_parameters(stage) | dict(overrides or {})
    cloud = Cloud(region=known["Region"], endpoint=endpoint)
    for part in parts:
        known |= _apply(part, cloud, known)
        if part in _AFTERWARDS:
            _AFTERWARDS[part](cloud, known)
    return known


def _apply(part: str, cloud: Cloud, known: Parameters) -> Parameters:
    name = f"{known['Prefix']}-{part}"
    return cloud.apply(name, TEMPLATES[part](cloud, known), known, artifacts=known.get("ArtifactsBucket"))


def environment(stage: str, *, endpoint: str | None = None) -> dict[str, str]:
    """The environment variables of `chalicelib/settings.py`, from the stage's stacks that exist.

    Raises:
        DeploymentFailed: the stage, or its data or lake stack, does not exist.
    """
    known = stage_parameters(stage)
    cloud = Cloud(region=known["Region"], endpoint=endpoint)
    for part in (*FOUNDATION, "static"):
        outputs = cloud.outputs(f"{known['Prefix']}-{part}")
        if not outputs and part in FOUNDATION:
            raise DeploymentFailed(f"stage {stage!r} has no {part} stack yet; deploy it first")
        known |= outputs
    optional = {variable: known[name] for variable, name in VARIABLES_WITH_DEFAULT.items() if name in known}
    return {variable: known[name] for variable, name in VARIABLES.items()} | optional


def _fill_static(cloud: Cloud, known: Parameters) -> None:
    cloud.upload_folder(known["StaticBucket"], STATIC_FILES)


def _log_sms(cloud: Cloud, known: Parameters) -> None:
    cloud.log_sms(known["SmsLogRoleArn"])


def _tell_app_its_address(cloud: Cloud, known: Parameters) -> None:
    """The embedded API has no domain: its address, which the survey links need, is known only afterwards."""
    if cloud.local:
        known["PublicUrl"] = f"{cloud.endpoint}/restapis/{known['RestAPIId']}/api/_user_request_"
        known |= _apply("app", cloud, known)


_AFTERWARDS: Final[Mapping[str, Callable[[Cloud, Parameters], None]]] = {
    "account": _log_sms,
    "static": _fill_static,
    "app": _tell_app_its_address,
}


def _plain(name: str) -> Callable[[Cloud, Parameters], Template]:
    return lambda _cloud, _known: cfnyaml.load(HERE / f"{name}.yaml")


def _lake(_cloud: Cloud, _known: Parameters) -> Template:
    from infra.lake_template import lake_template

    return lake_template()


def _alarms(_cloud: Cloud, _known: Parameters) -> Template:
    from infra.alarms_template import alarms_template

    return alarms_template()


def _app(cloud: Cloud, known: Parameters) -> Template:
    """The packaged application; its zips are uploaded under their content's hash."""
    folder = Path(known.get("PackageFolder", BUILD / known["Stage"]))
    if not (folder / "template.json").exists():
        raise DeploymentFailed(f"nothing is packaged; run `make package STAGE={known['Stage']}`")
    template: Template = json.loads((folder / "template.json").read_text(encoding="utf-8"))
    addresses: dict[str, str] = {}
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            archive = resource["Properties"]["CodeUri"]
            if archive not in addresses:
                addresses[archive] = _upload(cloud, known["ArtifactsBucket"], folder / archive)
            resource["Properties"]["CodeUri"] = addresses[archive]
    if cloud.local:
        template["Globals"]["Function"]["Environment"]["Variables"] |= {
            # Athena's may be another: local/athena.py answers with real figures.
            **{name: value for name, value in os.environ.items() if name.startswith("AWS_ENDPOINT_URL_")},
            "AWS_ENDPOINT_URL": cloud.endpoint,
        }
        _forgive_gaps(template)
        known["PandasLayerArn"] = cloud.publish_layer("borgerpuls-pandas", _pandas_of_this_environment())
    return template


def _upload(cloud: Cloud, bucket: str, archive: Path) -> str:
    content = archive.read_bytes()
    return cloud.upload(bucket, f"packages/{hashlib.sha256(content).hexdigest()[:32]}.zip", content)


def _forgive_gaps(template: Template) -> None:
    """Rights that only the embedded AWS asks for: in AWS, sqs:SendMessage covers the batch too."""
    batch = {"Effect": "Allow", "Action": "sqs:SendMessageBatch", "Resource": {"Ref": "SendQueueArn"}}
    template["Resources"]["EveryFunction"]["Properties"]["PolicyDocument"]["Statement"].append(batch)


def _pandas_of_this_environment() -> bytes:
    """A layer that points to this virtual environment: stands for AWS's pandas layer, which can't be had locally."""
    packages = next((Path(sys.prefix) / "lib").glob("python*/site-packages"))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(f"python/lib/{packages.parent.name}/site-packages/pandas.pth", f"{packages}\n")
    return buffer.getvalue()


TEMPLATES: Final[Mapping[str, Callable[[Cloud, Parameters], Template]]] = {
    "account": _plain("account"),
    "static": _plain("static"),
    "data": _plain("data"),
    "lake": _lake,
    "app": _app,
    "alarms": _alarms,
    "quicksight": _plain("quicksight"),
}


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stage", default="test")
    parser.add_argument("--endpoint", help="of an embedded AWS; default: AWS_ENDPOINT_URL")
    parser.add_argument("--parts", nargs="+", choices=tuple(TEMPLATES))
    given = parser.parse_args()
    endpoint = given.endpoint or os.environ.get("AWS_ENDPOINT_URL")
    if given.stage == "local" and not endpoint:
        parser.error("stage local needs --endpoint; `make deploy STAGE=local` starts an embedded AWS of its own")
    try:
        known = deploy(given.stage, endpoint, parts=given.parts or (EMBEDDED if endpoint else AWS))
    except DeploymentFailed as error:
        print(f"deploy: {error}", file=sys.stderr)
        return 1
    print(f"deployed: {known.get('PublicUrl', '')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
