"""Every Blueprint of the product. One module per area; routes live on Blueprints, event handlers in `app.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalicelib.entrypoints.booking_api import booking_api
from chalicelib.entrypoints.booking_details_pages import booking_details_pages
from chalicelib.entrypoints.booking_manage_pages import booking_manage_pages
from chalicelib.entrypoints.booking_pages import booking_pages
from chalicelib.entrypoints.common_routes import common_routes
from chalicelib.entrypoints.contact_api import contact_api
from chalicelib.entrypoints.desk_pages import desk_pages
from chalicelib.entrypoints.display_pages import display_pages
from chalicelib.entrypoints.find_pages import find_pages
from chalicelib.entrypoints.follow_pages import follow_pages
from chalicelib.entrypoints.kiosk_pages import kiosk_pages
from chalicelib.entrypoints.opt_out_pages import opt_out_pages
from chalicelib.entrypoints.report_api import report_api
from chalicelib.entrypoints.report_pages import report_pages
from chalicelib.entrypoints.sign_in import sign_in
from chalicelib.entrypoints.survey_api import survey_api
from chalicelib.entrypoints.survey_pages import survey_pages
from chalicelib.entrypoints.visit_api import visit_api

if TYPE_CHECKING:
    from chalice import Blueprint

BLUEPRINTS: Final[tuple[Blueprint, ...]] = (
    common_routes,
    sign_in,
    booking_api,
    booking_pages,
    booking_details_pages,
    booking_manage_pages,
    find_pages,
    visit_api,
    contact_api,
    desk_pages,
    kiosk_pages,
    display_pages,
    follow_pages,
    survey_api,
    survey_pages,
    opt_out_pages,
    report_api,
    report_pages,
)
