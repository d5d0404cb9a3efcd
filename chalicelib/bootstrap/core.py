"""What every part of the product stands on: the clock, the keys, configurations, who is calling, pending work."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.settings import settings
from chalicelib.shared.clock import Clock, SystemClock

if TYPE_CHECKING:
    from chalicelib.adapters.sign_in.hosted_sign_in import HostedSignIn
    from chalicelib.adapters.sign_in.staff_tokens import StaffTokens
    from chalicelib.municipalities.service import Municipalities
    from chalicelib.shared.hashing import Keys
    from chalicelib.shared.work import PendingWork

_clock: Clock = SystemClock()


def clock() -> Clock:
    """The clock of this process."""
    return _clock


def use_clock(replacement: Clock) -> None:
    """Let another clock run the product: tests and the embedded product move time with it."""
    global _clock  # noqa: PLW0603 - the one piece of process-wide state, replaced before the first request
    _clock = replacement


def prepare() -> None:
    """The DynamoDB client is there, which every first event would wait for; nothing is asked over the network."""
    from chalicelib.adapters.tables import ConfigurationItem, bound

    bound(ConfigurationItem)


@cache
def keys() -> Keys:
    """The deployment's secret keys."""
    from chalicelib.adapters.secret_keys import read_keys

    return read_keys(settings().keys_secret, region=settings().region)


@cache
def municipalities() -> Municipalities:
    """Configurations, cached for a minute."""
    from chalicelib.adapters.dynamodb_municipalities import DynamoDbMunicipalities

    return DynamoDbMunicipalities(clock)


@cache
def staff_tokens() -> StaffTokens:
    """Verifies who is calling."""
    from chalicelib.adapters.sign_in.staff_tokens import StaffTokens

    return StaffTokens(
        issuer=settings().staff_issuer,
        audience=settings().staff_audience,
        jwks_url=settings().staff_jwks_url,
    )


@cache
def hosted_sign_in() -> HostedSignIn:
    """Where staff sign in."""
    from chalicelib.adapters.sign_in.hosted_sign_in import HostedSignIn

    return HostedSignIn(
        domain=settings().staff_sign_in_domain,
        client_id=settings().staff_audience,
        returns_to=f"{settings().public_url}/api/signed-in",
    )


@cache
def pending_work() -> PendingWork:
    """What is left to do."""
    from chalicelib.adapters.dynamodb_work import DynamoDbPendingWork

    return DynamoDbPendingWork()
