"""A new version of a municipality's file lists the booked times that it leaves outside, and caps what it closes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from chalicelib import bootstrap
from chalicelib.booking.model import BookingRequest, ConsentAnswer
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import SlotTaken
from cli.main import app
from cli.municipality_file import apply_file

if TYPE_CHECKING:
    from chalicelib.booking.model import Booked
    from chalicelib.municipalities.model import Municipality

SANDHOLM = (Path(__file__).parents[2] / "demo" / "sandholm.yaml").read_text(encoding="utf-8")
NAME = "apply-affected"


@pytest.fixture
def file(embedded: object, tmp_path: Path) -> Path:
    path = tmp_path / "municipality.yaml"
    path.write_text(SANDHOLM.replace("id: sandholm", f"id: {NAME}"), encoding="utf-8")
    apply_file(path)
    return path


def booked(municipality: Municipality) -> Booked:
    office = municipality.offices[0]
    reason = min(office.reasons)
    slot = bootstrap.booking().first_free(
        municipality, office.id, [reason], after=local_date(bootstrap.clock().now()) + timedelta(days=2)
    )
    assert slot
    version = municipality.consent_texts["survey_sms"].version
    wish = BookingRequest(office.id, (reason,), slot.start, "da", ConsentAnswer(granted=False, text_version=version))
    return bootstrap.booking().book(municipality, wish, "key")


def test_affected_bookings_are_listed_and_closed_times_are_capped(file: Path) -> None:
    bootstrap.municipalities().forget(NAME)
    before = bootstrap.municipalities().get(NAME)
    booking = booked(before)
    day = local_date(booking.start)
    text = file.read_text(encoding="utf-8")
    start = text.index("closing_days:")
    file.write_text(f'{text[:start]}closing_days: ["{day}"]{text[text.index(chr(10), start) :]}', encoding="utf-8")
    line = f"{before.offices[0].id} {day}: 1 booked times no longer fit: {booking.id}"

    runner = CliRunner()
    assert line in runner.invoke(app, ["municipality", "diff", str(file)]).output
    applied = runner.invoke(app, ["municipality", "apply", str(file)])
    assert "version 2 is stored; every function uses it within 60 seconds" in applied.output
    assert line in applied.output
    assert booking.code not in applied.output, "ids only"
    reason = bootstrap.booking().find_by_code(NAME, booking.code).reasons[0]
    with pytest.raises(SlotTaken):
        bootstrap.booking().hold(before, before.offices[0].id, [reason], booking.start)
    assert line not in runner.invoke(app, ["municipality", "apply", str(file)]).output
