"""Addresses, colours and formats of the pages."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from chalicelib.web.colours import contrast_with_white, darker, is_colour
from chalicelib.web.formats import clock_time, long_date, month_name, number, percent
from chalicelib.web.urls import Urls


@pytest.mark.parametrize("base", ["", "/api"])
def test_addresses_work_under_a_stage_and_escape_their_parts(base):
    urls = Urls(base=base, static="/static")
    assert urls.path("fjordby", "book", "a/b", lang="en", day=None) == f"{base}/fjordby/book/a%2Fb?lang=en"
    assert urls.asset("app/app.css") == "/static/app/app.css"


@pytest.mark.parametrize(
    ("colour", "ratio"), [("#000000", 21.0), ("#ffffff", 1.0), ("#767676", 4.54), ("#0000ff", 8.59), ("#ff0000", 4.0)]
)
def test_contrast_is_wcags(colour, ratio):
    assert contrast_with_white(colour) == pytest.approx(ratio, abs=0.01)


def test_colours_are_recognised_and_darkened():
    assert is_colour("#0b5c8a")
    assert not is_colour("red; } body {")
    assert contrast_with_white(darker("#0b5c8a")) > contrast_with_white("#0b5c8a")


@pytest.mark.parametrize(
    ("language", "time", "day", "month", "figure", "share"),
    [
        ("da", "kl. 9.05", "mandag den 7. december 2026", "december 2026", "1.234,5", "84 %"),
        ("en", "9:05", "Monday 7 December 2026", "December 2026", "1,234.5", "84%"),
    ],
)
def test_formats(language, time, day, month, figure, share):
    moment = datetime(2026, 12, 7, 8, 5, tzinfo=UTC)
    assert clock_time(moment, language) == time
    assert long_date(date(2026, 12, 7), language) == day
    assert month_name("2026-12", language) == month
    assert number(1234.5, language, decimals=1) == figure
    assert percent(0.84, language) == share


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (14 / 4199, "0,3 %"),
        (1 / 4199, "0,02 %"),
        (0.006, "1 %"),
        (0.994, "99 %"),
        (0.996, "99,6 %"),
        (1, "100 %"),
    ],
)
def test_somebody_is_never_nobody_and_nearly_all_are_never_all(share, text):
    assert percent(share, "da") == text
