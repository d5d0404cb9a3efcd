"""What the first demo municipality expected of its letters and its new service, and what came: more, as is usual."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.adapters.expectations.dynamodb_estimates import DynamoDbEstimates
from chalicelib.expectations.model import Capacity, Content, Estimate, Kind
from chalicelib.municipalities.model import Channel
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import Outrun

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime


def write_estimates(municipality: str, now: datetime) -> None:
    """One that is over, one that runs and has passed its limit, one to come. Doing it again changes nothing."""
    today = local_date(now)
    store = DynamoDbEstimates()
    for estimate in _estimates(municipality, today - timedelta(days=today.weekday())):
        with suppress(Outrun):  # it was there before, and somebody has gone on with it
            store.add(estimate)


def _estimates(municipality: str, monday: date) -> Iterator[Estimate]:
    renewal = Content(
        title="Brev om pas, der snart udløber",
        kind=Kind.LETTERS,
        channel=Channel.PHONE,
        owner="Leder af kontaktcentret",
        assumptions="Sidste år ringede hver tyvende. Brevet er det samme.",
        starts=monday - timedelta(weeks=14),
        weeks=4,
        capacity=Capacity(180, minutes_each=6),
        limit_percent=150,
        letters=4000,
        per_hundred=Decimal(5),
        reasons=("passport",),
    )
    counts = {1: 92, 2: 118, 3: 71, 4: 63}
    yield Estimate("demo-renewal", municipality, renewal, renewal.starts - timedelta(weeks=2), counts, version=5)
    moving = Content(
        title="Ny selvbetjening til flytning",
        kind=Kind.SERVICE,
        channel=Channel.PHONE,
        owner="Digitaliseringschef",
        assumptions="Leverandøren venter 1.300 opkald det første år. De fleste kan selv.",
        starts=monday - timedelta(weeks=3),
        weeks=52,
        capacity=Capacity(12),
        limit_percent=150,
        per_week=25,
        reasons=("moving",),
    )
    yield Estimate("demo-moving", municipality, moving, moving.starts - timedelta(weeks=5), {1: 61, 2: 48}, version=3)
    parking = Content(
        title="Brev om nye parkeringskort",
        kind=Kind.LETTERS,
        channel=Channel.PHONE,
        owner="Leder af kontaktcentret",
        assumptions="Alle med et kort får brevet. En ud af ti har spørgsmål.",
        starts=monday + timedelta(weeks=2, days=2),
        weeks=3,
        capacity=Capacity(8),
        limit_percent=130,
        letters=900,
        per_hundred=Decimal(10),
        reasons=("parking",),
    )
    yield Estimate("demo-parking", municipality, parking, monday - timedelta(weeks=1))
