"""An estimate as a document."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chalicelib.expectations.model import Capacity, Content, Estimate, Kind
from chalicelib.municipalities.model import Channel

if TYPE_CHECKING:
    from collections.abc import Mapping


def document_of(estimate: Estimate) -> dict[str, Any]:
    """Everything but id, municipality and version, which are the row's."""
    content = estimate.content
    return {
        "title": content.title,
        "kind": content.kind.value,
        "channel": content.channel.value,
        "owner": content.owner,
        "assumptions": content.assumptions,
        "starts": content.starts.isoformat(),
        "weeks": content.weeks,
        "capacity": content.capacity.amount,
        "minutes_each": content.capacity.minutes_each,
        "limit_percent": content.limit_percent,
        "letters": content.letters,
        "per_hundred": str(content.per_hundred),
        "per_week": content.per_week,
        "reasons": list(content.reasons),
        "made": estimate.made.isoformat(),
        "counts": {str(week): contacts for week, contacts in sorted(estimate.counts.items())},
    }


def estimate_of(id_: str, municipality: str, document: Mapping[str, Any], version: int) -> Estimate:
    """The estimate of a document that `document_of` made."""
    content = Content(
        title=document["title"],
        kind=Kind(document["kind"]),
        channel=Channel(document["channel"]),
        owner=document["owner"],
        assumptions=document["assumptions"],
        starts=date.fromisoformat(document["starts"]),
        weeks=document["weeks"],
        capacity=Capacity(document["capacity"], document["minutes_each"]),
        limit_percent=document["limit_percent"],
        letters=document["letters"],
        per_hundred=Decimal(document["per_hundred"]),
        per_week=document["per_week"],
        reasons=tuple(document["reasons"]),
    )
    counts = {int(week): contacts for week, contacts in document["counts"].items()}
    return Estimate(id_, municipality, content, date.fromisoformat(document["made"]), counts, version)
