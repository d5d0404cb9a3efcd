"""What stands beside invented contacts: outages, other ways that were offered, which systems reported."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from chalicelib.adapters.citizens.dynamodb_senders import DynamoDbDeliveryDays
from chalicelib.adapters.tables import OperationItem, bound
from chalicelib.adapters.visits.dynamodb_notices import DynamoDbNotices
from chalicelib.booking.alternatives import Reaction, offers
from chalicelib.contacts.senders import LastDelivery
from chalicelib.contacts.service import Sender
from chalicelib.shared.clock import local_date, rfc3339
from chalicelib.shared.errors import Outrun
from chalicelib.visits.notices import Level, Notice, NoticeKind
from demo.scenario import SEED, months_before, outages, scenario_of

if TYPE_CHECKING:
    from chalicelib.municipalities.model import Municipality

_MONTHS: Final = 14
_KEPT_DAYS: Final = 800
_SILENT_DAYS: Final = 10
_SEEN: Final = 0.08
_TAKEN: Final = 0.28
_DOWN: Final = {
    "da": "Kortlæserne er nede. Vi hjælper alle, men det tager længere tid.",
    "en": "The card readers are down. We help everybody, but it takes longer.",
}


def note_outages(municipality: Municipality, now: datetime) -> None:
    """The notices about the outages of the invented contacts; doing it again changes nothing."""
    for first, last in outages(local_date(now)):
        notice = Notice(
            id=f"demo-{rfc3339(first)[:10]}",
            municipality=municipality.id,
            kind=NoticeKind.OUTAGE,
            level=Level.WARNING,
            text=_DOWN,
            event_at=first,
            posted_at=first + timedelta(minutes=6),
            starts=first + timedelta(minutes=6),
            ends=last,
        )
        with suppress(Outrun):
            DynamoDbNotices().add(notice)


def note_senders(municipality: Municipality, now: datetime) -> None:
    """Who reported contacts when: the switchboard yesterday, the mailbox nothing for a week and a half (SK-27)."""
    today = local_date(now)
    for system, days in (("switchboard", 1), ("mailbox", _SILENT_DAYS)):
        delivery = LastDelivery(Sender.named(system).key, system, today - timedelta(days=days))
        DynamoDbDeliveryDays().keep(municipality.id, delivery)


def note_alternatives(municipality: Municipality, now: datetime) -> None:
    """How often another way than an appointment was offered and taken, month by month (FR-12)."""
    today, model = local_date(now), bound(OperationItem)
    luck = np.random.default_rng([SEED, *municipality.id.encode()])
    reasons = [reason.id for reason in municipality.reasons if offers(reason)]
    monthly = scenario_of(municipality).visits_per_year / 12 * _SEEN
    with model.batch_write() as batch:
        for first in (months_before(today, months) for months in range(_MONTHS, 0, -1)):
            over = datetime.combine(first, time(), tzinfo=UTC) + timedelta(days=_KEPT_DAYS)
            for place, reason in enumerate(reasons):
                offered = int(luck.poisson(monthly / (1 + 0.3 * place)))
                taken = int(luck.binomial(offered, max(0.05, _TAKEN - 0.06 * place)))
                for reaction, number in ((Reaction.OFFERED, offered), (Reaction.ACCEPTED, taken)):
                    row = model(f"{municipality.id}#alternatives#{first:%Y-%m}", f"{first}#{reason}#{reaction}")
                    row.number, row.expires_at = number, int(over.timestamp())
                    batch.save(row)
