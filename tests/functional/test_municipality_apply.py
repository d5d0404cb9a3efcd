"""A new version of a municipality's file must not sell again what is booked by the version in force (I1)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib import bootstrap
from chalicelib.adapters.tables import TickItem, bound
from chalicelib.booking.model import BookingRequest, ConsentAnswer
from chalicelib.shared.clock import SystemClock, local_date
from cli.municipality_file import FileRejected, apply_file

SANDHOLM = (Path(__file__).parents[2] / "demo" / "sandholm.yaml").read_text(encoding="utf-8")
CHANGES = {"ticks": ("tick_minutes: 10", "tick_minutes: 5"), "desk group": ("- id: counter", "- id: desk")}


@pytest.fixture
def file(embedded: object, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A municipality of its own, in force."""
    path = tmp_path / "municipality.yaml"
    name = f"apply-{request.node.callspec.indices['change']}-{request.node.callspec.indices.get('until', 9)}"
    path.write_text(SANDHOLM.replace("id: sandholm", f"id: {name}"), encoding="utf-8")
    apply_file(path)
    return path


def taken(municipality: str, until: int | None) -> None:
    day = local_date(SystemClock().now()) + timedelta(days=3)
    lane = {"owner": "01APPOINTMENT"} if until is None else {"owner": "01HOLD", "until": until}
    bound(TickItem)(f"{municipality}#borgerhuset#{day.isoformat()}", "counter#10:00", lanes={"0": lane}).save()


def changed(file: Path, change: str) -> str:
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(*CHANGES[change]), encoding="utf-8")
    return text.split("id: ", 1)[1].split("\n", 1)[0]


@pytest.mark.parametrize("change", CHANGES)
def test_what_would_forget_booked_times_is_refused(file: Path, change: str) -> None:
    taken(changed(file, change), until=None)
    with pytest.raises(FileRejected, match="borgerhuset/counter has booked times until"):
        apply_file(file)


def test_a_reason_and_an_office_with_booked_times_can_t_be_dropped(embedded: object, tmp_path: Path) -> None:
    path = tmp_path / "municipality.yaml"
    text = SANDHOLM.replace("id: sandholm", "id: apply-reasons")
    path.write_text(text, encoding="utf-8")
    apply_file(path)
    municipality = bootstrap.municipalities().get("apply-reasons")
    start = bootstrap.booking().first_free(municipality, "borgerhuset", ["mitid"]).start
    consent = ConsentAnswer(granted=False, text_version="2026-1")
    wish = BookingRequest("borgerhuset", ("mitid",), start, "da", consent)
    booked = bootstrap.booking().book(municipality, wish, "k")

    group = "reasons: [passport, licence, mitid, other]"
    path.write_text(text.replace(group, "reasons: [passport, licence, other]"), encoding="utf-8")
    with pytest.raises(FileRejected, match=f"borgerhuset has times booked for mitid until {local_date(start)}"):
        apply_file(path)
    path.write_text(text.replace("id: borgerhuset", "id: nyhuset"), encoding="utf-8")
    with pytest.raises(FileRejected, match="borgerhuset/counter has booked times until"):
        apply_file(path)
    path.write_text(text.replace(group, "reasons: [passport, mitid, other]"), encoding="utf-8")
    assert apply_file(path) == 2, "nobody has booked a driving licence"

    bootstrap.booking().cancel(municipality, bootstrap.booking().find_by_token(booked.token))
    path.write_text(text.replace(group, "reasons: [passport, other]"), encoding="utf-8")
    assert apply_file(path) == 3


@pytest.mark.parametrize("until", [None, 1])
@pytest.mark.parametrize("change", CHANGES)
def test_without_bookings_everything_can_be_changed(file: Path, change: str, until: int | None) -> None:
    municipality = changed(file, change)
    if until is not None:
        taken(municipality, until)  # a hold that has expired
    assert apply_file(file) == 2
