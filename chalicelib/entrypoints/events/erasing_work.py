"""The contacts whose citizens asked to be forgotten: erased by the sweep, each on its own, until it is done (I9)."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from chalicelib import bootstrap
from chalicelib.entrypoints.events.dispatch_metrics import count
from chalicelib.shared.errors import Busy, WrongState
from chalicelib.shared.work import WorkKind
from chalicelib.telemetry import logger

if TYPE_CHECKING:
    from datetime import datetime

_MOST: Final = 20
"""Contacts of one municipality in one sweep: each is a few dozen calls."""


def erase_asked(municipality: str, now: datetime) -> None:
    """Whoever is being served just now is erased by a later sweep; so is a contact that others keep writing about."""
    for item in islice(bootstrap.pending_work().due(municipality, now, kind=WorkKind.ERASE), _MOST):
        ids = {"municipality": municipality, "contact": item.subject}
        try:
            done = bootstrap.erasure().erase(municipality, item.subject)
        except (WrongState, Busy) as exc:
            logger.info("a contact is not erased yet: %s", exc.code, extra=ids)
            continue
        count("ContactsErased")
        numbers = {"removed": sum(done.removed.values()), "unlinked": sum(done.unlinked.values())}
        logger.info("a contact was erased as its citizen asked", extra={**ids, **numbers, "objects": done.objects})
