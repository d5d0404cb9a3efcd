"""Calls that must not be repeated by themselves: after a lost answer a second try could send twice (I4).

botocore's own retries are off, and what an exception means for the message is said in one place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chalicelib.dispatch.ports import AnswerLost, NotSent, Outcome, Sent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.exceptions import ClientError

CONNECT_SECONDS: Final = 3
READ_SECONDS: Final = 10


def one_attempt_client(service: str, *, region: str, read_seconds: float = READ_SECONDS) -> Any:
    """A client that tries each call once."""
    import boto3
    from botocore.config import Config

    config = Config(
        retries={"total_max_attempts": 1, "mode": "standard"},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=read_seconds,
    )
    return boto3.client(service, region_name=region, config=config)


def attempted(call: Callable[[], Mapping[str, Any]], outcome_of: Callable[[ClientError], Outcome]) -> Outcome:
    """What became of one message; `outcome_of` reads the provider's error answers."""
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        ConnectTimeoutError,
        EndpointConnectionError,
        NoCredentialsError,
    )

    try:
        answer = call()
    except ClientError as exc:
        return outcome_of(exc)
    except (ConnectTimeoutError, EndpointConnectionError, NoCredentialsError):
        return NotSent("unreachable")
    except BotoCoreError:
        return AnswerLost()
    return Sent(str(answer["MessageId"]))
