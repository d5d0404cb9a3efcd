"""What the environment says, read once, on demand. Only this module reads `os.environ`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache

from chalicelib.shared.errors import BorgerpulsError


class SettingMissing(BorgerpulsError):
    """The environment lacks a variable; the message names it."""

    code = "setting_missing"


@dataclass(frozen=True, slots=True)
class Settings:
    """One deployment's settings. `prefix` starts every resource name, such as `borgerpuls-local`."""

    stage: str
    prefix: str
    region: str
    lake_bucket: str
    public_url: str
    static_url: str
    keys_secret: str
    send_queue_url: str
    athena_workgroup: str
    glue_database: str
    staff_issuer: str
    staff_audience: str
    staff_jwks_url: str
    sign_in_url: str
    staff_sign_in_domain: str
    sms_provider: str
    sms_mode: str
    sms_configuration_set: str

    def table(self, name: str) -> str:
        """The DynamoDB table's full name."""
        return f"{self.prefix}-{name}"


@cache
def settings() -> Settings:
    """The settings of this process.

    Raises:
        SettingMissing: a variable is not set.
    """
    return Settings(
        stage=_variable("BORGERPULS_STAGE"),
        prefix=_variable("BORGERPULS_PREFIX"),
        region=_variable("AWS_REGION"),
        lake_bucket=_variable("LAKE_BUCKET"),
        public_url=_variable("PUBLIC_URL").rstrip("/"),
        static_url=_variable("STATIC_URL").rstrip("/"),
        keys_secret=_variable("KEYS_SECRET"),
        send_queue_url=_variable("SEND_QUEUE_URL"),
        athena_workgroup=_variable("ATHENA_WORKGROUP"),
        glue_database=_variable("GLUE_DATABASE"),
        staff_issuer=_variable("STAFF_ISSUER"),
        staff_audience=_variable("STAFF_AUDIENCE"),
        staff_jwks_url=_variable("STAFF_JWKS_URL"),
        sign_in_url=_variable("SIGN_IN_URL"),
        staff_sign_in_domain=_variable("STAFF_SIGN_IN_DOMAIN").rstrip("/"),
        sms_provider=_choice("SMS_PROVIDER", ("sns", "eum")),
        sms_mode=_choice("SMS_MODE", ("live", "trial")),
        sms_configuration_set=_optional("SMS_CONFIGURATION_SET"),
    )


def _choice(name: str, allowed: tuple[str, ...]) -> str:
    """One of the words; the first where nothing is said, and never a guess where something else is."""
    value = _optional(name) or allowed[0]
    if value not in allowed:
        message = f"environment variable {name} is none of {', '.join(allowed)}"
        raise SettingMissing(message)
    return value


def _optional(name: str) -> str:
    return os.environ.get(name, "")


def _variable(name: str) -> str:
    try:
        return os.environ[name]
    except KeyError:
        message = f"environment variable {name} is not set"
        raise SettingMissing(message) from None
