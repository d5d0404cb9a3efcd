"""The deployment's secret keys, derived from the one seed that the secret store holds.

The secret is JSON: `{"seed": …, "link_version": "1", "previous_seeds": {"0": …}}`. One generated seed is what
CloudFormation can make; each purpose gets its own key by HMAC with a label, so that none can be computed from another.
"""

from __future__ import annotations

import hashlib
import hmac
import json

from chalicelib.shared.hashing import Keys


def read_keys(secret_id: str, *, region: str) -> Keys:
    """The keys of a deployment, fetched once per process.

    Raises:
        botocore.exceptions.ClientError: the secret can't be read; nothing works without it.
    """
    import boto3

    client = boto3.client("secretsmanager", region_name=region)
    return keys_from(json.loads(client.get_secret_value(SecretId=secret_id)["SecretString"]))


def keys_from(secret: dict[str, object]) -> Keys:
    """The keys that a secret's content stands for. The phone key never changes: opt-outs must outlive a rotation."""
    seed = str(secret["seed"])
    version = str(secret.get("link_version", "1"))
    previous = secret.get("previous_seeds") or {}
    seeds = {**(previous if isinstance(previous, dict) else {}), version: seed}
    first = str(seeds[min(seeds)])
    return Keys(
        phone=_derive(first, "phone"),
        links={name: _derive(str(value), "link") for name, value in seeds.items()},
        link_version=version,
    )


def _derive(seed: str, label: str) -> bytes:
    return hmac.new(seed.encode(), f"borgerpuls/{label}".encode(), hashlib.sha256).digest()
