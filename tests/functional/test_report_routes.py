"""The reports over HTTP: pages, file and JSON say the same, to those who may read it."""

from __future__ import annotations

import csv
import gzip
import html
import io
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from chalice.test import Client, HTTPResponse

from chalicelib import bootstrap
from chalicelib.adapters.lake.s3_report_cells import cells_key
from chalicelib.lake.compaction import frozen_key
from chalicelib.reporting.findings import digest_of, frozen
from chalicelib.reporting.model import Asked, Booked, Called, Comment
from chalicelib.settings import settings
from tests.builders import ALL_CONSENTS, FixedClock, a_municipality_document
from tests.embedded import store_municipality
from tests.fakes.reporting import counts, groups

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chalicelib.municipalities.model import Municipality
    from chalicelib.reporting.model import Group
    from tests.embedded import Embedded

SAID = Comment("Tak for hjælpen <3", "da", "raadhuset", "passport", "in_person", "2026-W42", "10")
NULLS = ("count", "n", "served", "share", "ci_low", "ci_high", "previous", "change", "significant")


def in_danish(**offices: tuple[int, int]) -> tuple[Group, ...]:
    """Offices as `groups` makes them; everybody answered in Danish."""
    found = groups(**offices)
    return (*found, replace(found[0], dimension="language", value="da"))


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
    now = in_danish(raadhuset=(84, 16), oen=(2, 1), by=(40, 12))
    then = in_danish(raadhuset=(60, 40), oen=(20, 20), by=(40, 12))
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


@pytest.mark.requirement("SK-31")
def test_the_catalogue_names_the_reports(get: Any) -> None:
    found = body(get("/api/v1/municipalities/M/reports"))["reports"]
    assert found[0] == {"id": "overview", "title": {"da": "Overblik", "en": "Overview"}}
    assert [each["id"] for each in found[1:]] == [
        *(
            "groups",
            "waiting",
            "bookings",
            "contacts",
            "crossings",
            "trend",
            "drivers",
            "response",
            "channels",
            "targets",
            "waves",
        ),
    ]


@pytest.mark.parametrize(
    "report", ["groups", "waiting", "bookings", "contacts", "trend", "drivers", "response", "channels", "targets"]
)
@pytest.mark.usefixtures("stored")
def test_every_report_is_a_page_a_file_and_cells(get: Any, report: str) -> None:
    page = text(get(f"/M/reports/{report}?lang=en&period=2026-10&compare=previous"))
    assert 'aria-current="page"' in page
    assert ("compared with September 2026" in page) == (report not in {"trend", "drivers", "targets"})
    file = get(f"/M/reports/{report}.csv?period=2026-10")
    assert file.headers["Content-Type"].startswith("text/csv")
    cells = body(get(f"/api/v1/municipalities/M/reports/{report}?period=2026-10"))["cells"]
    assert len(text(file).splitlines()) == len(cells) + 1
    hidden = [cell for cell in cells if cell["base_status"] == "suppressed"]
    assert all(cell.get(name) is None for cell in hidden for name in NULLS)


@pytest.mark.requirement("FR-06", "FR-12", "SK-25", "GL-67")
def test_the_page_on_booking(get: Any, embedded: Embedded, tenant: Municipality) -> None:
    for period, helped, taken in (("2026-10", 40, 12), ("2025-10", 80, 3)):
        each = replace(
            counts(groups=groups(raadhuset=(84, 16)), period=period),
            municipality=tenant.id,
            bookings={
                "all": {"all": Booked(200, 20)},
                "office": {"raadhuset": Booked(197, 20), "oen": Booked(3, 0)},
                "origin": {"web": Booked(200 - helped, 10), "desk": Booked(helped - 10, 5), "phone": Booked(10, 5)},
            },
            alternatives={"licence": Asked(60, taken)},
            delays={"0": 150, "9": 30},
        )
        body = gzip.compress(json.dumps(each.to_document()).encode())
        embedded.client("s3").put_object(Bucket=settings().lake_bucket, Key=cells_key(tenant.id, period), Body=body)
    page = text(get("/M/reports/bookings?lang=en&period=2026-10"))
    for words in (
        "How soon there is a time right now",
        "Town hall: all reasons",
        "150 of 180",
        "With help from staff",
        "40% → 20%*",
        "40 of 200",
        "20 of 200",
        "Took another way than an appointment",
        "12 of 60",
    ):
        assert words in page, words
    cells = {(c["dimension"], c["value"]): c for c in _cells(get, "bookings")}
    assert cells["cancelled", "oen"]["n"] is cells["cancelled", "raadhuset"]["n"] is None, "one would tell the other"
    assert cells["booked_by", "helped"]["significant"] is True
    assert cells["alternative", "licence"]["count"] == 12


