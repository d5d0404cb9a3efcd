"""What is done about what citizens say."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.bootstrap.core import clock, keys
from chalicelib.settings import settings

if TYPE_CHECKING:
    from chalicelib.actions.notes import Notes
    from chalicelib.actions.service import Register
    from chalicelib.adapters.actions.dynamodb_actions import DynamoDbActions
    from chalicelib.adapters.lake.s3_report_cells import S3ReportCells
    from chalicelib.reporting.followed import FollowedFigures


@cache
def actions() -> Register:
    """The register of recommendations and actions."""
    from chalicelib.actions.service import Register

    return Register(store=_store(), figures=followed_figures, clock=clock)


@cache
def action_notes() -> Notes:
    """What stands beside an action."""
    from chalicelib.actions.notes import Notes

    return Notes(store=_store(), clock=clock)


@cache
def _store() -> DynamoDbActions:
    from chalicelib.adapters.actions.dynamodb_actions import DynamoDbActions

    return DynamoDbActions(keys)


def followed_figures() -> FollowedFigures:
    """Figures before and after a change, for one request: it remembers what it has read."""
    from chalicelib.reporting.followed import FollowedFigures

    return FollowedFigures(cells=_cells(), clock=clock)


@cache
def _cells() -> S3ReportCells:
    from chalicelib.adapters.lake.s3_report_cells import S3ReportCells

    return S3ReportCells(settings().lake_bucket, region=settings().region)
