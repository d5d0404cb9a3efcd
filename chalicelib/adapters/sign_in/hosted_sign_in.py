"""The identity provider's hosted sign-in (OAuth 2.0 authorisation code with PKCE, as Amazon Cognito offers it)."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from chalicelib.shared.errors import Busy, NotSignedIn

_SECONDS: Final = 5


class HostedSignIn:
    """One client of one provider. `returns_to` is registered there and must match to the letter."""

    def __init__(self, *, domain: str, client_id: str, returns_to: str) -> None:
        self._domain = domain
        self._client_id = client_id
        self._returns_to = returns_to

    def address(self, *, state: str, verifier: str) -> str:
        """Where to send the browser. `state` comes back with it; only who knows `verifier` can use what it brings."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._returns_to,
            "scope": "openid",
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._domain}/oauth2/authorize?{urlencode(asked)}"

    def token(self, *, code: str, verifier: str) -> str:
        """The id token for a code that the browser brought; it still has to be verified.

        Raises:
            NotSignedIn: the provider refuses the code.
            Busy: the provider can't be reached.
        """
        form = {
            "grant_type": "authorization_code",
            "client_id": self._client_id,
            "redirect_uri": self._returns_to,
            "code": code,
            "code_verifier": verifier,
        }
        request = Request(  # noqa: S310 - the address comes from our own settings
            f"{self._domain}/oauth2/token",
            data=urlencode(form).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        try:
            with urlopen(request, timeout=_SECONDS) as response:  # noqa: S310
                return str(json.load(response)["id_token"])
        except HTTPError as exc:
            exc.close()
            raise NotSignedIn from exc
        except (URLError, TimeoutError) as exc:
            raise Busy from exc
        except (ValueError, KeyError) as exc:
            raise NotSignedIn from exc
