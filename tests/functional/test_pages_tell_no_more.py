"""Pages say nothing that the cells don't: two towns with the same published cells have the same pages.

What the cells of API and files give away is attacked in `tests/unit/test_attack.py`. Pages draw, sort, sum and put into
words; if any of that used a hidden number, one of these pairs would show it.
"""

from __future__ import annotations

import json
import random
from dataclasses import asdict, replace
from datetime import UTC, datetime
from itertools import count, product
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import pytest

from chalicelib import bootstrap
from chalicelib.adapters.lake.report_refresh import packed
from chalicelib.adapters.lake.s3_report_cells import cells_key
from chalicelib.entrypoints.reports.api import cell_document
from chalicelib.reporting import themes
from chalicelib.reporting.model import DIMENSIONS
from chalicelib.reporting.operations import lead_times
from chalicelib.reporting.periods import offered
from chalicelib.reporting.reading import NO_COMPARISON, PREVIOUS
from chalicelib.reporting.service import ReportService
from chalicelib.reporting.views import silence
from chalicelib.settings import settings
from tests.attack_world import SCALE, Contact, counts_of, town
from tests.builders import FixedClock, a_municipality
from tests.fakes.reporting import GOT_ANSWER, InMemoryReportCells

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from chalice.test import Client

    from chalicelib.municipalities.model import Municipality
    from chalicelib.reporting.model import PeriodCounts
    from tests.embedded import Embedded

FJORDBY: Final = a_municipality()
MONTHS: Final = ("2025-11", "2025-12", "2026-11", "2026-12")
NOW: Final = datetime(2027, 3, 1, tzinfo=UTC)
OVER: Final = ("2026-12", "2026-Q4", "2026", "2025-12")
_FACTS: Final = (("office",), ("reason", "department", "sub_department"), ("language",), ("hour",), ("outage",))
REPORTS: Final = ("", *(f"/{name}" for name in (*themes.REPORTS, "print") if name != themes.OVERVIEW))
_ATTEMPTS: Final = 25

Town = dict[str, list[Contact]]


def documents(contacts: Mapping[str, Sequence[Contact]], owner: str = "fjordby") -> list[PeriodCounts]:
    """The months as they are stored; their names are the same for every town, as a name is salted anyway."""
    return [
        replace(counts_of(month, found), municipality=owner, edition=f"{number:016x}")
        for number, (month, found) in enumerate(sorted(contacts.items()))
    ]


def published(contacts: Town) -> str:
    """All that API and files say of a town, in every period."""
    months = documents(contacts)
    service = ReportService(cells=InMemoryReportCells(*months), clock=lambda: FixedClock(NOW))
    said: list[Any] = []
    for period in [each.id for each in offered([month.period for month in months])]:
        found = service.compared(FJORDBY, period, PREVIOUS)
        assert found is not None
        cells = [cell for report in themes.REPORTS for cell in _cells(service, period, report)]
        said += [cell_document(cell) for cell in cells]
        overview = service.overview(FJORDBY, period, NO_COMPARISON)
        assert overview is not None
        said += [overview.distributions, asdict(overview.waiting) if overview.waiting else None]
        said += [asdict(each) for each in lead_times(found.now, found.thresholds)]
        said += [repr(silence(found, question)) for question in (SCALE, GOT_ANSWER)]
    return json.dumps(said, default=str)


def _cells(service: ReportService, period: str, report: str) -> Iterator[Any]:
    found = service.compared(FJORDBY, period, PREVIOUS)
    assert found is not None
    if report == themes.OVERVIEW:
        for by in DIMENSIONS:
            overview = service.overview(FJORDBY, period, PREVIOUS, by)
            yield from overview.cells if overview else ()
    elif report != themes.WAVES:
        yield from service.report_cells(found, FJORDBY, report)


def changed(contacts: Town, rng: random.Random) -> Town:
    """The town with two of its citizens' facts swapped, or with another answer of one of them."""
    month = rng.choice(sorted(contacts))
    people = list(contacts[month])
    one, other = rng.sample(range(len(people)), 2)
    a, b = people[one], people[other]
    if rng.random() < 0.5:
        names = rng.choice(_FACTS)
        if {name in a.facts for name in names} != {name in b.facts for name in names}:
            return contacts
        mine, yours = ({name: each.facts[name] for name in names if name in each.facts} for each in (a, b))
        kept = ({name: value for name, value in each.facts.items() if name not in names} for each in (a, b))
        people[one], people[other] = (
            replace(each, facts={**facts, **new}) for each, facts, new in zip((a, b), kept, (yours, mine), strict=True)
        )
    else:
        name = rng.choice(("given", "resolved", "took", "cancelled", "measured_from", "granted"))
        if name == "given" and not (a.given and b.given):
            return contacts
        people[one], people[other] = replace(a, **{name: getattr(b, name)}), replace(b, **{name: getattr(a, name)})
    return {**contacts, month: people}


def twins(wanted: int, first_seed: int = 0) -> Iterator[tuple[Town, Town]]:
    """Towns, each with another one that differs from it only where nothing is said."""
    found = 0
    for seed in count(first_seed):
        rng, original = random.Random(seed), town(seed, MONTHS, 120)
        said, stored = published(original), documents(original)
        for _ in range(_ATTEMPTS):
            other = changed(original, rng)
            if documents(other) != stored and published(other) == said:
                yield original, other
                found += 1
                break
        if found == wanted:
            return


@pytest.fixture
def pages(
    client: Client, embedded: Embedded, staff_token: Callable[[str, str], str], tenant: Municipality
) -> Iterator[Callable[..., dict[str, str]]]:
    """Stores a town and fetches every page of its reports, by address."""
    before = bootstrap.clock()
    bootstrap.use_clock(FixedClock(NOW))
    headers = {"Authorization": f"Bearer {staff_token('leader', tenant.id)}"}

    def fetch(contacts: Town, language: str, reports: Sequence[str] = REPORTS) -> dict[str, str]:
        for month in documents(contacts, tenant.id):
            key = cells_key(tenant.id, month.period)
            embedded.client("s3").put_object(Bucket=settings().lake_bucket, Key=key, Body=packed(month))
        found = {}
        for report, period, question in product(reports, OVER, (SCALE.id, GOT_ANSWER.id)):
            view = urlencode({"period": period, "compare": PREVIOUS, "question": question, "lang": language})
            response = client.http.get(f"/{tenant.id}/reports{report}?{view}", headers=headers)
            assert response.status_code == 200, (report, period, response.status_code)
            found[f"{report}?{view}"] = response.body.decode()
        return found

    yield fetch
    bootstrap.use_clock(before)


@pytest.mark.requirement("GL-53", "I7")
def test_towns_with_the_same_published_cells_have_the_same_pages(
    pages: Callable[..., dict[str, str]],
) -> None:
    for (one, other), language in zip(twins(2), ("da", "en"), strict=True):
        mine, theirs = pages(one, language), pages(other, language)
        assert [address for address in mine if mine[address] != theirs[address]] == []


def test_towns_whose_cells_differ_have_other_pages(pages: Callable[..., dict[str, str]]) -> None:
    """So that the test above can fail."""
    one = town(1, MONTHS, 120)
    month = MONTHS[-1]
    other = {**one, month: [*one[month], *one[month][:7]]}
    assert pages(one, "da", [""]) != pages(other, "da", [""])
