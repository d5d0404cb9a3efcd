"""Citizens who see and delete what is held about them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.bootstrap.asking import callbacks
from chalicelib.bootstrap.citizens import consents
from chalicelib.bootstrap.core import clock, keys
from chalicelib.settings import settings

if TYPE_CHECKING:
    from chalicelib.contacts.codes import CodeService
    from chalicelib.contacts.my_data import MyData


@cache
def codes() -> CodeService:
    """One-time codes by text message."""
    from chalicelib.adapters.citizens.dynamodb_codes import DynamoDbChallenges
    from chalicelib.adapters.dispatch.send_queue import SqsSendQueue
    from chalicelib.contacts.codes import CodeService

    return CodeService(
        store=DynamoDbChallenges(),
        queue=SqsSendQueue(settings().send_queue_url, region=settings().region),
        is_held=my_data().is_held,
        keys=keys,
        clock=clock,
    )


@cache
def my_data() -> MyData:
    """What is held under one's own number."""
    from chalicelib.adapters.citizens.dynamodb_my_data import DynamoDbHeldRows
    from chalicelib.contacts.my_data import MyData

    return MyData(rows=DynamoDbHeldRows(), calls=callbacks(), consents=consents(), keys=keys, clock=clock)
