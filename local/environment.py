"""The environment variables of a product that runs in this process on an embedded AWS."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from infra.deploy import FOUNDATION, VARIABLES, deploy, stage_parameters
from local.ministack import CREDENTIALS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

STAGE: Final = "local"
ISSUER: Final = "https://local.borgerpuls.example"
AUDIENCE: Final = "borgerpuls-local"

Deployed = dict[str, str]
"""Parameters of the stage and outputs of its stacks, by name."""


def deploy_foundation(endpoint: str, *, public_url: str, jwks_url: str, municipalities: Iterable[str] = ()) -> Deployed:
    """Tables, buckets, queues, secret and the lake's catalogue exist afterwards, from the templates in `infra/`.

    `municipalities` are those that Athena shall find in the lake, beside the stage's own.

    Raises:
        infra.stacks.DeploymentFailed: CloudFormation refused a template.
    """
    configured = stage_parameters(STAGE)["Municipalities"].split(",")
    overrides = {
        "Municipalities": ",".join(sorted({*configured, *municipalities})),
        "PublicUrl": public_url,
        "StaticUrl": "/static",
        "StaffIssuer": ISSUER,
        "StaffAudience": AUDIENCE,
        "StaffJwksUrl": jwks_url,
        "StaffSignInDomain": f"{public_url}/local",
        "SignInUrl": f"{public_url}/local/sign-in?municipality={{municipality}}&back={{back}}",
    }
    with activated(CREDENTIALS):
        return deploy(STAGE, endpoint, parts=FOUNDATION, overrides=overrides)


def product_environment(deployed: Deployed, *, endpoint: str, athena_endpoint: str | None = None) -> dict[str, str]:
    """What `chalicelib/settings.py` and every AWS client read."""
    return {
        **CREDENTIALS,
        **{variable: deployed[name] for variable, name in VARIABLES.items()},
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ENDPOINT_URL_ATHENA": athena_endpoint or endpoint,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


@contextmanager
def activated(environment: Mapping[str, str]) -> Iterator[None]:
    """This process is that product inside the block, and what it was before afterwards."""
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    forget_everything()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        forget_everything()


def forget_everything() -> None:
    """No cached setting, factory, client or table of the product outlives this."""
    for name, module in list(sys.modules.items()):
        if name == "chalicelib" or name.startswith("chalicelib."):
            _forget(module)
    boto3 = sys.modules.get("boto3")
    if boto3 is not None:
        boto3.DEFAULT_SESSION = None  # type: ignore[attr-defined]


def _forget(module: Any) -> None:
    for member in list(vars(module).values()):
        clear = getattr(member, "cache_clear", None)
        if callable(clear):
            clear()
        elif isinstance(member, type) and hasattr(member, "_get_connection"):
            member._connection = None  # type: ignore[attr-defined] # noqa: SLF001 - PynamoDB caches it for good
