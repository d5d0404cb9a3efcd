"""The reports as JSON: the cells that the pages show, already suppressed (design 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.actions.telling import with_actions
from chalicelib.entrypoints.auth import Role, require
from chalicelib.entrypoints.http import answer, api, parameter, query
from chalicelib.reporting.cell import Measure
from chalicelib.reporting.themes import CROSSINGS, OVERVIEW, REPORTS, TREND, WAVES
from chalicelib.reporting.waves import chosen_waves, wave_cells
from chalicelib.shared.clock import parse_moment, rfc3339
from chalicelib.shared.errors import NotFound

if TYPE_CHECKING:
    from chalice.app import Request, Response

    from chalicelib.municipalities.model import Municipality
    from chalicelib.reporting.cell import Cell
    from chalicelib.reporting.service import Overview

report_api = Blueprint(__name__)

READERS: Final = (Role.LEADER, Role.ANALYST)


@report_api.route("/api/v1/municipalities/{municipality}/reports", methods=["GET"])
@api
def list_reports() -> Response:
    """Which reports there are."""
    _municipality(report_api.current_request)
    return answer({"reports": [{"id": report, "title": title} for report, title in REPORTS.items()]})


@report_api.route("/api/v1/municipalities/{municipality}/reports/{report}", methods=["GET"])
@api
def read_report() -> Response:
    """A report's cells; without any counts yet, none."""
    request = report_api.current_request
    municipality = _municipality(request)
    report, reports = parameter(request, "report"), bootstrap.reports()
    if report not in REPORTS:
        raise NotFound(fields={"report": "unknown report"})
    period, compare = query(request, "period"), query(request, "compare")
    if report == OVERVIEW:
        overview = reports.overview(municipality, period, compare, query(request, "by"))
        return answer(_EMPTY if overview is None else _overview_document(overview))
    if report == WAVES:
        return answer(_waves_document(municipality, period, compare))
    if report == CROSSINGS and not period:
        period = next(iter(reports.crossing_quarters(municipality)), None)
    found = reports.compared(municipality, period, compare)
    if found is None:
        return answer(_EMPTY)
    cells = reports.report_cells(found, with_actions(municipality) if report == TREND else municipality, report)
    by = query(request, "by")
    return answer(
        {
            "period": found.now.period.id,
            "compare": found.before.period.id if found.before else None,
            "generated_at": rfc3339(parse_moment(found.now.counts.generated_at)),
            "closed": found.closed,
            "cells": [cell_document(cell) for cell in cells if by in {None, cell.dimension}],
        }
    )


_EMPTY: Final[dict[str, Any]] = {"period": None, "compare": None, "generated_at": None, "closed": None, "cells": []}


def _waves_document(municipality: Municipality, wanted: str | None, compare: str | None) -> dict[str, Any]:
    now, before = chosen_waves(bootstrap.waves().all(municipality.id), wanted, compare)
    if now is None:
        return _EMPTY
    cells = wave_cells(now, before, municipality.thresholds)
    return {
        "period": now.id,
        "compare": before.id if before else None,
        "generated_at": None,
        "closed": True,
        "cells": [cell_document(cell) for cell in cells],
    }


def _overview_document(overview: Overview) -> dict[str, Any]:
    return {
        "period": overview.period,
        "compare": overview.compare,
        "generated_at": rfc3339(parse_moment(overview.generated_at)),
        "closed": overview.closed,
        "cells": [cell_document(cell) for cell in overview.cells],
    }


def cell_document(cell: Cell) -> dict[str, Any]:
    """A cell as JSON. A suppressed one has only nulls and its status, beside the names of what it would have been."""
    document: dict[str, Any] = {
        "dimension": cell.dimension,
        "value": cell.value,
        "question": cell.question or None,
        "measure": str(cell.measure),
        "count": cell.count,
        "n": cell.n,
        "served": cell.served,
    }
    if cell.measure is Measure.MEAN:
        document |= {"mean": cell.mean, "scale_min": cell.scale_min, "scale_max": cell.scale_max}
    else:
        document["share"] = cell.share
    return document | {
        "ci_low": cell.ci_low,
        "ci_high": cell.ci_high,
        "previous": cell.previous,
        "previous_n": cell.previous_n,
        "change": cell.change,
        "change_low": cell.change_low,
        "change_high": cell.change_high,
        "p_value": cell.p_value,
        "significant": cell.significant,
        "change_status": cell.change_status and str(cell.change_status),
        "base_status": str(cell.base_status),
    }


def _municipality(request: Request) -> Municipality:
    municipality = parameter(request, "municipality")
    require(request, municipality, *READERS)
    return bootstrap.municipalities().get(municipality)
