"""Estimates in DynamoDB: one small partition per municipality."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import OperationItem, bound
from chalicelib.adapters.transactions import Steps
from chalicelib.expectations.document import document_of, estimate_of
from chalicelib.shared.errors import Outrun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.expectations.model import Estimate


class DynamoDbEstimates:
    """`EstimateStore` on the operations table."""

    @busy_if_unread
    def all(self, municipality: str) -> Sequence[Estimate]:
        """Every estimate, in no order."""
        rows = bound(OperationItem).query(_pk(municipality), consistent_read=True)
        return [estimate_of(row.sk, municipality, row.document, int(row.version)) for row in rows]

    def add(self, estimate: Estimate) -> None:
        """A new one."""
        steps = Steps()
        steps.put("estimate", _row(estimate), bound(OperationItem).pk.does_not_exist())
        _commit(steps)

    def put(self, estimate: Estimate) -> None:
        """The next version."""
        steps = Steps()
        steps.put("estimate", _row(estimate), bound(OperationItem).version == estimate.version - 1)
        _commit(steps)

    def remove(self, estimate: Estimate) -> None:
        """It is there no more."""
        steps = Steps()
        steps.delete("estimate", _row(estimate), bound(OperationItem).version == estimate.version)
        _commit(steps)


def _commit(steps: Steps) -> None:
    if steps.commit():
        raise Outrun


def _pk(municipality: str) -> str:
    return f"{municipality}#expectations#all"


def _row(estimate: Estimate) -> OperationItem:
    return bound(OperationItem)(
        _pk(estimate.municipality), estimate.id, document=document_of(estimate), version=estimate.version
    )
