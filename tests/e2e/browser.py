"""Debian's Chromium for the browser tests, and what every page is held to."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
KIOSK = {"width": 1080, "height": 1920}
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
_FITS = "document.readyState === 'complete' && document.documentElement.scrollWidth <= window.innerWidth"
_PATIENCE = 50
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running Chromium; a missing one fails the test and says how to get it."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.fail("Chromium is missing: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def check(page: Page) -> None:
    """Nothing sticks out sideways, one first heading, and axe finds nothing."""
    page.wait_for_load_state("load")  # a click waits for the answer only, not for its style sheets
    for _ in range(_PATIENCE):
        if page.evaluate(_FITS):
            break
        page.wait_for_timeout(100)
    assert page.evaluate(_FITS), f"{page.url} scrolls sideways"
    assert page.locator("h1").count() == 1, page.url
    result = Axe().run(page, options={"runOnly": {"type": "tag", "values": _TAGS}})
    assert result.violations_count == 0, f"{page.url}\n{result.generate_report()}"
