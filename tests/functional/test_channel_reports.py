"""Channels over HTTP: contacts over time, used against preferred, what matters most beside how it is met; events."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from chalice.test import Client, HTTPResponse

from chalicelib import bootstrap
from chalicelib.adapters.lake.s3_report_cells import cells_key
from chalicelib.reporting.model import Group, QuestionDefinition
from chalicelib.settings import settings
from tests.builders import FixedClock, a_municipality_document
from tests.embedded import store_municipality
from tests.fakes.reporting import SATISFACTION, answers, counts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.embedded import Embedded

CHANNELS = {channel: {"da": channel, "en": channel} for channel in ("in_person", "phone", "e_mail", "letter")}
USED = QuestionDefinition("latest-channel", "1", {"da": "?"}, {"da": "Brugt"}, (), {}, options=CHANNELS)
WANTED = replace(USED, id="preferred-channel", short={"da": "Ønsket"})
MATTERS = QuestionDefinition(
    *("meeting-prerequisites", "1", {"da": "?"}, {"da": "Vigtigst på et møde", "en": "Matters in a meeting"}, (), {}),
    options={
        "solved": {"da": "At det bliver løst", "en": "That it is solved"},
        "short-wait": {"da": "Kort ventetid", "en": "Short wait"},
    },
)
PURPOSE = replace(SATISFACTION, id="meeting-purpose", short={"da": "Formål nået", "en": "Purpose reached"})


def month(owner: str, period: str, *, solved: int = 60) -> dict[str, Any]:
    year = int(period[:4])
    made = counts(
        period=period,
        questions=(SATISFACTION, PURPOSE),
        groups=(
            answers("all", "all", 80, 20),
            answers("all", "all", 90, 10, PURPOSE),
            answers("department", "citizen-service", 50, 10),
            answers("department", "benefits", 30, 10),
            *(
                Group("week", f"{year}-W{number:02d}", SATISFACTION.id, SATISFACTION.version, {"10": 20, "0": 5})
                for number in range((int(period[5:]) - 1) * 4 + 1, int(period[5:]) * 4 + 1)
            ),
            Group("all", "all", USED.id, "1", {"in_person": 60, "phone": 30, "e_mail": 7, "letter": 3}),
            Group("all", "all", WANTED.id, "1", {"in_person": 20, "phone": 50, "e_mail": 30}),
            Group("all", "all", MATTERS.id, "1", {"solved": solved, "short-wait": 55}),
        ),
        listed=(USED, WANTED, MATTERS),
        respondents={"meeting-prerequisites@1": 100, "latest-channel@1": 100, "preferred-channel@1": 100},
        served={
            "all": {"all": 2000 + year - 2025},
            "channel": {"in_person": 1500 + year - 2025, "phone": 400, "e_mail": 97, "letter": 3},
        },
        with_text=40,
    )
    return replace(made, municipality=owner).to_document()


@pytest.fixture
def get(embedded: Embedded, staff_token: Callable[[str, str], str]) -> Iterator[Any]:
    """A municipality with two years of months, an event and a population; on 23 November 2026."""
    import app

    document = a_municipality_document(
        id="channels-by",
        events=[{"day": "2026-03-04", "name": {"da": "Ny side", "en": "New page"}}],
        population={"dimension": "department", "shares": {"citizen-service": 1, "benefits": 3}},
    )
    owner = store_municipality(document).id
    for number in range(22):
        period = f"{2025 + number // 12}-{number % 12 + 1:02d}"
        body = gzip.compress(json.dumps(month(owner, period, solved=44 if number < 12 else 62)).encode())
        embedded.client("s3").put_object(Bucket=settings().lake_bucket, Key=cells_key(owner, period), Body=body)
    before = bootstrap.clock()
    bootstrap.use_clock(FixedClock())
    with Client(app.app) as client:

        def fetch(path: str) -> HTTPResponse:
            headers = {"Authorization": f"Bearer {staff_token('leader', owner)}"}
            return client.http.get(path.replace("M", owner, 1), headers=headers)

        yield fetch
    bootstrap.use_clock(before)


@pytest.mark.requirement("FR-18", "GL-40", "GL-37", "GL-38", "GL-73", "FR-07", "FR-10")
def test_the_page_on_channels(get: Any) -> None:
    page = get("/M/reports/channels?lang=en&period=2026-10").body.decode()
    for words in (
        "6,003 in Q2 2026 and in Q3 2026",
        "Q3 2026",
        "Channel used and preferred",
        "difference +20 points",
        "Hollow dot: used last (n = 100)",
        "Answers that few gave are not shown.",
        "That it is solved",
        "62%*",
        "before: no. 2, 44%",
        "the shares add up to more than 100%",
        "Matters in a meeting: how important, and how is it met?",
        "Purpose reached",
        "Measured: called within 10 minutes",
    ):
        assert words in page, words
    assert "nearly" not in page


@pytest.mark.requirement("FR-18", "FR-07", "FR-10", "GL-08", "GE-27")
def test_contacts_by_year_have_exact_changes_and_a_file(get: Any) -> None:
    page = get("/M/reports/channels?lang=da&period=2025-12&by=year").body.decode()
    assert "kvartal</option>" in page
    rows = get("/M/reports/traffic.csv?lang=en&by=year").body.decode().splitlines()
    assert rows[0].lstrip("\ufeff").startswith("period,compare,dimension")
    assert {row.split(",")[0] for row in rows[1:]} == {"2025"}
    in_person = next(row for row in rows if ",in_person," in row)
    assert in_person.split(",")[8:10] == ["18000", "24000"]
    letters = next(row for row in rows if ",letter," in row)
    assert letters.split(",")[8] == "36"  # three a month, which no month shows
    quarters = get("/M/reports/traffic.csv?lang=en").body.decode()
    assert "2026-Q3" in quarters
    assert "2026-Q4" not in quarters


@pytest.mark.requirement("GL-40", "GL-53")
def test_answers_of_few_have_no_numbers_in_the_cells(get: Any) -> None:
    cells = json.loads(get("/api/v1/municipalities/M/reports/channels?period=2026-10").body)["cells"]
    used = {c["value"]: c["count"] for c in cells if c["question"] == "latest-channel"}
    assert (used["in_person"], used["phone"], used["letter"]) == (60, 30, None)
    assert used["e_mail"] is None  # with the total, it would tell the letters
    solved = next(c for c in cells if c["question"] == "meeting-prerequisites" and c["value"] == "solved")
    assert (solved["count"], solved["n"], solved["previous"], solved["significant"]) == (62, 100, 0.44, True)


@pytest.mark.requirement("GL-68")
def test_events_are_lines_with_their_names_in_the_weekly_trend(get: Any) -> None:
    page = get("/M/reports/trend?lang=en&period=2026-10").body.decode()
    assert "1: New page, " in page
    assert "A possible explanation, not proven" in page
    assert "New page" not in get("/M/reports/trend?lang=en&period=2025-10").body.decode()


@pytest.mark.requirement("GL-22")
def test_the_weighted_share_stands_beside_the_measured_one(get: Any) -> None:
    page = get("/M/reports/groups?lang=en&period=2026-10").body.decode()
    # 1 part of 50 of 60, 3 parts of 30 of 40
    assert "Weighted by department, so that each counts as much as among all users: 77%" in page
    assert "Measured: 80% (n = 100)" in page
    assert "Weighted with: " in page


@pytest.mark.requirement("BF-07")
def test_the_overview_says_ceiling_text_and_what_could_be_found(get: Any) -> None:
    page = get("/M/reports?lang=en&period=2026-10").body.decode()
    assert "With a comment: 40% (40 of 100 questionnaires)." in page
    assert "would probably be found" in page
    assert "by service time (for e-mail: reply time)" not in page
