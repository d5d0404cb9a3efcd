"""What happened in the contacts themselves, over HTTP; and who is told when a sender stops."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from chalice.test import Client
from typer.testing import CliRunner

from chalicelib import bootstrap
from chalicelib.adapters.lake.s3_report_cells import cells_key
from chalicelib.contacts.service import Sender
from chalicelib.entrypoints.events import reconcile
from chalicelib.reporting.model import Asked, Resolution
from chalicelib.reporting.noted import Noted
from chalicelib.settings import settings
from chalicelib.shared.clock import rfc3339
from chalicelib.telemetry import metrics
from cli import main
from tests.builders import MONDAY, FixedClock, a_municipality_document
from tests.embedded import store_municipality
from tests.fakes.reporting import counts, groups

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chalicelib.reporting.model import PeriodCounts
    from tests.embedded import Embedded

TOWN = "contacttown"
CHANNELS = {"phone": 700, "in_person": 2000, "e_mail": 300}


def month(period: str, solved: int) -> PeriodCounts:
    return replace(
        counts(groups=groups(raadhuset=(84, 16)), period=period),
        municipality=TOWN,
        served={
            "all": {"all": 3000},
            "channel": CHANNELS,
            "department": {"citizen-service": 2400, "benefits": 600},
            "reason": {"passport": 2400, "pension": 600},
        },
        departments={"passport": "citizen-service", "pension": "benefits"},
        paths={
            "phone": {"citizen-service": 500, "benefits": 200},
            "in_person": {"citizen-service": 1700, "benefits": 300},
            "e_mail": {"citizen-service": 200, "benefits": 100},
        },
        resolution={"phone": Resolution(700, 500, solved), "e_mail": Resolution(300, 200, 120)},
        noted={
            "resolved": {"reason": {"passport": Noted(400, solved - 20), "pension": Noted(300, 150)}},
            "passed_on": {
                "channel": {"phone": Noted(700, 140), "e_mail": Noted(300, 31)},
                "department": {"citizen-service": Noted(700, 100), "benefits": Noted(300, 71)},
            },
            "passed_again": {"all": {"all": Noted(1000, 18)}},
            "next_step": {
                "channel": {"phone": Noted(600, 480), "e_mail": Noted(200, 90)},
                "department": {"citizen-service": Noted(500, 400), "benefits": Noted(300, 170)},
            },
            "outside_hours": {"channel": {"phone": Noted(700, 35)}},
            "internal": {"channel": {"phone": Noted(760, 60), "e_mail": Noted(303, 3)}},
        },
        consents={"all": {"all": Asked(900, 200)}, "origin": {"web": Asked(400, solved // 4), "kiosk": Asked(500, 80)}},
    )


@pytest.fixture
def client(embedded: Embedded, staff_token: Callable[[str, str], str]) -> Iterator[Callable[..., Any]]:
    import app

    events = [{"day": "2026-03-02", "name": {"da": "Ny stander", "en": "New kiosk"}}]
    store_municipality(a_municipality_document(id=TOWN, events=events))
    for period, solved in (("2025-10", 300), ("2026-10", 400), ("2026-11", 400)):
        body = gzip.compress(json.dumps(month(period, solved).to_document()).encode())
        embedded.client("s3").put_object(Bucket=settings().lake_bucket, Key=cells_key(TOWN, period), Body=body)
    before = bootstrap.clock()
    bootstrap.use_clock(FixedClock())
    with Client(app.app) as http:

        def call(method: str, path: str, *, role: str = "leader", body: Any = None) -> str:
            headers = {"Authorization": f"Bearer {staff_token(role, TOWN)}", "Content-Type": "application/json"}
            found = http.http.request(method, path, headers=headers, body=json.dumps(body).encode() if body else b"")
            assert found.status_code == 200, found.body
            return str(found.body.decode())

        yield call
    bootstrap.use_clock(before)


@pytest.mark.requirement("GE-05", "GE-07", "GE-08", "GE-10", "GE-25", "GL-70", "BF-23")
def test_the_page_on_contacts(client: Callable[..., str]) -> None:
    page = client("GET", f"/{TOWN}/reports/contacts?lang=en&period=2026-10")
    for words in (
        "3,000 contacts from citizens",
        "520 of 700",  # solved at the first contact, in all
        "171 of 1,000",  # passed on
        "Citizen service 71%, Benefits 29%",  # from phone
        "20% passed on",
        "150 of 300",  # solved of the pensions
        "90 of 200",  # told what happens next by e-mail
        "35 of 700",  # outside hours
        "60 of 760",  # colleagues
    ):
        assert words in page, words
    assert "95%*" in page  # passports: 380 of 400, after 280 of 400
    assert "3 of 303" not in page
    cells = json.loads(client("GET", f"/api/v1/municipalities/{TOWN}/reports/contacts?period=2026-10"))["cells"]
    found = {(cell["dimension"], cell["value"]): cell for cell in cells}
    assert found["path", "phone/benefits"]["count"] == 200
    assert found["internal", "e_mail"] == {**found["internal", "e_mail"], "count": None, "n": None}
    assert found["resolved_reason", "passport"]["significant"] is True
    file = client("GET", f"/{TOWN}/reports/contacts.csv?lang=en&period=2026-10")
    assert "path,phone/benefits,Phone → Benefits" in file
    assert len(file.splitlines()) == len(cells) + 1


@pytest.mark.requirement("SK-12")
def test_accept_rates_stand_beside_those_before_with_the_day_of_what_changed(client: Callable[..., str]) -> None:
    page = client("GET", f"/{TOWN}/reports/response?lang=en&period=2026-10")
    assert "25%*" in page  # online: 100 of 400, after 75 of 400
    assert "19% before" in page
    assert "New kiosk, Monday 2 March 2026." in page
    assert "A possible explanation, not shown to be one." in page


@pytest.mark.requirement("SK-27")
def test_a_sender_that_stops_is_told_of(client: Callable[..., str]) -> None:
    call = {
        "source_id": "1",
        "channel": "phone",
        "department": "citizen-service",
        "reason": "passport",
        "started_at": rfc3339(MONDAY - timedelta(minutes=9)),
        "ended_at": rfc3339(MONDAY - timedelta(minutes=2)),
    }
    batch = {"system": "switchboard", "contacts": [call]}
    wrong = {"system": "faxes", "contacts": [{**call, "channel": "pigeon"}]}
    for body in (batch, batch, wrong):
        client("POST", f"/api/v1/municipalities/{TOWN}/contacts", role="system", body=body)
    town = bootstrap.municipalities().get(TOWN)
    assert [(each.system, each.day) for each in bootstrap.senders().of(town)] == [("switchboard", MONDAY.date())]
    day = client("GET", f"/{TOWN}/desk/day?lang=en", role="desk")
    assert "switchboard: last on Monday 23 November 2026" in " ".join(day.split())
    assert "has reported no contacts" not in day
    bootstrap.use_clock(FixedClock(MONDAY + timedelta(days=4)))
    words = "switchboard has reported no contacts since Monday 23 November 2026 (3 working days)"
    for path, role in (("desk/day?lang=en", "desk"), ("reports/contacts?lang=en&period=2026-11", "leader")):
        assert words in " ".join(client("GET", f"/{TOWN}/{path}", role=role).split())
    assert "has reported no contacts" not in client("GET", f"/{TOWN}/reports/contacts?lang=en&period=2026-10")
    metrics.clear_metrics()
    silent = reconcile.on_reconcile()["silent"]
    assert metrics.provider.metric_set["SendersSilent"]["Value"] == [silent]
    metrics.clear_metrics()
    assert silent >= 1
    told = CliRunner().invoke(main.app, ["contacts", "senders", "--municipality", TOWN])
    assert (told.exit_code, told.output) == (1, "  ! switchboard: last reported 2026-11-23, 3 working days since\n")
    bootstrap.senders().delivered(town, Sender.named("switchboard"))
    assert not any(each.silent for each in bootstrap.senders().of(town))
    told = CliRunner().invoke(main.app, ["contacts", "senders", "--municipality", TOWN, "--forget", "switchboard"])
    assert (told.exit_code, told.output) == (0, "no system has reported a contact yet\n")
