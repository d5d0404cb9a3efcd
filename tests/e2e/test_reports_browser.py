"""Every report in Chromium: phone and desktop, axe, no scripts, pictures, paper."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from chalicelib.adapters.lake.s3_report_cells import cells_key
from chalicelib.reporting.model import Asked, Group, PeriodCounts, Resolution
from chalicelib.reporting.noted import Noted
from chalicelib.settings import settings
from demo.waves import load_waves
from tests.crossed_months import People, month
from tests.e2e.browser import check
from tests.e2e.walk import Walk
from tests.fakes.reporting import SATISFACTION, realistic_counts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from local.product import Product

pytestmark = pytest.mark.browser

SIZES = ((1280, 800), (360, 740))
PAGES = {
    "overview": "/reports?period=2026-10",
    "groups": "/reports/groups?period=2026-10&by=office",
    "waiting": "/reports/waiting?period=2026-10",
    "trend": "/reports/trend?period=2026-10",
    "drivers": "/reports/drivers?period=2026-10",
    "response": "/reports/response?period=2026-10",
    "channels": "/reports/channels?period=2026-10",
    "contacts": "/reports/contacts?period=2026-10",
    "crossings": "/reports/crossings?period=2024-Q4&rows=reason",
    "targets": "/reports/targets?period=2026-10",
    "waves": "/reports/waves",
}
WITHOUT_A_FIGURE = {"drivers", "targets", "crossings"}
"""They need answers that were given together, or may lack a part: then they say so. Two fields at once are a table."""
CROSSED = (
    People(40, 30, age="young"),
    People(30, 24, channel="phone", age="old"),
    People(40, 12, reason="moving", age="old"),
    People(9, 5, reason="moving", channel="phone"),
)


def _month(period: str, number: int) -> PeriodCounts:
    made = realistic_counts(period, offices={"raadhuset": 0.7, "nordby": 0.3})
    weeks = tuple(
        Group("week", f"{period[:4]}-W{week:02d}", SATISFACTION.id, SATISFACTION.version, {"10": 30 + week % 5, "4": 7})
        for week in range(number * 4 + 1, number * 4 + 5)
    )
    return replace(
        made,
        groups=(*made.groups, *weeks),
        consents={
            "all": {"all": Asked(900, 200)},
            "origin": {"web": Asked(400, 120), "kiosk": Asked(500, 80)},
        },
        delays={"0": 200, "4": 60, "12": 30},
        lead_days={"0": 30, "1": 80, "5": 120, "20": 60},
        resolution={"phone": Resolution(500, 300, 240), "in_person": Resolution(2000, 1500, 1400)},
        noted={
            "passed_on": {
                "channel": {"phone": Noted(500, 80), "e_mail": Noted(100, 9)},
                "department": {"citizen-service": Noted(400, 60), "benefits": Noted(200, 29)},
            },
            "internal": {"channel": {"phone": Noted(540, 40)}},
        },
        paths={channel: {"citizen-service": n} for channel, n in made.served["channel"].items()},
        served={**made.served, "department": {"citizen-service": 3000}},
        endings={"raadhuset": {"served": 1500, "no_show": 40, "unclosed": 12}},
        with_text=60,
    )


@pytest.fixture(scope="module")
def reports(product: Product) -> Product:
    """Two years of months, a quarter with crossings before them, and the imported waves."""
    Walk(product.url).set_clock("2026-11-23T10:00:00+01:00")
    names = [f"{2025 + number // 12}-{number % 12 + 1:02d}" for number in range(22)]
    months = {period: _month(period, number % 12) for number, period in enumerate(names)}
    months |= {period: month(period, CROSSED) for period in ("2024-10", "2024-11", "2024-12")}
    for period, counts in months.items():
        body = gzip.compress(json.dumps(counts.to_document()).encode())
        product.client("s3").put_object(Bucket=settings().lake_bucket, Key=cells_key("fjordby", period), Body=body)
    load_waves()
    return product


@pytest.fixture
def opened(browser: Browser, reports: Product) -> Iterator[Callable[..., Page]]:
    contexts = []

    def open_page(path: str, **more: Any) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="da-DK", **more)
        contexts.append(context)
        token = reports.keys.token("leader", "fjordby")
        context.add_cookies([{"name": "session", "value": token, "url": reports.url}])
        page = context.new_page()
        page.goto(f"{reports.url}/fjordby{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.requirement("GL-60")
@pytest.mark.parametrize("name", PAGES)
def test_a_report_holds_its_promises_at_both_sizes(name: str, opened: Callable[..., Page]) -> None:
    page = opened(PAGES[name])
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        check(page)
    assert page.locator("table.bp-cross").count() == (name == "crossings")
    figures = page.locator("figure.bp-figure")
    assert figures.count() > 0 or name in WITHOUT_A_FIGURE
    for figure in figures.all():
        assert figure.locator("svg desc").text_content()
        assert figure.locator("table").count() == 1
    plain = opened(PAGES[name], java_script_enabled=False)
    assert plain.locator("figure.bp-figure svg").count() == figures.count()


def test_the_figures_without_a_script_lead_to_table_and_file(opened: Callable[..., Page]) -> None:
    page = opened(PAGES["overview"], java_script_enabled=False)
    page.locator("details.bp-data summary").first.click()
    expect(page.locator("details.bp-data[open] table").first).to_be_visible()
    with page.expect_download() as file:
        page.locator("details.bp-data[open] a[download]").first.click()
    assert file.value.suggested_filename.endswith(".csv")


@pytest.mark.requirement("FR-18")
def test_a_figure_becomes_a_picture_and_a_file(opened: Callable[..., Page]) -> None:
    page = opened(PAGES["channels"])
    figure = page.locator("figure", has=page.locator("svg#contacts"))
    figure.locator("summary").click()
    with page.expect_download() as picture:
        figure.get_by_role("button", name="Gem som billede (PNG)").click()
    assert picture.value.suggested_filename == "contacts.png"
    assert picture.value.path().read_bytes()[:4] == b"\x89PNG"
    with page.expect_download() as file:
        figure.get_by_role("link", name="Hent alle tal som CSV-fil").click()
    assert "2026-Q3" in file.value.path().read_text(encoding="utf-8")


def test_on_paper_there_is_a_cover_and_nothing_is_cut(opened: Callable[..., Page]) -> None:
    page = opened("/reports/print?period=2026-10")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        check(page)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 720, "height": 1018})
    assert page.evaluate("getComputedStyle(document.querySelector('.bp-cover')).breakAfter") == "page"
    breaks = page.evaluate(
        "[...document.querySelectorAll('.bp-figure, .bp-table tr')].map((each) => getComputedStyle(each).breakInside)"
    )
    assert set(breaks) <= {"avoid", "avoid-page"}
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    paper = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) >= 4


@pytest.mark.requirement("SK-18")
def test_a_finding_becomes_an_action_without_scripts_and_reads_well_at_both_sizes(opened: Callable[..., Page]) -> None:
    page = opened("/reports/groups?period=2025-10&by=office&compare=none", java_script_enabled=False)
    page.locator("details.bp-data summary").first.click()
    page.locator("a[href*='reports/finding'][href*='value=raadhuset']").first.click()
    page.get_by_role("link", name="Opret handling").click()
    page.get_by_label("Overskrift").fill("Klare breve")
    page.get_by_label("Hvad anbefales?").fill("Ring til 20123456.")
    page.get_by_label("Ændringen begynder").fill("2025-12-01")
    page.get_by_label("Følg op efter (måneder)").fill("10")
    page.get_by_role("button", name="Gem").click()
    expect(page.get_by_label("Hvad anbefales?")).to_have_value("Ring til 20123456.")
    page.get_by_label("Hvad anbefales?").fill("Skriv brevene om.")
    page.get_by_role("button", name="Gem").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Klare breve")
    there = page.url.partition("?")[0].rpartition("/fjordby")[2]
    for path in ("/actions", "/actions/new", there, f"{there}/edit"):
        looked = opened(path)
        looked.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
        for width, height in SIZES:
            looked.set_viewport_size({"width": width, "height": height})
            check(looked)
    assert opened(there).locator("figure svg desc").text_content()
