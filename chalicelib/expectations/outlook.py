"""One estimate with all that follows from it: what history says, what is to be planned for, what has come. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.expectations.bias import bias_of, settled
from chalicelib.expectations.history import proposal, usual
from chalicelib.expectations.model import Kind
from chalicelib.expectations.pacing import DoesNotFit, pace, stress

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date
    from decimal import Decimal

    from chalicelib.expectations.bias import Spread
    from chalicelib.expectations.history import Month, Proposal
    from chalicelib.expectations.model import Content, Estimate
    from chalicelib.expectations.pacing import Plan, Stress


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a page shows of an estimate. `planned` is the total to plan for: corrected where there is a bias to correct.

    `plan` is for letters, None where they don't fit. `since` are the months shown since it began.
    """

    bias: Spread | None
    corrected: Spread | None
    planned: Decimal
    normal: Spread | None
    proposal: Proposal | None
    plan: Plan | None
    stress: Stress
    since: tuple[Month, ...]


def outlook(
    content: Content,
    others: Sequence[Estimate],
    months: Sequence[Month],
    today: date,
    closing_days: Collection[date] = (),
) -> Outlook:
    """Only what was over before it begins corrects it, so that looking back shows what could be known then."""
    earlier = settled(others, today, before=content.starts)
    bias = bias_of(earlier)
    corrected = bias.of(content.total) if bias else None
    planned = corrected.middle if corrected else content.total
    normal = usual(months, before=content.starts)
    begins = content.starts.isoformat()[:7]
    return Outlook(
        bias,
        corrected,
        planned,
        normal,
        proposal(content.kind, earlier, normal),
        _plan(content, planned, closing_days),
        stress(content, content.total, closing_days),
        tuple(month for month in months if month.month >= begins),
    )


def _plan(content: Content, planned: Decimal, closing_days: Collection[date]) -> Plan | None:
    if content.kind is not Kind.LETTERS:
        return None
    try:
        return pace(content, planned / content.letters, closing_days)
    except DoesNotFit:
        return None
