"""The one way out for text messages: which provider, and whether they go to people."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.settings import settings

if TYPE_CHECKING:
    from chalicelib.dispatch.ports import SmsSender


@cache
def sms_sender() -> SmsSender:
    """The provider that the deployment chose; in trial mode in front of it what keeps messages from people."""
    from chalicelib.adapters.dispatch.trial_sender import TrialSmsSender

    provider = _provider()
    return TrialSmsSender(provider) if settings().sms_mode == "trial" else provider


def _provider() -> SmsSender:
    known = settings()
    if known.sms_provider == "eum":
        from chalicelib.adapters.dispatch.eum_sender import EumSmsSender

        return EumSmsSender(region=known.region, configuration_set=known.sms_configuration_set)
    from chalicelib.adapters.dispatch.sms_sender import SnsSmsSender

    return SnsSmsSender(region=known.region)
