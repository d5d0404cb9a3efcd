"""Verifies staff tokens against the issuer's published keys, which are fetched once and cached."""

from __future__ import annotations

from dataclasses import dataclass

import jwt

from chalicelib.shared.errors import Busy, NotSignedIn


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid token says."""

    subject: str
    groups: tuple[str, ...]


class StaffTokens:
    """Tokens of one issuer for one audience."""

    def __init__(self, *, issuer: str, audience: str, jwks_url: str) -> None:
        """Nothing is fetched before the first token."""
        self._issuer = issuer
        self._audience = audience
        self._keys = jwt.PyJWKClient(jwks_url, cache_keys=True, timeout=3)

    def verify(self, token: str) -> Claims:
        """The token's claims.

        Raises:
            NotSignedIn: forged, expired, or for somebody else.
            Busy: the issuer's keys could not be fetched.
        """
        try:
            key = self._keys.get_signing_key_from_jwt(token)
            claims = jwt.decode(
                token,
                key.key,
                algorithms=["RS256"],
                issuer=self._issuer,
                audience=self._audience,
                options={"require": ["exp", "iat", "sub"]},
            )
        except jwt.PyJWKClientConnectionError as exc:
            raise Busy from exc
        except jwt.PyJWTError as exc:
            raise NotSignedIn from exc
        return Claims(subject=str(claims["sub"]), groups=tuple(claims.get("cognito:groups", ())))
