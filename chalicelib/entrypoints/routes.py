"""Every Blueprint of the product. One module per area; routes live on Blueprints, event handlers in `app.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalicelib.entrypoints.assisted_pages import assisted_pages
from chalicelib.entrypoints.booking_alternative_pages import booking_alternative_pages
from chalicelib.entrypoints.booking_api import booking_api
from chalicelib.entrypoints.booking_details_pages import booking_details_pages
from chalicelib.entrypoints.booking_manage_pages import booking_manage_pages
from chalicelib.entrypoints.booking_pages import booking_pages
from chalicelib.entrypoints.callback_pages import callback_pages
from chalicelib.entrypoints.common_routes import common_routes
from chalicelib.entrypoints.consent_desk import consent_desk
from chalicelib.entrypoints.contact_api import contact_api
from chalicelib.entrypoints.desk_day_pages import desk_day_pages
from chalicelib.entrypoints.desk_pages import desk_pages
from chalicelib.entrypoints.did_we_send_pages import did_we_send_pages
from chalicelib.entrypoints.display_pages import display_pages
from chalicelib.entrypoints.find_pages import find_pages
from chalicelib.entrypoints.follow_pages import follow_pages
from chalicelib.entrypoints.hours_pages import hours_pages
from chalicelib.entrypoints.interviewer_pages import interviewer_pages
from chalicelib.entrypoints.kiosk_pages import kiosk_pages
from chalicelib.entrypoints.kiosk_survey_pages import kiosk_survey_pages
from chalicelib.entrypoints.message_pages import message_pages
from chalicelib.entrypoints.my_data_pages import my_data_pages
from chalicelib.entrypoints.office_api import office_api
from chalicelib.entrypoints.open_survey_pages import open_survey_pages
from chalicelib.entrypoints.opt_out_pages import opt_out_pages
from chalicelib.entrypoints.planning_api import planning_api
from chalicelib.entrypoints.planning_pages import planning_pages
from chalicelib.entrypoints.preview_pages import preview_pages
from chalicelib.entrypoints.report_api import report_api
from chalicelib.entrypoints.report_channels import report_channel_pages
from chalicelib.entrypoints.report_pages import report_pages
from chalicelib.entrypoints.report_theme_pages import report_theme_pages
from chalicelib.entrypoints.report_wave_pages import report_wave_pages
from chalicelib.entrypoints.response_api import response_api
from chalicelib.entrypoints.setup_pages import setup_pages
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
    booking_alternative_pages,
    booking_details_pages,
    booking_manage_pages,
    find_pages,
    visit_api,
    office_api,
    contact_api,
    consent_desk,
    desk_pages,
    desk_day_pages,
    planning_api,
    planning_pages,
    hours_pages,
    assisted_pages,
    setup_pages,
    kiosk_pages,
    display_pages,
    follow_pages,
    survey_api,
    survey_pages,
    response_api,
    preview_pages,
    open_survey_pages,
    kiosk_survey_pages,
    interviewer_pages,
    callback_pages,
    message_pages,
    opt_out_pages,
    did_we_send_pages,
    my_data_pages,
    report_api,
    report_channel_pages,
    report_pages,
    report_theme_pages,
    report_wave_pages,
)
