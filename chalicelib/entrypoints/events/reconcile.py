"""Every night: has every contact its decision, and every decision its end (I5); has a sender stopped (SK-27)?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from chalicelib import bootstrap
from chalicelib.entrypoints.events.dispatch_metrics import count
from chalicelib.shared.clock import local_date
from chalicelib.telemetry import logger

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.dispatch.reconciliation import Equation

_ALL_WORK: Final = timedelta(days=365)
_SHOWN: Final = 50


def on_reconcile() -> dict[str, Any]:
    """The equations of this month and the last; how many there are, and how many don't add up.

    One municipality's that can't be computed counts as wrong, and stops no other.
    """
    now = bootstrap.clock().now()
    pairs = [(entry.id, month) for entry in bootstrap.municipalities().directory() for month in _months(now)]
    wrong = sum(not _adds_up(municipality, month, now) for municipality, month in pairs)
    count("AccountsWrong", wrong)
    silent = sum(_silent(entry.id) for entry in bootstrap.municipalities().directory())
    count("SendersSilent", silent)
    return {"equations": len(pairs), "wrong": wrong, "silent": silent}


def _silent(municipality: str) -> int:
    """How many systems of a municipality have stopped reporting; one where it can't be read: unknown is not well."""
    try:
        found = bootstrap.senders().of(bootstrap.municipalities().get(municipality))
    except Exception:  # noqa: BLE001 - the edge of one municipality among many: logged, counted, looked at
        logger.exception("senders could not be read", extra={"municipality": municipality})
        return 1
    silent = [each for each in found if each.silent]
    for each in silent:
        facts = {"municipality": municipality, "system": each.system or each.key, "day": each.day.isoformat()}
        logger.warning("a system has stopped reporting contacts", extra=facts)
    return len(silent)


def _adds_up(municipality: str, month: str, now: datetime) -> bool:
    try:
        equation = bootstrap.reconciliation().equation(municipality, month, now + _ALL_WORK)
    except Exception:  # noqa: BLE001 - the edge of one account among many: logged, counted, looked at
        logger.exception("an account could not be computed", extra={"municipality": municipality, "month": month})
        return False
    if not equation.adds_up:
        logger.error("an account does not add up", extra=_what_is_wrong(equation))
    return equation.adds_up


def _what_is_wrong(equation: Equation) -> dict[str, Any]:
    """Opaque ids alone."""
    ids = {name: list(getattr(equation, name)[:_SHOWN]) for name in ("missing", "stuck", "foreign")}
    return {"municipality": equation.municipality, "month": equation.month, **ids}


def _months(now: datetime) -> list[str]:
    present = local_date(now).replace(day=1)
    return [f"{present - timedelta(days=1):%Y-%m}", f"{present:%Y-%m}"]
