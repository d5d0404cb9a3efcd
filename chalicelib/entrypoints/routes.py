"""Every Blueprint of the product. One module per area; routes live on Blueprints, event handlers in `app.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalicelib.entrypoints.actions.api import action_api
from chalicelib.entrypoints.actions.form_pages import action_form_pages
from chalicelib.entrypoints.actions.pages import action_pages
from chalicelib.entrypoints.booking.alternative_pages import booking_alternative_pages
from chalicelib.entrypoints.booking.api import booking_api
from chalicelib.entrypoints.booking.details_pages import booking_details_pages
from chalicelib.entrypoints.booking.find_pages import find_pages
from chalicelib.entrypoints.booking.manage_pages import booking_manage_pages
from chalicelib.entrypoints.booking.message_pages import message_pages
from chalicelib.entrypoints.booking.pages import booking_pages
from chalicelib.entrypoints.comments.picked_pages import picked_pages
from chalicelib.entrypoints.comments.triage_pages import triage_pages
from chalicelib.entrypoints.comments.vote_pages import vote_pages
from chalicelib.entrypoints.comments.wall_pages import wall_pages
from chalicelib.entrypoints.common_routes import common_routes
from chalicelib.entrypoints.contacts.api import contact_api
from chalicelib.entrypoints.desk.assisted_pages import assisted_pages
from chalicelib.entrypoints.desk.callback_pages import callback_pages
from chalicelib.entrypoints.desk.consent import consent_desk
from chalicelib.entrypoints.desk.day_pages import desk_day_pages
from chalicelib.entrypoints.desk.pages import desk_pages
from chalicelib.entrypoints.expectations.pages import expectation_pages
from chalicelib.entrypoints.kiosk.display_pages import display_pages
from chalicelib.entrypoints.kiosk.follow_pages import follow_pages
from chalicelib.entrypoints.kiosk.pages import kiosk_pages
from chalicelib.entrypoints.kiosk.queue_pages import queue_pages
from chalicelib.entrypoints.planning.api import planning_api
from chalicelib.entrypoints.planning.hours_pages import hours_pages
from chalicelib.entrypoints.planning.pages import planning_pages
from chalicelib.entrypoints.planning.setup_pages import setup_pages
from chalicelib.entrypoints.reports.api import report_api
from chalicelib.entrypoints.reports.channels import report_channel_pages
from chalicelib.entrypoints.reports.crossings import report_crossing_pages
from chalicelib.entrypoints.reports.finding_page import report_finding_page
from chalicelib.entrypoints.reports.pages import report_pages
from chalicelib.entrypoints.reports.theme_pages import report_theme_pages
from chalicelib.entrypoints.reports.wave_pages import report_wave_pages
from chalicelib.entrypoints.rights.did_we_send_pages import did_we_send_pages
from chalicelib.entrypoints.rights.my_data_pages import my_data_pages
from chalicelib.entrypoints.rights.opt_out_pages import opt_out_pages
from chalicelib.entrypoints.sign_in import sign_in
from chalicelib.entrypoints.surveys.api import survey_api
from chalicelib.entrypoints.surveys.interviewer_pages import interviewer_pages
from chalicelib.entrypoints.surveys.kiosk_pages import kiosk_survey_pages
from chalicelib.entrypoints.surveys.open_pages import open_survey_pages
from chalicelib.entrypoints.surveys.pages import survey_pages
from chalicelib.entrypoints.surveys.preview_pages import preview_pages
from chalicelib.entrypoints.surveys.response_api import response_api
from chalicelib.entrypoints.visits.api import visit_api
from chalicelib.entrypoints.visits.office_api import office_api

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
    expectation_pages,
    kiosk_pages,
    display_pages,
    follow_pages,
    queue_pages,
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
    action_api,
    action_pages,
    action_form_pages,
    report_api,
    report_channel_pages,
    report_crossing_pages,
    report_finding_page,
    report_pages,
    report_theme_pages,
    report_wave_pages,
    triage_pages,
    picked_pages,
    wall_pages,
    vote_pages,
)
