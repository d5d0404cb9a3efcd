"""The reports over HTTP: pages, file and JSON say the same, to those who may read it."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from chalice.test import Client, HTTPResponse

from chalicelib import bootstrap
from chalicelib.adapters.s3_report_cells import cells_key
from chalicelib.reporting.model import Comment
from chalicelib.settings import settings
from tests.builders import FixedClock
from tests.fakes_reporting import counts, groups

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chalicelib.municipalities.model import Municipality
    from tests.embedded import Embedded

SAID = Comment("Tak for hjælpen <3", "da", "raadhuset", "passport", "in_person", "2026-W42", "10")
NULLS = ("count", "n", "served", "share", "ci_low", "ci_high", "previous", "change", "significant")


@pytest.fixture
def get(embedded: Embedded, staff_token: Callable[[str, str], str], tenant: Municipality) -> Iterator[Any]:
    """Fetches a path of the tenant as a leader, on 23 November 2026."""
    import app

    before = bootstrap.clock()
    bootstrap.use_clock(FixedClock())
    with Client(app.app) as client:

        def fetch(path: str, *, role: str | None = "leader", of: str | None = None) -> HTTPResponse:
            headers = {"Authorization": f"Bearer {staff_token(role, of or tenant.id)}"} if role else {}
            return client.http.get(path.replace("M", tenant.id, 1), headers=headers)

        yield fetch
    bootstrap.use_clock(before)


@pytest.fixture
def stored(embedded: Embedded, tenant: Municipality) -> None:
    now = groups(raadhuset=(84, 16), oen=(2, 1), by=(40, 12))
    then = groups(raadhuset=(60, 40), oen=(20, 20), by=(40, 12))
    for period, found in (("2026-10", now), ("2026-09", then), ("2026-11", then)):
        each = replace(counts(groups=found, period=period), municipality=tenant.id, comments=(SAID,))
        body = gzip.compress(json.dumps(each.to_document()).encode())
        embedded.client("s3").put_object(Bucket=settings().lake_bucket, Key=cells_key(tenant.id, period), Body=body)


def body(response: HTTPResponse) -> Any:
    assert response.status_code == 200, response.body
    return json.loads(response.body)


def text(response: HTTPResponse) -> str:
    assert response.status_code == 200, response.body
    return str(response.body.decode())


def test_the_catalogue_names_the_reports(get: Any) -> None:
    assert body(get("/api/v1/municipalities/M/reports")) == {
        "reports": [{"id": "overview", "title": {"da": "Overblik", "en": "Overview"}}]
    }


@pytest.mark.usefixtures("stored")
def test_cells_as_json(get: Any) -> None:
    report = body(get("/api/v1/municipalities/M/reports/overview"))
    assert (report["period"], report["compare"], report["generated_at"]) == (
        "2026-10",
        "2026-09",
        "2026-11-01T03:22:00+01:00",
    )
    cells = {(cell["dimension"], cell["value"], cell["measure"]): cell for cell in report["cells"]}
    office = cells["office", "raadhuset", "share"]
    assert (office["count"], office["n"], office["share"], office["previous"]) == (84, 100, 0.84, 0.6)
    assert office["change"] == pytest.approx(0.24)
    assert (office["significant"], office["base_status"], office["question"]) == (True, "ok", "satisfaction")
    for value in ("oen", "by"):
        assert [cells["office", value, "share"][name] for name in NULLS] == [None] * len(NULLS)
        assert cells["office", value, "share"]["base_status"] == "suppressed"
    assert cells["all", "all", "mean"]["scale_max"] == 10
    assert cells["funnel", "consented", "rate"]["share"] == pytest.approx(140 / 1800)


@pytest.mark.usefixtures("stored")
def test_the_query_chooses_the_view(get: Any) -> None:
    running = body(get("/api/v1/municipalities/M/reports/overview?period=2026-11&compare=none&by=reason"))
    assert (running["period"], running["compare"], running["closed"]) == ("2026-11", None, False)
    assert {cell["dimension"] for cell in running["cells"]} == {"all", "funnel"}
    assert {cell["significant"] for cell in running["cells"]} == {None}


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/overview?period=october", 422, "invalid_field"),
        ("/overview?compare=x", 422, "invalid_field"),
        ("/overview?by=employee", 422, "invalid_field"),
        ("/overview?period=2020-01", 404, "not_found"),
        ("/other", 404, "not_found"),
    ],
)
def test_a_view_that_is_not_there_has_a_stable_code(get: Any, path: str, status: int, code: str) -> None:
    response = get(f"/api/v1/municipalities/M/reports{path}")
    assert (response.status_code, json.loads(response.body)["code"]) == (status, code)


def test_without_counts_the_api_has_no_cells_and_the_page_teaches(get: Any) -> None:
    assert body(get("/api/v1/municipalities/M/reports/overview"))["cells"] == []
    assert "Ingen svar endnu" in text(get("/M/reports"))
    assert "Ingen svar endnu" in text(get("/M/comments"))
    assert get("/M/reports/overview.csv").status_code == 404


@pytest.mark.parametrize("path", ["/api/v1/municipalities/M/reports", "/api/v1/municipalities/M/reports/overview"])
def test_who_may_read(get: Any, path: str) -> None:
    assert get(path, role=None).status_code == 401
    assert get(path, role="desk").status_code == 403
    assert get(path, of="elsewhere").status_code == 404
    assert get(path, role="analyst").status_code == 200


@pytest.mark.parametrize("path", ["/M/reports", "/M/comments", "/M/reports/overview.csv"])
def test_who_may_see_the_pages(get: Any, path: str) -> None:
    assert get(path, role=None).status_code == 303
    assert get(path, role="desk").status_code == 403
    assert get(path, of="elsewhere").status_code == 404


@pytest.mark.usefixtures("stored")
@pytest.mark.requirement("GL-24", "GL-43", "GL-46", "GL-47", "GL-52")
def test_the_page_opens_with_the_finding_and_ends_with_the_method(get: Any) -> None:
    page = text(get("/M/reports"))
    assert "var tilfredse i oktober 2026" in page
    assert "sikker stigning" in page
    for words in (
        "84 %*",
        "n = 100 af 2.000 betjente",
        "ikke vist (for få svar)",
        "z-test",
        "Tak for hjælpen &lt;3",
        "uge 42, 2026",
    ):
        assert words in page, words
    assert not re.search(r"\sstyle=|<style|<script", page)


@pytest.mark.usefixtures("stored")
def test_a_running_month_says_so_and_carries_no_star(get: Any) -> None:
    page = text(get("/M/reports?period=2026-11"))
    assert "ikke afsluttet" in page
    assert "%*" not in page
    assert "point*" not in page


@pytest.mark.usefixtures("stored")
def test_the_page_in_english_keeps_its_view(get: Any) -> None:
    page = text(get("/M/reports?lang=en&period=2026-10&sort=share&compare=none"))
    assert "were satisfied in October 2026" in page
    assert re.search(r'href="/[^"]*reports\?period=2026-10&amp;compare=none&amp;sort=share&(amp;)?lang=da"', page)


@pytest.mark.usefixtures("stored")
def test_an_unknown_question_or_order_gives_the_usual_view(get: Any) -> None:
    assert "var tilfredse" in text(get("/M/reports?question=nothing&sort=luck"))


@pytest.mark.usefixtures("stored")
@pytest.mark.requirement("GL-60")
def test_the_file_says_what_the_page_says(get: Any) -> None:
    response = get("/M/reports/overview.csv?period=2026-10&lang=da")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(text(response).removeprefix("\ufeff")), delimiter=";"))
    hidden = [row for row in rows if row["value"] == "oen"]
    assert {row["base_status"] for row in hidden} == {"suppressed"}
    assert {row["n"] + row["share"] + row["mean"] for row in hidden} == {""}
    assert next(row["share"] for row in rows if row["value"] == "raadhuset") == "0,840000"


@pytest.mark.usefixtures("stored")
def test_comments_have_a_page(get: Any) -> None:
    page = text(get("/M/comments?period=2026-10"))
    assert "Kommentarer i oktober 2026: 1" in page
    assert "Tak for hjælpen &lt;3" in page