def _cells(get: Any, report: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = body(get(f"/api/v1/municipalities/M/reports/{report}?period=2026-10"))["cells"]
    return found


@pytest.mark.requirement("BF-14", "GL-64")
def test_the_page_on_waiting_tells_of_outages_only_where_both_sides_are_shown(
    get: Any, embedded: Embedded, tenant: Municipality
) -> None:
    def store(down: Called, soon: int) -> None:
        each = replace(
            counts(groups=groups(raadhuset=(84, 16)), period="2026-10"),
            municipality=tenant.id,
            waiting={"2": soon, "15": 100 - soon},
            called_soon={"yes": down, "no": Called(100 - down.measured, soon - down.soon)},
            waiting_from={"check_in": 80, "staff_check_in": 20},
            served={"all": {"all": 100}, "waiting": {"00-05": soon, "10-20": 100 - soon}},
        )
        body = gzip.compress(json.dumps(each.to_document()).encode())
        embedded.client("s3").put_object(Bucket=settings().lake_bucket, Key=cells_key(tenant.id, "2026-10"), Body=body)

    store(Called(30, 9), 70)
    page = text(get("/M/reports/waiting?lang=en&period=2026-10"))
    assert "When something is down" in page
    assert "9 of 30" in page
    assert "Waiting is measured from" in page
    assert "When staff checked the citizen in" in page
    store(Called(4, 2), 70)
    page = text(get("/M/reports/waiting?lang=en&period=2026-10"))
    assert "When something is down" not in page
    assert all(cell["n"] is None for cell in _cells(get, "waiting") if cell["dimension"] == "called_soon")


@pytest.mark.usefixtures("stored")
def test_every_figure_of_a_closed_month_has_an_address_that_keeps_it(
    get: Any, embedded: Embedded, tenant: Municipality
) -> None:
    kept = {}
    for period in ("2026-09", "2026-10"):
        month = bootstrap.reports()._cells.read(tenant.id, period)
        assert month is not None
        kept[period] = digest_of(month)
    page = text(get("/M/reports?lang=en&period=2026-10&compare=previous"))
    addresses = {html.unescape(found) for found in re.findall(r'href="[^"]*(/reports/finding[^"]+)"', page)}
    assert addresses
    assert all(f"data={kept['2026-10']}" in address and f"before={kept['2026-09']}" in address for address in addresses)
    office = next(address for address in addresses if "value=raadhuset" in address and "measure=share&" in address)
    shown = text(get(f"/M{office}"))
    assert "Satisfaction, Town hall: 84%*" in shown
    assert "Today’s data give the same figure." in shown
    october = bootstrap.reports()._cells.read(tenant.id, "2026-10")
    assert october is not None
    later = replace(
        counts(groups=in_danish(raadhuset=(90, 20)), period="2026-10"), municipality=tenant.id, comments=(SAID,)
    )
    embedded.client("s3").put_object(
        Bucket=settings().lake_bucket,
        Key=cells_key(tenant.id, "2026-10"),
        Body=gzip.compress(json.dumps(later.to_document()).encode()),
    )
    gone = text(get(f"/M{office}"))
    assert "The figure has changed since" in gone
    assert "84%" not in gone
    assert "82% (n = 110)" in gone
    assert "The figures are preliminary" in text(get("/M/reports?lang=en&period=2026-10"))
    body_ = gzip.compress(json.dumps(frozen(october).to_document()).encode())
    key = frozen_key(tenant.id, kept["2026-10"])
    embedded.client("s3").put_object(Bucket=settings().lake_bucket, Key=key, Body=body_)
    changed = text(get(f"/M{office}"))
    assert "Satisfaction, Town hall: 84%*" in changed
    assert "Today’s data give 82% (n = 110)" in changed
    assert "changed since" in text(get(f"/M{office.replace(kept['2026-10'], '0' * 16)}"))
    assert get(f"/M{office.replace('rule=5.30', 'rule=1.1')}").status_code == 422
    assert "finding" not in text(get("/M/reports?period=2026-11&compare=none"))


@pytest.mark.requirement("SK-32", "GE-16")
@pytest.mark.usefixtures("stored")
def test_the_printed_report_has_every_part_and_no_id_twice(get: Any) -> None:
    page = text(get("/M/reports/print?lang=en&period=2026-10&compare=previous"))
    for part in ("What citizens say, October 2026", "In short", "Satisfaction by office", "How the figures are made"):
        assert part in page
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_there_are_no_other_reports(get: Any) -> None:
    assert get("/M/reports/nothing").status_code == 404
    assert get("/M/reports/groups.xml").status_code == 404
    assert get("/M/reports/groups", role="desk").status_code == 403


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


@pytest.mark.requirement("SK-20", "SK-28")
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
    assert not re.search(r"\sstyle=|<style|<script(?! src=)", page)


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
    kept = r'href="/[^"]*reports\?period=2026-10&amp;sort=share&amp;compare=none&amp;lang=da"'
    assert re.search(kept, page)


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


@pytest.mark.requirement("SK-02")
@pytest.mark.parametrize("asks", [True, False])
def test_only_comments_that_may_be_quoted_leave_their_page(
    get: Any, embedded: Embedded, tenant: Municipality, asks: bool
) -> None:
    texts = ALL_CONSENTS if asks else {"survey_sms": ALL_CONSENTS["survey_sms"]}
    store_municipality(a_municipality_document(id=tenant.id, consent_texts=texts))
    said = {"Ja tak": True, "Nej tak": False, "Uden svar": None}
    comments = tuple(replace(SAID, text=each, may_be_quoted=answer) for each, answer in said.items())
    found = replace(
        counts(groups=in_danish(raadhuset=(84, 16)), period="2026-10"), municipality=tenant.id, comments=comments
    )
    body = gzip.compress(json.dumps(found.to_document()).encode())
    embedded.client("s3").put_object(Bucket=settings().lake_bucket, Key=cells_key(tenant.id, "2026-10"), Body=body)
    page = text(get("/M/comments?period=2026-10"))
    assert all(each in page for each in said)
    assert (page.count("<strong>må gengives</strong>"), page.count("må ikke gengives")) == ((1, 2) if asks else (0, 1))
    overview = text(get("/M/reports?period=2026-10"))
    shown = [each for each in said if each in overview]
    assert shown == (["Ja tak"] if asks else ["Ja tak", "Uden svar"])


@pytest.mark.requirement("SK-21")
@pytest.mark.usefixtures("stored")
def test_comments_have_a_page(get: Any) -> None:
    page = text(get("/M/comments?period=2026-10"))
    assert "Kommentarer i oktober 2026: 1" in page
    assert "Tak for hjælpen &lt;3" in page
