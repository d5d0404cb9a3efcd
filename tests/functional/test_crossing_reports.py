"""Scores by two fields over HTTP: page, API and file say the same; what can't be shown says why."""

from __future__ import annotations

import csv
import gzip
import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from chalice.test import Client, HTTPResponse

from chalicelib import bootstrap
from chalicelib.adapters.lake.s3_report_cells import cells_key
from chalicelib.settings import settings
from tests.builders import FixedClock, a_municipality_document
from tests.crossed_months import People, month
from tests.embedded import store_municipality

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.embedded import Embedded

MONTHS = ("2025-07", "2025-08", "2025-09", "2026-07", "2026-08", "2026-09", "2026-10")
PEOPLE = (
    People(40, 30, age="young"),
    People(30, 24, channel="phone", age="young"),
    People(40, 12, reason="moving", age="old"),
    People(9, 5, reason="moving", channel="phone", language="en"),
    People(20, 16, reason="pension"),
    People(2, 1, reason="debt", channel="phone"),
)


def stored(owner: str, period: str) -> bytes:
    more = [People(60, 50, reason="pension", channel="phone")] if period.startswith("2025") else []
    made = replace(month(period, [*PEOPLE, *more]), municipality=owner)
    return gzip.compress(json.dumps(made.to_document()).encode())


@pytest.fixture
def get(embedded: Embedded, staff_token: Callable[[str, str], str]) -> Iterator[Any]:
    """A municipality with one quarter in each of two years; on 23 November 2026."""
    import app

    owner = store_municipality(a_municipality_document(id="two-by-two")).id
    for period in MONTHS:
        key = cells_key(owner, period)
        embedded.client("s3").put_object(Bucket=settings().lake_bucket, Key=key, Body=stored(owner, period))
    before = bootstrap.clock()
    bootstrap.use_clock(FixedClock())
    with Client(app.app) as client:

        def fetch(path: str) -> HTTPResponse:
            headers = {"Authorization": f"Bearer {staff_token('leader', owner)}"}
            return client.http.get(path.replace("M", owner, 1), headers=headers)

        yield fetch
    bootstrap.use_clock(before)


@pytest.mark.requirement("SK-22", "GL-13", "GL-57", "GL-48", "GL-53")
def test_the_page_of_the_latest_settled_quarter(get: Any) -> None:
    page = get("/M/reports/crossings?lang=en&rows=department&columns=channel").body.decode()
    for words in (
        "Two by two · Q3 2026",
        "department and channel",
        "n = 240",  # citizens in person
        "bp-few",  # the reason that few rang about
        "Rows and columns are merged until every cell has at least 5 answers or none at all.",
        "Do some groups of citizens answer differently?",
        "Satisfaction, Age: Old 30%",
        "2 comparisons by a z-test",
        "The answers about a channel don't come from the same departments as before.",
        "Phone: 61% of the answers were about Benefits before",
    ):
        assert words in page, words
    assert "%*" not in page
    assert "debt" not in page


def test_other_fields_another_quarter_and_how_answers_are_spread(get: Any) -> None:
    chosen = "rows=reason&columns=office&show=row"
    page = get(f"/M/reports/crossings?lang=da&period=2025-Q3&{chosen}").body.decode()
    assert "Svarenes fordeling: henvendelsesårsag og sted" in page
    assert "180 / 180" not in page
    assert 'value="office" selected' in page
    assert 'value="2025-Q3" selected' in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("rows=department&columns=mode", "These two are not shown together"),
        ("rows=channel&columns=mode", "There are too few answers."),
        ("period=2026-10", "Only whole quarters are shown."),
        ("show=nonsense&question=unknown", "Share who answered:"),
    ],
)
def test_what_is_not_shown_says_why(get: Any, query: str, words: str) -> None:
    assert words in get(f"/M/reports/crossings?lang=en&{query}").body.decode()


def test_the_api_and_the_file_have_the_same_cells(get: Any) -> None:
    document = json.loads(get("/api/v1/municipalities/M/reports/crossings?by=department|channel").body)
    assert document["period"] == "2026-Q3"
    found = {cell["value"]: (cell["count"], cell["n"]) for cell in document["cells"]}
    assert found["citizens|in_person"] == (126, 240)
    every = json.loads(get("/api/v1/municipalities/M/reports/crossings").body)["cells"]
    text = get("/M/reports/crossings.csv?lang=en").body.decode().lstrip("\ufeff")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert len(lines) == len(every) > len(document["cells"])
    assert [(line["value"], line["n"]) for line in lines] == [(cell["value"], str(cell["n"])) for cell in every]
    assert "Benefits × Phone" in {line["label"] for line in lines}
    month_only = json.loads(get("/api/v1/municipalities/M/reports/crossings?period=2026-10").body)
    assert month_only["cells"] == []
