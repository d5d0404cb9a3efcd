"""The permalink of one figure: computed again from the data that it names, and where to act on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.auth import Role, may
from chalicelib.entrypoints.http import pages, query
from chalicelib.entrypoints.reports.pages import open_report, report_html
from chalicelib.reporting.findings import Finding
from chalicelib.settings import settings
from chalicelib.web.charts_names import group_names

if TYPE_CHECKING:
    from chalice.app import Response

report_finding_page = Blueprint(__name__)


@report_finding_page.route("/{municipality}/reports/finding", methods=["GET"])
@pages(lambda: report_finding_page.current_request)
def published_finding() -> Response:
    """One figure, computed again from the data that its address names, beside what today's data say."""
    request = report_finding_page.current_request
    municipality, page = open_report(request)
    finding = Finding.from_query({name: query(request, name) or "" for name in request.query_params or {}})
    found = bootstrap.reports().finding(municipality, finding)
    shown: dict[str, Any] = {
        "now": found.now,
        "settled": found.settled,
        "finding": finding,
        "name": group_names(municipality, page.language)(finding.dimension, finding.value),
    }
    if found.then is None:
        return report_html("report/finding_gone.html", page, **shown)
    address = f"{settings().public_url}{page.at('reports', 'finding', **finding.to_query())}"
    may_act = may(request, municipality.id, Role.LEADER) and found.then.cell.number is not None
    return report_html("report/finding.html", page, then=found.then, address=address, may_act=may_act, **shown)
