"""Signs staff tokens for the local sign-in. Stands in for Cognito; the product verifies the tokens in the same way."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from local.environment import AUDIENCE, ISSUER

if TYPE_CHECKING:
    from pathlib import Path

TOKEN_SECONDS: Final = 12 * 3600
_KEY_ID: Final = "local"


class StaffKeys:
    """One RSA key, made on first use and kept in a file that only its owner may read."""

    def __init__(self, file: Path) -> None:
        """Reads or makes the key."""
        if file.exists():
            loaded = serialization.load_pem_private_key(file.read_bytes(), password=None)
            if not isinstance(loaded, rsa.RSAPrivateKey):
                raise TypeError(f"{file} holds no RSA key; remove it")
            self._key = loaded
        else:
            self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            _write_private(file, self._key)

    def token(self, role: str, municipality: str, *, subject: str | None = None) -> str:
        """A token like Cognito's for a member of the group `{municipality}:{role}`."""
        now = int(time.time())
        claims = {
            "sub": subject or f"local-{municipality}-{role}",
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "cognito:groups": [f"{municipality}:{role}"],
        }
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": _KEY_ID})

    def jwks(self) -> dict[str, Any]:
        """The public half, as the issuer publishes it."""
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [{**key, "kid": _KEY_ID, "use": "sig", "alg": "RS256"}]}


def _write_private(file: Path, key: rsa.RSAPrivateKey) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
